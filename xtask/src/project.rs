//! Where the project's things are. Cargo knows its build directory, which may lie outside the
//! checkout; everything else follows from that and from the root.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The checkout, its build directory and the programs that it may call.
#[derive(Debug)]
pub struct Project {
    /// The root of the workspace.
    pub root: PathBuf,
    /// Cargo's build directory, absolute.
    pub target: PathBuf,
    search_path: Vec<PathBuf>,
    wasm_opt: Vec<String>,
}

impl Project {
    /// Asks cargo where the workspace and its build directory are.
    pub fn find() -> Result<Self> {
        let output = Command::new("cargo")
            .args(["metadata", "--no-deps", "--format-version=1"])
            // Not the directory that was compiled in: checkouts may share a build directory.
            .current_dir(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| ".".into()))
            .envs(absolute_target_directory()?)
            .stderr(Stdio::inherit())
            .output()
            .context(
                "Cannot run `cargo`: install Rust with rustup, then run this command again.",
            )?;
        if !output.status.success() {
            bail!("Cargo cannot read this workspace: see its message above.");
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)
            .context("`cargo metadata` wrote something else than JSON")?;
        let directory = |name: &str| {
            metadata[name]
                .as_str()
                .map(PathBuf::from)
                .with_context(|| format!("`cargo metadata` names no {name}"))
        };
        let root = directory("workspace_root")?;
        let target = directory("target_directory")?;
        let search_path = search_path(&root);
        let options = &metadata["metadata"]["leptos"][0]["wasm-opt-features"];
        let options = options.as_array().map_or(&[][..], Vec::as_slice);
        let wasm_opt = options.iter().filter_map(Value::as_str);
        Ok(Self {
            root,
            target,
            search_path,
            wasm_opt: wasm_opt.map(str::to_owned).collect(),
        })
    }

    /// The options of wasm-opt for a release.
    pub fn wasm_opt(&self) -> &[String] {
        &self.wasm_opt
    }

    /// A program of the project: run in its root, with the project's tools on PATH and the same
    /// build directory as this command's.
    pub fn command(&self, program: &str) -> Command {
        let found = self.program(program);
        let mut command = Command::new(found.unwrap_or_else(|| PathBuf::from(program)));
        command
            .current_dir(&self.root)
            .env("PATH", self.path_variable())
            .env("CARGO_TARGET_DIR", &self.target)
            .stdin(Stdio::null());
        // What cargo has told this program about itself is no business of another cargo's: build scripts
        // look at it, and what hangs on them would be built anew, which is half of all there is.
        for (name, _) in std::env::vars_os() {
            if is_about_this_package(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        command
    }

    /// Where a program is on the project's PATH, if it is there.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        let endings: &[&str] = if cfg!(windows) {
            &[".exe", ".cmd"]
        } else {
            &[""]
        };
        self.search_path
            .iter()
            .flat_map(|directory| {
                endings
                    .iter()
                    .map(move |ending| directory.join(format!("{name}{ending}")))
            })
            .find(|path| path.is_file())
    }

    /// What a program says about its version; none if it is missing or fails.
    pub fn version_of(&self, program: &str, arguments: &[&str]) -> Option<Version> {
        let output = self.command(program).args(arguments).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output
            .status
            .success()
            .then(|| Version::first_in(&text))
            .flatten()
    }

    /// The version of a package in Cargo.lock.
    pub fn locked_version(&self, package: &str) -> Result<Version> {
        let path = self.root.join("Cargo.lock");
        let lock = std::fs::read_to_string(&path)
            .with_context(|| format!("Cannot read {}", path.display()))?;
        locked_version(&lock, package)
            .with_context(|| format!("Cargo.lock does not name {package}"))
    }

    /// The release build of the server.
    pub fn server_program(&self) -> PathBuf {
        self.target
            .join("release")
            .join(format!("natter-server{}", std::env::consts::EXE_SUFFIX))
    }

    /// Where cargo-leptos puts what browsers download.
    pub fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// The build directory of the wasm client, which cargo-leptos keeps apart.
    pub fn front_target(&self) -> PathBuf {
        self.target.join("front")
    }

    fn path_variable(&self) -> OsString {
        // A PATH that cannot be joined holds an entry that no shell could use either.
        std::env::join_paths(&self.search_path)
            .unwrap_or_else(|_| std::env::var_os("PATH").unwrap_or_default())
    }
}

/// Major, minor and patch of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64, pub u64, pub u64);

impl Version {
    /// The first thing in a text that looks like a version: `v20.1.0`, `cargo-leptos 0.3.10`.
    pub fn first_in(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(|word| {
            let word = word.strip_prefix('v').unwrap_or(word);
            let mut numbers = word.split('.').map(|part| {
                let digits = part.split(|letter: char| !letter.is_ascii_digit()).next();
                digits.unwrap_or_default().parse().ok()
            });
            Some(Self(numbers.next()??, numbers.next()??, numbers.next()??))
        })
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(major, minor, patch) = self;
        write!(formatter, "{major}.{minor}.{patch}")
    }
}

fn locked_version(lock: &str, package: &str) -> Option<Version> {
    let mut lines = lock
        .lines()
        .skip_while(|line| *line != format!("name = \"{package}\""));
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Version::first_in(version.trim_end_matches('"'))
}

/// The project's own tools first, then the person's PATH, then where cargo installs programs,
/// which is not on every PATH right after an installation.
fn search_path(root: &Path) -> Vec<PathBuf> {
    let mut search_path = vec![root.join("tools/node_modules/.bin")];
    if let Some(path) = std::env::var_os("PATH") {
        search_path.extend(std::env::split_paths(&path));
    }
    search_path.extend(cargo_home().map(|home| home.join("bin")));
    search_path
}

fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

/// Whether cargo has set a variable for the package of the program that it runs.
fn is_about_this_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_"]
        .iter()
        .any(|beginning| variable.starts_with(beginning))
}

/// A relative CARGO_TARGET_DIR means the directory where the person stands, and we move.
fn absolute_target_directory() -> Result<Option<(&'static str, PathBuf)>> {
    let name = "CARGO_TARGET_DIR";
    std::env::var_os(name)
        .filter(|directory| !directory.is_empty())
        .map(|directory| Ok((name, std::path::absolute(directory)?)))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_programs_say() {
        let version = |text| Version::first_in(text);
        assert_eq!(version("cargo-leptos 0.3.10\n"), Some(Version(0, 3, 10)));
        assert_eq!(version("v20.20.2"), Some(Version(20, 20, 2)));
        assert_eq!(
            version("cargo-nextest 0.9.143 (60fa45f63 2026-08-04)\nrelease: 0.9.143"),
            Some(Version(0, 9, 143))
        );
        assert_eq!(version("tool 1.2.3-rc.1"), Some(Version(1, 2, 3)));
        assert_eq!(version("no number here"), None);
        assert_eq!(version("version 132"), None);
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(Version(0, 3, 10) > Version(0, 3, 9));
        assert!(Version(1, 0, 0) > Version(0, 99, 99));
    }

    #[test]
    fn the_lock_file_names_the_version_of_exactly_that_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.50\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(
            locked_version(lock, "wasm-bindgen"),
            Some(Version(0, 2, 130))
        );
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}
