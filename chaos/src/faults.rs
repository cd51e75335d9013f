//! Carries out what the schedule says, and counts it.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Write,
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use tokio::{
    task::JoinSet,
    time::{Instant, interval, sleep, sleep_until},
};

use crate::{
    client::{Client, Order},
    disk::Disk,
    proxy::Proxy,
    schedule::{Fault, FaultKind, Schedule},
    server::Server,
};

/// How often it is looked whether the server has ended by itself.
const LOOK: Duration = Duration::from_millis(500);

/// Everything that faults are done to.
#[derive(Debug)]
pub struct Faults {
    pub server: tokio::sync::Mutex<Server>,
    pub proxy: Proxy,
    pub clients: Vec<Arc<Client>>,
    /// A disk that can be filled.
    pub disk: Option<tokio::sync::Mutex<Disk>>,
    /// A command that restarts the database.
    pub restart_database: Option<Vec<String>>,
    pub has_clock: bool,
    /// The kinds that were asked for.
    pub wanted: Vec<FaultKind>,
    /// What was done when, to be read beside the server's log.
    log: Mutex<File>,
    counts: Mutex<BTreeMap<FaultKind, usize>>,
}

impl Faults {
    pub fn new(
        server: Server,
        proxy: Proxy,
        clients: Vec<Arc<Client>>,
        disk: Option<Disk>,
        restart_database: Option<Vec<String>>,
        wanted: Vec<FaultKind>,
        log: File,
    ) -> Self {
        Self {
            wanted,
            log: Mutex::new(log),
            has_clock: server.clock.is_some(),
            server: tokio::sync::Mutex::new(server),
            proxy,
            clients,
            disk: disk.map(tokio::sync::Mutex::new),
            restart_database,
            counts: Mutex::default(),
        }
    }

    /// Why this machine cannot do it; `None`: it can.
    pub fn obstacle(&self, kind: FaultKind) -> Option<&'static str> {
        match kind {
            _ if !self.wanted.contains(&kind) => Some("not asked for"),
            FaultKind::Clock if !self.has_clock => Some("libfaketime is not installed"),
            FaultKind::DiskFull if self.disk.is_none() => {
                Some("needs root on Linux, and SQLite in the data directory")
            }
            FaultKind::DatabaseRestart if self.restart_database.is_none() => {
                Some("SQLite lives in the server; see --database")
            }
            _ => None,
        }
    }

    /// How many faults of this kind were done.
    pub fn count(&self, kind: FaultKind) -> usize {
        self.counts().get(&kind).copied().unwrap_or_default()
    }

    pub fn total(&self) -> usize {
        self.counts().values().sum()
    }

    /// Follows the schedule until `end`, and returns when nothing is broken any more.
    pub async fn run(self: &Arc<Self>, schedule: Schedule, end: Instant) -> Result<()> {
        let mut under_way = JoinSet::new();
        let mut look = interval(LOOK);
        let mut at = Instant::now();
        for (pause, fault) in schedule {
            at += pause;
            if at >= end {
                break;
            }
            let wait = sleep_until(at);
            tokio::pin!(wait);
            loop {
                tokio::select! {
                    () = &mut wait => break,
                    _ = look.tick() => self.look().await?,
                    Some(done) = under_way.join_next() => done.context("a fault has panicked")??,
                }
            }
            if self.obstacle(fault.kind()).is_none() {
                let this = Arc::clone(self);
                under_way.spawn(async move { this.carry_out(fault).await });
            }
        }
        while let Some(done) = under_way.join_next().await {
            done.context("a fault has panicked")??;
        }
        self.look().await
    }

    /// A server that has ended by itself is noted and started again.
    async fn look(&self) -> Result<()> {
        if let Ok(mut server) = self.server.try_lock()
            && server.look().is_some()
        {
            server.bring_up().await?;
        }
        Ok(())
    }

    async fn carry_out(&self, fault: Fault) -> Result<()> {
        let kind = fault.kind();
        let what = format!("{fault:?}");
        self.note(&format!("{what} begins"));
        let harmed = match fault {
            Fault::Kill { down } => {
                let mut server = self.server.lock().await;
                server.kill()?;
                sleep(down).await;
                server.bring_up().await?;
                1
            }
            Fault::Deploy => {
                self.server.lock().await.deploy().await?;
                1
            }
            Fault::Freeze { lasts } => {
                self.server.lock().await.freeze(lasts).await?;
                1
            }
            Fault::Clock => {
                let mut server = self.server.lock().await;
                server.kill()?;
                if let Some(clock) = &mut server.clock {
                    clock.turn();
                }
                server.bring_up().await?;
                1
            }
            Fault::DiskFull { lasts } => self.fill_disk(lasts).await?,
            Fault::DatabaseRestart => self.restart_database().await?,
            Fault::Cut { share } => self.proxy.cut(share),
            Fault::HalfOpen { share, lasts } => self.proxy.half_open(share, lasts).await,
            Fault::LostResponses { share, lasts } => self.proxy.lose_responses(share, lasts).await,
            Fault::Delay { up_to, lasts } => {
                self.proxy.delay(up_to, lasts).await;
                1
            }
            Fault::Loss { lasts } => {
                self.proxy.lose_packets(lasts).await;
                1
            }
            Fault::Crash { client } => self.order(client, Order::Crash),
            Fault::Away { client, lasts } => self.order(client, Order::Away(lasts)),
        };
        if harmed > 0 {
            *self.counts().entry(kind).or_default() += 1;
        }
        self.note(&format!("{what} is over"));
        Ok(())
    }

    async fn fill_disk(&self, lasts: Duration) -> Result<usize> {
        let Some(disk) = &self.disk else {
            return Ok(0);
        };
        let disk = disk.lock().await;
        // While a server writes, what is used can grow between the look and the filling.
        if disk.fill().is_err() {
            disk.fill()?;
        }
        sleep(lasts).await;
        disk.free()?;
        Ok(1)
    }

    async fn restart_database(&self) -> Result<usize> {
        let Some(words) = self.restart_database.clone() else {
            return Ok(0);
        };
        let restarted = tokio::task::spawn_blocking(move || {
            Command::new(&words[0])
                .args(&words[1..])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .status()
        });
        if !restarted.await??.success() {
            bail!("The database cannot be restarted.");
        }
        Ok(1)
    }

    fn order(&self, client: usize, order: Order) -> usize {
        let client = self.clients.get(client % self.clients.len().max(1));
        client.map_or(0, |client| {
            client.order(order);
            1
        })
    }

    fn note(&self, what: &str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default();
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        // A line that cannot be kept is missed only by whoever looks for a cause.
        let _ = writeln!(log, "{}.{:03} {what}", now.as_secs(), now.subsec_millis());
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, BTreeMap<FaultKind, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
