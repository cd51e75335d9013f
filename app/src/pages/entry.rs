//! One try to come in after the other, whatever the way: password, passkey, link or recovery code.

use crate::{
    api::{self, ApiError, SignedIn},
    browser,
    language::{noted, translate},
    navigation::Navigation,
    reactive::{Observable, Stored, effect, expect_context, spawn},
    state::{
        actions::{Actions, Command},
        refusal::Refusal,
    },
};

/// What is said where no answer comes.
pub const UNREACHABLE: &str =
    noted("The server cannot be reached. Check your connection and try again.");

/// The tries of one page.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    actions: Stored<Actions>,
    navigation: Navigation,
    /// Where one is afterwards; `None` where the guard of the pages knows.
    to: Option<&'static str>,
    pub busy: Observable<bool>,
    /// Why the last one failed.
    pub refusal: Observable<Option<Refusal>>,
}

impl Entry {
    /// For a page with a form. Whatever is wrong there gets the focus.
    pub fn new(to: Option<&'static str>) -> Self {
        let refusal = Observable::new(None);
        effect(move || {
            refusal.with(|refusal: &Option<Refusal>| {
                browser::mark_wrong(refusal.as_ref().and_then(|it| it.field.as_deref()));
            });
        });
        Self {
            actions: Stored::new(expect_context::<Actions>()),
            navigation: expect_context::<Navigation>(),
            to,
            busy: Observable::new(false),
            refusal,
        }
    }

    /// Refuses what need not be sent.
    pub fn refuse(self, field: &str, sentence: &str) {
        let refusal = Refusal::new(sentence).on_field(field);
        self.refusal.set(Some(refusal));
    }

    /// Sends what was typed, unless something is on its way.
    pub fn start(self, address: &'static str, body: String) {
        self.wait_for(async move { api::enter(address, &body).await });
    }

    /// Waits for somebody to be let in, unless that is done already.
    pub fn wait_for(self, answer: impl Future<Output = Result<SignedIn, ApiError>> + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        // Kept outside of the page, which may be gone when the answer comes.
        let actions = self.actions.get_value();
        spawn(async move {
            let refusal = match answer.await {
                Ok(SignedIn { session, token }) => {
                    actions.run(Command::SignedIn { session, token });
                    if let Some(path) = self.to {
                        self.navigation.replace(path);
                    }
                    return;
                }
                Err(ApiError::Refused(problem)) => Refusal {
                    sentence: problem.detail,
                    field: problem.field,
                },
                Err(ApiError::Unauthorized | ApiError::Unreachable) => {
                    Refusal::new(translate(UNREACHABLE))
                }
            };
            self.busy.set(false);
            self.refusal.set(Some(refusal));
        });
    }
}
