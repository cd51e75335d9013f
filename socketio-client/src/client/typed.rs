//! Events as types, so that a name that is misspelt or a payload of another event does not compile.

use super::{Ack, AckFuture, Client, Listener};
use crate::arguments::{FromArguments, ToArguments};
use crate::error::EmitError;
use crate::sync::MaybeSend;

/// An event: its name, and what goes with it.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use socketio_client::{Client, Event};
///
/// #[derive(Serialize, Deserialize)]
/// struct Question {
///     text: String,
/// }
///
/// impl Event for Question {
///     const NAME: &'static str = "question";
///     type Ack = String;
/// }
///
/// # async fn example(client: Client) -> Result<(), socketio_client::AckError> {
/// let answer: String = client.ask(&Question { text: "Are you there?".into() }).await?;
/// # Ok(())
/// # }
/// ```
pub trait Event {
    /// The name on the wire.
    const NAME: &'static str;
    /// What an acknowledgement of it says. `()` for an event that is never acknowledged.
    type Ack;
}

impl Client {
    /// [`emit`](Self::emit) for an event that is a type.
    pub fn send<E: Event + ToArguments>(&self, event: &E) -> Result<(), EmitError> {
        self.emit(E::NAME, event)
    }

    /// [`emit_with_ack`](Self::emit_with_ack) for an event that is a type.
    pub fn ask<E: Event<Ack: FromArguments> + ToArguments>(&self, event: &E) -> AckFuture<E::Ack> {
        self.emit_with_ack(E::NAME, event)
    }

    /// [`on`](Self::on) for an event that is a type.
    pub fn listen_for<E: Event + FromArguments>(
        &self,
        callback: impl FnMut(E) + MaybeSend + 'static,
    ) -> Listener {
        self.on(E::NAME, callback)
    }

    /// [`on_with_ack`](Self::on_with_ack) for an event that is a type. What the callback gives
    /// back is the acknowledgement, if the server asks for one.
    pub fn answer<E: Event<Ack: ToArguments> + FromArguments>(
        &self,
        mut callback: impl FnMut(E) -> E::Ack + MaybeSend + 'static,
    ) -> Listener {
        self.on_with_ack(E::NAME, move |event, ack: Option<Ack>| {
            let answer = callback(event);
            if let Some(ack) = ack {
                // It fails when the line is gone, and with it whoever waits for the answer.
                let _sent = ack.send(&answer);
            }
        })
    }
}
