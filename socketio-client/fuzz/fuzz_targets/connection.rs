//! Whatever happens to a connection: no panic, an end to what it asks for, and every event that
//! waits for an acknowledgement hears of it once.
#![no_main]

use std::collections::HashSet;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use socketio_client::connection::{
    Action, AttemptId, Buffer, Config, Connection, Emission, Input, LineId, SocketConfig,
};
use socketio_client::engine::Frame;
use socketio_client::{Arguments, AuthError, Parser, Reconnection, ToArguments};

/// Between two steps of an input. A step is a letter that says what happens, and its text.
const SEPARATOR: u8 = 0x1d;

/// What the actions have said so far.
#[derive(Default)]
struct Seen {
    line: Option<LineId>,
    questions: Vec<AttemptId>,
    to_acknowledge: Vec<(AttemptId, u64)>,
    awaited: HashSet<u64>,
}

fuzz_target!(|input: &[u8]| {
    let mut connection = Connection::new(Config {
        reconnection: Reconnection::default(),
        connect_timeout: Duration::from_secs(20),
        parser: Parser::Json,
    });
    let sockets = [("/", None), ("/a", None), ("/b", Some(1))].map(|(namespace, retries)| {
        connection.add(SocketConfig {
            namespace: namespace.to_owned(),
            ack_timeout: Duration::from_secs(10),
            buffer: Buffer {
                capacity: namespace.len(),
                max_age: Duration::from_secs(5),
            },
            retries,
        })
    });
    let mut seen = Seen::default();
    let mut now = Duration::ZERO;
    for step in input.split(|byte| *byte == SEPARATOR) {
        let (Some(kind), Ok(text)) = (
            step.first(),
            std::str::from_utf8(step.get(1..).unwrap_or(&[])),
        ) else {
            continue;
        };
        let socket = sockets[text.len() % sockets.len()];
        let input = match kind {
            b'c' => Some(Input::Connect { socket }),
            b'd' => Some(Input::Disconnect { socket }),
            b'r' => Some(Input::ReconnectNow),
            b'n' => Some(Input::NetworkLost),
            b't' => {
                now += Duration::from_millis(text.len() as u64 * 997);
                Some(Input::Timeout)
            }
            b'a' | b'A' => seen.questions.pop().map(|attempt| Input::Authorised {
                attempt,
                result: if *kind == b'a' {
                    Ok(None)
                } else {
                    Err(AuthError::new(text))
                },
            }),
            b'f' => seen.line.map(|line| Input::Frame {
                line,
                frame: Frame::Text(text.into()),
            }),
            b'b' => seen.line.map(|line| Input::Frame {
                line,
                frame: Frame::Binary(text.as_bytes().into()),
            }),
            b'x' => seen.line.map(|line| Input::Closed {
                line,
                message: text.to_owned(),
            }),
            b'e' | b'E' | b'v' => {
                let emission = match kind {
                    b'e' => Emission::Plain,
                    b'E' => Emission::Asking,
                    _ => Emission::Volatile,
                };
                let arguments = text.to_arguments().unwrap_or_default();
                let emitted = connection.emit(now, 0.5, socket, "event", arguments, emission);
                if let Ok(Some(id)) = emitted {
                    assert!(seen.awaited.insert(id));
                }
                None
            }
            b'k' => {
                if let Some((attempt, id)) = seen.to_acknowledge.pop() {
                    let _gone = connection.acknowledge(attempt, id, Arguments::default());
                }
                None
            }
            _ => None,
        };
        if let Some(input) = input {
            connection.handle(now, 0.5, input);
        }
        look(&mut connection, &mut seen);
        // A deadline that has passed would wake the program for ever.
        connection.handle(now, 0.5, Input::Timeout);
        look(&mut connection, &mut seen);
        assert!(
            connection
                .next_deadline()
                .is_none_or(|deadline| deadline > now)
        );
    }
    for socket in sockets {
        connection.remove(socket);
    }
    look(&mut connection, &mut seen);
    assert!(seen.awaited.is_empty());
    assert!(seen.line.is_none());
});

fn look(connection: &mut Connection, seen: &mut Seen) {
    while let Some(action) = connection.next_action() {
        match action {
            Action::Open { line } => {
                assert!(seen.line.is_none());
                seen.line = Some(line);
            }
            Action::Close { line } => assert_eq!(seen.line.take(), Some(line)),
            Action::Send { line, .. } => assert_eq!(seen.line, Some(line)),
            Action::Authorise { attempt, .. } => seen.questions.push(attempt),
            Action::Event {
                attempt,
                ack: Some(id),
                ..
            } => seen.to_acknowledge.push((attempt, id)),
            // An event with retries has an id also where the program asked for nothing.
            Action::Acknowledged { id, .. } => {
                seen.awaited.remove(&id);
            }
            _ => {}
        }
    }
}
