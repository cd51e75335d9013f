//! What happened to a group, as lines between its messages.

use protocol::{GroupEvent, GroupEventKind, Seq, Timestamp, Username};

use crate::language::{counted, fill, translate};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its place among all changes; no other line has it.
    pub cursor: u64,
    /// It stands behind this message.
    pub after: Seq,
    pub at: Timestamp,
    pub text: String,
}

/// An event as `viewer` reads it. `name` tells what people are called.
pub fn note(
    event: &GroupEvent,
    viewer: &Username,
    name: impl Fn(&Username) -> String,
) -> Option<Note> {
    let is_own = event.actor == *viewer;
    let actor = name(&event.actor);
    let members = members(event, viewer, &name);
    let sentence = match (event.kind, is_own) {
        (GroupEventKind::Created, true) => translate("You made this group."),
        (GroupEventKind::Created, false) => translate("{name} made this group."),
        (GroupEventKind::Renamed, true) => translate("You named this group “{group}”."),
        (GroupEventKind::Renamed, false) => translate("{name} named this group “{group}”."),
        (GroupEventKind::Added, true) => translate("You added {members}."),
        (GroupEventKind::Added, false) => translate("{name} added {members}."),
        (GroupEventKind::Removed, true) => translate("You took {members} out."),
        (GroupEventKind::Removed, false) => translate("{name} took {members} out."),
        (GroupEventKind::Left, true) => translate("You left."),
        (GroupEventKind::Left, false) => translate("{name} left."),
        (GroupEventKind::Other, _) => return None,
    };
    let values = [
        ("name", actor.as_str()),
        ("group", event.name.as_deref().unwrap_or_default()),
        ("members", &members),
    ];
    Some(Note {
        cursor: event.cursor.0,
        after: event.after_seq,
        at: event.at,
        text: fill(sentence, &values),
    })
}

/// "Bob, Carol and 3 others"
fn members(event: &GroupEvent, viewer: &Username, name: &impl Fn(&Username) -> String) -> String {
    let named = event.members.iter().map(|member| {
        if member == viewer {
            translate("you").to_owned()
        } else {
            name(member)
        }
    });
    let names = named.collect::<Vec<_>>().join(", ");
    let others = u64::from(event.member_count).saturating_sub(event.members.len() as u64);
    if others == 0 {
        return names;
    }
    let sentence = counted(
        others,
        "{names} and {number} other",
        "{names} and {number} others",
    );
    fill(&sentence, &[("names", &names)])
}

#[cfg(test)]
mod tests {
    use protocol::Cursor;

    use super::*;
    use crate::state::fixtures::username;

    fn said(kind: GroupEventKind, actor: &str, members: &[&str], count: u32) -> Option<String> {
        let event = GroupEvent {
            cursor: Cursor(7),
            after_seq: Seq(2),
            at: Timestamp(0),
            actor: username(actor),
            kind,
            name: Some("Dinner".to_owned()),
            members: members.iter().map(|name| username(name)).collect(),
            member_count: count,
        };
        let note = note(&event, &username("alice"), |name| {
            name.as_str().to_uppercase()
        });
        note.map(|note| note.text)
    }

    #[test]
    fn a_line_says_who_did_what_and_speaks_of_its_reader_as_you() {
        let said = |kind, actor, members: &[&str]| {
            let count = u32::try_from(members.len()).expect("few");
            said(kind, actor, members, count).expect("a line")
        };
        use GroupEventKind::{Added, Created, Left, Removed, Renamed};
        assert_eq!(said(Created, "alice", &["bob"]), "You made this group.");
        assert_eq!(said(Renamed, "bob", &[]), "BOB named this group “Dinner”.");
        assert_eq!(
            said(Added, "bob", &["alice", "carol"]),
            "BOB added you, CAROL."
        );
        assert_eq!(said(Removed, "alice", &["bob"]), "You took BOB out.");
        assert_eq!(said(Left, "bob", &[]), "BOB left.");
    }

    #[test]
    fn those_who_are_not_named_are_counted() {
        let added = said(GroupEventKind::Added, "bob", &["carol"], 3);
        assert_eq!(added.as_deref(), Some("BOB added CAROL and 2 others."));
    }

    #[test]
    fn what_is_not_known_yet_is_no_line() {
        assert_eq!(said(GroupEventKind::Other, "bob", &[], 0), None);
    }
}
