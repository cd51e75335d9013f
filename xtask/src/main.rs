//! The project's commands: `cargo xtask serve`, `cargo xtask test`, and what they are made of.
//! Everything here runs on a developer's machine and in CI; nothing of it is shipped.

/// Natter beside its peers.
mod bench;
/// Bytes of a first visit and of the Socket.IO client, and memory of the idle server, against what
/// they may be.
mod budget;
/// Everything that can go wrong around a server, and an audit afterwards.
mod chaos;
/// Programs that xtask runs: their output kept, signs of life shown.
mod child;
/// Fuzzing of the Socket.IO client.
mod fuzz;
/// One HTTP request, enough to ask a server of this machine.
mod http;
/// A throw-away PostgreSQL.
mod postgres;
/// Where the project's things are: root, build directory, programs.
mod project;
/// The proofs that the security document names.
#[cfg(test)]
mod security_document;
/// Build and run: `serve` and `watch`.
mod serve;
/// A server in the background, with data of its own.
mod server;
/// Tools that the other commands need, installed where they are missing.
mod setup;
/// Every test there is, phase by phase.
mod test;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::setup::Purpose;

const HELP: &str = "\
The project's commands:

  cargo xtask serve [-- ARGUMENTS]  Install what is missing, build the release, run the server
                                    (ARGUMENTS go to the server; --help explains them)
  cargo xtask watch                 Build for development, run, and build anew on every change
  cargo xtask test [PHASE...]       Run every test, or only the phases named:
                                    lint, build, unit, postgres, doc, official, wasm, fuzz,
                                    openapi, chaos, budget, end2end
  cargo xtask postgres -- COMMAND   Run a command with a throw-away PostgreSQL, whose address is in
                                    NATTER_TEST_DATABASE_URL and the command that restarts it, a
                                    JSON array, in NATTER_TEST_DATABASE_RESTART
  cargo xtask chaos [ARGUMENTS]     Let everything go wrong around a server for three minutes, or
                                    --hours; audit what is left (--help explains the arguments)
  cargo xtask bench [NAME...]       Measure Natter beside its peers, all of it or what is named,
                                    and write bench/RESULTS.md (--help explains the names)
  cargo xtask fuzz [INPUTS]         Try inputs on the Socket.IO client: ten million, or so many
  cargo xtask components            Build the page of all components, of which `end2end` takes pictures
  cargo xtask budget                Weigh a first visit and the idle server (after a build)
  cargo xtask setup [--browsers]    Install the tools of all commands, and nothing else;
                                    with --browsers also what the browser tests need";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<ExitCode> {
    match words {
        ["serve", "--", arguments @ ..] | ["serve", arguments @ ..] => {
            serve::serve(&Project::find()?, arguments)
        }
        ["watch"] => serve::watch(&Project::find()?),
        ["components"] => serve::components(&Project::find()?),
        ["test", phases @ ..] => test::test(&Project::find()?, phases),
        ["chaos", "--", arguments @ ..] | ["chaos", arguments @ ..] => {
            chaos::chaos(&Project::find()?, arguments)
        }
        ["bench", "--", arguments @ ..] | ["bench", arguments @ ..] => {
            bench::bench(&Project::find()?, arguments)
        }
        ["postgres", "--", command @ ..] | ["postgres", command @ ..] => {
            postgres::run_with(&Project::find()?, command)
        }
        ["fuzz", inputs @ ..] => {
            let inputs = match inputs {
                [] => 10_000_000,
                [number] => number
                    .parse()
                    .context("How many inputs is to be a number, like 10000000.")?,
                _ => bail!("`cargo xtask fuzz` takes one number at most."),
            };
            Ok(if fuzz::all(&Project::find()?, inputs)? {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        ["budget"] => {
            let report = budget::weigh(&Project::find()?)?;
            println!("{}", report.lines().join("\n"));
            Ok(if report.is_kept() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        ["setup"] => {
            setup::set_up(
                &Project::find()?,
                &[Purpose::Serve, Purpose::Test, Purpose::Databases],
            )?;
            Ok(ExitCode::SUCCESS)
        }
        ["setup", "--browsers"] => {
            setup::set_up(&Project::find()?, &Purpose::ALL)?;
            Ok(ExitCode::SUCCESS)
        }
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!(
            "There is no command `cargo xtask {}`.\n\n{HELP}",
            words.join(" ")
        ),
    }
}
