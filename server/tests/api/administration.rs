//! What owners and admins do: `/web/admin`.

use protocol::{
    ErrorCode, Role,
    administration::{AuditEntry, Invitation, ManagedPerson},
};
use serde_json::json;

use crate::{
    people::{PASSWORD, change, invite, join, log_in, make_admin, member, owner, server, token},
    support::TestUser,
};

async fn code(by: &TestUser, method: &str, path: &str, body: serde_json::Value) -> ErrorCode {
    by.send(method, path, body).await.problem().code
}

#[tokio::test]
async fn members_see_and_change_nothing_of_it() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    for path in ["people", "invitations", "settings", "audit"] {
        let path = format!("/web/admin/{path}");
        assert_eq!(olivia.get(&path).await.status, 200, "{path}");
        let refused = mia.get(&path).await;
        assert_eq!(refused.status, 403, "{path}");
        assert_eq!(refused.problem().code, ErrorCode::NotAllowed);
    }
    for (method, path, body) in [
        ("POST", "invitations", json!({ "uses": 1, "days": 1 })),
        ("PATCH", "settings", json!({ "openRegistration": true })),
        ("PATCH", "people/mia", json!({ "role": "owner" })),
        ("PATCH", "people/olivia", json!({ "deactivated": true })),
        ("POST", "people/olivia/reset", json!({})),
        ("POST", "people/olivia/sign-out", json!({})),
        ("DELETE", "invitations/none", json!({})),
    ] {
        let path = format!("/web/admin/{path}");
        assert_eq!(
            code(&mia, method, &path, body).await,
            ErrorCode::NotAllowed,
            "{path}"
        );
    }
}

#[tokio::test]
async fn admins_look_after_members_and_owners_after_everybody() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let anna = member(&server, &olivia, "anna").await;
    member(&server, &olivia, "adam").await;
    member(&server, &olivia, "mia").await;
    make_admin(&olivia, "anna").await;
    make_admin(&olivia, "adam").await;
    let people: Vec<ManagedPerson> = anna.get_json("/web/admin/people").await;
    let manageable: Vec<_> = people
        .iter()
        .filter(|person| person.manageable)
        .map(|person| person.username.as_str())
        .collect();
    assert_eq!(manageable, ["mia"]);
    change(&anna, "mia", json!({ "deactivated": true })).await;
    change(&anna, "mia", json!({ "deactivated": false })).await;
    for (person, wanted) in [
        ("mia", json!({ "role": "admin" })),
        ("anna", json!({ "role": "owner" })),
        ("adam", json!({ "deactivated": true })),
        ("olivia", json!({ "deactivated": true })),
    ] {
        let path = format!("/web/admin/people/{person}");
        assert_eq!(
            code(&anna, "PATCH", &path, wanted).await,
            ErrorCode::NotAllowed
        );
    }
    for person in ["adam", "olivia"] {
        let path = format!("/web/admin/people/{person}/reset");
        assert_eq!(
            code(&anna, "POST", &path, json!({})).await,
            ErrorCode::NotAllowed
        );
    }
    let settings = json!({ "openRegistration": true });
    let refused = code(&anna, "PATCH", "/web/admin/settings", settings).await;
    assert_eq!(refused, ErrorCode::NotAllowed, "owners decide who may come");
}

#[tokio::test]
async fn there_is_always_an_owner_who_can_sign_in() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    for wanted in [json!({ "role": "member" }), json!({ "deactivated": true })] {
        let refused = code(&olivia, "PATCH", "/web/admin/people/olivia", wanted).await;
        assert_eq!(refused, ErrorCode::LastOwner);
    }
    change(&olivia, "mia", json!({ "role": "owner" })).await;
    change(&olivia, "olivia", json!({ "role": "member" })).await;
    assert_eq!(olivia.get("/web/admin/people").await.status, 403);
    assert_eq!(mia.get("/web/admin/people").await.status, 200);
}

#[tokio::test]
async fn a_deactivated_person_is_out_at_once_and_may_come_back() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    let (watcher, socket) = (olivia.connect().await, mia.connect().await);
    let message = socket.write("olivia", "before").await;
    change(&olivia, "mia", json!({ "deactivated": true })).await;
    socket.ended().await;
    assert!(!watcher.user_changed().await.active);
    assert_eq!(mia.get("/web/session").await.status, 401);
    assert_eq!(log_in(&server, "mia", PASSWORD).await.status, 401);
    let request = crate::support::private_message("mia", "hello?");
    let refused = watcher.ask(&request).await.expect_err("nobody is there");
    assert_eq!(refused.code, ErrorCode::UnknownReceiver);
    let group = crate::support::create_group("Lunch", &["mia"]);
    let refused = watcher.ask(&group).await.expect_err("nobody is there");
    assert_eq!(refused.code, ErrorCode::UnknownMember);
    let history = olivia.history(message.conversation_id.as_str()).await;
    assert_eq!(history.len(), 1, "what was said stays");
    change(&olivia, "mia", json!({ "deactivated": false })).await;
    assert!(watcher.user_changed().await.active);
    assert_eq!(
        mia.get("/web/session").await.status,
        401,
        "the old session stays ended"
    );
    assert_eq!(log_in(&server, "mia", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_invitation_of_somebody_who_may_invite_no_more_lets_nobody_in() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let anna = member(&server, &olivia, "anna").await;
    make_admin(&olivia, "anna").await;
    let link = invite(&anna, 5).await;
    change(&olivia, "anna", json!({ "role": "member" })).await;
    let answer = join(&server, Some(&token(&link.url)), "mia", PASSWORD).await;
    assert_eq!(answer.problem().code, ErrorCode::InvalidLink);
}

#[tokio::test]
async fn invitations_are_listed_and_revoked_and_their_tokens_never_shown_again() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let link = invite(&olivia, 3).await;
    let answer = olivia.get("/web/admin/invitations").await;
    assert!(!answer.text().contains(&token(&link.url)));
    let listed: Vec<Invitation> = answer.json();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].id.as_str(), listed[0].uses_left),
        (link.id.as_str(), 3)
    );
    let path = format!("/web/admin/invitations/{}", link.id);
    assert_eq!(olivia.send("DELETE", &path, json!({})).await.status, 204);
    let gone = code(&olivia, "DELETE", &path, json!({})).await;
    assert_eq!(gone, ErrorCode::NotFound);
    let answer = join(&server, Some(&token(&link.url)), "mia", PASSWORD).await;
    assert_eq!(answer.problem().code, ErrorCode::InvalidLink);
    for (field, body) in [
        ("uses", json!({ "uses": 0, "days": 1 })),
        ("uses", json!({ "uses": 1_001, "days": 1 })),
        ("days", json!({ "uses": 1, "days": 91 })),
    ] {
        let problem = olivia.post("/web/admin/invitations", body).await.problem();
        assert_eq!(problem.field.as_deref(), Some(field));
    }
}

#[tokio::test]
async fn the_audit_log_tells_who_did_what_and_holds_no_secret() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let link = invite(&olivia, 1).await;
    let invitation = token(&link.url);
    join(&server, Some(&invitation), "mia", PASSWORD).await;
    log_in(&server, "mia", "a wrong guess").await;
    make_admin(&olivia, "mia").await;
    let answer = olivia.get("/web/admin/audit").await;
    for secret in [PASSWORD, "a wrong guess", &invitation] {
        assert!(!answer.text().contains(secret), "{secret}");
    }
    let entries: Vec<AuditEntry> = answer.json();
    let told = |action: &str, actor: Option<&str>, subject: Option<&str>| {
        entries.iter().any(|entry| {
            entry.action == action
                && entry.actor.as_ref().map(|it| it.as_str()) == actor
                && entry.subject.as_ref().map(|it| it.as_str()) == subject
        })
    };
    assert!(told("invitation-made", Some("olivia"), None));
    assert!(told("joined", Some("mia"), None));
    assert!(
        entries
            .iter()
            .any(|it| it.detail.as_deref() == Some("invitation by olivia"))
    );
    assert!(told("signed-in", Some("mia"), None));
    assert!(told("sign-in-failed", None, Some("mia")));
    assert!(told("role-changed", Some("olivia"), Some("mia")));
    assert!(
        entries
            .iter()
            .any(|it| it.address.as_deref() == Some("127.0.0.1"))
    );
    assert!(
        entries.is_sorted_by(|one, other| one.id > other.id),
        "newest first"
    );
    let oldest = entries.last().expect("entries").id;
    let path = format!("/web/admin/audit?before={oldest}");
    assert!(olivia.get_json::<Vec<AuditEntry>>(&path).await.is_empty());
}

#[tokio::test]
async fn whoever_is_made_admin_is_one_without_signing_in_again() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    make_admin(&olivia, "mia").await;
    let session: protocol::Session = mia.get_json("/web/session").await;
    assert_eq!(session.role, Role::Admin);
    invite(&mia, 1).await;
}
