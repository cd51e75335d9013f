//! Emoji by the names that people type between colons.

/// What they are called in German.
mod german;

/// Names and what they stand for, those first that are wanted most.
const NAMES: &str = "\
smile 😄|grin 😁|joy 😂|rofl 🤣|slight_smile 🙂|wink 😉|blush 😊|heart_eyes 😍|kissing_heart 😘|yum 😋|\
stuck_out_tongue 😛|stuck_out_tongue_wink 😜|sunglasses 😎|nerd 🤓|star_struck 🤩|partying 🥳|hugging 🤗|thinking 🤔|\
raised_eyebrow 🤨|neutral 😐|expressionless 😑|no_mouth 😶|smirk 😏|unamused 😒|roll_eyes 🙄|grimacing 😬|relieved 😌|\
pensive 😔|sleepy 😪|sleeping 😴|mask 😷|thermometer_face 🤒|nauseated 🤢|sneezing 🤧|hot_face 🥵|cold_face 🥶|dizzy_face 😵|\
exploding_head 🤯|cowboy 🤠|confused 😕|worried 😟|slight_frown 🙁|open_mouth 😮|astonished 😲|flushed 😳|pleading 🥺|\
fearful 😨|cold_sweat 😰|cry 😢|sob 😭|scream 😱|disappointed 😞|sweat 😓|sweat_smile 😅|weary 😩|tired 😫|yawning 🥱|triumph 😤|\
angry 😠|rage 😡|swearing 🤬|innocent 😇|salute 🫡|melting 🫠|shushing 🤫|hand_over_mouth 🤭|zany 🤪|upside_down 🙃|\
devil 😈|skull 💀|poop 💩|clown 🤡|ghost 👻|alien 👽|robot 🤖|see_no_evil 🙈|hear_no_evil 🙉|speak_no_evil 🙊|\
thumbsup 👍|thumbsdown 👎|ok_hand 👌|victory ✌️|crossed_fingers 🤞|metal 🤘|call_me 🤙|point_left 👈|point_right 👉|point_up 👆|\
point_down 👇|raised_hand ✋|wave 👋|clap 👏|raised_hands 🙌|open_hands 👐|handshake 🤝|pray 🙏|muscle 💪|fist ✊|punch 👊|\
writing_hand ✍️|shrug 🤷|facepalm 🤦|bow 🙇|eyes 👀|brain 🧠|ear 👂|nose 👃|tongue 👅|lips 👄|\
heart ❤️|orange_heart 🧡|yellow_heart 💛|green_heart 💚|blue_heart 💙|purple_heart 💜|black_heart 🖤|broken_heart 💔|\
two_hearts 💕|sparkling_heart 💖|heartbeat 💓|hundred 💯|fire 🔥|sparkles ✨|star ⭐|dizzy 💫|boom 💥|zap ⚡|\
tada 🎉|confetti 🎊|balloon 🎈|gift 🎁|cake 🎂|trophy 🏆|medal 🏅|crown 👑|gem 💎|ring 💍|\
check ✅|cross ❌|warning ⚠️|question ❓|exclamation ❗|no_entry ⛔|stop 🛑|plus ➕|minus ➖|bulb 💡|bell 🔔|no_bell 🔕|\
speech 💬|thought 💭|zzz 💤|megaphone 📣|lock 🔒|unlock 🔓|key 🔑|mag 🔍|link 🔗|pin 📌|paperclip 📎|scissors ✂️|pencil ✏️|memo 📝|\
book 📖|books 📚|newspaper 📰|calendar 📅|chart 📈|chart_down 📉|clipboard 📋|folder 📁|envelope ✉️|inbox 📥|package 📦|\
phone 📱|telephone ☎️|computer 💻|keyboard ⌨️|printer 🖨️|camera 📷|video 📹|tv 📺|radio 📻|battery 🔋|plug 🔌|\
hourglass ⏳|watch ⌚|alarm ⏰|stopwatch ⏱️|rocket 🚀|airplane ✈️|car 🚗|bus 🚌|train 🚆|bike 🚲|ship 🚢|tractor 🚜|\
house 🏠|office 🏢|hospital 🏥|school 🏫|tent ⛺|mountain ⛰️|beach 🏖️|world 🌍|map 🗺️|compass 🧭|\
sun ☀️|cloud ☁️|rain 🌧️|snow ❄️|umbrella ☂️|rainbow 🌈|moon 🌙|ocean 🌊|droplet 💧|wind 💨|tornado 🌪️|\
tree 🌳|palm 🌴|cactus 🌵|seedling 🌱|clover 🍀|leaves 🍃|rose 🌹|tulip 🌷|sunflower 🌻|mushroom 🍄|\
dog 🐶|cat 🐱|mouse 🐭|rabbit 🐰|fox 🦊|bear 🐻|panda 🐼|koala 🐨|tiger 🐯|lion 🦁|cow 🐮|pig 🐷|frog 🐸|monkey 🐵|chicken 🐔|\
penguin 🐧|bird 🐦|duck 🦆|owl 🦉|wolf 🐺|horse 🐴|unicorn 🦄|bee 🐝|bug 🐛|butterfly 🦋|snail 🐌|turtle 🐢|snake 🐍|octopus 🐙|\
crab 🦀|shrimp 🦐|fish 🐟|dolphin 🐬|whale 🐳|elephant 🐘|hedgehog 🦔|sloth 🦥|\
apple 🍎|pear 🍐|orange 🍊|lemon 🍋|banana 🍌|watermelon 🍉|grapes 🍇|strawberry 🍓|cherries 🍒|peach 🍑|pineapple 🍍|avocado 🥑|\
tomato 🍅|eggplant 🍆|potato 🥔|carrot 🥕|corn 🌽|pepper 🌶️|bread 🍞|croissant 🥐|cheese 🧀|egg 🥚|bacon 🥓|burger 🍔|fries 🍟|\
pizza 🍕|taco 🌮|burrito 🌯|salad 🥗|pasta 🍝|ramen 🍜|soup 🍲|sushi 🍣|rice 🍚|ice_cream 🍦|doughnut 🍩|cookie 🍪|chocolate 🍫|\
candy 🍬|popcorn 🍿|coffee ☕|tea 🍵|milk 🥛|beer 🍺|beers 🍻|wine 🍷|cocktail 🍸|champagne 🍾|cheers 🥂|\
soccer ⚽|basketball 🏀|football 🏈|tennis 🎾|volleyball 🏐|dart 🎯|bowling 🎳|game 🎮|dice 🎲|chess ♟️|puzzle 🧩|art 🎨|\
music 🎵|notes 🎶|guitar 🎸|piano 🎹|drum 🥁|microphone 🎤|headphones 🎧|movie 🎬|ticket 🎫|\
runner 🏃|dancer 💃|swimmer 🏊|climber 🧗|yoga 🧘|bed 🛏️|couch 🛋️|bath 🛁|shower 🚿|toilet 🚽|broom 🧹|soap 🧼|\
hammer 🔨|wrench 🔧|gear ⚙️|magnet 🧲|microscope 🔬|telescope 🔭|satellite 🛰️|pill 💊|syringe 💉|test_tube 🧪|\
money 💰|dollar 💵|euro 💶|card 💳|scales ⚖️|ballot 🗳️|flag 🏁|white_flag 🏳️|rainbow_flag 🏳️‍🌈|pirate 🏴‍☠️|recycle ♻️|\
baby 👶|family 👪|man 👨|woman 👩|older_man 👴|older_woman 👵|police 👮|detective 🕵️|ninja 🥷|wizard 🧙|fairy 🧚|zombie 🧟|\
santa 🎅|christmas_tree 🎄|pumpkin 🎃|fireworks 🎆|sparkler 🎇|snowman ⛄";

/// An emoji, and what it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emoji {
    /// What it is called in English, by which it is kept.
    pub english: &'static str,
    /// What the reader calls it.
    pub name: &'static str,
    pub emoji: &'static str,
}

impl Emoji {
    /// Whether a part of its name begins so, the English one too: many know no other.
    pub fn is_meant_by(&self, typed: &str) -> bool {
        let begins = |name: &str| {
            name.starts_with(typed) || name.split('_').any(|part| part.starts_with(typed))
        };
        begins(self.name) || begins(self.english)
    }
}

/// Each emoji once, as it is called in a language.
pub fn all(language: &str) -> impl Iterator<Item = Emoji> {
    let is_german = language == "de";
    both().map(move |(english, german, emoji)| Emoji {
        english,
        name: if is_german { german } else { english },
        emoji,
    })
}

/// What a name stands for, in whichever language it is.
pub fn named(name: &str) -> Option<&'static str> {
    both()
        .find(|(english, german, _)| *english == name || *german == name)
        .map(|(_, _, emoji)| emoji)
}

/// In English, in German, and itself.
fn both() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let names = NAMES.split('|').zip(german::NAMES.split('|'));
    names.filter_map(|(entry, german)| {
        let (english, emoji) = entry.split_once(' ')?;
        let (_, german) = german.split_once(' ')?;
        Some((english, german, emoji))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_entry_is_a_name_and_an_emoji_and_no_name_stands_twice() {
        for language in ["en", "de"] {
            let mut names = HashSet::new();
            assert_eq!(all(language).count(), NAMES.split('|').count());
            for Emoji { name, emoji, .. } in all(language) {
                let is_plain = |letter: char| letter.is_lowercase() || letter == '_';
                assert!(name.len() > 1 && name.chars().all(is_plain), "{name}");
                assert!(!emoji.is_ascii() && !emoji.contains(' '), "{name}: {emoji}");
                assert!(names.insert(name), "{name} stands twice");
            }
            assert!(names.len() > 300);
        }
    }

    #[test]
    fn the_german_names_are_in_the_order_of_the_english_ones() {
        let first = |names: &'static str| -> Vec<&str> {
            let entries = names.split('|');
            entries
                .filter_map(|entry| entry.split(' ').next())
                .collect()
        };
        assert_eq!(first(german::NAMES), first(NAMES));
    }

    #[test]
    fn a_name_is_found_to_the_letter() {
        assert_eq!(named("tada"), Some("🎉"));
        assert_eq!(named("herz"), Some("❤️"));
        assert_eq!(named("tad"), None);
        assert_eq!(named(""), None);
    }
}
