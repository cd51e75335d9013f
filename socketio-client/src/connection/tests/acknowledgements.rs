use super::*;

#[test]
fn a_lost_line_resolves_every_acknowledgement() {
    let mut fixture = Fixture::connected();
    let first = fixture.emit(true).unwrap().unwrap();
    let second = fixture.emit(true).unwrap().unwrap();
    fixture.actions();
    let lost = Err(AckError::Disconnected);
    assert_eq!(
        acknowledged(&fixture.close()),
        [(first, lost.clone()), (second, lost)]
    );
}

#[test]
fn an_acknowledgement_resolves_its_event_once() {
    let mut fixture = Fixture::connected();
    let id = fixture.emit(true).unwrap().unwrap();
    fixture.actions();
    assert_eq!(acknowledged(&fixture.frame(r#"43/chat,9["other"]"#)), []);
    assert_eq!(
        acknowledged(&fixture.frame(r#"43/chat,0["ok",2]"#)),
        [(id, Ok(vec![json!("ok"), json!(2)].into()))]
    );
    assert_eq!(acknowledged(&fixture.frame(r#"43/chat,0["ok",2]"#)), []);
}

#[test]
fn an_empty_acknowledgement_is_one_without_arguments() {
    let mut fixture = Fixture::connected();
    let id = fixture.emit(true).unwrap().unwrap();
    assert_eq!(
        acknowledged(&fixture.frame("43/chat,0[]")),
        [(id, Ok(Arguments::default()))]
    );
}

#[test]
fn an_acknowledgement_has_a_time_limit_of_its_own() {
    let mut fixture = Fixture::connected();
    let first = fixture.emit(true).unwrap().unwrap();
    fixture.actions();
    fixture.advance(4.0);
    let second = fixture.emit(true).unwrap().unwrap();
    fixture.actions();
    assert_eq!(
        fixture.connection.next_deadline(),
        Some(Duration::from_secs(10))
    );
    assert_eq!(
        fixture.advance(6.0),
        [Action::Acknowledged {
            id: first,
            result: Err(AckError::TimedOut)
        }]
    );
    assert_eq!(fixture.frame(r#"43/chat,0["late"]"#), []);
    assert_eq!(
        fixture.advance(4.0),
        [Action::Acknowledged {
            id: second,
            result: Err(AckError::TimedOut)
        }]
    );
    assert_eq!(fixture.state(), State::Connected);
}

#[test]
fn a_single_acknowledgement_can_have_another_time_limit() {
    let mut fixture = Fixture::connected();
    let usual = fixture.emit(true).unwrap().unwrap();
    let sooner = fixture.emit(true).unwrap().unwrap();
    let later = fixture.emit(true).unwrap().unwrap();
    for (id, seconds) in [(sooner, 3), (later, 20)] {
        let timeout = Duration::from_secs(seconds);
        fixture
            .connection
            .limit(fixture.now, fixture.socket, id, timeout);
    }
    fixture.actions();
    let timed_out = |id| (id, Err(AckError::TimedOut));
    assert_eq!(acknowledged(&fixture.advance(2.9)), []);
    assert_eq!(acknowledged(&fixture.advance(0.1)), [timed_out(sooner)]);
    assert_eq!(acknowledged(&fixture.advance(7.0)), [timed_out(usual)]);
    fixture.frame("2");
    assert_eq!(acknowledged(&fixture.advance(9.9)), []);
    assert_eq!(acknowledged(&fixture.advance(0.1)), [timed_out(later)]);
}
