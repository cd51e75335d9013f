//! A server that can go away and return.

use std::io::ErrorKind;
use std::net::SocketAddr;

use socketio_client::{Builder, Client, Namespace};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::support::{Observed, in_time, soon};

/// A server in a runtime of its own, so that it can vanish with all its connections.
pub struct Server {
    pub address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub async fn start_at(address: SocketAddr) -> Self {
        let runtime = Runtime::new().unwrap();
        let listening = runtime.spawn(async move {
            // One that has just vanished may still hold the port for a moment.
            let listener = in_time(async {
                loop {
                    match TcpListener::bind(address).await {
                        Ok(listener) => break listener,
                        Err(error) => assert_eq!(error.kind(), ErrorKind::AddrInUse),
                    }
                    tokio::task::yield_now().await;
                }
            })
            .await;
            let address = listener.local_addr().unwrap();
            (listener, address)
        });
        let (listener, address) = listening.await.unwrap();
        runtime.spawn(async move { echo_server::serve(listener, echo_server::router()).await });
        Self {
            address,
            runtime: Some(runtime),
        }
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn client(&self, namespace: impl Into<Namespace>) -> Builder {
        Client::builder(self.origin(), namespace).reconnection(soon())
    }

    /// A client that is connected.
    pub async fn connected(&self) -> Observed {
        Observed::connected(self.client("/").build()).await
    }

    /// Closes every connection and the port.
    pub fn vanish(mut self) -> SocketAddr {
        self.stop();
        self.address
    }

    fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
