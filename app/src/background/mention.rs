//! Lets mentions of whoever reads stand out.

use crate::{components::page_style, reactive::expect_context, state::AppState};

pub fn start() {
    if let Some(viewer) = expect_context::<AppState>().viewer() {
        // A username has nothing in it that would end the text it stands in.
        let rule = [
            "@layer components{.message-text b[data-name=\"@",
            viewer.as_str(),
            "\" i]{border-radius:var(--radius-small);background:var(--colour-caution-tint);color:var(--colour-caution)}}",
        ];
        page_style::set_rule(&rule.concat());
    }
}
