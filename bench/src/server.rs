//! The servers that are measured: Natter and its peers, each as a process on the same processor.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use natter_server::{
    data_dir::database_file,
    storage::{Database, accounts},
};

use crate::machine::{self, Seat};

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Natter,
    /// The original's stack: a transaction for each message.
    Node,
    /// The same, where messages that came together share a transaction.
    NodeSharing,
    /// Passes messages on, and nothing else.
    Floor,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Natter => "Natter",
            Self::Node => "Node",
            Self::NodeSharing => "Node, commits shared",
            Self::Floor => "floor",
        }
    }

    pub const fn signs_in(self) -> bool {
        !matches!(self, Self::Floor)
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    child: Child,
    pub origin: String,
    data: PathBuf,
}

impl Server {
    /// Starts a server that knows `user0` to `user{people - 1}`, with its data in `folder`.
    pub async fn start(kind: Kind, folder: &Path, people: usize) -> Result<Self> {
        let data = folder.join("data");
        std::fs::create_dir_all(&data)?;
        if kind == Kind::Natter {
            let database = database(&data).await?;
            add_people(&database, people).await?;
            database.close().await?;
        }
        Self::launch(kind, data, people, 0)
    }

    fn launch(kind: Kind, data: PathBuf, people: usize, port: u16) -> Result<Self> {
        let mut command = match kind {
            Kind::Natter => {
                let mut command = Command::new(beside("natter-server")?);
                for (name, _) in std::env::vars_os() {
                    let text = name.to_string_lossy();
                    if text.starts_with("NATTER_") || text == "DATABASE_URL" {
                        command.env_remove(&name);
                    }
                }
                command
                    .env("NATTER_ADDR", format!("127.0.0.1:{port}"))
                    .env("NATTER_SIGN_IN", "name")
                    .env("NATTER_LOG", "error")
                    .env("NATTER_DATA_DIR", &data);
                command
            }
            Kind::Node | Kind::NodeSharing => {
                let script = peer("node/server.js");
                ensure!(
                    script.with_file_name("node_modules").is_dir(),
                    "The packages of bench/peers/node are missing: run `cargo xtask bench`."
                );
                let mut command = Command::new("node");
                command.arg(script);
                command.args(["--port", &port.to_string(), "--people", &people.to_string()]);
                command.arg("--data").arg(&data);
                if kind == Kind::NodeSharing {
                    command.arg("--share-commits");
                }
                command
            }
            Kind::Floor => Command::new(beside("floor")?),
        };
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        let mut child = machine::seated(Seat::Server, || {
            let program = command.get_program().to_owned();
            command
                .spawn()
                .with_context(|| format!("Cannot run {}", program.display()))
        })?;
        let output = child.stdout.take().context("no output")?;
        let mut lines = BufReader::new(output).lines();
        let address = loop {
            let line = lines.next().context("The server has ended.")??;
            if let Some(at) = line.find("http://127.0.0.1:") {
                let address = &line[at..];
                let address = address.split_whitespace().next().unwrap_or_default();
                break address.trim_end_matches(['/', '.']).to_owned();
            }
        };
        // What it says later is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self {
            kind,
            child,
            origin: address,
            data,
        })
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Kills it, and starts it again at the same address with the same data.
    pub fn restart(&mut self, people: usize) -> Result<()> {
        let port = self.origin.rsplit(':').next().context("no port")?.parse()?;
        self.child.kill()?;
        self.child.wait()?;
        *self = Self::launch(self.kind, self.data.clone(), people, port)?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The database of a Natter that does not run.
pub async fn database(data: &Path) -> Result<Database> {
    Ok(Database::open_file(&database_file(data)).await?)
}

async fn add_people(database: &Database, people: usize) -> Result<()> {
    let transaction = database.begin().await?;
    for number in 0..people {
        let name = format!("user{number}");
        accounts::insert(&transaction, accounts::New::member(&name, &name, 0)).await?;
    }
    database.commit(transaction).await?;
    Ok(())
}

/// A program of the same build.
fn beside(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let program = own.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        bail!("There is no {name} beside this program: run `cargo xtask bench`.");
    }
    Ok(program)
}

/// A file of the peers. The bench runs in the root of the project.
fn peer(path: &str) -> PathBuf {
    Path::new("bench/peers").join(path)
}
