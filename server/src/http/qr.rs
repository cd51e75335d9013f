//! A link as a QR code (ISO/IEC 18004), so that a phone can open what a screen shows.

use std::fmt::Write;

use base64::{Engine, prelude::BASE64_STANDARD};
use qrcodegen::{QrCode, QrCodeEcc};

/// White modules around it, as many as the standard asks for.
const QUIET: i32 = 4;

/// The picture as a `data:` URL of SVG; empty for a text that is too long for any code.
pub fn picture(text: &str) -> String {
    match QrCode::encode_text(text, QrCodeEcc::Medium) {
        Ok(code) => {
            let svg = BASE64_STANDARD.encode(svg(&code));
            format!("data:image/svg+xml;base64,{svg}")
        }
        Err(_) => String::new(),
    }
}

fn svg(code: &QrCode) -> String {
    let side = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a String does not fail.
            let _ = write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path fill="#fff" d="M0,0h{side}v{side}h-{side}z"/><path d="{path}"/></svg>"##
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_picture_and_what_fits_no_code_none() {
        let picture = picture("https://chat.example/join#abc");
        assert!(
            picture.starts_with("data:image/svg+xml;base64,"),
            "{picture}"
        );
        assert_eq!(super::picture(&"x".repeat(5_000)), "");
    }
}
