//! What the pages are made of. A component shows state and says what a person asks for; it knows
//! neither the socket nor `/web`.

pub mod account_menu;
pub mod admin;
pub mod ask_first;
pub mod avatar;
pub mod composer;
pub mod confirm_identity;
pub mod connection_banner;
pub mod conversation;
pub mod conversation_header;
pub mod conversation_row;
pub mod copy_button;
pub mod details;
pub mod emoji_picker;
pub mod fetched;
pub mod field;
pub mod finder;
pub mod form;
pub mod keys_help;
pub mod message_list;
pub mod message_row;
pub mod message_text;
pub mod modal;
pub mod moment;
pub mod new_group;
pub mod new_password;
pub mod page;
pub mod page_style;
pub mod password_field;
pub mod person_list;
pub mod settings;
pub mod sidebar;
pub mod switcher;
pub mod theme_toggle;
pub mod timeline_notices;
pub mod who_has_it;
pub mod woven;

/// Where a timeline is scrolled to, and how it stays there.
mod scroll;
mod shown_rows;
