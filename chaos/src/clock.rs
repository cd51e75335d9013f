//! A clock that is an hour off, by libfaketime where it is installed
//! (<https://github.com/wolfcw/libfaketime>).

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What the server's clock is off by, in the order in which it is moved.
const OFFSETS: [&str; 4] = ["+3600", "+0", "-3600", "+0"];

/// The library, found to work.
#[derive(Clone, Debug)]
pub struct Clock {
    preload: PathBuf,
    moved: usize,
}

impl Clock {
    /// Looks for the library, and tries it.
    pub fn find() -> Option<Self> {
        let names = ["libfaketimeMT.so.1", "libfaketime.so.1"];
        let library = folders()
            .into_iter()
            .flat_map(|folder| names.map(|name| folder.join(name)))
            .find(|library| library.is_file() && works(library))?;
        Some(Self {
            preload: library,
            moved: 0,
        })
    }

    /// Moves the clock of whatever is started from now on.
    pub fn turn(&mut self) {
        self.moved += 1;
    }

    /// By how much it is off, as people read it.
    pub fn offset(&self) -> Option<&'static str> {
        let moved = self.moved.checked_sub(1)?;
        OFFSETS.get(moved % OFFSETS.len()).copied()
    }

    /// Has a program live by this clock. Only the time of day is moved: timers keep running.
    pub fn apply(&self, command: &mut Command) {
        if let Some(offset) = self.offset() {
            set(command, &self.preload, offset);
        }
    }
}

fn set(command: &mut Command, library: &Path, offset: &str) {
    command
        .env("LD_PRELOAD", library)
        .env("FAKETIME", format!("{offset}s"))
        .env("DONT_FAKE_MONOTONIC", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("NO_FAKE_STAT", "1");
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = ["/usr/lib", "/usr/lib64", "/usr/local/lib"]
        .map(|folder| Path::new(folder).join("faketime"))
        .to_vec();
    // Debian keeps a folder for each architecture.
    if let Ok(entries) = std::fs::read_dir("/usr/lib") {
        folders.extend(entries.flatten().map(|entry| entry.path().join("faketime")));
    }
    folders
}

/// Whether a program that runs with the library is an hour ahead.
fn works(library: &Path) -> bool {
    let seconds = |fake: bool| -> Option<i64> {
        let mut command = Command::new("date");
        command.arg("+%s").stderr(Stdio::null());
        if fake {
            set(&mut command, library, "+3600");
        }
        let output = command.output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    match (seconds(false), seconds(true)) {
        (Some(now), Some(fake)) => (3_500..3_700).contains(&(fake - now)),
        _ => false,
    }
}
