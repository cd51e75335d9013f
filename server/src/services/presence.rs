//! Who is here: who holds at least one socket, or held one a moment ago.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use protocol::events::OnlineStatus;
use tokio::sync::mpsc;

use super::{DomainEvent, Person, events::Announcer, last_seen::Departure, now};
use crate::storage::UserId;

/// Names one socket, for as long as this process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// The sockets of one person.
#[derive(Debug, Default)]
struct Here {
    connections: HashSet<ConnectionId>,
    /// Counts departures, so that the timer of an earlier one does nothing.
    departure: u64,
}

/// Keeps count of everybody's sockets.
#[derive(Clone, Debug)]
pub struct Presence {
    here: Arc<Mutex<HashMap<UserId, Here>>>,
    announcer: Announcer,
    grace: Duration,
    departures: mpsc::Sender<Departure>,
}

impl Presence {
    /// `departures`: where it is written down when somebody was last here.
    pub fn new(announcer: Announcer, grace: Duration, departures: mpsc::Sender<Departure>) -> Self {
        Self {
            here: Arc::default(),
            announcer,
            grace,
            departures,
        }
    }

    pub fn is_online(&self, user: UserId) -> bool {
        self.lock().contains_key(&user)
    }

    /// How many sockets somebody has.
    pub fn sockets(&self, user: UserId) -> usize {
        self.lock()
            .get(&user)
            .map_or(0, |here| here.connections.len())
    }

    /// A socket of this person has come.
    pub async fn arrived(&self, person: &Person, connection: ConnectionId) {
        let is_new = {
            let mut here = self.lock();
            let is_new = !here.contains_key(&person.id);
            here.entry(person.id)
                .or_default()
                .connections
                .insert(connection);
            is_new
        };
        if is_new {
            self.publish(person, true).await;
        }
    }

    /// A socket of this person has gone. After the grace period without another one they are away,
    /// so a refresh of the page is no flicker. Saying so twice does nothing.
    pub fn left(&self, person: &Person, connection: ConnectionId) {
        let departure = {
            let mut here = self.lock();
            let Some(entry) = here.get_mut(&person.id) else {
                return;
            };
            if !entry.connections.remove(&connection) || !entry.connections.is_empty() {
                return;
            }
            entry.departure += 1;
            entry.departure
        };
        // With more waiting than that it stays unsaid; nobody is to wait for it.
        let _ = self.departures.try_send((person.id, now().0));
        let presence = self.clone();
        let person = person.clone();
        tokio::spawn(async move {
            tokio::time::sleep(presence.grace).await;
            if presence.forget(person.id, departure) {
                presence.publish(&person, false).await;
            }
        });
    }

    /// Forgets somebody who has not come back since `departure`.
    fn forget(&self, user: UserId, departure: u64) -> bool {
        let mut here = self.lock();
        let is_gone = here
            .get(&user)
            .is_some_and(|entry| entry.connections.is_empty() && entry.departure == departure);
        if is_gone {
            here.remove(&user);
        }
        is_gone
    }

    async fn publish(&self, person: &Person, online: bool) {
        let status = OnlineStatus {
            username: person.username.clone(),
            online,
        };
        let event = DomainEvent::PresenceChanged {
            user: person.id,
            status,
        };
        self.announcer.send(event).await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<UserId, Here>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use protocol::Username;

    use super::*;

    fn alice() -> Person {
        Person {
            role: protocol::Role::Member,
            id: UserId(1),
            username: Username::from_trusted("alice"),
            display_name: "Alice".to_owned(),
        }
    }

    fn presence() -> (Presence, mpsc::Receiver<DomainEvent>) {
        let (announcer, receiver) = Announcer::new();
        let (departures, _) = mpsc::channel(1);
        (
            Presence::new(announcer, Duration::from_millis(100), departures),
            receiver,
        )
    }

    async fn next(events: &mut mpsc::Receiver<DomainEvent>) -> bool {
        match events.recv().await {
            Some(DomainEvent::PresenceChanged { status, .. }) => status.online,
            other => panic!("no change of presence: {other:?}"),
        }
    }

    #[tokio::test]
    async fn the_last_socket_to_go_ends_presence_after_the_grace_period() {
        let (presence, mut events) = presence();
        presence.arrived(&alice(), ConnectionId(1)).await;
        presence.arrived(&alice(), ConnectionId(2)).await;
        assert!(next(&mut events).await);
        presence.left(&alice(), ConnectionId(1));
        presence.left(&alice(), ConnectionId(2));
        assert!(
            presence.is_online(UserId(1)),
            "still within the grace period"
        );
        assert!(!next(&mut events).await);
        assert!(!presence.is_online(UserId(1)));
    }

    #[tokio::test]
    async fn a_refresh_is_no_flicker() {
        let (presence, mut events) = presence();
        presence.arrived(&alice(), ConnectionId(1)).await;
        presence.left(&alice(), ConnectionId(1));
        presence.arrived(&alice(), ConnectionId(2)).await;
        presence.left(&alice(), ConnectionId(2));
        presence.arrived(&alice(), ConnectionId(3)).await;
        presence.left(&alice(), ConnectionId(3));
        // Whatever the first two departures would have told comes before what the third one tells.
        assert!(next(&mut events).await);
        assert!(!next(&mut events).await);
        assert!(
            events.try_recv().is_err(),
            "one arrival and one departure were told"
        );
    }

    #[tokio::test]
    async fn the_same_socket_leaving_twice_counts_once() {
        let (presence, mut events) = presence();
        presence.arrived(&alice(), ConnectionId(1)).await;
        presence.arrived(&alice(), ConnectionId(2)).await;
        presence.left(&alice(), ConnectionId(1));
        presence.left(&alice(), ConnectionId(1));
        assert!(presence.is_online(UserId(1)));
        assert!(
            !presence.forget(UserId(1), 1),
            "a departure that did not happen"
        );
        assert!(next(&mut events).await);
        assert!(events.try_recv().is_err());
    }
}
