use super::*;

#[test]
fn events_without_a_connection_are_kept_in_order_up_to_the_bound() {
    let mut fixture = Fixture::buffering();
    assert_eq!(fixture.emit(false), Ok(None));
    assert_eq!(fixture.emit(true), Ok(Some(0)));
    assert_eq!(fixture.emit(false), Err(EmitError::BufferFull));
    assert_eq!(
        fixture.emit_as(Emission::Volatile),
        Err(EmitError::NotConnected)
    );
    fixture.connect();
    fixture.authorise(Ok(None));
    fixture.frame(OPEN);
    let actions = fixture.frame(ACCEPT);
    let expected = [
        r#"42/chat,["hello","world"]"#,
        r#"42/chat,0["hello","world"]"#,
    ];
    assert_eq!(sent(&actions), expected);
    assert_eq!(fixture.emit_as(Emission::Volatile), Ok(None));
}

#[test]
fn an_event_that_was_kept_too_long_is_not_sent_and_its_acknowledgement_says_so() {
    let mut fixture = Fixture::buffering();
    let id = fixture.emit(true).unwrap().unwrap();
    fixture.actions();
    assert_eq!(
        fixture.connection.next_deadline(),
        Some(Duration::from_secs(3))
    );
    assert_eq!(acknowledged(&fixture.advance(2.9)), []);
    let late = fixture.advance(0.2);
    assert_eq!(acknowledged(&late), [(id, Err(AckError::NotConnected))]);
    fixture.connect();
    fixture.authorise(Ok(None));
    fixture.frame(OPEN);
    assert_eq!(sent(&fixture.frame(ACCEPT)), [] as [&str; 0]);
}

#[test]
fn an_attempt_that_fails_takes_nothing_from_what_is_kept() {
    let mut fixture = Fixture::buffering();
    let id = fixture.emit(true).unwrap().unwrap();
    fixture.connect();
    fixture.authorise(Ok(None));
    assert_eq!(acknowledged(&fixture.close()), []);
    fixture.advance(1.5);
    fixture.authorise(Ok(None));
    fixture.frame(OPEN);
    let sent_now = fixture.frame(ACCEPT);
    assert_eq!(sent(&sent_now), [r#"42/chat,0["hello","world"]"#]);
    let answer = fixture.frame(r#"43/chat,0["ok"]"#);
    assert_eq!(acknowledged(&answer), [(id, Ok(vec![json!("ok")].into()))]);
}

#[test]
fn disconnecting_on_purpose_drops_what_is_kept() {
    let mut fixture = Fixture::buffering();
    let id = fixture.emit(true).unwrap().unwrap();
    let actions = fixture.disconnect();
    assert_eq!(acknowledged(&actions), [(id, Err(AckError::NotConnected))]);
    assert_eq!(fixture.connection.next_deadline(), None);
}

/// Sends each event up to three times, and keeps three for a minute.
fn retrying() -> Fixture {
    let buffer = Buffer {
        capacity: 3,
        max_age: Duration::from_secs(60),
    };
    let settings = SocketConfig {
        buffer,
        retries: Some(2),
        ..settings("/chat")
    };
    let mut fixture = Fixture::configured(Reconnection::default(), settings);
    fixture.connect();
    fixture.accept();
    fixture
}

#[test]
fn with_retries_an_event_is_sent_when_the_one_before_it_is_acknowledged() {
    let mut fixture = retrying();
    assert_eq!(fixture.emit(false), Ok(None));
    let second = fixture.emit(true).unwrap().unwrap();
    assert_eq!(sent(&fixture.actions()), [r#"42/chat,0["hello","world"]"#]);
    let actions = fixture.frame("43/chat,0[]");
    assert_eq!(sent(&actions), [r#"42/chat,1["hello","world"]"#]);
    let actions = fixture.frame("43/chat,1[]");
    assert_eq!(acknowledged(&actions), [(second, Ok(Arguments::default()))]);
    assert_eq!(sent(&actions), [] as [&str; 0]);
}

#[test]
fn with_retries_an_event_is_sent_again_until_its_tries_are_used_up() {
    let mut fixture = retrying();
    let id = fixture.emit(true).unwrap().unwrap();
    fixture.emit(false).unwrap();
    fixture.actions();
    for _ in 0..2 {
        let actions = fixture.advance(10.0);
        assert_eq!(sent(&actions), [r#"42/chat,0["hello","world"]"#]);
        assert_eq!(acknowledged(&actions), []);
    }
    let actions = fixture.advance(10.0);
    assert_eq!(acknowledged(&actions), [(id, Err(AckError::TimedOut))]);
    // The next one is not held up for ever.
    assert_eq!(sent(&actions), [r#"42/chat,1["hello","world"]"#]);
}

#[test]
fn with_retries_a_lost_line_takes_nothing_with_it() {
    let mut fixture = retrying();
    let id = fixture.emit(true).unwrap().unwrap();
    fixture.emit(false).unwrap();
    fixture.actions();
    assert_eq!(acknowledged(&fixture.close()), []);
    assert_eq!(fixture.emit(false), Ok(None));
    assert_eq!(fixture.emit(false), Err(EmitError::BufferFull));
    fixture.advance(1.0);
    fixture.authorise(Ok(None));
    fixture.frame(OPEN);
    let actions = fixture.frame(ACCEPT);
    assert_eq!(sent(&actions), [r#"42/chat,0["hello","world"]"#]);
    let actions = fixture.frame(r#"43/chat,0["ok"]"#);
    let answer = Ok(vec![json!("ok")].into());
    assert_eq!(acknowledged(&actions), [(id, answer)]);
    assert_eq!(sent(&actions), [r#"42/chat,1["hello","world"]"#]);
}

#[test]
fn with_retries_a_line_that_is_lost_each_time_uses_up_the_tries() {
    let mut fixture = retrying();
    let id = fixture.emit(true).unwrap().unwrap();
    fixture.actions();
    for _ in 0..2 {
        assert_eq!(acknowledged(&fixture.close()), []);
        fixture.advance(1.0);
        fixture.accept();
        fixture.actions();
    }
    let actions = fixture.close();
    assert_eq!(acknowledged(&actions), [(id, Err(AckError::Disconnected))]);
}

#[test]
fn with_retries_what_waits_too_long_is_given_up() {
    let mut fixture = retrying();
    fixture.emit(false).unwrap();
    let second = fixture.emit(true).unwrap().unwrap();
    fixture.close();
    let actions = fixture.advance(60.0);
    assert!(acknowledged(&actions).contains(&(second, Err(AckError::NotConnected))));
    fixture.accept();
    assert_eq!(fixture.emit(false), Ok(None));
}

#[test]
fn with_retries_a_volatile_event_goes_past_the_others() {
    let mut fixture = retrying();
    fixture.emit(false).unwrap();
    fixture.actions();
    assert_eq!(fixture.emit_as(Emission::Volatile), Ok(None));
    assert_eq!(sent(&fixture.actions()), [r#"42/chat,["hello","world"]"#]);
}

#[test]
fn with_retries_disconnecting_on_purpose_drops_what_waits() {
    let mut fixture = retrying();
    let first = fixture.emit(true).unwrap().unwrap();
    let second = fixture.emit(true).unwrap().unwrap();
    fixture.actions();
    assert_eq!(
        acknowledged(&fixture.disconnect()),
        [
            (first, Err(AckError::Disconnected)),
            (second, Err(AckError::NotConnected))
        ]
    );
    assert_eq!(fixture.connection.next_deadline(), None);
}
