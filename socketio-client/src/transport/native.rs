//! Tokio and tokio-tungstenite.
//!
//! One task for each client owns its line and its timer; handles send it commands.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{BoxFuture, Endpoint, Transport};
use crate::client::WeakClient;
use crate::connection::{Input, LineId};
use crate::engine::Frame;

/// One WebSocket, from its handshake to its end.
mod line;

use line::{Line, Request};

/// Most commands that are carried out before the line gets its turn.
const MAX_BATCH: usize = 256;
const NO_RUNTIME: &str = "A client connects within a Tokio runtime only.";

pub(crate) struct Native {
    endpoint: Endpoint,
    client: WeakClient,
    epoch: Instant,
    task: Option<mpsc::UnboundedSender<Command>>,
    /// What the task was told last.
    deadline: Option<Duration>,
}

/// What the task is to do.
enum Command {
    Open { line: LineId, request: Box<Request> },
    Send { line: LineId, frame: Frame<'static> },
    Close { line: LineId },
    SetTimer(Option<Instant>),
}

impl Native {
    /// The task, begun in the current runtime if there is none or its runtime has ended.
    fn task(&mut self) -> Result<&mpsc::UnboundedSender<Command>, String> {
        let task = match self.task.take() {
            Some(task) if !task.is_closed() => task,
            _ => {
                let runtime = Handle::try_current().map_err(|_| NO_RUNTIME.to_owned())?;
                let (sender, commands) = mpsc::unbounded_channel();
                runtime.spawn(run(self.client.clone(), commands));
                sender
            }
        };
        Ok(self.task.insert(task))
    }

    fn command(&self, command: Command) {
        if let Some(task) = &self.task {
            // The task ends with its runtime, and every line with it.
            let _sent = task.send(command);
        }
    }
}

impl Transport for Native {
    fn new(endpoint: Endpoint, client: WeakClient) -> Self {
        Self {
            endpoint,
            client,
            epoch: Instant::now(),
            task: None,
            deadline: None,
        }
    }

    fn now(&mut self) -> Duration {
        self.epoch.elapsed()
    }

    fn random() -> f64 {
        // The standard library seeds its hashers at random, each differently.
        let bits = RandomState::new().hash_one(0);
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn spawn(future: BoxFuture<()>) -> Result<(), String> {
        let runtime = Handle::try_current().map_err(|_| NO_RUNTIME.to_owned())?;
        runtime.spawn(future);
        Ok(())
    }

    fn open(&mut self, line: LineId) -> Result<(), String> {
        let request = Box::new(line::request(&self.endpoint)?);
        self.task()?;
        self.command(Command::Open { line, request });
        Ok(())
    }

    fn send(&mut self, line: LineId, frame: Frame<'static>) {
        self.command(Command::Send { line, frame });
    }

    fn close(&mut self, line: LineId) {
        self.command(Command::Close { line });
    }

    fn set_timer(&mut self, deadline: Option<Duration>) {
        let instant = deadline.and_then(|deadline| self.epoch.checked_add(deadline));
        let told =
            self.deadline == deadline && self.task.as_ref().is_some_and(|task| !task.is_closed());
        // Outside a runtime nothing can be waited for; opening a line there says so.
        if !told && (instant.is_none() || self.task().is_ok()) {
            self.deadline = deadline;
            self.command(Command::SetTimer(instant));
        }
    }
}

/// What the task wakes up for.
enum Wake {
    Command(Option<Command>),
    Line(line::News),
    Timer,
}

/// The task of one client. It ends when the client is gone.
async fn run(client: WeakClient, mut commands: mpsc::UnboundedReceiver<Command>) {
    let mut line = Line::None;
    let mut deadline: Option<Instant> = None;
    loop {
        let wake = tokio::select! {
            command = commands.recv() => Wake::Command(command),
            news = line.news() => Wake::Line(news),
            () = sleep_until(deadline) => Wake::Timer,
        };
        match wake {
            Wake::Command(None) => break,
            Wake::Command(Some(command)) => {
                // What was emitted together is written together.
                let more = std::iter::from_fn(|| commands.try_recv().ok());
                for command in std::iter::once(command).chain(more).take(MAX_BATCH) {
                    match command {
                        Command::Open { line: id, request } => line = Line::open(id, *request),
                        Command::Send { line: id, frame } => line.send(id, frame),
                        Command::Close { line: id } => line.close(id),
                        Command::SetTimer(instant) => deadline = instant,
                    }
                }
            }
            Wake::Line(line::News::Frame(id, frame)) => {
                client.handle(Input::Frame { line: id, frame })
            }
            Wake::Line(line::News::Closed(id, message)) => {
                line = Line::None;
                client.handle(Input::Closed { line: id, message });
            }
            Wake::Timer => {
                deadline = None;
                client.handle(Input::Timeout);
            }
        }
    }
    line.finish();
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
