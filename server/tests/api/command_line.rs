//! `natter-server users`, `invites`, `keys` and `audit`, while a server runs on the same database.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    people::{PASSWORD, join, log_in, member, owner, server},
    process::{complaint, program},
    support::{TestServer, TestUser, post},
};

fn command(server: &TestServer, words: &[&str]) -> Command {
    let mut command = program(server.data());
    command
        .env("NATTER_SIGN_IN", "account")
        .env("DATABASE_URL", server.database_url())
        .args(words);
    command
}

/// Runs a command that has to succeed, beside the server, and returns what it says.
async fn run(server: &TestServer, words: &[&str]) -> String {
    let mut command = command(server, words);
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("it does not panic")
        .expect("it runs");
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{complaints}");
    String::from_utf8(output.stdout).expect("text")
}

/// The token of the link that a command has printed.
fn token(said: &str) -> String {
    let (_, token) = said.trim().rsplit_once("/join#").expect("a link");
    token.to_owned()
}

#[tokio::test]
async fn an_owner_who_is_locked_out_gets_back_in() {
    let server = server().await;
    owner(&server, "olivia").await;
    let link = token(&run(&server, &["users", "reset", "olivia"]).await);
    let body = json!({ "token": link, "password": "another trombone" }).to_string();
    let answer = post(&server.origin(), "/web/reset", &[], body).await;
    TestUser::from(&server.origin(), &answer);
}

#[tokio::test]
async fn somebody_who_is_added_sets_their_password_by_the_link() {
    let server = server().await;
    owner(&server, "olivia").await;
    let said = run(
        &server,
        &[
            "users",
            "add",
            "Mia",
            "--display-name",
            "Mia M.",
            "--role",
            "admin",
        ],
    )
    .await;
    assert_eq!(
        log_in(&server, "mia", "").await.status,
        401,
        "nobody signs in without one"
    );
    let body = json!({ "token": token(&said), "password": PASSWORD }).to_string();
    post(&server.origin(), "/web/reset", &[], body).await;
    assert_eq!(log_in(&server, "mia", PASSWORD).await.status, 200);
    let listed = run(&server, &["users", "list"]).await;
    assert_eq!(
        listed,
        "mia\tMia M.\tadmin\tactive\nolivia\tOlivia\towner\tactive\n"
    );
}

#[tokio::test]
async fn a_deactivation_reaches_the_running_server_within_a_second() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    let sockets = [mia.connect().await, mia.connect().await];
    run(&server, &["users", "deactivate", "mia"]).await;
    let done = Instant::now();
    for socket in &sockets {
        socket.ended().await;
    }
    let took = done.elapsed();
    println!(
        "from the command's end to the last socket closed: {} ms",
        took.as_millis()
    );
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(mia.get("/web/session").await.status, 401);
    run(&server, &["users", "activate", "mia"]).await;
    assert_eq!(log_in(&server, "mia", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn signing_somebody_out_reaches_the_running_server_too() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let socket = olivia.connect().await;
    run(&server, &["users", "sign-out", "olivia"]).await;
    socket.ended().await;
    assert_eq!(log_in(&server, "olivia", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn invitations_are_made_listed_and_revoked() {
    let server = server().await;
    let invitation = token(&run(&server, &["invites", "add", "--uses", "2"]).await);
    assert_eq!(
        join(&server, Some(&invitation), "mia", PASSWORD)
            .await
            .status,
        200
    );
    let listed = run(&server, &["invites", "list"]).await;
    assert!(listed.contains("by command line\t1 left"), "{listed}");
    assert!(!listed.contains(&invitation));
    let id = listed.split('\t').next().expect("an id").to_owned();
    run(&server, &["invites", "revoke", &id]).await;
    assert_eq!(
        join(&server, Some(&invitation), "zoe", PASSWORD)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn roles_are_given_and_the_last_owner_keeps_theirs() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    member(&server, &olivia, "mia").await;
    let mut last = command(&server, &["users", "role", "olivia", "member"]);
    let said = tokio::task::spawn_blocking(move || complaint(&mut last))
        .await
        .expect("it runs");
    assert!(said.contains("There has to be an owner"), "{said}");
    run(&server, &["users", "role", "mia", "owner"]).await;
    run(&server, &["users", "role", "olivia", "member"]).await;
    assert_eq!(olivia.get("/web/admin/people").await.status, 403);
}

#[tokio::test]
async fn keys_are_rotated_beside_the_running_server() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    run(&server, &["keys", "rotate"]).await;
    assert_eq!(olivia.get("/web/session").await.status, 200);
    let told = run(&server, &["audit", "--entries", "1"]).await;
    assert!(told.contains("key-rotated"), "{told}");
}

#[tokio::test]
async fn a_name_that_nobody_has_is_one_sentence() {
    let server = server().await;
    for words in [
        ["users", "reset", "nobody"],
        ["users", "deactivate", "nobody"],
    ] {
        let mut command = command(&server, &words);
        let said = tokio::task::spawn_blocking(move || complaint(&mut command))
            .await
            .expect("it runs");
        assert!(said.contains("nobody with this username"), "{said}");
    }
}
