//! Making groups and changing them.

use std::sync::Arc;

use protocol::events::{AddMembers, CreateGroup, LeaveGroup, RemoveMembers, RenameGroup};
use socketioxide::extract::SocketRef;

use super::{Context, authenticate::Connection, dispatch::on};

pub(super) fn register(context: &Arc<Context>, socket: &SocketRef, connection: &Arc<Connection>) {
    on(
        context,
        socket,
        connection,
        |services, maker, request: CreateGroup| async move {
            services.groups.create(&maker, &request).await
        },
    );
    on(
        context,
        socket,
        connection,
        |services, member, request: RenameGroup| async move {
            services.groups.rename(&member, &request).await
        },
    );
    on(
        context,
        socket,
        connection,
        |services, member, request: AddMembers| async move {
            services.groups.add_members(&member, &request).await
        },
    );
    on(
        context,
        socket,
        connection,
        |services, member, request: RemoveMembers| async move {
            services.groups.remove_members(&member, &request).await
        },
    );
    on(
        context,
        socket,
        connection,
        |services, member, request: LeaveGroup| async move {
            services.groups.leave(&member, &request).await
        },
    );
}
