//! The style of pages and dialogs that a first visit does not need. It comes with their code, and not with the style
//! sheet that every visitor downloads.

use wasm_bindgen::JsValue;

use crate::browser::{construct, invoke, member, set_member};

/// In the layer in which `style/main.css` has the components.
const STYLE: &str = concat!(
    "@layer components{",
    include_str!("../../../style/later/dialog.css"),
    include_str!("../../../style/later/page.css"),
    include_str!("../../../style/later/dialogs.css"),
    include_str!("../../../style/later/new_version.css"),
    include_str!("../../../style/later/form.css"),
    include_str!("../../../style/later/settings.css"),
    include_str!("../../../style/later/table.css"),
    include_str!("../../../style/later/admin.css"),
    "}",
);

/// Adds the style to the document, once. The policy of the page allows it, because no text of the page
/// becomes style by it (CSSOM, section 6.1).
pub fn adopt() {
    let document = leptos::prelude::document();
    let adopted = member(&document, "adoptedStyleSheets");
    if member(&adopted, "length").as_f64() == Some(0.0)
        && let Ok(sheets) = sheets()
    {
        set_member(&document, "adoptedStyleSheets", &sheets);
    }
}

/// A list of the one sheet.
fn sheets() -> Result<JsValue, JsValue> {
    let sheet = construct("CSSStyleSheet", &JsValue::UNDEFINED)?;
    invoke(&sheet, "replaceSync", &JsValue::from_str(STYLE))?;
    invoke(&member(&leptos::prelude::window(), "Array"), "of", &sheet)
}
