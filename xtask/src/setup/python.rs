//! Programs from the Python registry, in an environment of their own among what is built.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::debian::{install_debian, is_debian_for_root};
use super::{Outcome, install};
use crate::project::Project;

/// What is installed there, in exactly these versions.
const LIST: &str = "tools/schemathesis.txt";

/// The program that attacks `/web` by its description.
pub fn schemathesis(project: &Project) -> PathBuf {
    program(&environment(project), "schemathesis")
}

/// Whether it was installed from the list as it is now; the list is copied at the end.
pub fn schemathesis_is_there(project: &Project) -> bool {
    let wanted = fs::read(project.root.join(LIST)).ok();
    let installed = fs::read(environment(project).join("installed.txt")).ok();
    wanted.is_some() && wanted == installed && schemathesis(project).is_file()
}

pub fn install_schemathesis(project: &Project, label: &str) -> Result<Outcome> {
    if !python_is_there(project) {
        if !is_debian_for_root(project) {
            bail!(
                "Python with its module venv is missing: install Python 3.10 or newer (on Debian python3-venv), then run this command again."
            );
        }
        install_debian(project, label, &["python3", "python3-venv"])?;
    }
    let environment = environment(project);
    let mut command = project.command("python3");
    install(
        label,
        command.args(["-m", "venv", "--clear"]).arg(&environment),
    )?;
    let python = program(&environment, "python");
    let mut command = project.command(&python.to_string_lossy());
    command
        .args(["-m", "pip", "install", "--disable-pip-version-check"])
        .args(["--requirement", LIST]);
    install(label, &mut command)?;
    fs::copy(project.root.join(LIST), environment.join("installed.txt"))
        .with_context(|| format!("Cannot write to {}", environment.display()))?;
    Ok(Outcome::Installed)
}

fn environment(project: &Project) -> PathBuf {
    project.target.join("schemathesis")
}

fn program(environment: &Path, name: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    environment
        .join(folder)
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Debian's Python has a venv that cannot make an environment until a package of its own is there.
fn python_is_there(project: &Project) -> bool {
    let asked = project
        .command("python3")
        .args(["-c", "import ensurepip, venv"])
        .output();
    asked.is_ok_and(|output| output.status.success())
}
