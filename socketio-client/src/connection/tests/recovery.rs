use super::*;

const ACCEPT_AND_KEEP: &str = r#"40/chat,{"sid":"socket","pid":"session"}"#;

fn recovered(actions: &[Action]) -> Vec<bool> {
    let recovered = |event: &ConnectionEvent| match event {
        ConnectionEvent::Connected { recovered, .. } => Some(*recovered),
        _ => None,
    };
    notified(actions)
        .into_iter()
        .filter_map(recovered)
        .collect()
}

/// Connects again after a loss, and says what the server was asked with.
fn ask_again(fixture: &mut Fixture, auth: Option<Json>) -> String {
    fixture.close();
    fixture.advance(5.0);
    fixture.authorise(Ok(auth));
    let actions = fixture.frame(OPEN);
    sent(&actions).concat()
}

fn keeping() -> Fixture {
    let mut fixture = Fixture::new();
    fixture.connect();
    fixture.authorise(Ok(None));
    fixture.frame(OPEN);
    assert_eq!(recovered(&fixture.frame(ACCEPT_AND_KEEP)), [false]);
    fixture
}

#[test]
fn a_server_that_keeps_what_was_missed_is_told_the_session_and_the_last_offset() {
    let mut fixture = keeping();
    assert_eq!(
        ask_again(&mut fixture, None),
        r#"40/chat,{"pid":"session"}"#
    );
    assert_eq!(recovered(&fixture.frame(ACCEPT_AND_KEEP)), [true]);

    fixture.frame(r#"42/chat,["news",1,"first"]"#);
    fixture.frame(r#"42/chat,["news",2,"second"]"#);
    // Without an offset of its own it says nothing about what was received.
    fixture.frame(r#"42/chat,["volatile",3]"#);
    assert_eq!(
        ask_again(&mut fixture, None),
        r#"40/chat,{"pid":"session","offset":"second"}"#
    );
}

#[test]
fn what_authenticates_stands_beside_it_and_wins() {
    let mut fixture = keeping();
    let auth = |value: serde_json::Value| Some(Json::from(value));
    assert_eq!(
        ask_again(&mut fixture, auth(json!({ "token": "t" }))),
        r#"40/chat,{"pid":"session","token":"t"}"#
    );
    assert_eq!(
        ask_again(&mut fixture, auth(json!({}))),
        r#"40/chat,{"pid":"session"}"#
    );
    assert_eq!(ask_again(&mut fixture, auth(json!("t"))), r#"40/chat,"t""#);
}

#[test]
fn a_server_that_has_forgotten_the_session_begins_another() {
    let mut fixture = keeping();
    fixture.frame(r#"42/chat,["news",1,"first"]"#);
    ask_again(&mut fixture, None);
    let other = fixture.frame(r#"40/chat,{"sid":"socket","pid":"other"}"#);
    assert_eq!(recovered(&other), [false]);
    // The offset belonged to the session that is forgotten.
    assert_eq!(ask_again(&mut fixture, None), r#"40/chat,{"pid":"other"}"#);

    assert_eq!(recovered(&fixture.frame(ACCEPT)), [false]);
    assert_eq!(ask_again(&mut fixture, None), "40/chat,");
}

#[test]
fn a_server_that_keeps_nothing_is_told_nothing() {
    let mut fixture = Fixture::connected();
    fixture.frame(r#"42/chat,["news","text"]"#);
    assert_eq!(ask_again(&mut fixture, None), "40/chat,");
}
