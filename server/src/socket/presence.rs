//! Coming and going, and how often whom is told of it.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use protocol::{
    Username,
    events::{OnlineStatus, PresenceChanged},
};
use socketioxide::extract::SocketRef;
use tokio::time::{Instant, sleep_until};

use super::{Context, authenticate::Connection};

/// Shortest time between two events that tell who came and went. The first of them comes at once.
const PAUSE: Duration = Duration::from_secs(1);
/// Most names in one such event; what is over waits for the next. Every socket keeps a buffer as large
/// as the largest event, and of ten thousand who come back together each asks who is here anyway.
const NAMES: usize = 128;

/// Takes note of the socket's going.
pub(super) fn register(context: &Arc<Context>, socket: &SocketRef, connection: &Arc<Connection>) {
    let context = Arc::clone(context);
    let connection = Arc::clone(connection);
    socket.on_disconnect(move |_: SocketRef| {
        context.ends.remove(&connection);
        context
            .services
            .presence
            .left(&connection.person, connection.id);
        async {}
    });
}

/// Counts the socket as here.
pub(super) async fn arrived(context: &Context, socket: &SocketRef, connection: &Arc<Connection>) {
    context
        .services
        .presence
        .arrived(&connection.person, connection.id)
        .await;
    context.ends.add(socket, connection);
    if !socket.connected() {
        // It went before it had quite come, and its going may have been noted first.
        context
            .services
            .presence
            .left(&connection.person, connection.id);
    }
}

/// Who came and went since it was last told: told together, each person as they are by then, or a
/// thousand who come back at once would cost a million events.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    changed: HashMap<Username, bool>,
    /// Those who changed, by who did first.
    waiting: VecDeque<Username>,
    told_at: Option<Instant>,
}

impl Gathered {
    pub fn note(&mut self, status: OnlineStatus) {
        let name = status.username.clone();
        if self
            .changed
            .insert(status.username, status.online)
            .is_none()
        {
            self.waiting.push_back(name);
        }
    }

    /// Waits until something is to be told; for ever as long as there is nothing.
    pub async fn due(&self) {
        match self.due_at() {
            Some(at) => sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    fn due_at(&self) -> Option<Instant> {
        let earliest = self
            .told_at
            .map_or_else(Instant::now, |told_at| told_at + PAUSE);
        (!self.waiting.is_empty()).then_some(earliest)
    }

    /// What is to be told now.
    pub fn take(&mut self) -> PresenceChanged {
        self.told_at = Some(Instant::now());
        let mut names: Vec<Username> = Vec::new();
        names.extend(self.waiting.drain(..self.waiting.len().min(NAMES)));
        names.sort_unstable();
        let (online, offline) = names
            .into_iter()
            .partition(|name| self.changed.remove(name) == Some(true));
        PresenceChanged { online, offline }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn status(name: &str, online: bool) -> OnlineStatus {
        OnlineStatus {
            username: Username::from_trusted(name),
            online,
        }
    }

    fn names(names: &[Username]) -> Vec<&str> {
        names.iter().map(Username::as_str).collect()
    }

    #[test]
    fn the_first_is_told_at_once_and_the_next_together_a_second_later() {
        let mut gathered = Gathered::default();
        assert_eq!(gathered.due_at(), None);
        gathered.note(status("alice", true));
        assert!(gathered.due_at().is_some_and(|at| at <= Instant::now()));
        assert_eq!(names(&gathered.take().online), ["alice"]);
        let told_at = Instant::now();
        assert_eq!(gathered.due_at(), None);
        gathered.note(status("carol", true));
        gathered.note(status("bob", true));
        gathered.note(status("alice", false));
        let due_at = gathered.due_at().expect("three to tell");
        assert!(due_at > told_at && due_at <= told_at + PAUSE);
        let event = gathered.take();
        assert_eq!(names(&event.online), ["bob", "carol"]);
        assert_eq!(names(&event.offline), ["alice"]);
    }

    #[test]
    fn whoever_came_and_went_in_between_is_told_as_they_are_now() {
        let mut gathered = Gathered::default();
        gathered.note(status("alice", true));
        gathered.note(status("alice", false));
        let event = gathered.take();
        assert_eq!(names(&event.offline), ["alice"]);
        assert!(event.online.is_empty());
    }

    #[test]
    fn many_are_told_one_event_after_the_other_and_each_of_them_once() {
        let mut gathered = Gathered::default();
        for number in 0..2 * NAMES + 1 {
            gathered.note(status(&format!("user{number}"), number % 2 == 0));
        }
        let mut told = HashSet::new();
        for expected in [NAMES, NAMES, 1] {
            let event = gathered.take();
            assert_eq!(event.online.len() + event.offline.len(), expected);
            told.extend(event.online.into_iter().chain(event.offline));
        }
        assert_eq!(told.len(), 2 * NAMES + 1);
        assert_eq!(gathered.due_at(), None);
    }
}
