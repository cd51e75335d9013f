//! The components, each in its states.

use leptos::{html, prelude::*};
use protocol::{MessageText, Seq, receipt::Position};

use super::{
    within,
    world::{
        LONG_NAME, bob, carol, dina, group_id, in_group, note, private, show, signed_in, world,
        write,
    },
};
use crate::{
    components::{
        avatar::Avatar,
        composer::Composer,
        connection_banner::ConnectionBanner,
        conversation_header::ConversationHeader,
        copy_button::CopyButton,
        fetched::Fetched,
        form::{
            attempt::Attempt,
            field::Field,
            outcome::{Said, Submit},
        },
        message_list::MessageList,
        sidebar::Sidebar,
        theme_toggle::ThemeToggle,
        who_has_it::{AskedMessage, WhoHasIt},
    },
    reactive::{Computed, Observable, Stored},
    requests::Refusal,
    state::{
        AppState,
        connection::Connection,
        fixtures::username,
        listing::Listing,
        recipient::Recipient,
        rows::{Body, MessageRow, Row},
        timeline::Timeline,
    },
};

type Specimen = fn() -> AnyView;

/// By the name over each.
pub const ALL: [(&str, Specimen); 12] = [
    ("Colours", colours),
    ("Type", type_scale),
    ("Buttons", buttons),
    ("Fields", fields),
    ("Waiting", waiting),
    ("Avatars", avatars),
    ("Connection", connection),
    ("Lists", lists),
    ("Headers", headers),
    ("Timelines", timelines),
    ("Receipts", receipts),
    ("Composers", composers),
];

/// The tokens of `style/tokens.css`.
const COLOURS: [&str; 19] = [
    "canvas",
    "surface",
    "raised",
    "hover",
    "selected",
    "own",
    "text",
    "quiet",
    "own-quiet",
    "line",
    "control",
    "accent",
    "accent-strong",
    "on-accent",
    "danger",
    "caution",
    "caution-tint",
    "online",
    "read",
];

fn colours() -> AnyView {
    let swatch = |name| {
        let colour = ["var(--colour-", name, ")"].concat();
        view! { <li><i style:background=colour></i>{name}</li> }
    };
    view! { <ul class="gallery-colours">{COLOURS.map(swatch).collect_view()}</ul> }.into_any()
}

fn type_scale() -> AnyView {
    let line = |name| {
        let size = ["var(--text-", name, ")"].concat();
        view! { <p style:font-size=size>{name}": what was said stays said"</p> }
    };
    ["tiny", "small", "body", "input", "title", "display"]
        .map(line)
        .collect_view()
        .into_any()
}

fn buttons() -> AnyView {
    let button = |class: &'static str, word: &'static str, disabled: bool| {
        view! { <button type="button" class=class disabled=disabled>{word}</button> }
    };
    let busy = Attempt::new("busy", &[]);
    busy.run(std::future::pending::<Result<(), Refusal>>(), |()| {
        String::new()
    });
    view! {
        <div class="gallery-line">
            {button("button", "Cancel", false)}
            {button("button button-primary", "Make the group", false)}
            {button("button button-danger", "Leave the group", false)}
            {button("button button-quiet", "Try again", false)}
            {button("button", "Cancel", true)}
            {button("button button-primary", "Make the group", true)}
            <Submit attempt=busy label="Save" busy="Saving…"/>
            <ThemeToggle/>
            <CopyButton content="nothing"/>
        </div>
    }
    .into_any()
}

fn fields() -> AnyView {
    let fresh = Attempt::new("fresh", &["name", "password"]);
    let refused = Attempt::new("refused", &["name"]);
    refused.refuse(Refusal::on(
        "name",
        "This name is taken. Choose another one.",
    ));
    let broken = Attempt::new("broken", &["name"]);
    broken.refuse(Refusal::saying(
        "The server cannot be reached. Try again in a moment.",
    ));
    let done = Attempt::new("done", &[]);
    done.say("Saved.");
    let input = NodeRef::<html::Input>::new;
    view! {
        <div class="form">
            <Field attempt=fresh name="name" label="Display name" input=input() value="Alice"/>
            <Field
                attempt=fresh
                name="password"
                label="Password"
                kind="password"
                hint="At least 8 characters."
                input=input()
            />
            <Field attempt=refused name="name" label="Username" input=input() value="bob"/>
            <div class="form-actions">
                <Submit attempt=broken label="Save" busy="Saving…"/>
                <Said attempt=broken/>
            </div>
            <div class="form-actions">
                <Submit attempt=done label="Save" busy="Saving…"/>
                <Said attempt=done/>
            </div>
        </div>
    }
    .into_any()
}

/// What the server is asked for: on its way, and missing.
fn waiting() -> AnyView {
    let on_its_way = Fetched::new(std::future::pending::<Result<(), Refusal>>);
    let missing = Fetched::new(|| async {
        Err::<(), _>(Refusal::saying(
            "The server cannot be reached. Check your connection and try again.",
        ))
    });
    [on_its_way, missing]
        .map(|it| it.view(|_| ().into_any()))
        .collect_view()
        .into_any()
}

fn avatars() -> AnyView {
    let avatar = |name: &'static str, online: Option<bool>| {
        let shown = Computed::new(move |_| name.to_owned());
        let online = Computed::new(move |_| online);
        view! { <Avatar name=shown id=name.to_owned() online/> }
    };
    view! {
        <div class="gallery-line">
            {avatar("Alice", None)}
            {avatar("Bob", Some(true))}
            {avatar("Carol Ann", Some(false))}
            {avatar("דינה כהן", None)}
            {avatar(LONG_NAME, Some(true))}
        </div>
    }
    .into_any()
}

fn connection() -> AnyView {
    let banner = |connection, online| {
        let state = signed_in();
        state.connection.set(connection);
        state.online.set(online);
        within(state, || view! { <ConnectionBanner/> }.into_any())
    };
    [
        banner(Connection::Connecting, true),
        banner(Connection::Unreachable, true),
        banner(Connection::Unreachable, false),
    ]
    .collect_view()
    .into_any()
}

fn lists() -> AnyView {
    let list = |state: AppState, open: Option<Recipient>, typed: &str| {
        let search = Observable::new(typed.to_owned());
        let listing = Computed::new(move |_| {
            state.conversations.with(|conversations| {
                state.people.with(|people| {
                    search.with(|it| Listing::new(conversations, people, &username("alice"), it))
                })
            })
        });
        let open = Computed::new(move |_| open.clone());
        within(state, move || {
            let viewer = Some(username("alice"));
            let on_go = Callback::new(|_| ());
            view! { <Sidebar viewer listing open search on_go/> }.into_any()
        })
    };
    let alone = signed_in();
    alone.people.update(|people| {
        let number = people.begin_snapshot();
        people.apply_snapshot(number, Vec::new());
    });
    alone.conversations.update(|list| {
        let number = list.begin_snapshot();
        list.apply_snapshot(number, Vec::new(), None, &username("alice"));
    });
    [
        list(world(), Some(bob()), ""),
        list(world(), None, "nobody of this name"),
        list(alone, None, ""),
    ]
    .collect_view()
    .into_any()
}

fn headers() -> AnyView {
    let header = |state, recipient| {
        within(state, || {
            view! { <div><ConversationHeader recipient/></div> }.into_any()
        })
    };
    let typing = world();
    typing
        .typing
        .set(Some((bob(), "Bob is writing…".to_owned())));
    [
        header(world(), bob()),
        header(typing, bob()),
        header(world(), carol()),
        header(world(), dina()),
        header(world(), Recipient::Person(username("erik"))),
        header(world(), Recipient::Person(username("wilhelmina"))),
        header(world(), Recipient::Group(group_id())),
    ]
    .collect_view()
    .into_any()
}

/// Every tick, every form that words can have, every line between messages, and what stands in their place.
fn timelines() -> AnyView {
    let timeline = |state: AppState, recipient: Recipient, timeline: Timeline, rows: u32| {
        show(state, &recipient, timeline);
        let height = [&rows.to_string(), "rem"].concat();
        within(state, move || {
            let sent = Observable::new(0);
            view! {
                <div class="conversation" style:height=height>
                    <MessageList recipient sent/>
                </div>
            }
            .into_any()
        })
    };
    [
        {
            let state = world();
            state.conversations.update(|list| {
                let entry = list.get(&bob()).map(|entry| entry.conversation.id.clone());
                let position = Position {
                    username: username("bob"),
                    delivered_seq: Seq(5),
                    read_seq: Seq(4),
                };
                if let Some(id) = entry {
                    let _ = list.tell_positions(&id, vec![position], &username("alice"));
                }
            });
            write(state, &bob(), "Is anybody there?", "And this one waits.");
            timeline(state, bob(), Timeline::kept(private(&TICKS)), 36)
        },
        {
            let mut shown = Timeline::kept(in_group(&WORDS, 2));
            shown.draw_new_line(Seq(4));
            shown.set_notes(vec![
                note(1, 0, "You made this group."),
                note(2, 2, "Bob named this group “Lunch”."),
                note(3, 2, "You added Carol Ann, Wilhelmina and 3 others."),
            ]);
            timeline(world(), Recipient::Group(group_id()), shown, 66)
        },
        timeline(world(), bob(), Timeline::begun_here(), 10),
        timeline(world(), bob(), Timeline::default(), 10),
        {
            let mut missed = Timeline::default();
            let request = missed.ask_newest(0);
            missed.miss_page(request);
            timeline(world(), bob(), missed, 10)
        },
    ]
    .collect_view()
    .into_any()
}

/// Who has a message of a group and who has read it, and when: everybody, some, nobody.
fn receipts() -> AnyView {
    let receipts = |read: [u64; 3], delivered: [u64; 3]| {
        let state = world();
        let group = Recipient::Group(group_id());
        let positions = ["bob", "carol", "wilhelmina"]
            .into_iter()
            .zip(read.into_iter().zip(delivered));
        let positions = positions.map(|(name, (read, delivered))| Position {
            username: username(name),
            delivered_seq: Seq(delivered),
            read_seq: Seq(read),
        });
        state.conversations.update(|list| {
            let _ = list.tell_positions(&group_id(), positions.collect(), &username("alice"));
        });
        let message = in_group(&[("alice", "Lunch?")], 0).remove(0);
        within(state, || {
            provide_context(AskedMessage {
                row: Observable::new(Row::Message(MessageRow {
                    body: Body::Stored(message.into()),
                    own: true,
                    first: true,
                    last: true,
                })),
                recipient: Stored::new(group),
            });
            view! { <p class="message message-own"><WhoHasIt/></p> }.into_any()
        })
    };
    [
        receipts([1, 1, 1], [1, 1, 1]),
        receipts([1, 0, 0], [1, 1, 0]),
        receipts([0, 0, 0], [0, 0, 0]),
    ]
    .collect_view()
    .into_any()
}

const TICKS: [(&str, &str); 6] = [
    ("bob", "Good morning! The lift is repaired."),
    ("bob", "At last."),
    ("alice", "Oh, good. My knees say thank you."),
    ("alice", "Both of them."),
    ("alice", "This one has arrived."),
    ("alice", "This one is stored."),
];

const WORDS: [(&str, &str); 9] = [
    ("bob", "Yesterday's news."),
    ("alice", "Old already."),
    (
        "bob",
        "**Bold**, *italic* and `code`, with a link: https://example.org/a?b=c.",
    ),
    (
        "bob",
        "> Who said that?\n\n- one thing\n- another\n\n1. first\n2. second",
    ),
    (
        "carol",
        "```\nfn main() {\n    println!(\"Hello\");\n}\n```",
    ),
    ("wilhelmina", "שלום @alice, מה שלומך?"),
    (
        "wilhelmina",
        "A longer message, as people write them when they have something to tell: it goes over several lines, \
         keeps its measure on a wide screen, and ends where it ends. Averyveryverylongwordwithoutanyplacetobreakitwhichisbrokenallthesame_\
         andthengoesonforawhile.",
    ),
    ("alice", "Yes."),
    ("alice", "A second line of mine,\nand a third."),
];

fn composers() -> AnyView {
    let composer = |draft: String| {
        let state = world();
        state
            .drafts
            .update_value(|drafts| drafts.keep(&bob(), &draft));
        within(state, || {
            view! { <div><Composer recipient=bob() on_send=|| ()/></div> }.into_any()
        })
    };
    [
        composer(String::new()),
        composer("A draft of two lines,\nkept for later.".to_owned()),
        composer("long ".repeat(MessageText::MAX_LENGTH / 5 - 20)),
        composer("long ".repeat(MessageText::MAX_LENGTH / 5 + 1)),
    ]
    .collect_view()
    .into_any()
}
