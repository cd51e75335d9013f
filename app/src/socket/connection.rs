//! Connecting and connecting again. Before each connection `/web/session` gives a fresh token.

use gloo_timers::callback::Timeout;
use protocol::{NAMESPACE, events::ConnectAuth};
use socketio_client::{AuthError, Client, ConnectionEvent, DisconnectReason, Namespace, State};

use super::{Service, milliseconds, pause};
use crate::{api::ApiError, reactive::spawn, state::connection::Connection};

impl Service {
    /// Opens this page's one socket.
    pub(super) fn connect(&'static self) {
        let namespace = Namespace::new(NAMESPACE).auth(move || self.authenticate());
        let client = Client::builder("", namespace).build();
        client
            .on_connection(move |event| self.connection_changed(event))
            .forget();
        self.listen(&client);
        self.line.replace(Some(client.clone()));
        self.state.connection.set(Connection::Connecting);
        client.connect();
        // Not after the connection but beside it: the list is what people look at first.
        self.resync();
    }

    pub(super) fn disconnect(&self) {
        if let Some(client) = self.line.replace(None) {
            client.disconnect();
        }
        self.end_turn();
    }

    /// What the CONNECT packet carries: the token at hand, else a fresh one.
    async fn authenticate(&'static self) -> Result<ConnectAuth, AuthError> {
        let at_hand = self.token.take();
        let token = match at_hand {
            Some(token) => Some(token),
            None => self.fresh_token().await?,
        };
        Ok(ConnectAuth {
            token,
            resyncs: true,
        })
    }

    async fn fresh_token(&'static self) -> Result<Option<String>, AuthError> {
        match self.renew().await {
            Ok(token) => Ok(token),
            Err(ApiError::Unauthorized) => {
                // In its own time: the client is in the middle of connecting.
                spawn(async move { self.end_session() });
                Err(AuthError::stop("signed out"))
            }
            Err(ApiError::Refused(problem)) => Err(AuthError::new(problem.detail)),
            Err(ApiError::Unreachable) => Err(AuthError::new("the server cannot be reached")),
        }
    }

    fn connection_changed(&'static self, event: ConnectionEvent) {
        if self.viewer().is_none() {
            return;
        }
        match event {
            ConnectionEvent::Connected { .. } => {
                self.refusals.set(0);
                self.state.connection.set(Connection::Connected);
                self.state.outbox.update(|outbox| outbox.begin_again());
                self.send_waiting();
                self.resync();
            }
            ConnectionEvent::Disconnected { reason } => {
                self.state.connection.set(Connection::Connecting);
                self.state.outbox.update(|outbox| outbox.begin_again());
                self.send_waiting();
                // A server that stops says so, and the client leaves it at that. It comes back.
                if reason == DisconnectReason::Server {
                    self.connect_later(1);
                }
            }
            ConnectionEvent::ConnectError { refused: true, .. } => {
                let refusals = self.refusals.get() + 1;
                self.refusals.set(refusals);
                if refusals == 1 {
                    // The token may have been too old. The next try begins with a fresh one.
                    if let Some(client) = self.client() {
                        client.connect();
                    }
                } else {
                    self.state.connection.set(Connection::Unreachable);
                    self.connect_later(refusals);
                }
            }
            ConnectionEvent::ConnectError { refused: false, .. } => {
                self.state.connection.set(Connection::Unreachable);
            }
            ConnectionEvent::Waiting { .. } => {}
        }
    }

    fn connect_later(&'static self, attempt: u32) {
        let wait = Timeout::new(milliseconds(pause(attempt)), move || self.try_now());
        self.retry.replace(Some(wait));
    }

    /// Does not wait for the next try; looks after the line if there is one.
    pub(super) fn try_now(&'static self) {
        match self.client() {
            Some(client) => {
                self.retry.take();
                match client.state() {
                    State::Disconnected => client.connect(),
                    State::Waiting { .. } | State::Connected => client.reconnect_now(),
                    State::Connecting => {}
                }
            }
            None => {
                // Only while a next try is planned: else one is under way, or nothing is open.
                if self.retry.take().is_some() {
                    self.ask_session();
                }
            }
        }
    }
}
