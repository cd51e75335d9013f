//! What a first visit downloads, what of it the Socket.IO client is, and what the idle server holds,
//! against what they may be.
//! A KB is 1,000 bytes and an MB 1,000,000, which is the stricter reading of both.

/// The Socket.IO client, by itself.
mod client;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::http;
use crate::project::Project;
use crate::server::Server;

const FIRST_VISIT: u64 = 200_000;
const CLIENT: u64 = 30_000;
const IDLE_SERVER: u64 = 20_000_000;

/// How often the server's memory is read, how many readings in a row must agree, and for how long
/// they may differ.
const POLL: Duration = Duration::from_millis(250);
const AGREEING: usize = 4;
const PATIENCE: Duration = Duration::from_secs(15);

/// The figures, with those that have a budget last.
#[derive(Debug)]
pub struct Report {
    parts: Vec<(String, u64)>,
    html: u64,
    /// The Socket.IO client's part of a page.
    client: u64,
    /// None where this system does not tell.
    memory: Option<u64>,
}

/// Weighs the build that is there.
pub fn weigh(project: &Project) -> Result<Report> {
    let parts = first_visit(&project.site().join("pkg"))?;
    let mut server = Server::natter(project)?;
    let ready = http::get(&server.origin, "/ready")?;
    ensure!(
        ready.status == 200,
        "The server is not ready: /ready answered {}.",
        ready.status
    );
    let memory = settled_memory(server.process())?;
    let page = http::get(&server.origin, "/login")?;
    ensure!(
        page.status == 200,
        "/login answered {} instead of the page.",
        page.status
    );
    ensure!(
        server.stop()?,
        "The server did not stop when it was asked to (SIGTERM)."
    );
    Ok(Report {
        parts,
        html: page.body.len() as u64,
        client: client::weigh(project)?,
        memory,
    })
}

impl Report {
    /// The figures in words, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .parts
            .iter()
            .map(|(name, bytes)| format!("{name}: {}", kilobytes(*bytes)))
            .collect();
        lines.push(format!("page: {}", kilobytes(self.html)));
        lines.push(format!(
            "first visit, compressed: {} of {}",
            kilobytes(self.first_visit()),
            kilobytes(FIRST_VISIT)
        ));
        lines.push(format!(
            "the Socket.IO client in a page, compressed: {} of {}",
            kilobytes(self.client),
            kilobytes(CLIENT)
        ));
        lines.push(match self.memory {
            Some(bytes) => format!(
                "memory of the idle server: {} of {}",
                megabytes(bytes),
                megabytes(IDLE_SERVER)
            ),
            None => "memory of the idle server: measured on Linux only".to_owned(),
        });
        lines
    }

    /// How many budgets are kept and how many are not.
    pub fn kept_and_broken(&self) -> (u64, u64) {
        let memory = self.memory.map(|bytes| bytes <= IDLE_SERVER);
        let kept = [
            Some(self.first_visit() <= FIRST_VISIT),
            Some(self.client <= CLIENT),
            memory,
        ];
        let count = |wanted| kept.iter().filter(|kept| **kept == Some(wanted)).count() as u64;
        (count(true), count(false))
    }

    /// Whether nothing is over its budget.
    pub fn is_kept(&self) -> bool {
        self.kept_and_broken().1 == 0
    }

    fn first_visit(&self) -> u64 {
        self.html + self.parts.iter().map(|(_, bytes)| bytes).sum::<u64>()
    }
}

/// The compressed size of every kind of file that a first visit downloads.
fn first_visit(package: &Path) -> Result<Vec<(String, u64)>> {
    let files = files_below(package).with_context(|| {
        format!(
            "There are no pages in {}: build them with `cargo xtask test build`.",
            package.display()
        )
    })?;
    ["wasm", "js", "css"]
        .iter()
        .map(|kind| {
            let ending = format!(".{kind}.br");
            let sizes: Vec<u64> = files
                .iter()
                .filter(|(path, _)| path.to_string_lossy().ends_with(&ending) && !is_later(path))
                .map(|(_, size)| *size)
                .collect();
            if sizes.is_empty() {
                bail!(
                    "There is no {ending} file in {}: build with `cargo xtask test build`.",
                    package.display()
                );
            }
            Ok(((*kind).to_owned(), sizes.iter().sum()))
        })
        .collect()
}

/// Whether a file is one that splitting has made: the later pages, which only their visitors
/// download, and the script that would load them, in place of which there is the shell's.
fn is_later(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("split_") || name.starts_with("__wasm_split")
}

fn files_below(directory: &Path) -> std::io::Result<Vec<(PathBuf, u64)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files.extend(files_below(&entry.path())?);
        } else {
            files.push((entry.path(), entry.metadata()?.len()));
        }
    }
    Ok(files)
}

/// The resident memory of a process once it stays the same; none where the system does not tell.
fn settled_memory(process: u32) -> Result<Option<u64>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let path = format!("/proc/{process}/status");
    let deadline = Instant::now() + PATIENCE;
    let mut readings: Vec<u64> = Vec::new();
    loop {
        let status = fs::read_to_string(&path).context("The server ended while it was weighed")?;
        let bytes = resident_bytes(&status).with_context(|| format!("{path} has no VmRSS"))?;
        readings.push(bytes);
        let last = &readings[readings.len().saturating_sub(AGREEING)..];
        let settled = last.len() == AGREEING && last.iter().all(|reading| *reading == bytes);
        if settled || Instant::now() > deadline {
            return Ok(Some(bytes));
        }
        std::thread::sleep(POLL);
    }
}

fn resident_bytes(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn kilobytes(bytes: u64) -> String {
    tenths(bytes, 1_000, "KB")
}

fn megabytes(bytes: u64) -> String {
    tenths(bytes, 1_000_000, "MB")
}

/// Rounded up, so that no figure looks smaller than it is.
fn tenths(bytes: u64, unit: u64, name: &str) -> String {
    let tenths = bytes.div_ceil(unit / 10);
    match tenths % 10 {
        0 => format!("{} {name}", tenths / 10),
        rest => format!("{}.{rest} {name}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(wasm: u64, memory: Option<u64>) -> Report {
        Report {
            parts: vec![("wasm".to_owned(), wasm), ("js".to_owned(), 9_000)],
            html: 1_000,
            client: 20_000,
            memory,
        }
    }

    #[test]
    fn a_report_says_every_figure_and_its_budget() {
        assert_eq!(
            report(120_001, Some(15_200_000)).lines(),
            [
                "wasm: 120.1 KB",
                "js: 9 KB",
                "page: 1 KB",
                "first visit, compressed: 130.1 KB of 200 KB",
                "the Socket.IO client in a page, compressed: 20 KB of 30 KB",
                "memory of the idle server: 15.2 MB of 20 MB",
            ]
        );
    }

    #[test]
    fn what_is_over_its_budget_is_counted() {
        assert_eq!(
            report(190_000, Some(20_000_000)).kept_and_broken(),
            (3, 0),
            "the limit itself is allowed"
        );
        assert_eq!(report(190_001, Some(20_000_000)).kept_and_broken(), (2, 1));
        assert_eq!(report(190_001, Some(20_000_001)).kept_and_broken(), (1, 2));
        assert_eq!(report(1, None).kept_and_broken(), (2, 0));
        assert!(report(1, None).is_kept());
        assert!(!report(200_000, None).is_kept());
    }

    #[test]
    fn the_memory_is_read_from_the_status_of_a_process() {
        let status = "Name:\tnatter\nVmPeak:\t  99 kB\nVmRSS:\t   14848 kB\nThreads:\t3\n";
        assert_eq!(resident_bytes(status), Some(14_848 * 1024));
        assert_eq!(resident_bytes("Name:\tnatter\n"), None);
    }
}
