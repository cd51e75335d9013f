//! The tabs of one person in one browser. One of them sends at a time, and each tells the others
//! when it has changed what is kept of the outbox.
//!
//! A tab has the turn while it has a line and something to send, and first takes in what the others
//! have kept and sent. If a tab ends, its browser gives the turn to the next. One that hangs is
//! passed over after a while: then two may send the same, which the server stores once, and each
//! sends in the order of writing.

use std::time::Duration;

use gloo_timers::future::sleep;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use protocol::{ClientId, Username};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, MessageEvent};

use super::Service;
use crate::{
    persistence,
    reactive::spawn,
    state::{drafts::Drafts, outbox::Outbox},
};

/// Where tabs hear each other, and before the name of a person, what the turn is called.
pub(super) const NAME: &str = "natter-outbox:";
/// Before the name of somebody who came in by another tab, and of somebody who left by it.
pub(super) const CAME_IN: &str = "in:";
pub(super) const LEFT: &str = "out:";
/// Longer than this no tab waits for its turn.
const PATIENCE_MILLISECONDS: u32 = 5_000;
/// A message that another tab writes is in the database after this, or that tab has ended.
const HANDED_OVER: Duration = Duration::from_secs(3);
/// What another tab has sent, the server has told by then. If not, it is asked.
const TOLD: Duration = Duration::from_secs(10);

/// Who sends what waits, as far as this tab knows.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Turn {
    #[default]
    Others,
    Asked,
    /// This tab, once it has taken in what the others did.
    Begun,
    Ours,
}

impl Service {
    /// From here on the other tabs are heard. All of them have the same person, or soon will.
    pub(super) fn listen_to_tabs(&'static self) {
        let Some(channel) = &self.channel else { return };
        let hear = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
            self.hear(&event.unchecked_into::<MessageEvent>().data());
        });
        channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        hear.forget();
    }

    /// What is kept has changed, if there is no more to say than that. One that was given up is
    /// named, and so is who came in or left.
    pub(super) fn tell_tabs(&self, news: String) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&news.into());
        }
    }

    fn hear(&'static self, data: &JsValue) {
        let news = data.as_string().unwrap_or_default();
        if let Some(username) = news.strip_prefix(LEFT) {
            return self.signed_out(Username::from_trusted(username), true);
        }
        if let Some(username) = news.strip_prefix(CAME_IN) {
            if self.viewer().is_some_and(|it| it.as_str() != username) {
                persistence::offline::forget();
                self.check_session();
            }
            return;
        }
        if let Ok(client_id) = ClientId::parse(&news) {
            let discard = |outbox: &mut Outbox| (outbox.discarded(client_id), ());
            self.state.outbox.try_maybe_update(discard);
        }
        self.take_in(false);
        spawn(async {
            sleep(HANDED_OVER).await;
            self.take_over();
        });
    }

    /// Takes in what all tabs have kept, and then sends what waits. With that a turn begins, if it
    /// is done for one.
    pub(super) fn take_in(&'static self, begins: bool) {
        let Some(viewer) = self.viewer() else { return };
        spawn(async move {
            let all = persistence::outbox::all(&self.database, &viewer).await;
            if self.viewer().as_ref() == Some(&viewer) {
                let outbox = self.state.outbox;
                let merged = all.and_then(|all| outbox.try_maybe_update(|it| it.merge(all)));
                for attempt in merged.unwrap_or_default() {
                    spawn(self.wake_later(attempt, TOLD));
                }
            }
            if begins && self.turn.get() == Turn::Begun {
                self.turn.set(Turn::Ours);
            }
            self.send_waiting();
        });
    }

    /// Keeps what a page left behind. It can have ended before it took the text out of its drafts.
    pub(super) fn take_over(&'static self) {
        let Some(viewer) = self.viewer() else { return };
        for envelope in persistence::outbox::left_behind(&viewer) {
            let is_draft = |drafts: &Drafts| drafts.get(&envelope.to) == envelope.text;
            if self.state.drafts.with_value(is_draft) {
                self.keep_draft(&envelope.to, "");
            }
            self.keep(&viewer, envelope.client_id, Some(&envelope));
            self.state
                .outbox
                .update(|outbox| outbox.take_over(envelope));
        }
    }

    /// Asks for the turn, unless that is done already.
    pub(super) fn ask_turn(&'static self) {
        let Some(viewer) = self.viewer() else { return };
        if self.turn.get() != Turn::Others {
            return;
        }
        self.turn.set(Turn::Asked);
        let name = [NAME, viewer.as_str()].concat().into();
        let begin = move |_| self.begin_turn(&viewer);
        spawn(async move {
            let begin = Closure::<dyn Fn(JsValue) -> JsValue>::new(begin);
            let signal = AbortSignal::timeout_with_u32(PATIENCE_MILLISECONDS).into();
            // Whoever has it for so long hangs. What is taken from them they need not know.
            for (option, value) in [("signal", signal), ("steal", JsValue::TRUE)] {
                let over = match lock(&name, option, &value, begin.as_ref()) {
                    Ok(over) => JsFuture::from(over).await,
                    Err(error) => Err(error),
                };
                if over.is_ok() || self.turn.get() != Turn::Asked {
                    return;
                }
            }
            // Where a page is not served securely, there is nobody to ask.
            let _ = begin.as_ref().unchecked_ref::<Function>().call0(&name);
        });
    }

    /// The turn is this tab's until the answer, which is a promise, is kept.
    fn begin_turn(&'static self, viewer: &Username) -> JsValue {
        if self.viewer().as_ref() != Some(viewer) {
            self.turn.set(Turn::Others);
            self.send_waiting();
            return JsValue::UNDEFINED;
        }
        self.turn.set(Turn::Begun);
        self.take_in(true);
        let mut keep = |release, _| {
            self.release.replace(Some(release));
        };
        Promise::new(&mut keep).into()
    }

    pub(super) fn end_turn(&self) {
        if matches!(self.turn.get(), Turn::Begun | Turn::Ours) {
            self.turn.set(Turn::Others);
            if let Some(release) = self.release.take() {
                let _ = release.call0(&JsValue::NULL);
            }
        }
    }
}

/// Asks for a lock, with one option. The answer is kept when it has been held and is free again.
fn lock(
    name: &JsValue,
    option: &str,
    value: &JsValue,
    begin: &JsValue,
) -> Result<Promise, JsValue> {
    let locks = Reflect::get(&window().navigator(), &"locks".into())?;
    let options = Object::new();
    Reflect::set(&options, &option.into(), value)?;
    Reflect::get(&locks, &"request".into())?
        .unchecked_into::<Function>()
        .call3(&locks, name, &options, begin)?
        .dyn_into()
}
