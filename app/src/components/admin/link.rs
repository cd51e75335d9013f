//! A link that was just made: to copy, to share, or for the camera of a phone. It is shown once.

use leptos::{ev::FocusEvent, prelude::*};
use protocol::administration::NewLink;
use wasm_bindgen::JsValue;
use web_sys::HtmlInputElement;

use crate::{
    browser,
    components::{copy_button::CopyButton, moment::moment, woven::woven},
    dynamic::on,
    language::translate,
    reactive::spawn,
};

#[component]
pub fn LinkCard(
    link: NewLink,
    /// The id of the field with the link.
    id: &'static str,
    /// Whom to give it to.
    #[prop(into)]
    lead: String,
) -> impl IntoView {
    // A link that was made is what one wants to do something with next.
    request_animation_frame(move || browser::focus(&["#", id].concat()));
    let once = woven(
        translate("It is shown this once, and holds until {end}."),
        vec![("end", moment(link.expires_at))],
    );
    let url = link.url.reveal().to_owned();
    let shared = url.clone();
    // So that one key copies it where the button cannot.
    let select = |event: FocusEvent| {
        let field = event_target::<HtmlInputElement>(&event);
        spawn(async move {
            let _ = browser::call(&field, "select", &JsValue::UNDEFINED).await;
        });
    };
    let share = move |_| {
        let url = shared.clone();
        spawn(async move { browser::share(&url).await });
    };
    view! {
        <div class="link">
            <img class="link-picture" src=link.qr.reveal().to_owned() alt=translate("The link as a QR code")/>
            <div class="link-text">
                <p>{lead} " " {once}</p>
                <div class="field">
                    <label class="field-label" for=id>
                        {translate("Link")}
                    </label>
                    <input id=id class="field-input" readonly value=url.clone() on:focus=on(select)/>
                </div>
                <div class="form-actions">
                    <CopyButton content=url/>
                    {browser::can_share()
                        .then(|| view! {
                            <button type="button" class="button" on:click=on(share)>
                                {translate("Share")}
                            </button>
                        })}
                </div>
            </div>
        </div>
    }
}
