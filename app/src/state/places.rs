//! Where in each conversation its reader was, so that coming back is coming back there.

use std::collections::BTreeMap;

use super::{recipient::Recipient, rows::RowKey};

/// A place in a timeline, told so that it survives changes above and below.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Place {
    /// At the end, and staying there when messages come.
    #[default]
    End,
    /// With this row so many pixels below the upper edge.
    Row { key: RowKey, offset: f64 },
}

#[derive(Clone, Debug, Default)]
pub struct Places {
    places: BTreeMap<Recipient, Place>,
}

impl Places {
    pub fn remember(&mut self, recipient: &Recipient, place: Place) {
        match place {
            Place::End => self.places.remove(recipient),
            place => self.places.insert(recipient.clone(), place),
        };
    }

    pub fn get(&self, recipient: &Recipient) -> Place {
        self.places.get(recipient).cloned().unwrap_or_default()
    }

    pub fn is_at_end(&self, recipient: &Recipient) -> bool {
        !self.places.contains_key(recipient)
    }
}
