//! What the server is told at start: flags, then environment, then a file; read once.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use axum::http::Uri;
use clap::{Args, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use protocol::Role;
use serde::Deserialize;

use crate::{listener::Bounds, services::limits::Rates};

/// A web chat for your own server.
#[derive(Debug, Parser)]
#[command(name = "natter-server", version, about, after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    pub settings: Settings,
    /// A TOML file with the same settings, named like the long flags (addr = "127.0.0.1:3000").
    #[arg(long, env = "NATTER_CONFIG", global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

const AFTER_HELP: &str = "\
Each setting comes from its flag, else from its environment variable, else from the file given by
--config, else from its default. Without a command the server runs.

NATTER_LOG sets what is logged to standard error (info; natter_server=debug), NATTER_LOG_FORMAT=json
writes one JSON object a line.";

/// Everything that can be set. `None`: not given here.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    /// Where it listens. Port 0 takes a free one. [default: 127.0.0.1:3000]
    #[arg(long, env = "NATTER_ADDR", global = true, value_name = "ADDRESS:PORT")]
    pub addr: Option<SocketAddr>,
    /// A listener of its own for /socket.io/. [default: none, the same]
    #[arg(
        long,
        env = "NATTER_SOCKET_ADDR",
        global = true,
        value_name = "ADDRESS:PORT"
    )]
    pub socket_addr: Option<SocketAddr>,
    /// Where the database file and the signing secret are. [default: ./data]
    #[arg(long, env = "NATTER_DATA_DIR", global = true, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
    /// A database elsewhere: sqlite://PATH or postgres://… [default: SQLite in the data directory]
    #[arg(
        long,
        env = "DATABASE_URL",
        global = true,
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: Option<String>,
    /// How people sign in. [default: account]
    #[arg(long, env = "NATTER_SIGN_IN", global = true, value_enum)]
    pub sign_in: Option<SignIn>,
    /// Lets sign-in by name listen beyond loopback. Whoever reaches the server can then be anybody.
    #[arg(long, env = "NATTER_TRUSTED_NETWORK", global = true, num_args = 0..=1, default_missing_value = "1", value_parser = parse_switch, value_name = "1|0")]
    pub trusted_network: Option<bool>,
    /// How long a session lasts without being used, in seconds. [default: 604800, seven days]
    #[arg(long, env = "NATTER_SESSION_SECONDS", global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=MAX_SESSION_SECONDS))]
    pub session_seconds: Option<u64>,
    /// How long a session lasts however much it is used, in seconds. [default: 2592000, thirty days]
    #[arg(long, env = "NATTER_SESSION_MAX_SECONDS", global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=MAX_SESSION_SECONDS))]
    pub session_max_seconds: Option<u64>,
    /// The origin that browsers see behind a proxy, such as https://chat.example. [default: none]
    #[arg(
        long,
        env = "NATTER_PUBLIC_ORIGIN",
        global = true,
        value_name = "ORIGIN"
    )]
    pub public_origin: Option<String>,
    /// The addresses of proxies whose X-Forwarded-For is believed, such as 127.0.0.1 or 10.0.0.0/8,
    /// with commas between. [default: none]
    #[arg(
        long,
        env = "NATTER_TRUSTED_PROXIES",
        global = true,
        value_name = "NETWORKS"
    )]
    pub trusted_proxies: Option<String>,
    /// A certificate chain in PEM, for TLS without a proxy; read again when it changes. [default: none]
    #[arg(
        long,
        env = "NATTER_TLS_CERTIFICATE",
        global = true,
        value_name = "FILE"
    )]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's private key in PEM. [default: none]
    #[arg(long, env = "NATTER_TLS_KEY", global = true, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Whether limits keep anybody from doing something too often; off is for load tests, on loopback
    /// only. [default: on]
    #[arg(
        long,
        env = "NATTER_RATE_LIMITS",
        global = true,
        value_enum,
        value_name = "on|off",
        hide_possible_values = true
    )]
    pub rate_limits: Option<Switch>,
    /// Where the built pages are. [default: site beside the program, or where a build leaves it]
    #[arg(long, env = "NATTER_SITE_DIR", global = true, value_name = "DIRECTORY")]
    pub site_dir: Option<PathBuf>,
}

/// How long a proof of who one is holds: long enough to do what one proved it for.
const CONFIRMED_FOR: Duration = Duration::from_secs(10 * 60);
const DAY_SECONDS: u64 = 24 * 60 * 60;
/// Ten years: longer is a mistake of units.
const MAX_SESSION_SECONDS: u64 = 10 * 365 * 24 * 60 * 60;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Looks after people: adds, lists, resets, deactivates, appoints. May be used while the server
    /// runs, which hears of it within a second.
    Users {
        #[command(subcommand)]
        command: UsersCommand,
    },
    /// Makes, lists and revokes invitations.
    Invites {
        #[command(subcommand)]
        command: InvitesCommand,
    },
    /// Looks after the keys that sign sessions.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Shows who signed in, failed to, and what was changed, the newest first.
    Audit {
        /// How many entries.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        entries: u32,
    },
    /// Moves everything to another database.
    Database {
        #[command(subcommand)]
        command: DatabaseCommand,
    },
    /// Asks a running server whether it is healthy; exits with 0 if it is.
    Health,
}

#[derive(Debug, Subcommand)]
pub enum InvitesCommand {
    /// Makes an invitation and prints its link.
    Add {
        /// How many people may join by it.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
        uses: u32,
        /// How many days it holds.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=90))]
        days: u32,
    },
    /// Lists the invitations that still hold.
    List,
    /// Makes an invitation hold no longer.
    Revoke {
        /// As the list shows it.
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Makes a new key, which signs from now on. Nobody is signed out: what older keys have signed
    /// counts as long as it would have lasted.
    Rotate,
}

#[derive(Debug, Subcommand)]
pub enum DatabaseCommand {
    /// Copies everything from the configured database to another, and compares them row by row. The
    /// server must not be running.
    Move {
        /// An empty database: postgres://… or sqlite://PATH. A password may as well come from
        /// PGPASSWORD, where no list of processes shows it.
        #[arg(long, value_name = "URL")]
        to: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum UsersCommand {
    /// Adds a person, and prints a link by which they set their password.
    Add {
        /// By which they sign in: 1 to 32 letters, digits, dots, dashes or underscores.
        name: String,
        /// What others read. [default: NAME with a capital]
        #[arg(long)]
        display_name: Option<String>,
        /// What they may do.
        #[arg(long, default_value = "member", value_parser = parse_role)]
        role: Role,
    },
    /// Lists everybody: name, display name, role, and whether they can sign in.
    List,
    /// Prints a link by which somebody sets a new password, for those who are locked out.
    Reset { name: String },
    /// Makes somebody an owner, an admin or a member.
    Role {
        name: String,
        #[arg(value_parser = parse_role)]
        role: Role,
    },
    /// Takes away the right to sign in, and ends every session. What they wrote stays.
    Deactivate { name: String },
    /// Gives back the right to sign in.
    Activate { name: String },
    /// Ends every session of somebody.
    SignOut { name: String },
}

fn parse_role(word: &str) -> Result<Role, String> {
    Role::parse(word).ok_or_else(|| "it is member, admin or owner".to_owned())
}

/// How people sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum SignIn {
    /// By username and password or passkey.
    #[default]
    Account,
    /// By username alone, for demos and trusted networks.
    Name,
}

/// Something that is on or off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    #[default]
    On,
    Off,
}

/// Where TLS has its certificate from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// What the server runs with.
#[derive(Clone, Debug)]
pub struct Config {
    pub addr: SocketAddr,
    pub socket_addr: Option<SocketAddr>,
    pub data_dir: PathBuf,
    pub database_url: Option<String>,
    pub sign_in: SignIn,
    /// How long a session lasts without being used.
    pub session_length: Duration,
    /// How long a session lasts however much it is used.
    pub session_longest: Duration,
    /// How long a proof of who one is holds.
    pub confirmed_for: Duration,
    pub public_origin: Option<String>,
    pub trusted_proxies: Vec<IpNet>,
    pub tls: Option<TlsFiles>,
    pub site_dir: Option<PathBuf>,
    /// How often somebody may do something, where people have accounts.
    pub rates: Rates,
    /// Whether [`Self::rates`] count.
    pub rate_limits: Switch,
    /// How much the listeners take.
    pub bounds: Bounds,
    /// How long somebody whose last socket went still counts as online. Contract: 5 to 10 s.
    pub presence_grace: Duration,
}

impl Config {
    /// Whether passwords may cross a network as they are: somebody else can reach the server, and
    /// nothing says that TLS ends before it.
    pub fn is_exposed(&self) -> bool {
        let is_https = self
            .public_origin
            .as_ref()
            .is_some_and(|origin| origin.starts_with("https://"));
        self.sign_in == SignIn::Account
            && self.listens_beyond_loopback().is_some()
            && self.tls.is_none()
            && !is_https
            && self.trusted_proxies.is_empty()
    }

    fn listens_beyond_loopback(&self) -> Option<SocketAddr> {
        [Some(self.addr), self.socket_addr]
            .into_iter()
            .flatten()
            .find(|address| !address.ip().is_loopback())
    }
}

/// A setting that cannot be; the sentence says what to set.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Settings {
    /// Fills what is not set from a file.
    pub fn or_from_file(self, path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigError(format!(
                "The file {} cannot be read ({error}). Correct --config or NATTER_CONFIG.",
                path.display()
            ))
        })?;
        let file: Self = toml::from_str(&text).map_err(|error| {
            ConfigError(format!(
                "The file {} is not right: {}",
                path.display(),
                error.message()
            ))
        })?;
        Ok(Self {
            addr: self.addr.or(file.addr),
            socket_addr: self.socket_addr.or(file.socket_addr),
            data_dir: self.data_dir.or(file.data_dir),
            database_url: self.database_url.or(file.database_url),
            sign_in: self.sign_in.or(file.sign_in),
            trusted_network: self.trusted_network.or(file.trusted_network),
            session_seconds: self.session_seconds.or(file.session_seconds),
            session_max_seconds: self.session_max_seconds.or(file.session_max_seconds),
            public_origin: self.public_origin.or(file.public_origin),
            trusted_proxies: self.trusted_proxies.or(file.trusted_proxies),
            tls_certificate: self.tls_certificate.or(file.tls_certificate),
            tls_key: self.tls_key.or(file.tls_key),
            rate_limits: self.rate_limits.or(file.rate_limits),
            site_dir: self.site_dir.or(file.site_dir),
        })
    }

    /// Checks the settings and fills in defaults.
    pub fn into_config(self) -> Result<Config, ConfigError> {
        // Under `cargo leptos watch` the development server's address is in Cargo.toml.
        let from_leptos = || {
            std::env::var("LEPTOS_SITE_ADDR")
                .ok()
                .and_then(|address| address.parse().ok())
        };
        let addr = self
            .addr
            .or_else(from_leptos)
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3_000)));
        let session_length = session_seconds(
            "session-seconds",
            self.session_seconds.unwrap_or(7 * DAY_SECONDS),
        )?;
        let session_longest = session_seconds(
            "session-max-seconds",
            self.session_max_seconds
                .unwrap_or_else(|| (30 * DAY_SECONDS).max(session_length.as_secs())),
        )?;
        let config = Config {
            addr,
            socket_addr: self.socket_addr,
            data_dir: self.data_dir.unwrap_or_else(|| PathBuf::from("data")),
            database_url: self.database_url,
            sign_in: self.sign_in.unwrap_or_default(),
            session_length,
            session_longest,
            confirmed_for: CONFIRMED_FOR,
            public_origin: self
                .public_origin
                .map(|origin| parse_origin(&origin))
                .transpose()?,
            trusted_proxies: parse_networks(self.trusted_proxies.as_deref().unwrap_or_default())?,
            tls: tls_files(self.tls_certificate, self.tls_key)?,
            site_dir: self.site_dir,
            rates: Rates::default(),
            rate_limits: self.rate_limits.unwrap_or_default(),
            bounds: Bounds::default(),
            presence_grace: Duration::from_secs(7),
        };
        if config.sign_in == SignIn::Name && !self.trusted_network.unwrap_or(false) {
            refuse_beyond_loopback(&config)?;
        }
        if let (Switch::Off, Some(address)) = (config.rate_limits, config.listens_beyond_loopback())
        {
            return Err(ConfigError(format!(
                "Without rate limits whoever reaches {address} may guess passwords as fast as they can, so the server listens on loopback only. Set NATTER_ADDR=127.0.0.1:3000, or leave NATTER_RATE_LIMITS away."
            )));
        }
        Ok(config)
    }
}

fn session_seconds(name: &str, seconds: u64) -> Result<Duration, ConfigError> {
    if (1..=MAX_SESSION_SECONDS).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(ConfigError(format!(
            "{name} is a number from 1 to 315360000 (ten years)."
        )))
    }
}

/// Addresses and networks with commas between.
fn parse_networks(text: &str) -> Result<Vec<IpNet>, ConfigError> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.parse::<IpNet>()
                .or_else(|_| part.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| {
                    ConfigError(format!(
                        "NATTER_TRUSTED_PROXIES has {part:?} in it, but takes addresses and networks such as 127.0.0.1 or 10.0.0.0/8, with commas between."
                    ))
                })
        })
        .collect()
}

fn tls_files(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
) -> Result<Option<TlsFiles>, ConfigError> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(ConfigError(
            "NATTER_TLS_CERTIFICATE is set, but its private key is not: set NATTER_TLS_KEY too."
                .to_owned(),
        )),
        (None, Some(_)) => Err(ConfigError(
            "NATTER_TLS_KEY is set, but its certificate is not: set NATTER_TLS_CERTIFICATE too."
                .to_owned(),
        )),
    }
}

/// Sign-in by name proves nothing, so strangers must not reach it.
fn refuse_beyond_loopback(config: &Config) -> Result<(), ConfigError> {
    match config.listens_beyond_loopback() {
        None => Ok(()),
        Some(address) => Err(ConfigError(format!(
            "Sign-in by name lets whoever reaches {address} be anybody, so the server listens on loopback only. Set NATTER_ADDR=127.0.0.1:3000, or NATTER_TRUSTED_NETWORK=1 if everybody on that network is trusted."
        ))),
    }
}

/// `https://host[:port]`, as browsers write it in the Origin header: without a path, in lower case.
fn parse_origin(origin: &str) -> Result<String, ConfigError> {
    let wrong = || {
        ConfigError(format!(
            "NATTER_PUBLIC_ORIGIN is {origin:?}, but has to be like https://chat.example or http://host:8082, without a path."
        ))
    };
    let trimmed = origin.trim().trim_end_matches('/').to_ascii_lowercase();
    let uri: Uri = trimmed.parse().map_err(|_| wrong())?;
    let has_scheme = matches!(uri.scheme_str(), Some("http" | "https"));
    let bare = uri.path() == "/" && uri.query().is_none();
    if has_scheme && bare && uri.host().is_some_and(|host| !host.is_empty()) {
        // Browsers leave the scheme's own port away.
        let default_port = if trimmed.starts_with("https:") {
            ":443"
        } else {
            ":80"
        };
        Ok(trimmed
            .strip_suffix(default_port)
            .unwrap_or(&trimmed)
            .to_owned())
    } else {
        Err(wrong())
    }
}

fn parse_switch(input: &str) -> Result<bool, String> {
    match input {
        "1" | "true" => Ok(true),
        "" | "0" | "false" => Ok(false),
        _ => Err("it is 1 or 0".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<SocketAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn sign_in_by_name_listens_on_loopback_unless_the_network_is_trusted() {
        let open = Settings {
            addr: address("0.0.0.0:3000"),
            sign_in: Some(SignIn::Name),
            ..Settings::default()
        };
        let error = open.clone().into_config().expect_err("beyond loopback");
        assert!(
            error.to_string().contains("NATTER_TRUSTED_NETWORK=1"),
            "{error}"
        );
        let trusted = Settings {
            trusted_network: Some(true),
            ..open
        };
        assert!(trusted.into_config().is_ok());
    }

    #[test]
    fn without_rate_limits_it_listens_on_loopback_only() {
        let unlimited = Settings {
            addr: address("127.0.0.1:3000"),
            rate_limits: Some(Switch::Off),
            ..Settings::default()
        };
        assert!(unlimited.clone().into_config().is_ok());
        let open = Settings {
            addr: address("0.0.0.0:3000"),
            trusted_network: Some(true),
            ..unlimited
        };
        let error = open.into_config().expect_err("beyond loopback");
        assert!(error.to_string().contains("NATTER_RATE_LIMITS"), "{error}");
    }

    #[test]
    fn real_accounts_are_the_default_and_may_be_reached_by_everybody() {
        let open = Settings {
            addr: address("0.0.0.0:3000"),
            ..Settings::default()
        };
        let config = open.into_config().expect("accounts protect themselves");
        assert_eq!(config.sign_in, SignIn::Account);
    }

    #[test]
    fn passwords_are_exposed_beyond_loopback_unless_tls_comes_before() {
        let exposed = |change: fn(&mut Settings)| {
            let mut settings = Settings {
                addr: address("0.0.0.0:3000"),
                ..Settings::default()
            };
            change(&mut settings);
            settings.into_config().expect("settings").is_exposed()
        };
        assert!(exposed(|_| ()));
        assert!(exposed(
            |it| it.public_origin = Some("http://chat.example".to_owned())
        ));
        assert!(!exposed(
            |it| it.public_origin = Some("https://chat.example".to_owned())
        ));
        assert!(!exposed(
            |it| it.trusted_proxies = Some("10.0.0.0/8".to_owned())
        ));
        assert!(!exposed(|it| it.addr = address("127.0.0.1:3000")));
        assert!(!exposed(|it| {
            it.tls_certificate = Some(PathBuf::from("certificate.pem"));
            it.tls_key = Some(PathBuf::from("key.pem"));
        }));
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        let networks = parse_networks("127.0.0.1, 10.0.0.0/8,::1").expect("networks");
        assert_eq!(networks.len(), 3);
        assert!(parse_networks("").expect("none").is_empty());
        assert!(parse_networks("proxy.example").is_err());
    }

    #[test]
    fn a_certificate_and_its_key_come_together() {
        let half = Settings {
            tls_certificate: Some(PathBuf::from("cert.pem")),
            ..Settings::default()
        };
        let error = half.into_config().expect_err("no key");
        assert!(error.to_string().contains("NATTER_TLS_KEY"), "{error}");
    }

    #[test]
    fn the_socket_listener_is_held_to_the_same_rule() {
        let open = Settings {
            socket_addr: address("0.0.0.0:8092"),
            sign_in: Some(SignIn::Name),
            ..Settings::default()
        };
        assert!(open.into_config().is_err());
    }

    #[test]
    fn an_origin_is_read_as_browsers_write_it() {
        let parsed = |origin| parse_origin(origin).expect("an origin");
        assert_eq!(parsed("https://Chat.Example/"), "https://chat.example");
        assert_eq!(parsed("https://chat.example:443"), "https://chat.example");
        assert_eq!(
            parsed("http://angularws-dev:8082"),
            "http://angularws-dev:8082"
        );
        for wrong in [
            "chat.example",
            "ftp://chat.example",
            "https://chat.example/path",
            "",
        ] {
            assert!(parse_origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_a_flag_says_is_not_overridden_by_the_file() {
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("natter.toml");
        std::fs::write(&file, "addr = \"127.0.0.1:1\"\nsession-seconds = 5\n").expect("a file");
        let flags = Settings {
            addr: address("127.0.0.1:2"),
            ..Settings::default()
        };
        let merged = flags.or_from_file(&file).expect("settings");
        assert_eq!(merged.addr, address("127.0.0.1:2"));
        assert_eq!(merged.session_seconds, Some(5));
    }

    #[test]
    fn a_file_with_an_unknown_setting_is_refused() {
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("natter.toml");
        std::fs::write(&file, "adress = \"127.0.0.1:1\"\n").expect("a file");
        let error = Settings::default()
            .or_from_file(&file)
            .expect_err("a misspelt name");
        assert!(error.to_string().contains("adress"), "{error}");
    }
}
