//! The outbox on its way: in order, one message in flight for each conversation, again and again
//! until the server has answered.

use gloo_timers::future::sleep;
use protocol::{
    ClientId, ErrorCode, Message,
    events::{Acknowledgement, ClientEvent, GroupMessage, PrivateMessage},
};
use socketio_client::{AckError, Client, State};

use super::{Service, pause};
use crate::{
    browser, persistence,
    reactive::spawn,
    state::{
        outbox::{Attempt, Envelope},
        recipient::Recipient,
    },
};

impl Service {
    /// Puts a text in the line and sends what can be sent.
    pub(super) fn enqueue(&'static self, to: Recipient, text: String) {
        let Some(viewer) = self.viewer() else { return };
        let client_id = browser::new_client_id();
        let now = browser::now();
        self.keep_draft(&to, "");
        let envelope = self
            .state
            .outbox
            .try_update(|outbox| outbox.enqueue(client_id, to.clone(), text, now));
        if let Some(envelope) = envelope {
            persistence::keep_envelope(&viewer, &envelope);
        }
        let timeline = self
            .state
            .timelines
            .with_value(|timelines| timelines.get(&to));
        // Whoever writes wants to see it at the end.
        if timeline.is_some_and(|timeline| timeline.with_untracked(|it| it.has_newer())) {
            self.load_newest(&to);
        }
        self.send_waiting();
    }

    pub(super) fn retry_message(&'static self, client_id: ClientId) {
        let Some(viewer) = self.viewer() else { return };
        let again = self
            .state
            .outbox
            .try_update(|outbox| outbox.retry(client_id, browser::now()));
        if let Some(envelope) = again.flatten() {
            persistence::keep_envelope(&viewer, &envelope);
        }
        self.send_waiting();
    }

    pub(super) fn discard_message(&self, client_id: ClientId) {
        let Some(viewer) = self.viewer() else { return };
        if self
            .state
            .outbox
            .try_update(|outbox| outbox.discard(client_id))
            == Some(true)
        {
            persistence::drop_envelope(&viewer, client_id);
        }
    }

    pub(super) fn keep_draft(&self, to: &Recipient, text: &str) {
        if let Some(viewer) = self.viewer() {
            self.state
                .drafts
                .update_value(|drafts| drafts.keep(to, text));
            persistence::keep_draft(&viewer, to, text);
        }
    }

    /// Sends everything that may be sent now.
    pub(super) fn send_waiting(&'static self) {
        let Some(client) = self
            .client()
            .filter(|client| client.state() == State::Connected)
        else {
            return;
        };
        let next = self.state.outbox.try_maybe_update(|outbox| {
            let next = outbox.take_next();
            // What is in flight looks like what waits, so nobody needs to hear of it.
            (false, next)
        });
        for attempt in next.unwrap_or_default() {
            spawn(self.deliver(client.clone(), attempt));
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
                | ErrorCode::RequestTimeout
                | ErrorCode::Unauthorized
                | ErrorCode::TokenExpired => self.try_later(attempt).await,
                _ => {
                    let refused = self
                        .state
                        .outbox
                        .try_update(|outbox| outbox.refuse(&attempt, error.message));
                    if let (Some(Some(envelope)), Some(viewer)) = (refused, self.viewer()) {
                        persistence::keep_envelope(&viewer, &envelope);
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
            sleep(pause(attempt.number)).await;
            self.state
                .outbox
                .try_maybe_update(|outbox| (false, outbox.wake(&attempt)));
            self.send_waiting();
        }
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
