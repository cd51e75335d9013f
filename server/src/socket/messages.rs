//! Sending messages, and saying how far one has got and that one is writing.

use std::sync::Arc;

use protocol::events::{GroupMessage, MarkDelivered, MarkRead, PrivateMessage, Typing};
use socketioxide::extract::SocketRef;

use super::{Context, authenticate::Connection, dispatch::on};

pub(super) fn register(context: &Arc<Context>, socket: &SocketRef, connection: &Arc<Connection>) {
    on(
        context,
        socket,
        connection,
        |services, sender, request: PrivateMessage| async move {
            services.messages.send_private(&sender, request).await
        },
    );
    on(
        context,
        socket,
        connection,
        |services, sender, request: GroupMessage| async move {
            services.messages.send_to_group(&sender, request).await
        },
    );
    on(
        context,
        socket,
        connection,
        |services, reader, request: MarkRead| async move {
            services
                .receipts
                .mark_read(&reader, &request.conversation_id, request.seq)
                .await
        },
    );
    on(
        context,
        socket,
        connection,
        |services, reader, request: MarkDelivered| async move {
            services
                .receipts
                .mark_delivered(&reader, &request.conversation_id, request.seq)
                .await
        },
    );
    on(
        context,
        socket,
        connection,
        |services, writer, request: Typing| async move { services.typing.tell(&writer, &request).await },
    );
}
