//! Where in each conversation its reader was, so that coming back is coming back there.

use super::{recipient::Recipient, rows::RowKey};

/// A place in a timeline, told so that it survives changes above and below.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Place {
    /// At the end, and staying there when messages come.
    #[default]
    End,
    /// With the words of this message so many pixels below the upper edge. What has begun further up is
    /// as far above it as was read of its `height`, which is another one in a narrower window.
    Row {
        key: RowKey,
        offset: f64,
        height: f64,
    },
}

impl Place {
    /// Whether it is told by the same message as `other`, or both are the end.
    pub fn is_at_row_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::End, Self::End) => true,
            (Self::Row { key, .. }, Self::Row { key: other, .. }) => key == other,
            _ => false,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Few, and none of them an end.
    places: Vec<(Recipient, Place)>,
}

impl Places {
    pub fn remember(&mut self, recipient: &Recipient, place: Place) {
        self.places.retain(|(each, _)| each != recipient);
        if place != Place::End {
            self.places.push((recipient.clone(), place));
        }
    }

    pub fn get(&self, recipient: &Recipient) -> Place {
        let place = self.places.iter().find(|(each, _)| each == recipient);
        place.map(|(_, place)| place.clone()).unwrap_or_default()
    }

    pub fn is_at_end(&self, recipient: &Recipient) -> bool {
        !self.places.iter().any(|(each, _)| each == recipient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fixtures::{client_id, username};

    fn row(number: u128, offset: f64) -> Place {
        Place::Row {
            key: RowKey::Message(username("bob"), client_id(number)),
            offset,
            height: 20.0,
        }
    }

    #[test]
    fn a_place_is_told_by_its_message_wherever_that_is_in_view() {
        assert!(row(1, 8.0).is_at_row_of(&row(1, 90.0)));
        assert!(!row(1, 8.0).is_at_row_of(&row(2, 8.0)));
        assert!(Place::End.is_at_row_of(&Place::End));
        assert!(!Place::End.is_at_row_of(&row(1, 8.0)));
    }
}
