//! Holds `docs/security.md` against the tests that it names, so that its proofs are there.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Fewest lines of the checklist; fewer are read only if its tables look different.
const FEWEST: usize = 150;

/// The proofs of the checklist, which are in the last column: number of the line, and words.
fn proofs(document: &str) -> impl Iterator<Item = (&str, &str)> {
    document.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let number = cells.next()?;
        let is_line = number.split('.').count() == 3 && number.starts_with(char::is_numeric);
        is_line.then_some((number, cells.last()?))
    })
}

/// What stands between backticks.
fn quoted(words: &str) -> impl Iterator<Item = &str> {
    words.split('`').skip(1).step_by(2)
}

fn is_file(quoted: &str) -> bool {
    !quoted.contains(' ') && (quoted.ends_with(".rs") || quoted.ends_with(".spec.ts"))
}

/// Whether a file has a test of this name.
fn has_test(file: &str, text: &str, name: &str) -> bool {
    if file.ends_with(".rs") {
        return text.contains(&format!("fn {name}("));
    }
    let mut quotes = ['\'', '"', '`'].into_iter();
    quotes.any(|quote| text.contains(&format!("{quote}{name}{quote}")))
}

/// Looks every named test up in the file that stands before it.
fn check(root: &Path) -> Result<()> {
    let document = std::fs::read_to_string(root.join("docs/security.md"))?;
    let mut texts: HashMap<&str, String> = HashMap::new();
    let mut count = 0;
    for (number, proof) in proofs(&document) {
        count += 1;
        let (mut file, mut tests) = (None, 0);
        for quoted in quoted(proof) {
            if is_file(quoted) {
                let path = root.join(quoted);
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("{number} names {quoted}, which is not there"))?;
                texts.insert(quoted, text);
                file = Some(quoted);
            } else if let Some(file) = file {
                ensure!(
                    has_test(file, &texts[file], quoted),
                    "{number} names the test “{quoted}”, which is not in {file}"
                );
                tests += 1;
            }
        }
        let is_said = proof == "this document" || proof.starts_with("**open**: ");
        ensure!(is_said || tests > 0, "{number} has no proof: {proof}");
    }
    ensure!(count >= FEWEST, "The checklist has {count} lines only");
    Ok(())
}

#[test]
fn every_proof_in_the_security_document_is_there() -> Result<()> {
    check(Path::new(".."))
}
