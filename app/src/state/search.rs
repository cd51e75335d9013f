//! Finding names, whatever their capitals.

/// A text as it is compared: without the difference between capitals and small letters.
///
/// The browser knows all alphabets, and its tables need not be downloaded.
#[cfg(target_arch = "wasm32")]
pub fn folded(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

#[cfg(not(target_arch = "wasm32"))]
pub fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// Whether what was typed occurs in a name. Nothing typed occurs in every name.
pub fn occurs(typed: &str, name: &str) -> bool {
    let (typed, name) = (folded(typed.trim()), folded(name));
    typed.is_empty()
        || name
            .as_bytes()
            .windows(typed.len())
            .any(|part| part == typed.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_found_anywhere_in_any_capitals() {
        for typed in ["", " ", "Ärz", "ärzte", "TIN ", "Martina ärzte"] {
            assert!(occurs(typed, "Martina Ärzte"), "{typed}");
        }
        for typed in ["artz", "Martina Ärzte!", "a  ä"] {
            assert!(!occurs(typed, "Martina Ärzte"), "{typed}");
        }
    }
}
