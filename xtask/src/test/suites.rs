//! Suites of tests, each with its own program, whose summary is read from what it writes.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::LAST_LINES;
use super::tally::{self, Tally};
use crate::child::{self, Finished};
use crate::postgres::{self, Durability, Postgres};
use crate::project::Project;
use crate::server::Server;
use crate::setup;

/// Everything but what is built for wasm only. Every native build of the tests
/// names the same packages: other packages mean other features of what they share, and so
/// another compilation of nearly everything.
pub const NATIVE_WORKSPACE: &[&str] = &[
    "--workspace",
    "--exclude=frontend",
    "--exclude=socketio-client-leptos",
    "--features=socketio-client/native,socketio-client/tls,socketio-client/msgpack",
];

/// The Socket.IO client as it is in the browser.
pub const CLIENT_IN_WASM: &[&str] = &[
    "--package=socketio-client",
    "--no-default-features",
    "--features=web,msgpack",
];

/// Where the stories find the server that they are to be told to.
const TEST_ORIGIN: &str = "SOCKETIO_TEST_ORIGIN";

/// Unit and integration tests, the server's on SQLite.
pub fn unit(project: &Project) -> Result<Tally> {
    let mut command = nextest(project);
    command
        .arg("--no-tests=pass")
        .env_remove(postgres::TEST_DATABASE_URL);
    run("unit", &mut command, tally::of_nextest)
}

/// The server's tests once more, on a PostgreSQL of their own.
pub fn postgres(project: &Project) -> Result<Tally> {
    let server = Postgres::start(project, Durability::Fast)?;
    let mut command = nextest(project);
    command.arg("--test=api");
    run("postgres", server.lend(&mut command)?, tally::of_nextest)
}

/// A run of tests of the native build.
fn nextest(project: &Project) -> Command {
    let mut command = project.command("cargo");
    command
        .args(["nextest", "run", "--release"])
        .args(NATIVE_WORKSPACE)
        .args(["--no-fail-fast", "--hide-progress-bar"])
        .args(["--status-level=pass", "--final-status-level=fail"])
        .args(["--success-output=never", "--failure-output=final"]);
    command
}

/// The Socket.IO client's stories against the official server, natively and in a browser.
pub fn official(project: &Project) -> Result<Tally> {
    let script = project.root.join("end2end/support/official_server.mjs");
    let server = Server::of_node(&script)?;
    let mut command = nextest(project);
    command
        .arg("--test=stories")
        .env(TEST_ORIGIN, &server.origin);
    let mut sum = run("official", &mut command, tally::of_nextest)?;
    sum += stories_in_browser(project, "official, in a browser", &server)?;
    Ok(sum)
}

/// Examples in the documentation.
pub fn doc(project: &Project) -> Result<Tally> {
    let mut command = project.command("cargo");
    command
        .args(["test", "--doc", "--release", "--no-fail-fast"])
        .args(NATIVE_WORKSPACE);
    run("doc", &mut command, tally::of_cargo_test)
}

/// The Socket.IO client's stories in a browser, against socketioxide. Natively they are among the
/// unit tests.
pub fn wasm(project: &Project) -> Result<Tally> {
    let mut build = project.command("cargo");
    build
        .args(["build", "--release", "--bin=echo-server"])
        .args(NATIVE_WORKSPACE);
    let built = child::run("wasm: echo server", &mut build)?;
    if !built.success {
        bail!(
            "{}\nThe echo server cannot be built.",
            built.tail(LAST_LINES)
        );
    }
    let name = format!("echo-server{}", std::env::consts::EXE_SUFFIX);
    let server = Server::other(&project.target.join("release").join(name))?;
    stories_in_browser(project, "wasm", &server)
}

fn stories_in_browser(project: &Project, label: &str, server: &Server) -> Result<Tally> {
    let Some(driver) = setup::browser_driver(project) else {
        bail!(
            "chromedriver is missing: install the one of your Chromium or Chrome, then run this command again."
        );
    };
    let mut command = project.command("cargo");
    command
        .args(["test", "--release", "--target=wasm32-unknown-unknown"])
        .args(CLIENT_IN_WASM)
        .args(["--test=stories", "--target-dir"])
        .arg(project.front_target())
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            "wasm-bindgen-test-runner",
        )
        .env("CHROMEDRIVER", driver)
        .env(TEST_ORIGIN, &server.origin);
    run(label, &mut command, tally::of_cargo_test)
}

/// The stories in browsers and the wire contract with stock programs, on the release build.
pub fn end2end(project: &Project) -> Result<Tally> {
    let directory = project.root.join("end2end");
    let summary = directory.join("test-results/summary.json");
    // Numbers of an earlier run must not pass for this one's.
    if summary.exists() {
        std::fs::remove_file(&summary).context("Cannot remove the last end2end summary")?;
    }
    let mut command = project.command("npx");
    command
        .args(["--no-install", "playwright", "test"])
        .current_dir(&directory)
        .env("NATTER_SERVER", project.server_program());
    run("end2end", &mut command, |_| {
        let json = std::fs::read_to_string(&summary).ok()?;
        let (tally, skipped) = tally::of_playwright(&json)?;
        if skipped > 0 {
            println!("  {skipped} skipped");
        }
        Some(tally)
    })
}

/// Runs a suite and counts. One that says nothing of itself failed as a whole.
fn run(
    label: &str,
    command: &mut Command,
    count: impl FnOnce(&Finished) -> Option<Tally>,
) -> Result<Tally> {
    let finished = child::run(label, command)?;
    let mut tally = count(&finished).unwrap_or_default();
    if !finished.success && tally.failed == 0 {
        tally.failed = 1;
    }
    if tally.failed > 0 {
        println!("{}", finished.tail(LAST_LINES));
    }
    Ok(tally)
}
