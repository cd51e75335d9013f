//! What one message costs whoever receives it: counted, not timed, and held against a budget.

use allocation_counter::measure;
use protocol::events::{Delivered, MessageEvent, PrivateMessage};

use super::{
    conversations::{Conversations, Known},
    fixtures::{client_id, conversation, message, messages, username},
    outbox::Outbox,
    recipient::Recipient,
    rows::lay_out,
    timeline::Timeline,
};

/// A sentence of the length that people write.
const WORDS: &str = "Shall we meet at the old mill at six, or is that too late for you?";
/// Messages in the window that is on the screen.
const SHOWN: u64 = 200;
const MESSAGES: u64 = 100;

/// Most bytes of JSON for one message, without its text: as it is sent, as it is received, and the
/// acknowledgement of its receiver.
const SENT_BYTES: usize = 85;
const RECEIVED_BYTES: usize = 270;
const ACKNOWLEDGED_BYTES: usize = 36;
/// Most allocations for reading one message.
const READ_ALLOCATIONS: u64 = 7;
/// Most allocations for taking it into the list and the timeline.
const TAKE_ALLOCATIONS: u64 = 8;
/// Most allocations for each row of the window, which is laid out anew.
const ROW_ALLOCATIONS: u64 = 2;

fn check(what: &str, figure: u64, budget: u64) {
    println!("{what}: {figure} of {budget}");
    assert!(figure <= budget, "{what}: {figure}, at most {budget}");
}

#[test]
fn a_message_is_small_on_the_wire() {
    let sent = PrivateMessage {
        client_id: Some(client_id(u128::MAX).to_string()),
        receiver: "bob".to_owned(),
        text: WORDS.to_owned(),
    };
    let mut received = MessageEvent {
        response: message(1_000, "alice", WORDS),
    };
    // As long as the server makes them.
    received.response.id =
        protocol::MessageId::from_trusted("0199c6a0-0000-7000-8000-000000000000");
    received.response.conversation_id =
        protocol::ConversationId::from_trusted("0199c6a0-0000-7000-8000-000000000000");
    let acknowledged = Delivered {
        success: true,
        receiver: username("bob"),
    };
    let bytes = |json: serde_json::Result<String>, text: &str| {
        (json.expect("JSON").len() - text.len()) as u64
    };
    for (what, figure, budget) in [
        (
            "bytes sent",
            bytes(serde_json::to_string(&sent), WORDS),
            SENT_BYTES,
        ),
        (
            "bytes received",
            bytes(serde_json::to_string(&received), WORDS),
            RECEIVED_BYTES,
        ),
        (
            "bytes acknowledged",
            bytes(serde_json::to_string(&acknowledged), ""),
            ACKNOWLEDGED_BYTES,
        ),
    ] {
        check(what, figure, budget as u64);
    }
}

#[test]
fn a_message_that_comes_allocates_little() {
    let viewer = username("alice");
    let with_bob = Recipient::Person(username("bob"));
    let mut list = Conversations::default();
    let number = list.begin_snapshot();
    list.apply_snapshot(number, vec![conversation(SHOWN, 0, SHOWN)], None, &viewer);
    let mut timeline = Timeline::default();
    let request = timeline.ask_newest(0);
    timeline.receive_page(request, messages(1..=SHOWN));
    let events: Vec<String> = (SHOWN + 1..=SHOWN + MESSAGES)
        .map(|seq| MessageEvent {
            response: message(seq, "bob", WORDS),
        })
        .map(|event| serde_json::to_string(&event).expect("JSON"))
        .collect();

    let mut read: Vec<MessageEvent> = Vec::with_capacity(events.len());
    let reading = measure(|| {
        read.extend(
            events
                .iter()
                .map(|json| compact_json::read(json).expect("an event")),
        );
    });
    check(
        "allocations for reading",
        reading.count_total / MESSAGES,
        READ_ALLOCATIONS,
    );
    let taking = measure(|| {
        for event in read {
            assert_eq!(list.receive(&event.response, &viewer), Known::Yes);
            timeline.receive(event.response, true);
        }
    });
    check(
        "allocations for taking in",
        taking.count_total / MESSAGES,
        TAKE_ALLOCATIONS,
    );
    let outbox = Outbox::default();
    let rows = timeline.messages().len() as u64;
    let laying_out = measure(|| {
        drop(lay_out(
            &timeline,
            outbox.waiting_for(&with_bob),
            &viewer,
            |_| 0,
        ));
    });
    check(
        "allocations for a row",
        laying_out.count_total / rows,
        ROW_ALLOCATIONS,
    );
}
