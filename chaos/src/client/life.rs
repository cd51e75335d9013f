//! What somebody does with their tab: mostly they write, sometimes they read, seldom they make a
//! group. The choices come from the seed.

use std::{
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use protocol::{ClientId, ConversationId, ConversationKind, Seq, Username};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use uuid::Uuid;

use super::{Client, GroupRequest, State, outbox::Envelope};
use crate::{
    held::Held,
    ledger::{Attempt, GroupAttempt, Target, digest_of_text},
    random::Random,
    world::text,
};

/// Most messages that one client writes ahead.
const MOST_WAITING: usize = 200;
/// How many messages of somebody with two tabs are sent by both.
const TWICE: f64 = 0.3;

/// What the faults do to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Crash,
    Away(Duration),
}

impl Client {
    pub(super) async fn live(
        self: Arc<Self>,
        person: usize,
        mut orders: mpsc::UnboundedReceiver<Order>,
        mut random: Random,
    ) {
        let circle = self.world.circle(person);
        let mut ending = self.world.ending.subscribe();
        let mut next = Instant::now();
        let mut back: Option<Instant> = None;
        loop {
            let pause = -(1.0 - random.fraction()).ln();
            next += self.world.pause.mul_f64(pause);
            // What could not be done in time is not made up for.
            next = next.max(Instant::now() - Duration::from_secs(1));
            loop {
                tokio::select! {
                    biased;
                    _ = ending.wait_for(|ending| *ending) => {
                        self.come_back();
                        return;
                    }
                    Some(order) = orders.recv() => match order {
                        Order::Crash => self.crash(),
                        Order::Away(lasts) => {
                            self.go_away();
                            back = Some(Instant::now() + lasts);
                        }
                    },
                    () = until(back) => {
                        back = None;
                        self.come_back();
                    }
                    () = sleep_until(next) => break,
                }
            }
            self.act(&circle, &mut random);
        }
    }

    /// One doing.
    fn act(self: &Arc<Self>, circle: &[Username], random: &mut Random) {
        let choice = random.fraction();
        if choice < 0.08 {
            self.read_something(random);
        } else if choice < 0.085 {
            self.want_group(random);
        } else if choice < 0.09 {
            self.change_group(random);
        } else if self.state().outbox.len() < MOST_WAITING {
            self.write(circle, random);
        }
    }

    fn write(self: &Arc<Self>, circle: &[Username], random: &mut Random) {
        let Some(target) = self.choose_target(circle, random) else {
            return;
        };
        let envelope = Envelope {
            id: ClientId::new(uuid(random)),
            target,
            text: text(random),
        };
        let sibling = self.sibling.get().and_then(Weak::upgrade);
        let sibling = sibling.filter(|_| random.happens(TWICE));
        let place = {
            let mut state = self.state();
            state.written += 1;
            state.written
        };
        let attempt = Attempt {
            sender: self.person.clone(),
            client: self.number,
            place,
            target: envelope.target.clone(),
            text: digest_of_text(&envelope.text),
            twice: sibling.is_some(),
            acknowledged: None,
            refused: None,
        };
        self.world.ledger().attempt(envelope.id, attempt);
        self.state().outbox.push(envelope.clone());
        if let Some(sibling) = sibling {
            self.world.counts.twice.fetch_add(1, Ordering::Relaxed);
            sibling.state().outbox.push(envelope);
            self.send_waiting();
            sibling.send_waiting();
        } else {
            self.send_waiting();
        }
    }

    fn choose_target(&self, circle: &[Username], random: &mut Random) -> Option<Target> {
        let groups: Vec<ConversationId> = self
            .state()
            .held
            .timelines
            .iter()
            .filter(|(_, timeline)| timeline.kind == ConversationKind::Group)
            .map(|(id, _)| id.clone())
            .collect();
        let group = random.pick(&groups).filter(|_| random.happens(0.4));
        match group {
            Some(group) => Some(Target::Group(group.clone())),
            None => random.pick(circle).cloned().map(Target::Person),
        }
    }

    /// Reads a conversation up to somewhere, mostly to its end.
    fn read_something(self: &Arc<Self>, random: &mut Random) {
        let unread: Vec<(ConversationId, Seq, Seq)> = self
            .state()
            .held
            .timelines
            .iter()
            .filter(|(_, timeline)| timeline.loaded && timeline.read < timeline.end())
            .map(|(id, timeline)| (id.clone(), timeline.read, timeline.end()))
            .collect();
        if let Some((id, read, end)) = random.pick(&unread).cloned() {
            let seq = if random.happens(0.7) {
                end
            } else {
                Seq(read.0 + 1 + random.next() % (end.0 - read.0))
            };
            self.mark_read(&id, seq);
        }
    }

    fn want_group(self: &Arc<Self>, random: &mut Random) {
        let mut people = self.world.people.clone();
        random.shuffle(&mut people);
        let size = 2 + random.below(8);
        let members: Vec<String> = people
            .iter()
            .filter(|person| **person != self.person)
            .take(size)
            .map(|person| person.as_str().to_owned())
            .collect();
        let id = ClientId::new(uuid(random));
        let request = GroupRequest {
            id,
            name: format!("Group {id}"),
            members,
        };
        {
            let mut ledger = self.world.ledger();
            if ledger.groups.len() >= self.world.max_groups {
                return;
            }
            let attempt = GroupAttempt {
                name: request.name.clone(),
                maker: self.person.clone(),
                acknowledged: None,
            };
            ledger.groups.insert(id, attempt);
        }
        self.state().groups.push(request);
        self.send_groups();
    }

    /// Everything goes but the outbox and the browser's cookie; then it begins anew.
    fn crash(self: &Arc<Self>) {
        let (socket, listeners) = {
            let mut state = self.state();
            let fresh = State {
                life: state.life + 1,
                cookie: state.cookie.take(),
                outbox: std::mem::take(&mut state.outbox),
                written: state.written,
                held: Held::new(self.person.clone()),
                ..State::new(&self.person)
            };
            let mut before = std::mem::replace(&mut *state, fresh);
            state.outbox.begin_again();
            (before.socket.take(), std::mem::take(&mut before.listeners))
        };
        drop(listeners);
        if let Some(socket) = socket {
            socket.disconnect();
        }
        self.open();
    }

    fn go_away(&self) {
        let socket = {
            let mut state = self.state();
            state.is_away = true;
            state.is_connected = false;
            state.socket.clone()
        };
        if let Some(socket) = socket {
            socket.disconnect();
        }
    }

    fn come_back(&self) {
        let socket = {
            let mut state = self.state();
            if !std::mem::replace(&mut state.is_away, false) {
                return;
            }
            state.socket.clone()
        };
        if let Some(socket) = socket {
            socket.connect();
        }
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// A UUID of version 4, from the seed.
fn uuid(random: &mut Random) -> Uuid {
    let bits = (u128::from(random.next()) << 64) | u128::from(random.next());
    uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
}
