//! Pages and dialogs that a first visit does not need.
//!
//! `cargo leptos build --split` moves what only [`there::view`] reaches into a module of its own,
//! which the shell's loader fetches when such a part is first opened, or before that when nothing
//! else is to do. It is one program in two files: the second works in the memory of the first and
//! calls its functions, so contexts, signals and types are the same on both sides. Without
//! `--split` everything is in one file.

use leptos::{html, prelude::*};

use crate::{
    dynamic::{on, part, still, when},
    language::translate,
    reactive::{Computed, Observable, effect, spawn},
    state::recipient::Recipient,
};

/// Which part; what it needs beside that comes from contexts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LaterPart {
    Admin,
    Background,
    Details,
    Emoji,
    Join,
    Keys,
    NewGroup,
    NotFound,
    Passkey,
    Recover,
    Restore,
    Settings,
    SignOut,
    Switcher,
    ThemeToggle,
    WhoHasIt,
}

/// The conversation that the address names, as a context of what is open over it.
#[derive(Clone, Copy, Debug)]
pub struct OpenConversation(pub Computed<Option<Recipient>>);

/// The dialog that is open over the chat, as a context.
#[derive(Clone, Copy, Debug)]
pub struct OpenDialog(Observable<Option<LaterPart>>);

impl OpenDialog {
    pub fn new() -> Self {
        Self(Observable::new(None))
    }

    pub fn which(self) -> Option<LaterPart> {
        self.0.get()
    }

    pub fn open(self, dialog: LaterPart) {
        self.0.set(Some(dialog));
    }

    pub fn close(self) {
        self.0.set(None);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    OnItsWay,
    Here,
    Missing,
}

/// Fetches the code, and says how that goes.
fn fetch(code: Observable<Code>) {
    code.set(Code::OnItsWay);
    spawn(async move {
        let here = there::fetch().await;
        code.set(if here { Code::Here } else { Code::Missing });
    });
}

/// A part that nobody waits for. Its code is fetched when the browser has nothing else to do, again
/// and again for some minutes if it does not come; with it comes all that is opened later, which is then there even when the server is not.
#[component]
pub fn Quietly(part: LaterPart) -> impl IntoView {
    let is_here = Observable::new(false);
    spawn(async move {
        if there::fetch_when_idle().await {
            is_here.set(true);
        }
    });
    when(move || is_here.get(), move || there::view(part))
}

/// A page of these, with a sentence in its place while its code is on the way or if it did not come.
#[component]
pub fn Later(page: LaterPart) -> impl IntoView {
    let code = Observable::new(Code::OnItsWay);
    fetch(code);

    part(move || {
        match code.get() {
        Code::OnItsWay => {
            still("<main class='not-found'><p role='status'>{Loading…}</p></main>").into_any()
        }
        Code::Here => there::view(page),
        Code::Missing => view! {
            <main class="not-found">
                {still("<p role='alert'>{This page could not be loaded. Check your connection, then try again.}</p>")}
                <button type="button" class="button button-primary" on:click=on(move |_| fetch(code))>
                    {translate("Try again")}
                </button>
            </main>
        }
        .into_any(),
    }
    })
}

/// A part that lies over a page or stands in it. While its code is on the way there is nothing, and
/// after a moment a word.
#[component]
pub fn LaterDialog(
    dialog: LaterPart,
    /// What could not be loaded was closed.
    on_close: Callback<()>,
) -> impl IntoView {
    let code = Observable::new(Code::OnItsWay);
    fetch(code);

    part(move || match code.get() {
        Code::OnItsWay => still("<p class='dialog-wait' role='status'>{Loading…}</p>").into_any(),
        Code::Here => there::view(dialog),
        Code::Missing => view! { <Missing on_close/> }.into_any(),
    })
}

/// In place of a dialog whose code did not come.
#[component]
fn Missing(on_close: Callback<()>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    effect(move || show(dialog));
    view! {
        <dialog
            node_ref=dialog
            class="dialog-missing"
            aria-labelledby="missing"
            on:close=on(move |_| on_close.run(()))
        >
            <form method="dialog">
                {still("<p id='missing'>{This could not be loaded. Check your connection, then try again.}</p>")}
                {still("<button class='button'>{Close}</button>")}
            </form>
        </dialog>
    }
}

/// Opens a dialog over everything else, once it is on the page.
pub fn show(dialog: NodeRef<html::Dialog>) {
    if let Some(dialog) = dialog.get()
        && !dialog.open()
    {
        let _ = dialog.show_modal();
    }
}

/// Closed, and not just taken away: this is what gives the focus back.
pub fn close(dialog: NodeRef<html::Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        dialog.close();
    }
}

/// The other file, as seen from the first.
#[cfg(split)]
mod there {
    #![allow(
        unsafe_code,
        improper_ctypes,
        improper_ctypes_definitions,
        reason = "both sides come from one compilation, which splitting takes apart again"
    )]

    use js_sys::Promise;
    use leptos::prelude::AnyView;
    use wasm_bindgen::prelude::wasm_bindgen;
    use wasm_bindgen_futures::JsFuture;

    use super::LaterPart;

    #[wasm_bindgen]
    extern "C" {
        /// What the shell's loader provides. It starts the other file once, however often it is asked.
        #[wasm_bindgen(js_name = natterLater)]
        fn fetch_later() -> Promise;
        /// The same when the browser is idle.
        #[wasm_bindgen(js_name = natterLaterWhenIdle)]
        fn fetch_later_when_idle() -> Promise;
    }

    // The names are those that `wasm_split_macros` would give to a lazy function. Its own way to load
    // is not used: it costs 2 KB more, and fails when the client itself came only with the second try.
    #[link(wasm_import_module = "__wasm_split_placeholder__")]
    unsafe extern "C" {
        /// Only after [`fetch`] has said yes: before that the table has nothing at its place.
        #[link_name = "__wasm_split_00later00_import_00000000000000000000000000000000"]
        safe fn view_there(part: LaterPart) -> AnyView;
    }

    #[unsafe(export_name = "__wasm_split_00later00_export_00000000000000000000000000000000")]
    extern "C" fn view_here(part: LaterPart) -> AnyView {
        super::parts(part)
    }

    /// Whether the other file is there now.
    pub async fn fetch() -> bool {
        JsFuture::from(fetch_later()).await.is_ok()
    }

    pub async fn fetch_when_idle() -> bool {
        JsFuture::from(fetch_later_when_idle()).await.is_ok()
    }

    pub fn view(part: LaterPart) -> AnyView {
        view_there(part)
    }
}

/// All in one file.
#[cfg(not(split))]
mod there {
    pub(super) use super::parts as view;

    pub async fn fetch() -> bool {
        true
    }

    pub async fn fetch_when_idle() -> bool {
        true
    }
}

/// The one door to the other file: what is reached through it alone is in there, its style too.
fn parts(part: LaterPart) -> AnyView {
    use crate::{
        background::{Background, Restore},
        components::{
            details::Details, emoji_picker::EmojiPicker, keys_help::KeysHelp,
            new_group::NewGroupDialog, page_style, switcher::Switcher, theme_toggle::ThemeToggle,
            who_has_it::WhoHasIt,
        },
        pages::{
            admin::AdminPage, join::JoinPage, not_found::NotFoundPage, passkey::PasskeySignIn,
            recover::RecoverPage, settings::SettingsPage, sign_out::SignOutDialog,
        },
    };

    page_style::adopt();
    match part {
        LaterPart::Admin => view! { <AdminPage/> }.into_any(),
        LaterPart::Background => view! { <Background/> }.into_any(),
        LaterPart::Details => view! { <Details/> }.into_any(),
        LaterPart::Emoji => view! { <EmojiPicker/> }.into_any(),
        LaterPart::Join => view! { <JoinPage/> }.into_any(),
        LaterPart::Keys => view! { <KeysHelp/> }.into_any(),
        LaterPart::NewGroup => view! { <NewGroupDialog/> }.into_any(),
        LaterPart::NotFound => view! { <NotFoundPage/> }.into_any(),
        LaterPart::Passkey => view! { <PasskeySignIn/> }.into_any(),
        LaterPart::Recover => view! { <RecoverPage/> }.into_any(),
        LaterPart::Restore => view! { <Restore/> }.into_any(),
        LaterPart::Settings => view! { <SettingsPage/> }.into_any(),
        LaterPart::SignOut => view! { <SignOutDialog/> }.into_any(),
        LaterPart::Switcher => view! { <Switcher/> }.into_any(),
        LaterPart::ThemeToggle => view! { <ThemeToggle/> }.into_any(),
        LaterPart::WhoHasIt => view! { <WhoHasIt/> }.into_any(),
    }
}
