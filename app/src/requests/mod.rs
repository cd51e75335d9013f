//! What the later file asks of the server: settings and administration by `/web`, groups over the
//! socket.
//!
//! Some of it is done only for somebody who has proved not long ago who they are. Whoever has not
//! is asked to, and when they have, the same request is made again by itself.

use futures_channel::oneshot;
use protocol::{ErrorBody, ErrorCode};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    api::{self, ApiError, Method},
    language::{translate, translate_answer},
    reactive::{Observable, Stored},
    state::actions::{Actions, Command},
};

/// One's own account, and where one is signed in.
mod account;
/// People, invitations, registration, the audit log.
mod administration;
/// Making groups and changing them.
pub mod groups;
/// What is asked over the socket and not by `/web`.
pub mod line;
/// What the browser and its authenticator do for a passkey.
pub mod passkeys;

/// The way from the sections to the server, as a context of their page.
#[derive(Clone, Copy, Debug)]
pub struct Requests {
    actions: Stored<Actions>,
    /// What waits for a proof; whoever is in here is told when there is one, or dropped.
    waiting: Stored<Vec<oneshot::Sender<()>>>,
    /// Whether the person is being asked for it.
    asks_for_proof: Observable<bool>,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A sentence for people, and the field of the form that it belongs to.
    Told {
        sentence: String,
        field: Option<String>,
    },
    /// Nothing is to be said: they changed their mind, or the session is over, which shows by itself.
    Silent,
}

impl Refusal {
    pub fn saying(sentence: &str) -> Self {
        Self::Told {
            sentence: sentence.to_owned(),
            field: None,
        }
    }

    pub fn on(field: &str, sentence: &str) -> Self {
        Self::Told {
            sentence: sentence.to_owned(),
            field: Some(field.to_owned()),
        }
    }

    pub fn sentence(&self) -> Option<&str> {
        match self {
            Self::Told { sentence, .. } => Some(sentence),
            Self::Silent => None,
        }
    }
}

impl From<ErrorBody> for Refusal {
    fn from(error: ErrorBody) -> Self {
        Self::Told {
            sentence: translate_answer(error.message),
            field: error.field,
        }
    }
}

impl Requests {
    pub fn new(actions: Actions) -> Self {
        Self {
            actions: Stored::new(actions),
            waiting: Stored::new(Vec::new()),
            asks_for_proof: Observable::new(false),
        }
    }

    pub fn asks_for_proof(self) -> bool {
        self.asks_for_proof.get()
    }

    /// What waits for a proof goes on, or is given up.
    pub fn end_question(self, is_proved: bool) {
        let mut waiting = Vec::new();
        self.waiting
            .update_value(|held| std::mem::swap(held, &mut waiting));
        if is_proved {
            for each in waiting {
                // Whoever does not wait any more has nothing to hear.
                let _ = each.send(());
            }
        }
        self.asks_for_proof.set(false);
    }

    /// Asks for something that is read.
    async fn ask<T: DeserializeOwned>(
        self,
        method: Method,
        address: &str,
        body: Option<String>,
    ) -> Result<T, Refusal> {
        let answer = self.send(method, address, body).await?;
        compact_json::read(&answer).map_err(|_| unreachable())
    }

    /// Asks for something that is done and has no answer.
    async fn tell(
        self,
        method: Method,
        address: &str,
        body: Option<String>,
    ) -> Result<(), Refusal> {
        self.send(method, address, body).await.map(drop)
    }

    async fn send(
        self,
        method: Method,
        address: &str,
        body: Option<String>,
    ) -> Result<String, Refusal> {
        loop {
            match api::text(method, address, body.as_deref()).await {
                Err(ApiError::Refused(problem)) if problem.code == ErrorCode::ConfirmIdentity => {
                    self.wait_for_proof().await?;
                }
                answer => return answer.map_err(|error| self.refusal(error)),
            }
        }
    }

    async fn wait_for_proof(self) -> Result<(), Refusal> {
        let (sender, receiver) = oneshot::channel();
        self.waiting.update_value(|waiting| waiting.push(sender));
        self.asks_for_proof.set(true);
        // A page that is left drops the sender with everything else.
        receiver.await.map_err(|_| Refusal::Silent)
    }

    fn refusal(self, error: ApiError) -> Refusal {
        match error {
            ApiError::Refused(problem) => Refusal::Told {
                sentence: problem.detail,
                field: problem.field,
            },
            ApiError::Unreachable => unreachable(),
            ApiError::Unauthorized => {
                if !self.actions.is_gone() {
                    self.actions.get_value().run(Command::CheckSession);
                }
                Refusal::Silent
            }
        }
    }
}

fn unreachable() -> Refusal {
    Refusal::saying(translate(
        "The server cannot be reached. Check your connection and try again.",
    ))
}

/// A body of JSON. What cannot be written is refused by the server as a body that is missing.
fn json<T: Serialize>(body: &T) -> Option<String> {
    compact_json::write(body).ok()
}
