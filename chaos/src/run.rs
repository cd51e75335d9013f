//! One run: start everything, let the schedule do its harm, let everything settle, audit.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};
use protocol::{Conversation, ConversationId, Message, Seq, Username};
use tempfile::TempDir;
use tokio::time::{Instant, interval, sleep, sleep_until};

use crate::{
    audit::{self, Audit, Finding, Kind, Lists, Outcome},
    browsers::Browsers,
    client::{Client, Manner},
    clock::Clock,
    disk::Disk,
    faults::Faults,
    http::{Http, Page},
    network,
    proxy::Proxy,
    random::Random,
    report::{Report, grouped},
    schedule::{FaultKind, Schedule},
    server::{Launch, Server},
    world::{self, Rules, World},
};

/// What is kept of the time for settling and the audit.
const RESERVE: Duration = Duration::from_secs(30);
/// How long clients may take to settle once nothing is in their way.
const SETTLE: Duration = Duration::from_secs(60);
/// The same where nobody expects them to.
const SETTLE_BROKEN: Duration = Duration::from_secs(15);
/// How often it is looked whether they have, and how long nothing may change then: receipts come
/// at most once a second.
const LOOK: Duration = Duration::from_millis(500);
const QUIET: Duration = Duration::from_millis(2_500);
/// How often a line says how far the run has got.
const PROGRESS: Duration = Duration::from_secs(5);

/// What a run is to be like.
#[derive(Clone, Debug)]
pub struct Options {
    pub seed: u64,
    pub lasts: Duration,
    pub clients: usize,
    /// Messages a second, of all clients together.
    pub rate: f64,
    pub server: PathBuf,
    pub site: Option<PathBuf>,
    /// How many browsers there are, and the project, whose script drives them.
    pub browsers: usize,
    pub root: Option<PathBuf>,
    /// PostgreSQL or SQLite elsewhere; it has to be empty.
    pub database_url: Option<String>,
    /// The command that restarts it, program and arguments.
    pub restart_database: Option<Vec<String>>,
    /// The kinds of faults that may be done.
    pub faults: Vec<FaultKind>,
    pub rules: Rules,
    /// Neither says how far it has got, nor keeps what it found.
    pub is_quiet: bool,
}

/// Runs once. What is left of a run that found something stays on the disk.
pub async fn run(options: &Options) -> Result<Report> {
    let began = Instant::now();
    let work = tempfile::Builder::new()
        .prefix("natter-chaos-")
        .tempdir()
        .context("There is no place for temporary files")?;
    let data = work.path().join("data");
    fs::create_dir_all(&data)?;
    let disk = match options.database_url {
        None => Disk::mount(&data),
        Some(_) => None,
    };
    let mut stage = Stage::set(options, work.path(), &data, disk).await?;
    let end = began + options.lasts.saturating_sub(RESERVE).max(options.lasts / 2);
    tokio::select! {
        done = stage.faults.run(Schedule::new(options.seed), end) => done?,
        () = stage.report_progress(began), if !options.is_quiet => {}
    }
    sleep_until(end).await;
    if let Some(browsers) = &mut stage.browsers {
        browsers.drain().await?;
    }
    let (settled_after, lists, unsettled) = stage
        .settle(if options.is_quiet {
            SETTLE_BROKEN
        } else {
            SETTLE
        })
        .await?;
    let outcome = stage.audit(&lists, unsettled).await?;
    let report = Report {
        seed: options.seed,
        outcome,
        faults: FaultKind::ALL
            .into_iter()
            .map(|kind| match stage.faults.obstacle(kind) {
                None => (kind, Ok(stage.faults.count(kind))),
                Some(reason) => (kind, Err(reason)),
            })
            .collect(),
        has_netem: network::has_netem(),
        twice: stage
            .world
            .counts
            .twice
            .load(std::sync::atomic::Ordering::Relaxed),
        later: stage
            .world
            .counts
            .later
            .load(std::sync::atomic::Ordering::Relaxed),
        connections: stage
            .world
            .counts
            .connections
            .load(std::sync::atomic::Ordering::Relaxed),
        browsers: stage.browsers.as_ref().map(|browsers| {
            let reloads = browsers.reloads.load(std::sync::atomic::Ordering::Relaxed);
            (browsers.people.len(), reloads)
        }),
        catching_up: stage.world.median_and_longest(),
        settled_after,
        took: began.elapsed(),
    };
    stage.faults.server.lock().await.stop().await?;
    if !report.is_well() && !options.is_quiet {
        keep(work, &data)?;
    }
    Ok(report)
}

/// Everything that runs.
struct Stage {
    world: Arc<World>,
    faults: Arc<Faults>,
    /// Past the proxy.
    fresh: Http,
    cookies: Vec<(Username, String)>,
    browsers: Option<Browsers>,
}

impl Stage {
    async fn set(options: &Options, work: &Path, data: &Path, disk: Option<Disk>) -> Result<Self> {
        let mut random = Random::new(options.seed).part(1);
        let launch = Launch {
            program: options.server.clone(),
            data: data.to_path_buf(),
            database_url: options.database_url.clone(),
            site: options.site.clone(),
            work: work.to_path_buf(),
        };
        let server = Server::start(launch, Clock::find(), &mut random).await?;
        let proxy = Proxy::start(server.address, random.part(2)).await?;
        // A third of the people have two tabs.
        let people = world::people((options.clients * 3).div_ceil(4).max(2));
        server.add_people(people.iter().skip(4).map(Username::as_str))?;
        let fresh = Http::new(server.origin());
        let mut cookies = Vec::new();
        for person in &people {
            let signed_in = fresh.log_in(person.as_str()).await?;
            cookies.push((person.clone(), signed_in.cookie));
        }
        let pause = Duration::from_secs_f64(options.clients as f64 / options.rate.max(0.001));
        let world = Arc::new(World::new(proxy.address, people, options.rules, pause));
        let clients = start_clients(options, &world, &random).await?;
        let browsers = start_browsers(options, &world).await?;
        let faults = Faults::new(
            server,
            proxy,
            clients,
            disk,
            options.restart_database.clone(),
            options.faults.clone(),
            fs::File::create(work.join("faults.log"))?,
        );
        Ok(Self {
            world,
            faults: Arc::new(faults),
            fresh,
            cookies,
            browsers,
        })
    }

    /// Says how far the run has got, for ever.
    async fn report_progress(&self, began: Instant) {
        let mut ticks = interval(PROGRESS);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let clients = &self.faults.clients;
            let connected = clients.iter().filter(|client| client.is_connected());
            let connected = connected.count();
            let acknowledged = self.world.ledger().acknowledged;
            println!(
                "{:>5} s  {} faults, {} messages acknowledged, {connected} of {} clients connected",
                began.elapsed().as_secs(),
                self.faults.total(),
                grouped(acknowledged),
                clients.len()
            );
        }
    }

    /// Waits until every client shows what a fresh one would and has nothing left to say, and
    /// nothing changes any more. Says how long that took, and who has not got there.
    async fn settle(&self, patience: Duration) -> Result<(Duration, Lists, Vec<String>)> {
        self.world.ending.send_replace(true);
        let began = Instant::now();
        let mut before: Option<(Instant, Lists)> = None;
        loop {
            let lists = self.lists().await?;
            let unsettled: Vec<String> = self
                .faults
                .clients
                .iter()
                .filter_map(|client| {
                    let list = lists.get(&client.person)?;
                    let what = client.unsettled(list)?;
                    Some(format!("{} {what}", client.name))
                })
                .chain(lists.values().flatten().filter_map(undelivered))
                .collect();
            let since = match before.take() {
                Some((since, same)) if same == lists => since,
                _ => Instant::now(),
            };
            let is_quiet = since.elapsed() >= QUIET;
            if unsettled.is_empty() && is_quiet || began.elapsed() > patience {
                let took = since.saturating_duration_since(began);
                return Ok((took, lists, unsettled));
            }
            before = Some((since, lists));
            sleep(LOOK).await;
        }
    }

    async fn lists(&self) -> Result<Lists> {
        let mut lists = Lists::new();
        for (person, cookie) in &self.cookies {
            let list: Vec<Conversation> = self
                .fresh
                .conversations(cookie)
                .await
                .map_err(|failure| anyhow!("{person} gets no list: {failure:?}"))?;
            lists.insert(person.clone(), list);
        }
        Ok(lists)
    }

    async fn audit(&mut self, lists: &Lists, unsettled: Vec<String>) -> Result<Outcome> {
        let clients: Vec<audit::Client> = self
            .faults
            .clients
            .iter()
            .map(|client| client.at_the_end())
            .collect();
        for client in &self.faults.clients {
            client.close();
        }
        let pages = match &mut self.browsers {
            Some(browsers) => browsers.show(lists).await?,
            None => Vec::new(),
        };
        let mut ledger = std::mem::take(&mut *self.world.ledger());
        let server = self.faults.server.lock().await.findings();
        ledger.observed.extend(server);
        let unsettled = unsettled
            .into_iter()
            .map(|what| Finding::new(Kind::Disagreement, format!("in the end {what}")));
        ledger.observed.extend(unsettled);
        let mut audit = Audit::new(&ledger, &clients, &pages, lists);
        for (id, reader) in audit.conversations() {
            let history = self.history(&id, &reader).await?;
            audit.conversation(&id, &history);
        }
        Ok(audit.finish())
    }

    async fn history(&self, id: &ConversationId, reader: &Username) -> Result<Vec<Message>> {
        let cookie = self.cookies.iter().find(|(person, _)| person == reader);
        let (_, cookie) = cookie.context("somebody unknown is in a conversation")?;
        let mut history: Vec<Message> = Vec::new();
        loop {
            let end = history.last().map_or(Seq::ZERO, |message| message.seq);
            let page = self.fresh.messages(cookie, id, Page::After(end)).await;
            let page = page.map_err(|failure| anyhow!("{id} cannot be read: {failure:?}"))?;
            if page.is_empty() {
                return Ok(history);
            }
            history.extend(page);
        }
    }
}

/// Everybody is here and holds everything, so everything counts as delivered.
fn undelivered(conversation: &Conversation) -> Option<String> {
    let behind = conversation
        .positions
        .iter()
        .find(|position| position.delivered_seq < conversation.last_seq)?;
    Some(format!(
        "{} counts as having received {} of {} up to {} only",
        behind.username, conversation.last_seq, conversation.id, behind.delivered_seq
    ))
}

async fn start_clients(
    options: &Options,
    world: &Arc<World>,
    random: &Random,
) -> Result<Vec<Arc<Client>>> {
    let mut clients: Vec<Arc<Client>> = Vec::new();
    let people = world.people.len();
    for number in 0..options.clients {
        let person = number % people;
        let tab = number / people + 1;
        let has_two = person + people < options.clients;
        // A stock client learns of what its own person's other tab got, so it has none.
        let manner = if !has_two && person.is_multiple_of(3) {
            Manner::Replays
        } else {
            Manner::Resyncs
        };
        let name = format!("{}/{tab}", world.people[person]);
        let chance = random.part(100 + number as u64);
        let client = Client::start(number, name, person, manner, Arc::clone(world), chance).await?;
        if let Some(first) = (tab == 2).then(|| &clients[person]) {
            Client::pair(first, &client);
        }
        clients.push(client);
    }
    Ok(clients)
}

/// Browsers are tabs of people who have others, because a stock client has none.
async fn start_browsers(options: &Options, world: &Arc<World>) -> Result<Option<Browsers>> {
    if options.browsers == 0 {
        return Ok(None);
    }
    let root = options.root.as_ref();
    let root = root.context("Browsers need the project: --root.")?;
    let with_two_tabs = options.clients.saturating_sub(world.people.len());
    let people = world
        .people
        .iter()
        .take(options.browsers.min(with_two_tabs));
    let people: Vec<Username> = people.cloned().collect();
    println!("starting browsers of {} people", people.len());
    let browsers = Browsers::start(root, people, options.seed, world).await?;
    Ok(Some(browsers))
}

/// Leaves the database and the log where somebody can look at them.
fn keep(work: TempDir, data: &Path) -> Result<()> {
    let kept = work.keep();
    // The disk that can be filled goes with the run, so what it holds is copied.
    let copy = kept.join("kept");
    fs::create_dir_all(&copy)?;
    for file in fs::read_dir(data)?.flatten() {
        if file.file_type()?.is_file() {
            fs::copy(file.path(), copy.join(file.file_name()))?;
        }
    }
    println!(
        "The database and the server's log are kept in {}",
        kept.display()
    );
    Ok(())
}
