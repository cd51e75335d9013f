//! Natter's server: pages, `/web` and sockets over one database, as one program.
//!
//! [`Server::start`] is the way in. An HTTP request goes through [`http`], a packet through
//! [`socket`]; both call [`services`], which hold the rules and use [`storage`]. What a service
//! changes comes out as a domain event, and `socket::broadcast` tells it to whom it concerns.

/// Settings: flags, environment, file.
pub mod config;
/// The data directory and the signing secret in it.
pub mod data_dir;
/// Asking a running server for its health.
pub mod health;
/// `/web`, health and pages.
pub mod http;
/// Taking connections, with or without TLS.
pub mod listener;
/// What is said again and again is said seldom.
mod seldom;
/// The rules of the chat.
pub mod services;
/// The Socket.IO namespace.
pub mod socket;
/// Tables, migrations and queries.
pub mod storage;
/// Logs.
pub mod telemetry;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, middleware};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use config::{Config, SignIn, Switch};
use http::{
    HttpState,
    handshake::{self, Handshakes},
    headers,
    origin::OriginPolicy,
    pages::Pages,
    visitor::{TrustedProxies, note_address},
};
use listener::{Admission, Serving, tls::Certificate};
use protocol::Secret;
use services::{Services, Settings, administration::Administration, places::Places};
use storage::Database;

/// How long a stopping server waits for what is being carried out.
const PATIENCE: Duration = Duration::from_secs(8);

/// Why the server does not start; each is a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    DataDir(#[from] data_dir::DataDirError),
    #[error(transparent)]
    Tls(#[from] listener::tls::TlsError),
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

/// What the command line does, while a server may be running on the same database.
pub async fn open_administration(
    config: &Config,
) -> Result<(Database, Administration), StartError> {
    let database = open_database(config).await?;
    let secrets = data_dir::secrets(&config.data_dir)?;
    let administration = Services::administration_alone(&database, &secrets, &settings(config));
    Ok((database, administration))
}

/// The address of a link: its token in the fragment, which no browser sends.
pub fn link_url(origin: &str, token: &Secret) -> Secret {
    Secret::new(format!("{origin}/join#{}", token.reveal()))
}

fn settings(config: &Config) -> Settings {
    let has_accounts = config.sign_in == SignIn::Account;
    let is_limited = has_accounts && config.rate_limits == Switch::On;
    Settings {
        sessions: services::sessions::Rules {
            unused: config.session_length,
            longest: config.session_longest,
            // Where anybody can be anybody, whoever likes could end everybody's sessions this way.
            // Nobody can prove anything where a name is enough.
            confirmed_for: if has_accounts {
                config.confirmed_for
            } else {
                Duration::MAX
            },
            most: has_accounts.then_some(100),
            // Where signing in proves nothing, a program may be many people with one set of cookies.
            one_of_browser: has_accounts,
        },
        rates: is_limited.then_some(config.rates),
        presence_grace: config.presence_grace,
    }
}

/// How often is looked whether there is another signing secret.
const LOOK_AT_SECRET: Duration = Duration::from_secs(2);

/// Takes another signing secret over when the command line has made one.
async fn watch_secret(data_dir: std::path::PathBuf, services: Arc<Services>) {
    let file = data_dir::secret_file(&data_dir);
    let changed = || std::fs::metadata(&file).and_then(|it| it.modified()).ok();
    let mut seen = changed();
    loop {
        tokio::time::sleep(LOOK_AT_SECRET).await;
        let now = changed();
        if now.is_none() || now == seen {
            continue;
        }
        match data_dir::secrets(&data_dir) {
            Ok(secrets) => services.sessions.set_keys(&secrets),
            Err(error) => tracing::error!(%error, "the signing secret stays as it was"),
        }
        seen = now;
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    socket_address: Option<SocketAddr>,
    has_pages: bool,
    owner_link: Option<Secret>,
    watchers: Vec<JoinHandle<()>>,
    services: Arc<Services>,
    sockets: socket::Sockets,
    /// Cancelled once the sockets are closed.
    closed: CancellationToken,
    connections: Places,
    sessions: Places,
    serving: Vec<Serving>,
}

impl Server {
    /// Opens the database, listens, and serves until [`Self::stop`].
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        let certificate = config.tls.as_ref().map(Certificate::load).transpose()?;
        // Listening comes before the database: a port that is taken costs nothing then.
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
        let secrets = data_dir::secrets(&config.data_dir)?;
        let (services, events) = Services::start(database, &secrets, &settings(config));
        let tls = config.tls.is_some();
        let owner_link = match config.sign_in {
            SignIn::Name => {
                services.accounts.add_first_people().await?;
                None
            }
            SignIn::Account => {
                services.accounts.end_sessions_without_proof().await?;
                let link = services.accounts.owner_link().await?;
                let origin = public_origin(config, address);
                link.map(|link| link_url(&origin, &link.token))
            }
        };

        let listeners: Vec<SocketAddr> = [Some(address), socket_address]
            .into_iter()
            .flatten()
            .collect();
        let origins = OriginPolicy::new(config.public_origin.clone(), &listeners, tls);
        let pages = Arc::new(Pages::find(config.site_dir.as_deref()));
        let has_pages = pages.is_built();
        let (layer, sockets) = socket::build(Arc::clone(&services), events, origins.clone());
        let state = HttpState {
            services: Arc::clone(&services),
            origins: origins.clone(),
            pages,
            sign_in: config.sign_in,
        };
        let proxies = TrustedProxies::new(&config.trusted_proxies);
        let bounds = &config.bounds;
        let (connections, sessions) = places(config);
        let closed = CancellationToken::new();
        let handshakes = Handshakes {
            origins: origins.clone(),
            limits: services.limits.clone(),
            places: sessions.clone(),
            timeout: bounds.request,
            closed: closed.clone(),
        };

        let engine_ids = socket::engine_id::EngineIds::default();
        // What is added last sees a request first.
        let with_sockets = |router: Router| {
            let router = router
                .layer(layer.clone())
                .layer(middleware::from_fn_with_state(
                    engine_ids.clone(),
                    socket::engine_id::guard,
                ))
                .layer(middleware::from_fn_with_state(
                    handshakes.clone(),
                    handshake::guard,
                ));
            http::trace(router)
                .layer(middleware::from_fn_with_state(
                    proxies.clone(),
                    note_address,
                ))
                .layer(middleware::from_fn_with_state(
                    origins.clone(),
                    headers::protect,
                ))
        };
        let serve = |listener, router| {
            let admission = Admission::new(connections.clone(), proxies.clone(), bounds.idle);
            let router = with_sockets(router);
            listener::serve(listener, router, admission, certificate.as_ref(), bounds)
        };
        let mut serving = vec![serve(listener, http::router(state.clone(), bounds.request))];
        if let Some(listener) = socket_listener {
            serving.push(serve(listener, http::health_router(state)));
        }
        let mut watchers = vec![
            tokio::spawn({
                let sessions = Arc::clone(&services.sessions);
                async move { sessions.watch().await }
            }),
            tokio::spawn(watch_secret(config.data_dir.clone(), Arc::clone(&services))),
        ];
        watchers.extend(certificate.map(|certificate| tokio::spawn(certificate.watch())));
        Ok(Self {
            address,
            socket_address,
            has_pages,
            owner_link,
            watchers,
            services,
            sockets,
            closed,
            connections,
            sessions,
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

    /// The link by which somebody becomes the owner, where nobody is.
    pub const fn owner_link(&self) -> Option<&Secret> {
        self.owner_link.as_ref()
    }

    /// How many transactions were committed since the start.
    pub fn commits(&self) -> u64 {
        self.services.commits()
    }

    /// How many statements were carried out since the start.
    pub fn statements(&self) -> u64 {
        self.services.statements()
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.connections.taken()
    }

    /// How many sessions of sockets there are, in the chat or on their way into it.
    pub fn socket_sessions(&self) -> usize {
        self.sessions.taken()
    }

    /// Takes no more connections, lets what is being carried out finish, and closes the database.
    pub async fn stop(self) {
        self.serving.iter().for_each(Serving::stop);
        for watcher in &self.watchers {
            watcher.abort();
        }
        self.sockets.close(PATIENCE).await;
        self.closed.cancel();
        for serving in self.serving {
            serving.finish(PATIENCE).await;
        }
        if let Err(error) = self.services.close().await {
            tracing::error!(%error, "the database was not closed cleanly");
        }
    }
}

/// Where browsers reach a server that listens at `address`, as far as the server can tell.
pub fn public_origin(config: &Config, address: SocketAddr) -> String {
    if let Some(origin) = &config.public_origin {
        return origin.clone();
    }
    let scheme = if config.tls.is_some() {
        "https"
    } else {
        "http"
    };
    // Passkeys need a name, and this one is every machine's own.
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        return format!("{scheme}://localhost:{}", address.port());
    }
    format!("{scheme}://{address}")
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

/// The places for connections and for sessions of sockets, of which one network gets so many where
/// people have accounts.
fn places(config: &Config) -> (Places, Places) {
    let bounds = &config.bounds;
    let has_accounts = config.sign_in == SignIn::Account;
    let of_network = |most| has_accounts.then_some(most);
    (
        Places::new(
            bounds.connections,
            of_network(bounds.connections_of_network),
        ),
        Places::new(bounds.sessions, of_network(bounds.sessions_of_network)),
    )
}
