//! What the words of the audit log mean, in plain ones.

use protocol::administration::AuditEntry;

use crate::language::{fill, noted, translate};

/// What happened.
pub fn what(entry: &AuditEntry) -> String {
    let happened = match entry.action.as_str() {
        "signed-in" => translate("Signed in"),
        "sign-in-failed" => translate("Could not sign in"),
        "signed-out" => translate("Signed out"),
        "session-ended" => translate("Signed out by somebody else, or from another device"),
        "other-sessions-ended" => translate("Signed out everywhere else"),
        "joined" => translate("Joined"),
        "person-added" => translate("Added"),
        "password-changed" => translate("Changed the password"),
        "password-reset" => translate("Set a new password by a link"),
        "confirmation-failed" => translate("Could not confirm who they are"),
        "display-name-changed" => translate("Changed the display name"),
        "passkey-added" => translate("Added a passkey"),
        "passkey-removed" => translate("Removed a passkey"),
        "recovery-codes-made" => translate("Made recovery codes"),
        "recovery-code-used" => translate("Used a recovery code"),
        "deactivated" => translate("Deactivated"),
        "reactivated" => translate("Reactivated"),
        "role-changed" => translate("Got another role"),
        "invitation-made" => translate("Made an invitation"),
        "invitation-revoked" => translate("Revoked an invitation"),
        "reset-link-made" => translate("Made a link for a new password"),
        "owner-link-made" => translate("Made a link for an owner"),
        "settings-changed" => translate("Changed the settings"),
        "key-rotated" => translate("Changed the signing key"),
        // A server that is newer than this page.
        action => action,
    };
    match entry.detail.as_deref() {
        Some(detail) if detail != COMMAND_LINE => {
            let detail = detail_of(&entry.action, detail);
            fill(
                translate("{what}: {detail}"),
                &[("what", happened), ("detail", &detail)],
            )
        }
        _ => happened.to_owned(),
    }
}

/// What the server says with it. What people called something stays as it is.
fn detail_of(action: &str, detail: &str) -> String {
    if let ("joined", Some(name)) = (action, detail.strip_prefix("invitation by ")) {
        return fill(translate("invitation by {name}"), &[("name", name)]);
    }
    let said = match (action, detail) {
        ("signed-in", "name") => translate("name"),
        ("signed-in", "password") => translate("password"),
        ("signed-in", "recovery code") => translate("recovery code"),
        ("signed-in", "joined") => translate("joined"),
        ("signed-in", "reset link") => translate("reset link"),
        ("signed-in" | "sign-in-failed" | "confirmation-failed", "passkey") => translate("passkey"),
        ("session-ended", "signed in again") => translate("signed in again"),
        ("joined", "owner link") => translate("owner link"),
        ("joined", "invitation") => translate("invitation"),
        ("joined", "open registration") => translate("open registration"),
        ("role-changed", "member") => translate("member"),
        ("role-changed", "admin") => translate("admin"),
        ("role-changed", "owner") => translate("owner"),
        ("settings-changed", "registration open") => translate("registration open"),
        ("settings-changed", "registration by invitation") => {
            translate("registration by invitation")
        }
        _ => detail,
    };
    said.to_owned()
}

/// Who did it; nothing where nobody in particular did.
pub fn who(entry: &AuditEntry) -> String {
    match &entry.actor {
        Some(username) => username.as_str().to_owned(),
        None if entry.detail.as_deref() == Some(COMMAND_LINE) => translate(COMMAND_LINE).to_owned(),
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

const COMMAND_LINE: &str = noted("command line");

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
