//! Making groups.

use std::sync::Arc;

use protocol::events::CreateGroup;
use socketioxide::extract::SocketRef;

use super::{Context, authenticate::Connection, dispatch::on};

pub(super) fn register(context: &Arc<Context>, socket: &SocketRef, connection: &Connection) {
    on(
        context,
        socket,
        connection,
        |services, maker, request: CreateGroup| async move {
            services.conversations.create_group(&maker, &request).await
        },
    );
}
