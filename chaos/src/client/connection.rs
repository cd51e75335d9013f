//! The socket: connecting with a fresh token, again and again, and what comes in.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use protocol::{
    Conversation, Message, NAMESPACE, Receipt,
    events::{
        ConnectAuth, Delivered, DeliveryStatus, GroupChanged, GroupLeft, MessageEvent, NewGroup,
        OnlineStatus, PresenceChanged, Resync, ServerEvent, SessionEnded,
    },
};
use serde::de::DeserializeOwned;
use socketio_client::{
    AuthError, Client as Socket, ConnectionEvent, DisconnectReason, Listener, Namespace,
    Reconnection,
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::sleep,
};

use super::{Client, Manner, pause};
use crate::{audit::Kind, held::Placed, http::Failure, world::World};

/// How long the server may take to acknowledge before a message is sent again. Shorter than our
/// app's, so that more is sent again.
const ACK_TIMEOUT: Duration = Duration::from_secs(4);

/// What a socket brings.
#[derive(Debug)]
pub(super) enum Input {
    Connection(ConnectionEvent),
    Event(Box<ServerEvent>),
}

impl Client {
    /// Begins a life: a socket, and somebody who listens to it.
    pub(super) fn open(self: &Arc<Self>) {
        let (inputs, received) = unbounded_channel();
        let socket = self.socket();
        let listeners = self.listen(&socket, &inputs);
        let life = {
            let mut state = self.state();
            state.socket = Some(socket.clone());
            state.listeners = listeners;
            state.life
        };
        tokio::spawn(Arc::clone(self).receive(life, received));
        match self.manner {
            Manner::Resyncs => {
                socket.connect();
                self.resync();
            }
            Manner::Replays => {
                let this = Arc::clone(self);
                tokio::spawn(async move {
                    // What was delivered before this life is not sent again.
                    this.load_history(life).await;
                    if this.state_in(life).is_some_and(|state| !state.is_away) {
                        socket.connect();
                    }
                });
            }
        }
    }

    fn socket(self: &Arc<Self>) -> Socket {
        let this = Arc::downgrade(self);
        let namespace = Namespace::new(NAMESPACE)
            .ack_timeout(ACK_TIMEOUT)
            .auth(move || authenticate(this.clone()));
        Socket::builder(format!("http://{}", self.world.proxy), namespace)
            .connect_timeout(Duration::from_secs(6))
            .reconnection(Reconnection {
                delay: Duration::from_millis(200),
                delay_max: Duration::from_secs(2),
                ..Reconnection::default()
            })
            .build()
    }

    fn listen(&self, socket: &Socket, inputs: &UnboundedSender<Input>) -> Vec<Listener> {
        let changes = inputs.clone();
        vec![
            socket.on_connection(move |event| drop(changes.send(Input::Connection(event)))),
            self.listen_to_messages(socket, inputs.clone()),
            listen::<DeliveryStatus>(
                socket,
                ServerEvent::UPDATE_DELIVERY_STATUS_ON_CONNECTION,
                inputs,
                ServerEvent::UpdateDeliveryStatusOnConnection,
            ),
            listen::<Receipt>(socket, ServerEvent::RECEIPT, inputs, ServerEvent::Receipt),
            listen::<OnlineStatus>(
                socket,
                ServerEvent::ONLINE_STATUS,
                inputs,
                ServerEvent::OnlineStatus,
            ),
            listen::<PresenceChanged>(socket, ServerEvent::PRESENCE, inputs, ServerEvent::Presence),
            listen::<NewGroup>(
                socket,
                ServerEvent::NEW_GROUP,
                inputs,
                ServerEvent::NewGroup,
            ),
            listen::<GroupChanged>(
                socket,
                ServerEvent::GROUP_CHANGED,
                inputs,
                ServerEvent::GroupChanged,
            ),
            listen::<GroupLeft>(
                socket,
                ServerEvent::GROUP_LEFT,
                inputs,
                ServerEvent::GroupLeft,
            ),
            listen::<Resync>(socket, ServerEvent::RESYNC, inputs, ServerEvent::Resync),
            listen::<SessionEnded>(
                socket,
                ServerEvent::TOKEN_EXPIRED,
                inputs,
                ServerEvent::TokenExpired,
            ),
        ]
    }

    /// Messages are acknowledged as they come: that is their delivery.
    fn listen_to_messages(&self, socket: &Socket, inputs: UnboundedSender<Input>) -> Listener {
        let receiver = self.person.clone();
        socket.on_with_ack(ServerEvent::RESPONSE, move |event: MessageEvent, ack| {
            let delivered = Delivered {
                success: true,
                receiver: receiver.clone(),
            };
            if let Some(ack) = ack {
                // It fails when the line is gone, and then the message is sent again.
                let _ = ack.send(&delivered);
            }
            drop(inputs.send(Input::Event(Box::new(ServerEvent::Response(event)))));
        })
    }

    async fn receive(self: Arc<Self>, life: u64, mut inputs: UnboundedReceiver<Input>) {
        while let Some(input) = inputs.recv().await {
            if self.state_in(life).is_none() {
                return;
            }
            match input {
                Input::Connection(event) => self.connection_changed(event),
                Input::Event(event) => self.take(*event),
            }
        }
    }

    fn connection_changed(self: &Arc<Self>, event: ConnectionEvent) {
        match event {
            ConnectionEvent::Connected { .. } => {
                World::count(&self.world.counts.connections);
                {
                    let mut state = self.state();
                    state.refusals = 0;
                    state.is_connected = true;
                    state.connected_at = Some(Instant::now());
                    state.receipts.clear();
                    state.outbox.begin_again();
                }
                self.send_waiting();
                self.send_groups();
                self.resync();
            }
            ConnectionEvent::Disconnected { reason } => {
                let is_away = {
                    let mut state = self.state();
                    state.is_connected = false;
                    state.outbox.begin_again();
                    state.is_away
                };
                // A server that stops says so, and the client leaves it at that.
                if reason == DisconnectReason::Server && !is_away {
                    self.connect_later(1);
                }
            }
            ConnectionEvent::ConnectError { refused: true, .. } => {
                // The token may have been too old: the next try begins with a fresh one.
                let refusals = {
                    let mut state = self.state();
                    state.refusals += 1;
                    state.refusals
                };
                self.connect_later(refusals);
            }
            ConnectionEvent::ConnectError { .. } | ConnectionEvent::Waiting { .. } => {}
        }
    }

    fn connect_later(self: &Arc<Self>, attempt: u32) {
        let this = Arc::clone(self);
        let life = self.state().life;
        tokio::spawn(async move {
            sleep(pause(attempt)).await;
            let socket = this
                .state_in(life)
                .filter(|state| !state.is_away)
                .and_then(|state| state.socket.clone());
            if let Some(socket) = socket {
                socket.connect();
            }
        });
    }

    fn take(self: &Arc<Self>, event: ServerEvent) {
        match event {
            ServerEvent::Response(event) => self.place(&event.response),
            ServerEvent::UpdateDeliveryStatusOnConnection(status) => self.place(&status.response),
            ServerEvent::Receipt(receipt) => {
                self.check_receipt(&receipt);
                let known = self.state().held.receipt(&receipt);
                self.resync_unless(known);
            }
            ServerEvent::NewGroup(group) => {
                self.join(&group.conversation);
            }
            ServerEvent::GroupChanged(change) => {
                let known = self.state().held.change(&change);
                self.resync_unless(known);
            }
            ServerEvent::GroupLeft(left) => self.state().held.leave(&left.group_id),
            ServerEvent::Resync(_) => self.resync(),
            ServerEvent::OnlineStatus(_)
            | ServerEvent::Presence(_)
            | ServerEvent::UserChanged(_)
            | ServerEvent::GroupEvent(_)
            | ServerEvent::UserTyping(_) => {}
            ServerEvent::TokenExpired(_) => {
                let what = format!("{} was told that its session has ended", self.name);
                self.world.ledger().observe(Kind::Protocol, what);
            }
        }
    }

    /// A group that the person is in now.
    pub(super) fn join(self: &Arc<Self>, group: &Conversation) {
        {
            let mut state = self.state();
            state.held.join(group);
            if self.manner == Manner::Replays {
                state.held.begin_with_events();
            }
        }
        self.fill(&group.id);
    }

    /// Puts a stored message where it belongs. It may be what another tab of ours has sent, or the
    /// answer to what was sent before a crash.
    pub(super) fn place(self: &Arc<Self>, message: &Message) {
        let placed = {
            let mut state = self.state();
            if message.sender == self.person {
                let target = match (&message.receiver, &message.group_id) {
                    (Some(receiver), _) => crate::ledger::Target::Person(receiver.clone()),
                    (None, Some(group)) => crate::ledger::Target::Group(group.clone()),
                    (None, None) => return,
                };
                state.outbox.done(&target, message.client_id);
            }
            state.held.place(message)
        };
        match placed {
            Placed::Well => {}
            Placed::BehindGap => self.fill(&message.conversation_id),
            Placed::Unknown => self.resync(),
            Placed::Conflict => {
                let what = format!(
                    "{} was sent two messages {} of {}",
                    self.name, message.seq, message.conversation_id
                );
                self.world.ledger().observe(Kind::Disagreement, what);
            }
        }
        self.send_waiting();
    }

    /// Positions only move forward, also on one connection.
    fn check_receipt(&self, receipt: &Receipt) {
        let key = (receipt.conversation_id.clone(), receipt.username.clone());
        let now = (receipt.delivered_seq, receipt.read_seq);
        let before = self.state().receipts.insert(key, now);
        if let Some(before) = before
            && (now.0 < before.0 || now.1 < before.1)
        {
            let what = format!(
                "{} heard of {} in {} at {before:?} and then at {now:?}",
                self.name, receipt.username, receipt.conversation_id
            );
            self.world.ledger().observe(Kind::Position, what);
        }
    }

    fn resync_unless(self: &Arc<Self>, known: bool) {
        if !known {
            self.resync();
        }
    }
}

/// What the CONNECT packet carries: the token at hand, else a fresh one.
async fn authenticate(client: Weak<Client>) -> Result<ConnectAuth, AuthError> {
    let Some(client) = client.upgrade() else {
        return Err(AuthError::stop("the run is over"));
    };
    let at_hand = client.state().token.take();
    let token = match at_hand {
        Some(token) => token,
        None => match client.http.token(&client.cookie()).await {
            Ok(token) => token,
            Err(Failure::Unauthorized) => {
                let what = format!("{}: the session does not count any more", client.name);
                client.world.ledger().observe(Kind::Protocol, what);
                return Err(AuthError::new("signed out"));
            }
            Err(failure) => return Err(AuthError::new(format!("{failure:?}"))),
        },
    };
    Ok(ConnectAuth {
        token: Some(token),
        resyncs: client.manner == Manner::Resyncs,
    })
}

fn listen<T: DeserializeOwned + Send + 'static>(
    socket: &Socket,
    name: &str,
    inputs: &UnboundedSender<Input>,
    wrap: fn(T) -> ServerEvent,
) -> Listener {
    let inputs = inputs.clone();
    socket.on(name, move |payload: T| {
        drop(inputs.send(Input::Event(Box::new(wrap(payload)))));
    })
}
