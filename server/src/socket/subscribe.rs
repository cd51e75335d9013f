//! A socket that comes: into its rooms without missing or repeating a message.
//!
//! What was broadcast before it joined a room comes by replay (or is fetched by the client), what
//! is broadcast afterwards comes live, and [`Broadcast::join`](super::broadcast::Broadcast::join)
//! says exactly where the one ends and the other begins.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
};

use protocol::{
    ConversationId, Seq,
    events::{Resync, ServerEvent},
};
use socketioxide::extract::SocketRef;

use super::{Context, authenticate::Connection, ending, presence, replay, slow};
use crate::storage::members::Standing;

/// Runs after the CONNECT packet was answered, when the socket can be sent to.
pub(super) async fn connected(context: Arc<Context>, socket: SocketRef) {
    let Some(connection) = socket.extensions.get::<Arc<Connection>>() else {
        tracing::error!("a socket was admitted without an identity");
        return;
    };
    // The person's own room first: a conversation made from here on takes the socket with it.
    context.broadcast.join_person(&socket, &connection);
    presence::arrived(&context, &socket, &connection).await;
    // Its session may have ended after its token was checked and before it could be found here.
    ending::end_revoked(&context, vec![socket.clone()]).await;
    let positions = connection.take_held();
    let held = |id: &ConversationId, standing: &Standing| {
        // One that was joined in between holds nothing from before that.
        let held = positions.get(id).copied();
        held.unwrap_or_else(|| seq(standing.delivered_seq))
    };
    join_rooms(&context, &socket, &connection, &held).await;
    if connection.fetches {
        tell_to_ask(&context, socket, &connection).await;
    }
}

/// A client that fetches asks what has changed as soon as it is connected. What changed after that and
/// before it was in its rooms, a group's name or members or somebody's position, it has not heard of: it
/// is told to ask once more.
async fn tell_to_ask(context: &Arc<Context>, socket: SocketRef, connection: &Connection) {
    let conversations = &context.services.conversations;
    let changed = conversations.have_changed(connection.person.id, connection.admitted_at);
    let changed = changed.await.unwrap_or_else(|error| {
        tracing::debug!(%error, "it is not known whether a socket has missed a change");
        true
    });
    if changed && socket.emit(ServerEvent::RESYNC, &Resync {}).is_err() && socket.connected() {
        slow::lags(context, socket).await;
    }
}

/// Takes a socket that was out of its rooms back into them. What it has not acknowledged is sent
/// again, unless the client fetches what it lacks by itself.
pub(super) async fn again(
    context: &Arc<Context>,
    socket: &SocketRef,
    connection: &Arc<Connection>,
) {
    context.broadcast.join_person(socket, connection);
    let fetches = connection.fetches;
    let held = |_: &ConversationId, standing: &Standing| {
        if fetches {
            Seq(u64::MAX)
        } else {
            seq(standing.delivered_seq)
        }
    };
    join_rooms(context, socket, connection, &held).await;
}

/// Takes a socket into the rooms of its conversations, and replays what was sent to them behind what
/// it holds.
async fn join_rooms(
    context: &Arc<Context>,
    socket: &SocketRef,
    connection: &Arc<Connection>,
    held: &(dyn Fn(&ConversationId, &Standing) -> Seq + Sync),
) {
    let standings = match context
        .services
        .conversations
        .standings(connection.person.id)
        .await
    {
        Ok(standings) => standings,
        Err(error) => {
            // Without its rooms the socket would be deaf and look alive; the client comes again.
            tracing::error!(%error, "a socket could not join its rooms");
            slow::close(socket.clone()).await;
            return;
        }
    };
    let mut missed = Vec::new();
    for (id, standing) in &standings {
        let Some(broadcast_up_to) = context
            .broadcast
            .join(socket, id, seq(standing.last_seq))
            .await
        else {
            continue;
        };
        let held = held(id, standing);
        if broadcast_up_to > held {
            missed.push(replay::Missed {
                conversation: id.clone(),
                after: held,
                up_to: broadcast_up_to,
            });
        }
    }
    leave_what_was_left(context, socket, connection, &mut missed).await;
    if !socket.connected() {
        // It went meanwhile, and nobody else takes it out of the rooms that it joined since.
        socket.leave_all();
        return;
    }
    if missed.is_empty() || connection.lagging.load(Ordering::Acquire) {
        return;
    }
    if connection.begin_replay() {
        tokio::spawn(replay::run(
            Arc::clone(context),
            socket.clone(),
            Arc::clone(connection),
            missed,
        ));
    } else {
        replay::resync(Arc::clone(context), socket.clone()).await;
    }
}

/// Whoever was taken out of a group between the look at the standings and the joining of its room
/// was told before they were in it: nobody else takes them out.
async fn leave_what_was_left(
    context: &Context,
    socket: &SocketRef,
    connection: &Connection,
    missed: &mut Vec<replay::Missed>,
) {
    let person = connection.person.id;
    // Before the look: what is joined after it may be newer than what it sees.
    let joined = context.broadcast.joined(socket);
    let Ok(standings) = context.services.conversations.standings(person).await else {
        // What cannot be checked is not heard. The client comes again.
        slow::close(socket.clone()).await;
        return;
    };
    let current: HashSet<ConversationId> = standings.into_iter().map(|(id, _)| id).collect();
    for id in joined {
        if !current.contains(&id) {
            context.broadcast.leave(socket, &id);
            missed.retain(|each| each.conversation != id);
        }
    }
}

fn seq(stored: i64) -> Seq {
    Seq(u64::try_from(stored).unwrap_or_default())
}
