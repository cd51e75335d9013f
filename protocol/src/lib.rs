//! What travels between Natter's server and its clients, written once for both.
//!
//! Field names are camelCase, times are whole milliseconds since the Unix epoch (UTC), ids are
//! strings. Every event name is written in [`events`] and nowhere else.

/// Newtypes for everything that names something, so that two of them cannot be swapped.
pub mod ids;
/// Text that a person writes, with its limits: [`MessageText`](text::MessageText) and
/// [`GroupName`](text::GroupName).
pub mod text;

/// One's own account: password, passkeys, recovery codes, devices.
pub mod account;
/// What owners and admins see and change.
pub mod administration;
/// What has changed since a client last asked.
pub mod changes;
/// A private or group conversation as its member sees it.
pub mod conversation;
/// What happened to a group.
pub mod group_event;
/// Joining by a link or by open registration.
pub mod join;
/// One message.
pub mod message;
/// How far each member has got: delivered and read positions.
pub mod receipt;
/// Who is signed in: the bodies of `/web/login`, `/web/session` and `/web/users`.
pub mod session;

/// What can go wrong: stable codes and the bodies that carry them.
pub mod error;
/// What a client emits and what the server pushes, each with its name on the wire.
pub mod events;

pub use account::Role;
pub use changes::{Changes, Cursor};
pub use conversation::{Conversation, ConversationKind};
pub use error::{ErrorBody, ErrorCode, Problem};
pub use group_event::{GroupEvent, GroupEventKind};
pub use ids::{ClientId, ConversationId, MessageId, Seq, Timestamp, Username};
pub use message::Message;
pub use receipt::Receipt;
pub use session::{LoginRequest, Session, User};
pub use text::{DisplayName, GroupName, MessageText, Secret};

/// The cookie that holds the session's JWT. HttpOnly: no script reads it.
pub const SESSION_COOKIE: &str = "chatToken";
/// The response header that carries the token for opening a socket.
pub const SOCKET_TOKEN_HEADER: &str = "auth-token";
/// The response header of `GET /web/conversations` that says where to go on by `GET /web/changes`.
pub const CURSOR_HEADER: &str = "natter-cursor";
/// The Socket.IO namespace of the chat.
pub const NAMESPACE: &str = "/chat";
/// Most messages that one page of history may hold.
pub const MAX_PAGE: u32 = 200;
/// How many messages a page holds unless its caller says otherwise.
pub const DEFAULT_PAGE: u32 = 50;
