//! A network that delays, falls silent and cuts, between a client and its server.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use socketio_client::{
    AckError, Client, ConnectionEvent, DisconnectReason, Namespace, TransportChoice,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::server::Server;
use crate::support::{ALL, Inbox, Observed, in_time, round_trip, soon};

/// How the network is at the moment.
#[derive(Clone, Copy, Debug, Default)]
struct Weather {
    /// What is sent arrives after this time.
    delay: Duration,
    /// Nothing arrives, and nobody is told: a line that is half open.
    silent: bool,
    /// How often every line that there was has been cut.
    cuts: u32,
}

/// A network with one server behind it.
struct Network {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
}

impl Network {
    async fn before(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (weather, forecast) = watch::channel(Weather::default());
        tokio::spawn(relay(listener, server.address, forecast));
        Self { address, weather }
    }

    fn client(&self, namespace: Namespace, transports: TransportChoice) -> Client {
        Client::builder(format!("http://{}", self.address), namespace)
            .reconnection(soon())
            .transports(transports)
            .build()
    }

    fn delays(&self, delay: Duration) {
        self.weather.send_modify(|weather| weather.delay = delay);
    }

    fn is_silent(&self, silent: bool) {
        self.weather.send_modify(|weather| weather.silent = silent);
    }

    /// Cuts every line. Those that are opened later are not concerned.
    fn cuts(&self) {
        self.weather.send_modify(|weather| weather.cuts += 1);
    }
}

async fn relay(listener: TcpListener, server: SocketAddr, weather: watch::Receiver<Weather>) {
    while let Ok((client, _)) = listener.accept().await {
        let weather = weather.clone();
        tokio::spawn(async move {
            let Ok(server) = TcpStream::connect(server).await else {
                return;
            };
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            // When one direction ends, both are dropped, and so both sides hear of it.
            tokio::select! {
                () = carry(from_client, to_server, weather.clone()) => {}
                () = carry(from_server, to_client, weather) => {}
            }
        });
    }
}

/// Carries bytes in one direction until the line is cut or one side closes it.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
) {
    let mut bytes = vec![0; 4096];
    let cuts = weather.borrow().cuts;
    loop {
        let read = tokio::select! {
            read = from.read(&mut bytes) => read,
            _ = weather.wait_for(|weather| weather.cuts != cuts) => return,
        };
        let Ok(count @ 1..) = read else {
            return;
        };
        let loud = weather.wait_for(|weather| !weather.silent || weather.cuts != cuts);
        let Ok(now) = loud.await.map(|weather| *weather) else {
            return;
        };
        if now.cuts != cuts {
            return;
        }
        tokio::time::sleep(now.delay).await;
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

/// Numbers that are as good as random and the same each time.
/// Knuth, The Art of Computer Programming, volume 2, 3.3.4; the multiplier is that of MMIX.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[tokio::test]
async fn on_a_slow_network_nothing_is_lost_doubled_or_out_of_order() {
    let server = Server::start().await;
    let network = Network::before(&server).await;
    network.delays(Duration::from_millis(20));
    for transports in ALL {
        let client = network.client(Namespace::new("/"), transports);
        let mut observed = Observed::connected(client).await;
        let mut echoed = Inbox::of(&observed.client, "echoed");
        observed.client.emit("echo-event", "ready").unwrap();
        echoed.next().await;
        for number in 0..50 {
            observed.client.emit("echo-in-order", &number).unwrap();
            if number % 10 == 0 {
                round_trip(&observed.client).await;
            }
        }
        for number in 0..50 {
            assert_eq!(echoed.next().await, json!(number), "{transports:?}");
        }
        assert!(echoed.is_empty());
        assert!(observed.changes.is_empty(), "{transports:?}");
    }
}

#[tokio::test]
async fn a_line_that_is_half_open_is_found_out_by_its_heartbeat() {
    let server = Server::start().await;
    let network = Network::before(&server).await;
    let mut lines = Vec::new();
    for transports in ALL {
        let client = network.client(Namespace::new("/"), transports);
        lines.push((Observed::connected(client).await, transports));
    }
    // An upgrade in the middle would be another story.
    for (line, _) in &lines {
        round_trip(&line.client).await;
    }
    network.is_silent(true);
    let answers: Vec<_> = lines
        .iter()
        .map(|(line, _)| line.client.emit_with_ack::<Value>("echo", &1))
        .collect();
    let reason = DisconnectReason::PingTimeout;
    for ((line, transports), answer) in lines.iter_mut().zip(answers) {
        let lost = line.changes.next().await;
        let expected = ConnectionEvent::Disconnected { reason };
        assert_eq!(lost, expected, "{transports:?}");
        assert_eq!(in_time(answer).await, Err(AckError::Disconnected));
    }
    network.is_silent(false);
    network.cuts();
    for (line, _) in &mut lines {
        line.wait_until_connected().await;
        round_trip(&line.client).await;
    }
}

#[tokio::test]
async fn on_a_network_that_cuts_every_answer_comes_or_is_an_error() {
    let server = Server::start().await;
    let network = Network::before(&server).await;
    let mut numbers = Numbers(1);
    for transports in ALL {
        let client = network.client(Namespace::new("/"), transports);
        let observed = Observed::connected(client).await;
        for cut in 0..20 {
            let answers: Vec<_> = (0..10)
                .map(|number| observed.client.emit_with_ack::<u32>("echo", &number))
                .collect();
            // Before, in the middle of, or after the answers.
            tokio::time::sleep(Duration::from_micros(numbers.below(20_000))).await;
            network.cuts();
            for (number, answer) in (0..).zip(answers) {
                match in_time(answer).await {
                    Ok(echo) => assert_eq!(echo, number),
                    Err(error) => assert_eq!(error, AckError::Disconnected, "cut {cut}"),
                }
            }
            // Between two polls there may have been nothing to cut.
            in_time(async {
                while observed.client.emit_with_ack("echo", &1).await != Ok(1) {
                    tokio::task::yield_now().await;
                }
            })
            .await;
        }
    }
}

#[tokio::test]
async fn with_retries_every_event_arrives_on_a_network_that_cuts() {
    let server = Server::start().await;
    let network = Network::before(&server).await;
    let mut numbers = Numbers(2);
    for transports in ALL {
        let namespace = Namespace::new("/")
            .retries(1000)
            .ack_timeout(Duration::from_secs(1));
        let client = network.client(namespace, transports);
        let observed = Observed::connected(client).await;
        let answers: Vec<_> = (0..100)
            .map(|number| observed.client.emit_with_ack::<u32>("echo", &number))
            .collect();
        let arrive = async {
            for (number, answer) in (0..).zip(answers) {
                assert_eq!(in_time(answer).await, Ok(number), "{transports:?}");
            }
        };
        let cut = async {
            loop {
                tokio::time::sleep(Duration::from_millis(5 + numbers.below(100))).await;
                network.cuts();
            }
        };
        tokio::select! {
            () = arrive => {}
            () = cut => {}
        }
    }
}
