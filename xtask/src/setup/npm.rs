//! Node, and the packages of the directories that have a package.json.

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::Value;

use super::{Outcome, install};
use crate::project::{Project, Version};

/// The oldest major version of Node that runs everything here.
pub const OLDEST_NODE: u64 = 20;

pub fn node_is_there(project: &Project) -> bool {
    let recent = project
        .version_of("node", &["--version"])
        .is_some_and(|version| version >= Version(OLDEST_NODE, 0, 0));
    recent && project.program("npm").is_some()
}

pub fn explain_node() -> Result<Outcome> {
    bail!(
        "Node is missing or too old: install Node {OLDEST_NODE} or newer together with npm, then run this command again."
    )
}

/// Whether the installed packages are those of the lock file as it is now, whoever installed
/// them: npm notes what it has put there, at the end, in a lock file of its own.
pub fn packages_are_there(directory: &Path) -> bool {
    let read = |name: &str| -> Option<Value> {
        serde_json::from_slice(&std::fs::read(directory.join(name)).ok()?).ok()
    };
    let wanted = read("package-lock.json");
    let installed = read("node_modules/.package-lock.json");
    matches!((wanted, installed), (Some(wanted), Some(installed)) if holds(&installed, &wanted))
}

pub fn install_packages(project: &Project, label: &str, name: &str) -> Result<Outcome> {
    let mut command = project.command("npm");
    install(
        label,
        command.arg("ci").current_dir(project.root.join(name)),
    )?;
    Ok(Outcome::Installed)
}

/// Whether every package that is wanted is installed in the same version. Optional ones are for
/// other systems than this, or npm would have installed them.
fn holds(installed: &Value, wanted: &Value) -> bool {
    let Some(packages) = wanted["packages"].as_object() else {
        return false;
    };
    packages
        .iter()
        .filter(|(path, package)| !path.is_empty() && package["optional"] != true)
        .all(|(path, package)| {
            let found = &installed["packages"][path];
            !found.is_null()
                && found["version"] == package["version"]
                && found["integrity"] == package["integrity"]
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lock(version: &str) -> Value {
        json!({ "packages": {
            "": { "name": "project" },
            "node_modules/tool": { "version": version, "integrity": version },
            "node_modules/tool-for-another-system": { "version": "1.0.0", "optional": true },
        }})
    }

    #[test]
    fn packages_count_in_exactly_the_version_of_the_lock_file() {
        let installed = json!({ "packages": {
            "node_modules/tool": { "version": "1.0.0", "integrity": "1.0.0" },
        }});
        assert!(holds(&installed, &lock("1.0.0")));
        assert!(!holds(&installed, &lock("1.0.1")));
        assert!(!holds(&json!({}), &lock("1.0.0")));
    }

    #[test]
    fn a_lock_file_without_packages_is_not_trusted() {
        assert!(!holds(&lock("1.0.0"), &json!({})));
    }
}
