//! Browsers beside the native clients: a script of Node drives real pages, and tells what was
//! written in them and what they show in the end.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use protocol::Username;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::{
    audit::{Kind, Lists, Page},
    ledger::Typed,
    world::World,
};

/// How long browsers may take to start, or to send what waits.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long they may take to end, and how often that is looked at.
const GOODBYE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(50);

/// What the script tells.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum News {
    Ready,
    Wrote {
        person: String,
        to: String,
        text: String,
    },
    Reloaded,
    /// Something could not be done at that moment.
    Troubled {},
    /// Something that no page may do.
    Failed {
        what: String,
    },
    Drained,
    Shows {
        person: String,
        unread: BTreeMap<String, u64>,
        timelines: BTreeMap<String, Vec<String>>,
    },
    Shown,
}

/// Running browsers. Dropping it ends them.
#[derive(Debug)]
pub struct Browsers {
    child: Child,
    commands: Option<ChildStdin>,
    steps: UnboundedReceiver<News>,
    pub people: Vec<Username>,
    /// How often a page was loaded anew.
    pub reloads: Arc<AtomicUsize>,
}

impl Browsers {
    /// Starts one page for each of these people, and waits until it shows something.
    pub async fn start(
        root: &Path,
        people: Vec<Username>,
        seed: u64,
        world: &Arc<World>,
    ) -> Result<Self> {
        let mut child = Command::new("node")
            .arg("chaos/browser.mjs")
            .arg(format!("http://{}", world.proxy))
            // As many bits as a number of JavaScript holds.
            .arg((seed & 0xffff_ffff).to_string())
            .args(people.iter().map(Username::as_str))
            .current_dir(root.join("end2end"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("Cannot run node: install Node 20 or newer")?;
        let commands = child.stdin.take();
        let output = child.stdout.take().context("node has no output")?;
        let (sender, steps) = unbounded_channel();
        let reloads = Arc::<AtomicUsize>::default();
        let (reloaded, world) = (Arc::clone(&reloads), Arc::clone(world));
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                match serde_json::from_str(&line) {
                    Ok(News::Wrote { person, to, text }) => world.ledger().typed(Typed {
                        person: Username::from_trusted(person),
                        to,
                        text,
                    }),
                    Ok(News::Reloaded) => drop(reloaded.fetch_add(1, Ordering::Relaxed)),
                    Ok(News::Failed { what }) => world.ledger().observe(Kind::Page, what),
                    Ok(News::Troubled {}) => {}
                    Ok(step) => drop(sender.send(step)),
                    Err(error) => world
                        .ledger()
                        .observe(Kind::Page, format!("the script wrote {line:?}: {error}")),
                }
            }
        });
        let mut browsers = Self {
            child,
            commands,
            steps,
            people,
            reloads,
        };
        match browsers.step().await? {
            News::Ready => Ok(browsers),
            other => bail!("The browsers began with {other:?}."),
        }
    }

    /// Nobody begins anything any more, and what waits is sent.
    pub async fn drain(&mut self) -> Result<()> {
        self.command(&json!({ "command": "end" }))?;
        match self.step().await? {
            News::Drained => Ok(()),
            other => bail!("The browsers ended with {other:?}."),
        }
    }

    /// What the pages show. `lists` says with which message each conversation ends.
    pub async fn show(&mut self, lists: &Lists) -> Result<Vec<Page>> {
        let expected: BTreeMap<&str, BTreeMap<&str, &str>> = self
            .people
            .iter()
            .map(|person| {
                let list = lists.get(person).map(Vec::as_slice).unwrap_or_default();
                let ends = list.iter().filter_map(|conversation| {
                    let last = conversation.last_message.as_ref()?;
                    Some((conversation.name.as_str(), last.text.as_str()))
                });
                (person.as_str(), ends.collect())
            })
            .collect();
        self.command(&json!({ "command": "show", "expected": expected }))?;
        let mut pages = Vec::new();
        loop {
            match self.step().await? {
                News::Shows {
                    person,
                    unread,
                    timelines,
                } => pages.push(Page {
                    person: Username::from_trusted(person),
                    unread,
                    timelines,
                }),
                News::Shown => return Ok(pages),
                other => bail!("The browsers showed {other:?}."),
            }
        }
    }

    fn command(&mut self, command: &Value) -> Result<()> {
        let commands = self.commands.as_mut().context("node has no input")?;
        Ok(writeln!(commands, "{command}")?)
    }

    async fn step(&mut self) -> Result<News> {
        tokio::time::timeout(PATIENCE, self.steps.recv())
            .await
            .context("The browsers do not get on.")?
            .context("The browsers have ended: see what they wrote above.")
    }
}

impl Drop for Browsers {
    fn drop(&mut self) {
        // The script ends by itself when its input does, and takes the browsers along.
        drop(self.commands.take());
        let asked = Instant::now();
        while asked.elapsed() < GOODBYE && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(LOOK);
        }
        // It may be gone, and then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
