//! What was typed and not sent yet, for each conversation.

use super::recipient::Recipient;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drafts {
    drafts: Vec<(Recipient, String)>,
}

impl Drafts {
    pub fn restore(&mut self, kept: impl IntoIterator<Item = (Recipient, String)>) {
        for (recipient, text) in kept {
            self.keep(&recipient, &text);
        }
    }

    /// Keeps a draft; an empty one is none.
    pub fn keep(&mut self, recipient: &Recipient, text: &str) {
        self.drafts.retain(|(each, _)| each != recipient);
        if !text.is_empty() {
            self.drafts.push((recipient.clone(), text.to_owned()));
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.drafts.len()
    }

    pub fn get(&self, recipient: &Recipient) -> &str {
        let draft = self.drafts.iter().find(|(each, _)| each == recipient);
        draft.map_or("", |(_, text)| text)
    }
}
