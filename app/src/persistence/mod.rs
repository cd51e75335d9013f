//! What is kept in the browser: the outbox and the drafts of each person, so that a reload loses
//! nothing that was typed, and what was chosen here, such as the theme.
//!
//! Every message and every draft has an entry of its own, so that two tabs never write over each
//! other. Where nothing can be kept, the chat works all the same until the page is left.

use protocol::Username;
use web_sys::Storage;

use crate::state::recipient::Recipient;

/// The database of the browser.
pub mod database;
/// What is shown when there is no server.
pub mod offline;
/// What is not known to be stored by the server.
pub mod outbox;

/// What was chosen in this browser; `None` for what holds without a choice.
pub fn choice(of: &str) -> Option<String> {
    storage()?.get_item(&choice_key(of)).ok().flatten()
}

pub fn keep_choice(of: &str, choice: Option<&str>) {
    let Some(storage) = storage() else { return };
    let key = choice_key(of);
    let _ = match choice {
        Some(choice) => storage.set_item(&key, choice),
        None => storage.remove_item(&key),
    };
}

fn choice_key(of: &str) -> String {
    ["natter.", of].concat()
}

/// The drafts of `username`.
pub fn drafts(username: &Username) -> Vec<(Recipient, String)> {
    let prefix = draft_key(username, "");
    let read = |(key, text): (String, String)| {
        let recipient = compact_json::read(key.strip_prefix(&prefix)?).ok()?;
        Some((recipient, text))
    };
    entries(&prefix).into_iter().filter_map(read).collect()
}

pub fn keep_draft(username: &Username, recipient: &Recipient, text: &str) {
    if let (Some(storage), Ok(recipient)) = (storage(), compact_json::write(recipient)) {
        let key = draft_key(username, &recipient);
        let _ = if text.is_empty() {
            storage.remove_item(&key)
        } else {
            storage.set_item(&key, text)
        };
    }
}

/// Forgets all drafts of `username`, and which conversations they have muted.
pub fn forget_drafts(username: &Username) {
    forget(&draft_key(username, ""));
    forget(&choice_key(&muted(username, "/")));
}

/// The choice whether a conversation is muted, by its path.
pub fn muted(username: &Username, path: &str) -> String {
    ["muted.", username.as_str(), path].concat()
}

fn draft_key(username: &Username, rest: &str) -> String {
    ["natter.draft.", username.as_str(), "/", rest].concat()
}

fn storage() -> Option<Storage> {
    leptos::prelude::window().local_storage().ok().flatten()
}

/// Removes what has a key that begins like this.
fn forget(prefix: &str) {
    let Some(storage) = storage() else { return };
    for (key, _) in entries(prefix) {
        let _ = storage.remove_item(&key);
    }
}

/// Keys and values of the local storage.
fn entries(prefix: &str) -> Vec<(String, String)> {
    let Some(storage) = storage() else {
        return Vec::new();
    };
    let count = storage.length().unwrap_or(0);
    let keys = (0..count).filter_map(|index| storage.key(index).ok().flatten());
    let ours: Vec<String> = keys.filter(|key| key.starts_with(prefix)).collect();
    let read = |key: String| {
        let value = storage.get_item(&key).ok().flatten()?;
        Some((key, value))
    };
    ours.into_iter().filter_map(read).collect()
}
