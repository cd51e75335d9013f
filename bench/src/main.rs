//! Measures Natter against its peers, in the same run and by turns, so that what else the machine
//! does is no advantage to anybody. `cargo xtask bench` builds everything and runs it.

use std::{fs, time::SystemTime};

use anyhow::{Result, bail};

/// Starts load processes, and reads what became of it.
mod driver;
/// Medians, spreads, and the table.
mod figures;
/// A message's cost as everything grows.
mod growth;
/// What a load process is told, and what it tells.
mod job;
/// The load itself: a process of its own.
mod load;
/// Processors, memory, and what the machine is.
mod machine;
/// What a person in a browser waits for.
mod pages;
/// Packets of Socket.IO, written and read: ours against the official parser.
mod parser;
/// From a connection that is back to a client that is up to date.
mod resync;
/// Each row of the table.
mod rows;
/// The servers that are measured.
mod server;

use figures::Row;
use rows::Scale;

/// Where the table is kept.
const RESULTS: &str = "bench/RESULTS.md";
const HELP: &str = "\
messages  acknowledged private messages per second
group     deliveries to a large group, and how late they are
idle      memory of connections that do nothing
storm     everybody comes back at once
growth    a message's cost as everything grows
pages     what a person in a browser waits for, against the same screens in Angular
parser    packets of Socket.IO, against the official parser
resync    from a connection that is back to a client that is up to date

With no name: all but the last two, written to bench/RESULTS.md. With --quick: on a small scale,
which shows that it works, and no figures.";

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let ["load", job] = words[..] {
        return load::run(job);
    }
    if words == ["--help"] {
        println!("{HELP}");
        return Ok(());
    }
    machine::allow_many_sockets()?;
    let is_quick = words.contains(&"--quick");
    let scale = if is_quick { Scale::QUICK } else { Scale::FULL };
    let names: Vec<&str> = words
        .into_iter()
        .filter(|word| *word != "--quick")
        .collect();
    for lines in [
        ("parser", parser::compare as fn() -> _),
        ("resync", resync::measure),
    ] {
        if names == [lines.0] {
            println!("{}", lines.1()?.join("\n"));
            return Ok(());
        }
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let rows = runtime.block_on(measure(&names, scale))?;
    let table = figures::table(&rows);
    println!("{table}");
    if names.is_empty() && !is_quick {
        fs::write(RESULTS, results(&table))?;
    }
    Ok(())
}

async fn measure(names: &[&str], scale: Scale) -> Result<Vec<Row>> {
    const ALL: [&str; 6] = ["messages", "group", "idle", "storm", "growth", "pages"];
    let names = if names.is_empty() { &ALL[..] } else { names };
    let mut rows = Vec::new();
    for name in names {
        eprintln!("{name}");
        let measured = match *name {
            "messages" => rows::messages(scale).await,
            "group" => rows::group(scale).await,
            "idle" => rows::idle(scale).await,
            "storm" => rows::storm(scale).await,
            "growth" => growth::all(scale).await,
            "pages" => pages::all(scale),
            other => bail!("There is no bench `{other}`. There are:\n{HELP}"),
        };
        // What cannot be measured is told, and the others are measured all the same.
        rows.extend(measured.unwrap_or_else(|error| vec![Row::failed(name, &error)]));
    }
    Ok(rows)
}

/// The page on which the table is kept.
fn results(table: &str) -> String {
    let seconds = SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap_or_default()
        .as_secs();
    let day = time::OffsetDateTime::from_unix_timestamp(seconds as i64)
        .map_or_else(|_| String::new(), |now| now.date().to_string());
    format!(
        "# Results\n\n\
         Written by `cargo xtask bench` on {day}, on {}.\n\n\
         Each figure is the median of several rounds, with the lowest and the highest in parentheses; servers\n\
         have their turns one after the other. A server has one processor to itself and the load the others.\n\
         What is compared, and how, stands in [README.md](README.md).\n\n{table}",
        machine::description()
    )
}
