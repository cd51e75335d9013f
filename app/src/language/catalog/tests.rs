use std::{collections::BTreeSet, fs, path::Path};

use super::*;

/// Text literals that one of these calls is given, over as many lines as they take.
fn literals(source: &str, calls: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for call in calls {
        for (at, _) in source.match_indices(call) {
            let rest = &source[at + call.len()..];
            found.extend(arguments(rest));
        }
    }
    found
}

/// The text literals among the arguments of a call, whose open parenthesis is behind us.
fn arguments(source: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut depth = 1;
    let mut characters = source.chars();
    while let Some(character) = characters.next() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            '"' if depth == 1 => {
                let mut text = String::new();
                while let Some(character) = characters.next() {
                    match character {
                        '"' => break,
                        '\\' => text.extend(characters.next()),
                        other => text.push(other),
                    }
                }
                texts.push(text);
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    texts
}

/// The sources of a crate without its tests.
fn sources(folder: &Path) -> Vec<String> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources.extend(sources_of(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            let source = fs::read_to_string(&path).expect("a source");
            let (source, _) = source.split_once("#[cfg(test)]").unwrap_or((&source, ""));
            sources.push(source.to_owned());
        }
    }
    sources
}

fn sources_of(path: &Path) -> Vec<String> {
    if path.ends_with("tests") || path.ends_with("language") {
        return Vec::new();
    }
    sources(path)
}

/// Everything that the app says, by its English.
fn said() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut said = BTreeSet::new();
    for source in sources(&folder) {
        said.extend(literals(&source, &["translate(", "noted("]));
        for html in literals(&source, &["still(", "html("]) {
            let words = html.split(['{', '}']).skip(1).step_by(2);
            said.extend(words.map(ToOwned::to_owned));
        }
        for (at, call) in source.match_indices("counted(") {
            said.extend(arguments(&source[at + call.len()..]).into_iter().take(1));
        }
    }
    said
}

fn german() -> Catalog {
    parse(include_str!("../../../languages/de.po"))
}

#[test]
fn every_word_of_the_app_is_in_the_catalog_and_no_other() {
    let catalog = german();
    let known: BTreeSet<String> = catalog
        .messages()
        .map(|message| message.msgid().to_owned())
        .collect();
    let said = said();
    assert!(said.len() > 300, "{}", said.len());
    let missing: Vec<_> = said.difference(&known).collect();
    assert_eq!(missing, [""; 0], "these are not in languages/de.po");
    let of_server: BTreeSet<String> = catalog
        .messages()
        .filter(|message| message.extracted_comments() == "server")
        .map(|message| message.msgid().to_owned())
        .collect();
    let unused: Vec<_> = known
        .difference(&said)
        .filter(|it| !of_server.contains(*it))
        .collect();
    assert_eq!(unused, [""; 0], "nobody says these");
}

#[test]
fn what_the_server_says_stands_in_its_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = [
        sources(&root.join("server/src")),
        sources(&root.join("protocol/src")),
        // The page takes some of it apart, and says the rest in the server's words.
        sources(&root.join("app/src")),
    ]
    .concat()
    .concat();
    let catalog = german();
    let unsaid = catalog
        .messages()
        .filter(|message| message.extracted_comments() == "server")
        .map(|message| message.msgid().to_owned())
        // A number or a name is put in there, as the server's source has it.
        .filter(|said| {
            let mut parts = said.split(['{', '}']).step_by(2);
            !parts.all(|part| sources.contains(part.trim()))
        });
    assert_eq!(unsaid.collect::<Vec<_>>(), [""; 0], "nobody says these");
}

#[test]
fn every_translation_is_there_and_keeps_the_names_of_its_values() {
    let names = |text: &str| -> BTreeSet<String> {
        let names = text.split(['{', '}']).skip(1).step_by(2);
        names.map(ToOwned::to_owned).collect()
    };
    for message in german().messages() {
        let english = message.msgid();
        assert!(!message.is_fuzzy(), "{english}");
        let forms = match message.msgstr_plural() {
            Ok(forms) => forms.clone(),
            Err(_) => vec![message.msgstr().unwrap_or_default().to_owned()],
        };
        for form in forms {
            assert!(!form.is_empty(), "{english}");
            assert_eq!(names(&form), names(english), "{form}");
            let is_plain = |it: char| !matches!(it, '\t' | '\n' | '<' | '\\');
            assert!(form.chars().all(is_plain), "{form}");
        }
    }
}

#[test]
fn a_page_finds_its_words() {
    Language::German.speak(|| {
        assert_eq!(crate::language::translate("Sign in"), "Anmelden");
        assert_eq!(crate::language::translate("Sign out"), "Abmelden");
        for message in german().messages() {
            assert!(crate::language::find(message.msgid()).is_some());
        }
    });
    assert_eq!(crate::language::translate("Sign in"), "Sign in");
}

#[test]
fn the_language_is_the_one_that_was_chosen_or_the_first_that_is_spoken() {
    let of = |chosen: Option<&str>, accepted: &str| Language::of(chosen, Some(accepted)).tag();
    assert_eq!(of(None, ""), "en");
    assert_eq!(of(None, "de"), "de");
    assert_eq!(of(None, "de-AT,de;q=0.9,en;q=0.8"), "de");
    assert_eq!(of(None, "fr,en-GB;q=0.7,de;q=0.3"), "en");
    assert_eq!(of(None, "en;q=0.2, de-DE;q=0.9"), "de");
    assert_eq!(of(Some("en"), "de"), "en");
    assert_eq!(of(Some("tlh"), "de"), "de");
    assert_eq!(of(None, "*, ;;q=x, de-"), "de");
}

#[test]
fn every_language_calls_itself_by_its_tag() {
    let tags = crate::language::LANGUAGES.map(|(tag, _)| tag);
    assert_eq!(tags, Language::ALL.map(Language::tag));
}
