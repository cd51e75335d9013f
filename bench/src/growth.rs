//! Whether a message costs the same however much there is already: history, members, conversations
//! and connections, from few to many, against itself.

use anyhow::{Context, Result};
use natter_server::storage::{
    Database, UserId, accounts, changes, conversations,
    messages::{self, Message},
};
use uuid::Uuid;

use crate::{
    driver::Driver,
    figures::{Figure, Row, p99, short},
    job::{Load, Outcome, Target},
    rows::Scale,
    server::{Kind, Server, database},
};

/// Messages that are sent one after the other for each figure.
const MESSAGES: usize = 1_000;
/// Rows that are stored by one transaction.
const TOGETHER: u64 = 20_000;
/// A curve is flat while its highest point is at most so many times its lowest.
const FLAT: f64 = 1.5;

pub async fn all(scale: Scale) -> Result<Vec<Row>> {
    // A quick look grows to a hundredth of it.
    let down = if scale.idle < Scale::FULL.idle {
        100
    } else {
        1
    };
    let mut rows = vec![
        curve(
            "messages of history",
            &[1_000, 100_000 / down, 1_000_000 / down],
            scale,
            history,
        )
        .await?,
        curve(
            "members of a group",
            &[10, 1_000 / down, 10_000 / down],
            scale,
            members,
        )
        .await?,
        curve(
            "conversations of the sender",
            &[1, 1_000 / down, 10_000 / down],
            scale,
            many_conversations,
        )
        .await?,
        curve(
            "open connections",
            &[100, 1_000 / down, 10_000 / down],
            scale,
            connections,
        )
        .await?,
    ];
    rows.push(pages(1_000_000 / down).await?);
    Ok(rows)
}

/// A point for each size: the median wait for an acknowledgement, over several rounds.
async fn curve(
    what: &str,
    sizes: &[u64],
    scale: Scale,
    point: impl AsyncFn(u64, usize) -> Result<Vec<Outcome>>,
) -> Result<Row> {
    let mut points = Vec::new();
    for size in sizes {
        let rounds = point(*size, scale.rounds).await?;
        let medians: Vec<f64> = rounds
            .iter()
            .map(|round| Figure::of(&round.waits).median)
            .collect();
        let figure = Figure::of(&medians);
        eprintln!("  {} {what}: {figure} ms", short(*size as f64));
        points.push(figure);
    }
    let lowest = points.iter().map(|it| it.median).fold(f64::MAX, f64::min);
    let highest = points.iter().map(|it| it.median).fold(0.0, f64::max);
    let told: Vec<String> = sizes
        .iter()
        .zip(&points)
        .map(|(size, figure)| format!("{}: {figure}", short(*size as f64)))
        .collect();
    Ok(Row {
        what: format!("one message, ms, by {what}"),
        natter: told.join("<br>"),
        peer: String::new(),
        ratio: short(highest / lowest),
        goal: "flat".to_owned(),
        met: Some(highest / lowest <= FLAT),
    })
}

async fn history(size: u64, rounds: usize) -> Result<Vec<Outcome>> {
    let folder = tempfile::tempdir()?;
    drop(Server::start(Kind::Natter, folder.path(), 2).await?);
    let database = database(&folder.path().join("data")).await?;
    write_history(&database, size).await?;
    database.close().await?;
    let server = Server::start(Kind::Natter, folder.path(), 2).await?;
    one_by_one(&server, &Target::Person("user1".to_owned()), rounds)
}

async fn members(size: u64, rounds: usize) -> Result<Vec<Outcome>> {
    let people = usize::try_from(size)?;
    let folder = tempfile::tempdir()?;
    drop(Server::start(Kind::Natter, folder.path(), people).await?);
    let database = database(&folder.path().join("data")).await?;
    let transaction = database.begin().await?;
    let everybody: Vec<UserId> = accounts::all(&transaction)
        .await?
        .into_iter()
        .filter(|account| account.username.starts_with("user"))
        .map(|account| UserId(account.id))
        .collect();
    let id = Uuid::now_v7().to_string();
    let group = conversations::NewGroup {
        id: &id,
        name: "Everybody",
        created_by: everybody[0],
        client_id: &id,
        members: &everybody,
    };
    let cursor = changes::next(&transaction).await?;
    conversations::insert_group(&transaction, &group, 0, cursor).await?;
    database.commit(transaction).await?;
    database.close().await?;
    let server = Server::start(Kind::Natter, folder.path(), people).await?;
    one_by_one(&server, &Target::Group(id), rounds)
}

async fn many_conversations(size: u64, rounds: usize) -> Result<Vec<Outcome>> {
    let people = usize::try_from(size)? + 2;
    let folder = tempfile::tempdir()?;
    drop(Server::start(Kind::Natter, folder.path(), people).await?);
    let database = database(&folder.path().join("data")).await?;
    let transaction = database.begin().await?;
    let cursor = changes::next(&transaction).await?;
    let sender = id_of(&database, "user0").await?;
    for number in 2..people {
        let other = id_of(&database, &format!("user{number}")).await?;
        store(&transaction, sender, other, 1, cursor).await?;
    }
    database.commit(transaction).await?;
    database.close().await?;
    let server = Server::start(Kind::Natter, folder.path(), people).await?;
    one_by_one(&server, &Target::Person("user1".to_owned()), rounds)
}

async fn connections(size: u64, rounds: usize) -> Result<Vec<Outcome>> {
    let others = usize::try_from(size)?;
    let folder = tempfile::tempdir()?;
    let server = Server::start(Kind::Natter, folder.path(), others + 2).await?;
    let load = Load::OneByOne {
        sender: format!("user{others}"),
        target: Target::Person(format!("user{}", others + 1)),
        others,
        messages: MESSAGES,
    };
    let round = |_| Driver::start(&server, true, load.clone())?.outcome();
    (0..rounds).map(round).collect()
}

/// The same rounds on the same server: it has but a thousand messages more each time.
fn one_by_one(server: &Server, target: &Target, rounds: usize) -> Result<Vec<Outcome>> {
    let load = Load::OneByOne {
        sender: "user0".to_owned(),
        target: target.clone(),
        others: 0,
        messages: MESSAGES,
    };
    let round = |_| Driver::start(server, true, load.clone())?.outcome();
    (0..rounds).map(round).collect()
}

/// A page of history, from anywhere in a long one.
async fn pages(size: u64) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    drop(Server::start(Kind::Natter, folder.path(), 2).await?);
    let database = database(&folder.path().join("data")).await?;
    let conversation = write_history(&database, size).await?;
    database.close().await?;
    let server = Server::start(Kind::Natter, folder.path(), 2).await?;
    let load = Load::Pages {
        reader: "user1".to_owned(),
        conversation,
        last_seq: size,
        pages: 2 * MESSAGES,
    };
    let outcome = Driver::start(&server, true, load)?.outcome()?;
    let late = p99(&outcome.waits);
    Ok(Row {
        what: format!(
            "a page of history at {} messages, p99, ms",
            short(size as f64)
        ),
        natter: format!(
            "{} (median {})",
            short(late),
            short(Figure::of(&outcome.waits).median)
        ),
        peer: String::new(),
        ratio: String::new(),
        goal: "≤ 5 ms".to_owned(),
        met: Some(late <= 5.0),
    })
}

/// So many messages from user0 to user1. Comes back with the conversation's id.
async fn write_history(database: &Database, size: u64) -> Result<String> {
    let sender = id_of(database, "user0").await?;
    let receiver = id_of(database, "user1").await?;
    let mut conversation = String::new();
    let mut written = 0;
    while written < size {
        let transaction = database.begin().await?;
        let cursor = changes::next(&transaction).await?;
        let count = TOGETHER.min(size - written);
        conversation = store(&transaction, sender, receiver, count, cursor).await?;
        database.commit(transaction).await?;
        written += count;
    }
    Ok(conversation)
}

/// Stores messages from one to another, as the server would.
async fn store(
    transaction: &impl sea_orm::ConnectionTrait,
    sender: UserId,
    receiver: UserId,
    count: u64,
    cursor: changes::Cursor,
) -> Result<String> {
    let id = Uuid::now_v7().to_string();
    let (conversation, _) =
        conversations::find_or_insert_private(transaction, &id, sender, receiver, 0).await?;
    let count = i64::try_from(count)?;
    let counts = [(conversation.id.as_str(), count)];
    let last = conversations::take_seqs(transaction, &counts, 0, cursor).await?;
    let last = *last.get(&conversation.id).context("no conversation")?;
    let message = |seq: i64| Message {
        id: Uuid::now_v7().to_string(),
        conversation_id: conversation.id.clone(),
        seq,
        sender_id: sender.0,
        client_id: Uuid::now_v7().to_string(),
        text: format!("{seq} is a message of the length that people write."),
        sent_at: 0,
    };
    let messages = (last - count + 1..=last).map(message).collect();
    messages::insert(transaction, messages).await?;
    Ok(conversation.id)
}

async fn id_of(database: &Database, name: &str) -> Result<UserId> {
    let account = accounts::find_by_username(database.reader(), name).await?;
    Ok(UserId(account.context("nobody of that name")?.id))
}
