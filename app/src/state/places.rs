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
    /// Less than a pixel from `other`. Boxes scroll by whole pixels, and what is put in its place is taken down
    /// again: many halves of a pixel would be a way.
    pub fn is_as_good_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::End, Self::End) => true,
            (
                Self::Row { key, offset, .. },
                Self::Row {
                    key: other,
                    offset: before,
                    ..
                },
            ) => key == other && (offset - before).abs() < 1.0,
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
    fn less_than_a_pixel_is_the_same_place() {
        assert!(row(1, 8.0).is_as_good_as(&row(1, 8.9)));
        assert!(!row(1, 8.0).is_as_good_as(&row(1, 9.0)));
        assert!(!row(1, 8.0).is_as_good_as(&row(2, 8.0)));
        assert!(Place::End.is_as_good_as(&Place::End));
        assert!(!Place::End.is_as_good_as(&row(1, 8.0)));
    }
}
