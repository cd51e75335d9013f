//! The process: settings, signals, and what is printed.

use std::{error::Error, io::Write, process::ExitCode};

use clap::{CommandFactory, Parser, error::ContextKind};
use natter_server::{
    Server,
    config::{
        Arguments, Command, Config, DatabaseCommand, InvitesCommand, KeysCommand, SignIn,
        UsersCommand,
    },
    data_dir, health, link_url, open_administration, open_database_alone, public_origin,
    services::{
        ServiceError,
        administration::{Actor, Administration},
        audit::{self, Action, Note},
        links::MadeLink,
    },
    storage::{
        Database,
        transfer::{Transferred, refuse_people, transfer},
    },
    telemetry,
};
use protocol::{
    DisplayName, Username,
    administration::{InvitationRequest, PersonChange},
};

fn main() -> ExitCode {
    // sqlx brings a second provider of cryptography along, so rustls has to be told which to use.
    // It fails only if one was chosen before, which nobody did.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse_arguments(&error),
    };
    telemetry::start();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.as_ref()),
    }
}

/// Help and version are no errors. A value that cannot be is told with the names of its setting,
/// because it may as well have come from the environment as from a flag.
fn refuse_arguments(error: &clap::Error) -> ExitCode {
    let context = |kind| error.get(kind).map(ToString::to_string);
    let setting = context(ContextKind::InvalidArg).and_then(|flag| {
        let command = Arguments::command();
        let long = flag.strip_prefix("--")?.split(' ').next()?.to_owned();
        let argument = command
            .get_arguments()
            .find(|it| it.get_long() == Some(&long))?;
        Some((argument.get_env()?.to_string_lossy().into_owned(), long))
    });
    let Some((variable, long)) = setting else {
        error.exit()
    };
    let value = context(ContextKind::InvalidValue).unwrap_or_default();
    let reason = error
        .source()
        .map(|cause| format!(" ({cause})"))
        .unwrap_or_default();
    eprintln!(
        "natter-server: {variable} or --{long} cannot be {value:?}{reason}. See natter-server --help."
    );
    ExitCode::FAILURE
}

fn fail(error: &dyn Error) -> ExitCode {
    eprintln!("natter-server: {error}");
    ExitCode::FAILURE
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let settings = match &arguments.config {
        Some(file) => arguments.settings.or_from_file(file)?,
        None => arguments.settings,
    };
    let mut config = settings.into_config()?;
    match arguments.command {
        None => {
            config.bounds.fit(file_descriptors());
            serve(&config).await
        }
        Some(Command::Users { command }) => users(&config, command).await,
        Some(Command::Invites { command }) => invites(&config, command).await,
        Some(Command::Keys { command }) => match command {
            KeysCommand::Rotate => rotate_keys(&config).await,
        },
        Some(Command::Audit { entries }) => show_audit(&config, entries).await,
        Some(Command::Database { command }) => match command {
            DatabaseCommand::Move { to } => move_database(&config, &to).await,
        },
        Some(Command::Health) => Ok(health::ask(config.addr, config.tls.is_some()).await?),
    }
}

/// How many files and connections the process may have open, after taking as many as it is given:
/// what it starts with is 1,024 on many systems, because of programs that can handle no more.
fn file_descriptors() -> Option<u64> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let given = getrlimit(Resource::Nofile);
        let most = Rlimit {
            current: given.maximum,
            ..given
        };
        let limit = if setrlimit(Resource::Nofile, most).is_ok() {
            most
        } else {
            given
        };
        limit.current
    }
    #[cfg(not(unix))]
    None
}

async fn serve(config: &Config) -> Result<(), Box<dyn Error>> {
    // Listened to before anything is opened, so that being asked to end while it starts is no kill.
    let stopped = stop_signal()?;
    let server = Server::start(config).await?;
    // Whoever started it may have closed what it writes to, which is no reason not to serve.
    if let Err(error) = print_greeting(config, &server) {
        tracing::warn!(%error, "the greeting could not be written");
    }
    stopped.await?;
    tracing::info!("stopping");
    server.stop().await;
    Ok(())
}

fn print_greeting(config: &Config, server: &Server) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let scheme = if config.tls.is_some() {
        "https"
    } else {
        "http"
    };
    writeln!(out, "Natter is running at {scheme}://{}", server.address())?;
    if let Some(address) = server.socket_address() {
        writeln!(out, "Sockets at {scheme}://{address}")?;
    }
    if let Some(origin) = &config.public_origin {
        writeln!(out, "Browsers reach it at {origin}")?;
    }
    if config.is_exposed() {
        writeln!(
            out,
            "Passwords would cross the network unencrypted: put a proxy with TLS in front (NATTER_PUBLIC_ORIGIN=https://…), or set NATTER_TLS_CERTIFICATE and NATTER_TLS_KEY."
        )?;
    }
    match (config.sign_in, server.owner_link()) {
        (SignIn::Name, _) => writeln!(
            out,
            "Sign in as alice, bob, carol or dave; add people with: natter-server users add NAME"
        )?,
        (SignIn::Account, Some(link)) => writeln!(
            out,
            "Nobody owns this chat yet. Open this link to make your account; it works once, within a day:\n{}",
            link.reveal()
        )?,
        (SignIn::Account, None) => {}
    }
    if !server.has_pages() {
        writeln!(
            out,
            "The pages are not built, so browsers see none. Build them with: cargo xtask serve"
        )?;
    }
    out.flush()
}

/// Listens from now on; the future comes back when the process is asked to end.
fn stop_signal() -> std::io::Result<impl Future<Output = std::io::Result<()>>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => Ok(()),
                _ = terminate.recv() => Ok(()),
            }
        })
    }
    #[cfg(not(unix))]
    Ok(tokio::signal::ctrl_c())
}

async fn users(config: &Config, command: UsersCommand) -> Result<(), Box<dyn Error>> {
    let (database, administration) = open_administration(config).await?;
    let actor = Actor::CommandLine;
    match command {
        UsersCommand::Add {
            name,
            display_name,
            role,
        } => {
            let username = Username::parse(&name).map_err(|error| error.message)?;
            let display_name = display_name
                .map(|name| DisplayName::parse(&name))
                .transpose()
                .map_err(|error| error.message)?;
            let person = administration.add(&actor, username, display_name, role);
            let person = person.await.map_err(sentence)?;
            println!("Added {}.", person.username);
            match config.sign_in {
                SignIn::Name => println!("They sign in with this name."),
                SignIn::Account => {
                    print_reset_link(config, &administration, person.username.as_str()).await?;
                }
            }
        }
        UsersCommand::List => {
            for person in administration.people(&actor).await.map_err(sentence)? {
                let state = match person.deactivated_at {
                    Some(_) => "deactivated",
                    None => "active",
                };
                println!(
                    "{}\t{}\t{}\t{state}",
                    person.username,
                    person.display_name,
                    person.role.as_str(),
                );
            }
        }
        UsersCommand::Reset { name } => print_reset_link(config, &administration, &name).await?,
        UsersCommand::Role { name, role } => {
            let change = PersonChange {
                role: Some(role),
                deactivated: None,
            };
            change_person(&administration, &name, &change).await?;
            println!("{name}: {} from now on.", role.as_str());
        }
        UsersCommand::Deactivate { name } => {
            let change = PersonChange {
                role: None,
                deactivated: Some(true),
            };
            change_person(&administration, &name, &change).await?;
            println!("{name} cannot sign in any more, and is signed out everywhere.");
        }
        UsersCommand::Activate { name } => {
            let change = PersonChange {
                role: None,
                deactivated: Some(false),
            };
            change_person(&administration, &name, &change).await?;
            println!("{name} can sign in again.");
        }
        UsersCommand::SignOut { name } => {
            administration
                .sign_out(&actor, &name)
                .await
                .map_err(sentence)?;
            println!("{name} is signed out everywhere.");
        }
    }
    database.close().await?;
    Ok(())
}

async fn change_person(
    administration: &Administration,
    name: &str,
    change: &PersonChange,
) -> Result<(), String> {
    let changed = administration.change(&Actor::CommandLine, name, change);
    changed.await.map_err(sentence)
}

async fn print_reset_link(
    config: &Config,
    administration: &Administration,
    name: &str,
) -> Result<(), String> {
    let link = administration.reset_link(&Actor::CommandLine, name).await;
    let link = link.map_err(sentence)?;
    println!("They set their password here; it works once, within a day:");
    print_link(config, &link);
    Ok(())
}

fn print_link(config: &Config, link: &MadeLink) {
    let origin = public_origin(config, config.addr);
    println!("{}", link_url(&origin, &link.token).reveal());
}

async fn invites(config: &Config, command: InvitesCommand) -> Result<(), Box<dyn Error>> {
    let (database, administration) = open_administration(config).await?;
    let actor = Actor::CommandLine;
    match command {
        InvitesCommand::Add { uses, days } => {
            let request = InvitationRequest { uses, days };
            let link = administration.invite(&actor, &request).await;
            print_link(config, &link.map_err(sentence)?);
        }
        InvitesCommand::List => {
            for invitation in administration.invitations(&actor).await.map_err(sentence)? {
                let by = invitation
                    .created_by
                    .map_or_else(|| "command line".to_owned(), |name| name.to_string());
                println!(
                    "{}\tby {by}\t{} left\tuntil {}",
                    invitation.id,
                    invitation.uses_left,
                    written(invitation.expires_at),
                );
            }
        }
        InvitesCommand::Revoke { id } => {
            administration
                .revoke_invitation(&actor, &id)
                .await
                .map_err(sentence)?;
            println!("Nobody joins by it any more.");
        }
    }
    database.close().await?;
    Ok(())
}

async fn rotate_keys(config: &Config) -> Result<(), Box<dyn Error>> {
    let (database, _) = open_administration(config).await?;
    data_dir::rotate_secret(&config.data_dir, config.session_longest)?;
    Note::new(Action::KeyRotated).write_alone(&database).await?;
    database.close().await?;
    println!("A new key signs from now on. Nobody is signed out.");
    Ok(())
}

async fn show_audit(config: &Config, entries: u32) -> Result<(), Box<dyn Error>> {
    let (database, _) = open_administration(config).await?;
    let mut before = None;
    let mut left = usize::try_from(entries).unwrap_or(usize::MAX);
    while left > 0 {
        let page = audit::page(&database, before).await.map_err(sentence)?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        for entry in page.iter().take(left) {
            let name = |name: &Option<Username>| {
                name.as_ref()
                    .map_or_else(|| "-".to_owned(), ToString::to_string)
            };
            println!(
                "{}\t{}\tby {}\tto {}\t{}\t{}",
                written(entry.at),
                entry.action,
                name(&entry.actor),
                name(&entry.subject),
                entry.address.as_deref().unwrap_or("-"),
                entry.detail.as_deref().unwrap_or_default(),
            );
        }
        left = left.saturating_sub(page.len());
    }
    database.close().await?;
    Ok(())
}

/// A time as RFC 3339 writes it, in UTC.
fn written(at: protocol::Timestamp) -> String {
    let nanoseconds = i128::from(at.0) * 1_000_000;
    time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|time| {
            time.format(&time::format_description::well_known::Rfc3339)
                .ok()
        })
        .unwrap_or_default()
}

/// What went wrong, as the person at the command line reads it.
fn sentence(error: ServiceError) -> String {
    error.into_body().message
}

/// Copies everything to the database at `url` and says what to do next.
async fn move_database(config: &Config, url: &str) -> Result<(), Box<dyn Error>> {
    let target = Database::open(url)
        .await
        .map_err(|error| format!("the database to move to cannot be opened: {error}."))?;
    // Before the source is locked, because it may be the same one.
    refuse_people(target.reader())
        .await
        .map_err(|error| format!("{error}."))?;
    let source = open_database_alone(config)
        .await
        .map_err(|error| format!("the database to move from cannot be opened: {error}."))?;
    let report = |moved: Transferred| {
        println!("{}: {} rows, the same in both", moved.table, moved.rows);
    };
    transfer(&source, &target, report)
        .await
        .map_err(|error| format!("{error}."))?;
    target.close().await?;
    source.close().await?;
    println!(
        "Everything is in the new database. Set DATABASE_URL to its URL, keep the data directory {}, where the signing secret is, and start the server. The old database still holds everything: delete it when you have seen the new one at work.",
        config.data_dir.display()
    );
    Ok(())
}
