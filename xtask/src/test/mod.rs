//! Every test there is, in phases. What a phase's programs write is shown only if it fails; at
//! the end stand a table of the phases and, as the very last line, how many passed and failed.

/// Checks of what others have written that we use.
mod dependencies;
/// Checks of the sources: format, lints, CSS, types.
mod lint;
/// `/web`, attacked by what its description says.
mod openapi;
/// Suites of tests, each with its own program.
mod suites;
/// Numbers: what suites say about themselves, and the table at the end.
mod tally;

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Result, bail};

use crate::budget;
use crate::chaos;
use crate::child;
use crate::fuzz::{self, Amount, Fuzzers};
use crate::project::Project;
use crate::serve;
use crate::setup::{self, Purpose};
pub use suites::NATIVE_WORKSPACE;
use tally::{Row, Tally};

/// Lines that are shown of a program that failed. Enough for several failed tests.
const LAST_LINES: usize = 400;

/// A group of tests, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Lint,
    Build,
    Unit,
    Postgres,
    Doc,
    Official,
    Wasm,
    Fuzz,
    OpenApi,
    Chaos,
    Budget,
    End2End,
}

const PHASES: [Phase; 12] = [
    Phase::Lint,
    Phase::Build,
    Phase::Unit,
    Phase::Postgres,
    Phase::Doc,
    Phase::Official,
    Phase::Wasm,
    Phase::Fuzz,
    Phase::OpenApi,
    Phase::Chaos,
    Phase::Budget,
    Phase::End2End,
];

/// Runs the phases of these names, or all of them.
pub fn test(project: &Project, names: &[&str]) -> Result<ExitCode> {
    let phases = chosen(names)?;
    let mut rows = Vec::new();
    let started = Instant::now();
    setup::set_up(project, &purposes(&phases))?;
    rows.push(Row {
        phase: "setup",
        seconds: started.elapsed().as_secs_f64(),
        tally: Tally::default(),
    });
    for phase in phases {
        println!("\n{}", phase.name());
        let started = Instant::now();
        let tally = phase.run(project).unwrap_or_else(|error| {
            println!("{error:#}");
            Tally::ONE_FAILED
        });
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "{}: {} passed, {} failed in {seconds:.1} s",
            phase.name(),
            tally.passed,
            tally.failed
        );
        rows.push(Row {
            phase: phase.name(),
            seconds,
            tally,
        });
        if phase == Phase::Build && tally.failed > 0 {
            println!("Nothing that comes after the build can run without it.");
            break;
        }
    }
    println!("\n{}", tally::table(&rows));
    let total = tally::total(&rows);
    println!("\n{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The phases of these names in the order in which they make sense.
fn chosen(names: &[&str]) -> Result<Vec<Phase>> {
    let known = PHASES.map(Phase::name);
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        bail!(
            "There is no phase `{unknown}`; the phases are {}.",
            known.join(", ")
        );
    }
    let wanted = |phase: &Phase| names.is_empty() || names.contains(&phase.name());
    Ok(PHASES.into_iter().filter(wanted).collect())
}

fn purposes(phases: &[Phase]) -> Vec<Purpose> {
    let any = |some: &[Phase]| phases.iter().any(|phase| some.contains(phase));
    let mut purposes = Vec::new();
    if any(&[Phase::Build]) {
        purposes.push(Purpose::Serve);
    }
    if any(&[Phase::Lint, Phase::Unit, Phase::Official]) {
        purposes.push(Purpose::Test);
    }
    if any(&[Phase::Postgres]) {
        purposes.push(Purpose::Databases);
    }
    if any(&[Phase::Chaos]) {
        purposes.push(Purpose::Chaos);
    }
    if any(&[Phase::OpenApi]) {
        purposes.push(Purpose::OpenApi);
    }
    if any(&[Phase::Official, Phase::Wasm, Phase::End2End]) {
        purposes.push(Purpose::Browsers);
    }
    purposes
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Build => "build",
            Self::Unit => "unit",
            Self::Postgres => "postgres",
            Self::Doc => "doc",
            Self::Official => "official",
            Self::Wasm => "wasm",
            Self::Fuzz => "fuzz",
            Self::OpenApi => "openapi",
            Self::Chaos => "chaos",
            Self::Budget => "budget",
            Self::End2End => "end2end",
        }
    }

    fn run(self, project: &Project) -> Result<Tally> {
        match self {
            Self::Lint => lint::all(project),
            Self::Build => build(project),
            Self::Unit => suites::unit(project),
            Self::Postgres => suites::postgres(project),
            Self::Doc => suites::doc(project),
            Self::Official => suites::official(project),
            Self::Wasm => suites::wasm(project),
            Self::Fuzz => fuzz(project),
            Self::OpenApi => openapi::all(project),
            Self::Chaos => chaos(project),
            Self::Budget => weigh(project),
            Self::End2End => suites::end2end(project),
        }
    }
}

/// What people get, and the page of components as developers have it.
fn build(project: &Project) -> Result<Tally> {
    let mut sum = check("release", &mut serve::release_build(project))?;
    sum += check("page of components", &mut serve::components_build(project))?;
    Ok(sum)
}

/// Every fuzzer's corpus, and a minute of new inputs together.
fn fuzz(project: &Project) -> Result<Tally> {
    const SECONDS_EACH: u32 = 20;
    let fuzzers = Fuzzers::build(project)?;
    let mut sum = Tally::default();
    for name in fuzz::TARGETS {
        sum += if fuzzers.run(project, name, Amount::Seconds(SECONDS_EACH))? {
            Tally::ONE_PASSED
        } else {
            Tally::ONE_FAILED
        };
    }
    Ok(sum)
}

/// Three minutes in which everything goes wrong; its table is shown in any case, for the seed.
fn chaos(project: &Project) -> Result<Tally> {
    let finished = chaos::tested(project)?;
    if !finished.success {
        println!("{}", finished.tail(LAST_LINES));
        return Ok(Tally::ONE_FAILED);
    }
    let table = finished.lines.iter().filter(|line| line.starts_with("  "));
    for line in table {
        println!("{line}");
    }
    Ok(Tally::ONE_PASSED)
}

fn weigh(project: &Project) -> Result<Tally> {
    let report = budget::weigh(project)?;
    println!("  {}", report.lines().join("\n  "));
    let (passed, failed) = report.kept_and_broken();
    Ok(Tally { passed, failed })
}

/// One check that passes when its program ends well.
fn check(label: &str, command: &mut Command) -> Result<Tally> {
    let started = Instant::now();
    let finished = child::run(label, command)?;
    let seconds = started.elapsed().as_secs_f64();
    if finished.success {
        println!("  {label}: passed in {seconds:.1} s");
        Ok(Tally::ONE_PASSED)
    } else {
        println!("{}", finished.tail(LAST_LINES));
        println!("  {label}: failed in {seconds:.1} s");
        Ok(Tally::ONE_FAILED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_names_every_phase_runs_in_order() {
        assert_eq!(chosen(&[]).expect("nothing unknown"), PHASES);
    }

    #[test]
    fn named_phases_run_in_their_own_order_and_unknown_ones_are_refused() {
        assert_eq!(
            chosen(&["end2end", "build"]).expect("both are known"),
            [Phase::Build, Phase::End2End]
        );
        let refusal = chosen(&["build", "units"]).expect_err("it is unknown");
        assert!(refusal.to_string().contains("no phase `units`"));
    }

    #[test]
    fn only_phases_that_need_a_browser_ask_for_one() {
        assert_eq!(purposes(&[Phase::Unit]), [Purpose::Test]);
        assert!(purposes(&[Phase::End2End]).contains(&Purpose::Browsers));
        assert_eq!(purposes(&PHASES), Purpose::ALL);
    }
}
