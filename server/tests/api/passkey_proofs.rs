//! What passkeys prove: signing in, `/web/login/passkey`, and confirming, `/web/confirm/passkey`.

use std::time::Duration;

use natter_server::services::limits::Rate;
use protocol::ErrorCode;
use serde_json::{Value, json};

use crate::{
    authenticator::{Authenticator, Ceremony},
    ceremonies::{
        ADDING, CONFIRMING, SIGNING_IN, add, alice, ask, ask_to_sign_in, assert_refused, audit,
        bob, grow_stale, origin, remove, sign_in, sign_in_by, signed_in, try_to_add,
        try_to_confirm, try_to_sign_in, wrong_ceremonies,
    },
    people::{PASSWORD, log_in, server, server_with},
    support::post,
};

#[tokio::test]
async fn no_passkey_signs_in_that_is_not_asked_rightly_and_all_get_one_answer() {
    let server = server().await;
    let alice = alice(&server).await;
    let mut device = add(&alice).await;
    let allowed = sign_in(&server, &mut device).await;
    assert_eq!(allowed.status, 200);

    let mut answers = Vec::new();
    for (what, ceremony) in wrong_ceremonies(&origin(&server)) {
        let answer = try_to_sign_in(&server, &mut device, &ceremony).await;
        answers.push((what, answer));
    }
    let stranger = sign_in(&server, &mut Authenticator::new()).await;
    answers.push(("an unknown passkey", stranger));
    let mut forged = Authenticator::with_id(&device.id);
    forged.user_handle.clone_from(&device.user_handle);
    answers.push(("another key", sign_in(&server, &mut forged).await));
    let handle = device.user_handle.take();
    answers.push(("nobody's", sign_in(&server, &mut device).await));
    device.user_handle = Some(vec![0; 16]);
    answers.push(("somebody else's", sign_in(&server, &mut device).await));
    device.user_handle = handle;
    for nonsense in ["", "{}", "[]", "null"] {
        let asked = ask_to_sign_in(&server).await;
        let answer = sign_in_by(&server, asked.answered(nonsense.to_owned())).await;
        answers.push((nonsense, answer));
    }
    let unasked = json!({ "id": "none", "credential": "{}" });
    answers.push(("no challenge", sign_in_by(&server, unasked).await));

    for (what, answer) in &answers {
        assert_eq!(assert_refused(answer), answers[0].1.problem(), "{what}");
    }
    let failures = audit(&alice).await;
    let failures = failures.iter().filter(|it| it.action == "sign-in-failed");
    assert_eq!(failures.count(), answers.len() - 1, "all that were asked");
    assert_eq!(sign_in(&server, &mut device).await.status, 200);
}

#[tokio::test]
async fn a_challenge_is_used_once_whatever_came_of_it() {
    let server = server().await;
    let alice = alice(&server).await;
    let mut device = add(&alice).await;
    let ceremony = Ceremony::at(&origin(&server));

    let asked = ask_to_sign_in(&server).await;
    let answer = asked.answered(device.sign(&ceremony, &asked.options));
    assert_eq!(sign_in_by(&server, answer.clone()).await.status, 200);
    assert_refused(&sign_in_by(&server, answer).await);

    let asked = ask_to_sign_in(&server).await;
    assert_refused(&sign_in_by(&server, asked.answered("{}".to_owned())).await);
    let answer = asked.answered(device.sign(&ceremony, &asked.options));
    assert_refused(&sign_in_by(&server, answer).await);

    let asked = ask(&alice, ADDING).await;
    let mut body = asked.answered(Authenticator::new().register(&ceremony, &asked.options));
    body["name"] = "My phone".into();
    assert_eq!(alice.post(ADDING, body.clone()).await.status, 201);
    assert_refused(&alice.post(ADDING, body).await);
}

#[tokio::test]
async fn a_challenge_is_good_for_what_it_was_asked_for() {
    let server = server().await;
    let alice = alice(&server).await;
    let mut device = add(&alice).await;
    let ceremony = Ceremony::at(&origin(&server));

    let (first, second) = (ask_to_sign_in(&server).await, ask_to_sign_in(&server).await);
    let swapped = first.answered(device.sign(&ceremony, &second.options));
    assert_refused(&sign_in_by(&server, swapped).await);
    let right = second.answered(device.sign(&ceremony, &second.options));
    assert_eq!(sign_in_by(&server, right).await.status, 200);

    let asked = ask(&alice, CONFIRMING).await;
    let answer = asked.answered(device.sign(&ceremony, &asked.options));
    assert_refused(&sign_in_by(&server, answer.clone()).await);
    assert_eq!(alice.post(CONFIRMING, answer).await.status, 204);

    let asked = ask_to_sign_in(&server).await;
    let answer = asked.answered(device.sign(&ceremony, &asked.options));
    assert_refused(&alice.post(CONFIRMING, answer).await);
}

#[tokio::test]
async fn a_challenge_is_good_for_the_session_that_has_asked() {
    let server = server().await;
    let alice = alice(&server).await;
    let mut device = add(&alice).await;
    let ceremony = Ceremony::at(&origin(&server));
    let again = log_in(&server, "alice", PASSWORD).await;
    let again = signed_in(&server, &again);

    let asked = ask(&alice, CONFIRMING).await;
    let answer = asked.answered(device.sign(&ceremony, &asked.options));
    assert_refused(&again.post(CONFIRMING, answer).await);
    let asked = ask(&alice, ADDING).await;
    let mut body = asked.answered(Authenticator::new().register(&ceremony, &asked.options));
    body["name"] = "My phone".into();
    assert_refused(&again.post(ADDING, body).await);
}

#[tokio::test]
async fn a_passkey_that_counts_signs_in_and_a_copy_that_fell_behind_does_not() {
    let server = server().await;
    let alice = alice(&server).await;
    let mut device = Authenticator::new();
    device.counter = 5;
    let ceremony = Ceremony::at(&origin(&server));
    let added = try_to_add(&alice, &mut device, &ceremony).await;
    assert_eq!(added.status, 201);
    for _ in 0..2 {
        assert_eq!(sign_in(&server, &mut device).await.status, 200);
    }
    device.counter = 6;
    assert_refused(&sign_in(&server, &mut device).await);
    assert_eq!(sign_in(&server, &mut device).await.status, 200);
}

#[tokio::test]
async fn of_two_copies_that_sign_at_once_one_comes_in() {
    let server = server().await;
    let alice = alice(&server).await;
    let mut device = Authenticator::new();
    device.counter = 5;
    let ceremony = Ceremony::at(&origin(&server));
    let added = try_to_add(&alice, &mut device, &ceremony).await;
    assert_eq!(added.status, 201);
    let mut answers = Vec::new();
    for _ in 0..8 {
        let asked = ask_to_sign_in(&server).await;
        device.counter = 5;
        answers.push(asked.answered(device.sign(&ceremony, &asked.options)));
    }
    let answers = answers
        .into_iter()
        .map(|answer| sign_in_by(&server, answer));
    let answers = futures_util::future::join_all(answers).await;
    let came_in = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(came_in.count(), 1);
}

#[tokio::test]
async fn somebody_confirms_by_a_passkey_and_may_then_change_how_they_sign_in() {
    let server = server().await;
    let alice = alice(&server).await;
    let mut device = add(&alice).await;
    let path = format!("{ADDING}/{}", device.id_text());
    let start = format!("{ADDING}/start");
    grow_stale(&server, &alice).await;
    let refused = alice.post(&start, Value::Null).await;
    assert_eq!(refused.problem().code, ErrorCode::ConfirmIdentity);
    let refused = remove(&alice, &path).await;
    assert_eq!(refused.problem().code, ErrorCode::ConfirmIdentity);

    for (_, ceremony) in wrong_ceremonies(&origin(&server)) {
        assert_refused(&try_to_confirm(&alice, &mut device, &ceremony).await);
    }
    assert_eq!(audit(&alice).await[0].action, "confirmation-failed");
    let still = alice.post(&start, Value::Null).await;
    assert_eq!(still.problem().code, ErrorCode::ConfirmIdentity);
    // One that was asked for by its id may leave out whose it is.
    device.user_handle = None;
    let ceremony = Ceremony::at(&origin(&server));
    let confirmed = try_to_confirm(&alice, &mut device, &ceremony).await;
    assert_eq!(confirmed.status, 204);
    assert_eq!(remove(&alice, &path).await.status, 204);
}

#[tokio::test]
async fn a_deactivated_account_is_not_opened() {
    let server = server().await;
    let alice = alice(&server).await;
    let bob = bob(&server, &alice).await;
    let mut device = add(&bob).await;
    assert_eq!(sign_in(&server, &mut device).await.status, 200);
    let gone = bob.post("/web/account/deactivate", Value::Null).await;
    assert_eq!(gone.status, 204);
    assert_refused(&sign_in(&server, &mut device).await);
}

#[tokio::test]
async fn tries_from_one_address_are_counted() {
    let server = server_with(|config| {
        config.rates.sign_in = Rate::new(2, Duration::from_secs(3_600));
    })
    .await;
    for _ in 0..2 {
        ask_to_sign_in(&server).await;
    }
    let path = format!("{SIGNING_IN}/start");
    let refused = post(&origin(&server), &path, &[], "").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.problem().code, ErrorCode::TooManyRequests);
}
