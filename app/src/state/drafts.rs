//! What was typed and not sent yet, for each conversation.

use std::collections::BTreeMap;

use super::recipient::Recipient;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drafts {
    drafts: BTreeMap<Recipient, String>,
}

impl Drafts {
    pub fn restore(&mut self, kept: impl IntoIterator<Item = (Recipient, String)>) {
        self.drafts.extend(kept);
    }

    /// Keeps a draft; an empty one is none.
    pub fn keep(&mut self, recipient: &Recipient, text: &str) {
        if text.is_empty() {
            self.drafts.remove(recipient);
        } else {
            self.drafts.insert(recipient.clone(), text.to_owned());
        }
    }

    pub fn get(&self, recipient: &Recipient) -> &str {
        self.drafts.get(recipient).map_or("", String::as_str)
    }
}
