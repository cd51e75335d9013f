//! A person's tab, by the same rules as our own app: it signs in, connects, catches up, sends what
//! it has written until it is stored, and says what it holds and has read.
//!
//! A crash takes everything but the outbox, as when a browser is closed.

/// Fetching what was missed, and saying so.
mod catching_up;
/// Groups that change: who comes, who goes, and their names.
mod changing;
/// The socket: connecting, and what comes in.
mod connection;
/// What somebody does with their tab.
mod life;
/// What was written and is not known to be stored.
mod outbox;
/// Messages, groups and positions on their way to the server.
mod sending;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::{Duration, Instant},
};

use protocol::{ClientId, Conversation, ConversationId, Seq, Username};
use socketio_client::{Client as Socket, Listener};
use tokio::sync::mpsc;

pub use life::Order;
use outbox::Outbox;

use crate::{audit, held::Held, http::Http, random::Random, world::World};

/// How a client learns of what it missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It fetches pages, as our app does.
    Resyncs,
    /// It waits for the server to send it, as a stock client does.
    Replays,
}

/// One tab of one person.
#[derive(Debug)]
pub struct Client {
    pub number: usize,
    pub name: String,
    pub person: Username,
    pub manner: Manner,
    world: Arc<World>,
    http: Http,
    /// Another tab of the same person, which sends some of the same messages.
    sibling: OnceLock<Weak<Client>>,
    orders: mpsc::UnboundedSender<Order>,
    state: Mutex<State>,
}

/// What a crash takes away, and the outbox.
#[derive(Debug)]
struct State {
    /// Counts crashes: what belongs to an earlier life changes nothing any more.
    life: u64,
    socket: Option<Socket>,
    listeners: Vec<Listener>,
    is_connected: bool,
    /// The person has gone, and comes back.
    is_away: bool,
    /// The browser's cookie, which outlives a crash.
    cookie: Option<String>,
    token: Option<String>,
    /// Refusals in a row.
    refusals: u32,
    held: Held,
    outbox: Outbox,
    /// How many messages this client has written.
    written: u64,
    /// Groups that are asked for.
    groups: Vec<GroupRequest>,
    /// Positions that the server has not confirmed.
    reads: HashMap<ConversationId, Seq>,
    telling: bool,
    resyncing: bool,
    resync_again: bool,
    filling: HashSet<ConversationId>,
    /// When this connection began, until everything missed is there.
    connected_at: Option<Instant>,
    /// The newest receipts of this connection: they never go back.
    receipts: HashMap<(ConversationId, Username), (Seq, Seq)>,
}

#[derive(Clone, Debug)]
struct GroupRequest {
    id: ClientId,
    name: String,
    members: Vec<String>,
}

impl State {
    fn new(person: &Username) -> Self {
        Self {
            life: 0,
            socket: None,
            listeners: Vec::new(),
            is_connected: false,
            is_away: false,
            cookie: None,
            token: None,
            refusals: 0,
            held: Held::new(person.clone()),
            outbox: Outbox::default(),
            written: 0,
            groups: Vec::new(),
            reads: HashMap::new(),
            telling: false,
            resyncing: false,
            resync_again: false,
            filling: HashSet::new(),
            connected_at: None,
            receipts: HashMap::new(),
        }
    }
}

impl Client {
    /// Signs in and begins to live.
    pub async fn start(
        number: usize,
        name: String,
        person: usize,
        manner: Manner,
        world: Arc<World>,
        random: Random,
    ) -> anyhow::Result<Arc<Self>> {
        let (orders, received) = mpsc::unbounded_channel();
        let username = world.people[person].clone();
        let http = Http::new(format!("http://{}", world.proxy));
        let signed_in = http.log_in(username.as_str()).await?;
        let mut state = State::new(&username);
        state.cookie = Some(signed_in.cookie);
        state.token = Some(signed_in.token);
        let client = Arc::new(Self {
            number,
            name,
            person: username,
            manner,
            world,
            http,
            sibling: OnceLock::new(),
            orders,
            state: Mutex::new(state),
        });
        client.open();
        tokio::spawn(Arc::clone(&client).live(person, received, random));
        Ok(client)
    }

    /// Some messages of the one are sent by the other too.
    pub fn pair(one: &Arc<Self>, other: &Arc<Self>) {
        // Set once, before anybody writes.
        let _ = one.sibling.set(Arc::downgrade(other));
        let _ = other.sibling.set(Arc::downgrade(one));
    }

    pub fn order(&self, order: Order) {
        // It lives as long as the run.
        let _ = self.orders.send(order);
    }

    pub fn is_connected(&self) -> bool {
        self.state().is_connected
    }

    /// What keeps it from being settled: it should show what a fresh client of its person would,
    /// and have nothing left to say. `None`: nothing.
    pub fn unsettled(&self, list: &[Conversation]) -> Option<String> {
        let state = self.state();
        if !state.is_connected {
            return Some("is not connected".to_owned());
        }
        let unsent = state.outbox.len() + state.groups.len();
        if unsent > 0 {
            return Some(format!("has {unsent} messages and groups to send"));
        }
        if !state.reads.is_empty() {
            return Some("has positions to tell".to_owned());
        }
        let shown = state.held.timelines.len();
        if shown != list.len() {
            return Some(format!("shows {shown} conversations of {}", list.len()));
        }
        list.iter().find_map(|fresh| {
            let timeline = state.held.timelines.get(&fresh.id);
            let same = timeline.is_some_and(|timeline| {
                timeline.is_complete()
                    && timeline.last_seq == fresh.last_seq
                    && timeline.unread() == fresh.unread
            });
            (!same).then(|| format!("shows {} otherwise", fresh.id))
        })
    }

    /// What it shows at the end.
    pub fn at_the_end(&self) -> audit::Client {
        let mut state = self.state();
        let nothing = Held::new(self.person.clone());
        audit::Client {
            name: self.name.clone(),
            unsent: state.outbox.len() + state.groups.len(),
            held: std::mem::replace(&mut state.held, nothing),
        }
    }

    /// Disconnects for good.
    pub fn close(&self) {
        let (socket, listeners) = {
            let mut state = self.state();
            state.life += 1;
            state.is_connected = false;
            (state.socket.take(), std::mem::take(&mut state.listeners))
        };
        drop(listeners);
        if let Some(socket) = socket {
            socket.disconnect();
        }
    }

    /// Held for moments only, and never across a call of the socket, which calls back.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, if this is still the life that somebody began in.
    fn state_in(&self, life: u64) -> Option<MutexGuard<'_, State>> {
        let state = self.state();
        (state.life == life).then_some(state)
    }

    fn cookie(&self) -> String {
        self.state().cookie.clone().unwrap_or_default()
    }
}

/// Pause before something is tried again.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis(100 << attempt.min(4))
}
