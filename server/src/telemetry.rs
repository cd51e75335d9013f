//! Structured logs to standard error.

use std::io::IsTerminal;

use tracing::{Level, Metadata, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, filter::FilterFn, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Whose details may be logged: our own, and those of requests, which hold no query.
const WITH_DETAILS: [&str; 4] = ["natter_server", "app", "protocol", "tower_http"];

/// They call each answer of a browser that does not count an error, so that strangers could fill the
/// log. Why a passkey was refused `services::passkeys` says.
const NEVER_LOGGED: [&str; 2] = ["webauthn_rs", "webauthn_rs_core"];

/// Starts logging. `NATTER_LOG` filters (default `info`), `NATTER_LOG_FORMAT=json` writes JSON.
pub fn start() {
    let filter = EnvFilter::try_from_env("NATTER_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = if std::env::var("NATTER_LOG_FORMAT").is_ok_and(|format| format == "json") {
        lines.json().boxed()
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).boxed()
    };
    // The same level for both: what neither lets through costs a comparison then, and nothing more.
    let level = filter.max_level_hint().unwrap_or(LevelFilter::TRACE);
    tracing_subscriber::registry()
        .with(filter)
        .with(without_secrets(level))
        .with(lines)
        .init();
    // A panic ends one task and is logged like everything else, where whoever watches looks.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(
            "panicked at {}: {message}",
            place.as_deref().unwrap_or("nowhere")
        );
    }));
}

/// Keeps what libraries tell of their work out of the log, whatever `NATTER_LOG` asks for: they write
/// down packets with the tokens and texts in them.
///
/// `level` is the most detailed that anything is logged at.
fn without_secrets(level: LevelFilter) -> FilterFn {
    FilterFn::new(may_be_logged as fn(&Metadata<'_>) -> bool).with_max_level_hint(level)
}

fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let krate = target.split("::").next().unwrap_or(target);
    let has_details = *metadata.level() > Level::INFO;
    !NEVER_LOGGED.contains(&krate) && (!has_details || WITH_DETAILS.contains(&krate))
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Mutex};

    use super::*;

    #[test]
    fn details_of_libraries_and_errors_of_browsers_are_not_logged_whatever_is_asked_for() {
        let (mut log, writer) = io::pipe().expect("a pipe");
        let lines = tracing_subscriber::fmt::layer().with_writer(Mutex::new(writer));
        let subscriber = tracing_subscriber::registry()
            .with(EnvFilter::new("trace"))
            .with(without_secrets(LevelFilter::TRACE))
            .with(lines);
        tracing::subscriber::with_default(subscriber, || {
            tracing::debug!(target: "natter_server::services", "ours");
            tracing::warn!(target: "sqlx::query", "slow");
            tracing::debug!(target: "engineioxide::engine", "a packet");
            tracing::error!(target: "webauthn_rs_core::core", "a challenge");
        });
        let log = io::read_to_string(&mut log).expect("a log");
        assert!(log.contains("ours") && log.contains("slow"), "{log}");
        assert!(
            !log.contains("packet") && !log.contains("challenge"),
            "{log}"
        );
    }
}
