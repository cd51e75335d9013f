//! What emoji are called in German, by their English names.

/// English name and German name, for each emoji of the list.
pub const NAMES: &str = "\
smile lachen|grin grinsen|joy freudentränen|rofl totlachen|slight_smile lächeln|wink zwinkern|blush erröten|\
heart_eyes herzaugen|kissing_heart küsschen|yum lecker|stuck_out_tongue zunge_raus|\
stuck_out_tongue_wink zunge_raus_zwinkern|sunglasses sonnenbrille|nerd nerd|star_struck sternenaugen|partying feiern|\
hugging umarmung|thinking nachdenken|raised_eyebrow hochgezogene_augenbraue|neutral neutral|\
expressionless ausdruckslos|no_mouth ohne_mund|smirk süffisantes_grinsen|unamused genervt|roll_eyes augen_verdrehen|\
grimacing grimasse|relieved erleichtert|pensive bedrückt|sleepy schläfrig|sleeping schlafen|mask maske|\
thermometer_face fieber|nauseated übelkeit|sneezing niesen|hot_face heiß|cold_face kalt|dizzy_face schwindelig|\
exploding_head explodierender_kopf|cowboy cowboy|confused verwirrt|worried besorgt|slight_frown traurig|\
open_mouth offener_mund|astonished erstaunt|flushed peinlich_berührt|pleading flehend|fearful ängstlich|\
cold_sweat angstschweiß|cry weinen|sob heulen|scream schreien|disappointed enttäuscht|sweat schwitzen|\
sweat_smile lachen_mit_schweißtropfen|weary erschöpft|tired müde|yawning gähnen|triumph schnauben|angry wütend|\
rage stinksauer|swearing fluchen|innocent unschuldig|salute salutieren|melting schmelzen|shushing pst|\
hand_over_mouth hand_vor_dem_mund|zany verrückt|upside_down kopfüber|devil teufel|skull totenkopf|poop kackhaufen|\
clown clown|ghost gespenst|alien außerirdischer|robot roboter|see_no_evil nichts_sehen|hear_no_evil nichts_hören|\
speak_no_evil nichts_sagen|thumbsup daumen_hoch|thumbsdown daumen_runter|ok_hand okay|victory siegeszeichen|\
crossed_fingers daumen_drücken|metal pommesgabel|call_me ruf_mich_an|point_left finger_links|\
point_right finger_rechts|point_up finger_hoch|point_down finger_runter|raised_hand erhobene_hand|wave winken|\
clap klatschen|raised_hands hände_hoch|open_hands offene_hände|handshake händeschütteln|pray beten|muscle muskeln|\
fist faust|punch faustschlag|writing_hand schreibende_hand|shrug schulterzucken|facepalm an_den_kopf_fassen|\
bow verbeugung|eyes augen|brain gehirn|ear ohr|nose nase|tongue zunge|lips lippen|heart herz|\
orange_heart oranges_herz|yellow_heart gelbes_herz|green_heart grünes_herz|blue_heart blaues_herz|\
purple_heart lila_herz|black_heart schwarzes_herz|broken_heart gebrochenes_herz|two_hearts zwei_herzen|\
sparkling_heart funkelndes_herz|heartbeat herzklopfen|hundred hundert|fire feuer|sparkles glitzer|star stern|\
dizzy sterne_sehen|boom explosion|zap blitz|tada konfettibombe|confetti konfetti|balloon luftballon|gift geschenk|\
cake geburtstagskuchen|trophy pokal|medal medaille|crown krone|gem edelstein|ring ring|check häkchen|cross kreuz|\
warning warnung|question fragezeichen|exclamation ausrufezeichen|no_entry einfahrt_verboten|stop stoppschild|\
plus plus|minus minus|bulb glühbirne|bell glocke|no_bell glocke_aus|speech sprechblase|thought gedankenblase|\
zzz schnarchen|megaphone megafon|lock schloss|unlock offenes_schloss|key schlüssel|mag lupe|link kette|\
pin reißzwecke|paperclip büroklammer|scissors schere|pencil bleistift|memo notiz|book buch|books bücher|\
newspaper zeitung|calendar kalender|chart aufwärtstrend|chart_down abwärtstrend|clipboard klemmbrett|folder ordner|\
envelope briefumschlag|inbox posteingang|package paket|phone handy|telephone telefon|computer computer|\
keyboard tastatur|printer drucker|camera kamera|video videokamera|tv fernseher|radio radio|battery batterie|\
plug stecker|hourglass sanduhr|watch armbanduhr|alarm wecker|stopwatch stoppuhr|rocket rakete|airplane flugzeug|\
car auto|bus bus|train zug|bike fahrrad|ship schiff|tractor traktor|house haus|office bürogebäude|\
hospital krankenhaus|school schule|tent zelt|mountain berg|beach strand|world weltkugel|map landkarte|\
compass kompass|sun sonne|cloud wolke|rain regen|snow schneeflocke|umbrella regenschirm|rainbow regenbogen|moon mond|\
ocean meer|droplet wassertropfen|wind wind|tornado tornado|tree baum|palm palme|cactus kaktus|seedling keimling|\
clover kleeblatt|leaves blätter|rose rose|tulip tulpe|sunflower sonnenblume|mushroom pilz|dog hund|cat katze|\
mouse maus|rabbit hase|fox fuchs|bear bär|panda panda|koala koala|tiger tiger|lion löwe|cow kuh|pig schwein|\
frog frosch|monkey affe|chicken huhn|penguin pinguin|bird vogel|duck ente|owl eule|wolf wolf|horse pferd|\
unicorn einhorn|bee biene|bug raupe|butterfly schmetterling|snail schnecke|turtle schildkröte|snake schlange|\
octopus krake|crab krabbe|shrimp garnele|fish fisch|dolphin delfin|whale wal|elephant elefant|hedgehog igel|\
sloth faultier|apple apfel|pear birne|orange orange|lemon zitrone|banana banane|watermelon wassermelone|\
grapes weintrauben|strawberry erdbeere|cherries kirschen|peach pfirsich|pineapple ananas|avocado avocado|\
tomato tomate|eggplant aubergine|potato kartoffel|carrot karotte|corn mais|pepper chilischote|bread brot|\
croissant croissant|cheese käse|egg ei|bacon speck|burger burger|fries pommes|pizza pizza|taco taco|burrito burrito|\
salad salat|pasta nudeln|ramen ramen|soup suppe|sushi sushi|rice reis|ice_cream eis|doughnut donut|cookie keks|\
chocolate schokolade|candy bonbon|popcorn popcorn|coffee kaffee|tea tee|milk milch|beer bier|beers bierkrüge|\
wine wein|cocktail cocktail|champagne sektflasche|cheers prost|soccer fußball|basketball basketball|\
football football|tennis tennis|volleyball volleyball|dart zielscheibe|bowling bowling|game videospiel|dice würfel|\
chess schach|puzzle puzzle|art malpalette|music musik|notes noten|guitar gitarre|piano klavier|drum trommel|\
microphone mikrofon|headphones kopfhörer|movie filmklappe|ticket eintrittskarte|runner läufer|dancer tänzerin|\
swimmer schwimmer|climber kletterer|yoga yoga|bed bett|couch sofa|bath badewanne|shower dusche|toilet toilette|\
broom besen|soap seife|hammer hammer|wrench schraubenschlüssel|gear zahnrad|magnet magnet|microscope mikroskop|\
telescope teleskop|satellite satellit|pill tablette|syringe spritze|test_tube reagenzglas|money geldsack|\
dollar dollar|euro euro|card kreditkarte|scales waage|ballot wahlurne|flag zielflagge|white_flag weiße_flagge|\
rainbow_flag regenbogenflagge|pirate piratenflagge|recycle recycling|baby baby|family familie|man mann|woman frau|\
older_man alter_mann|older_woman alte_frau|police polizei|detective detektiv|ninja ninja|wizard zauberer|fairy fee|\
zombie zombie|santa weihnachtsmann|christmas_tree weihnachtsbaum|pumpkin kürbis|fireworks feuerwerk|\
sparkler wunderkerze|snowman schneemann";
