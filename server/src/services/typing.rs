//! Who is writing. It is told to whoever is there and forgotten: nothing of it is stored.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use protocol::{
    ConversationId,
    events::{Heard, UserTyping},
    receipt::LARGE_GROUP,
};

use super::{DomainEvent, Person, ServiceError, conversations::refuse_outsider, events::Announcer};
use crate::storage::{Database, UserId, members};

/// How often others are told at most that somebody is writing.
const PAUSE: Duration = Duration::from_secs(1);
/// So many people are remembered before those are forgotten whose pause is over.
const REMEMBERED: usize = 1_024;

#[derive(Debug)]
pub struct Typing {
    database: Database,
    announcer: Announcer,
    /// When others were told last.
    told: Mutex<HashMap<UserId, Instant>>,
}

impl Typing {
    pub fn new(database: Database, announcer: Announcer) -> Self {
        Self {
            database,
            announcer,
            told: Mutex::default(),
        }
    }

    /// Tells the other members that `person` is writing, unless that was told a moment ago or they
    /// are too many to care.
    pub async fn tell(
        &self,
        person: &Person,
        request: &protocol::events::Typing,
    ) -> Result<Heard, ServiceError> {
        let (reader, id) = (self.database.reader(), &request.conversation_id);
        refuse_outsider(reader, person, id).await?;
        if self.is_due(person.id) && !members::are_more_than(reader, id, LARGE_GROUP).await? {
            self.announcer
                .send(DomainEvent::Typing {
                    user: person.id,
                    typing: UserTyping {
                        conversation_id: ConversationId::from_trusted(id.as_str()),
                        username: person.username.clone(),
                    },
                })
                .await;
        }
        Ok(Heard {})
    }

    fn is_due(&self, person: UserId) -> bool {
        let now = Instant::now();
        let is_recent = |at: &Instant| now.duration_since(*at) < PAUSE;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(&person).is_some_and(is_recent) {
            return false;
        }
        if told.len() >= REMEMBERED {
            told.retain(|_, at| is_recent(at));
        }
        told.insert(person, now);
        true
    }
}
