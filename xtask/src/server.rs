//! A server in the background: the release build, or any program that says where it listens, on
//! a free port, with data of its own that goes when it goes.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::child;
use crate::project::Project;

/// How long a server may take to say where it listens, or to stop.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

/// A running server. Dropping it ends the process and removes its directory.
#[derive(Debug)]
pub struct Server {
    /// `http://127.0.0.1:PORT`
    pub origin: String,
    child: Child,
    output: Receiver<String>,
    _directory: Directory,
}

impl Server {
    /// Starts the release build of the chat's server with an empty database, where people sign in by
    /// name alone.
    pub fn natter(project: &Project) -> Result<Self> {
        let directory = Directory::new("server")?;
        let mut command = natter(project, &directory)?;
        Self::start(command.env("NATTER_SIGN_IN", "name"), directory)
    }

    /// The same with real accounts, and no limits on how often somebody does something. Returns the
    /// link by which its owner joins, too.
    pub fn natter_with_accounts(project: &Project) -> Result<(Self, String)> {
        let directory = Directory::new("accounts")?;
        let mut command = natter(project, &directory)?;
        command
            .env("NATTER_SIGN_IN", "account")
            .env("NATTER_RATE_LIMITS", "off");
        let server = Self::start(&mut command, directory)?;
        let link = server.wait_for(|line| line.contains("/join#").then(|| line.to_owned()))?;
        Ok((server, link))
    }

    /// Starts another program that writes its address when it listens.
    pub fn other(program: &Path) -> Result<Self> {
        let directory = Directory::new("other")?;
        Self::start(&mut Command::new(program), directory)
    }

    /// Starts a script of Node that writes its address when it listens.
    pub fn of_node(script: &Path) -> Result<Self> {
        let mut command = Command::new("node");
        Self::start(command.arg(script), Directory::new("node")?)
    }

    fn start(command: &mut Command, directory: Directory) -> Result<Self> {
        let (child, output) = child::start(command.current_dir(&directory.path))?;
        let mut server = Self {
            origin: String::new(),
            child,
            output,
            _directory: directory,
        };
        server.origin = server.wait_for(origin_in)?;
        Ok(server)
    }

    /// The operating system's number of the process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Asks the server to end and waits until it did; false if it had to be forced.
    pub fn stop(&mut self) -> Result<bool> {
        if cfg!(unix) {
            // The shell's own `kill` is there even where no program of that name is.
            let kill = format!("kill -TERM {}", self.child.id());
            Command::new("sh").args(["-c", &kill]).status()?;
            let deadline = Instant::now() + PATIENCE;
            while Instant::now() < deadline {
                if self.child.try_wait()?.is_some() {
                    return Ok(true);
                }
                std::thread::sleep(POLL);
            }
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(!cfg!(unix))
    }

    /// Waits for a line in which something is found.
    fn wait_for(&self, find: impl Fn(&str) -> Option<String>) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        let mut written = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(line) => {
                    if let Some(found) = find(&line) {
                        return Ok(found);
                    }
                    written.push(line);
                }
                Err(RecvTimeoutError::Timeout) => bail!(
                    "The server did not say what was waited for. It wrote:\n{}",
                    written.join("\n")
                ),
                Err(RecvTimeoutError::Disconnected) => bail!(
                    "The server ended at once. It wrote:\n{}",
                    written.join("\n")
                ),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already, and then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The release build of the chat's server, with data of its own.
fn natter(project: &Project, directory: &Directory) -> Result<Command> {
    let program = project.server_program();
    if !program.is_file() {
        bail!(
            "There is no server at {}: build it with `cargo xtask test build`.",
            program.display()
        );
    }
    let mut command = Command::new(program);
    // Nothing of the person's own configuration may reach it.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let configures = ["NATTER_", "LEPTOS_"].iter().any(|p| text.starts_with(p));
        if configures || text == "DATABASE_URL" || text == "RUST_LOG" {
            command.env_remove(&name);
        }
    }
    command
        .env("NATTER_ADDR", "127.0.0.1:0")
        .env("NATTER_DATA_DIR", directory.path.join("data"));
    Ok(command)
}

/// The address in a line such as `Natter is running at http://127.0.0.1:3000`.
fn origin_in(line: &str) -> Option<String> {
    let start = line.find("http://")?;
    let address: String = line[start + "http://".len()..]
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || ".:-[]".contains(*letter))
        .collect();
    let address = address.trim_end_matches(['.', ':']);
    let (_, port) = address.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    Some(format!("http://{address}"))
}

/// A temporary directory that goes with its owner.
#[derive(Debug)]
struct Directory {
    path: PathBuf,
}

impl Directory {
    fn new(name: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("natter-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path)
            .with_context(|| format!("Cannot create the directory {}", path.display()))?;
        Ok(Self { path })
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What cannot be removed lies among temporary files and does no harm there.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_line_that_announces_it() {
        let origin = |line| origin_in(line);
        let expected = Some("http://127.0.0.1:41234".to_owned());
        assert_eq!(
            origin("Natter is running at http://127.0.0.1:41234"),
            expected
        );
        assert_eq!(
            origin("Listening on http://127.0.0.1:41234/socket.io/"),
            expected
        );
        assert_eq!(
            origin("Open http://127.0.0.1:41234. Then sign in."),
            expected
        );
        assert_eq!(origin("See http://example.org for help"), None);
        assert_eq!(origin("Starting"), None);
    }
}
