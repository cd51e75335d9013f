//! Who is signed in, from the first answer of `/web/session` to the end.
//!
//! Only that request's 401 means signed out; whatever else goes wrong is tried again.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use protocol::{Session, Username};

use super::{Service, milliseconds, pause, tabs};
use crate::{
    api::{self, ApiError, SignedIn},
    browser, persistence,
    reactive::spawn,
    state::{
        connection::Connection,
        session::{SessionState, SignedOut, renewal},
    },
};

impl Service {
    /// Takes over the answer to the question that the page asked while it was loading.
    pub fn begin(&'static self, answer: Result<SignedIn, ApiError>) {
        match answer {
            Ok(SignedIn { session, token }) => self.signed_in(session, token),
            Err(ApiError::Unauthorized) => {
                persistence::offline::forget();
                self.state.sign_out(SignedOut::NotYet);
            }
            Err(ApiError::Refused(_) | ApiError::Unreachable) => {
                self.state.connection.set(Connection::Unreachable);
                self.ask_again_later();
            }
        }
    }

    /// Somebody is signed in: what they left here comes back, and the line goes up.
    pub(super) fn signed_in(&'static self, session: Session, token: Option<String>) {
        self.retry.take();
        self.unanswered.set(0);
        self.refusals.set(0);
        self.disconnect();
        let username = session.username.clone();
        if self.viewer().is_some_and(|viewer| viewer != username) {
            // Nothing of whoever was here is for them.
            self.end_session();
        }
        self.take_session(session);
        self.state
            .drafts
            .update_value(|drafts| drafts.restore(persistence::drafts(&username)));
        self.take_over();
        self.take_in(false);
        self.token.replace(token);
        self.connect();
    }

    /// Somebody came in by this tab. One that still shows somebody else has to hear of it: they all
    /// have the same session.
    pub(super) fn came_in(&'static self, session: Session, token: Option<String>) {
        self.tell_tabs([tabs::CAME_IN, session.username.as_str()].concat());
        self.signed_in(session, token);
    }

    /// Somebody has signed out here or, as `told`, in another tab: nothing of theirs stays.
    pub(super) fn signed_out(&'static self, username: Username, told: bool) {
        if self.viewer().is_some_and(|viewer| viewer != username) {
            return;
        }
        if !told {
            self.tell_tabs([tabs::LEFT, username.as_str()].concat());
        }
        self.end_session();
        self.state.sign_out(SignedOut::Asked);
        // What another tab is still writing down at this moment, it removes itself.
        persistence::forget_drafts(&username);
        spawn(async move { persistence::outbox::forget(&self.database, &username).await });
    }

    /// The session is over: everything goes but what was typed.
    pub(super) fn end_session(&'static self) {
        persistence::offline::forget();
        self.retry.take();
        self.disconnect();
        self.open.take();
        self.state.sign_out(SignedOut::Ended);
    }

    /// Asks for the session once more, which lets it last longer. The answer is a fresh token.
    pub(super) async fn renew(&'static self) -> Result<Option<String>, ApiError> {
        let SignedIn { session, token } = api::session().await?;
        let Some(viewer) = self.viewer() else {
            return Err(ApiError::Unreachable);
        };
        if viewer != session.username {
            // Another tab has signed in as somebody else, and the session is shared.
            persistence::offline::forget();
            let _ = window().location().reload();
            return Err(ApiError::Unreachable);
        }
        self.take_session(session);
        Ok(token)
    }

    /// As [`Self::renew`], after an answer that raised doubt, or because it is time.
    pub(super) fn check_session(&'static self) {
        spawn(async move {
            if self.renew().await == Err(ApiError::Unauthorized) && self.viewer().is_some() {
                self.end_session();
            }
        });
    }

    /// Looks now and then whether the session is to be renewed. A timer for the whole time would
    /// stand still while its device sleeps.
    pub(super) fn look_at_the_session(&'static self) {
        if self.viewer().is_some() && browser::now() >= self.renewal.get() {
            // Should no answer come, not every minute.
            self.plan_renewal();
            self.check_session();
        }
    }

    fn take_session(&self, session: Session) {
        self.state.session.set(SessionState::SignedIn(session));
        self.plan_renewal();
    }

    fn plan_renewal(&self) {
        let expires_at = self.state.session.with_untracked(|session| {
            let session = session.session();
            session.map(|session| session.expires_at)
        });
        if let Some(expires_at) = expires_at {
            let now = browser::now();
            self.renewal
                .set(renewal(now, expires_at, browser::random()));
        }
    }

    /// Asks who is signed in, as long as that is not known.
    pub(super) fn ask_session(&'static self) {
        spawn(async move {
            let answer = api::session().await;
            let is_open = |session: &SessionState| *session == SessionState::Unknown;
            if self.state.session.with_untracked(is_open) {
                self.begin(answer);
            }
        });
    }

    fn ask_again_later(&'static self) {
        let attempt = self.unanswered.get() + 1;
        self.unanswered.set(attempt);
        let wait = Timeout::new(milliseconds(pause(attempt)), move || self.ask_session());
        self.retry.replace(Some(wait));
    }
}
