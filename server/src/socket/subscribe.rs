//! A socket that comes: into its rooms without missing or repeating a message.
//!
//! What was broadcast before it joined a room comes by replay (or is fetched by the client), what
//! is broadcast afterwards comes live, and [`Broadcast::join`](super::broadcast::Broadcast::join)
//! says exactly where the one ends and the other begins.

use std::{collections::HashMap, sync::Arc};

use protocol::{ConversationId, Seq};
use socketioxide::extract::SocketRef;

use super::{Context, authenticate::Connection, presence, replay};

/// Runs after the CONNECT packet was answered, when the socket can be sent to.
pub(super) async fn connected(context: Arc<Context>, socket: SocketRef) {
    let Some(connection) = socket.extensions.get::<Connection>() else {
        tracing::error!("a socket was admitted without an identity");
        return;
    };
    // The person's own room first: a conversation made from here on takes the socket with it.
    context.broadcast.join_person(&socket, connection.person.id);
    presence::arrived(&context, &socket, &connection).await;
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
            drop(socket.disconnect());
            return;
        }
    };
    let snapshot: Option<HashMap<&ConversationId, Seq>> = connection
        .snapshot
        .as_deref()
        .map(|positions| positions.iter().map(|(id, seq)| (id, *seq)).collect());
    let mut missed = Vec::new();
    for (id, standing) in &standings {
        let Some(broadcast_up_to) = context
            .broadcast
            .join(&socket, id, seq(standing.last_seq))
            .await
        else {
            continue;
        };
        let held = match &snapshot {
            Some(positions) => positions.get(id).copied().unwrap_or_default(),
            None => seq(standing.delivered_seq),
        };
        if broadcast_up_to > held {
            missed.push(replay::Missed {
                conversation: id.clone(),
                after: held,
                up_to: broadcast_up_to,
            });
        }
    }
    if !missed.is_empty() && connection.begin_replay() {
        tokio::spawn(replay::run(context, socket, connection, missed));
    }
}

fn seq(stored: i64) -> Seq {
    Seq(u64::try_from(stored).unwrap_or_default())
}
