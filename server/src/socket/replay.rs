//! What waited for somebody while they were away: oldest first, in acknowledged windows.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, atomic::Ordering},
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use protocol::{
    ConversationId, Message, Seq,
    events::{Delivered, MessageEvent, ServerEvent},
};
use socketioxide::{SendError, SocketError, extract::SocketRef};

use super::{Context, authenticate::Connection, slow};
use crate::services::{ServiceError, conversations::HistoryPage};

/// How many messages are on the way before the next ones wait for acknowledgements.
const WINDOW: usize = 50;

/// A range of one conversation that a socket has not been sent.
#[derive(Clone, Debug)]
pub(super) struct Missed {
    pub conversation: ConversationId,
    pub after: Seq,
    pub up_to: Seq,
}

/// Sends what was missed. Stops at the first window that is not acknowledged in time; what is left
/// comes when the client connects again.
pub(super) async fn run(
    context: Arc<Context>,
    socket: SocketRef,
    connection: Arc<Connection>,
    missed: Vec<Missed>,
) {
    if let Err(error) = send_all(&context, &socket, &connection, missed).await {
        tracing::error!(%error, "missed messages could not be read");
    }
    connection.end_replay();
    if connection.replay_again.swap(false, Ordering::AcqRel) {
        Box::pin(resync(context, socket)).await;
    }
}

/// Sends again whatever this socket's person does not hold yet, because an acknowledgement did not
/// come. While a replay is under way, it follows that.
pub(super) async fn resync(context: Arc<Context>, socket: SocketRef) {
    let Some(connection) = socket.extensions.get::<Arc<Connection>>() else {
        return;
    };
    if !socket.connected() {
        return;
    }
    if !connection.begin_replay() {
        connection.replay_again.store(true, Ordering::Release);
        // The other one may have ended just before it could see that.
        if !connection.begin_replay() {
            return;
        }
        connection.replay_again.store(false, Ordering::Release);
    }
    let standings = match context
        .services
        .conversations
        .standings(connection.person.id)
        .await
    {
        Ok(standings) => standings,
        Err(error) => {
            tracing::error!(%error, "a slow socket could not be resynced");
            connection.end_replay();
            return;
        }
    };
    let seq = |stored: i64| Seq(u64::try_from(stored).unwrap_or_default());
    let missed = standings
        .into_iter()
        .filter(|(_, standing)| standing.last_seq > standing.delivered_seq)
        .map(|(conversation, standing)| Missed {
            conversation,
            after: seq(standing.delivered_seq),
            up_to: seq(standing.last_seq),
        })
        .collect();
    run(context, socket, connection, missed).await;
}

/// One conversation's part of a replay, read page by page.
#[derive(Debug)]
struct Source {
    missed: Missed,
    page: VecDeque<Message>,
}

impl Source {
    /// Reads the next page if the last one is used up. False when there is nothing left.
    async fn fill(
        &mut self,
        context: &Context,
        connection: &Connection,
    ) -> Result<bool, ServiceError> {
        if self.page.is_empty() && self.missed.after < self.missed.up_to {
            let page = HistoryPage::After(self.missed.after);
            let conversation = self.missed.conversation.as_str();
            let limit = u32::try_from(WINDOW).unwrap_or(u32::MAX);
            let history = context.services.conversations.history(
                &connection.person,
                conversation,
                page,
                limit,
            );
            let messages = match history.await {
                // They have left it since; what was missed elsewhere still comes.
                Err(ServiceError::Refused(_)) => Vec::new(),
                history => history?,
            };
            self.page = messages
                .into_iter()
                .filter(|message| message.seq <= self.missed.up_to)
                .collect();
            match self.page.back() {
                Some(last) => self.missed.after = last.seq,
                None => self.missed.after = self.missed.up_to,
            }
        }
        Ok(!self.page.is_empty())
    }
}

async fn send_all(
    context: &Arc<Context>,
    socket: &SocketRef,
    connection: &Connection,
    missed: Vec<Missed>,
) -> Result<(), ServiceError> {
    // Ids of messages are ordered by the time of their storing, so the smallest is the oldest.
    let mut oldest: BTreeMap<String, Source> = BTreeMap::new();
    for missed in missed {
        let mut source = Source {
            missed,
            page: VecDeque::new(),
        };
        if source.fill(context, connection).await? {
            insert(&mut oldest, source);
        }
    }
    let mut window = Vec::with_capacity(WINDOW);
    while let Some((_, mut source)) = oldest.pop_first() {
        window.extend(source.page.pop_front());
        if source.fill(context, connection).await? {
            insert(&mut oldest, source);
        }
        if (window.len() == WINDOW || oldest.is_empty())
            && !send_window(context, socket, connection, std::mem::take(&mut window)).await
        {
            return Ok(());
        }
    }
    Ok(())
}

fn insert(oldest: &mut BTreeMap<String, Source>, source: Source) {
    if let Some(first) = source.page.front() {
        oldest.insert(first.id.as_str().to_owned(), source);
    }
}

/// Sends some messages and waits for their acknowledgements; says whether all came.
async fn send_window(
    context: &Arc<Context>,
    socket: &SocketRef,
    connection: &Connection,
    window: Vec<Message>,
) -> bool {
    let mut acknowledgements = FuturesUnordered::new();
    let mut sent = HashMap::new();
    for (index, message) in window.into_iter().enumerate() {
        let event = MessageEvent { response: message };
        match socket.emit_with_ack::<_, Delivered>(ServerEvent::RESPONSE, &event) {
            Ok(acknowledgement) => {
                sent.insert(index, (event.response.conversation_id, event.response.seq));
                acknowledgements.push(async move { (index, acknowledgement.await) });
            }
            Err(error) => {
                tracing::debug!(%error, "a replay ends, because its socket is gone or too slow");
                if matches!(error, SendError::Socket(SocketError::InternalChannelFull)) {
                    slow::lags(context, socket.clone()).await;
                }
                return false;
            }
        }
    }
    let mut complete = true;
    while let Some((index, acknowledgement)) = acknowledgements.next().await {
        if acknowledgement.is_ok_and(|acknowledgement| acknowledgement.success) {
            if let Some((conversation, seq)) = sent.remove(&index) {
                let person = connection.person.id;
                context
                    .services
                    .receipts
                    .holds(person, conversation, seq, true)
                    .await;
            }
        } else {
            complete = false;
        }
    }
    complete
}
