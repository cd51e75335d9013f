//! From a connection that is back to a client that is up to date, by how many messages it missed.
//!
//! A client of ours asks what has changed and fetches the pages that it shows. A stock client is
//! sent everything as events, in acknowledged windows.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use chaos::{
    http::{Failure, Http, Page, SignedIn},
    random::Random,
    server::{Launch, Server},
};
use futures_util::{StreamExt, stream};
use protocol::{
    Cursor, MAX_PAGE, NAMESPACE, Seq,
    events::{
        Acknowledgement, ClientEvent, ConnectAuth, Delivered, MessageEvent, PrivateMessage,
        ServerEvent,
    },
};
use socketio_client::{Client, ConnectionEvent, Namespace};
use tokio::sync::mpsc;

const MISSED: [u64; 3] = [1, 1_000, 100_000];
/// How often our client comes back each time; the median is told.
const ROUNDS: usize = 7;
/// Messages under way at the same time while they are written.
const UNDER_WAY: usize = 256;
/// More messages than this our client does not fetch to close a gap: it shows the newest.
const MAX_CATCH_UP: u64 = 500;
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(300);

pub fn measure() -> Result<Vec<String>> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(all())
}

async fn all() -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let launch = Launch {
        program: program()?,
        data: folder.path().join("data"),
        database_url: None,
        site: None,
        work: folder.path().to_owned(),
    };
    let mut server = Server::start(launch, None, &mut Random::new(1)).await?;
    let http = Http::new(server.origin());
    let mut lines = vec![format!(
        "{:>8}  {:>22}  {:>22}",
        "missed", "our client, ms", "a stock client, ms"
    )];
    for missed in MISSED {
        // Somebody of their own for each row, so that nothing of another row is missed too.
        let name = format!("reader{missed}");
        server.add_people(std::iter::once(name.as_str()))?;
        let reader = http.log_in(&name).await?;
        let alice = http.log_in("alice").await?;
        write(&server.origin(), &alice, &name, 1).await?;
        let (list, cursor) = list(&http, &reader).await?;
        let held = list.first().map_or(Seq::ZERO, |first| first.last_seq);
        write(&server.origin(), &alice, &name, missed).await?;

        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            times.push(come_back(&server.origin(), &http, &reader, cursor, held).await?);
        }
        times.sort();
        let stock = be_sent(&server.origin(), &http, &reader, &name, missed).await?;
        let ours = format!(
            "{:.1} ({:.1} to {:.1})",
            millis(times[ROUNDS / 2]),
            millis(times[0]),
            millis(times[ROUNDS - 1])
        );
        lines.push(format!("{missed:>8}  {ours:>22}  {:>22.1}", millis(stock)));
    }
    server.kill()?;
    Ok(lines)
}

/// The server of the same build.
fn program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let program = own.with_file_name(format!("natter-server{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        bail!("There is no natter-server beside this program: run `cargo xtask test build` first.");
    }
    Ok(program)
}

async fn list(http: &Http, who: &SignedIn) -> Result<(Vec<protocol::Conversation>, Cursor)> {
    answered(http.conversations_and_cursor(&who.cookie).await)
}

fn answered<T>(result: Result<T, Failure>) -> Result<T> {
    result.map_err(|failure| match failure {
        Failure::Later(error) => error,
        other => anyhow!("{other:?}"),
    })
}

/// A client, and the changes of its connection.
fn client(
    origin: &str,
    token: String,
    resyncs: bool,
) -> (Client, mpsc::UnboundedReceiver<ConnectionEvent>) {
    let namespace = Namespace::new(NAMESPACE).auth(move || {
        let token = Some(token.clone());
        async move { Ok(ConnectAuth { token, resyncs }) }
    });
    let client = Client::builder(origin, namespace).build();
    let (sender, changes) = mpsc::unbounded_channel();
    client
        .on_connection(move |event| drop(sender.send(event)))
        .forget();
    (client, changes)
}

async fn connected(changes: &mut mpsc::UnboundedReceiver<ConnectionEvent>) -> Result<()> {
    match tokio::time::timeout(PATIENCE, changes.recv()).await? {
        Some(ConnectionEvent::Connected { .. }) => Ok(()),
        other => bail!("not connected: {other:?}"),
    }
}

/// Writes so many messages to somebody who is away.
async fn write(origin: &str, sender: &SignedIn, receiver: &str, count: u64) -> Result<()> {
    let (client, mut changes) = client(origin, sender.token.clone(), true);
    client.connect();
    connected(&mut changes).await?;
    let send = |number: u64| {
        let message = PrivateMessage {
            client_id: None,
            receiver: receiver.to_owned(),
            text: format!("Message {number} of those that were missed"),
        };
        let answer = client
            .emit_with_ack::<Acknowledgement<protocol::Message>>(PrivateMessage::NAME, &message);
        async move {
            let acknowledgement = answer.await?;
            anyhow::ensure!(acknowledgement.success, "not stored");
            anyhow::Ok(())
        }
    };
    let mut sent = stream::iter(0..count).map(send).buffer_unordered(UNDER_WAY);
    while let Some(stored) = sent.next().await {
        stored?;
    }
    client.disconnect();
    Ok(())
}

/// Connects, asks what has changed, and fetches what is shown.
async fn come_back(
    origin: &str,
    http: &Http,
    who: &SignedIn,
    cursor: Cursor,
    held: Seq,
) -> Result<Duration> {
    let token = answered(http.token(&who.cookie).await)?;
    let (client, mut changes) = client(origin, token, true);
    let started = Instant::now();
    client.connect();
    connected(&mut changes).await?;
    let changed = answered(http.changes(&who.cookie, cursor).await)?;
    let conversation = changed
        .conversations
        .first()
        .context("nothing has changed")?;
    let missed = conversation.last_seq.0 - held.0;
    let mut after = held;
    if missed > MAX_CATCH_UP {
        let page = http.messages(&who.cookie, &conversation.id, Page::Newest);
        let page = answered(page.await)?;
        anyhow::ensure!(page.len() == MAX_PAGE as usize, "a short page");
    } else {
        while after < conversation.last_seq {
            let page = http.messages(&who.cookie, &conversation.id, Page::After(after));
            let page = answered(page.await)?;
            after = page.last().context("a gap that cannot be closed")?.seq;
        }
    }
    let time = started.elapsed();
    client.disconnect();
    Ok(time)
}

/// Connects, and acknowledges everything that is sent.
async fn be_sent(
    origin: &str,
    http: &Http,
    who: &SignedIn,
    name: &str,
    missed: u64,
) -> Result<Duration> {
    let token = answered(http.token(&who.cookie).await)?;
    let (client, _changes) = client(origin, token, false);
    let (sender, mut received) = mpsc::unbounded_channel();
    let receiver = protocol::Username::parse(name).map_err(|error| anyhow!(error.message))?;
    client
        .on_with_ack::<MessageEvent>(ServerEvent::RESPONSE, move |event, ack| {
            let delivered = Delivered {
                success: true,
                receiver: receiver.clone(),
            };
            if let Some(ack) = ack {
                drop(ack.send(&delivered));
            }
            let _ = sender.send(event.response.seq);
        })
        .forget();
    let started = Instant::now();
    client.connect();
    for _ in 0..=missed {
        tokio::time::timeout(PATIENCE, received.recv())
            .await?
            .context("the connection is gone")?;
    }
    let time = started.elapsed();
    client.disconnect();
    Ok(time)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
