//! The one place that maps a domain event to rooms.
//!
//! Every person has a room, every conversation has one, and one holds everybody. Events are sent
//! in the order in which they were stored.

use std::{
    collections::{HashMap, HashSet},
    pin::pin,
    sync::{Arc, OnceLock, Weak, atomic::Ordering},
};

use futures_util::{FutureExt, StreamExt};
use protocol::{
    Conversation, ConversationId, GroupEvent, NAMESPACE, Seq,
    events::{
        Delivered, GroupChanged, GroupHappened, GroupLeft, MessageEvent, NewGroup, OnlineStatus,
        ServerEvent, UserTyping,
    },
};
use serde::Serialize;
use socketioxide::{
    AckError, BroadcastError, SendError, SocketError, SocketIo, ack::AckStream, extract::SocketRef,
    operators::BroadcastOperators,
};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc};

use super::{
    ACK_TIMEOUT, Context, authenticate::Connection, ending, presence::Gathered, replay, slow,
};
use crate::{
    services::{DomainEvent, Services},
    storage::UserId,
};

/// The room of every socket that resyncs by itself.
const RESYNCING: &str = "resyncing";
/// The room of every other socket.
const OTHERS: &str = "others";
/// What the names of the rooms of conversations begin with.
const CONVERSATION: &str = "conversation:";
/// How many messages may wait for acknowledgements at the same time. Beyond it a message is sent
/// all the same, and its delivery is noted when the receiver connects the next time.
const MAX_AWAITED: usize = 16_384;

/// Sends domain events to the sockets that they concern.
pub(crate) struct Broadcast {
    io: SocketIo,
    services: Arc<Services>,
    /// The newest message of each conversation that went out since this process started. Held
    /// while a message is sent and while a socket joins a room, so that the two never overlap.
    sent: Mutex<HashMap<ConversationId, Seq>>,
    awaited: Arc<Semaphore>,
    /// Set once the handlers' context exists, which holds this broadcaster in turn.
    context: OnceLock<Weak<Context>>,
}

impl std::fmt::Debug for Broadcast {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Broadcast").finish_non_exhaustive()
    }
}

impl Broadcast {
    pub fn new(io: SocketIo, services: Arc<Services>) -> Self {
        Self {
            io,
            services,
            sent: Mutex::default(),
            awaited: Arc::new(Semaphore::new(MAX_AWAITED)),
            context: OnceLock::new(),
        }
    }

    /// Gives the broadcaster what it needs to resync a socket that does not acknowledge.
    pub fn set_context(&self, context: &Arc<Context>) {
        let _ = self.context.set(Arc::downgrade(context));
    }

    /// Sends events until there are no more.
    pub async fn run(self: Arc<Self>, mut events: mpsc::Receiver<DomainEvent>) {
        let mut gathered = Gathered::default();
        loop {
            tokio::select! {
                biased;
                () = gathered.due() => {
                    let rooms = vec![RESYNCING.to_owned()];
                    self.emit(rooms, ServerEvent::PRESENCE, &gathered.take()).await;
                }
                event = events.recv() => match event {
                    Some(event) => self.send(event, &mut gathered).await,
                    None => return,
                },
            }
        }
    }

    /// Takes a socket into its person's room and one of the two that everybody is in.
    pub(super) fn join_person(&self, socket: &SocketRef, connection: &Connection) {
        let everybody = if connection.fetches {
            RESYNCING
        } else {
            OTHERS
        };
        socket.join([person_room(connection.person.id), everybody.to_owned()]);
    }

    /// Takes a socket into a conversation's room, and says up to which message the room had been
    /// sent before: the next one comes live. `None` when the socket was in the room already.
    ///
    /// `stored` is the newest `seq` in the database, read before.
    pub async fn join(
        &self,
        socket: &SocketRef,
        conversation: &ConversationId,
        stored: Seq,
    ) -> Option<Seq> {
        let room = conversation_room(conversation);
        let sent = self.sent.lock().await;
        let lags = is_lagging(socket);
        if lags || socket.rooms().iter().any(|joined| *joined == room) {
            return None;
        }
        socket.join(room);
        let up_to = sent.get(conversation).copied().unwrap_or_else(|| {
            // Nothing of it was sent yet, though something may be stored and about to be.
            let first = self.services.messages.first_stored().get(conversation);
            first.map_or(stored, Seq::previous)
        });
        drop(sent);
        Some(up_to)
    }

    /// Takes a slow socket out of every room. False if that was done before. Nothing joins or is
    /// sent meanwhile.
    pub(super) async fn take_out(&self, socket: &SocketRef, connection: &Connection) -> bool {
        let _sent = self.sent.lock().await;
        let is_first = !connection.lagging.swap(true, Ordering::AcqRel);
        socket.leave_all();
        is_first
    }

    /// The conversations whose rooms a socket is in.
    pub fn joined(&self, socket: &SocketRef) -> Vec<ConversationId> {
        let rooms = socket.rooms();
        let ids = rooms
            .iter()
            .filter_map(|room| room.strip_prefix(CONVERSATION));
        ids.map(ConversationId::from_trusted).collect()
    }

    /// Takes a socket out of a conversation's room.
    pub fn leave(&self, socket: &SocketRef, conversation: &ConversationId) {
        socket.leave(conversation_room(conversation));
    }

    async fn send(self: &Arc<Self>, event: DomainEvent, gathered: &mut Gathered) {
        match event {
            DomainEvent::ConversationMade { id, members, group } => {
                let rooms: Vec<String> = members.into_iter().map(person_room).collect();
                if let Some(sockets) = self.to(rooms)
                    && let Err(error) = sockets.join(conversation_room(&id)).await
                {
                    tracing::error!(%error, "a conversation's room could not be filled");
                }
                if let Some(conversation) = group {
                    let room = conversation_room(&id);
                    self.emit(
                        vec![room],
                        ServerEvent::NEW_GROUP,
                        &new_group(*conversation),
                    )
                    .await;
                }
            }
            DomainEvent::GroupChanged {
                joined,
                left,
                change,
                event,
                welcome,
            } => {
                self.let_go(&change.group_id, left).await;
                self.welcome(&change.group_id, joined, welcome.map(|group| *group))
                    .await;
                self.tell_members(*change, *event).await;
            }
            DomainEvent::MessageStored { sender, message } => {
                self.send_message(sender, MessageEvent { response: *message })
                    .await;
            }
            DomainEvent::WaitingDelivered { sender, status } => {
                let event = ServerEvent::UPDATE_DELIVERY_STATUS_ON_CONNECTION;
                self.emit(vec![person_room(sender)], event, &*status).await;
            }
            DomainEvent::PositionMoved(receipt) => {
                let room = conversation_room(&receipt.conversation_id);
                self.emit(vec![room], ServerEvent::RECEIPT, &receipt).await;
            }
            DomainEvent::OwnPositionMoved { user, receipt } => {
                self.emit(vec![person_room(user)], ServerEvent::RECEIPT, &receipt)
                    .await;
            }
            DomainEvent::PersonChanged { user, mut change } => {
                change.online = self.services.presence.is_online(user);
                let everybody = vec![RESYNCING.to_owned(), OTHERS.to_owned()];
                self.emit(everybody, ServerEvent::USER_CHANGED, &change)
                    .await;
            }
            DomainEvent::Typing { user, typing } => self.tell_typing(user, &typing).await,
            DomainEvent::SessionsEnded => self.end_revoked(),
            DomainEvent::PresenceChanged { user, status } => {
                self.tell_others(user, &status).await;
                gathered.note(status);
            }
        }
    }

    /// Tells sockets that do not resync by themselves that somebody came or went.
    async fn tell_others(&self, user: UserId, status: &OnlineStatus) {
        if let Some(others) = self.to(vec![OTHERS.to_owned()]) {
            let others = others.except(person_room(user));
            if let Err(error) = others.emit(ServerEvent::ONLINE_STATUS, status).await {
                // Whoever is too slow for it is noticed by the next message.
                tracing::debug!(%error, "a presence did not reach every socket");
            }
        }
    }

    /// Tells the other members of a conversation that somebody is writing there.
    async fn tell_typing(&self, user: UserId, typing: &UserTyping) {
        if let Some(room) = self.to(vec![conversation_room(&typing.conversation_id)]) {
            let others = room.except(person_room(user));
            if let Err(error) = others.emit(ServerEvent::USER_TYPING, typing).await {
                // Whoever is too slow for it has missed nothing.
                tracing::debug!(%error, "who is writing did not reach every socket");
            }
        }
    }

    /// Looks at every open socket, beside whatever comes next.
    fn end_revoked(&self) {
        let sockets = self.io.of(NAMESPACE).map(|chat| chat.sockets());
        if let (Some(context), Some(sockets)) =
            (self.context.get().and_then(Weak::upgrade), sockets)
        {
            tokio::spawn(async move { ending::end_revoked(&context, sockets).await });
        }
    }

    /// Takes sockets out of a group's room, and tells them.
    async fn let_go(&self, group: &ConversationId, left: Vec<UserId>) {
        let rooms: Vec<String> = left.into_iter().map(person_room).collect();
        if rooms.is_empty() {
            return;
        }
        if let Some(sockets) = self.to(rooms.clone())
            && let Err(error) = sockets.leave(conversation_room(group)).await
        {
            tracing::error!(%error, "a group's room could not be left");
        }
        let group_id = group.clone();
        self.emit(rooms, ServerEvent::GROUP_LEFT, &GroupLeft { group_id })
            .await;
    }

    /// Takes sockets into a group's room, and shows them the group. What was stored before they
    /// joined has been sent to the room before, and what is stored later comes after this.
    async fn welcome(
        &self,
        group: &ConversationId,
        joined: Vec<UserId>,
        welcome: Option<Conversation>,
    ) {
        let rooms: Vec<String> = joined.into_iter().map(person_room).collect();
        let Some(conversation) = welcome else { return };
        if let Some(sockets) = self.to(rooms.clone())
            && let Err(error) = sockets.join(conversation_room(group)).await
        {
            tracing::error!(%error, "a group's room could not be joined");
        }
        self.emit(rooms, ServerEvent::NEW_GROUP, &new_group(conversation))
            .await;
    }

    async fn tell_members(&self, change: GroupChanged, event: GroupEvent) {
        let room = vec![conversation_room(&change.group_id)];
        self.emit(room.clone(), ServerEvent::GROUP_CHANGED, &change)
            .await;
        let happened = GroupHappened {
            group_id: change.group_id,
            event,
        };
        self.emit(room, ServerEvent::GROUP_EVENT, &happened).await;
    }

    async fn send_message(self: &Arc<Self>, sender: UserId, event: MessageEvent) {
        let conversation = event.response.conversation_id.clone();
        let seq = event.response.seq;
        let Some(room) = self.to(vec![conversation_room(&conversation)]) else {
            return;
        };
        let emitted = {
            let mut sent = self.sent.lock().await;
            sent.insert(conversation.clone(), seq);
            room.timeout(ACK_TIMEOUT)
                .emit_with_ack::<_, Delivered>(ServerEvent::RESPONSE, &event)
                .await
        };
        match emitted {
            Ok(acknowledgements) => {
                let permit = Arc::clone(&self.awaited).try_acquire_owned().ok();
                let this = Arc::clone(self);
                tokio::spawn(async move {
                    this.await_delivery(sender, conversation, seq, acknowledgements, permit)
                        .await;
                });
            }
            Err(error) => tracing::error!(%error, "a message could not be sent to its room"),
        }
    }

    /// Notes who acknowledges a message, and resyncs those who do not. Without a permit nobody is
    /// waited for: only who did not take the message is seen to.
    async fn await_delivery(
        &self,
        sender: UserId,
        conversation: ConversationId,
        seq: Seq,
        acknowledgements: AckStream<Delivered>,
        permit: Option<OwnedSemaphorePermit>,
    ) {
        let mut noted = HashSet::from([sender]);
        let mut acknowledgements = pin!(acknowledgements);
        loop {
            let next = match &permit {
                Some(_) => acknowledgements.next().await,
                None => acknowledgements.next().now_or_never().flatten(),
            };
            let Some((socket, acknowledgement)) = next else {
                break;
            };
            let Some(socket) = self
                .io
                .of(NAMESPACE)
                .and_then(|chat| chat.get_socket(socket))
            else {
                continue;
            };
            let Some(connection) = socket.extensions.get::<Arc<Connection>>() else {
                continue;
            };
            match acknowledgement {
                Ok(acknowledgement) if acknowledgement.success => {
                    let person = connection.person.id;
                    if noted.insert(person) {
                        let receipts = &self.services.receipts;
                        receipts
                            .holds(person, conversation.clone(), seq, false)
                            .await;
                    }
                }
                Err(AckError::Socket(SocketError::Closed)) => {}
                Err(AckError::Socket(SocketError::InternalChannelFull)) => self.lags(socket).await,
                Ok(_) | Err(_) => self.resync(socket),
            }
        }
    }

    fn resync(&self, socket: SocketRef) {
        if let Some(context) = self.context.get().and_then(Weak::upgrade) {
            tokio::spawn(replay::resync(context, socket));
        }
    }

    async fn lags(&self, socket: SocketRef) {
        if let Some(context) = self.context.get().and_then(Weak::upgrade) {
            slow::lags(&context, socket).await;
        }
    }

    async fn emit<T: Serialize + ?Sized>(&self, rooms: Vec<String>, event: &str, payload: &T) {
        let Some(sockets) = self.to(rooms) else {
            return;
        };
        let is_full = |error: &SocketError| matches!(error, SocketError::InternalChannelFull);
        match sockets.clone().emit(event, payload).await {
            Err(BroadcastError::Socket(errors)) if errors.iter().any(is_full) => {}
            Ok(()) | Err(_) => return,
        }
        // Some did not take it, and which is not said. The same again does no harm, because such an
        // event tells a state; whoever does not take it now either is slow.
        for socket in sockets.sockets() {
            if let Err(SendError::Socket(SocketError::InternalChannelFull)) =
                socket.emit(event, payload)
            {
                self.lags(socket).await;
            }
        }
    }

    fn to(&self, rooms: Vec<String>) -> Option<BroadcastOperators> {
        Some(self.io.of(NAMESPACE)?.to(rooms))
    }
}

fn is_lagging(socket: &SocketRef) -> bool {
    let connection = socket.extensions.get::<Arc<Connection>>();
    connection.is_some_and(|connection| connection.lagging.load(Ordering::Acquire))
}

fn new_group(conversation: Conversation) -> NewGroup {
    NewGroup {
        response: conversation.name.clone(),
        conversation,
    }
}

fn person_room(person: UserId) -> String {
    format!("person:{}", person.0)
}

fn conversation_room(conversation: &ConversationId) -> String {
    format!("{CONVERSATION}{conversation}")
}
