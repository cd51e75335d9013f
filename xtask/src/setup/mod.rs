//! Tools that the project's commands need. Each is looked for first; what is missing is
//! installed from package registries, the quickest way that this machine offers.

/// Browsers, their driver and what else the browser tests start.
mod browsers;
/// Programs from the Rust registry.
mod cargo_tools;
/// PostgreSQL.
mod databases;
/// Packages of Debian.
mod debian;
/// Node, and packages from npm.
mod npm;
/// Programs from the Python registry.
mod python;

use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::child;
use crate::postgres;
use crate::project::Project;

/// The server that Natter is measured against.
const NODE_PEER: &str = "bench/peers/node";
/// The same screens in Angular.
pub const ANGULAR_PEER: &str = "bench/peers/angular";
/// Lines that are shown of a child that failed.
const LAST_LINES: usize = 20;

/// What the tools are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To build and run.
    Serve,
    /// To run tests and checks that need no browser.
    Test,
    /// To run tests on PostgreSQL.
    Databases,
    /// To let everything go wrong.
    Chaos,
    /// To attack `/web` by its description.
    OpenApi,
    /// To run tests in browsers.
    Browsers,
    /// To measure Natter beside its peers.
    Bench,
}

impl Purpose {
    /// Everything that tests want.
    pub const ALL: [Self; 6] = [
        Self::Serve,
        Self::Test,
        Self::Databases,
        Self::Chaos,
        Self::OpenApi,
        Self::Browsers,
    ];
}

/// One thing that has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Node,
    WasmTarget,
    CargoLeptos,
    WasmBindgen,
    NpmTools,
    Nextest,
    End2EndPackages,
    NodePeer,
    AngularPeer,
    Postgres,
    CargoDeny,
    FalseClock,
    Schemathesis,
    Browsers,
    BrowserDriver,
    Proxy,
}

/// How a tool came to be there, in words that end its line.
enum Outcome {
    Installed,
    /// It is missing and only a few tests want it: what to do, in a sentence.
    Advice(String),
}

/// Makes sure that everything for these purposes is there, and says what it does.
pub fn set_up(project: &Project, purposes: &[Purpose]) -> Result<()> {
    let tools = tools_for(purposes);
    for (index, tool) in tools.iter().enumerate() {
        let name = tool.name(project)?;
        let label = format!("[{}/{}] {name}", index + 1, tools.len());
        if tool.is_there(project)? {
            println!("{label}: ready");
            continue;
        }
        let started = Instant::now();
        println!("{label}: {}", tool.announcement());
        match tool.install(project, &label)? {
            Outcome::Advice(sentence) => println!("{label}: {sentence}"),
            // A tool that is still not found would fail later, with a message that helps less.
            Outcome::Installed if !tool.is_there(project)? => {
                bail!(
                    "{name} was installed but cannot be found: is the directory where it went on PATH?"
                )
            }
            Outcome::Installed => {
                println!("{label}: installed in {} s", started.elapsed().as_secs());
            }
        }
    }
    Ok(())
}

fn tools_for(purposes: &[Purpose]) -> Vec<Tool> {
    let mut tools = vec![Tool::Node, Tool::WasmTarget];
    for purpose in purposes {
        tools.extend(match purpose {
            Purpose::Serve => &[Tool::CargoLeptos, Tool::WasmBindgen, Tool::NpmTools][..],
            Purpose::Test => &[
                Tool::NpmTools,
                Tool::Nextest,
                Tool::CargoDeny,
                Tool::End2EndPackages,
            ],
            Purpose::Databases => &[Tool::Nextest, Tool::Postgres],
            Purpose::Chaos => &[Tool::FalseClock],
            Purpose::OpenApi => &[Tool::Schemathesis],
            Purpose::Browsers => &[
                Tool::WasmBindgen,
                Tool::End2EndPackages,
                Tool::Browsers,
                Tool::BrowserDriver,
                Tool::Proxy,
            ],
            Purpose::Bench => &[
                Tool::NpmTools,
                Tool::NodePeer,
                Tool::AngularPeer,
                Tool::End2EndPackages,
                Tool::Browsers,
            ],
        });
    }
    let mut seen = Vec::new();
    tools.retain(|tool| {
        let new = !seen.contains(tool);
        seen.push(*tool);
        new
    });
    tools
}

impl Tool {
    fn name(self, project: &Project) -> Result<String> {
        Ok(match self {
            Self::Node => format!("Node {} or newer", npm::OLDEST_NODE),
            Self::WasmTarget => "Rust for wasm32-unknown-unknown".to_owned(),
            Self::CargoLeptos => format!("cargo-leptos {}", cargo_tools::CARGO_LEPTOS),
            Self::WasmBindgen => {
                format!("wasm-bindgen {}", project.locked_version("wasm-bindgen")?)
            }
            Self::NpmTools => "packages of tools/".to_owned(),
            Self::Nextest => "cargo-nextest".to_owned(),
            Self::End2EndPackages => "packages of end2end/".to_owned(),
            Self::NodePeer => format!("packages of {NODE_PEER}/"),
            Self::AngularPeer => format!("packages of {ANGULAR_PEER}/"),
            Self::Postgres => "PostgreSQL".to_owned(),
            Self::CargoDeny => "cargo-deny".to_owned(),
            Self::FalseClock => "libfaketime".to_owned(),
            Self::Schemathesis => "schemathesis".to_owned(),
            Self::Browsers => "Chromium and Firefox".to_owned(),
            Self::BrowserDriver => "chromedriver".to_owned(),
            Self::Proxy => "nginx and openssl".to_owned(),
        })
    }

    fn is_there(self, project: &Project) -> Result<bool> {
        match self {
            Self::Node => Ok(npm::node_is_there(project)),
            Self::WasmTarget => Ok(cargo_tools::wasm_target_is_there(project)),
            Self::CargoLeptos => Ok(cargo_tools::cargo_leptos_is_there(project)),
            Self::WasmBindgen => cargo_tools::wasm_bindgen_is_there(project),
            Self::NpmTools => Ok(npm::packages_are_there(&project.root.join("tools"))),
            Self::Nextest => Ok(cargo_tools::nextest_is_there(project)),
            Self::End2EndPackages => Ok(npm::packages_are_there(&project.root.join("end2end"))),
            Self::NodePeer => Ok(npm::packages_are_there(&project.root.join(NODE_PEER))),
            Self::AngularPeer => Ok(npm::packages_are_there(&project.root.join(ANGULAR_PEER))),
            Self::Postgres => Ok(postgres::is_there(project)),
            Self::CargoDeny => Ok(cargo_tools::cargo_deny_is_there(project)),
            Self::FalseClock => Ok(project.program("faketime").is_some()),
            Self::Schemathesis => Ok(python::schemathesis_is_there(project)),
            Self::Browsers => Ok(browsers::browsers_are_there(project)),
            Self::BrowserDriver => Ok(browsers::driver(project).is_some()),
            Self::Proxy => Ok(browsers::proxy_is_there(project)),
        }
    }

    fn announcement(self) -> &'static str {
        match self {
            Self::CargoLeptos => "installing (about 10 minutes where it has to be compiled)",
            Self::WasmBindgen => "installing (about 2 minutes where it has to be compiled)",
            Self::Nextest => "installing (about 5 minutes where it has to be compiled)",
            Self::CargoDeny => "installing (about a minute where it has to be compiled)",
            _ => "installing",
        }
    }

    fn install(self, project: &Project, label: &str) -> Result<Outcome> {
        match self {
            Self::Node => npm::explain_node(),
            Self::WasmTarget => cargo_tools::install_wasm_target(project, label),
            Self::CargoLeptos => cargo_tools::install_cargo_leptos(project, label),
            Self::WasmBindgen => cargo_tools::install_wasm_bindgen(project, label),
            Self::NpmTools => npm::install_packages(project, label, "tools"),
            Self::Nextest => cargo_tools::install_nextest(project, label),
            Self::End2EndPackages => npm::install_packages(project, label, "end2end"),
            Self::NodePeer => npm::install_packages(project, label, NODE_PEER),
            Self::AngularPeer => npm::install_packages(project, label, ANGULAR_PEER),
            Self::Postgres => databases::install_postgres(project, label),
            Self::CargoDeny => cargo_tools::install_cargo_deny(project, label),
            Self::FalseClock => install_false_clock(project, label),
            Self::Schemathesis => python::install_schemathesis(project, label),
            Self::Browsers => browsers::install_browsers(project, label),
            Self::BrowserDriver => browsers::install_driver(project, label),
            Self::Proxy => browsers::install_proxy(project, label),
        }
    }
}

/// Without it everything else goes wrong all the same, and the table says that clocks did not.
fn install_false_clock(project: &Project, label: &str) -> Result<Outcome> {
    if !debian::is_debian_for_root(project) {
        return Ok(Outcome::Advice(
            "missing; install faketime from your system's packages to move clocks too".to_owned(),
        ));
    }
    debian::install_debian(project, label, &["faketime"])
}

/// The program that attacks `/web` by its description.
pub fn schemathesis(project: &Project) -> std::path::PathBuf {
    python::schemathesis(project)
}

/// The driver of the system's Chromium, which runs wasm tests.
pub fn browser_driver(project: &Project) -> Option<std::path::PathBuf> {
    browsers::driver(project)
}

/// Runs one installing program. What it wrote last goes into the error if it fails.
fn install(label: &str, command: &mut Command) -> Result<()> {
    let finished = child::run(label, command)?;
    if finished.success {
        return Ok(());
    }
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect();
    bail!(
        "{}\n{label}: `{}` failed. Put right what its last lines above say, then run this command again.",
        finished.tail(LAST_LINES),
        words.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serving_wants_no_test_tools() {
        let tools = tools_for(&[Purpose::Serve]);
        assert!(tools.contains(&Tool::CargoLeptos));
        assert!(!tools.contains(&Tool::Nextest));
        assert!(!tools.contains(&Tool::Postgres));
        assert!(!tools.contains(&Tool::Browsers));
    }

    #[test]
    fn every_tool_is_looked_at_once_and_node_first() {
        let tools = tools_for(&Purpose::ALL);
        assert_eq!(tools[0], Tool::Node);
        for tool in &tools {
            assert_eq!(tools.iter().filter(|other| *other == tool).count(), 1);
        }
        assert_eq!(tools.len(), 14);
    }

    #[test]
    fn playwright_is_there_before_it_is_asked_for_browsers() {
        let tools = tools_for(&[Purpose::Browsers]);
        let place = |tool| tools.iter().position(|other| *other == tool);
        assert!(place(Tool::End2EndPackages) < place(Tool::Browsers));
    }
}
