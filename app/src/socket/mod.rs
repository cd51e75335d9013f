//! The socket service: the line to the server, and everything that comes and goes on it.
//!
//! It is the only place that changes [`AppState`] on the server's word. It is made once, before the
//! app is mounted, and lives as long as the page, so that nothing it awaits can outlive it.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use gloo_timers::callback::Timeout;
use js_sys::Function;
use leptos::prelude::*;
use protocol::{Timestamp, Username};
use socketio_client::Client;
use web_sys::BroadcastChannel;

use crate::{
    persistence::database::{Database, OUTBOX},
    requests::line::Line,
    state::{
        AppState,
        actions::{Actions, Command},
        recipient::Recipient,
    },
};

/// Connecting and connecting again.
mod connection;
/// What the browser tells: its network, whether anybody looks, the change of day.
mod environment;
/// Pages of history, and which conversation is open.
mod history;
/// What the server pushes.
mod receiver;
/// Catching up after each connection.
mod resync;
/// The outbox on its way.
mod sender;
/// Who is signed in.
mod session;
/// The other tabs of the same person.
mod tabs;

use tabs::Turn;

pub struct Service {
    state: AppState,
    line: Line,
    /// The token that came with the session, for the first connection.
    token: RefCell<Option<String>>,
    /// How often in a row the server refused a connection.
    refusals: Cell<u32>,
    /// How often in a row nobody answered who is signed in.
    unanswered: Cell<u32>,
    /// When the session is to be asked for again, so that it lasts.
    renewal: Cell<Timestamp>,
    /// The next try, where the client does not see to it by itself.
    retry: RefCell<Option<Timeout>>,
    /// A resync is under way, and whether another one has to follow.
    resyncing: Cell<bool>,
    resync_again: Cell<bool>,
    /// Where the outbox is kept.
    database: Database,
    /// How many changes are on their way there.
    changes: Cell<u32>,
    /// Which tab sends, and what ends the turn of this one.
    turn: Cell<Turn>,
    release: RefCell<Option<Function>>,
    /// Where the other tabs are heard.
    channel: Option<BroadcastChannel>,
    /// The conversation on the screen.
    open: RefCell<Option<Recipient>>,
}

impl Service {
    /// Makes the service. It is never dropped.
    pub fn start(state: AppState) -> &'static Self {
        let service: &'static Self = Box::leak(Box::new(Self {
            state,
            line: Line::new(),
            token: RefCell::default(),
            refusals: Cell::default(),
            unanswered: Cell::default(),
            renewal: Cell::new(Timestamp(0)),
            retry: RefCell::default(),
            resyncing: Cell::default(),
            resync_again: Cell::default(),
            database: Database::open(OUTBOX),
            changes: Cell::default(),
            turn: Cell::default(),
            release: RefCell::default(),
            channel: BroadcastChannel::new(tabs::NAME).ok(),
            open: RefCell::default(),
        }));
        service.watch_environment();
        service.listen_to_tabs();
        service
    }

    /// The way from the components to this service.
    pub fn actions(&'static self) -> Actions {
        // A page has one thread; the arena lets a reference stand where a context asks for `Send`.
        let service = StoredValue::new_local(self);
        Actions::new(move |command| service.with_value(|service| service.run(command)))
    }

    fn run(&'static self, command: Command) {
        match command {
            Command::SignedIn { session, token } => self.came_in(session, token),
            Command::SignedOut(username) => self.signed_out(username, false),
            Command::Open(recipient) => self.open_conversation(recipient),
            Command::Leave(recipient) => self.leave_conversation(&recipient),
            Command::LoadOlder(recipient) => self.load_older(&recipient),
            Command::LoadNewer(recipient) => self.load_newer(&recipient),
            Command::JumpToNewest(recipient) => self.load_newest(&recipient),
            Command::Send { to, text } => self.enqueue(to, text),
            Command::Retry(client_id) => self.retry_message(client_id),
            Command::Discard(client_id) => self.discard_message(client_id),
            Command::KeepDraft { to, text } => self.keep_draft(&to, &text),
            Command::MarkRead { recipient, seq } => self.mark_read(&recipient, seq),
            Command::TryNow => self.try_now(),
            Command::CheckSession => self.check_session(),
        }
    }

    /// The way to the server of what comes later.
    pub const fn line(&self) -> Line {
        self.line
    }

    fn client(&self) -> Option<Client> {
        self.line.client()
    }

    fn viewer(&self) -> Option<Username> {
        self.state.viewer()
    }
}

/// A growing pause: a second, then two, four and so on up to half a minute, give or take a half
/// so that not everybody comes back at once.
fn pause(attempt: u32) -> Duration {
    let seconds = f64::from(1_u32 << attempt.saturating_sub(1).min(5)).min(30.0);
    Duration::from_secs_f64(seconds * (0.5 + crate::browser::random()))
}

/// A pause as timers count it.
fn milliseconds(pause: Duration) -> u32 {
    u32::try_from(pause.as_millis()).unwrap_or(u32::MAX)
}
