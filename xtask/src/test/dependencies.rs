//! Checks of what others have written that we use: licences, where it comes from, known faults.
//! Known faults are in databases that not every machine reaches. Then a line says so, and the rest
//! is checked.

use anyhow::Result;

use super::tally::Tally;
use super::{LAST_LINES, check, child};
use crate::project::Project;

/// What cargo-deny checks without a database.
const OFFLINE: [&str; 3] = ["bans", "licenses", "sources"];

/// Every check, whatever the ones before it found.
pub fn all(project: &Project) -> Result<Tally> {
    let mut sum = crates(project)?;
    for directory in ["end2end", "tools"] {
        sum += packages(project, directory)?;
    }
    Ok(sum)
}

/// The crates, by the rules in deny.toml.
fn crates(project: &Project) -> Result<Tally> {
    let mut fetch = project.command("cargo-deny");
    let fetched = child::run("advisories", fetch.args(["fetch", "db"]))?;
    let mut command = project.command("cargo-deny");
    // Warnings are for whoever asks for them: `cargo deny check`.
    command.args(["--log-level=error", "check", "--hide-inclusion-graph"]);
    if !fetched.success {
        println!("  Advisories on crates were not checked: their database cannot be fetched.");
        command.args(OFFLINE);
    }
    check("cargo deny", &mut command)
}

/// The packages from npm in a directory.
fn packages(project: &Project, directory: &str) -> Result<Tally> {
    let label = format!("npm audit, {directory}");
    let mut command = project.command("npm");
    command
        .args(["audit", "--json"])
        .current_dir(project.root.join(directory));
    let finished = child::run(&label, &mut command)?;
    // Without an answer from the registry there is an error in place of the report.
    if !finished
        .lines
        .iter()
        .any(|line| line.contains("\"auditReportVersion\""))
    {
        println!(
            "  Advisories on packages of {directory}/ were not checked: the registry does not answer."
        );
        return Ok(Tally::default());
    }
    if finished.success {
        println!("  {label}: passed");
        return Ok(Tally::ONE_PASSED);
    }
    println!("{}", finished.tail(LAST_LINES));
    Ok(Tally::ONE_FAILED)
}
