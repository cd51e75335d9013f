//! `/web`, attacked by schemathesis with what its own description allows and forbids.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use protocol::events::{ClientEvent, CreateGroup, GroupMessage};
use serde_json::{Value, json};

use super::tally::Tally;
use super::{LAST_LINES, child};
use crate::http;
use crate::project::Project;
use crate::server::Server;
use crate::setup;

/// What ends the session that asks. With a session it comes last.
const ENDING: [&str; 3] = ["session.logout", "session.end", "admin.sign_out"];
/// Most requests of one operation in one of the parts that make them up by chance.
const EXAMPLES: &str = "40";

/// Three runs on one server: as its owner, as one whose session may end, and as nobody.
pub fn all(project: &Project) -> Result<Tally> {
    let (server, link) = Server::natter_with_accounts(project)?;
    let session = move_in(&server.origin, &link)?;
    let mut sum = Tally::default();
    for (label, filter, session) in [
        ("as the owner", "--exclude-operation-id", &*session),
        ("ending the session", "--include-operation-id", &session),
        ("without a session", "", ""),
    ] {
        let mut command = schemathesis(project, &server.origin);
        command.env("NATTER_SESSION", session);
        for operation in ENDING.iter().filter(|_| !filter.is_empty()) {
            command.args([filter, operation]);
        }
        sum += run(label, &mut command)?;
    }
    let answer = http::get(&server.origin, "/ready")?;
    ensure!(answer.status == 200, "The server does not serve any more.");
    Ok(sum)
}

fn schemathesis(project: &Project, origin: &str) -> Command {
    let program = setup::schemathesis(project);
    let mut command = project.command(&program.to_string_lossy());
    command
        .arg("--config-file")
        .arg(project.root.join("tools/schemathesis.toml"))
        .args(["run", "--no-color", "--continue-on-failure"])
        .args(["--max-examples", EXAMPLES])
        // Passkeys need a name.
        .arg(format!("{origin}/web/openapi.json").replace("127.0.0.1", "localhost"))
        // It remembers what it has found, and is to find the same each time.
        .current_dir(project.target.join("schemathesis"));
    command
}

/// One run. Its seed and how many requests it made are shown in any case.
fn run(label: &str, command: &mut Command) -> Result<Tally> {
    let finished = child::run(label, command)?;
    let figures = finished.lines.iter().map(|line| line.trim());
    let figures = figures.filter(|line| line.starts_with("Seed:") || line.contains(" generated"));
    let figures: Vec<&str> = figures.collect();
    println!("  {label}: {}", figures.join("; "));
    if finished.success {
        return Ok(Tally::ONE_PASSED);
    }
    println!("{}", finished.tail(LAST_LINES));
    Ok(Tally::ONE_FAILED)
}

/// Makes the owner, and a group with a message in it, so that there is something to ask for. Returns
/// the owner's session.
fn move_in(origin: &str, link: &str) -> Result<String> {
    let (_, token) = link.split_once('#').context("The link has no token")?;
    let request = json!({
        "token": token, "username": "owner", "password": "a password of several words",
    });
    let joined = http::post(origin, "/web/join", &request.to_string())?;
    ensure!(joined.status == 200, "Joining failed: {}", joined.text());
    let cookie = joined
        .header("set-cookie")
        .and_then(|cookie| cookie.strip_prefix("chatToken=")?.split(';').next())
        .context("Joining set no cookie")?;
    let token = joined
        .header("auth-token")
        .context("Joining gave no token")?;
    write_to_a_group(origin, token)?;
    Ok(cookie.to_owned())
}

/// By long polling, which is HTTP.
fn write_to_a_group(origin: &str, token: &str) -> Result<()> {
    let path = "/socket.io/?EIO=4&transport=polling";
    let opened = http::get(origin, path)?.text();
    let opened: Value = serde_json::from_str(opened.trim_start_matches('0'))
        .context("The server opened no connection")?;
    let id = opened["sid"].as_str().context("The connection has no id")?;
    let path = format!("{path}&sid={id}");
    let send = |packet: String| http::post(origin, &path, &packet);
    send(format!("40/chat,{}", json!({ "token": token })))?;
    await_packet(origin, &path, "40/chat,")?;
    let group = json!([CreateGroup::NAME, { "name": "All", "members": [] }]);
    send(format!("42/chat,0{group}"))?;
    let answer = await_packet(origin, &path, "43/chat,0")?;
    let id = &answer[0]["response"]["id"];
    let message = json!([GroupMessage::NAME, { "groupId": id, "text": "Hello" }]);
    send(format!("42/chat,1{message}"))?;
    let answer = await_packet(origin, &path, "43/chat,1")?;
    ensure!(answer[0]["success"] == true, "No message: {answer}");
    Ok(())
}

/// Waits for the packet that begins like this, and returns what it says.
fn await_packet(origin: &str, path: &str, beginning: &str) -> Result<Value> {
    loop {
        let answer = http::get(origin, path)?;
        ensure!(answer.status == 200, "The connection ended");
        let text = answer.text();
        // Several packets of one answer have the record separator between them.
        let mut packets = text.split('\u{1e}');
        if let Some(said) = packets.find_map(|packet| packet.strip_prefix(beginning)) {
            return Ok(serde_json::from_str(said)?);
        }
    }
}
