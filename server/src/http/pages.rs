//! The shell around the app, and the files that it loads.
//!
//! The app renders in the browser; the server sends a page with a skeleton in it, the same for
//! every address that the app knows, and a true 404 for every other one.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use app::{Assets, Entrance, Language, ROUTES, service_worker, shell};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use leptos::prelude::*;
use tower::{ServiceBuilder, ServiceExt};
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use super::{HttpState, cookie};
use crate::config::SignIn;

/// Which files the app consists of, and where they are.
#[derive(Debug)]
pub struct Pages {
    site: Option<PathBuf>,
    assets: Assets,
    options: LeptosOptions,
    hashed: bool,
}

impl Pages {
    /// Looks for the built client: in `configured`, else beside the program (`site`), else where
    /// cargo-leptos puts it (`../site`).
    pub fn find(configured: Option<&Path>) -> Self {
        let program = std::env::current_exe().ok();
        let folder = program.as_deref().and_then(Path::parent);
        let mut candidates: Vec<PathBuf> = Vec::new();
        candidates.extend(configured.map(Path::to_path_buf));
        candidates.extend(folder.map(|folder| folder.join("site")));
        candidates.extend(
            folder
                .and_then(Path::parent)
                .map(|folder| folder.join("site")),
        );
        let site = candidates
            .into_iter()
            .find(|candidate| candidate.join("pkg").is_dir());
        let hashes = [folder, site.as_deref()]
            .into_iter()
            .flatten()
            .find_map(|folder| std::fs::read_to_string(folder.join("hash.txt")).ok());
        let development = std::env::var_os("LEPTOS_WATCH").is_some();
        let later = site
            .as_deref()
            .and_then(|site| later(site, hashes.as_deref()));
        Self {
            assets: assets(hashes.as_deref(), later),
            hashed: hashes.is_some() && !development,
            options: leptos_options(site.as_deref()),
            site,
        }
    }

    /// Whether there is a client to serve.
    pub const fn is_built(&self) -> bool {
        self.site.is_some()
    }
}

/// The names of the files, with the hashes that cargo-leptos put into them: lines of `js: HASH`.
fn assets(hashes: Option<&str>, later: Option<String>) -> Assets {
    let name = |kind: &str| match hash(hashes, kind) {
        Some(hash) => format!("/pkg/natter.{hash}.{kind}"),
        None => format!("/pkg/natter.{kind}"),
    };
    Assets {
        script: name("js"),
        wasm: name("wasm"),
        later,
        style: name("css"),
    }
}

fn hash<'a>(hashes: Option<&'a str>, kind: &str) -> Option<&'a str> {
    let mut lines = hashes?.lines();
    lines.find_map(|line| Some(line.strip_prefix(kind)?.strip_prefix(": ")?.trim()))
}

/// The file with the later pages, as the list says that splitting leaves: from the name of each part
/// to its files, which is one as long as there is one part.
fn later(site: &Path, hashes: Option<&str>) -> Option<String> {
    let list = match hash(hashes, "manifest") {
        Some(hash) => format!("pkg/__wasm_split_manifest.{hash}.json"),
        None => "pkg/__wasm_split_manifest.json".to_owned(),
    };
    let list = std::fs::read(site.join(list)).ok()?;
    let parts: HashMap<String, Vec<String>> = serde_json::from_slice(&list).ok()?;
    let [file] = parts.get("later")?.as_slice() else {
        return None;
    };
    Some(format!("/pkg/{file}.wasm"))
}

fn leptos_options(site: Option<&Path>) -> LeptosOptions {
    // cargo-leptos tells the port for live reload; without it these stay unused.
    let reload_port = std::env::var("LEPTOS_RELOAD_PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .unwrap_or(3001);
    let options = LeptosOptions::builder()
        .output_name("natter")
        .reload_port(reload_port);
    let root = site.and_then(Path::to_str).unwrap_or("target/site");
    options.site_root(root).build()
}

/// The app's addresses, and the files of the site.
pub(crate) fn router(pages: &Pages) -> Router<HttpState> {
    let mut router = Router::new();
    for path in ROUTES {
        router = router.route(path, get(page));
    }
    if let Some(site) = &pages.site {
        // A file with a hash in its name never changes; in development names stay, files change.
        let caching = if pages.hashed {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let packages = ServiceBuilder::new()
            .layer(header_layer(header::CACHE_CONTROL, caching))
            .service(precompressed(&site.join("pkg")));
        router = router.nest_service("/pkg", packages);
        if pages.hashed {
            // In development files change under their names, and nothing is to be kept.
            router = router.route("/service-worker.js", get(worker));
        }
    }
    router.fallback(file_or_not_found)
}

/// The shell, for an address that the app knows.
async fn page(State(state): State<HttpState>, headers: HeaderMap) -> Response {
    if !state.pages.is_built() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "The pages are not built. Stop the server and start it with: cargo xtask serve",
        )
            .into_response();
    }
    render(&state, language(&headers)).await
}

/// The service worker. Browsers ask for it anew with every page, and see by it that there is another
/// version. Its policy is its own: it fetches from here and does nothing else.
async fn worker(State(state): State<HttpState>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ];
    (headers, service_worker(&state.pages.assets)).into_response()
}

/// A file of the site such as its icon; else the shell, in which the app says that there is
/// nothing here.
async fn file_or_not_found(State(state): State<HttpState>, request: Request) -> Response {
    if let Some(site) = &state.pages.site
        && request.method().is_safe()
    {
        let language = language(request.headers());
        let Ok(response) = precompressed(site).oneshot(request).await;
        if response.status() != StatusCode::NOT_FOUND {
            return response.into_response();
        }
        let mut response = render(&state, language).await;
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    }
    StatusCode::NOT_FOUND.into_response()
}

fn precompressed(folder: &Path) -> ServeDir {
    ServeDir::new(folder)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
}

fn header_layer(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// The language of whoever asks: what they have chosen, else what their browser is set to.
fn language(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    Language::of(cookie::language(headers).as_deref(), accepted)
}

async fn render(state: &HttpState, language: Language) -> Response {
    let entrance = entrance(state).await;
    let nonce = nonce();
    let html = Owner::new().with(|| {
        let options = state.pages.options.clone();
        let assets = state.pages.assets.clone();
        language.speak(|| {
            shell(
                options,
                assets,
                entrance,
                language.tag(),
                language.lines(),
                nonce.clone(),
            )
            .to_html()
        })
    });
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(&nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// How people come in. A setting that cannot be read counts as not open.
async fn entrance(state: &HttpState) -> Entrance {
    let accounts = state.sign_in == SignIn::Account;
    let open = accounts && state.services.accounts.is_open().await.unwrap_or_default();
    Entrance { accounts, open }
}

/// Scripts run only with this response's nonce; nothing is loaded from or sent to elsewhere, and no
/// other page frames this one. In development the live reload's own socket is allowed too.
fn content_security_policy(nonce: &str) -> String {
    let reload = if std::env::var_os("LEPTOS_WATCH").is_some() {
        " ws:"
    } else {
        ""
    };
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; img-src 'self' data:; \
         connect-src 'self'{reload}; manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

fn nonce() -> String {
    let bytes: [u8; 16] = rand::random();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_files_hold_their_hashes() {
        let assets = assets(Some("js: abc\nwasm: def\ncss: ghi\n"), None);
        assert_eq!(assets.script, "/pkg/natter.abc.js");
        assert_eq!(assets.wasm, "/pkg/natter.def.wasm");
        assert_eq!(assets.style, "/pkg/natter.ghi.css");
    }

    #[test]
    fn the_file_with_the_later_pages_is_in_the_list_of_parts() {
        let site = tempfile::tempdir().expect("a folder");
        let package = site.path().join("pkg");
        std::fs::create_dir(&package).expect("a folder");
        let hashes = Some("js: abc\nmanifest: jkl\nsplit: mno\n");
        assert_eq!(later(site.path(), hashes), None, "nothing was split");
        std::fs::write(
            package.join("__wasm_split_manifest.jkl.json"),
            r#"{"later":["split_later.pqr"]}"#,
        )
        .expect("a list");
        let file = later(site.path(), hashes);
        assert_eq!(file.as_deref(), Some("/pkg/split_later.pqr.wasm"));
    }

    #[test]
    fn without_hashes_the_names_are_plain() {
        assert_eq!(assets(None, None).script, "/pkg/natter.js");
    }
}
