//! Structured logs to standard error.

use std::io::IsTerminal;

use tracing::{Level, Metadata, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, filter::FilterFn, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Whose details may be logged: our own, and those of requests, which hold no query.
const WITH_DETAILS: [&str; 4] = ["natter_server", "app", "protocol", "tower_http"];

/// It writes down all it is sent, challenges among it, and calls every bad one an error. Why a passkey
/// was refused `services::passkeys` says.
const NEVER_LOGGED: &str = "webauthn_rs=off";

/// Starts logging. `NATTER_LOG` filters (default `info`), `NATTER_LOG_FORMAT=json` writes JSON.
pub fn start() {
    let filter = EnvFilter::try_from_env("NATTER_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info"))
        .add_directive(NEVER_LOGGED.parse().expect("a directive of ours"));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = if std::env::var("NATTER_LOG_FORMAT").is_ok_and(|format| format == "json") {
        lines.json().boxed()
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).boxed()
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(without_secrets())
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
fn without_secrets() -> FilterFn {
    FilterFn::new(may_be_logged as fn(&Metadata<'_>) -> bool)
        .with_max_level_hint(LevelFilter::TRACE)
}

fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let krate = target.split("::").next().unwrap_or(target);
    *metadata.level() <= Level::INFO || WITH_DETAILS.contains(&krate)
}
