use super::payload::{base64_length, push_base64, push_packet};
use super::*;
use crate::packet::MAX_ATTACHMENT_BYTES;

/// Whatever a server, a network and a program may do.
mod arbitrary;
/// How sessions end.
mod ending;
/// Requests and payloads.
mod polling;
/// A WebSocket from the beginning, or instead of the requests.
mod websocket;

const OPEN: &str = r#"0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#;

/// A session whose actions the test looks at.
struct Fixture {
    session: Session,
}

impl Fixture {
    fn new(choice: TransportChoice) -> Self {
        let mut session = Session::new(choice);
        session.open();
        Self { session }
    }

    /// A session that has been begun by polling, with its next GET in flight.
    fn polling(choice: TransportChoice) -> Self {
        let mut fixture = Self::new(choice);
        fixture.actions();
        fixture.answer_get(OPEN);
        fixture
    }

    /// A session with a WebSocket that works, and the GET still in flight.
    fn probed() -> Self {
        let mut fixture = Self::polling(TransportChoice::PollingThenWebSocket);
        fixture.handle(SessionInput::WebSocketOpened);
        assert_eq!(fixture.frame("3probe"), []);
        fixture
    }

    fn handle(&mut self, input: SessionInput<'_>) -> Vec<SessionAction> {
        self.session.handle(input);
        self.actions()
    }

    fn actions(&mut self) -> Vec<SessionAction> {
        std::iter::from_fn(|| self.session.next_action()).collect()
    }

    fn send(&mut self, packet: &str) -> Vec<SessionAction> {
        self.session.send(text(packet));
        self.actions()
    }

    fn send_binary(&mut self, bytes: &[u8]) -> Vec<SessionAction> {
        self.session.send(binary(bytes));
        self.actions()
    }

    fn close(&mut self) -> Vec<SessionAction> {
        self.session.close();
        self.actions()
    }

    fn get(&self) -> RequestId {
        self.session.get.expect("a GET in flight")
    }

    fn post(&self) -> RequestId {
        self.session.post.expect("a POST in flight")
    }

    fn answer_get(&mut self, body: &str) -> Vec<SessionAction> {
        self.respond(self.get(), Ok(body))
    }

    fn answer_post(&mut self) -> Vec<SessionAction> {
        self.respond(self.post(), Ok("ok"))
    }

    fn respond(
        &mut self,
        request: RequestId,
        result: Result<&str, HttpFailure>,
    ) -> Vec<SessionAction> {
        let result = result.map(str::to_owned);
        self.handle(SessionInput::Response { request, result })
    }

    fn frame(&mut self, frame: &str) -> Vec<SessionAction> {
        self.handle(SessionInput::WebSocketFrame(text(frame)))
    }

    fn lose_websocket(&mut self) -> Vec<SessionAction> {
        self.handle(SessionInput::WebSocketClosed {
            message: "gone".to_owned(),
        })
    }
}

fn binary(bytes: &[u8]) -> Frame<'static> {
    Frame::Binary(Cow::Owned(bytes.to_vec()))
}

fn deliver(packet: &str) -> SessionAction {
    SessionAction::Deliver(text(packet))
}

fn on_websocket(packet: &str) -> SessionAction {
    SessionAction::SendWebSocket(text(packet))
}

fn closed(message: &str) -> SessionAction {
    SessionAction::Closed {
        message: message.to_owned(),
    }
}

fn get(request: RequestId) -> SessionAction {
    SessionAction::Get {
        request,
        sid: Some("abc".to_owned()),
    }
}

fn abort(request: RequestId) -> SessionAction {
    SessionAction::Abort { request }
}

/// The bodies that the actions post.
fn posted(actions: &[SessionAction]) -> Vec<&str> {
    fn body(action: &SessionAction) -> Option<&str> {
        match action {
            SessionAction::Post { sid, body, .. } if sid == "abc" => Some(body),
            _ => None,
        }
    }
    actions.iter().filter_map(body).collect()
}
