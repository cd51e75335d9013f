//! Natter beside its peers: everything built, the peers' packages installed, and measured.

use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::child;
use crate::project::Project;
use crate::serve;
use crate::setup::{self, Purpose};

/// Lines that are shown of a build that failed.
const LAST_LINES: usize = 60;

/// Builds the release and the bench, and runs it with these arguments.
pub fn bench(project: &Project, arguments: &[&str]) -> Result<ExitCode> {
    setup::set_up(project, &[Purpose::Serve, Purpose::Bench])?;
    println!("Building the release and the bench (the first time takes some minutes)");
    let mut bench = project.command("cargo");
    bench.args(["build", "--release", "--package=bench", "--package=floor"]);
    let mut angular = project.command("npm");
    angular
        .args(["run", "build"])
        .current_dir(project.root.join(setup::ANGULAR_PEER));
    for (label, mut command) in [
        ("build", serve::release_build(project)),
        ("bench: build", bench),
        ("Angular: build", angular),
    ] {
        let finished = child::run(label, &mut command)?;
        if !finished.success {
            bail!(
                "{}\nThe build failed: see its last lines above.",
                finished.tail(LAST_LINES)
            );
        }
    }
    let program = project
        .target
        .join("release")
        .join(format!("bench{}", std::env::consts::EXE_SUFFIX));
    let status = project
        .command(&program.to_string_lossy())
        .args(arguments)
        .stdin(Stdio::inherit())
        .status()
        .context("Cannot run the bench")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
