//! Notifications about what is not being looked at.

use std::time::Duration;

use gloo_timers::future::sleep;
use js_sys::{Array, Function, Object, Promise};
use leptos::prelude::*;
use protocol::{
    Message,
    events::{MessageEvent, ServerEvent},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

use crate::{
    browser::{call, invoke, member, set_member, workers},
    later::OpenConversation,
    navigation::Navigation,
    persistence,
    reactive::{Stored, effect, expect_context, spawn},
    requests::line::Line,
    state::{AppState, listing, markup, recipient::Recipient},
};

/// The choice to be notified: [`QUIETLY`] or [`ALOUD`].
pub const CHOICE: &str = "notifications";
pub const QUIETLY: &str = "on";
pub const ALOUD: &str = "sound";
/// Where the same person looks at it in another tab or on another device, that is known by then: the
/// server tells positions once a second.
const A_MOMENT: Duration = Duration::from_millis(1_500);
/// As much of a message as is shown.
const EXCERPT_CHARACTERS: usize = 120;

#[derive(Clone, Copy)]
struct Watch {
    state: AppState,
    open: OpenConversation,
    /// The paths of the conversations that have a notification.
    shown: Stored<Vec<String>>,
}

pub fn start() {
    let watch = Watch {
        state: expect_context::<AppState>(),
        open: expect_context::<OpenConversation>(),
        shown: Stored::new(Vec::new()),
    };
    let line = expect_context::<Line>();
    line.hear(ServerEvent::RESPONSE, move |event: MessageEvent| {
        spawn(async move { watch.consider(event.response).await });
    });
    effect(move || watch.take_back());
    spawn(async move {
        // What an earlier page has shown may be read by now.
        let left: Vec<String> = there(None).await.iter().map(tag).collect();
        if !watch.shown.is_gone() {
            watch.shown.update_value(|shown| shown.extend(left));
            watch.take_back();
        }
    });
    let navigation = expect_context::<Navigation>();
    let clicked = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        if let Some(path) = member(&event, "data").as_string() {
            navigation.go(&path);
        }
    });
    set_member(&workers(), "onmessage", clicked.as_ref());
    let clicked = StoredValue::new_local(clicked);
    on_cleanup(move || {
        set_member(&workers(), "onmessage", &JsValue::NULL);
        clicked.dispose();
        if watch.state.viewer().is_none() {
            // Nothing of whoever has left stays in the system's list.
            spawn(async { close(&there(None).await) });
        }
    });
}

impl Watch {
    async fn consider(self, message: Message) {
        let Some(viewer) = self.state.viewer() else {
            return;
        };
        let Some(recipient) = Recipient::of_message(&message, &viewer) else {
            return;
        };
        let path = recipient.path();
        let choice = persistence::choice(CHOICE);
        let is_muted = persistence::choice(&persistence::muted(&viewer, &path)).is_some();
        if message.sender == viewer || choice.is_none() || is_muted || self.is_seen(&recipient) {
            return;
        }
        sleep(A_MOMENT).await;
        if self.shown.is_gone() || self.is_seen(&recipient) || self.is_read(&recipient, &message) {
            return;
        }
        let note = self.note(&recipient, &message, choice.as_deref() == Some(ALOUD));
        // Another tab may have been first, and once is enough.
        let is_there =
            |shown: &JsValue| member(shown, "body").as_string().as_ref() == Some(&note.body);
        if there(Some(&path)).await.iter().any(is_there) {
            return;
        }
        if show(&note).await.is_ok() && !self.shown.is_gone() {
            self.shown.update_value(|shown| {
                shown.retain(|each| *each != path);
                shown.push(path);
            });
        }
    }

    /// Whether somebody is looking at the conversation.
    fn is_seen(self, recipient: &Recipient) -> bool {
        let open = self
            .open
            .0
            .with_untracked(|open| open.as_ref() == Some(recipient));
        open && self.state.visible.get_untracked()
    }

    fn is_read(self, recipient: &Recipient, message: &Message) -> bool {
        self.state.conversations.with_untracked(|list| {
            let entry = list.get(recipient);
            entry.is_none_or(|entry| entry.read_seq() >= message.seq)
        })
    }

    fn note(self, recipient: &Recipient, message: &Message, is_aloud: bool) -> Note {
        let (title, author) = self.state.conversations.with_untracked(|list| {
            self.state.people.with_untracked(|people| {
                let title = listing::name(recipient, list.get(recipient), people);
                (title, people.display_name(&message.sender))
            })
        });
        let beginning: String = message.text.chars().take(EXCERPT_CHARACTERS).collect();
        let excerpt = markup::words(&beginning);
        let body = match recipient {
            Recipient::Person(_) => excerpt,
            Recipient::Group(_) => [&author, ": ", &excerpt].concat(),
        };
        Note {
            title,
            body,
            path: recipient.path(),
            is_aloud,
        }
    }

    /// Takes notifications back about what was read meanwhile, wherever.
    fn take_back(self) {
        let read: Vec<String> = self.state.conversations.with(|list| {
            let read = list.iter().filter(|entry| entry.unread() == 0);
            let paths = read.map(|entry| entry.recipient.path());
            self.shown
                .with_value(|shown| paths.filter(|path| shown.contains(path)).collect())
        });
        for path in read {
            self.shown
                .update_value(|shown| shown.retain(|each| *each != path));
            spawn(async move { close(&there(Some(&path)).await) });
        }
    }
}

struct Note {
    title: String,
    body: String,
    path: String,
    is_aloud: bool,
}

/// Shows it in the place of an earlier one of the same conversation. The service worker does it:
/// phones take notifications from nobody else.
async fn show(note: &Note) -> Result<(), JsValue> {
    let registration = call(&workers(), "getRegistration", &JsValue::UNDEFINED).await?;
    let options = Object::new();
    for (name, value) in [
        ("body", note.body.as_str().into()),
        ("tag", note.path.as_str().into()),
        ("data", note.path.as_str().into()),
        ("icon", "/icon-192.png".into()),
        ("renotify", note.is_aloud.into()),
        ("silent", (!note.is_aloud).into()),
    ] {
        set_member(&options, name, &value);
    }
    let method: Function = member(&registration, "showNotification").dyn_into()?;
    let shown = method.call2(&registration, &note.title.as_str().into(), &options)?;
    JsFuture::from(Promise::resolve(&shown)).await.map(drop)
}

/// The notifications that are shown, all of them or those of one conversation; none where there is no way
/// to know.
async fn there(path: Option<&str>) -> Vec<JsValue> {
    let which = Object::new();
    if let Some(path) = path {
        set_member(&which, "tag", &path.into());
    }
    let asked = async {
        let registration = call(&workers(), "getRegistration", &JsValue::UNDEFINED).await?;
        call(&registration, "getNotifications", &which)
            .await?
            .dyn_into::<Array>()
    };
    let shown = asked.await.unwrap_or_default();
    (0..shown.length()).map(|place| shown.get(place)).collect()
}

fn tag(notification: &JsValue) -> String {
    member(notification, "tag").as_string().unwrap_or_default()
}

fn close(notifications: &[JsValue]) {
    for notification in notifications {
        // One that is there no more needs no closing.
        let _ = invoke(notification, "close", &JsValue::UNDEFINED);
    }
}
