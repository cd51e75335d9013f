//! Signing in with a passkey (Web Authentication, <https://www.w3.org/TR/webauthn-3/>).

use js_sys::{Function, JSON, Object, Promise, Reflect};
use leptos::prelude::*;
use protocol::{
    ErrorCode, Problem,
    account::{PasskeyAnswer, PasskeyChallenge},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::entry::Entry;
use crate::{
    api::{self, ApiError, Method, SignedIn},
    language::translate,
    reactive::expect_context,
};

/// One try with the [`Entry`] of the login page, which shows how it ends.
#[component]
pub fn PasskeySignIn() -> impl IntoView {
    expect_context::<Entry>().wait_for(sign_in());
}

async fn sign_in() -> Result<SignedIn, ApiError> {
    let challenge: PasskeyChallenge =
        api::ask(Method::Post, "/web/login/passkey/start", None).await?;
    let credential = sign(&challenge.options).await.ok_or_else(not_used)?;
    let answer = PasskeyAnswer {
        id: challenge.id,
        credential,
        name: None,
    };
    api::enter("/web/login/passkey", &api::json(&answer)).await
}

/// Has the browser sign a challenge; none if its person did not want to, or could not.
async fn sign(options: &str) -> Option<String> {
    let request = request(options).ok()?;
    let credential = JsFuture::from(request).await.ok()?;
    JSON::stringify(&credential).ok()?.as_string()
}

/// `navigator.credentials.get({publicKey})`, which browsers do not offer in the shape that the
/// bindings know: the options are made of their JSON.
fn request(options: &str) -> Result<Promise, JsValue> {
    let kind = Reflect::get(&window(), &"PublicKeyCredential".into())?;
    let options = call(&kind, "parseRequestOptionsFromJSON", &JSON::parse(options)?)?;
    let asked = Object::new();
    Reflect::set(&asked, &"publicKey".into(), &options)?;
    let credentials = Reflect::get(&window().navigator(), &"credentials".into())?;
    call(&credentials, "get", &asked)?.dyn_into()
}

fn call(target: &JsValue, name: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(target, &name.into())?.dyn_into()?;
    function.call1(target, argument)
}

fn not_used() -> ApiError {
    ApiError::Refused(Problem {
        title: String::new(),
        status: 0,
        code: ErrorCode::PasskeyRefused,
        detail: translate("No passkey was used. Try again, or sign in with your password.")
            .to_owned(),
        field: None,
        retry_after: None,
    })
}
