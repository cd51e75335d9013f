//! Something that the server is asked for, as far as it has come.

use std::{fmt, pin::Pin};

use leptos::prelude::*;

use crate::{
    dynamic::{Part, on, part},
    language::translate,
    reactive::{Computed, Observable, Stored, Value, spawn},
    requests::Refusal,
};

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, Refusal>>>>;

/// It is asked for when it is made, and again when something has changed. What is here stays until
/// something newer comes.
pub struct Fetched<T> {
    value: Observable<Option<T>>,
    refusal: Observable<Option<String>>,
    ask: Stored<Box<dyn Fn() -> Answer<T> + Send + Sync>>,
}

#[derive(Clone, PartialEq, Eq)]
enum Stage {
    OnItsWay,
    Here,
    Missing(String),
}

impl<T: Value + Clone + PartialEq> Fetched<T> {
    pub fn new<F>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, Refusal>> + 'static,
    {
        let ask: Box<dyn Fn() -> Answer<T> + Send + Sync> = Box::new(move || Box::pin(ask()));
        let fetched = Self {
            value: Observable::new(None),
            refusal: Observable::new(None),
            ask: Stored::new(ask),
        };
        fetched.fetch();
        fetched
    }

    /// Asks for it anew; nothing happens if it is gone.
    pub fn fetch(self) {
        if self.ask.is_gone() {
            return;
        }
        self.refusal.set(None);
        let answer = self.ask.with_value(|ask| ask());
        spawn(async move {
            match answer.await {
                Ok(value) => self.set(value),
                Err(refusal) => self.refusal.set(refusal.sentence().map(ToOwned::to_owned)),
            }
        });
    }

    /// It is known from elsewhere.
    pub fn set(self, value: T) {
        self.value.set(Some(value));
    }

    /// Changes what is here.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        self.value.update(|value| {
            if let Some(value) = value {
                change(value);
            }
        });
    }

    /// What it looks like, made once it is here; what changes later is followed.
    pub fn view(self, view: impl Fn(Computed<T>) -> AnyView + Send + Sync + 'static) -> Part {
        let stage = Computed::new(move |_| {
            if self.value.with(Option::is_some) {
                return Stage::Here;
            }
            self.refusal.get().map_or(Stage::OnItsWay, Stage::Missing)
        });
        part(move || match stage.get() {
            Stage::OnItsWay => view! {
                <p class="waits" role="status">
                    {translate("Loading…")}
                </p>
            }
            .into_any(),
            Stage::Missing(sentence) => view! {
                <div class="waits">
                    <p role="alert">{sentence}</p>
                    <button type="button" class="button" on:click=on(move |_| self.fetch())>
                        {translate("Try again")}
                    </button>
                </div>
            }
            .into_any(),
            Stage::Here => view(Computed::new(move |_| {
                self.value.get().expect("what is here stays here")
            })),
        })
    }
}

impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Fetched<T> {}

impl<T> fmt::Debug for Fetched<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Fetched")
    }
}
