//! The server as a process: killed, stopped, frozen, replaced, and started again until it runs.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::{sync::mpsc, time::sleep};

use crate::{
    audit::{Finding, Kind},
    clock::Clock,
    random::Random,
};

/// How long a server may take to say where it listens.
const START: Duration = Duration::from_secs(30);
/// How long a server may take to stop when it is asked to.
const STOP: Duration = Duration::from_secs(20);
/// How often an end is looked for.
const LOOK: Duration = Duration::from_millis(20);
/// Pause between two starts of a server that does not stay.
const AGAIN: Duration = Duration::from_millis(250);
/// How long a server is started again and again before it counts as broken.
const BROKEN: Duration = Duration::from_secs(90);
/// Ports below those that systems give to outgoing connections, so that none of ours takes it
/// while the server is away.
const PORTS: (u64, u64) = (20_000, 31_000);

/// What the process runs with.
#[derive(Clone, Debug)]
pub struct Launch {
    pub program: PathBuf,
    pub data: PathBuf,
    /// Somewhere else than SQLite in the data directory.
    pub database_url: Option<String>,
    /// The built pages.
    pub site: Option<PathBuf>,
    /// Where copies of the program and the log go.
    pub work: PathBuf,
}

/// The server, running or not.
#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    launch: Launch,
    pub clock: Option<Clock>,
    /// The program file that runs now: each deployment has one of its own.
    program: PathBuf,
    deployments: usize,
    child: Option<Child>,
    /// What it should not have done.
    found: Arc<Mutex<Vec<Finding>>>,
}

impl Server {
    /// Chooses a port and starts it.
    pub async fn start(launch: Launch, clock: Option<Clock>, random: &mut Random) -> Result<Self> {
        let mut server = Self {
            address: free_address(random)?,
            program: launch.program.clone(),
            launch,
            clock,
            deployments: 0,
            child: None,
            found: Arc::default(),
        };
        server.bring_up().await?;
        Ok(server)
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds people, which works while it runs.
    pub fn add_people<'a>(&self, names: impl Iterator<Item = &'a str>) -> Result<()> {
        for name in names {
            let output = self.command().args(["users", "add", name]).output()?;
            if !output.status.success() {
                bail!(
                    "{name} cannot be added: {}",
                    String::from_utf8_lossy(&output.stderr)
                );
            }
        }
        Ok(())
    }

    /// kill -9.
    pub fn kill(&mut self) -> Result<()> {
        self.look();
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(&mut self) -> Result<()> {
        self.look();
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        signal(&child, "TERM")?;
        let asked = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if asked.elapsed() > STOP {
                break None;
            }
            sleep(LOOK).await;
        };
        match status {
            Some(status) if status.success() => {}
            Some(status) => self.find(format!("it was asked to stop, and ended with {status}")),
            None => {
                self.find(format!("it did not stop within {} s", STOP.as_secs()));
                child.kill()?;
                child.wait()?;
            }
        }
        Ok(())
    }

    /// Stands still for a time, as on a laptop that sleeps.
    pub async fn freeze(&mut self, lasts: Duration) -> Result<()> {
        if let Some(child) = &self.child {
            signal(child, "STOP")?;
            sleep(lasts).await;
            signal(child, "CONT")?;
        }
        Ok(())
    }

    /// Another program file takes the place of the one that runs.
    pub async fn deploy(&mut self) -> Result<()> {
        self.deployments += 1;
        let folder = self
            .launch
            .work
            .join(format!("deployment-{}", self.deployments));
        fs::create_dir_all(&folder)?;
        let program = folder.join("natter-server");
        copy(&self.launch.program, &program)?;
        // The names of the pages' files stand beside the program.
        let names = self.launch.program.with_file_name("hash.txt");
        if names.is_file() {
            copy(&names, &folder.join("hash.txt"))?;
        }
        self.stop().await?;
        let before = std::mem::replace(&mut self.program, program);
        if before != self.launch.program
            && let Some(folder) = before.parent()
        {
            // Nobody runs it any more.
            fs::remove_dir_all(folder)?;
        }
        self.bring_up().await
    }

    /// Starts it again and again until it runs.
    pub async fn bring_up(&mut self) -> Result<()> {
        let began = Instant::now();
        loop {
            match self.launch_once().await {
                Ok(()) => return Ok(()),
                // A full disk, or a database that is away: whoever watches over a service tries
                // again.
                Err(error) if began.elapsed() > BROKEN => return Err(error),
                Err(_) => sleep(AGAIN).await,
            }
        }
    }

    /// Whether it has ended without having been asked, which is a finding.
    pub fn look(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().ok()??;
        self.child = None;
        self.find(format!("it ended by itself, with {status}"));
        Some(status)
    }

    /// What it should not have done.
    pub fn findings(&self) -> Vec<Finding> {
        self.found
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn find(&self, what: String) {
        record(&self.found, what);
    }

    async fn launch_once(&mut self) -> Result<()> {
        let mut command = self.command();
        if let Some(clock) = &self.clock {
            clock.apply(&mut command);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("Cannot run {}", self.program.display()))?;
        let mut log = File::options().create(true).append(true).open(self.log())?;
        writeln!(log, "-- started as {}", child.id())?;
        let (ready, mut announced) = mpsc::unbounded_channel();
        if let Some(output) = child.stdout.take() {
            let log = log.try_clone()?;
            std::thread::spawn(move || {
                // The channel's end says that the process has closed its output: it ended.
                follow(output, log, |line| {
                    if line.contains("http://") {
                        let _ = ready.send(());
                    }
                });
            });
        }
        if let Some(errors) = child.stderr.take() {
            let found = Arc::clone(&self.found);
            std::thread::spawn(move || {
                follow(errors, log, |line| {
                    if line.contains("panicked at") {
                        record(&found, line.to_owned());
                    }
                });
            });
        }
        match tokio::time::timeout(START, announced.recv()).await {
            Ok(Some(())) => {
                self.child = Some(child);
                Ok(())
            }
            ended => {
                // It may have ended, and then there is nothing to kill.
                let _ = child.kill();
                let status = child.wait()?;
                bail!(
                    "The server did not start ({status}{}): see {}",
                    if ended.is_err() { ", too slow" } else { "" },
                    self.log().display()
                );
            }
        }
    }

    fn log(&self) -> PathBuf {
        self.launch.work.join("server.log")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // Nothing of the person's own configuration may reach it.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let configures = ["NATTER_", "LEPTOS_"].iter().any(|p| text.starts_with(p));
            if configures || text == "DATABASE_URL" || text == "RUST_LOG" {
                command.env_remove(&name);
            }
        }
        command
            .env("NATTER_ADDR", self.address.to_string())
            .env("NATTER_SIGN_IN", "name")
            .env("NATTER_DATA_DIR", &self.launch.data)
            .env("NATTER_LOG", "warn")
            .current_dir(&self.launch.work);
        if let Some(url) = &self.launch.database_url {
            command.env("DATABASE_URL", url);
        }
        if let Some(site) = &self.launch.site {
            command.env("NATTER_SITE_DIR", site);
        }
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may be gone already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn record(found: &Mutex<Vec<Finding>>, what: String) {
    found
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(Finding::new(Kind::Server, what));
}

/// Keeps what a process writes, line by line.
fn follow(stream: impl std::io::Read, mut log: File, mut heard: impl FnMut(&str)) {
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        heard(&line);
        // A log that cannot be written is missed by nobody while the run goes on.
        let _ = writeln!(log, "{line}");
    }
}

/// A file of its own with the same content: linked where that is possible.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).with_context(|| format!("Cannot copy {}", from.display()))?;
    }
    Ok(())
}

fn signal(child: &Child, name: &str) -> Result<()> {
    // The shell's own `kill` is there even where no program of that name is.
    let kill = format!("kill -{name} {}", child.id());
    let status = Command::new("sh").args(["-c", &kill]).status()?;
    if !status.success() {
        bail!("The server cannot be sent the signal {name}.");
    }
    Ok(())
}

fn free_address(random: &mut Random) -> Result<SocketAddr> {
    let (lowest, highest) = PORTS;
    // Not the seed's alone: two runs beside one another must not ask for the same ports.
    let mut random = random.part(u64::from(std::process::id()));
    for _ in 0..100 {
        let port = lowest + random.next() % (highest - lowest);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, u16::try_from(port)?));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("No port between {lowest} and {highest} is free.");
}
