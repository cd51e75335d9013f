//! Says that one is writing, and who else is.

use std::time::Duration;

use leptos::{ev, prelude::*};
use protocol::{
    Message, Timestamp,
    events::{MessageEvent, ServerEvent, Typing, UserTyping},
    receipt::LARGE_GROUP,
};

use crate::{
    browser,
    later::OpenConversation,
    persistence,
    reactive::{Observable, Stored, effect, expect_context},
    requests::line::Line,
    state::{
        AppState,
        recipient::Recipient,
        typing::{PAUSE, Writers, sentence},
    },
};

/// The choice not to tell others; what it holds is "off".
pub const CHOICE: &str = "typing";
/// Where one writes, with something in it.
const WRITING: &str = ".composer-input:focus:not(:placeholder-shown)";

#[derive(Clone, Copy)]
struct Watch {
    state: AppState,
    line: Line,
    open: OpenConversation,
    writers: Observable<Writers>,
    /// There is a timer already that forgets whoever stops.
    is_due: Stored<bool>,
    /// Where one said it last, and when.
    said: Stored<Option<(Recipient, Timestamp)>>,
}

pub fn start() {
    let watch = Watch {
        state: expect_context::<AppState>(),
        line: expect_context::<Line>(),
        open: expect_context::<OpenConversation>(),
        writers: Observable::new(Writers::default()),
        is_due: Stored::new(false),
        said: Stored::new(None),
    };
    let typed = window_event_listener(ev::input, move |_| watch.typed());
    on_cleanup(move || {
        typed.remove();
        watch.state.typing.set(None);
    });
    watch
        .line
        .hear(ServerEvent::USER_TYPING, move |typing: UserTyping| {
            watch
                .writers
                .update(|writers| writers.note(typing, browser::now()));
            watch.expire();
        });
    watch
        .line
        .hear(ServerEvent::RESPONSE, move |event: MessageEvent| {
            let Message {
                conversation_id,
                sender,
                ..
            } = event.response;
            if watch.state.viewer().as_ref() == Some(&sender) {
                // What they begin to write next is said at once.
                watch.said.set_value(None);
            }
            watch
                .writers
                .update(|writers| writers.forget(&conversation_id, &sender));
        });
    effect(move || {
        let shown = watch.shown();
        if watch.state.typing.with_untracked(|before| *before != shown) {
            watch.state.typing.set(shown);
        }
    });
}

impl Watch {
    /// Says that one is writing, unless that was said a moment ago.
    fn typed(self) {
        if persistence::choice(CHOICE).is_some() || !browser::finds(WRITING) {
            return;
        }
        let Some(recipient) = self.open.0.get_untracked() else {
            return;
        };
        let now = browser::now();
        let is_recent = self.said.with_value(|said| {
            said.as_ref()
                .is_some_and(|(to, at)| *to == recipient && now.0 - at.0 < PAUSE)
        });
        // A conversation that has not begun has nobody yet who could be told.
        let id = self.state.conversations.with_untracked(|list| {
            let conversation = &list.get(&recipient)?.conversation;
            let is_small = conversation.members.len() <= LARGE_GROUP;
            is_small.then(|| conversation.id.clone())
        });
        if let (Some(id), false) = (id, is_recent) {
            let conversation_id = (&id).into();
            self.line.say(&Typing { conversation_id });
            self.said.set_value(Some((recipient, now)));
        }
    }

    /// Forgets in time whoever does not say it again.
    fn expire(self) {
        if self.is_due.get_value() {
            return;
        }
        let next = self
            .writers
            .try_update(|writers| writers.expire(browser::now()))
            .flatten();
        let Some(milliseconds) = next else { return };
        self.is_due.set_value(true);
        set_timeout(
            move || {
                // Not for a chat that was left meanwhile.
                if !self.is_due.is_gone() {
                    self.is_due.set_value(false);
                    self.expire();
                }
            },
            Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default()),
        );
    }

    /// What is said of the conversation that is open.
    fn shown(self) -> Option<(Recipient, String)> {
        let recipient = self.open.0.get()?;
        let names: Vec<String> = self.state.conversations.with(|list| {
            let Some(entry) = list.get(&recipient) else {
                return Vec::new();
            };
            self.writers.with(|writers| {
                self.state.people.with(|people| {
                    let here = writers.of(&entry.conversation.id);
                    here.map(|username| people.display_name(username)).collect()
                })
            })
        });
        let is_group = matches!(recipient, Recipient::Group(_));
        let sentence = sentence(&names, is_group)?;
        Some((recipient, sentence))
    }
}
