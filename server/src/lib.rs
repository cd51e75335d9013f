//! Natter's server: pages, `/web` and sockets over one database, as one program.
//!
//! [`Server::start`] is the way in. An HTTP request goes through [`http`], a packet through
//! [`socket`]; both call [`services`], which hold the rules and use [`storage`]. What a service
//! changes comes out as a domain event, and `socket::broadcast` tells it to whom it concerns.

/// Settings: flags, environment, file.
pub mod config;
/// The data directory and the signing secret in it.
pub mod data_dir;
/// `/web`, health and pages.
pub mod http;
/// The rules of the chat.
pub mod services;
/// The Socket.IO namespace.
pub mod socket;
/// Tables, migrations and queries.
pub mod storage;
/// Logs.
pub mod telemetry;

use std::{future::IntoFuture, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use config::Config;
use http::{HttpState, origin::OriginPolicy, pages::Pages};
use services::{Services, Settings};
use storage::Database;

/// How long a stopping server waits for what is being carried out.
const PATIENCE: Duration = Duration::from_secs(8);

/// Why the server does not start; each is a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    DataDir(#[from] data_dir::DataDirError),
    #[error("The database cannot be opened: {0}. Check DATABASE_URL or NATTER_DATA_DIR.")]
    Database(#[from] storage::StorageError),
    #[error("The first people cannot be stored: {0}.")]
    Service(#[from] services::ServiceError),
    #[error("The address {address} cannot be listened on: {cause}.{advice}")]
    Listen {
        address: SocketAddr,
        cause: io::Error,
        advice: &'static str,
    },
}

impl StartError {
    fn listen(address: SocketAddr, cause: io::Error) -> Self {
        let advice = match cause.kind() {
            io::ErrorKind::AddrInUse => {
                " Another program uses this port: stop it, or set NATTER_ADDR to a free one."
            }
            io::ErrorKind::PermissionDenied => {
                " Ports below 1024 are for the system: set NATTER_ADDR to a higher one."
            }
            _ => " Set NATTER_ADDR or NATTER_SOCKET_ADDR to an address of this machine.",
        };
        Self::Listen {
            address,
            cause,
            advice,
        }
    }
}

/// Opens the database that the settings name.
pub async fn open_database(config: &Config) -> Result<Database, StartError> {
    data_dir::prepare(&config.data_dir)?;
    Ok(match &config.database_url {
        Some(url) => Database::open(url).await?,
        None => Database::open_file(&data_dir::database_file(&config.data_dir)).await?,
    })
}

/// Opens the database that the settings name for this program alone.
pub async fn open_database_alone(config: &Config) -> Result<Database, storage::StorageError> {
    match &config.database_url {
        Some(url) => Database::open_alone(url).await,
        None => Database::open_file_alone(&data_dir::database_file(&config.data_dir)).await,
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    socket_address: Option<SocketAddr>,
    has_pages: bool,
    services: Arc<Services>,
    sockets: socket::Sockets,
    stop: watch::Sender<bool>,
    serving: Vec<JoinHandle<io::Result<()>>>,
}

impl Server {
    /// Opens the database, listens, and serves until [`Self::stop`].
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        // Listening comes first: a port that is taken costs nothing then.
        let listener = listen(config.addr).await?;
        let address = local_address(&listener, config.addr)?;
        let socket_listener = match config.socket_addr {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let socket_address = match (&socket_listener, config.socket_addr) {
            (Some(listener), Some(asked)) => Some(local_address(listener, asked)?),
            _ => None,
        };

        let database = open_database(config).await?;
        let secret = data_dir::secret(&config.data_dir)?;
        let settings = Settings {
            session_length: config.session_length,
            presence_grace: config.presence_grace,
        };
        let (services, events) = Services::start(database, &secret, &settings);
        services.accounts.add_first_people().await?;

        let listeners: Vec<SocketAddr> = [Some(address), socket_address]
            .into_iter()
            .flatten()
            .collect();
        let origins = OriginPolicy::new(config.public_origin.clone(), &listeners);
        let pages = Arc::new(Pages::find(config.site_dir.as_deref()));
        let has_pages = pages.is_built();
        let (layer, sockets) = socket::build(Arc::clone(&services), events, origins.clone());
        let state = HttpState {
            services: Arc::clone(&services),
            origins: origins.clone(),
            pages,
        };

        let with_sockets = |router: Router| {
            let router = router
                .layer(layer.clone())
                .layer(middleware::from_fn_with_state(
                    origins.clone(),
                    refuse_foreign_sockets,
                ));
            http::trace(router)
        };
        let (stop, stopped) = watch::channel(false);
        let mut serving = vec![serve(
            listener,
            with_sockets(http::router(state.clone())),
            stopped.clone(),
        )];
        if let Some(listener) = socket_listener {
            serving.push(serve(
                listener,
                with_sockets(http::health_router(state)),
                stopped,
            ));
        }
        Ok(Self {
            address,
            socket_address,
            has_pages,
            services,
            sockets,
            stop,
            serving,
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for sockets alone.
    pub const fn socket_address(&self) -> Option<SocketAddr> {
        self.socket_address
    }

    /// Whether the client's pages were found.
    pub const fn has_pages(&self) -> bool {
        self.has_pages
    }

    /// How many transactions were committed since the start.
    pub fn commits(&self) -> u64 {
        self.services.commits()
    }

    /// Takes no more connections, lets what is being carried out finish, and closes the database.
    pub async fn stop(self) {
        // The receivers are gone if serving has failed, and then there is nothing to stop.
        let _ = self.stop.send(true);
        self.sockets.close(PATIENCE).await;
        for serving in self.serving {
            let abort = serving.abort_handle();
            if tokio::time::timeout(PATIENCE, serving).await.is_err() {
                abort.abort();
            }
        }
        if let Err(error) = self.services.close().await {
            tracing::error!(%error, "the database was not closed cleanly");
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|cause| StartError::listen(address, cause))
}

fn local_address(listener: &TcpListener, asked: SocketAddr) -> Result<SocketAddr, StartError> {
    listener
        .local_addr()
        .map_err(|cause| StartError::listen(asked, cause))
}

fn serve(
    listener: TcpListener,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) -> JoinHandle<io::Result<()>> {
    let stopped = async move {
        // An error means that the server itself is gone, which ends serving too.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    tokio::spawn(
        axum::serve(listener, router)
            .with_graceful_shutdown(stopped)
            .into_future(),
    )
}

/// A page of somebody else opens no socket: refused before any upgrade.
async fn refuse_foreign_sockets(
    State(origins): State<OriginPolicy>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with("/socket.io") && origins.is_foreign(request.headers()) {
        return http::foreign_origin().into_response();
    }
    next.run(request).await
}
