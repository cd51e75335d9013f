//! Callbacks of the program, each for as long as its guard lives.

use std::fmt;

use super::{Ack, Core, WeakClient};
use crate::event::ConnectionEvent;
use crate::json::Json;
use crate::sync::Lock;

#[cfg(not(target_arch = "wasm32"))]
mod boxed {
    use super::{Ack, ConnectionEvent, Json};

    pub(crate) type Shared<T> = std::sync::Arc<T>;
    pub(crate) type EventCallback = Box<dyn FnMut(&Json, Option<Ack>) + Send>;
    pub(crate) type AnyCallback = Box<dyn FnMut(&str, &Json) + Send>;
    pub(crate) type ConnectionCallback = Box<dyn FnMut(ConnectionEvent) + Send>;
}
#[cfg(target_arch = "wasm32")]
mod boxed {
    use super::{Ack, ConnectionEvent, Json};

    pub(crate) type Shared<T> = std::rc::Rc<T>;
    pub(crate) type EventCallback = Box<dyn FnMut(&Json, Option<Ack>)>;
    pub(crate) type AnyCallback = Box<dyn FnMut(&str, &Json)>;
    pub(crate) type ConnectionCallback = Box<dyn FnMut(ConnectionEvent)>;
}
pub(super) use boxed::{AnyCallback, ConnectionCallback, EventCallback, Shared};

/// Keeps a callback subscribed; dropping it unsubscribes. It keeps no client alive.
#[must_use = "dropping the listener unsubscribes its callback"]
pub struct Listener {
    client: Option<WeakClient>,
    id: u64,
}

impl Listener {
    pub(super) fn new(client: WeakClient, id: u64) -> Self {
        Self {
            client: Some(client),
            id,
        }
    }

    /// Leaves the callback subscribed for as long as the client lives.
    pub fn forget(mut self) {
        self.client = None;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(client) = self.client.take().and_then(|client| client.upgrade()) {
            // The callback is dropped after the lock is released: what it holds may be anything,
            // even another listener.
            let _callback = client.inner.core.lock().listeners.remove(self.id);
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

/// A callback and what it is for. It may be called while it is being unsubscribed, hence shared;
/// its own lock is free then, because callbacks never run inside one another.
#[derive(Clone)]
pub(super) enum Callback {
    Event {
        name: String,
        call: Shared<Lock<EventCallback>>,
    },
    Any {
        call: Shared<Lock<AnyCallback>>,
    },
    Connection {
        call: Shared<Lock<ConnectionCallback>>,
    },
}

impl Callback {
    pub(super) fn event(name: &str, call: EventCallback) -> Self {
        Self::Event {
            name: name.to_owned(),
            call: Shared::new(Lock::new(call)),
        }
    }

    pub(super) fn any(call: AnyCallback) -> Self {
        Self::Any {
            call: Shared::new(Lock::new(call)),
        }
    }

    pub(super) fn connection(call: ConnectionCallback) -> Self {
        Self::Connection {
            call: Shared::new(Lock::new(call)),
        }
    }
}

/// All callbacks, in the order in which they were subscribed.
#[derive(Default)]
pub(super) struct Listeners {
    entries: Vec<(u64, Callback)>,
    next: u64,
}

impl Listeners {
    pub(super) fn add(&mut self, callback: Callback) -> u64 {
        let id = self.next;
        self.next += 1;
        self.entries.push((id, callback));
        id
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Callback> {
        let index = self.entries.iter().position(|(entry, _)| *entry == id)?;
        Some(self.entries.remove(index).1)
    }
}

impl Core {
    /// The callback after `previous` that is for events of this name. Asked for one at a time, so
    /// that a callback that unsubscribes another is obeyed at once.
    pub(super) fn next_event_callback(
        &self,
        previous: Option<u64>,
        event: &str,
    ) -> Option<(u64, Shared<Lock<EventCallback>>)> {
        self.listeners
            .after(previous)
            .find_map(|(id, callback)| match callback {
                Callback::Event { name, call } if name == event => Some((*id, Shared::clone(call))),
                _ => None,
            })
    }

    /// The callback after `previous` that is for every event.
    pub(super) fn next_any_callback(
        &self,
        previous: Option<u64>,
    ) -> Option<(u64, Shared<Lock<AnyCallback>>)> {
        self.listeners
            .after(previous)
            .find_map(|(id, callback)| match callback {
                Callback::Any { call } => Some((*id, Shared::clone(call))),
                Callback::Event { .. } | Callback::Connection { .. } => None,
            })
    }

    /// The callback after `previous` that is for changes of the connection.
    pub(super) fn next_connection_callback(
        &self,
        previous: Option<u64>,
    ) -> Option<(u64, Shared<Lock<ConnectionCallback>>)> {
        self.listeners
            .after(previous)
            .find_map(|(id, callback)| match callback {
                Callback::Connection { call } => Some((*id, Shared::clone(call))),
                Callback::Event { .. } | Callback::Any { .. } => None,
            })
    }
}

impl Listeners {
    fn after(&self, previous: Option<u64>) -> impl Iterator<Item = &(u64, Callback)> {
        self.entries
            .iter()
            .filter(move |(id, _)| previous.is_none_or(|previous| *id > previous))
    }
}
