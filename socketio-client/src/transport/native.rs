//! Tokio, tokio-tungstenite and hyper.
//!
//! One task for each client owns its line and its timer; handles send it commands.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use hyper::header::{COOKIE, HeaderName, HeaderValue};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::{BoxFuture, Endpoint, Transport};
use crate::client::WeakManager;
use crate::connection::{Input, LineId};
use crate::engine::Frame;
use crate::session::{RequestId, SessionInput};

/// Connections to the server, for requests and for the WebSocket.
mod connector;
/// Cookies of the server.
mod cookies;
/// Requests of HTTP long-polling.
mod http;
/// One WebSocket, from its handshake to its end.
mod line;

use connector::Connector;
use cookies::Cookies;
use http::Http;
use line::{Line, Request};

/// Most commands that are carried out before the line gets its turn.
const MAX_BATCH: usize = 256;
const NO_RUNTIME: &str = "A client connects within a Tokio runtime only.";

pub(crate) struct Native {
    endpoint: Endpoint,
    client: WeakManager,
    epoch: Instant,
    cookies: Cookies,
    /// Made for the first attempt.
    connector: Option<Connector>,
    task: Option<mpsc::UnboundedSender<Command>>,
    /// What the task was told last.
    deadline: Option<Duration>,
}

/// What the task is to do.
enum Command {
    Open {
        line: LineId,
        request: Box<Request>,
        connector: Connector,
    },
    Send {
        line: LineId,
        frame: Frame<'static>,
    },
    Close {
        line: LineId,
    },
    Request {
        line: LineId,
        id: RequestId,
        request: Box<http::Request>,
        connector: Connector,
    },
    Abort {
        line: LineId,
        id: RequestId,
    },
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
                runtime.spawn(run(self.client.clone(), self.cookies.clone(), commands));
                sender
            }
        };
        Ok(self.task.insert(task))
    }

    /// What connections are opened with. The error is a sentence for people, and of no attempt that
    /// could be repeated.
    fn connector(&mut self) -> Result<Connector, String> {
        let connector = match self.connector.take() {
            Some(connector) => connector,
            None => connector::new(&self.endpoint)?,
        };
        Ok(self.connector.insert(connector).clone())
    }

    fn cookie_header(&self) -> Option<(HeaderName, HeaderValue)> {
        Some((COOKIE, self.cookies.header()?))
    }

    fn command(&self, command: Command) {
        if let Some(task) = &self.task {
            // The task ends with its runtime, and every line with it.
            let _sent = task.send(command);
        }
    }
}

impl Transport for Native {
    fn new(endpoint: Endpoint, client: WeakManager) -> Self {
        Self {
            cookies: Cookies::new(endpoint.keeps_cookies),
            endpoint,
            client,
            epoch: Instant::now(),
            connector: None,
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

    fn open_websocket(&mut self, line: LineId, sid: Option<&str>) -> Result<(), String> {
        let mut request = Box::new(line::request(&self.endpoint, sid)?);
        request.headers_mut().extend(self.cookie_header());
        let connector = self.connector()?;
        self.task()?;
        self.command(Command::Open {
            line,
            request,
            connector,
        });
        Ok(())
    }

    fn send_websocket(&mut self, line: LineId, frame: Frame<'static>) {
        self.command(Command::Send { line, frame });
    }

    fn close_websocket(&mut self, line: LineId) {
        self.command(Command::Close { line });
    }

    fn request(
        &mut self,
        line: LineId,
        id: RequestId,
        sid: Option<&str>,
        body: Option<String>,
    ) -> Result<(), String> {
        let url = self.endpoint.polling_url(&self.endpoint.origin, sid)?;
        let mut request = http::request(url, &self.endpoint.headers, body)?;
        request.headers_mut().extend(self.cookie_header());
        let connector = self.connector()?;
        self.task()?;
        self.command(Command::Request {
            line,
            id,
            request: Box::new(request),
            connector,
        });
        Ok(())
    }

    fn abort(&mut self, line: LineId, id: RequestId) {
        self.command(Command::Abort { line, id });
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
async fn run(
    client: WeakManager,
    cookies: Cookies,
    mut commands: mpsc::UnboundedReceiver<Command>,
) {
    let mut line = Line::None;
    let mut http: Option<Http> = None;
    let mut requests: Vec<(LineId, RequestId, AbortHandle)> = Vec::new();
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
                        Command::Open {
                            line: id,
                            request,
                            connector,
                        } => line = Line::open(id, *request, connector),
                        Command::Send { line: id, frame } => line.send(id, frame),
                        Command::Close { line: id } => line.close(id),
                        Command::SetTimer(instant) => deadline = instant,
                        Command::Request {
                            line,
                            id,
                            request,
                            connector,
                        } => {
                            requests.retain(|(_, _, task)| !task.is_finished());
                            let new = || Http::new(connector, cookies.clone());
                            let http = http.get_or_insert_with(new).clone();
                            let task = tokio::spawn(ask(http, client.clone(), line, id, *request));
                            requests.push((line, id, task.abort_handle()));
                        }
                        Command::Abort { line, id } => {
                            for (_, _, task) in
                                requests.extract_if(.., |each| (each.0, each.1) == (line, id))
                            {
                                task.abort();
                            }
                        }
                    }
                }
            }
            Wake::Line(line::News::Opened(id)) => client.hear(id, SessionInput::WebSocketOpened),
            Wake::Line(line::News::Frame(id, frame)) => {
                client.hear(id, SessionInput::WebSocketFrame(frame));
            }
            Wake::Line(line::News::Closed(id, message)) => {
                line = Line::None;
                client.hear(id, SessionInput::WebSocketClosed { message });
            }
            Wake::Timer => {
                deadline = None;
                client.handle(Input::Timeout);
            }
        }
    }
    line.finish();
}

/// Sends a request and tells the client its answer.
async fn ask(
    http: Http,
    client: WeakManager,
    line: LineId,
    request: RequestId,
    question: http::Request,
) {
    let result = http.answer(question).await;
    client.hear(line, SessionInput::Response { request, result });
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
