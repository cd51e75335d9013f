use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// The names of all functions in the sources below a directory.
fn functions(directory: &Path, found: &mut HashSet<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(path).unwrap();
            let names = text.split("fn ").skip(1);
            found.extend(names.filter_map(|rest| Some(rest.split_once('(')?.0.to_owned())));
        }
    }
}

#[test]
fn the_table_of_the_official_tests_names_tests_that_are_there() {
    let root = Path::new(".");
    let mut there = HashSet::new();
    for directory in ["src", "tests"] {
        functions(&root.join(directory), &mut there);
    }
    let table = fs::read_to_string(root.join("tests/stories/official.md")).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| "));
    let named: Vec<&str> = rows
        .flat_map(|row| row.split('`').skip(1).step_by(2))
        .filter(|name| name.contains('_'))
        .collect();
    assert!(named.len() > 100, "{}", named.len());
    let missing: Vec<_> = named
        .iter()
        .filter(|name| !there.contains(**name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
