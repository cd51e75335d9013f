//! Messages, groups and positions on their way to the server, again and again until it answers.

use std::sync::Arc;

use protocol::{
    ConversationId, ErrorBody, ErrorCode, Message, Receipt, Seq, Username,
    events::{Acknowledgement, ClientEvent, CreateGroup, GroupMessage, MarkRead, PrivateMessage},
};
use socketio_client::{AckError, AckFuture};
use tokio::time::sleep;

use super::{Client, outbox::Attempt, pause};
use crate::{audit::Kind, ledger::Target, world::World};

/// What became of something that was asked.
#[derive(Debug)]
pub(super) enum Answer<T> {
    Done(T),
    /// No answer, or one that says "later".
    Later,
    /// There is no connection; the next one begins with everything that waits.
    NoLine,
    Refused(ErrorBody),
}

impl Client {
    /// Asks over the socket, if there is one.
    pub(super) async fn ask<E: ClientEvent>(&self, event: &E) -> Answer<E::Response> {
        let socket = self.state().socket.clone();
        let Some(socket) = socket else {
            return Answer::NoLine;
        };
        let answer = socket.emit_with_ack::<Acknowledgement<E::Response>>(E::NAME, event);
        self.read_answer(answer).await
    }

    async fn read_answer<T: serde::de::DeserializeOwned>(
        &self,
        answer: AckFuture<Acknowledgement<T>>,
    ) -> Answer<T> {
        match answer.await.map(Acknowledgement::into_result) {
            Ok(Some(Ok(response))) => Answer::Done(response),
            Ok(Some(Err(error))) => match error.code {
                ErrorCode::Unavailable
                | ErrorCode::RequestTimeout
                | ErrorCode::Unauthorized
                | ErrorCode::TokenExpired
                | ErrorCode::Internal => {
                    World::count(&self.world.counts.later);
                    Answer::Later
                }
                _ => Answer::Refused(error),
            },
            Ok(None) => self.unreadable("neither a response nor an error"),
            Err(AckError::Invalid(what)) => self.unreadable(&what),
            Err(AckError::TimedOut) => Answer::Later,
            Err(_) => Answer::NoLine,
        }
    }

    fn unreadable<T>(&self, what: &str) -> Answer<T> {
        let what = format!("{} got an answer of another shape: {what}", self.name);
        self.world.ledger().observe(Kind::Protocol, what);
        Answer::Later
    }

    /// Sends everything that may be sent now.
    pub(super) fn send_waiting(self: &Arc<Self>) {
        let (life, socket, attempts) = {
            let mut state = self.state();
            if !state.is_connected {
                return;
            }
            let Some(socket) = state.socket.clone() else {
                return;
            };
            (state.life, socket, state.outbox.take_next())
        };
        for attempt in attempts {
            let client_id = Some(attempt.envelope.id.to_string());
            let text = attempt.envelope.text.clone();
            // On the wire before this returns, so that the order is the order of the calls.
            let answer = match &attempt.envelope.target {
                Target::Person(receiver) => {
                    let receiver = receiver.as_str().to_owned();
                    let event = PrivateMessage {
                        client_id,
                        receiver,
                        text,
                    };
                    socket.emit_with_ack(PrivateMessage::NAME, &event)
                }
                Target::Group(group) => {
                    let event = GroupMessage {
                        client_id,
                        group_id: group.into(),
                        text,
                    };
                    socket.emit_with_ack(GroupMessage::NAME, &event)
                }
            };
            tokio::spawn(Arc::clone(self).deliver(life, attempt, answer));
        }
    }

    async fn deliver(
        self: Arc<Self>,
        life: u64,
        attempt: Attempt,
        answer: AckFuture<Acknowledgement<Message>>,
    ) {
        let id = attempt.envelope.id;
        match self.read_answer(answer).await {
            Answer::Done(message) => {
                self.world.ledger().acknowledge(id, &message);
                if let Some(mut state) = self.state_in(life) {
                    state.outbox.done(&attempt.envelope.target, id);
                    drop(state);
                    self.place(&message);
                }
            }
            Answer::Refused(error) => {
                self.refused(&attempt, &error);
                self.send_waiting();
            }
            Answer::Later => {
                sleep(pause(2)).await;
                if let Some(mut state) = self.state_in(life) {
                    state.outbox.failed(&attempt);
                    drop(state);
                    self.send_waiting();
                }
            }
            Answer::NoLine => {}
        }
    }

    /// Only somebody who may have left a group may be refused.
    fn refused(&self, attempt: &Attempt, error: &ErrorBody) {
        let envelope = &attempt.envelope;
        self.state().outbox.done(&envelope.target, envelope.id);
        let mut ledger = self.world.ledger();
        ledger.refuse(envelope.id, error.code);
        let has_left = match &envelope.target {
            Target::Group(group) => ledger.explains(error.code, group, &self.person),
            Target::Person(_) => false,
        };
        if !has_left {
            let what = format!(
                "{} was refused {} with {:?}",
                self.name, envelope.id, error.code
            );
            ledger.observe(Kind::Protocol, what);
        }
    }

    /// Asks for every group that is wanted and not confirmed.
    pub(super) fn send_groups(self: &Arc<Self>) {
        let (life, requests) = {
            let state = self.state();
            (state.life, state.groups.clone())
        };
        for request in requests {
            let this = Arc::clone(self);
            tokio::spawn(async move {
                let event = CreateGroup {
                    client_id: Some(request.id.to_string()),
                    name: request.name.clone(),
                    members: request.members.clone(),
                };
                let answer = this.ask(&event).await;
                let Some(mut state) = this.state_in(life) else {
                    return;
                };
                match answer {
                    Answer::Done(conversation) => {
                        state.groups.retain(|group| group.id != request.id);
                        drop(state);
                        this.join(&conversation);
                        this.group_made(&request, conversation.id);
                    }
                    Answer::Refused(error) => {
                        state.groups.retain(|group| group.id != request.id);
                        drop(state);
                        let what = format!("{} was refused a group: {error:?}", this.name);
                        this.world.ledger().observe(Kind::Protocol, what);
                    }
                    Answer::Later => {
                        drop(state);
                        sleep(pause(3)).await;
                        this.send_groups();
                    }
                    Answer::NoLine => {}
                }
            });
        }
    }

    fn group_made(&self, request: &super::GroupRequest, id: ConversationId) {
        let mut ledger = self.world.ledger();
        let Some(attempt) = ledger.groups.get_mut(&request.id) else {
            return;
        };
        let before = attempt.acknowledged.replace(id.clone());
        for member in request.members.iter().chain([&self.person.to_string()]) {
            let member = Username::from_trusted(member.as_str());
            ledger.membership(&id, &member).joined = true;
        }
        if before.is_some_and(|before| before != id) {
            let what = format!("the group {} was acknowledged as two", request.name);
            ledger.observe(Kind::StoredTwice, what);
        }
    }

    /// Everything up to `seq` was seen here.
    pub(super) fn mark_read(self: &Arc<Self>, id: &ConversationId, seq: Seq) {
        {
            let mut state = self.state();
            state.held.read(id, seq);
            let told = state.reads.entry(id.clone()).or_default();
            *told = seq.max(*told);
        }
        self.tell_reads();
    }

    /// Tells the positions that are not confirmed, one after the other.
    pub(super) fn tell_reads(self: &Arc<Self>) {
        let life = {
            let mut state = self.state();
            if !state.is_connected || std::mem::replace(&mut state.telling, true) {
                return;
            }
            state.life
        };
        let this = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                let next = {
                    let Some(mut state) = this.state_in(life) else {
                        return;
                    };
                    let next = state.reads.iter().next();
                    let next = next.map(|(id, seq)| (id.clone(), *seq));
                    match next.filter(|_| state.is_connected) {
                        Some(next) => next,
                        None => {
                            state.telling = false;
                            return;
                        }
                    }
                };
                this.tell_read(life, next.0, next.1).await;
            }
        });
    }

    async fn tell_read(&self, life: u64, id: ConversationId, seq: Seq) {
        let event = MarkRead {
            conversation_id: (&id).into(),
            seq,
        };
        let answer = self.ask(&event).await;
        if let Answer::Done(receipt) = &answer {
            self.confirmed(receipt);
        }
        let done = match &answer {
            Answer::Done(_) => true,
            Answer::Refused(error) => {
                let mut ledger = self.world.ledger();
                if !ledger.explains(error.code, &id, &self.person) {
                    let what = format!("{} may not read up to {seq} of {id}: {error:?}", self.name);
                    ledger.observe(Kind::Protocol, what);
                }
                true
            }
            Answer::Later | Answer::NoLine => false,
        };
        if done && let Some(mut state) = self.state_in(life) {
            if state.reads.get(&id) == Some(&seq) {
                state.reads.remove(&id);
            }
        } else {
            sleep(pause(2)).await;
        }
    }

    /// The server has confirmed where this person stands.
    pub(super) fn confirmed(&self, receipt: &Receipt) {
        self.world.ledger().confirm(
            &self.person,
            &receipt.conversation_id,
            receipt.delivered_seq,
            receipt.read_seq,
        );
        self.state().held.receipt(receipt);
    }
}
