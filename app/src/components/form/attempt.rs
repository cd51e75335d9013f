//! One try after the other to change something, and what became of the last one.

use leptos::prelude::request_animation_frame;

use crate::{
    browser,
    reactive::{Observable, spawn},
    requests::Refusal,
};

#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// The id of the form, or of whatever else holds the fields.
    form: &'static str,
    /// The fields that can be wrong, as the server calls them.
    fields: &'static [&'static str],
    busy: Observable<bool>,
    outcome: Observable<Outcome>,
}

#[derive(Clone, Debug, Default)]
enum Outcome {
    #[default]
    Nothing,
    Done(String),
    Refused(Refusal),
}

impl Attempt {
    pub fn new(form: &'static str, fields: &'static [&'static str]) -> Self {
        Self {
            form,
            fields,
            busy: Observable::new(false),
            outcome: Observable::default(),
        }
    }

    /// Does the work unless a try is under way, and `done` with what it gives; the sentence that
    /// `done` gives is then shown, none if it is empty.
    pub fn run<T: 'static>(
        self,
        work: impl Future<Output = Result<T, Refusal>> + 'static,
        done: impl FnOnce(T) -> String + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.outcome.set(Outcome::Nothing);
        spawn(async move {
            let result = work.await;
            self.busy.set(false);
            match result {
                Ok(value) => self.outcome.set(Outcome::Done(done(value))),
                Err(refusal) => self.refuse(refusal),
            }
        });
    }

    /// Says what is wrong, and puts the focus on the first field that is.
    pub fn refuse(self, refusal: Refusal) {
        self.outcome.set(Outcome::Refused(refusal));
        let wrong = ["#", self.form, " [aria-invalid=\"true\"]"].concat();
        // Once the view has marked it.
        request_animation_frame(move || browser::focus(&wrong));
    }

    /// Says that something was done, which was asked for elsewhere.
    pub fn say(self, sentence: &str) {
        self.outcome.set(Outcome::Done(sentence.to_owned()));
    }

    pub fn forget(self) {
        self.outcome.set(Outcome::Nothing);
    }

    pub const fn form(self) -> &'static str {
        self.form
    }

    pub fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// What is wrong with a field.
    pub fn wrong(self, name: &str) -> Option<String> {
        self.outcome.with(|outcome| match outcome {
            Outcome::Refused(Refusal::Told { sentence, field })
                if field.as_deref() == Some(name) =>
            {
                Some(sentence.clone())
            }
            _ => None,
        })
    }

    /// What is wrong with none of the fields, but with the whole.
    pub fn wrong_at_all(self) -> Option<String> {
        self.outcome.with(|outcome| match outcome {
            Outcome::Refused(Refusal::Told { sentence, field })
                if !field
                    .as_deref()
                    .is_some_and(|field| self.fields.contains(&field)) =>
            {
                Some(sentence.clone())
            }
            _ => None,
        })
    }

    pub fn done(self) -> Option<String> {
        self.outcome.with(|outcome| match outcome {
            Outcome::Done(sentence) if !sentence.is_empty() => Some(sentence.clone()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use leptos::prelude::Owner;

    use super::*;

    #[test]
    fn what_is_wrong_is_told_at_its_field_and_else_once_for_all() {
        Owner::new().with(|| {
            let attempt = Attempt::new("form", &["name"]);
            let told = |refusal| {
                attempt.outcome.set(Outcome::Refused(refusal));
                (attempt.wrong("name"), attempt.wrong_at_all())
            };
            let no = || Some("No.".to_owned());
            assert_eq!(told(Refusal::on("name", "No.")), (no(), None));
            assert_eq!(told(Refusal::on("elsewhere", "No.")), (None, no()));
            assert_eq!(told(Refusal::saying("No.")), (None, no()));
            assert_eq!(told(Refusal::Silent), (None, None));
        });
    }
}
