//! Everybody loses their connection at once, because the server is started anew, and comes back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use chaos::http::{Failure, Http, SignedIn};
use futures_util::{StreamExt, TryStreamExt, stream};
use protocol::{
    Cursor, NAMESPACE,
    events::{ConnectAuth, CreateGroup, PrivateMessage, ServerEvent},
};
use socketio_client::{AuthError, Client, ConnectionEvent, Namespace, TransportChoice};
use tokio::sync::watch;

use super::{
    Arrived, Generator, OPENING, PATIENCE, acknowledge, ask, group_message, line, locked, millis,
    person, say,
};
use crate::job::Outcome;

/// Members of each group, so that everybody has one in which something happens meanwhile.
const GROUP: usize = 100;
/// The number of the message that everybody has to hold in the end.
const NEWS: u64 = 77;
/// Pause between two messages of whoever writes all the time.
const PAUSE: Duration = Duration::from_millis(5);

/// One person, as far as a client of ours would know.
struct Member {
    client: Client,
    connected: watch::Receiver<u64>,
    signed_in: SignedIn,
    cursor: Cursor,
    /// Holds the news by an event.
    told: Arc<AtomicBool>,
}

pub(super) async fn run(generator: &Generator, connections: usize) -> Result<Outcome> {
    let members: Vec<Member> = stream::iter(0..connections)
        .map(|number| member(generator, number))
        .buffered(OPENING)
        .try_collect()
        .await?;
    let mut groups = Vec::new();
    for (number, maker) in members.iter().enumerate().step_by(GROUP) {
        let group = CreateGroup {
            client_id: None,
            name: format!("Group {number}"),
            members: (number..(number + GROUP).min(connections))
                .map(person)
                .collect(),
        };
        groups.push(ask(&maker.client, &group).await?);
    }
    let members: Vec<Member> = stream::iter(members)
        .map(|member| async {
            let (_, cursor) = list(&generator.http, &member.signed_in).await?;
            anyhow::Ok(Member { cursor, ..member })
        })
        .buffered(OPENING)
        .try_collect()
        .await?;
    say("connected");
    line("restarted").await?;
    let began = Instant::now();
    // The first of each group writes, as soon as they are back, what all of the group have to hold.
    let news = async {
        for (number, group) in groups.iter().enumerate() {
            let maker = &members[number * GROUP];
            back(maker).await?;
            ask(&maker.client, &group_message(group, NEWS)).await?;
        }
        anyhow::Ok(())
    };
    let settled = AtomicBool::new(false);
    let everybody = async {
        let resyncing = stream::iter(&members).map(|member| resync(generator, member));
        let resynced = resyncing
            .buffer_unordered(connections)
            .try_collect::<Vec<()>>()
            .await;
        settled.store(true, Relaxed);
        resynced
    };
    let writing = async {
        let writer = &members[1];
        back(writer).await?;
        while !settled.load(Relaxed) {
            let message = PrivateMessage {
                client_id: None,
                receiver: person(2),
                text: super::text(0),
            };
            let sent = Instant::now();
            ask(&writer.client, &message).await?;
            locked(&generator.counters.waits).push(millis(sent.elapsed()));
            tokio::time::sleep(PAUSE).await;
        }
        anyhow::Ok(())
    };
    tokio::try_join!(news, everybody, writing)?;
    Ok(Outcome {
        settled: began.elapsed().as_secs_f64(),
        waits: std::mem::take(&mut *locked(&generator.counters.waits)),
        ..Outcome::default()
    })
}

/// Waits until somebody is connected for the second time.
async fn back(member: &Member) -> Result<()> {
    let mut connected = member.connected.clone();
    tokio::time::timeout(PATIENCE, connected.wait_for(|times| *times > 1))
        .await
        .context("somebody did not come back")??;
    Ok(())
}

/// What a client of ours does when its connection is back: it asks for what has changed, until it
/// holds the news, by that or by an event.
async fn resync(generator: &Generator, member: &Member) -> Result<()> {
    back(member).await?;
    let deadline = Instant::now() + PATIENCE;
    let changes = loop {
        let http = &generator.http;
        match http.changes(&member.signed_in.cookie, member.cursor).await {
            Ok(changes) => break changes,
            // As a client of ours: asked again.
            Err(Failure::Later(_)) if Instant::now() < deadline => {}
            Err(failure) => anyhow::bail!("{failure:?}"),
        }
    };
    let is_news = |message: &protocol::Message| message.text.starts_with(&format!("{NEWS} "));
    let newest = changes
        .conversations
        .iter()
        .filter_map(|each| each.last_message.as_ref());
    if newest.into_iter().any(is_news) {
        return Ok(());
    }
    while !member.told.load(Relaxed) {
        anyhow::ensure!(Instant::now() < deadline, "somebody has not got the news");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn list(http: &Http, who: &SignedIn) -> Result<(Vec<protocol::Conversation>, Cursor)> {
    http.conversations_and_cursor(&who.cookie)
        .await
        .map_err(|failure| anyhow::anyhow!("{failure:?}"))
}

async fn member(generator: &Generator, number: usize) -> Result<Member> {
    let name = person(number);
    let signed_in = generator.http.log_in(&name).await?;
    let told = Arc::new(AtomicBool::new(false));
    let (count, connected) = watch::channel(0);
    let (http, cookie) = (generator.http.clone(), signed_in.cookie.clone());
    let namespace = Namespace::new(NAMESPACE).auth(move || {
        let (http, cookie) = (http.clone(), cookie.clone());
        async move {
            // A fresh token for each connection, as the contract has it.
            match http.token(&cookie).await {
                Ok(token) => Ok(ConnectAuth {
                    token: Some(token),
                    resyncs: true,
                }),
                Err(failure) => Err(AuthError::new(format!("{failure:?}"))),
            }
        }
    });
    let client = Client::builder(&generator.job.origin, namespace)
        .transports(TransportChoice::WebSocketOnly)
        .build();
    let is_told = Arc::clone(&told);
    client
        .on_with_ack(ServerEvent::RESPONSE, move |arrived: Arrived, ack| {
            if arrived.number() == Some(NEWS) {
                is_told.store(true, Relaxed);
            }
            acknowledge(ack, &name);
        })
        .forget();
    client
        .on_connection(move |event| {
            if matches!(event, ConnectionEvent::Connected { .. }) {
                count.send_modify(|times| *times += 1);
            }
        })
        .forget();
    client.connect();
    let mut first = connected.clone();
    tokio::time::timeout(PATIENCE, first.wait_for(|times| *times > 0))
        .await
        .context("a socket was not opened in time")??;
    Ok(Member {
        client,
        connected,
        signed_in,
        cursor: Cursor(0),
        told,
    })
}
