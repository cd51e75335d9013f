//! The harness tested: with one rule switched off in a copy of the server, or in the clients, the
//! audit has to find the fault.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{
    audit::Kind,
    run::{self, Options},
    world::Rules,
};

/// How long a fault may stay hidden.
const LASTS: Duration = Duration::from_secs(60);
const CLIENTS: usize = 16;
const RATE: f64 = 80.0;

/// A rule, and how to break it.
struct Rule {
    name: &'static str,
    /// Exact pieces of the server's source and what takes their place.
    replacements: &'static [Replacement],
    fills_gaps: bool,
    /// What the audit has to find.
    expected: Kind,
}

struct Replacement {
    file: &'static str,
    from: &'static str,
    to: &'static str,
}

const RULES: [Rule; 3] = [
    Rule {
        name: "idempotency",
        replacements: &[
            Replacement {
                file: "src/services/messages/batch.rs",
                from: "messages::find_by_client_ids(transaction, named).await?",
                to: "{ drop(named); Vec::<messages::Message>::new() }",
            },
            Replacement {
                file: "src/storage/migrations/m0001_first_tables.rs",
                from: "                .col(Messages::SenderId)
                .col(Messages::ClientId)
                .unique()",
                to: "                .col(Messages::SenderId)
                .col(Messages::ClientId)",
            },
        ],
        fills_gaps: true,
        expected: Kind::StoredTwice,
    },
    Rule {
        name: "durability",
        replacements: &[Replacement {
            file: "src/services/messages/mod.rs",
            from: "            self.database.commit(transaction).await?;
        } else {",
            to: "            let database = self.database.clone();
            tokio::spawn(async move {
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                let _ = database.commit(transaction).await;
            });
        } else {",
        }],
        fills_gaps: true,
        expected: Kind::Lost,
    },
    Rule {
        name: "gap filling",
        replacements: &[],
        fills_gaps: false,
        expected: Kind::Disagreement,
    },
];

/// Breaks one rule after the other; says whether the audit has found each fault. `options` are
/// those of a run with the server as it is.
pub async fn run(options: &Options, root: &Path, target: &Path) -> Result<bool> {
    let mut well = true;
    for rule in &RULES {
        let server = if rule.replacements.is_empty() {
            options.server.clone()
        } else {
            build(rule, root, target)?
        };
        let report = run::run(&Options {
            lasts: LASTS,
            clients: CLIENTS,
            rate: RATE,
            server,
            rules: Rules {
                fills_gaps: rule.fills_gaps,
            },
            is_quiet: true,
            browsers: 0,
            ..options.clone()
        })
        .await?;
        let found = report.outcome.count(rule.expected);
        let verdict = if found > 0 { "found" } else { "NOT FOUND" };
        println!(
            "without {:<12} {verdict}: {found} {} among {} acknowledged messages",
            rule.name,
            rule.expected.name(),
            report.outcome.acknowledged
        );
        well &= found > 0;
    }
    Ok(well)
}

/// Builds a copy of the server without the rule. What the server is made of is not copied.
fn build(rule: &Rule, root: &Path, target: &Path) -> Result<PathBuf> {
    println!("building the server without {}", rule.name);
    let name = format!("natter-server-without-{}", rule.name);
    let copy = target.join("chaos").join(&name);
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    copy_folder(&root.join("server"), &copy.join("server"))?;
    for replacement in rule.replacements {
        replace(
            &copy.join("server").join(replacement.file),
            replacement.from,
            replacement.to,
        )?;
    }
    // Under its own name, or it would take the place of the real one in the build directory.
    replace(
        &copy.join("server/Cargo.toml"),
        "name = \"natter-server\"",
        &format!("name = \"{name}\""),
    )?;
    replace(
        &copy.join("server/Cargo.toml"),
        "[dependencies]\n",
        "[lib]\nname = \"natter_server\"\n\n[dependencies]\n",
    )?;
    let manifest = workspace(&read(&root.join("Cargo.toml"))?, root)?;
    fs::write(copy.join("Cargo.toml"), manifest)?;
    fs::copy(root.join("Cargo.lock"), copy.join("Cargo.lock"))?;

    let mut command = Command::new("cargo");
    command
        .args(["build", "--quiet", "--offline", "--package", &name])
        .arg("--manifest-path")
        .arg(copy.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        .current_dir(root)
        .stdin(Stdio::null());
    let profile = if cfg!(debug_assertions) {
        "debug"
    } else {
        command.arg("--release");
        "release"
    };
    let output = command.output().context("Cannot run cargo")?;
    if !output.status.success() {
        bail!(
            "The server without {} cannot be built:\n{}",
            rule.name,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(target.join(profile).join(name))
}

/// The manifest of a workspace that holds the copy alone, and takes everything else from `root`.
fn workspace(manifest: &str, root: &Path) -> Result<String> {
    let (_, shared) = manifest
        .split_once("[workspace.package]")
        .context("Cargo.toml has no [workspace.package] any more.")?;
    let root = root
        .to_str()
        .context("The path of the project is no text.")?;
    let shared = shared.replace("path = \"", &format!("path = \"{root}/"));
    Ok(format!(
        "[workspace]\nresolver = \"3\"\nmembers = [\"server\"]\n\n[workspace.package]{shared}"
    ))
}

/// Replaces a piece of text that has to be there exactly once.
fn replace(file: &Path, from: &str, to: &str) -> Result<()> {
    let text = read(file)?;
    let times = text.matches(from).count();
    if times != 1 {
        bail!(
            "{} has this {times} times instead of once, so the rule cannot be switched off; correct chaos/src/self_test.rs:\n{from}",
            file.display()
        );
    }
    fs::write(file, text.replacen(from, to, 1))?;
    Ok(())
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("Cannot read {}", file.display()))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_that_is_replaced_is_in_the_source_exactly_once() {
        let server = Path::new("../server");
        for replacement in RULES.iter().flat_map(|rule| rule.replacements) {
            let text = read(&server.join(replacement.file)).expect("a file of the server");
            let times = text.matches(replacement.from).count();
            assert_eq!(times, 1, "{}:\n{}", replacement.file, replacement.from);
        }
    }

    #[test]
    fn a_workspace_of_its_own_takes_the_crates_from_where_they_are() {
        let manifest = "[workspace]\nmembers = [\"app\"]\n[workspace.package]\nversion = \"1\"\n\
                        [workspace.dependencies]\napp = { path = \"app\" }\n";
        let made = workspace(manifest, Path::new("/src")).expect("a manifest");
        assert!(made.contains("members = [\"server\"]"), "{made}");
        assert!(made.contains("app = { path = \"/src/app\" }"), "{made}");
        assert!(!made.contains("\"app\"]"), "{made}");
    }
}
