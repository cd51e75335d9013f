//! What is asked over the socket and not by `/web`.

use protocol::events::{Acknowledgement, ClientEvent};
use socketio_client::{AckError, Client};

use super::Refusal;
use crate::reactive::Observable;

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
            Err(AckError::NotConnected) => Err(Refusal::saying(
                "There is no connection to the server. Try again once there is.",
            )),
            Ok(None) | Err(_) => Err(Refusal::saying("The server has not answered. Try again.")),
        }
    }
}
