//! Programs from the Rust registry: prebuilt by cargo-binstall where that is installed and has
//! them, else compiled here.

use std::process::Command;

use anyhow::{Result, bail};

use super::{Outcome, install};
use crate::child;
use crate::project::{Project, Version};

/// The version to install. A newer patch counts as well when it is there already.
pub const CARGO_LEPTOS: Version = Version(0, 3, 10);
/// The version to install. Any version counts when it is there already.
const NEXTEST: Version = Version(0, 9, 143);
/// The version to install. Any of this minor version counts: another may read deny.toml differently.
const CARGO_DENY: Version = Version(0, 20, 2);
const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program to compile when nothing quicker works.
struct Source<'a> {
    package: &'a str,
    version: Version,
    arguments: &'a [&'a str],
}

pub fn wasm_target_is_there(project: &Project) -> bool {
    let asked = project
        .command("rustc")
        .args(["--print=target-libdir", "--target", WASM_TARGET])
        .output();
    asked.is_ok_and(|output| {
        let directory = String::from_utf8_lossy(&output.stdout);
        output.status.success() && std::path::Path::new(directory.trim()).is_dir()
    })
}

pub fn install_wasm_target(project: &Project, label: &str) -> Result<Outcome> {
    if project.program("rustup").is_none() {
        bail!(
            "rustup is missing, which brings Rust for {WASM_TARGET}: install rustup, then run this command again."
        );
    }
    install(
        label,
        project
            .command("rustup")
            .args(["target", "add", WASM_TARGET]),
    )?;
    Ok(Outcome::Installed)
}

pub fn cargo_leptos_is_there(project: &Project) -> bool {
    project
        .version_of("cargo-leptos", &["--version"])
        .is_some_and(serves_as_cargo_leptos)
}

/// A new minor version may read the workspace's settings differently.
fn serves_as_cargo_leptos(found: Version) -> bool {
    let next_minor = Version(CARGO_LEPTOS.0, CARGO_LEPTOS.1 + 1, 0);
    (CARGO_LEPTOS..next_minor).contains(&found)
}

pub fn install_cargo_leptos(project: &Project, label: &str) -> Result<Outcome> {
    let source = Source {
        package: "cargo-leptos",
        version: CARGO_LEPTOS,
        // Without downloads it says which program is missing instead of fetching one by itself.
        arguments: &["--locked", "--features", "no_downloads"],
    };
    install_program(project, label, &source)
}

/// The program and the crate exchange data in a format that changes with every version.
pub fn wasm_bindgen_is_there(project: &Project) -> Result<bool> {
    let wanted = Some(project.locked_version("wasm-bindgen")?);
    let found = ["wasm-bindgen", "wasm-bindgen-test-runner"]
        .map(|program| project.version_of(program, &["--version"]));
    Ok(found.iter().all(|version| *version == wanted))
}

pub fn install_wasm_bindgen(project: &Project, label: &str) -> Result<Outcome> {
    let source = Source {
        package: "wasm-bindgen-cli",
        version: project.locked_version("wasm-bindgen")?,
        arguments: &[],
    };
    install_program(project, label, &source)
}

pub fn nextest_is_there(project: &Project) -> bool {
    project
        .version_of("cargo-nextest", &["nextest", "--version"])
        .is_some()
}

pub fn install_nextest(project: &Project, label: &str) -> Result<Outcome> {
    let source = Source {
        package: "cargo-nextest",
        version: NEXTEST,
        arguments: &["--locked"],
    };
    install_program(project, label, &source)
}

pub fn cargo_deny_is_there(project: &Project) -> bool {
    project
        .version_of("cargo-deny", &["--version"])
        .is_some_and(|found| (found.0, found.1) == (CARGO_DENY.0, CARGO_DENY.1))
}

pub fn install_cargo_deny(project: &Project, label: &str) -> Result<Outcome> {
    let source = Source {
        package: "cargo-deny",
        version: CARGO_DENY,
        arguments: &["--locked"],
    };
    install_program(project, label, &source)
}

fn install_program(project: &Project, label: &str, source: &Source<'_>) -> Result<Outcome> {
    if project.program("cargo-binstall").is_some() {
        let finished = child::run(label, &mut prebuilt(project, source))?;
        if finished.success {
            return Ok(Outcome::Installed);
        }
        println!("{label}: no prebuilt program can be had, so it is compiled");
    }
    // A directory with a name, so that an installation that broke off goes on where it was.
    let directory = project.target.join("tools");
    let mut command = compiled(project, source);
    install(label, command.arg("--target-dir").arg(&directory))?;
    // It is only disk space: if it cannot be freed, the tool is there all the same.
    let _ = std::fs::remove_dir_all(&directory);
    Ok(Outcome::Installed)
}

fn prebuilt(project: &Project, source: &Source<'_>) -> Command {
    let mut command = project.command("cargo");
    command
        .args(["binstall", "--no-confirm", "--force"])
        .args(["--disable-strategies", "compile"])
        .arg(format!("{}@{}", source.package, source.version));
    command
}

/// Compiles a program quickly rather than well: the tools mostly start others and wait for them.
fn compiled(project: &Project, source: &Source<'_>) -> Command {
    /// What works on every byte of a build is worth its time.
    const OPTIMISED: &[&str] = &["brotli", "flate2", "libflate", "miniz_oxide", "walrus"];
    let mut command = project.command("cargo");
    command
        .args(["install", source.package, "--force"])
        .arg(format!("--version={}", source.version))
        .args(source.arguments)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256");
    for package in OPTIMISED {
        let setting = format!("profile.release.package.{package}.opt-level=2");
        command.args(["--config", &setting]);
    }
    if system_has_openssl(project) {
        // One of cargo-leptos's dependencies would compile its own, from C.
        command.env("OPENSSL_NO_VENDOR", "1");
    }
    command
}

fn system_has_openssl(project: &Project) -> bool {
    let asked = project
        .command("pkg-config")
        .args(["--exists", "openssl"])
        .status();
    asked.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_leptos_counts_from_our_version_up_to_the_next_minor() {
        assert!(serves_as_cargo_leptos(CARGO_LEPTOS));
        assert!(serves_as_cargo_leptos(Version(0, 3, 11)));
        assert!(!serves_as_cargo_leptos(Version(0, 3, 9)));
        assert!(!serves_as_cargo_leptos(Version(0, 4, 0)));
    }
}
