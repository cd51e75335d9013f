//! What is measured of servers: each row of the table, by turns with its peers.

use anyhow::{Context, Result};

use crate::{
    driver::Driver,
    figures::{Figure, Row, p99, short},
    job::{Load, Outcome},
    machine,
    server::{Kind, Server},
};

/// How often each server has its turn.
const ROUNDS: usize = 3;
/// For how long each round counts, in seconds.
const SECONDS: f64 = 8.0;
/// Members of the group, all connected.
const GROUP: usize = 1_000;
/// Sockets that do nothing.
const IDLE: usize = 10_000;

/// How much of everything is done: all of it, or just enough to see that it works.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub rounds: usize,
    pub seconds: f64,
    pub group: usize,
    pub idle: usize,
}

impl Scale {
    pub const FULL: Self = Self {
        rounds: ROUNDS,
        seconds: SECONDS,
        group: GROUP,
        idle: IDLE,
    };
    pub const QUICK: Self = Self {
        rounds: 1,
        seconds: 2.0,
        group: 100,
        idle: 500,
    };
}

/// What one server did in one round, and what its process spent on it.
#[derive(Debug)]
struct Round {
    outcome: Outcome,
    /// Seconds of processor time, warming up included.
    cpu: f64,
}

async fn round(kind: Kind, people: usize, load: Load) -> Result<Round> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(kind, folder.path(), people).await?;
    let before = machine::cpu_time(server.process())?;
    let outcome = Driver::start(&server, kind.signs_in(), load)?
        .outcome()
        .with_context(|| format!("against {}", kind.name()))?;
    let cpu = (machine::cpu_time(server.process())? - before).as_secs_f64();
    Ok(Round { outcome, cpu })
}

/// Rounds by turns, so that what else the machine does is no advantage to anybody.
async fn by_turns(
    scale: Scale,
    kinds: &[Kind],
    people: usize,
    load: &Load,
    figure: impl Fn(&Round) -> f64,
) -> Result<Vec<Figure>> {
    let mut rounds = vec![Vec::new(); kinds.len()];
    for number in 1..=scale.rounds {
        for (index, kind) in kinds.iter().enumerate() {
            let round = round(*kind, people, load.clone()).await?;
            let value = figure(&round);
            eprintln!(
                "  round {number}, {}: {} (headroom of the load {:.0} %, server {:.1} s of processor time)",
                kind.name(),
                short(value),
                round.outcome.headroom * 100.0,
                round.cpu,
            );
            rounds[index].push(value);
        }
    }
    Ok(rounds.iter().map(|values| Figure::of(values)).collect())
}

fn compared(
    what: impl Into<String>,
    natter: Figure,
    peer: (Kind, Figure),
    goal: &str,
    met: Option<bool>,
) -> Row {
    Row {
        what: what.into(),
        natter: natter.to_string(),
        peer: format!("{}: {}", peer.0.name(), peer.1),
        ratio: short(natter.median / peer.1.median),
        goal: goal.to_owned(),
        met,
    }
}

/// Private messages, each on disk before it is acknowledged.
pub async fn messages(scale: Scale) -> Result<Vec<Row>> {
    let pairs = 32;
    let load = Load::Private {
        pairs,
        in_flight: 16,
        seconds: scale.seconds,
    };
    let kinds = [Kind::Natter, Kind::Node, Kind::NodeSharing];
    let rate = |round: &Round| round.outcome.acknowledged as f64 / round.outcome.seconds;
    let figures = by_turns(scale, &kinds, 2 * pairs, &load, rate).await?;
    let what = "acknowledged private messages per second";
    let met = figures[0].median >= 10.0 * figures[1].median;
    Ok(vec![
        compared(what, figures[0], (kinds[1], figures[1]), "≥ 10", Some(met)),
        compared(what, figures[0], (kinds[2], figures[2]), "", None),
    ])
}

/// Messages to one large group, and how fast everybody has them.
pub async fn group(scale: Scale) -> Result<Vec<Row>> {
    let load = Load::Group {
        members: scale.group,
        senders: 8,
        in_flight: 4,
        seconds: scale.seconds,
    };
    let kinds = [Kind::Natter, Kind::Node, Kind::Floor];
    let rate = |round: &Round| round.outcome.deliveries as f64 / round.outcome.seconds;
    let figures = by_turns(scale, &kinds, scale.group, &load, rate).await?;
    let what = format!(
        "deliveries per second to a group of {} sockets",
        scale.group
    );
    let times = figures[0].median / figures[1].median;
    let of_floor = figures[0].median / figures[2].median;
    let mut rows = vec![
        compared(
            what.as_str(),
            figures[0],
            (kinds[1], figures[1]),
            "≥ 10",
            Some(times >= 10.0),
        ),
        compared(
            what,
            figures[0],
            (kinds[2], figures[2]),
            "≥ 0.8",
            Some(of_floor >= 0.8),
        ),
    ];
    // Half of what the peer carries: beyond that it would be late for a reason of its own.
    let rate = figures[1].median / scale.group as f64 / 2.0;
    let load = Load::GroupAtRate {
        members: scale.group,
        rate,
        seconds: scale.seconds,
    };
    let kinds = [Kind::Natter, Kind::Node];
    let late = |round: &Round| p99(&round.outcome.waits);
    let figures = by_turns(scale, &kinds, scale.group, &load, late).await?;
    rows.push(compared(
        format!(
            "from sending until all {} have it, p99, ms, at {} messages per second",
            scale.group,
            short(rate)
        ),
        figures[0],
        (kinds[1], figures[1]),
        "≤ 0.25",
        Some(figures[0].median <= figures[1].median / 4.0),
    ));
    Ok(rows)
}

/// Memory of connections that do nothing.
pub async fn idle(scale: Scale) -> Result<Vec<Row>> {
    let mut per_connection = Vec::new();
    // Node tells everybody of each who comes, one by one: of 10,000 that alone takes minutes.
    let fewer = scale.idle / 5;
    for (kind, connections) in [(Kind::Natter, scale.idle), (Kind::Node, fewer)] {
        let folder = tempfile::tempdir()?;
        let server = Server::start(kind, folder.path(), scale.idle).await?;
        let before = machine::resident(server.process())?;
        let mut load = Driver::start(&server, kind.signs_in(), Load::Idle { connections })?;
        load.hear("connected")?;
        // What connecting needed for a moment is given back within a few seconds, if at all.
        tokio::time::sleep(std::time::Duration::from_secs(10)).await;
        let after = machine::resident(server.process())?;
        load.tell("done")?;
        load.outcome()?;
        let bytes = (after.saturating_sub(before)) as f64 / connections as f64 / 1_000.0;
        eprintln!("  {}: {} KB", kind.name(), short(bytes));
        per_connection.push(Figure::of(&[bytes]));
    }
    let what = format!(
        "memory of an idle connection, KB, {} connected ({} to Node)",
        short(scale.idle as f64),
        short(fewer as f64)
    );
    let met = per_connection[0].median <= 10.0;
    Ok(vec![compared(
        what,
        per_connection[0],
        (Kind::Node, per_connection[1]),
        "≤ 10 KB",
        Some(met),
    )])
}

/// Everybody comes back at once after a restart.
pub async fn storm(scale: Scale) -> Result<Vec<Row>> {
    let people = scale.idle;
    let folder = tempfile::tempdir()?;
    let mut server = Server::start(Kind::Natter, folder.path(), people).await?;
    let mut load = Driver::start(
        &server,
        true,
        Load::Storm {
            connections: people,
        },
    )?;
    load.hear("connected")?;
    server.restart(people)?;
    load.tell("restarted")?;
    let outcome = load.outcome()?;
    let late = p99(&outcome.waits);
    Ok(vec![Row {
        what: format!(
            "{people} clients come back at once: a sender's p99 meanwhile, ms, of {} messages",
            outcome.waits.len()
        ),
        natter: format!(
            "{} (everybody resynced after {} s)",
            short(late),
            short(outcome.settled)
        ),
        peer: String::new(),
        ratio: String::new(),
        goal: "≤ 250 ms, nothing lost".to_owned(),
        met: Some(late <= 250.0),
    }])
}
