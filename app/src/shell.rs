//! The page that the server sends for every route: an empty body with a skeleton of what is to
//! come, and the scripts that start the client beside it.

use leptos::prelude::*;

use self::login::LoginForm;
use crate::language::translate;

/// Signing in, as it is sent.
mod login;

/// Where the built files are, as URL paths such as `/pkg/natter.HASH.js`.
#[derive(Clone, Debug)]
pub struct Assets {
    pub script: String,
    pub wasm: String,
    /// The pages that are fetched when one is first opened; `None` if all are in `wasm`.
    pub later: Option<String>,
    pub style: String,
}

/// How people come in here. The client reads it from the root element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entrance {
    /// People have accounts, and not names alone.
    pub accounts: bool,
    /// Anybody may make an account.
    pub open: bool,
}

/// Renders the page in the language that is spoken: `lang` is its tag, `words` its catalog, `None` for
/// the language of the source. `nonce` is the one that the response's Content-Security-Policy names.
pub fn shell(
    options: LeptosOptions,
    assets: Assets,
    entrance: Entrance,
    lang: &'static str,
    words: Option<&'static str>,
    nonce: String,
) -> impl IntoView {
    let Assets {
        script,
        wasm,
        later,
        style,
    } = assets;
    let loader = format!(
        "const SCRIPT = {}, WASM = {}, LATER = {}, WORDS = {};\n{}",
        javascript_string(&script),
        javascript_string(&wasm),
        later.map_or_else(|| "null".to_owned(), |later| javascript_string(&later)),
        loader_words(),
        without_comments(include_str!("shell/loader.js"))
    );
    let sign_in = if entrance.accounts { "account" } else { "name" };
    let registration = if entrance.open { "open" } else { "invitation" };
    let words = words.map(|words| {
        view! { <script r#type="text/plain" id="words" nonce=nonce.clone()>{words}</script> }
    });
    let reload = reload_script(options)
        .map(|script| view! { <script nonce=nonce.clone()>{script}</script> });

    view! {
        <!DOCTYPE html>
        <html lang=lang data-sign-in=sign_in data-registration=registration>
            <head>
                <meta charset="utf-8"/>
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
                />
                <title>"Natter"</title>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#fbfaf7"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#161b1d"/>
                <meta name="description" content=translate("Natter: messages between people.")/>
                <script nonce=nonce.clone()>{without_comments(include_str!("shell/early.js"))}</script>
                {words}
                <link rel="modulepreload" href=script nonce=nonce.clone()/>
                <link
                    rel="preload"
                    href=wasm
                    r#as="fetch"
                    r#type="application/wasm"
                    crossorigin="anonymous"
                />
                <link rel="stylesheet" href=style/>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="apple-touch-icon" href="/icon-180.png"/>
                <style nonce=nonce.clone()>{without_comments(include_str!("shell/skeleton.css"))}</style>
                {reload}
            </head>
            <body>
                <noscript>
                    <p>{translate("Natter needs JavaScript. Allow it for this page, then load it again.")}</p>
                </noscript>
                <Skeleton entrance/>
                <script r#type="module" nonce=nonce>
                    {loader}
                </script>
            </body>
        </html>
    }
}

/// The service worker: a script that keeps the files of this version, and opens the app from them when
/// there is no server.
pub fn service_worker(assets: &Assets) -> String {
    let Assets {
        script,
        wasm,
        later,
        style,
    } = assets;
    let files = [Some(script), Some(wasm), later.as_ref(), Some(style)];
    let files = files.into_iter().flatten().map(String::as_str);
    let literals: Vec<String> = files
        .chain(["/favicon.svg", "/manifest.webmanifest"])
        .map(javascript_string)
        .collect();
    format!(
        "const FILES = [{}];\n{}",
        literals.join(", "),
        without_comments(include_str!("shell/worker.js"))
    )
}

/// Grey shapes where the list and the timeline will be or, for whoever has to sign in, the form for that;
/// and the sentence that takes their place when the client cannot be loaded.
#[component]
fn Skeleton(entrance: Entrance) -> impl IntoView {
    let row = || view! { <div class="skeleton-row"><i></i><b></b></div> };
    view! {
        <div id="skeleton">
            <div class="skeleton-list" aria-hidden="true">
                <div class="skeleton-head"></div>
                {(0..7).map(|_| row()).collect_view()}
            </div>
            <div class="skeleton-main" aria-hidden="true">
                <div class="skeleton-head"></div>
            </div>
            <LoginForm has_accounts=entrance.accounts/>
            <div id="load-failed" role="alert" hidden>
                <p>{translate("Natter could not be loaded. Check your connection, then load it again.")}</p>
                <button type="button">{translate("Reload")}</button>
            </div>
        </div>
    }
}

/// What `loader.js` says before the client can, as JavaScript.
fn loader_words() -> String {
    let words = [
        ("show", translate("Show")),
        ("hide", translate("Hide")),
        ("showPassword", translate("Show password")),
        ("hidePassword", translate("Hide password")),
        ("signingIn", translate("Signing in…")),
    ];
    let words = words.map(|(name, word)| [name, ": ", &javascript_string(word)].concat());
    ["{ ", &words.join(", "), " }"].concat()
}

/// cargo-leptos's live reload, `None` outside of `cargo leptos watch`.
///
/// The component has no way to take a nonce, so the text of its script is given one here.
#[cfg(feature = "ssr")]
fn reload_script(options: LeptosOptions) -> Option<String> {
    let html = view! { <AutoReload options/> }.to_html();
    let (_, script) = html.split_once("<script>")?;
    let (script, _) = script.rsplit_once("</script>")?;
    Some(script.to_owned())
}

#[cfg(not(feature = "ssr"))]
fn reload_script(_options: LeptosOptions) -> Option<String> {
    None
}

/// Every visit downloads the scripts and the style, and what explains or indents them is for whoever works
/// on them.
fn without_comments(script: &str) -> String {
    let lines = script.lines().map(str::trim_start);
    let lines = lines.filter(|line| !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// A string as JavaScript writes it, safe inside of a `<script>`.
fn javascript_string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                literal.push_str(&format!("\\u{:04x}", character as u32));
            }
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_end_the_script_it_is_written_in() {
        assert_eq!(
            javascript_string(r#"/a"</script>\"#),
            r#""/a\u0022\u003c/script\u003e\u005c""#
        );
    }

    #[test]
    fn comments_stay_at_home_and_addresses_do_not() {
        let script = "// Why.\nconst a = \"https://a\";\n  // And then.\n  b();\n";
        assert_eq!(without_comments(script), "const a = \"https://a\";\nb();\n");
    }

    #[test]
    fn the_page_asks_early_for_what_the_client_asks_for() {
        use crate::state::timeline::{Page, Timeline};

        let asked = |unread: u64| match Timeline::default().ask_newest(unread).page {
            Page::Newest { limit } => limit,
            page => panic!("{page:?}"),
        };
        let most_unread = 10;
        let script = include_str!("shell/early.js");
        assert!(script.contains(&format!("unread <= {most_unread})")));
        assert!(script.contains(&format!("messages?limit={}`", asked(0))));
        assert_eq!(asked(most_unread), asked(0));
    }

    #[cfg(feature = "ssr")]
    fn page(lang: &'static str, words: Option<&'static str>) -> String {
        let owner = Owner::new();
        owner.with(|| {
            let options = LeptosOptions::builder().output_name("natter").build();
            let assets = Assets {
                script: "/pkg/natter.js".into(),
                wasm: "/pkg/natter.wasm".into(),
                later: Some("/pkg/split_later.wasm".into()),
                style: "/pkg/natter.css".into(),
            };
            let entrance = Entrance {
                accounts: true,
                open: false,
            };
            shell(options, assets, entrance, lang, words, "n0nce".into()).to_html()
        })
    }

    #[test]
    fn the_service_worker_keeps_the_files_of_its_version() {
        let script = service_worker(&Assets {
            script: "/pkg/natter.1.js".into(),
            wasm: "/pkg/natter.2.wasm".into(),
            later: None,
            style: "/pkg/natter.3.css".into(),
        });
        let (files, _) = script.split_once('\n').expect("a line");
        assert_eq!(
            files,
            r#"const FILES = ["/pkg/natter.1.js", "/pkg/natter.2.wasm", "/pkg/natter.3.css", "/favicon.svg", "/manifest.webmanifest"];"#
        );
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn scripts_reach_the_page_as_they_are_written() {
        let page = page("en", None);
        assert!(page.contains(r#"data-sign-in="account" data-registration="invitation""#));
        assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
        for part in [
            include_str!("shell/early.js"),
            include_str!("shell/loader.js"),
            include_str!("shell/skeleton.css"),
        ] {
            assert!(page.contains(without_comments(part).trim()), "{page}");
        }
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn another_language_brings_its_words() {
        let page = page("de", Some("Sign in\tAnmelden"));
        assert!(page.contains(r#"<html lang="de""#), "{page}");
        assert!(page.contains(r#" id="words""#), "{page}");
        assert!(page.contains(">Sign in\tAnmelden</script>"), "{page}");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn every_inline_script_and_style_carries_the_nonce() {
        let page = page("en", None);
        let opened = page.matches("<script").count() + page.matches("<style").count();
        let allowed = page.matches(r#"<script nonce="n0nce""#).count()
            + page
                .matches(r#"<script type="module" nonce="n0nce""#)
                .count()
            + page.matches(r#"<style nonce="n0nce""#).count();
        assert_eq!((opened, allowed), (3, 3), "{page}");
        assert!(page.contains(r#"crossorigin="anonymous""#), "{page}");
    }
}
