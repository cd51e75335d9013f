//! The timelines that are held: the ones opened last, and no more than a browser tab should keep.

use super::{recipient::Recipient, timeline::Timeline};

use crate::reactive::ArcObservable;

/// Most timelines held at once.
const HELD: usize = 30;

/// Each a signal of its own, so that a message in one conversation wakes nobody in another.
#[derive(Clone, Debug, Default)]
pub struct Timelines {
    /// The one used last is last.
    held: Vec<(Recipient, ArcObservable<Timeline>)>,
}

impl Timelines {
    /// The timeline of a conversation if it is held.
    pub fn get(&self, recipient: &Recipient) -> Option<ArcObservable<Timeline>> {
        let held = self.held.iter().find(|(each, _)| each == recipient);
        held.map(|(_, timeline)| timeline.clone())
    }

    /// The timeline of a conversation, an empty one if none is held. It counts as used last, and
    /// the one that was not used for longest goes. A view that still shows that one keeps it alive.
    pub fn open(&mut self, recipient: &Recipient) -> ArcObservable<Timeline> {
        let timeline = self.get(recipient).unwrap_or_default();
        self.held.retain(|(each, _)| each != recipient);
        self.held.push((recipient.clone(), timeline.clone()));
        if self.held.len() > HELD {
            self.held.remove(0);
        }
        timeline
    }

    pub fn iter(&self) -> impl Iterator<Item = &(Recipient, ArcObservable<Timeline>)> {
        self.held.iter()
    }
}

#[cfg(test)]
mod tests {
    use protocol::ConversationId;

    use super::*;

    fn group(number: usize) -> Recipient {
        Recipient::Group(ConversationId::from_trusted(number.to_string()))
    }

    #[test]
    fn the_timeline_that_was_not_used_for_longest_goes_first() {
        let mut timelines = Timelines::default();
        for number in 0..HELD {
            timelines.open(&group(number));
        }
        timelines.open(&group(0));
        timelines.open(&group(HELD));
        assert!(timelines.get(&group(0)).is_some());
        assert!(timelines.get(&group(1)).is_none());
        assert_eq!(timelines.iter().count(), HELD);
    }
}
