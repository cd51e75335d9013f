//! What the words of the audit log mean, in plain ones.

use protocol::administration::AuditEntry;

/// What happened.
pub fn what(entry: &AuditEntry) -> String {
    let happened = match entry.action.as_str() {
        "signed-in" => "Signed in",
        "sign-in-failed" => "Could not sign in",
        "signed-out" => "Signed out",
        "session-ended" => "Signed out by somebody else, or from another device",
        "other-sessions-ended" => "Signed out everywhere else",
        "joined" => "Joined",
        "person-added" => "Added",
        "password-changed" => "Changed the password",
        "password-reset" => "Set a new password by a link",
        "confirmation-failed" => "Could not confirm who they are",
        "display-name-changed" => "Changed the display name",
        "passkey-added" => "Added a passkey",
        "passkey-removed" => "Removed a passkey",
        "recovery-codes-made" => "Made recovery codes",
        "recovery-code-used" => "Used a recovery code",
        "deactivated" => "Deactivated",
        "reactivated" => "Reactivated",
        "role-changed" => "Got another role",
        "invitation-made" => "Made an invitation",
        "invitation-revoked" => "Revoked an invitation",
        "reset-link-made" => "Made a link for a new password",
        "owner-link-made" => "Made a link for an owner",
        "settings-changed" => "Changed the settings",
        "key-rotated" => "Changed the signing key",
        // A server that is newer than this page.
        action => action,
    };
    match entry.detail.as_deref() {
        Some(detail) if detail != COMMAND_LINE => [happened, ": ", detail].concat(),
        _ => happened.to_owned(),
    }
}

/// Who did it; nothing where nobody in particular did.
pub fn who(entry: &AuditEntry) -> String {
    match &entry.actor {
        Some(username) => username.as_str().to_owned(),
        None if entry.detail.as_deref() == Some(COMMAND_LINE) => "command line".to_owned(),
        None => String::new(),
    }
}

/// To whom; nothing where to themselves.
pub fn whom(entry: &AuditEntry) -> String {
    match &entry.subject {
        Some(username) if entry.subject != entry.actor => username.as_str().to_owned(),
        _ => String::new(),
    }
}

/// From which address.
pub fn from_where(entry: &AuditEntry) -> String {
    entry.address.clone().unwrap_or_default()
}

const COMMAND_LINE: &str = "command line";

#[cfg(test)]
mod tests {
    use protocol::{Timestamp, Username};

    use super::*;

    fn entry(action: &str, people: [Option<&str>; 2], detail: Option<&str>) -> AuditEntry {
        let [actor, subject] = people.map(|name| name.map(Username::from_trusted));
        AuditEntry {
            id: 1,
            at: Timestamp(0),
            action: action.to_owned(),
            actor,
            subject,
            address: None,
            detail: detail.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn an_entry_is_told_in_plain_words() {
        let entry = entry("role-changed", [Some("ada"), Some("bob")], Some("admin"));
        assert_eq!(what(&entry), "Got another role: admin");
        assert_eq!((who(&entry), whom(&entry)), ("ada".into(), "bob".into()));
    }

    #[test]
    fn what_the_command_line_did_is_said_to_be_its_own() {
        let entry = entry("deactivated", [None, Some("bob")], Some("command line"));
        assert_eq!(what(&entry), "Deactivated");
        assert_eq!(who(&entry), "command line");
    }

    #[test]
    fn what_one_does_to_oneself_is_told_once_and_a_new_word_as_it_is() {
        let entry = entry("learned-to-fly", [Some("ada"), Some("ada")], None);
        assert_eq!(
            (what(&entry), whom(&entry)),
            ("learned-to-fly".into(), String::new())
        );
    }
}
