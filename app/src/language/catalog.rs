use std::sync::OnceLock;

use polib::{catalog::Catalog, po_file};

use super::{SEPARATOR, TABLE, Table, table};

/// A language that the app speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    German,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The tag of BCP 47.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The language to answer in: the one that was chosen, else the first that the browser's
    /// `Accept-Language` (RFC 9110, section 12.5.4) names and the app speaks, else English.
    pub fn of(chosen: Option<&str>, accepted: Option<&str>) -> Self {
        let spoken = |tag: &str| {
            // "de-AT" is answered in "de".
            let language = tag.split('-').next().unwrap_or_default();
            let mut all = Self::ALL.into_iter();
            all.find(|it| it.tag().eq_ignore_ascii_case(language))
        };
        let accepted = accept_language::parse(accepted.unwrap_or_default());
        let first = || accepted.iter().find_map(|tag| spoken(tag));
        chosen.and_then(spoken).or_else(first).unwrap_or_default()
    }

    /// The catalog as browsers get it; `None` for the language of the source.
    pub fn lines(self) -> Option<&'static str> {
        Some(self.catalog()?.0.as_str())
    }

    /// Runs something that is to speak this language.
    pub fn speak<T>(self, run: impl FnOnce() -> T) -> T {
        let before = TABLE.replace(self.catalog().map_or(&[], |(_, table)| *table));
        let result = run();
        TABLE.set(before);
        result
    }

    fn catalog(self) -> Option<&'static (String, Table)> {
        static GERMAN: OnceLock<(String, Table)> = OnceLock::new();
        let read = |source: &str| {
            let lines = lines(&parse(source));
            (lines.clone(), table(lines))
        };
        match self {
            Self::English => None,
            Self::German => {
                Some(GERMAN.get_or_init(|| read(include_str!("../../languages/de.po"))))
            }
        }
    }
}

/// A catalog that cannot be read is one without words; a test sees to it that ours can.
fn parse(source: &str) -> Catalog {
    po_file::parse_from_reader(source.as_bytes())
        .unwrap_or_else(|_| Catalog::new(polib::metadata::CatalogMetadata::default()))
}

/// What is translated, a line each, sorted by the English.
fn lines(catalog: &Catalog) -> String {
    // Of the languages that are here all have these two forms.
    const CATEGORIES: [&str; 2] = ["one", "other"];
    let separator = SEPARATOR.to_string();
    let mut lines: Vec<(String, String)> = Vec::new();
    for message in catalog.messages() {
        let forms = match message.msgstr_plural() {
            Ok(forms) => CATEGORIES
                .into_iter()
                .zip(forms)
                .flat_map(|(category, form)| [category, form.as_str()])
                .collect::<Vec<_>>()
                .join(&separator),
            Err(_) => message.msgstr().unwrap_or_default().to_owned(),
        };
        lines.push((message.msgid().to_owned(), forms));
    }
    lines.sort_unstable();
    let lines: Vec<String> = lines
        .into_iter()
        .map(|(english, other)| [english, other].join(&separator))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests;
