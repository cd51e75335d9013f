//! The harness that makes everything go wrong: built, given a server, and run.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::child::{self, Finished};
use crate::postgres::{Durability, Postgres};
use crate::project::Project;
use crate::serve;
use crate::setup::{self, Purpose};
use crate::test::NATIVE_WORKSPACE;

/// Lines that are shown of a build that failed.
const LAST_LINES: usize = 60;
/// How long the run is that is part of the tests, its audit included.
const TEST_SECONDS: &str = "180";

/// Builds the release and the harness, and runs it with these arguments.
pub fn chaos(project: &Project, arguments: &[&str]) -> Result<ExitCode> {
    let mut purposes = vec![Purpose::Serve, Purpose::Chaos];
    if arguments.contains(&"--browsers") {
        purposes.push(Purpose::Browsers);
    }
    setup::set_up(project, &purposes)?;
    println!("Building the release and the harness (the first time takes some minutes)");
    built("build", serve::release_build(project))?;
    let mut command = harness(project)?;
    command.args(arguments).stdin(Stdio::inherit());
    // The server is one word or two: `--database postgres`, `--database=postgres`.
    let postgres = if arguments.iter().any(|word| word.ends_with("postgres")) {
        Some(Postgres::start(project, Durability::Full)?)
    } else {
        None
    };
    if let Some(postgres) = &postgres {
        postgres.lend(&mut command)?;
    }
    let status = command.status().context("Cannot run the harness")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The run that is part of the tests, on the release that is built already.
pub fn tested(project: &Project) -> Result<Finished> {
    let mut command = harness(project)?;
    command.args(["--seconds", TEST_SECONDS]);
    child::run("chaos", &mut command)
}

/// The harness, built, with everything that it has to be told.
fn harness(project: &Project) -> Result<Command> {
    let mut build = project.command("cargo");
    build
        .args(["build", "--release", "--bin=chaos"])
        .args(NATIVE_WORKSPACE);
    built("chaos: build", build)?;
    let program: PathBuf = project
        .target
        .join("release")
        .join(format!("chaos{}", std::env::consts::EXE_SUFFIX));
    let mut command = project.command(&program.to_string_lossy());
    command
        .arg("--server")
        .arg(project.server_program())
        .arg("--site")
        .arg(project.site())
        .arg("--root")
        .arg(&project.root)
        .arg("--target")
        .arg(&project.target);
    Ok(command)
}

fn built(label: &str, mut command: Command) -> Result<()> {
    let finished = child::run(label, &mut command)?;
    if !finished.success {
        bail!(
            "{}\nThe build failed: see its last lines above.",
            finished.tail(LAST_LINES)
        );
    }
    Ok(())
}
