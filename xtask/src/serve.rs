//! Build and run: `serve` for the release as people get it, `watch` for development.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::child;
use crate::project::Project;
use crate::setup::{self, Purpose};

/// Lines that are shown of a build that failed.
const LAST_LINES: usize = 60;

/// Installs what is missing, builds the release and becomes the server.
pub fn serve(project: &Project, arguments: &[&str]) -> Result<ExitCode> {
    setup::set_up(project, &[Purpose::Serve])?;
    println!("Building the release (the first time takes some minutes)");
    let finished = child::run("build", &mut release_build(project))?;
    if !finished.success {
        bail!(
            "{}\nThe build failed: see its last lines above.",
            finished.tail(LAST_LINES)
        );
    }
    let mut server = Command::new(project.server_program());
    server.args(arguments).current_dir(&project.root);
    become_program(server)
}

/// Installs what is missing and hands over to cargo-leptos.
pub fn watch(project: &Project) -> Result<ExitCode> {
    setup::set_up(project, &[Purpose::Serve])?;
    let mut command = project.command("cargo");
    command
        .args(["leptos", "watch"])
        .stdin(std::process::Stdio::inherit());
    become_program(command)
}

/// The build of client and server as people get it, with compressed files beside the plain ones.
pub fn release_build(project: &Project) -> Command {
    let mut command = project.command("cargo");
    command
        .args(["leptos", "build", "--release", "--split", "--precompress"])
        // Its own stack is of no use to anybody whose code does not compile.
        .env("RUST_BACKTRACE", "0");
    command
}

/// The client as in development, with its page of components, in a folder of its own: the stories take pictures
/// of it, and the release beside it stays as it is.
pub fn components_build(project: &Project) -> Command {
    let mut command = project.command("cargo");
    command
        .args(["leptos", "build", "--frontend-only"])
        .env("LEPTOS_SITE_ROOT", project.target.join("components/site"))
        .env("LEPTOS_HASH_FILES", "false")
        .env("RUST_BACKTRACE", "0");
    command
}

/// Builds the page of components.
pub fn components(project: &Project) -> Result<ExitCode> {
    setup::set_up(project, &[Purpose::Serve])?;
    let finished = child::run("components", &mut components_build(project))?;
    if !finished.success {
        bail!(
            "{}\nThe build failed: see its last lines above.",
            finished.tail(LAST_LINES)
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The program takes this one's place, so that signals and its exit code need nobody between.
#[cfg(unix)]
fn become_program(mut command: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;

    let error = command.exec();
    Err(error).with_context(|| format!("Cannot run {}", command.get_program().to_string_lossy()))
}

#[cfg(not(unix))]
fn become_program(mut command: Command) -> Result<ExitCode> {
    let status = command
        .status()
        .with_context(|| format!("Cannot run {}", command.get_program().to_string_lossy()))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
