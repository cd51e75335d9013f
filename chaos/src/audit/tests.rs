//! The auditor's own test: every fault is planted, and has to be found for what it is.

use protocol::{ErrorCode, Seq};

use super::{
    Kind, Page,
    fixtures::{World, attempt, elsewhere, message, name},
};
use crate::{held::Position, ledger::Typed};

#[test]
fn a_world_without_faults_is_found_to_be_one() {
    let mut world = World::without_faults();
    assert_eq!(world.kinds(), []);
    let fifth = message("c", 5, "bob", "five");
    world.ledger.attempt(fifth.client_id, attempt(&fifth, 9));
    world.store(fifth);
    assert_eq!(world.kinds(), [], "stored and not acknowledged is allowed");
}

#[test]
fn an_acknowledged_message_that_is_missing_is_lost() {
    let mut world = World::without_faults();
    let fifth = message("c", 5, "bob", "five");
    world.ledger.attempt(fifth.client_id, attempt(&fifth, 9));
    world.ledger.acknowledge(fifth.client_id, &fifth);
    assert_eq!(world.kinds(), [Kind::Lost]);
}

#[test]
fn a_message_that_is_stored_twice_is_a_duplicate() {
    let mut world = World::without_faults();
    let mut again = world.history[1].clone();
    again.seq = Seq(5);
    world.store(again);
    assert_eq!(world.kinds(), [Kind::StoredTwice]);
}

#[test]
fn an_acknowledgement_of_another_place_is_found_in_the_store_and_between_two_answers() {
    let mut world = World::without_faults();
    let first = world.history[0].clone();
    let stored = world.ledger.messages.get_mut(&first.client_id);
    stored.expect("an attempt").acknowledged = Some(elsewhere(&first));
    assert_eq!(world.kinds(), [Kind::Moved]);

    let mut world = World::without_faults();
    let mut other = first.clone();
    other.seq = Seq(3);
    world.ledger.acknowledge(first.client_id, &other);
    assert_eq!(world.kinds(), [Kind::Moved]);
}

#[test]
fn a_message_that_nobody_wrote_is_invented_and_so_is_one_that_was_refused() {
    let mut world = World::without_faults();
    let fifth = message("c", 5, "bob", "five");
    world.store(fifth.clone());
    assert_eq!(world.kinds(), [Kind::Invented]);

    world.ledger.attempt(fifth.client_id, attempt(&fifth, 9));
    assert_eq!(world.kinds(), []);
    world
        .ledger
        .refuse(fifth.client_id, ErrorCode::UnknownConversation);
    assert_eq!(world.kinds(), [Kind::Invented]);
}

#[test]
fn another_text_or_sender_is_found() {
    let mut world = World::without_faults();
    let id = world.history[1].client_id;
    let written = world.ledger.messages.get_mut(&id).expect("an attempt");
    written.text += 1;
    assert_eq!(world.kinds(), [Kind::Altered]);

    let mut world = World::without_faults();
    let written = world.ledger.messages.get_mut(&id).expect("an attempt");
    written.sender = name("carol");
    assert_eq!(world.kinds(), [Kind::Altered]);
}

#[test]
fn what_overtook_another_message_of_its_client_is_out_of_order() {
    let mut world = World::without_faults();
    let id = world.history[3].client_id;
    world
        .ledger
        .messages
        .get_mut(&id)
        .expect("an attempt")
        .place = 1;
    assert_eq!(world.kinds(), [Kind::OutOfOrder]);
    world
        .ledger
        .messages
        .get_mut(&id)
        .expect("an attempt")
        .twice = true;
    assert_eq!(world.kinds(), [], "another tab may have sent it first");
}

#[test]
fn a_gap_in_the_order_is_found_in_the_middle_and_at_the_end() {
    let mut world = World::without_faults();
    let removed = world.history.remove(1);
    world.ledger.messages.remove(&removed.client_id);
    assert!(world.kinds().contains(&Kind::Gap));

    let mut world = World::without_faults();
    world.view("alice").last_seq = Seq(5);
    assert!(world.kinds().contains(&Kind::Gap));
}

#[test]
fn a_client_that_shows_less_or_something_else_disagrees() {
    let mut world = World::without_faults();
    let timeline = world.client(1).held.timelines.values_mut().next();
    timeline.expect("a timeline").log.pop();
    assert!(world.kinds().contains(&Kind::Disagreement));

    let mut world = World::without_faults();
    let timeline = world.client(0).held.timelines.values_mut().next();
    timeline.expect("a timeline").log.swap(0, 2);
    assert_eq!(world.kinds(), [Kind::Disagreement]);

    let mut world = World::without_faults();
    world.client(0).held.timelines.clear();
    assert_eq!(world.kinds(), [Kind::Disagreement]);
}

#[test]
fn a_gap_that_a_client_does_not_fill_is_a_disagreement() {
    let mut world = World::without_faults();
    for seq in [5, 6] {
        let next = message("c", seq, "alice", "more");
        world
            .ledger
            .attempt(next.client_id, attempt(&next, seq as usize));
        world.store(next);
    }
    assert_eq!(world.kinds(), []);
    let timeline = world.client(1).held.timelines.values_mut().next();
    let timeline = timeline.expect("a timeline");
    let last = timeline.log.pop().expect("a message");
    timeline.log.pop();
    timeline.ahead.insert(Seq(6), last);
    assert!(world.kinds().contains(&Kind::Disagreement));
}

#[test]
fn an_unread_count_that_differs_from_a_recount_is_found_on_both_sides() {
    let mut world = World::without_faults();
    world.view("bob").unread = 3;
    assert_eq!(world.kinds(), [Kind::Unread]);

    let mut world = World::without_faults();
    let timeline = world.client(1).held.timelines.values_mut().next();
    timeline.expect("a timeline").read = Seq(3);
    assert_eq!(world.kinds(), [Kind::Disagreement, Kind::Unread]);
}

#[test]
fn a_position_that_went_back_or_beyond_the_end_is_found() {
    let mut world = World::without_faults();
    let id = world.view("bob").id.clone();
    world.ledger.confirm(&name("bob"), &id, Seq(4), Seq(2));
    assert_eq!(world.kinds(), []);
    world.ledger.confirm(&name("bob"), &id, Seq(4), Seq(3));
    assert_eq!(world.kinds(), [Kind::Position]);

    let mut world = World::without_faults();
    for person in ["alice", "bob"] {
        world.view(person).positions[1].delivered_seq = Seq(5);
    }
    for number in [0, 1] {
        let timeline = world.client(number).held.timelines.values_mut().next();
        let positions = &mut timeline.expect("a timeline").positions;
        let held = Position {
            delivered: Seq(5),
            read: Seq(2),
        };
        positions.insert(name("bob"), held);
    }
    assert_eq!(world.kinds(), [Kind::Position]);
}

#[test]
fn a_position_that_a_client_does_not_know_of_is_a_disagreement() {
    let mut world = World::without_faults();
    let timeline = world.client(0).held.timelines.values_mut().next();
    let positions = &mut timeline.expect("a timeline").positions;
    let held = positions.get_mut(&name("bob")).expect("a position");
    // Bob's own message alone lies between 1 and 2.
    held.read = Seq(1);
    assert_eq!(world.kinds(), []);
    let timeline = world.client(0).held.timelines.values_mut().next();
    let positions = &mut timeline.expect("a timeline").positions;
    positions.get_mut(&name("bob")).expect("a position").read = Seq(0);
    assert_eq!(world.kinds(), [Kind::Disagreement]);
}

#[test]
fn a_delivered_mark_that_the_positions_contradict_is_found() {
    let mut world = World::without_faults();
    world.history[0].delivered = false;
    assert_eq!(world.kinds(), [Kind::Delivered]);
}

#[test]
fn what_everybody_holds_and_nobody_counts_is_found() {
    let mut world = World::without_faults();
    for person in ["alice", "bob"] {
        world.view(person).positions[1].delivered_seq = Seq(3);
    }
    for number in [0, 1] {
        let timeline = world.client(number).held.timelines.values_mut().next();
        let positions = &mut timeline.expect("a timeline").positions;
        positions
            .get_mut(&name("bob"))
            .expect("a position")
            .delivered = Seq(3);
    }
    world.history[3].delivered = false;
    assert_eq!(world.kinds(), [Kind::Undelivered]);
}

#[test]
fn what_could_not_be_sent_is_found() {
    let mut world = World::without_faults();
    world.client(0).unsent = 1;
    assert_eq!(world.kinds(), [Kind::Unsent]);
}

#[test]
fn a_group_that_is_lost_doubled_or_invented_is_found() {
    let mut world = World::without_faults();
    let group = world.ledger.groups.values_mut().next().expect("a group");
    group.acknowledged = Some(protocol::ConversationId::from_trusted("elsewhere"));
    assert_eq!(world.kinds(), [Kind::Lost]);

    let mut world = World::without_faults();
    world.ledger.groups.clear();
    assert_eq!(world.kinds(), [Kind::Invented]);
}

#[test]
fn a_membership_that_was_confirmed_and_does_not_hold_is_found() {
    let mut world = World::without_faults();
    let group = world.view("bob").id.clone();
    world.ledger.membership(&group, &name("bob")).joined = true;
    world.ledger.membership(&group, &name("carol")).left = true;
    assert_eq!(world.kinds(), []);
    world.ledger.membership(&group, &name("carol")).joined = true;
    assert_eq!(world.kinds(), [Kind::Lost]);
    world
        .ledger
        .membership(&group, &name("carol"))
        .may_have_left = true;
    assert_eq!(world.kinds(), []);
    world.ledger.membership(&group, &name("bob")).left = true;
    assert_eq!(world.kinds(), [Kind::Lost]);
}

#[test]
fn another_name_of_a_group_is_a_disagreement() {
    let mut world = World::without_faults();
    for person in ["alice", "bob"] {
        world.view(person).name = "group c (2)".to_owned();
    }
    assert_eq!(world.kinds(), [Kind::Disagreement]);
}

fn page(world: &World, unread: u64) -> Page {
    let texts = world.history.iter().skip(1);
    Page {
        person: name("bob"),
        unread: [("group c".to_owned(), unread)].into(),
        timelines: [(
            "group c".to_owned(),
            texts.map(|message| message.text.clone()).collect(),
        )]
        .into(),
    }
}

#[test]
fn a_page_shows_the_last_messages_and_the_same_unread_count() {
    let mut world = World::without_faults();
    world.pages = vec![page(&world, 2)];
    assert_eq!(world.kinds(), []);
    world.pages = vec![page(&world, 1)];
    assert_eq!(world.kinds(), [Kind::Unread]);
    world.pages = vec![page(&world, 2)];
    let texts = world.pages[0].timelines.values_mut().next();
    texts.expect("texts").pop();
    assert_eq!(world.kinds(), [Kind::Disagreement]);
}

#[test]
fn what_is_typed_in_a_page_is_stored_once() {
    let mut world = World::without_faults();
    let fifth = message("c", 5, "bob", "from a browser");
    world.ledger.typed(Typed {
        person: name("bob"),
        to: "group c".to_owned(),
        text: fifth.text.clone(),
    });
    world.store(fifth);
    assert_eq!(world.kinds(), []);
    world.store(message("c", 6, "bob", "from a browser"));
    assert_eq!(world.kinds(), [Kind::StoredTwice]);
    world.store(message("c", 7, "bob", "from nowhere"));
    assert_eq!(world.kinds(), [Kind::StoredTwice, Kind::Invented]);
}
