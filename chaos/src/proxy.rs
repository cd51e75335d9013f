//! A TCP proxy between clients and server that can do harm.
//!
//! Delay and loss are what TCP makes of them: bytes of one connection come late and in order, but
//! connections overtake one another. What is swallowed is never let through again: the connection
//! ends, so that nobody reads a torn stream. Buffers are a fixed piece for each direction.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
    time::sleep,
};

use crate::random::Random;

const BUFFER: usize = 16 * 1024;
/// How many of a hundred pieces are lost, while some are.
const LOST: f64 = 0.3;
/// How long TCP waits before it sends something again, at first.
const RETRANSMISSION: Duration = Duration::from_millis(200);

/// How one connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Open,
    /// What the server sends goes nowhere.
    ResponsesLost,
    /// Nothing goes anywhere.
    HalfOpen,
    /// It ends with a reset.
    Cut,
}

impl Line {
    fn swallows(self, direction: Direction) -> bool {
        match self {
            Self::Open => false,
            Self::ResponsesLost => direction == Direction::ToClient,
            Self::HalfOpen | Self::Cut => true,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    ToServer,
    ToClient,
}

/// What happens to the bytes of all connections.
#[derive(Clone, Copy, Debug, Default)]
struct Weather {
    /// Longest delay.
    delay: Duration,
    /// Whether pieces are lost.
    loses: bool,
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    weather: Mutex<Weather>,
    lines: Mutex<HashMap<u64, Arc<watch::Sender<Line>>>>,
    random: Mutex<Random>,
}

/// The proxy. Dropping it ends every connection.
#[derive(Debug)]
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port and forwards to `server`.
    pub async fn start(server: SocketAddr, random: Random) -> Result<Self> {
        let listener = TcpListener::bind((server.ip(), 0))
            .await
            .context("The proxy cannot listen")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            server,
            weather: Mutex::default(),
            lines: Mutex::default(),
            random: Mutex::new(random),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            accepting,
        })
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.shared.lines().len()
    }

    /// Resets a share of the connections; says how many.
    pub fn cut(&self, share: f64) -> usize {
        self.turn(share, Line::Cut).len()
    }

    /// Lets a share of the connections fall silent for a time, then cuts them.
    pub async fn half_open(&self, share: f64, lasts: Duration) -> usize {
        self.harm(share, Line::HalfOpen, lasts).await
    }

    /// Loses what the server sends on a share of the connections for a time, then cuts them.
    pub async fn lose_responses(&self, share: f64, lasts: Duration) -> usize {
        self.harm(share, Line::ResponsesLost, lasts).await
    }

    /// Delays every piece by a random time of at most `up_to`.
    pub async fn delay(&self, up_to: Duration, lasts: Duration) {
        self.shared.weather().delay = up_to;
        sleep(lasts).await;
        self.shared.weather().delay = Duration::ZERO;
    }

    /// Loses pieces on their way, so that they come when TCP has sent them again.
    pub async fn lose_packets(&self, lasts: Duration) {
        self.shared.weather().loses = true;
        sleep(lasts).await;
        self.shared.weather().loses = false;
    }

    async fn harm(&self, share: f64, line: Line, lasts: Duration) -> usize {
        let harmed = self.turn(share, line);
        sleep(lasts).await;
        for line in &harmed {
            line.send_replace(Line::Cut);
        }
        harmed.len()
    }

    fn turn(&self, share: f64, to: Line) -> Vec<Arc<watch::Sender<Line>>> {
        let lines = self.shared.lines();
        let mut all: Vec<_> = lines.iter().collect();
        all.sort_by_key(|(number, _)| **number);
        let mut random = self.shared.random();
        let chosen = all.into_iter().filter(|_| random.happens(share));
        let chosen: Vec<_> = chosen.map(|(_, line)| Arc::clone(line)).collect();
        for line in &chosen {
            line.send_replace(to);
        }
        chosen
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut(1.0);
    }
}

impl Shared {
    fn weather(&self) -> std::sync::MutexGuard<'_, Weather> {
        self.weather.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Arc<watch::Sender<Line>>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn random(&self) -> std::sync::MutexGuard<'_, Random> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How late the next piece comes.
    fn lateness(&self) -> Duration {
        let Weather { delay, loses } = *self.weather();
        if delay.is_zero() && !loses {
            return Duration::ZERO;
        }
        let mut random = self.random();
        let mut late = delay.mul_f64(random.fraction());
        let mut pause = RETRANSMISSION;
        // Each time it is lost again TCP waits twice as long.
        while loses && pause < RETRANSMISSION * 16 && random.happens(LOST) {
            late += pause;
            pause *= 2;
        }
        late
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut number = 0;
    loop {
        let client = match listener.accept().await {
            Ok((client, _)) => client,
            // Too many open files, for a moment.
            Err(_) => {
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        number += 1;
        let line = Arc::new(watch::Sender::new(Line::Open));
        shared.lines().insert(number, Arc::clone(&line));
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            // An error is the end of a connection, whose other side ends with it.
            let _ = connect(client, &line, &shared).await;
            shared.lines().remove(&number);
        });
    }
}

async fn connect(
    client: TcpStream,
    line: &watch::Sender<Line>,
    shared: &Arc<Shared>,
) -> io::Result<()> {
    client.set_nodelay(true)?;
    let server = match TcpStream::connect(shared.server).await {
        Ok(server) => server,
        // Nobody is there: the client learns of it as if it had asked itself.
        Err(error) => {
            client.set_zero_linger()?;
            return Err(error);
        }
    };
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let forth = forward(from_client, to_server, Direction::ToServer, line, shared);
    let back = forward(from_server, to_client, Direction::ToClient, line, shared);
    tokio::join!(forth, back);
    Ok(())
}

/// Carries the bytes of one direction, and ends both directions when it cannot.
async fn forward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    direction: Direction,
    line: &watch::Sender<Line>,
    shared: &Shared,
) {
    let mut state = line.subscribe();
    let end = async {
        let carried = carry(&mut from, &mut to, direction, line, shared).await;
        if carried.is_err() {
            line.send_replace(Line::Cut);
        }
    };
    tokio::select! {
        () = end => {}
        _ = state.wait_for(|line| *line == Line::Cut) => {}
    }
    if *line.borrow() == Line::Cut {
        // Both sides see a reset. It fails on a connection that is gone, which is as well.
        let _ = from.as_ref().set_zero_linger();
        // Dropping it would say goodbye.
        to.forget();
    }
}

async fn carry(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    direction: Direction,
    line: &watch::Sender<Line>,
    shared: &Shared,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = from.read(&mut buffer).await;
        let swallows = |line: &watch::Sender<Line>| line.borrow().swallows(direction);
        let length = match read {
            Ok(length) if length > 0 => length,
            // An end that is swallowed like everything else: what comes is the cut.
            _ if swallows(line) => std::future::pending().await,
            Ok(_) => return to.shutdown().await,
            Err(error) => return Err(error),
        };
        let late = shared.lateness();
        if !late.is_zero() {
            sleep(late).await;
        }
        if !swallows(line) {
            to.write_all(&buffer[..length]).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that sends back what it gets, and a client of it through the proxy.
    async fn echo() -> (Proxy, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (mut from, mut to) = stream.into_split();
                tokio::spawn(async move { tokio::io::copy(&mut from, &mut to).await });
            }
        });
        let proxy = Proxy::start(server, Random::new(1)).await.expect("a proxy");
        let client = TcpStream::connect(proxy.address).await.expect("a client");
        (proxy, client)
    }

    async fn ask(client: &mut TcpStream) -> io::Result<[u8; 4]> {
        client.write_all(b"echo").await?;
        let mut answer = [0; 4];
        client.read_exact(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn bytes_pass_in_both_directions_until_the_connection_is_cut() {
        let (proxy, mut client) = echo().await;
        assert_eq!(ask(&mut client).await.expect("an echo"), *b"echo");
        assert_eq!(proxy.cut(1.0), 1);
        let error = ask(&mut client).await.expect_err("a reset");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn lost_responses_are_never_let_through_and_end_with_a_reset() {
        let (proxy, mut client) = echo().await;
        ask(&mut client).await.expect("an echo");
        let (harmed, answer) = tokio::join!(
            proxy.lose_responses(1.0, Duration::from_millis(50)),
            ask(&mut client),
        );
        assert_eq!(harmed, 1);
        assert_eq!(
            answer.expect_err("a reset").kind(),
            io::ErrorKind::ConnectionReset
        );
    }

    #[tokio::test]
    async fn bytes_that_are_late_come_all_the_same() {
        let (proxy, mut client) = echo().await;
        let lasts = Duration::from_millis(300);
        let ((), answer) = tokio::join!(
            proxy.delay(Duration::from_millis(30), lasts),
            ask(&mut client)
        );
        assert_eq!(answer.expect("an echo"), *b"echo");
    }

    #[tokio::test]
    async fn a_server_that_is_away_looks_away_to_the_client() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let nobody = listener.local_addr().expect("an address");
        drop(listener);
        let proxy = Proxy::start(nobody, Random::new(1)).await.expect("a proxy");
        let mut client = TcpStream::connect(proxy.address).await.expect("a client");
        let mut answer = [0];
        assert!(client.read_exact(&mut answer).await.is_err());
    }
}
