//! The load: a process of its own, which speaks to a server as people do, through our native client.

use std::{
    collections::HashMap,
    io::{BufRead, stdin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use chaos::http::{Http, SignedIn};
use futures_util::{StreamExt, TryStreamExt, stream};
use protocol::{
    NAMESPACE,
    events::{ClientEvent, ConnectAuth, CreateGroup, GroupMessage, PrivateMessage, ServerEvent},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use socketio_client::{Ack, Client, ConnectionEvent, Namespace, TransportChoice};
use tokio::{
    sync::oneshot,
    task::JoinSet,
    time::{sleep, sleep_until},
};

use crate::{
    job::{Job, Load, Outcome, Target},
    machine,
};

mod storm;

/// What is sent before anything is counted.
const WARM_UP: Duration = Duration::from_millis(1_500);
/// Sockets that are opened at the same time.
const OPENING: usize = 64;
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(120);
/// What a message says, behind its number.
const WORDS: &str = "is a message of the length that people write when they have something to say.";

/// Does what the job says, and prints the outcome.
pub fn run(job: &str) -> Result<()> {
    let job: Job = serde_json::from_str(job)?;
    machine::allow_many_sockets()?;
    // One thread: the clients of a load share it as they would share a core.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(Generator::new(job).run())?;
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

/// Waits for a line from the process that has started this one.
async fn line(expected: &'static str) -> Result<()> {
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        stdin().lock().read_line(&mut line).map(|_| line)
    })
    .await??;
    ensure!(
        line.trim() == expected,
        "told {line:?} instead of {expected}"
    );
    Ok(())
}

fn say(word: &str) {
    println!("{word}");
}

fn person(number: usize) -> String {
    format!("user{number}")
}

fn text(number: u64) -> String {
    format!("{number} {WORDS}")
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// What matters of a message that arrives.
#[derive(Debug, Deserialize)]
struct Arrived {
    response: ArrivedMessage,
}

#[derive(Debug, Deserialize)]
struct ArrivedMessage {
    text: String,
}

impl Arrived {
    fn number(&self) -> Option<u64> {
        self.response.text.split(' ').next()?.parse().ok()
    }
}

#[derive(Debug, Serialize)]
struct Received<'a> {
    success: bool,
    receiver: &'a str,
}

#[derive(Debug, Deserialize)]
struct Answer {
    success: bool,
    #[serde(default)]
    error: Option<Value>,
    #[serde(default)]
    response: Option<Made>,
}

#[derive(Debug, Deserialize)]
struct Made {
    #[serde(default)]
    id: String,
}

/// What has happened so far, counted by all clients together.
#[derive(Debug, Default)]
struct Counters {
    acknowledged: AtomicU64,
    deliveries: AtomicU64,
    waits: Mutex<Vec<f64>>,
    failures: Mutex<Vec<String>>,
    under_way: Mutex<HashMap<u64, UnderWay>>,
}

/// A message that not everybody has.
#[derive(Debug)]
struct UnderWay {
    since: Instant,
    missing: usize,
    everybody_has_it: Option<oneshot::Sender<()>>,
}

impl Counters {
    fn arrived(&self, arrived: &Arrived) {
        self.deliveries.fetch_add(1, Relaxed);
        let Some(number) = arrived.number() else {
            return;
        };
        let mut under_way = locked(&self.under_way);
        let Some(message) = under_way.get_mut(&number) else {
            return;
        };
        message.missing -= 1;
        if message.missing == 0
            && let Some(message) = under_way.remove(&number)
        {
            locked(&self.waits).push(millis(message.since.elapsed()));
            if let Some(done) = message.everybody_has_it {
                let _ = done.send(());
            }
        }
    }

    fn failed(&self, what: impl Into<String>) {
        let mut failures = locked(&self.failures);
        if failures.len() < 10 {
            failures.push(what.into());
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Generator {
    job: Job,
    http: Http,
    counters: Arc<Counters>,
}

impl Generator {
    fn new(job: Job) -> Self {
        Self {
            http: Http::new(&job.origin),
            job,
            counters: Arc::default(),
        }
    }

    async fn run(self) -> Result<Outcome> {
        let outcome = match self.job.load.clone() {
            Load::Private {
                pairs,
                in_flight,
                seconds,
            } => self.private(pairs, in_flight, seconds).await?,
            Load::Group {
                members,
                senders,
                in_flight,
                seconds,
            } => self.group(members, senders, in_flight, seconds).await?,
            Load::GroupAtRate {
                members,
                rate,
                seconds,
            } => self.group_at_rate(members, rate, seconds).await?,
            Load::Idle { connections } => self.idle(connections).await?,
            Load::Storm { connections } => storm::run(&self, connections).await?,
            Load::OneByOne {
                sender,
                target,
                others,
                messages,
            } => self.one_by_one(&sender, &target, others, messages).await?,
            Load::Pages {
                reader,
                conversation,
                last_seq,
                pages,
            } => self.pages(&reader, &conversation, last_seq, pages).await?,
        };
        Ok(Outcome {
            failures: locked(&self.counters.failures).clone(),
            ..outcome
        })
    }

    /// Counts for so long, after a while in which nothing is counted.
    async fn count(&self, seconds: f64) -> Result<Outcome> {
        sleep(WARM_UP).await;
        let counters = &self.counters;
        let read = || {
            (
                counters.acknowledged.load(Relaxed),
                counters.deliveries.load(Relaxed),
            )
        };
        locked(&counters.waits).clear();
        let (before, began, cpu) = (
            read(),
            Instant::now(),
            machine::cpu_time(std::process::id())?,
        );
        sleep(Duration::from_secs_f64(seconds)).await;
        let (after, took) = (read(), began.elapsed());
        let cpu = machine::cpu_time(std::process::id())? - cpu;
        Ok(Outcome {
            acknowledged: after.0 - before.0,
            deliveries: after.1 - before.1,
            seconds: took.as_secs_f64(),
            headroom: 1.0 - cpu.as_secs_f64() / took.as_secs_f64(),
            waits: std::mem::take(&mut *locked(&counters.waits)),
            ..Outcome::default()
        })
    }

    async fn private(&self, pairs: usize, in_flight: usize, seconds: f64) -> Result<Outcome> {
        let sockets = self.sockets(0..2 * pairs).await?;
        let mut senders = JoinSet::new();
        for (pair, sender) in sockets.iter().step_by(2).enumerate() {
            for _ in 0..in_flight {
                let sender = sender.clone();
                let counters = Arc::clone(&self.counters);
                let message = PrivateMessage {
                    client_id: None,
                    receiver: person(2 * pair + 1),
                    text: text(0),
                };
                senders.spawn(async move {
                    loop {
                        match ask(&sender, &message).await {
                            Ok(_) => counters.acknowledged.fetch_add(1, Relaxed),
                            Err(error) => return counters.failed(error.to_string()),
                        };
                    }
                });
            }
        }
        self.count(seconds).await
    }

    async fn group(
        &self,
        members: usize,
        senders: usize,
        in_flight: usize,
        seconds: f64,
    ) -> Result<Outcome> {
        let sockets = self.sockets(0..members).await?;
        let group = make_group(&sockets[0], members).await?;
        let mut tasks = JoinSet::new();
        for number in 0..senders * in_flight {
            let sender = sockets[number % senders].clone();
            let counters = Arc::clone(&self.counters);
            let group = group.clone();
            tasks.spawn(async move {
                let mut number = number as u64;
                loop {
                    number += (senders * in_flight) as u64;
                    let (everybody_has_it, done) = oneshot::channel();
                    let message = UnderWay {
                        since: Instant::now(),
                        missing: members,
                        everybody_has_it: Some(everybody_has_it),
                    };
                    locked(&counters.under_way).insert(number, message);
                    let sent = ask(&sender, &group_message(&group, number)).await;
                    if let Err(error) = sent {
                        return counters.failed(error.to_string());
                    }
                    counters.acknowledged.fetch_add(1, Relaxed);
                    if tokio::time::timeout(PATIENCE, done).await.is_err() {
                        return counters.failed("not everybody has got a message");
                    }
                }
            });
        }
        self.count(seconds).await
    }

    async fn group_at_rate(&self, members: usize, rate: f64, seconds: f64) -> Result<Outcome> {
        let sockets = self.sockets(0..members).await?;
        let group = make_group(&sockets[0], members).await?;
        let counters = Arc::clone(&self.counters);
        let sender = sockets[0].clone();
        let sending = tokio::spawn(async move {
            let began = tokio::time::Instant::now();
            for number in 1_u64.. {
                // When it is due, not when it could be sent: a server that is late is late for all.
                let due = began + Duration::from_secs_f64(number as f64 / rate);
                sleep_until(due).await;
                let message = UnderWay {
                    since: due.into_std(),
                    missing: members,
                    everybody_has_it: None,
                };
                locked(&counters.under_way).insert(number, message);
                let sent = ask(&sender, &group_message(&group, number));
                let counters = Arc::clone(&counters);
                tokio::spawn(async move {
                    match sent.await {
                        Ok(_) => drop(counters.acknowledged.fetch_add(1, Relaxed)),
                        Err(error) => counters.failed(error.to_string()),
                    }
                });
            }
        });
        let mut outcome = self.count(seconds).await?;
        sending.abort();
        // Messages that never arrived are not to be missing from the figures.
        let late = locked(&self.counters.under_way);
        let late = late.values().map(|message| millis(message.since.elapsed()));
        outcome.waits.extend(late);
        Ok(outcome)
    }

    async fn idle(&self, connections: usize) -> Result<Outcome> {
        let sockets = self.sockets(0..connections).await?;
        say("connected");
        line("done").await?;
        let lost = sockets.iter().filter(|each| !each.is_connected()).count();
        if lost > 0 {
            self.counters.failed(format!("{lost} sockets were lost"));
        }
        Ok(Outcome::default())
    }

    async fn one_by_one(
        &self,
        sender: &str,
        target: &Target,
        others: usize,
        messages: usize,
    ) -> Result<Outcome> {
        let _others = self.sockets(0..others).await?;
        let sender = self.socket(sender.to_owned()).await?;
        let mut waits = Vec::with_capacity(messages);
        for number in 0..messages as u64 {
            let began = Instant::now();
            match target {
                Target::Person(receiver) => {
                    let message = PrivateMessage {
                        client_id: None,
                        receiver: receiver.clone(),
                        text: text(number),
                    };
                    ask(&sender, &message).await?;
                }
                Target::Group(group) => drop(ask(&sender, &group_message(group, number)).await?),
            }
            waits.push(millis(began.elapsed()));
        }
        Ok(Outcome {
            acknowledged: messages as u64,
            // The first ones find cold caches, which is not what is asked.
            waits: waits.split_off(messages / 5),
            ..Outcome::default()
        })
    }

    async fn pages(
        &self,
        reader: &str,
        conversation: &str,
        last_seq: u64,
        pages: usize,
    ) -> Result<Outcome> {
        let signed_in = self.http.log_in(reader).await?;
        let id = protocol::ConversationId::from_trusted(conversation);
        let mut waits = Vec::with_capacity(pages);
        // Places as far from each other as can be, in an order that no cache foresees.
        let step = (last_seq as f64 * 0.618_034) as u64;
        for number in 0..pages as u64 {
            let before = 51 + (number * step) % last_seq.saturating_sub(51).max(1);
            let began = Instant::now();
            let page = self
                .http
                .page(&signed_in.cookie, &id, protocol::Seq(before), 50)
                .await
                .map_err(|failure| anyhow!("{failure:?}"))?;
            ensure!(page.len() == 50, "a page of {} messages", page.len());
            waits.push(millis(began.elapsed()));
        }
        Ok(Outcome {
            waits,
            ..Outcome::default()
        })
    }

    /// Sockets of so many people, connected.
    async fn sockets(&self, people: std::ops::Range<usize>) -> Result<Vec<Client>> {
        stream::iter(people.map(person))
            .map(|name| self.socket(name))
            .buffered(OPENING)
            .try_collect()
            .await
    }

    async fn socket(&self, name: String) -> Result<Client> {
        let signed_in = self.sign_in(&name).await?;
        let (client, connected) = self.client(name, signed_in);
        client.connect();
        tokio::time::timeout(PATIENCE, connected)
            .await
            .context("a socket was not opened in time")??;
        Ok(client)
    }

    async fn sign_in(&self, name: &str) -> Result<Option<SignedIn>> {
        Ok(if self.job.signs_in {
            Some(self.http.log_in(name).await?)
        } else {
            None
        })
    }

    /// A client that acknowledges what it gets, and when it is connected for the first time.
    fn client(&self, name: String, signed_in: Option<SignedIn>) -> (Client, oneshot::Receiver<()>) {
        let namespace = Namespace::new(NAMESPACE)
            .ack_timeout(PATIENCE)
            .auth(move || {
                let token = signed_in.as_ref().map(|it| it.token.clone());
                async move {
                    Ok(ConnectAuth {
                        token,
                        resyncs: true,
                    })
                }
            });
        let client = Client::builder(&self.job.origin, namespace)
            .transports(TransportChoice::WebSocketOnly)
            .build();
        let counters = Arc::clone(&self.counters);
        client
            .on_with_ack(ServerEvent::RESPONSE, move |arrived: Arrived, ack| {
                counters.arrived(&arrived);
                acknowledge(ack, &name);
            })
            .forget();
        let (connected, is_connected) = oneshot::channel();
        let mut connected = Some(connected);
        let counters = Arc::clone(&self.counters);
        client
            .on_connection(move |event| match event {
                ConnectionEvent::Connected { .. } => {
                    if let Some(connected) = connected.take() {
                        let _ = connected.send(());
                    }
                }
                ConnectionEvent::ConnectError { .. } => counters.failed(format!("{event:?}")),
                _ => {}
            })
            .forget();
        (client, is_connected)
    }
}

/// Sends an event, and waits until it is acknowledged as done.
fn ask<E: ClientEvent>(
    client: &Client,
    event: &E,
) -> impl Future<Output = Result<String>> + Send + 'static {
    let answer = client.emit_with_ack::<Answer>(E::NAME, event);
    async move {
        let answer = answer.await?;
        ensure!(answer.success, "refused: {:?}", answer.error);
        Ok(answer.response.map(|made| made.id).unwrap_or_default())
    }
}

/// Tells the server that a message has arrived, if it wants to know.
fn acknowledge(ack: Option<Ack>, receiver: &str) {
    if let Some(ack) = ack {
        let received = Received {
            success: true,
            receiver,
        };
        // It fails when the line is gone, and with it whoever waits for the answer.
        let _ = ack.send(&received);
    }
}

fn group_message(group: &str, number: u64) -> GroupMessage {
    GroupMessage {
        client_id: None,
        group_id: group.to_owned(),
        text: text(number),
    }
}

async fn make_group(maker: &Client, members: usize) -> Result<String> {
    let group = CreateGroup {
        client_id: None,
        name: "Everybody".to_owned(),
        members: (0..members).map(person).collect(),
    };
    ask(maker, &group).await
}
