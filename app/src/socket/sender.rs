//! The outbox on its way: kept in the browser first, then sent in order, one message in flight for
//! each conversation, again and again until the server has answered.

use std::time::Duration;

use gloo_timers::future::sleep;
use protocol::{
    ClientId, ErrorCode, Message, Username,
    events::{Acknowledgement, ClientEvent, GroupMessage, PrivateMessage},
};
use socketio_client::{AckError, Client, State};

use super::{Service, pause, tabs::Turn};
use crate::{
    browser, persistence,
    reactive::spawn,
    state::{
        outbox::{Attempt, Envelope, Outbox},
        recipient::Recipient,
    },
};

impl Service {
    /// Puts a text in the line. It is sent once it is kept.
    pub(super) fn enqueue(&'static self, to: Recipient, text: String) {
        let Some(viewer) = self.viewer() else { return };
        let client_id = browser::new_client_id();
        let now = browser::now();
        let envelope = self
            .state
            .outbox
            .try_update(|outbox| outbox.enqueue(client_id, to.clone(), text, now));
        if let Some(envelope) = envelope {
            self.keep(&viewer, envelope.client_id, Some(&envelope));
        }
        // Only now: a page that ends in between has the text twice, which the next one sees, and
        // not in no place at all.
        self.keep_draft(&to, "");
        // Should this tab end before it can send, another one takes over.
        self.tell_tabs(String::new());
        let timeline = self
            .state
            .timelines
            .with_value(|timelines| timelines.get(&to));
        // Whoever writes wants to see it at the end.
        if timeline.is_some_and(|timeline| timeline.with_untracked(|it| it.has_newer())) {
            self.load_newest(&to);
        }
    }

    pub(super) fn retry_message(&'static self, client_id: ClientId) {
        let Some(viewer) = self.viewer() else { return };
        let again = self
            .state
            .outbox
            .try_update(|outbox| outbox.retry(client_id, browser::now()));
        if let Some(envelope) = again.flatten() {
            self.keep(&viewer, envelope.client_id, Some(&envelope));
        }
    }

    pub(super) fn discard_message(&'static self, client_id: ClientId) {
        let Some(viewer) = self.viewer() else { return };
        let discard = |outbox: &mut Outbox| outbox.discard(client_id);
        if self.state.outbox.try_update(discard) == Some(true) {
            self.tell_tabs(client_id.to_string());
            self.keep(&viewer, client_id, None);
        }
    }

    /// The server holds this message. If it is one of this person's, nothing of it waits any more.
    pub(super) fn settle(&'static self, message: &Message) {
        let Some(viewer) = self.viewer() else { return };
        let stored = self.state.outbox.try_maybe_update(|outbox| {
            let stored = outbox.stored(message, &viewer);
            (stored, stored)
        });
        if stored == Some(true) {
            self.keep(&viewer, message.client_id, None);
        }
    }

    /// Keeps an envelope in the browser, and lets it be sent only then; or keeps it no longer.
    /// Where nothing can be kept, it is sent all the same.
    pub(super) fn keep(
        &'static self,
        viewer: &Username,
        client_id: ClientId,
        envelope: Option<&Envelope>,
    ) {
        self.changes.update(|count| count + 1);
        let is_kept = persistence::outbox::keep(&self.database, viewer, client_id, envelope);
        // What is kept no longer, every tab hears of by itself, or is told by name.
        let is_news = envelope.is_some();
        spawn(async move {
            let is_kept = is_kept.await;
            self.changes.update(|count| count - 1);
            self.state
                .outbox
                .try_maybe_update(|outbox| (false, outbox.kept(client_id, is_kept)));
            if is_kept && is_news {
                self.tell_tabs(String::new());
            }
            self.send_waiting();
        });
    }

    pub(super) fn keep_draft(&self, to: &Recipient, text: &str) {
        if let Some(viewer) = self.viewer() {
            self.state
                .drafts
                .update_value(|drafts| drafts.keep(to, text));
            persistence::keep_draft(&viewer, to, text);
        }
    }

    /// Sends everything that may be sent now, once it is this tab's turn, and ends the turn when
    /// there is nothing left to do with it.
    pub(super) fn send_waiting(&'static self) {
        let line = self
            .client()
            .filter(|client| client.state() == State::Connected);
        let outbox = self.state.outbox;
        if self.turn.get() != Turn::Ours {
            if line.is_some() && outbox.with_untracked(Outbox::has_ready) {
                self.ask_turn();
            }
            return;
        }
        if let Some(client) = line {
            // What is in flight looks like what waits, so nobody needs to hear of it.
            let next = outbox.try_maybe_update(|outbox| (false, outbox.take_next()));
            for attempt in next.unwrap_or_default() {
                spawn(self.deliver(client.clone(), attempt));
            }
        }
        // The next tab reads what is kept, and would send once more what is still there.
        if self.changes.get() == 0 && !outbox.with_untracked(Outbox::is_under_way) {
            self.end_turn();
        }
    }

    async fn deliver(&'static self, client: Client, attempt: Attempt) {
        match emit(&client, &attempt.envelope)
            .await
            .map(Acknowledgement::into_result)
        {
            Ok(Some(Ok(message))) => self.place(message),
            Ok(Some(Err(error))) => match error.code {
                ErrorCode::Unavailable
                | ErrorCode::TooManyRequests
                | ErrorCode::RequestTimeout
                | ErrorCode::Unauthorized
                | ErrorCode::TokenExpired => self.try_later(attempt).await,
                _ => {
                    let refused = self
                        .state
                        .outbox
                        .try_update(|outbox| outbox.refuse(&attempt, error.message));
                    if let (Some(Some(envelope)), Some(viewer)) = (refused, self.viewer()) {
                        self.keep(&viewer, envelope.client_id, Some(&envelope));
                    }
                    self.send_waiting();
                }
            },
            Ok(None) | Err(AckError::TimedOut | AckError::Invalid(_) | AckError::ReservedName) => {
                self.try_later(attempt).await;
            }
            // The next connection begins with everything that waits.
            Err(AckError::NotConnected | AckError::BufferFull | AckError::Disconnected) => {}
        }
    }

    async fn try_later(&'static self, attempt: Attempt) {
        let rests = self
            .state
            .outbox
            .try_maybe_update(|outbox| (false, outbox.rest(&attempt)));
        if rests == Some(true) {
            self.send_waiting();
            self.wake_later(attempt.clone(), pause(attempt.number))
                .await;
        }
    }

    pub(super) async fn wake_later(&'static self, attempt: Attempt, pause: Duration) {
        sleep(pause).await;
        self.state
            .outbox
            .try_maybe_update(|outbox| (false, outbox.wake(&attempt)));
        self.send_waiting();
    }
}

/// One try: on the wire before this returns, so that the order is the order of the calls.
fn emit(
    client: &Client,
    envelope: &Envelope,
) -> impl Future<Output = Result<Acknowledgement<Message>, AckError>> + use<> {
    let client_id = Some(envelope.client_id.to_string());
    let text = envelope.text.clone();
    match &envelope.to {
        Recipient::Person(username) => {
            let receiver = username.as_str().to_owned();
            let event = PrivateMessage {
                client_id,
                receiver,
                text,
            };
            client.emit_with_ack(PrivateMessage::NAME, &event)
        }
        Recipient::Group(id) => {
            let event = GroupMessage {
                client_id,
                group_id: id.into(),
                text,
            };
            client.emit_with_ack(GroupMessage::NAME, &event)
        }
    }
}
