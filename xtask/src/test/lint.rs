//! Checks of the sources, each of which counts as one test. They use the release profiles, so
//! that build scripts and macros are compiled once for checks, builds and tests together.

use std::process::Command;

use anyhow::Result;

use super::check;
use super::tally::Tally;
use crate::project::Project;

const WASM: &str = "--target=wasm32-unknown-unknown";

/// Every check, whatever the ones before it found.
pub fn all(project: &Project) -> Result<Tally> {
    let checks = [
        ("Cargo.lock is complete", lock_file(project)),
        ("rustfmt", format(project)),
        ("clippy, native", clippy_native(project)),
        ("clippy, wasm client", clippy_frontend(project)),
        ("clippy, socketio-client in wasm", clippy_client(project)),
        ("style sheets", style_sheets(project)),
        ("types of end2end", types(project)),
    ];
    let mut sum = Tally::default();
    for (label, mut command) in checks {
        sum += check(label, &mut command)?;
    }
    sum += super::dependencies::all(project)?;
    Ok(sum)
}

fn lock_file(project: &Project) -> Command {
    let mut command = project.command("cargo");
    // The whole answer is one long line, which nobody wants to see.
    command.args(["tree", "--workspace", "--locked", "--quiet", "--depth=0"]);
    command
}

fn format(project: &Project) -> Command {
    let mut command = project.command("cargo");
    command.args(["fmt", "--all", "--check"]);
    command
}

fn clippy_native(project: &Project) -> Command {
    let mut command = project.command("cargo");
    command
        .args(["clippy", "--release", "--all-targets"])
        .args(super::suites::NATIVE_WORKSPACE)
        .args(["--", "-D", "warnings"]);
    command
}

fn clippy_frontend(project: &Project) -> Command {
    let mut command = project.command("cargo");
    command
        .args(["clippy", "--profile=wasm-release", WASM])
        .args(["--package=frontend", "--package=socketio-client-leptos"])
        .arg("--target-dir")
        .arg(project.front_target())
        // As `cargo leptos build --split` compiles it; the check of the workspace sees it unsplit.
        .env("RUSTFLAGS", "-Clink-args=--emit-relocs")
        .args(["--", "-D", "warnings"]);
    command
}

fn clippy_client(project: &Project) -> Command {
    let mut command = project.command("cargo");
    command
        .args(["clippy", "--release", WASM])
        .args(super::suites::CLIENT_IN_WASM)
        .args(["--lib", "--test=stories", "--target-dir"])
        .arg(project.front_target())
        .args(["--", "-D", "warnings"]);
    command
}

fn style_sheets(project: &Project) -> Command {
    let mut command = project.command("node");
    command.args([
        "tools/check_css.mjs",
        "style/main.css",
        "app/src/components/page_style.rs",
    ]);
    command
}

fn types(project: &Project) -> Command {
    let mut command = project.command("npx");
    command
        .args(["--no-install", "tsc", "--noEmit"])
        .current_dir(project.root.join("end2end"));
    command
}
