//! What a person in a browser waits for: the rows of `bench/pages`, which is a program of its own.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    figures::{Row, short},
    rows::Scale,
};

/// Runs the program, and makes rows of what it says.
pub fn all(scale: Scale) -> Result<Vec<Row>> {
    let own = std::env::current_exe()?;
    let built = own.parent().context("no folder")?;
    let site = built.parent().context("no folder")?.join("site");
    let mut command = Command::new("node");
    command
        .arg(Path::new("bench/pages/measure.mjs"))
        .args([PathBuf::from("--server"), built.join("natter-server")])
        .args([PathBuf::from("--site"), site])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    if scale.rounds < Scale::FULL.rounds {
        command.arg("--quick");
    }
    let output = command.output().context("Cannot run node")?;
    ensure!(output.status.success(), "bench/pages has failed");
    rows(&serde_json::from_slice(&output.stdout)?)
}

fn rows(measured: &Value) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let goals = measured["goals"].as_array().context("no goals")?;
    let goal = |name: &str| goals.iter().find(|goal| goal["goal"] == name);
    let bytes = |client: &str| number(&measured["bytes"][client]["body"]);
    let (own, peer) = (bytes("natter")?, bytes("angular")?);
    let first_visit = goal("bytes of a first visit").context("no goal for a first visit")?;
    rows.push(Row {
        what: "first visit, bytes, compressed".to_owned(),
        natter: short(own),
        peer: format!("Angular: {}", short(peer)),
        ratio: short(own / peer),
        goal: format!("≤ {}", short(number(&first_visit["limit"])?)),
        met: first_visit["met"].as_bool(),
    });
    for loading in measured["loading"].as_array().context("no loading")? {
        let [own, peer] = ["natter", "angular"].map(|client| &loading[client]["interactive"]);
        let ratio = number(&own["median"])? / number(&peer["median"])?;
        rows.push(Row {
            what: format!(
                "until one can type, ms, {}, {}",
                loading["conditions"].as_str().unwrap_or_default(),
                loading["visit"].as_str().unwrap_or_default()
            ),
            natter: spread(own)?,
            peer: format!("Angular: {}", spread(peer)?),
            ratio: short(ratio),
            goal: "≤ 1".to_owned(),
            met: Some(ratio <= 1.0),
        });
    }
    let told = [
        "ms to open a conversation seen before, p99",
        "frames from the key to the one with the message, at most",
        "ms between frames while scrolling, p99",
        "ms between frames while 50 messages a second arrive, p99",
        "bytes of a tab, at most",
        "growth of a tab while receiving",
    ];
    for name in told {
        let goal = goal(name).with_context(|| format!("no figure for: {name}"))?;
        rows.push(Row {
            what: name.to_owned(),
            natter: short(number(&goal["measured"])?),
            peer: String::new(),
            ratio: String::new(),
            goal: format!("≤ {}", short(number(&goal["limit"])?)),
            met: goal["met"].as_bool(),
        });
    }
    Ok(rows)
}

fn spread(summary: &Value) -> Result<String> {
    let [median, lowest, highest] = ["median", "min", "max"].map(|name| number(&summary[name]));
    Ok(format!(
        "{} ({} to {})",
        short(median?),
        short(lowest?),
        short(highest?)
    ))
}

fn number(value: &Value) -> Result<f64> {
    value
        .as_f64()
        .with_context(|| format!("{value} is no number"))
}
