//! Chromium, Firefox and what else the browser tests start. On Debian they are packages; on
//! other systems Playwright brings the browsers, and the rest is explained.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::debian::{install_debian, is_debian_for_root};
use super::{Outcome, install};
use crate::project::Project;

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];
const FIREFOX: &[&str] = &["firefox-esr", "firefox"];
/// Not on the PATH of everybody, and there all the same.
const SYSTEM_PROGRAMS: &[&str] = &["/usr/sbin", "/usr/local/sbin"];

pub fn browsers_are_there(project: &Project) -> bool {
    let of_system = |names: &[&str]| names.iter().any(|name| project.program(name).is_some());
    let named = |name: &str| std::env::var_os(name).is_some_and(|path| Path::new(&path).is_file());
    let chromium = named("NATTER_CHROMIUM") || of_system(CHROMIUM);
    let firefox = named("NATTER_FIREFOX") || of_system(FIREFOX);
    (chromium && firefox) || playwright_has_its_own(project)
}

pub fn install_browsers(project: &Project, label: &str) -> Result<Outcome> {
    if is_debian_for_root(project) {
        return install_debian(project, label, &["chromium", "firefox-esr"]);
    }
    let mut command = project.command("npx");
    command
        .args(["playwright", "install", "chromium", "firefox"])
        .current_dir(project.root.join("end2end"));
    match install(label, &mut command) {
        Ok(()) => Ok(Outcome::Installed),
        Err(error) => Err(error.context(
            "Install Chromium and Firefox from your system's packages, then run this command again.",
        )),
    }
}

/// The driver of the system's Chromium: named in CHROMEDRIVER, or found on PATH.
pub fn driver(project: &Project) -> Option<PathBuf> {
    std::env::var_os("CHROMEDRIVER")
        .map(PathBuf::from)
        .or_else(|| project.program("chromedriver"))
}

pub fn install_driver(project: &Project, label: &str) -> Result<Outcome> {
    if is_debian_for_root(project) {
        return install_debian(project, label, &["chromium-driver"]);
    }
    Ok(Outcome::Advice(
        "missing; install the chromedriver of your Chromium or Chrome, or the wasm tests fail"
            .to_owned(),
    ))
}

pub fn proxy_is_there(project: &Project) -> bool {
    ["nginx", "openssl"].iter().all(|program| {
        project.program(program).is_some()
            || SYSTEM_PROGRAMS
                .iter()
                .any(|directory| Path::new(directory).join(program).is_file())
    })
}

pub fn install_proxy(project: &Project, label: &str) -> Result<Outcome> {
    if is_debian_for_root(project) {
        return install_debian(project, label, &["nginx-light", "openssl"]);
    }
    Ok(Outcome::Advice(
        "missing; install both from your system's packages, or the tests of the deployment fail"
            .to_owned(),
    ))
}

/// Playwright alone knows where it keeps which build of its browsers.
fn playwright_has_its_own(project: &Project) -> bool {
    const QUESTION: &str = "
        import { existsSync } from 'node:fs';
        import { chromium, firefox } from '@playwright/test';
        process.exit([chromium, firefox].every((browser) => existsSync(browser.executablePath())) ? 0 : 1);";
    let asked = project
        .command("node")
        .args(["--input-type=module", "--eval", QUESTION])
        .current_dir(project.root.join("end2end"))
        .output();
    asked.is_ok_and(|output| output.status.success())
}
