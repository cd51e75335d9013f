use super::*;

const ACCEPT_ADMIN: &str = r#"40/admin,{"sid":"admin socket"}"#;

/// A connection with the sockets `/chat` and `/admin`.
struct Pair {
    fixture: Fixture,
    admin: SocketId,
}

impl Pair {
    fn new() -> Self {
        let mut fixture = Fixture::new();
        let admin = fixture.connection.add(settings("/admin"));
        Self { fixture, admin }
    }

    /// Both are connected.
    fn connected() -> Self {
        let mut pair = Self::new();
        pair.fixture.connect();
        pair.fixture.accept();
        assert_eq!(pair.join_admin(), ["40/admin,"]);
        pair.fixture.frame(ACCEPT_ADMIN);
        pair
    }

    fn admin(&mut self, input: fn(SocketId) -> Input<'static>) -> Vec<Action> {
        self.fixture.input(input(self.admin))
    }

    fn connect_admin(&mut self) -> Vec<Action> {
        self.admin(|socket| Input::Connect { socket })
    }

    fn disconnect_admin(&mut self) -> Vec<Action> {
        self.admin(|socket| Input::Disconnect { socket })
    }

    fn authorise_admin(&mut self, result: Result<Option<Json>, AuthError>) -> Vec<Action> {
        let attempt = self.fixture.connection.find(self.admin).unwrap().attempt;
        self.fixture.input(Input::Authorised { attempt, result })
    }

    /// Connects `/admin` on the line that is open, up to the question to the server.
    fn join_admin(&mut self) -> Vec<String> {
        self.connect_admin();
        let actions = self.authorise_admin(Ok(None));
        sent(&actions).into_iter().map(str::to_owned).collect()
    }

    fn states(&self) -> [State; 2] {
        [self.fixture.socket, self.admin].map(|socket| self.fixture.connection.state(socket))
    }
}

fn opens(actions: &[Action]) -> bool {
    let open = |action: &Action| matches!(action, Action::Open { .. });
    actions.iter().any(open)
}

/// Whom the program is told about, and what.
fn told(actions: &[Action]) -> Vec<(SocketId, &ConnectionEvent)> {
    fn notification(action: &Action) -> Option<(SocketId, &ConnectionEvent)> {
        match action {
            Action::Notify { socket, event } => Some((*socket, event)),
            _ => None,
        }
    }
    actions.iter().filter_map(notification).collect()
}

#[test]
fn one_line_serves_every_namespace() {
    let mut pair = Pair::new();
    pair.fixture.connect();
    pair.connect_admin();
    assert!(opens(&pair.fixture.authorise(Ok(None))));
    assert!(!opens(&pair.authorise_admin(Ok(None))));
    let actions = pair.fixture.frame(OPEN);
    assert_eq!(sent(&actions), ["40/chat,", "40/admin,"]);
    pair.fixture.frame(ACCEPT);
    assert_eq!(pair.states(), [State::Connected, State::Connecting]);
    pair.fixture.frame(ACCEPT_ADMIN);
    assert_eq!(pair.states(), [State::Connected, State::Connected]);
    let server_id = pair.fixture.connection.server_id(pair.admin);
    assert_eq!(server_id, Some("admin socket"));
}

#[test]
fn a_namespace_joins_a_line_that_is_open_with_its_own_authentication() {
    let mut pair = Pair::new();
    pair.fixture.connect();
    pair.fixture.accept();
    pair.connect_admin();
    let actions = pair.authorise_admin(Ok(Some(json!({ "key": 1 }).into())));
    assert_eq!(sent(&actions), [r#"40/admin,{"key":1}"#]);
    assert!(!opens(&actions));
}

#[test]
fn what_arrives_goes_to_its_namespace() {
    let mut pair = Pair::connected();
    let to = |actions: &[Action]| match actions {
        [Action::Event { socket, .. }] => *socket,
        other => panic!("{other:?}"),
    };
    assert_eq!(to(&pair.fixture.frame(r#"42/admin,["a"]"#)), pair.admin);
    let chat = pair.fixture.socket;
    assert_eq!(to(&pair.fixture.frame(r#"42/chat,["a"]"#)), chat);
}

#[test]
fn an_acknowledgement_counts_in_its_namespace_only() {
    let mut pair = Pair::connected();
    let id = pair.fixture.emit(true).unwrap().unwrap();
    let [chat, admin] = ["chat", "admin"].map(|namespace| format!("43/{namespace},{id}[]"));
    assert_eq!(acknowledged(&pair.fixture.frame(&admin)), []);
    assert_eq!(acknowledged(&pair.fixture.frame(&chat)).len(), 1);
}

#[test]
fn leaving_one_namespace_leaves_the_line_to_the_other() {
    let mut pair = Pair::connected();
    let actions = pair.disconnect_admin();
    assert_eq!(sent(&actions), ["41/admin,"]);
    assert!(!closes(&actions));
    assert_eq!(pair.states(), [State::Connected, State::Disconnected]);
    assert!(closes(&pair.fixture.disconnect()));
}

#[test]
fn a_namespace_that_was_left_is_joined_again_on_the_same_line() {
    let mut pair = Pair::connected();
    let before = pair.fixture.connection.find(pair.admin).unwrap().attempt;
    pair.disconnect_admin();
    assert_eq!(pair.join_admin(), ["40/admin,"]);
    pair.fixture.frame(ACCEPT_ADMIN);
    // The server would take the id for that of another event.
    let connection = &mut pair.fixture.connection;
    let late = connection.acknowledge(before, 1, Arguments::default());
    assert_eq!(late, Err(EmitError::NotConnected));
}

#[test]
fn a_refusal_of_one_namespace_is_no_concern_of_the_other() {
    let mut pair = Pair::new();
    pair.fixture.connect();
    pair.fixture.accept();
    pair.join_admin();
    let actions = pair.fixture.frame(r#"44/admin,{"message":"no"}"#);
    assert_eq!(told(&actions), [(pair.admin, &connect_error("no", true))]);
    assert!(!closes(&actions));
    assert_eq!(pair.states(), [State::Connected, State::Disconnected]);
}

#[test]
fn a_namespace_that_the_server_does_not_answer_is_tried_again_by_itself() {
    let mut pair = Pair::new();
    pair.fixture.connect();
    pair.fixture.accept();
    pair.join_admin();
    let actions = pair.fixture.advance(20.0);
    let error = connect_error("The server did not answer in time.", false);
    assert_eq!(
        told(&actions),
        [(pair.admin, &error), (pair.admin, &waiting(1, 1.0))]
    );
    assert!(!closes(&actions));
    pair.fixture.advance(1.0);
    assert_eq!(sent(&pair.authorise_admin(Ok(None))), ["40/admin,"]);
    assert_eq!(pair.states(), [State::Connected, State::Connecting]);
}

#[test]
fn failing_to_authenticate_for_one_namespace_is_no_concern_of_the_other() {
    let mut pair = Pair::new();
    pair.fixture.connect();
    pair.fixture.accept();
    pair.connect_admin();
    let actions = pair.authorise_admin(Err(AuthError::new("no key")));
    let error = connect_error("no key", false);
    assert_eq!(
        told(&actions),
        [(pair.admin, &error), (pair.admin, &waiting(1, 1.0))]
    );
    assert_eq!(pair.fixture.state(), State::Connected);
}

#[test]
fn a_lost_line_is_a_loss_for_all_and_one_line_follows() {
    let mut pair = Pair::connected();
    let actions = pair.fixture.close();
    assert_eq!(told(&actions).len(), 4);
    pair.fixture.advance(1.0);
    assert!(opens(&pair.fixture.authorise(Ok(None))));
    assert!(!opens(&pair.authorise_admin(Ok(None))));
    let actions = pair.fixture.frame(OPEN);
    assert_eq!(sent(&actions), ["40/chat,", "40/admin,"]);
}

#[test]
fn a_namespace_that_is_removed_says_goodbye_and_is_free_again() {
    let mut pair = Pair::connected();
    assert!(pair.fixture.connection.has_namespace("/admin"));
    pair.fixture.connection.remove(pair.admin);
    assert_eq!(sent(&pair.fixture.actions()), ["41/admin,"]);
    assert!(!pair.fixture.connection.has_namespace("/admin"));
    assert_eq!(pair.fixture.frame(r#"42/admin,["a"]"#), []);
    assert_eq!(pair.states(), [State::Connected, State::Disconnected]);
}
