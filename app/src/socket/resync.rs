//! Catching up: who and what there is, what the loaded timelines lack, and telling the server what
//! has arrived and what was read.
//!
//! Events are subscribed to before anything is fetched, and the state keeps what they said since.

use gloo_timers::future::sleep;
use protocol::{
    Changes, Conversation, ConversationId, Cursor, Receipt, Seq,
    events::{Acknowledgement, ClientEvent, MarkDelivered, MarkRead},
};
use serde::Serialize;
use socketio_client::State;

use super::{Service, pause};
use crate::{
    api::{self, ApiError},
    reactive::spawn,
    state::{conversations::Conversations, recipient::Recipient},
};

/// What the server says of the conversations.
enum Fetched {
    All(Vec<Conversation>, Option<Cursor>),
    Changed(Changes),
}

impl Service {
    /// Fetches the lists and whatever they show to be missing. Asked for while it is under way, it
    /// runs once more afterwards.
    pub(super) fn resync(&'static self) {
        if self.resyncing.replace(true) {
            self.resync_again.set(true);
            return;
        }
        spawn(async move {
            let mut failures = 0;
            loop {
                self.resync_again.set(false);
                let outcome = self.fetch_lists().await;
                if self.viewer().is_none() {
                    break;
                }
                match outcome {
                    Ok(()) => {
                        failures = 0;
                        self.catch_up().await;
                    }
                    Err(ApiError::Unauthorized) => {
                        self.check_session();
                        break;
                    }
                    Err(ApiError::Refused(_) | ApiError::Unreachable) => {
                        // Without a line the next connection begins with this anyway.
                        if !self.is_connected() {
                            break;
                        }
                        failures += 1;
                        sleep(pause(failures)).await;
                        continue;
                    }
                }
                if !self.resync_again.get() {
                    break;
                }
            }
            self.resyncing.set(false);
            // Asked for after the last look, by a sign-in that came in between.
            if self.resync_again.take() && self.viewer().is_some() {
                self.resync();
            }
        });
    }

    async fn fetch_lists(&'static self) -> Result<(), ApiError> {
        let viewer = self.viewer().ok_or(ApiError::Unauthorized)?;
        let (list, people) = (self.state.conversations, self.state.people);
        let list_number = list.try_maybe_update(|list| (false, list.begin_snapshot()));
        let people_number = people.try_maybe_update(|people| (false, people.begin_snapshot()));
        // Both requests are on their way before the first answer is awaited.
        let users = api::users();
        let conversations = self.fetch_conversations().await;
        let users = users.await;
        if self.viewer().as_ref() != Some(&viewer) {
            return Ok(());
        }
        let number = list_number.unwrap_or_default();
        let told = conversations.map(|answer| match answer {
            Fetched::All(snapshot, cursor) => {
                list.update(|list| list.apply_snapshot(number, snapshot, cursor, &viewer));
            }
            Fetched::Changed(changes) => {
                let known = list.try_update(|list| list.apply_changes(number, changes, &viewer));
                self.refetch_unless(known);
            }
        });
        let number = people_number.unwrap_or_default();
        let known = users.map(|mut snapshot| {
            snapshot.retain(|user| user.username != viewer);
            people.update(|people| people.apply_snapshot(number, snapshot));
        });
        told.and(known)
    }

    /// What has changed since the last answer; without one, everything.
    async fn fetch_conversations(&'static self) -> Result<Fetched, ApiError> {
        let cursor = self
            .state
            .conversations
            .with_untracked(Conversations::cursor);
        Ok(match cursor {
            Some(cursor) => Fetched::Changed(api::changes(cursor).await?),
            None => {
                let (snapshot, cursor) = api::conversations().await?;
                Fetched::All(snapshot, cursor)
            }
        })
    }

    async fn catch_up(&'static self) {
        let open = self.open.borrow().clone();
        if let Some(recipient) = open {
            self.open_conversation(recipient);
        }
        let held: Vec<Recipient> = self.state.timelines.with_value(|timelines| {
            timelines
                .iter()
                .map(|(recipient, _)| recipient.clone())
                .collect()
        });
        for recipient in held {
            self.fill_now(&recipient).await;
        }
        if !self.is_connected() {
            return;
        }
        let Some(viewer) = self.viewer() else { return };
        let list = self.state.conversations;
        for (recipient, id, seq) in list.with_untracked(|list| list.undelivered(&viewer)) {
            if self.fetch_newest(&recipient).await {
                let conversation_id = (&id).into();
                self.tell(MarkDelivered {
                    conversation_id,
                    seq,
                })
                .await;
            }
        }
        for (id, seq) in list.with_untracked(|list| list.reads_to_tell(&viewer)) {
            self.tell_read(&id, seq).await;
        }
    }

    /// Everything up to `seq` was seen here.
    pub(super) fn mark_read(&'static self, recipient: &Recipient, seq: Seq) {
        let news = self.state.conversations.try_maybe_update(|list| {
            let news = list.mark_read(recipient, seq);
            (news.is_some(), news)
        });
        // Without a line it is told after the next connection.
        if let Some(Some(id)) = news
            && self.is_connected()
        {
            spawn(async move { self.tell_read(&id, seq).await });
        }
    }

    async fn tell_read(&'static self, id: &ConversationId, seq: Seq) {
        self.tell(MarkRead {
            conversation_id: id.into(),
            seq,
        })
        .await;
    }

    /// Tells the server a position. What it does not take is told again after the next connection.
    async fn tell<E>(&'static self, position: E)
    where
        E: ClientEvent<Response = Receipt> + Serialize,
    {
        let Some(client) = self.client() else { return };
        let answer = client
            .emit_with_ack::<Acknowledgement<Receipt>>(E::NAME, &position)
            .await;
        if let Ok(Some(Ok(receipt))) = answer.map(Acknowledgement::into_result) {
            self.move_position(&receipt);
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.client()
            .is_some_and(|client| client.state() == State::Connected)
    }
}
