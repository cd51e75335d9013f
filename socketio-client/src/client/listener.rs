//! Callbacks of the program, each for as long as its guard lives.

use std::fmt;

use super::{Ack, WeakManager};
use crate::arguments::Arguments;
use crate::connection::SocketId;
use crate::event::ConnectionEvent;
use crate::sync::Lock;

#[cfg(not(target_arch = "wasm32"))]
mod boxed {
    use super::News;

    pub(crate) type Shared<T> = std::sync::Arc<T>;
    pub(crate) type Callback = Box<dyn FnMut(News<'_>) + Send>;
}
#[cfg(target_arch = "wasm32")]
mod boxed {
    use super::News;

    pub(crate) type Shared<T> = std::rc::Rc<T>;
    pub(crate) type Callback = Box<dyn FnMut(News<'_>)>;
}
pub(super) use boxed::{Callback, Shared};

/// What a callback is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    /// Events of the server with this name.
    Event(String),
    /// Every event of the server.
    AnyEvent,
    /// Every event that is sent.
    Outgoing,
    /// Changes of the connection.
    Connection,
}

/// What a callback is told.
pub(super) enum News<'a> {
    /// For the first three topics.
    Event {
        name: &'a str,
        arguments: &'a Arguments,
        ack: Option<Ack>,
    },
    /// For the last.
    Connection(&'a ConnectionEvent),
}

/// Keeps a callback subscribed; dropping it unsubscribes. It keeps no client alive.
#[must_use = "dropping the listener unsubscribes its callback"]
pub struct Listener {
    manager: Option<WeakManager>,
    id: u64,
}

impl Listener {
    pub(super) fn new(manager: WeakManager, id: u64) -> Self {
        Self {
            manager: Some(manager),
            id,
        }
    }

    /// Leaves the callback subscribed for as long as the client lives.
    pub fn forget(mut self) {
        self.manager = None;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(manager) = self.manager.take().and_then(|manager| manager.upgrade()) {
            manager.unlisten(self.id);
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Listener")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// All callbacks, in the order in which they were subscribed.
#[derive(Default)]
pub(super) struct Listeners {
    entries: Vec<Entry>,
    next: u64,
}

/// A callback and what it is for. It may be called while it is being unsubscribed, hence shared;
/// its own lock is free then, because callbacks never run inside one another.
pub(super) struct Entry {
    id: u64,
    pub(super) socket: SocketId,
    pub(super) topic: Topic,
    callback: Shared<Lock<Callback>>,
}

impl Listeners {
    pub(super) fn add(&mut self, socket: SocketId, topic: Topic, callback: Callback) -> u64 {
        let id = self.next;
        self.next += 1;
        self.entries.push(Entry {
            id,
            socket,
            topic,
            callback: Shared::new(Lock::new(callback)),
        });
        id
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Entry> {
        self.remove_first(&|entry| entry.id == id)
    }

    /// Removes all of a socket.
    pub(super) fn remove_all(&mut self, socket: SocketId) -> Vec<Entry> {
        let mut removed = Vec::new();
        while let Some(entry) = self.remove_first(&|entry| entry.socket == socket) {
            removed.push(entry);
        }
        removed
    }

    fn remove_first(&mut self, wanted: &dyn Fn(&Entry) -> bool) -> Option<Entry> {
        let place = self.entries.iter().position(wanted)?;
        Some(self.entries.remove(place))
    }

    pub(super) fn any(&self, socket: SocketId, topic: &Topic) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.socket == socket && entry.topic == *topic)
    }

    /// The callback after `previous` for this topic. Asked for one at a time, so that a callback
    /// that unsubscribes another is obeyed at once.
    pub(super) fn after(
        &self,
        previous: Option<u64>,
        socket: SocketId,
        topic: &Topic,
    ) -> Option<(u64, Shared<Lock<Callback>>)> {
        self.entries
            .iter()
            .filter(|entry| previous.is_none_or(|previous| entry.id > previous))
            .find(|entry| entry.socket == socket && entry.topic == *topic)
            .map(|entry| (entry.id, Shared::clone(&entry.callback)))
    }
}
