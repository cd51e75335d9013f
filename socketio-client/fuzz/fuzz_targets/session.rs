//! Whatever happens to a session: no panic, an end to what it asks for, and nothing after its end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use socketio_client::engine::Frame;
use socketio_client::session::{
    HttpFailure, RequestId, Session, SessionAction, SessionInput, TransportChoice,
};

/// Between two steps of an input. A step is a letter that says what happens, and its text.
const SEPARATOR: u8 = 0x1d;

fuzz_target!(|input: &[u8]| {
    let mut steps = input.split(|byte| *byte == SEPARATOR);
    let choice = match steps.next().and_then(<[u8]>::first) {
        Some(b'p') => TransportChoice::PollingOnly,
        Some(b'w') => TransportChoice::WebSocketOnly,
        Some(b'u') => TransportChoice::PollingThenWebSocket,
        _ => TransportChoice::WebSocketThenPolling,
    };
    let mut session = Session::new(choice);
    let mut gets: Vec<RequestId> = Vec::new();
    let mut posts: Vec<RequestId> = Vec::new();
    let mut is_closed = false;
    session.open();
    for step in steps {
        while let Some(action) = session.next_action() {
            match action {
                SessionAction::Get { request, .. } => gets.push(request),
                SessionAction::Post { request, .. } => posts.push(request),
                SessionAction::Abort { request } => {
                    gets.retain(|each| *each != request);
                    posts.retain(|each| *each != request);
                }
                SessionAction::Deliver(_) => assert!(!is_closed),
                SessionAction::Closed { .. } => {
                    assert!(!is_closed);
                    is_closed = true;
                }
                _ => {}
            }
            // One of each kind is under way.
            assert!(gets.len() <= 1 && posts.len() <= 1);
        }
        let (Some(kind), Ok(text)) = (
            step.first(),
            std::str::from_utf8(step.get(1..).unwrap_or(&[])),
        ) else {
            continue;
        };
        let input = match kind {
            b'g' | b'G' => gets.pop().map(|request| SessionInput::Response {
                request,
                result: answer(*kind == b'g', text),
            }),
            b'o' | b'O' => posts.pop().map(|request| SessionInput::Response {
                request,
                result: answer(*kind == b'o', text),
            }),
            b'W' => Some(SessionInput::WebSocketOpened),
            b'f' => Some(SessionInput::WebSocketFrame(Frame::Text(text.into()))),
            b'b' => Some(SessionInput::WebSocketFrame(Frame::Binary(
                text.as_bytes().into(),
            ))),
            b'x' => Some(SessionInput::WebSocketClosed {
                message: text.to_owned(),
            }),
            b's' => {
                session.send(Frame::Text(text.to_owned().into()));
                None
            }
            b'B' => {
                session.send(Frame::Binary(text.as_bytes().to_vec().into()));
                None
            }
            b'c' => {
                session.close();
                is_closed = true;
                None
            }
            _ => None,
        };
        if let Some(input) = input {
            session.handle(input);
        }
    }
});

fn answer(succeeds: bool, text: &str) -> Result<String, HttpFailure> {
    if succeeds {
        Ok(text.to_owned())
    } else {
        Err(HttpFailure::Status(400))
    }
}
