//! What is asked over the socket and not by `/web`.

use leptos::prelude::{SetValue, StoredValue};
use protocol::events::{Acknowledgement, ClientEvent};
use serde::de::DeserializeOwned;
use socketio_client::{AckError, Client, Listener};

use super::Refusal;
use crate::{
    language::translate,
    reactive::{Observable, effect},
};

/// The line to the server, as a context, for what comes with the later file.
#[derive(Clone, Copy, Debug)]
pub struct Line(Observable<Option<Client>>);

impl Line {
    pub fn new() -> Self {
        Self(Observable::new(None))
    }

    /// Nobody, as long as nobody is signed in.
    pub fn client(self) -> Option<Client> {
        self.0.with_untracked(Clone::clone)
    }

    /// Hears an event on whichever line there is, for as long as the owner lives.
    pub fn hear<T: DeserializeOwned + 'static>(
        self,
        event: &'static str,
        heard: impl Fn(T) + Clone + Send + Sync + 'static,
    ) {
        let listener = StoredValue::new_local(None::<Listener>);
        effect(move || {
            let heard = heard.clone();
            let client = self.0.with(Clone::clone);
            listener.set_value(client.map(|client| client.on(event, heard)));
        });
    }

    /// Says something that nobody waits for, if there is a line at the moment.
    pub fn say<E: ClientEvent>(self, event: &E) {
        if let Some(client) = self.client() {
            // What is not sent now is not worth sending later.
            let _ = client.emit_volatile(E::NAME, event);
        }
    }

    /// Another line, or none. Gives back the one before.
    pub fn replace(self, client: Option<Client>) -> Option<Client> {
        let before = self.client();
        self.0.set(client);
        before
    }

    /// Asks for something that the server acknowledges.
    pub(super) async fn ask<E: ClientEvent>(self, request: &E) -> Result<E::Response, Refusal> {
        let Some(client) = self.client() else {
            return Err(Refusal::Silent);
        };
        let answer = client.emit_with_ack::<Acknowledgement<E::Response>>(E::NAME, request);
        match answer.await.map(Acknowledgement::into_result) {
            Ok(Some(answer)) => answer.map_err(Refusal::from),
            Err(AckError::NotConnected) => Err(Refusal::saying(translate(
                "There is no connection to the server. Try again once there is.",
            ))),
            Ok(None) | Err(_) => Err(Refusal::saying(translate(
                "The server has not answered. Try again.",
            ))),
        }
    }
}
