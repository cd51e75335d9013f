//! A page in Leptos that talks to the package `echo-server`: what is sent comes back.
//!
//! `index.html` beside it says how to build and open the page.

use leptos::prelude::*;

fn main() {
    mount_to_body(Page);
}

#[component]
fn Page() -> impl IntoView {
    let (state, set_state) = signal(String::new());
    let (echoes, set_echoes) = signal(Vec::<String>::new());
    let (text, set_text) = signal(String::new());
    let send = talk(
        move |change| set_state.set(change),
        move |echo| set_echoes.update(|echoes| echoes.push(echo)),
    );
    view! {
        <p role="status">{state}</p>
        <form on:submit=move |event| {
            event.prevent_default();
            send(text.get_untracked());
            set_text.set(String::new());
        }>
            <input
                aria-label="Text"
                prop:value=text
                on:input=move |event| set_text.set(event_target_value(&event))
            />
            <button>"Send"</button>
        </form>
        <ul>
            {move || echoes.get().into_iter().map(|echo| view! { <li>{echo}</li> }).collect_view()}
        </ul>
    }
}

/// Connects, tells each change of the connection and each echo, and gives what sends.
#[cfg(feature = "socket")]
fn talk(
    tell_state: impl Fn(String) + 'static,
    tell_echo: impl Fn(String) + 'static,
) -> impl Fn(String) + 'static {
    use socketio_client::Client;

    let client = Client::builder("http://127.0.0.1:4000", "/").build();
    let handle = client.clone();
    // For as long as the page lives. Elsewhere, keep the guards and drop them in `on_cleanup`.
    client
        .on_connection(move |_| {
            let connected = handle.is_connected();
            tell_state(
                if connected {
                    "Connected"
                } else {
                    "Not connected"
                }
                .to_owned(),
            );
        })
        .forget();
    client.on("echoed", tell_echo).forget();
    client.connect();
    move |text| {
        if let Err(error) = client.emit("echo-event", &text) {
            leptos::logging::warn!("{error}");
        }
    }
}

#[cfg(not(feature = "socket"))]
fn talk(
    tell_state: impl Fn(String) + 'static,
    tell_echo: impl Fn(String) + 'static,
) -> impl Fn(String) + 'static {
    tell_state("Not connected".to_owned());
    tell_echo
}
