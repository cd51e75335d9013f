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
    /// The same place, so many pixels further up. The end stays the end.
    #[must_use]
    pub fn higher_by(mut self, distance: f64) -> Self {
        if let Self::Row { offset, .. } = &mut self {
            *offset -= distance;
        }
        self
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

    fn row(offset: f64) -> Place {
        Place::Row {
            key: RowKey::Message(username("bob"), client_id(1)),
            offset,
            height: 20.0,
        }
    }

    #[test]
    fn a_place_is_told_as_if_things_had_been_put_back_to_a_part_of_a_pixel() {
        assert_eq!(row(8.0).higher_by(0.25), row(7.75));
        assert_eq!(row(8.0).higher_by(-0.25), row(8.25));
        assert_eq!(Place::End.higher_by(0.25), Place::End);
    }
}
