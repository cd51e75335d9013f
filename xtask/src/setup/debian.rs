//! Packages of Debian, which root installs without being asked anything.

use std::path::Path;

use anyhow::Result;

use super::{Outcome, install};
use crate::project::Project;

/// Installs packages and what they need, and nothing that they would like.
pub fn install_debian(project: &Project, label: &str, packages: &[&str]) -> Result<Outcome> {
    // A stale list of packages may still do, so only the installation has to succeed.
    if let Err(error) = install(label, project.command("apt-get").arg("update")) {
        println!("{error:#}");
    }
    let mut command = project.command("apt-get");
    command
        .args(["install", "-y", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // The tests start their own servers: a package must not start one on the usual port.
        .env("SYSTEMD_OFFLINE", "1");
    install(label, &mut command)?;
    Ok(Outcome::Installed)
}

/// Whether packages can be installed without asking anybody.
pub fn is_debian_for_root(project: &Project) -> bool {
    let is_root = || {
        let asked = project.command("id").arg("-u").output();
        asked.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
    };
    Path::new("/etc/debian_version").exists() && project.program("apt-get").is_some() && is_root()
}
