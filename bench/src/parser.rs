//! Packets of Socket.IO, written and read: ours against the official parser in Node.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use serde::Serialize;
use serde_bytes::ByteBuf;
use serde_json::{Value, json};
use socketio_client::engine::{self, Frame};
use socketio_client::packet::{Body, Decoder, Packet};
use socketio_client::{Arguments, ToArguments};

/// How often each case is measured by either side. The first round only warms up.
const ROUNDS: usize = 8;
/// How long one measurement is about to take.
const NANOSECONDS: f64 = 50_000_000.0;

/// A payload, and how many bytes go with it as an attachment.
struct Case {
    name: &'static str,
    payload: Value,
    bytes: usize,
}

fn cases() -> Vec<Case> {
    let message = |text: String| {
        json!({
            "clientId": "0198c0de-7a3b-4c21-9f00-5a1e6d0c3b42",
            "to": { "person": "bob" },
            "text": text,
        })
    };
    vec![
        Case {
            name: "a message of 40 characters",
            payload: message("The quick brown fox jumps over the dogs.".to_owned()),
            bytes: 0,
        },
        Case {
            name: "a message of 5,000 characters",
            payload: message("Ten chars ".repeat(500)),
            bytes: 0,
        },
        Case {
            name: "a list of 50 conversations",
            payload: (0..50)
                .map(|number| json!({ "id": number, "name": "Somebody", "unread": 3, "online": true }))
                .collect(),
            bytes: 0,
        },
        Case {
            name: "1,000 bytes beside JSON",
            payload: json!({ "name": "a.bin" }),
            bytes: 1000,
        },
    ]
}

/// The table, a line for each case and direction.
pub fn compare() -> Result<Vec<String>> {
    let cases = cases();
    let mut node = Node::start(&cases)?;
    let mut lines = vec![format!(
        "{:<32} {:<7} {:>12} {:>12} {:>7}  spread",
        "packet", "", "ours", "npm", "ratio"
    )];
    for (index, case) in cases.iter().enumerate() {
        for operation in ["encode", "decode"] {
            let mut runs = [100.0, 100.0];
            let mut ours = Vec::new();
            let mut theirs = Vec::new();
            for round in 0..ROUNDS {
                let times = [
                    measure(case, operation, runs[0] as u32)?,
                    node.measure(index, operation, runs[1] as u32)?,
                ];
                // As many runs as fill the time.
                runs = times.map(|nanoseconds| (NANOSECONDS / nanoseconds).clamp(10.0, 1e6));
                if round > 0 {
                    ours.push(times[0]);
                    theirs.push(times[1]);
                }
            }
            let [ours, theirs] = [ours, theirs].map(Summary::of);
            lines.push(format!(
                "{:<32} {operation:<7} {:>9.0} ns {:>9.0} ns {:>7.2}  ±{:.0}% ±{:.0}%",
                case.name,
                ours.median,
                theirs.median,
                theirs.median / ours.median,
                ours.spread,
                theirs.spread,
            ));
        }
    }
    Ok(lines)
}

/// Nanoseconds of one run.
struct Summary {
    median: f64,
    /// Half the distance between the extremes, in percent of the median.
    spread: f64,
}

impl Summary {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        let distance = times[times.len() - 1] - times[0];
        Self {
            median,
            spread: 50.0 * distance / median,
        }
    }
}

/// Nanoseconds of one run of ours.
fn measure(case: &Case, operation: &str, runs: u32) -> Result<f64> {
    let payload = payload(case);
    let frames = encode(&payload)?;
    let started = Instant::now();
    for _ in 0..runs {
        if operation == "encode" {
            black_box(encode(black_box(&payload))?);
        } else {
            black_box(decode(black_box(&frames))?);
        }
    }
    Ok(started.elapsed().as_nanos() as f64 / f64::from(runs))
}

/// What a program emits: a value, or one with bytes beside it.
#[derive(Serialize)]
#[serde(untagged)]
enum Payload<'a> {
    Plain(&'a Value),
    WithBytes {
        #[serde(flatten)]
        value: &'a Value,
        content: ByteBuf,
    },
}

fn payload(case: &Case) -> Payload<'_> {
    let value = &case.payload;
    match case.bytes {
        0 => Payload::Plain(value),
        bytes => Payload::WithBytes {
            value,
            content: vec![7; bytes].into(),
        },
    }
}

/// From a value to frames, as `emit` does it.
fn encode(payload: &Payload<'_>) -> Result<Vec<Frame<'static>>> {
    let arguments = payload.to_arguments()?;
    let packet = Packet {
        namespace: "/chat".to_owned(),
        body: Body::Event {
            name: "message".to_owned(),
            arguments,
            ack: Some(12),
        },
    };
    let mut frames = vec![engine::encode(&engine::Packet::Message(
        packet.encode().into(),
    ))];
    let attachments = packet.arguments().map_or(&[][..], Arguments::attachments);
    frames.extend(
        attachments
            .iter()
            .map(|bytes| engine::encode(&engine::Packet::Binary(bytes.into()))),
    );
    Ok(frames)
}

/// From frames to a value, as a listener gets it.
fn decode(frames: &[Frame<'static>]) -> Result<Value> {
    let mut decoder = Decoder::default();
    for frame in frames {
        let packet = match engine::decode(frame)? {
            engine::Packet::Message(text) => decoder.text(&text)?,
            engine::Packet::Binary(bytes) => decoder.binary(&bytes)?,
            _ => None,
        };
        if let Some(arguments) = packet.as_ref().and_then(Packet::arguments) {
            return arguments.read().map_err(|error| anyhow!("{error}"));
        }
    }
    bail!("the frames are no packet")
}

/// The official parser, in a process of its own.
struct Node {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Node {
    fn start(cases: &[Case]) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("parser.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("Cannot run `node`")?;
        let input = child.stdin.take().context("node has no input")?;
        let output = child.stdout.take().context("node has no output")?;
        let mut node = Self {
            child,
            input,
            output: BufReader::new(output).lines(),
        };
        let cases: Vec<Value> = cases
            .iter()
            .map(|case| json!({ "payload": case.payload, "bytes": case.bytes }))
            .collect();
        node.say(&json!(cases))?;
        Ok(node)
    }

    fn say(&mut self, line: &Value) -> Result<()> {
        writeln!(self.input, "{line}")
            .context("The official parser is missing: run `npm ci` in end2end.")
    }

    fn measure(&mut self, case: usize, operation: &str, runs: u32) -> Result<f64> {
        self.say(&json!({ "case": case, "operation": operation, "runs": runs }))?;
        let answer = self.output.next();
        let answer =
            answer.context("The official parser is missing: run `npm ci` in end2end.")??;
        Ok(answer.parse()?)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}
