//! The style of pages and dialogs that a first visit does not need. It comes with their code, and not with the style
//! sheet that every visitor downloads.

use wasm_bindgen::JsValue;

use crate::browser::{construct, invoke, member, set_member};

/// Where a document has the style sheets that scripts have made.
const ADOPTED: &str = "adoptedStyleSheets";
/// In the layer in which `style/main.css` has the components.
const STYLE: &str = concat!(
    "@layer components{",
    include_str!("../../../style/later/dialog.css"),
    include_str!("../../../style/later/page.css"),
    include_str!("../../../style/later/dialogs.css"),
    include_str!("../../../style/later/completion.css"),
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
    let adopted = member(&document, ADOPTED);
    if member(&adopted, "length").as_f64() == Some(0.0)
        && let Ok(sheets) = sheet(STYLE).and_then(|sheet| list(&sheet))
    {
        set_member(&document, ADOPTED, &sheets);
    }
}

/// Adds a rule behind it, in the place of the one before.
pub fn set_rule(rule: &str) {
    let document = leptos::prelude::document();
    let first = member(&member(&document, ADOPTED), "0");
    let sheets = sheet(rule).and_then(|rule| invoke(&list(&first)?, "concat", &rule));
    if let Ok(sheets) = sheets {
        set_member(&document, ADOPTED, &sheets);
    }
}

fn sheet(style: &str) -> Result<JsValue, JsValue> {
    let sheet = construct("CSSStyleSheet", &JsValue::UNDEFINED)?;
    invoke(&sheet, "replaceSync", &JsValue::from_str(style))?;
    Ok(sheet)
}

/// A list of one.
fn list(sheet: &JsValue) -> Result<JsValue, JsValue> {
    invoke(&member(&leptos::prelude::window(), "Array"), "of", sheet)
}
