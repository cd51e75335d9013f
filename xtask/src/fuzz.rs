//! Fuzzing of the Socket.IO client's codecs and state machines: libFuzzer makes inputs, guided by
//! the instrumentation that LLVM adds.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::child;
use crate::project::Project;

/// The fuzzers, and the directories of their corpora.
pub const TARGETS: [&str; 3] = ["frames", "session", "connection"];

/// What LLVM's SanitizerCoverage adds, in flags that a stable compiler takes.
/// <https://clang.llvm.org/docs/SanitizerCoverage.html>
const INSTRUMENTED: &str = "--cfg=fuzzing -Cpasses=sancov-module -Ccodegen-units=1 \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Most memory of a fuzzer, in MiB, and most seconds for one input: growth without bounds and loops
/// without end count as failures.
const LIMITS: [&str; 2] = ["-rss_limit_mb=1024", "-timeout=5"];
/// Longest input, in bytes.
const LONGEST: &str = "-max_len=4096";
/// Lines that are shown of a fuzzer that failed.
const LAST_LINES: usize = 60;

/// How long one fuzzer is at it.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
    /// After its corpus, so many seconds.
    Seconds(u32),
    /// So many inputs.
    Runs(u64),
}

/// The programs of all fuzzers, built.
pub struct Fuzzers {
    directory: PathBuf,
    programs: PathBuf,
    found: PathBuf,
}

impl Fuzzers {
    /// Builds them, apart from everything else: with their flags nothing could be shared.
    pub fn build(project: &Project) -> Result<Self> {
        let directory = project.root.join("socketio-client/fuzz");
        let target = project.target.join("fuzz");
        let host = host(project)?;
        let mut command = project.command("cargo");
        command
            .args(["build", "--release", "--locked", "--target", &host])
            .arg("--target-dir")
            .arg(&target)
            .current_dir(&directory)
            .env("RUSTFLAGS", INSTRUMENTED);
        let built = child::run("fuzz: build", &mut command)?;
        if !built.success {
            bail!("{}\nThe fuzzers cannot be built.", built.tail(LAST_LINES));
        }
        Ok(Self {
            directory,
            programs: target.join(host).join("release"),
            found: target.join("found"),
        })
    }

    /// Replays a fuzzer's corpus, then tries new inputs; says whether all went well.
    pub fn run(&self, project: &Project, name: &str, amount: Amount) -> Result<bool> {
        // What it finds of interest goes where nobody commits it.
        let found = self.found.join(name);
        std::fs::create_dir_all(&found).context("Cannot keep what a fuzzer finds")?;
        let corpus = self.directory.join("corpus").join(name);
        let mut artifacts = self.found.join("failed-").into_os_string();
        artifacts.push(name);
        artifacts.push("-");
        let mut prefix = std::ffi::OsString::from("-artifact_prefix=");
        prefix.push(&artifacts);
        let mut command = project.command(&path_of(&self.programs.join(name))?);
        command.args(LIMITS).arg(LONGEST).arg(prefix);
        command.arg(match amount {
            Amount::Seconds(seconds) => format!("-max_total_time={seconds}"),
            Amount::Runs(runs) => format!("-runs={runs}"),
        });
        command.arg(found).arg(corpus);
        let finished = child::run(&format!("fuzz: {name}"), &mut command)?;
        if finished.success {
            let last = finished.lines.iter().rev();
            let done = last
                .map(String::as_str)
                .find(|line| line.starts_with("Done"));
            println!("  {name}: {}", done.unwrap_or("done"));
        } else {
            println!("{}", finished.tail(LAST_LINES));
            println!("  {name}: failed");
        }
        Ok(finished.success)
    }
}

/// Every fuzzer, for an equal part of so many inputs.
pub fn all(project: &Project, runs: u64) -> Result<bool> {
    let fuzzers = Fuzzers::build(project)?;
    let part = runs.div_ceil(TARGETS.len() as u64);
    let mut well = true;
    for name in TARGETS {
        well &= fuzzers.run(project, name, Amount::Runs(part))?;
    }
    Ok(well)
}

/// What this machine's compiler compiles for. Named to cargo, so that build scripts and macros are
/// not instrumented.
fn host(project: &Project) -> Result<String> {
    let asked = project.command("rustc").arg("-vV").output()?;
    let answer = String::from_utf8_lossy(&asked.stdout);
    let host = answer.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .context("rustc does not say what it compiles for.")
}

fn path_of(path: &Path) -> Result<String> {
    path.to_str()
        .map(str::to_owned)
        .context("The path of the build directory is no text.")
}
