//! Starts load processes, and reads what became of it.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{
    job::{Job, Load, Outcome},
    machine::{self, Seat},
    server::Server,
};

/// A load process that runs.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Driver {
    pub fn start(server: &Server, signs_in: bool, load: Load) -> Result<Self> {
        let job = Job {
            origin: server.origin.clone(),
            signs_in,
            load,
        };
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["load", &serde_json::to_string(&job)?])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = machine::seated(Seat::Load, || Ok(command.spawn()?))?;
        let input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        Ok(Self {
            child,
            input,
            output,
        })
    }

    /// Waits until it says a word.
    pub fn hear(&mut self, word: &str) -> Result<()> {
        let line = self.line()?;
        if line.trim() != word {
            bail!("The load says {line:?} instead of {word}.");
        }
        Ok(())
    }

    pub fn tell(&mut self, word: &str) -> Result<()> {
        Ok(writeln!(self.input, "{word}")?)
    }

    /// Waits until it is done.
    pub fn outcome(mut self) -> Result<Outcome> {
        let line = self.line()?;
        let outcome: Outcome = serde_json::from_str(&line)?;
        self.child.wait()?;
        if let Some(failure) = outcome.failures.first() {
            bail!("The load failed: {failure}");
        }
        Ok(outcome)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("The load process has ended: {}", self.child.wait()?);
        }
        Ok(line)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
