//! The dialog that leads to any person, group or command by a few letters of its name.

use leptos::prelude::*;
use protocol::Role;

use super::{
    avatar::Avatar,
    finder::{Finder, Finding},
};
use crate::{
    browser,
    dynamic::{flag, on, part},
    language::translate,
    later::{LaterPart, OpenConversation, OpenDialog, close},
    navigation::Navigation,
    reactive::{Computed, Observable, expect_context},
    state::{AppState, fuzzy::fit, listing::Listing, recipient::Recipient},
    theme::Theme,
};

/// Most rows that are shown; whoever looks for another one types more.
const SHOWN: usize = 50;

/// What one can go to or do.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Goal {
    Conversation(Recipient),
    Dialog(LaterPart),
    Page(&'static str),
    Theme(Theme),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    goal: Goal,
    name: String,
    /// What else it can be found by.
    other_name: String,
    /// Beside the name.
    note: &'static str,
}

#[component]
pub fn Switcher() -> impl IntoView {
    let state = expect_context::<AppState>();
    let open = expect_context::<OpenDialog>();
    let navigation = expect_context::<Navigation>();
    let current = expect_context::<OpenConversation>().0.get_untracked();
    let finding = Finding::new("switcher-list");

    // As it is when the dialog opens: what comes meanwhile must not move what is marked.
    let entries = entries(state, current.as_ref());
    let found = Computed::new(move |_| search(&entries, &finding.typed()));
    // Another dialog comes once this one is closed and has given the focus back.
    let next = Observable::new(None::<LaterPart>);
    let choose = Callback::new(move |place: usize| {
        let Some(entry) = found.with_untracked(|found| found.get(place).cloned()) else {
            return;
        };
        match entry.goal {
            Goal::Conversation(recipient) => navigation.go(&recipient.path()),
            Goal::Page(path) => navigation.go(path),
            Goal::Theme(theme) => {
                theme.keep();
                theme.apply();
                // The button that shows the theme listens to what other tabs choose.
                browser::announce("storage");
            }
            Goal::Dialog(dialog) => next.set(Some(dialog)),
        }
        close(finding.dialog);
    });
    let closed = Callback::new(move |()| match next.get_untracked() {
        Some(next) => open.open(next),
        None => open.close(),
    });
    let rows = part(move || {
        let rows = found.get().into_iter().enumerate();
        rows.map(|(place, entry)| row(state, place, entry, finding, choose))
            .collect_view()
            .into_any()
    });
    view! {
        <Finder
            finding
            title=translate("Go to")
            label=translate("Go to a person, a group or a command")
            placeholder=translate("Person, group or command")
            nothing=translate("Nothing is called “{name}”.")
            count=Computed::new(move |_| found.with(Vec::len))
            rows
            step
            on_choose=choose
            on_close=closed
        />
    }
}

/// Up and down, and around the ends.
fn step(finding: Finding, count: usize, key: &str) -> Option<usize> {
    match key {
        "ArrowDown" => Some((finding.marked() + 1) % count),
        "ArrowUp" => Some((finding.marked() + count - 1) % count),
        _ => None,
    }
}

fn row(
    state: AppState,
    place: usize,
    entry: Entry,
    finding: Finding,
    choose: Callback<usize>,
) -> AnyView {
    let Entry {
        goal, name, note, ..
    } = entry;
    let avatar = match goal {
        Goal::Conversation(recipient) => {
            let shown = name.clone();
            let name = Computed::new(move |_| shown.clone());
            let (id, person) = match recipient {
                Recipient::Person(username) => (username.as_str().to_owned(), Some(username)),
                Recipient::Group(id) => (id.as_str().to_owned(), None),
            };
            let online = Computed::new(move |_| {
                let person = person.as_ref()?;
                Some(state.people.with(|people| people.is_online(person)))
            });
            view! { <Avatar name id online/> }.into_any()
        }
        _ => view! { <span class="switcher-command" aria-hidden="true">"›"</span> }.into_any(),
    };
    view! {
        <li
            id=finding.id(place)
            role="option"
            class="switcher-row"
            aria-selected=flag(move || finding.is_marked(place))
            on:click=on(move |_| choose.run(place))
        >
            {avatar}
            <span class="switcher-name" dir="auto">{name}</span>
            <span class="quiet">{note}</span>
        </li>
    }
    .into_any()
}

/// Everything there is: conversations, people, then commands, in the order in which they are shown
/// where they fit equally well.
fn entries(state: AppState, current: Option<&Recipient>) -> Vec<Entry> {
    let Some(session) = state.session.with_untracked(|it| it.session().cloned()) else {
        return Vec::new();
    };
    let listing = state.conversations.with_untracked(|conversations| {
        state
            .people
            .with_untracked(|people| Listing::new(conversations, people, &session.username, ""))
    });
    let mut entries: Vec<Entry> = listing
        .iter()
        .filter(|each| Some(*each) != current)
        .filter_map(|each| listing.rows.get(each))
        .map(|row| Entry {
            other_name: match &row.recipient {
                Recipient::Person(username) => username.as_str().to_owned(),
                Recipient::Group(_) => String::new(),
            },
            note: match &row.recipient {
                Recipient::Group(_) => translate("Group"),
                Recipient::Person(_) if row.unread > 0 => translate("Unread"),
                Recipient::Person(_) => "",
            },
            goal: Goal::Conversation(row.recipient.clone()),
            name: row.name.clone(),
        })
        .collect();
    if current.is_some() {
        let goal = Goal::Dialog(LaterPart::Details);
        entries.push(command(translate("Details of this conversation"), goal));
    }
    entries.extend([
        command(translate("New group"), Goal::Dialog(LaterPart::NewGroup)),
        command(translate("Settings"), Goal::Page("/settings")),
    ]);
    if session.role > Role::Member {
        entries.push(command(translate("Administration"), Goal::Page("/admin")));
    }
    entries.extend([
        command(translate("Theme: light"), Goal::Theme(Theme::Light)),
        command(translate("Theme: dark"), Goal::Theme(Theme::Dark)),
        command(
            translate("Theme: like the system"),
            Goal::Theme(Theme::System),
        ),
        command(
            translate("Keyboard shortcuts"),
            Goal::Dialog(LaterPart::Keys),
        ),
        command(translate("Sign out"), Goal::Dialog(LaterPart::SignOut)),
    ]);
    entries
}

fn command(name: &str, goal: Goal) -> Entry {
    Entry {
        goal,
        name: name.to_owned(),
        other_name: String::new(),
        note: translate("Command"),
    }
}

/// What fits, the best first.
fn search(entries: &[Entry], typed: &str) -> Vec<Entry> {
    let mut fitting: Vec<(u32, &Entry)> = entries
        .iter()
        .filter_map(|entry| {
            let score = fit(typed, &entry.name).max(fit(typed, &entry.other_name));
            Some((score?, entry))
        })
        .collect();
    fitting.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let shown = fitting.into_iter().take(SHOWN);
    shown.map(|(_, entry)| entry.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fixtures::username;

    fn person(name: &str, display_name: &str) -> Entry {
        Entry {
            goal: Goal::Conversation(Recipient::Person(username(name))),
            name: display_name.to_owned(),
            other_name: name.to_owned(),
            note: "",
        }
    }

    fn names(found: &[Entry]) -> Vec<&str> {
        found.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn nothing_typed_shows_everything_in_its_order() {
        let entries = [
            person("bob", "Bob"),
            command("Settings", Goal::Page("/settings")),
        ];
        assert_eq!(names(&search(&entries, "")), ["Bob", "Settings"]);
    }

    #[test]
    fn people_are_found_by_either_of_their_names() {
        let entries = [person("bwoods", "Robert"), person("carol", "Carol")];
        assert_eq!(names(&search(&entries, "woo")), ["Robert"]);
        assert_eq!(names(&search(&entries, "rob")), ["Robert"]);
    }

    #[test]
    fn no_more_is_shown_than_fits_a_list() {
        let entries: Vec<Entry> = (0..200)
            .map(|number| person(&format!("p{number}"), "Somebody"))
            .collect();
        assert_eq!(search(&entries, "some").len(), SHOWN);
    }
}
