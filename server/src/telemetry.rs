//! Structured logs to standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// It writes down all it is sent, challenges among it, and calls every bad one an error. Why a passkey
/// was refused `services::passkeys` says.
const NEVER_LOGGED: &str = "webauthn_rs=off";

/// Starts logging. `NATTER_LOG` filters (default `info`), `NATTER_LOG_FORMAT=json` writes JSON.
pub fn start() {
    let filter = EnvFilter::try_from_env("NATTER_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info"))
        .add_directive(NEVER_LOGGED.parse().expect("a directive of ours"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::env::var("NATTER_LOG_FORMAT").is_ok_and(|format| format == "json") {
        builder.json().init();
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).init();
    }
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
