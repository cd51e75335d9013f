//! What a server would answer to whatever the pages and components ask when they are shown.

use js_sys::Promise;
use leptos::prelude::window;
use protocol::{
    ErrorCode, Problem, Role,
    account::{Account, Device, Passkey, Privacy},
    administration::{AuditEntry, Invitation, ManagedPerson, ServerSettings},
    receipt::ReadTime,
};
use wasm_bindgen::{JsValue, closure::Closure};
use web_sys::{Response, ResponseInit};

use super::world::{DAY, LONG_NAME, here};
use crate::{
    api::json,
    browser::set_member,
    state::fixtures::{MINUTE, NOON, username},
};

/// The entry of the audit log before which nobody sees anything without a proof of who they are.
pub const GUARDED: i64 = 0;

/// Answers in the place of the page, which has asked some questions before the client came.
pub fn give() {
    let give = Closure::<dyn Fn(String) -> JsValue>::new(|address: String| {
        answer(&address).map_or(JsValue::UNDEFINED, |it| Promise::resolve(&it).into())
    });
    set_member(&window(), "natterEarly", give.as_ref());
    // For as long as the page is open.
    give.forget();
}

fn answer(address: &str) -> Option<JsValue> {
    let (status, body) = match address {
        "/web/account" => (200, json(&account())),
        "/web/sessions" => (200, json(&devices())),
        "/web/admin/people" => (200, json(&people())),
        "/web/admin/invitations" => (200, json(&invitations())),
        "/web/admin/settings" => (200, json(&SETTINGS)),
        "/web/admin/audit" => (200, json(&audit())),
        "/web/admin/audit?before=0" => (403, json(&guarded())),
        "/web/conversations/lunch/messages/1/read" => (200, json(&read_times())),
        _ => return None,
    };
    let init = ResponseInit::new();
    init.set_status(status);
    let response = Response::new_with_opt_str_and_init(Some(&body), &init);
    response.ok().map(JsValue::from)
}

fn account() -> Account {
    let passkey = |id: &str, name: &str, last_used_at| Passkey {
        id: id.to_owned(),
        name: name.to_owned(),
        created_at: here(NOON - 30 * DAY),
        last_used_at,
    };
    Account {
        username: username("alice"),
        display_name: "Alice".to_owned(),
        role: Role::Owner,
        has_password: true,
        passkeys: vec![
            passkey("1", "my phone", Some(here(NOON - 25 * MINUTE))),
            passkey("2", LONG_NAME, None),
        ],
        recovery_codes: 2,
        privacy: Privacy {
            shows_read: true,
            shows_last_seen: false,
        },
    }
}

fn devices() -> Vec<Device> {
    let device = |id: &str, current, browser: &str, address: Option<&str>, ago| Device {
        id: id.to_owned(),
        current,
        created_at: here(NOON - 12 * DAY),
        last_seen_at: here(NOON - ago),
        address: address.map(str::to_owned),
        browser: browser.to_owned(),
    };
    vec![
        device("1", true, "Firefox on Linux", Some("192.0.2.7"), 0),
        device("2", false, "Safari on iOS", Some("2001:db8::7"), 2 * DAY),
        device("3", false, "Something else", None, 9 * DAY),
    ]
}

fn people() -> Vec<ManagedPerson> {
    let person =
        |name: &str, display_name: &str, role, last_seen_at, deactivated_at| ManagedPerson {
            username: username(name),
            display_name: display_name.to_owned(),
            role,
            created_at: here(NOON - 40 * DAY),
            last_seen_at,
            deactivated_at,
            manageable: name != "alice",
        };
    let (now, gone) = (Some(here(NOON)), Some(here(NOON - 20 * DAY)));
    vec![
        person("alice", "Alice", Role::Owner, now, None),
        person("bob", "Bob", Role::Admin, now, None),
        person("carol", "Carol Ann", Role::Member, gone, gone),
        person("dina", "דינה כהן", Role::Member, None, None),
        person("wilhelmina", LONG_NAME, Role::Member, gone, None),
    ]
}

fn invitations() -> Vec<Invitation> {
    let invitation = |id: &str, created_by: Option<&str>, uses_left| Invitation {
        id: id.to_owned(),
        created_by: created_by.map(username),
        created_at: here(NOON - DAY),
        expires_at: here(NOON + 6 * DAY),
        uses_left,
    };
    vec![
        invitation("1", Some("alice"), 1),
        invitation("2", None, 250),
    ]
}

const SETTINGS: ServerSettings = ServerSettings {
    open_registration: false,
};

fn audit() -> Vec<AuditEntry> {
    let nobody = None::<&str>;
    let entries = [
        ("role-changed", Some("alice"), Some("bob"), Some("admin")),
        ("signed-in", Some("bob"), nobody, Some("passkey")),
        ("sign-in-failed", nobody, Some("wilhelmina"), nobody),
        ("joined", Some("dina"), nobody, Some("invitation by alice")),
        ("owner-link-made", nobody, nobody, Some("command line")),
    ];
    let entry = |(id, (action, actor, subject, detail)): (
        i64,
        (&str, Option<&str>, Option<&str>, Option<&str>),
    )| {
        AuditEntry {
            id,
            at: here(NOON - id * 7 * MINUTE),
            action: action.to_owned(),
            actor: actor.map(username),
            subject: subject.map(username),
            address: actor.map(|_| "192.0.2.7".to_owned()),
            detail: detail.map(str::to_owned),
        }
    };
    (1..).zip(entries).map(entry).collect()
}

fn read_times() -> Vec<ReadTime> {
    // Carol does not let others see when.
    let times = [("bob", NOON + 5 * MINUTE), ("wilhelmina", NOON + DAY)];
    let read = |(name, at)| ReadTime {
        username: username(name),
        at: here(at),
    };
    times.map(read).into()
}

fn guarded() -> Problem {
    Problem {
        title: "Forbidden".to_owned(),
        status: 403,
        code: ErrorCode::ConfirmIdentity,
        detail: "Confirm that it is you.".to_owned(),
        field: None,
        retry_after: None,
    }
}
