//! The button that goes through the themes.

use leptos::{ev, prelude::*};

use crate::{
    dynamic::{on, text},
    reactive::{Observable, effect},
    theme::{Density, Theme},
};

#[component]
pub fn ThemeToggle() -> impl IntoView {
    let theme = Observable::new(Theme::default());
    // The choice is read in the browser; the served page has put it in place already.
    effect(move || theme.set(Theme::chosen()));
    // Another tab has changed it.
    let handle = window_event_listener(ev::storage, move |_| {
        theme.set(Theme::chosen());
        theme.get_untracked().apply();
        Density::chosen().apply();
    });
    on_cleanup(move || handle.remove());

    let label = move || theme.get().label().to_owned();
    let next = move |_| {
        let next = theme.get_untracked().next();
        theme.set(next);
        next.keep();
        next.apply();
    };
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label=text(label)
            title=text(label)
            on:click=on(next)
            inner_html=text(move || icon(theme.get()).to_owned())
        ></button>
    }
}

/// Half a disc for the system's choice, a sun, a moon.
const fn icon(theme: Theme) -> &'static str {
    match theme {
        Theme::System => {
            r#"<svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor"/></svg>"#
        }
        Theme::Light => {
            r#"<svg viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"><circle cx="10" cy="10" r="3.5"/><path d="M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6L16 16M4 16l1.4-1.4M14.6 5.4L16 4"/></svg>"#
        }
        Theme::Dark => {
            r#"<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M16.5 12.3A7 7 0 0 1 7.7 3.5a7 7 0 1 0 8.8 8.8z" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"/></svg>"#
        }
    }
}
