//! One conversation, or one person, in the list.

use std::sync::Arc;

use leptos::prelude::*;

use super::avatar::Avatar;
use crate::{
    dates,
    dynamic::{text, when},
    language::{counted, translate},
    reactive::{Computed, expect_context},
    state::{
        AppState,
        listing::{ListRow, Listing},
        recipient::Recipient,
    },
};

#[component]
pub fn ConversationRow(
    listing: Computed<Listing>,
    recipient: Recipient,
    open: Computed<Option<Recipient>>,
) -> impl IntoView {
    let state = expect_context::<AppState>();
    let path = recipient.path();
    let id = match &recipient {
        Recipient::Person(username) => username.as_str().to_owned(),
        Recipient::Group(id) => id.as_str().to_owned(),
    };
    let is_open = {
        let recipient = recipient.clone();
        Computed::new(move |_| open.with(|open| open.as_ref() == Some(&recipient)))
    };
    // A row that has just left the list keeps what it showed until it is gone.
    let row: Computed<Option<Arc<ListRow>>> =
        Computed::new(move |before: Option<&Option<Arc<ListRow>>>| {
            let now = listing.with(|listing| listing.rows.get(&recipient).cloned());
            now.or_else(|| before.cloned().flatten())
        });
    let part = move |part: fn(&ListRow) -> String| {
        Computed::new(move |_| row.with(|row| row.as_deref().map(part)).unwrap_or_default())
    };
    let name = part(|row| row.name.clone());
    let preview = part(|row| row.preview.clone());
    let online = Computed::new(move |_| row.with(|row| row.as_deref().and_then(|row| row.online)));
    let unread = Computed::new(move |_| row.with(|row| row.as_deref().map_or(0, |row| row.unread)));
    let last_at =
        Computed::new(move |_| row.with(|row| row.as_deref().and_then(|row| row.last_at)));
    let moment = move || last_at.get().map(|at| dates::short(at, state.today.get()));
    let label = move || {
        row.with(|row| row.as_deref().map(|row| label(row, moment())))
            .unwrap_or_default()
    };

    view! {
        <li>
            <a
                class="conversation-row"
                href=path
                aria-label=text(label)
                aria-current=text(move || (if is_open.get() { "page" } else { "false" }).to_owned())
            >
                <Avatar name id online/>
                <span class="conversation-row-main">
                    <span class="conversation-row-top">
                        <span class="conversation-row-name" dir="auto">
                            {text(move || name.get())}
                        </span>
                        {when(
                            move || last_at.with(Option::is_some),
                            move || view! {
                                <time
                                    class="conversation-row-time"
                                    datetime=text(move || last_at.get().map(dates::machine).unwrap_or_default())
                                >
                                    {text(move || moment().unwrap_or_default())}
                                </time>
                            }.into_any(),
                        )}
                    </span>
                    <span class="conversation-row-bottom">
                        <span class="conversation-row-preview" dir="auto">
                            {text(move || preview.get())}
                        </span>
                        {when(
                            move || { unread.get() > 0 },
                            move || view! {
                                <span class="unread">{text(move || short_number(unread.get()))}</span>
                            }.into_any(),
                        )}
                    </span>
                </span>
            </a>
        </li>
    }
}

/// Everything that the row tells, the name first.
fn label(row: &ListRow, when: Option<String>) -> String {
    let mut label = row.name.clone();
    let mut add = |part: &str| {
        if !part.is_empty() {
            label.push_str(", ");
            label.push_str(part);
        }
    };
    match row.online {
        Some(true) => add(translate("online")),
        Some(false) => add(translate("offline")),
        None => {}
    }
    if row.unread > 0 {
        add(&counted(row.unread, "{number} unread", "{number} unread"));
    }
    add(&row.preview);
    add(&when.unwrap_or_default());
    label
}

fn short_number(number: u64) -> String {
    if number > 999 {
        "999+".to_owned()
    } else {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use protocol::Username;

    use super::*;

    #[test]
    fn the_name_of_a_row_comes_before_everything_else_that_it_tells() {
        let row = ListRow {
            recipient: Recipient::Person(Username::from_trusted("bob")),
            name: "Bob".into(),
            online: Some(true),
            unread: 2,
            preview: "Hello".into(),
            last_at: None,
        };
        assert_eq!(
            label(&row, Some("14:05".into())),
            "Bob, online, 2 unread, Hello, 14:05"
        );
        let quiet = ListRow {
            online: None,
            unread: 0,
            preview: String::new(),
            ..row
        };
        assert_eq!(label(&quiet, None), "Bob");
    }
}
