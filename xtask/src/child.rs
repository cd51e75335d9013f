//! Programs that xtask runs. Their output is kept and shown only when it matters; while they
//! run, a terminal sees their last line and a log a line every half minute.

use std::collections::VecDeque;
use std::io::{BufReader, IsTerminal, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// How often a log that nobody can redraw gets a sign of life.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// How often a terminal's live line is redrawn.
const REDRAW: Duration = Duration::from_millis(250);
/// Lines of a child's output that are kept, from the end.
const KEPT_LINES: usize = 20_000;
/// How long after a child's end its grandchildren may still write.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What a program left behind.
#[derive(Debug)]
pub struct Finished {
    /// Whether it ended with code 0.
    pub success: bool,
    /// Its output and errors, in the order in which they came, without colours.
    pub lines: VecDeque<String>,
}

impl Finished {
    /// The last lines of the output as one text.
    pub fn tail(&self, lines: usize) -> String {
        let skipped = self.lines.len().saturating_sub(lines);
        let kept: Vec<&str> = self
            .lines
            .iter()
            .skip(skipped)
            .map(String::as_str)
            .collect();
        kept.join("\n")
    }
}

/// Runs a program to its end under a label, with signs of life.
pub fn run(label: &str, command: &mut Command) -> Result<Finished> {
    let (mut child, output) = start(command)?;
    let mut progress = Progress::new(label);
    let mut lines = VecDeque::new();
    let mut ended: Option<Instant> = None;
    loop {
        match output.recv_timeout(REDRAW) {
            Ok(line) => {
                progress.heard(&line);
                if lines.len() == KEPT_LINES {
                    lines.pop_front();
                }
                lines.push_back(line);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        progress.tick();
        // A grandchild may hold the pipe open for ever: the child's end is what counts.
        if ended.is_none() && child.try_wait()?.is_some() {
            ended = Some(Instant::now());
        }
        if ended.is_some_and(|at| at.elapsed() > LAST_WORDS) {
            break;
        }
    }
    progress.clear();
    let success = child.wait()?.success();
    Ok(Finished { success, lines })
}

/// Starts a program and hands back its lines, output and errors together, as they come.
pub fn start(command: &mut Command) -> Result<(Child, Receiver<String>)> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("Cannot run `{name}`"))?;
    let (sender, receiver) = channel();
    if let Some(output) = child.stdout.take() {
        forward_lines(output, sender.clone());
    }
    if let Some(errors) = child.stderr.take() {
        forward_lines(errors, sender);
    }
    Ok((child, receiver))
}

fn forward_lines(stream: impl Read + Send + 'static, lines: Sender<String>) {
    std::thread::spawn(move || {
        let mut line = Vec::new();
        for byte in BufReader::new(stream).bytes().map_while(Result::ok) {
            match byte {
                // A carriage return starts a progress line anew: what it replaces is a line too.
                b'\n' | b'\r' => {
                    let text = plain(&String::from_utf8_lossy(&line));
                    line.clear();
                    if (byte == b'\n' || !text.is_empty()) && lines.send(text).is_err() {
                        return;
                    }
                }
                _ => line.push(byte),
            }
        }
        if !line.is_empty() {
            // Nobody may be listening any more, and then nobody misses the line.
            let _ = lines.send(plain(&String::from_utf8_lossy(&line)));
        }
    });
}

/// A line without the escape sequences that colour it.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter != '\u{1b}' {
            text.push(letter);
            continue;
        }
        match letters.next() {
            // The sequence ends with its first letter, which is part of it.
            Some('[') => {
                letters.find(|letter| ('@'..='~').contains(letter));
            }
            // The choice of a character set, which is one letter.
            Some('(') => {
                letters.next();
            }
            _ => {}
        }
    }
    text
}

/// Whether somebody watches who can see a line redrawn.
pub fn is_live() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("CI").is_none()
}

/// The signs of life of one program.
struct Progress<'a> {
    label: &'a str,
    started: Instant,
    last_line: String,
    shown: Instant,
    live: bool,
}

impl<'a> Progress<'a> {
    fn new(label: &'a str) -> Self {
        let now = Instant::now();
        Self {
            label,
            started: now,
            last_line: String::new(),
            shown: now,
            live: is_live(),
        }
    }

    fn heard(&mut self, line: &str) {
        let line = line.trim();
        if !line.is_empty() {
            self.last_line = line.to_owned();
        }
    }

    fn tick(&mut self) {
        let pause = if self.live { REDRAW } else { SIGN_OF_LIFE };
        if self.shown.elapsed() < pause {
            return;
        }
        self.shown = Instant::now();
        let text = progress_line(
            self.label,
            self.started.elapsed().as_secs(),
            &self.last_line,
        );
        if self.live {
            print!("\r\u{1b}[2K{text}");
        } else {
            println!("{text}");
        }
        flush();
    }

    fn clear(&self) {
        if self.live {
            print!("\r\u{1b}[2K");
            flush();
        }
    }
}

/// One line that fits a narrow terminal: a longer one would wrap and could not be redrawn.
fn progress_line(label: &str, seconds: u64, last_line: &str) -> String {
    format!("{label}: {seconds} s  {last_line}")
        .chars()
        .take(78)
        .collect()
}

fn flush() {
    // Losing a sign of life is no reason to stop.
    let _ = std::io::stdout().flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_out_of_lines() {
        assert_eq!(plain("\u{1b}[1m\u{1b}[32mok\u{1b}[0m done"), "ok done");
        assert_eq!(plain("\u{1b}(B\u{1b}[mplain"), "plain");
        assert_eq!(plain("cut off \u{1b}["), "cut off ");
    }

    #[test]
    fn a_progress_line_fits_a_narrow_terminal() {
        let line = progress_line("build", 12, &"x".repeat(200));
        assert!(line.starts_with("build: 12 s  xxx"));
        assert_eq!(line.chars().count(), 78);
    }

    #[test]
    fn the_tail_is_the_end_of_the_output() {
        let lines = ["one", "two", "three"].map(str::to_owned).into();
        let finished = Finished {
            success: false,
            lines,
        };
        assert_eq!(finished.tail(2), "two\nthree");
        assert_eq!(finished.tail(20), "one\ntwo\nthree");
    }

    #[cfg(unix)]
    #[test]
    fn output_and_errors_of_a_child_are_kept_and_its_failure_is_noticed() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let finished = run("test", &mut command).expect("sh runs");
        assert!(!finished.success);
        let mut lines: Vec<_> = finished.lines.into();
        lines.sort();
        assert_eq!(lines, ["err", "out"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_grandchild_that_keeps_the_output_open_does_not_keep_us() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 30 & echo done"]);
        let started = Instant::now();
        let finished = run("test", &mut command).expect("sh runs");
        assert!(finished.success);
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
