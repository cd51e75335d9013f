//! How well a name fits what was typed, where letters may be left out.

use super::search::folded;

/// What was typed beyond this is not looked at, and neither is the rest of a name.
const LONGEST: usize = 80;

/// What one letter that fits is worth.
const LETTER: u32 = 1;
/// It follows the letter that fitted before.
const NEXT: u32 = 6;
/// It begins a word.
const WORD: u32 = 6;
/// It begins the name.
const START: u32 = 3;

/// Whether every word that was typed fits a name, and how well: the more, the better. Words may come
/// in any order, and between the letters of one there may be others: "bw" fits "Bob Woods".
pub fn fit(typed: &str, name: &str) -> Option<u32> {
    let name: Vec<char> = folded(name).chars().take(LONGEST).collect();
    let typed: String = folded(typed).chars().take(LONGEST).collect();
    let words = typed.split_whitespace().map(|word| fit_word(word, &name));
    words.sum()
}

/// The best of all ways to find the letters of a word in a name, in their order.
fn fit_word(word: &str, name: &[char]) -> Option<u32> {
    // For each place of the name: the best that ends there with the letter at hand.
    let mut before: Vec<Option<u32>> = Vec::new();
    for letter in word.chars() {
        let mut best_so_far = None;
        let mut now = vec![None; name.len()];
        for (place, each) in name.iter().enumerate() {
            let adjacent = place.checked_sub(1).and_then(|it| before.get(it)).copied();
            let earlier = if before.is_empty() {
                Some(0)
            } else {
                best_so_far.max(adjacent.flatten().map(|score| score + NEXT))
            };
            best_so_far = best_so_far.max(adjacent.flatten());
            if *each == letter {
                now[place] = earlier.map(|score| score + LETTER + bonus(name, place));
            }
        }
        before = now;
    }
    before.into_iter().flatten().max()
}

fn bonus(name: &[char], place: usize) -> u32 {
    match place.checked_sub(1).map(|before| name[before]) {
        None => WORD + START,
        Some(before) if !before.is_alphanumeric() => WORD,
        Some(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that fit, the best first.
    fn found<'a>(typed: &str, names: &[&'a str]) -> Vec<&'a str> {
        let mut fitting: Vec<(u32, &str)> = names
            .iter()
            .filter_map(|name| Some((fit(typed, name)?, *name)))
            .collect();
        fitting.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        fitting.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn letters_in_their_order_fit_whatever_is_between_them() {
        for typed in [
            "b",
            "bw",
            "BOB",
            "bobwo",
            "oods",
            "bob woods",
            "woods bob",
            " ",
            "",
        ] {
            assert!(fit(typed, "Bob Woods").is_some(), "{typed}");
        }
        for typed in ["wbo", "bobs!", "bobb", "bob alice"] {
            assert_eq!(fit(typed, "Bob Woods"), None, "{typed}");
        }
    }

    #[test]
    fn beginnings_of_names_come_first_then_those_of_words_then_the_rest() {
        let names = ["Cabal", "Ann Bauer", "Barbara"];
        assert_eq!(found("ba", &names), ["Barbara", "Ann Bauer", "Cabal"]);
        assert_eq!(found("lt", &["Salt", "Lea Thorn"]), ["Lea Thorn", "Salt"]);
    }

    #[test]
    fn letters_side_by_side_fit_better_than_letters_apart() {
        assert_eq!(found("team", &["toeram", "xteam"]), ["xteam", "toeram"]);
    }

    #[test]
    fn other_alphabets_fit_without_regard_to_capitals() {
        assert_eq!(found("äs", &["Ärzte Süd", "Mia"]), ["Ärzte Süd"]);
        assert!(fit("ολ", "Όλγα").is_none() && fit("όλ", "Όλγα").is_some());
    }

    #[test]
    fn however_much_is_typed_the_work_is_bounded() {
        let long = "a".repeat(100_000);
        assert!(fit(&long, &long).is_some());
    }
}
