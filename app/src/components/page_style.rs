//! The style of pages that a first visit does not need. It comes with their code, and not with the style
//! sheet that every visitor downloads.

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};

use crate::browser::{member, set_member};

/// In the layer in which `style/main.css` has the components.
const STYLE: &str = concat!(
    "@layer components{",
    include_str!("../../../style/later/page.css"),
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
    let window = leptos::prelude::window();
    let list_of = |item: &JsValue| {
        let array = member(&window, "Array");
        method(&array, "of")?.call1(&array, item)
    };
    let reflect = member(&window, "Reflect");
    let class = member(&window, "CSSStyleSheet");
    let sheet =
        method(&reflect, "construct")?.call2(&reflect, &class, &list_of(&JsValue::UNDEFINED)?)?;
    method(&sheet, "replaceSync")?.call1(&sheet, &JsValue::from_str(STYLE))?;
    list_of(&sheet)
}

fn method(of: &JsValue, name: &str) -> Result<Function, JsValue> {
    member(of, name).dyn_into()
}
