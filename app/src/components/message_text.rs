//! What a message says, in the form that its writer gave it.

use leptos::{html, prelude::*};
use web_sys::Element;

use crate::{
    reactive::effect,
    state::markup::{self, Kind, Node},
};

#[component]
pub fn MessageText(words: String) -> impl IntoView {
    if let [] | [Node::Text(_)] = markup::parse(&words)[..] {
        return view! {
            <span class="message-text" dir="auto">
                {words}
            </span>
        }
        .into_any();
    }
    let place = NodeRef::<html::Span>::new();
    effect(move || {
        if let Some(place) = place.get() {
            add(&place, &markup::parse(&words));
        }
    });
    view! { <span node_ref=place class="message-text" dir="auto"></span> }.into_any()
}

/// Makes elements by hand: as views each kind of them would be compiled, and downloaded, by itself. Text
/// goes into text nodes and attributes, and is never read as HTML.
fn add(to: &Element, nodes: &[Node]) {
    let document = document();
    for node in nodes {
        let (kind, inside) = match node {
            Node::Text(text) => {
                let _ = to.append_child(&document.create_text_node(text));
                continue;
            }
            Node::Element(kind, inside) => (*kind, inside),
        };
        let Ok(element) = document.create_element(tag(kind)) else {
            continue;
        };
        let set = |name, value: &str| drop(element.set_attribute(name, value));
        if let [Node::Text(text)] = &inside[..] {
            match kind {
                Kind::Link => {
                    set("href", text);
                    set("target", "_blank");
                    // Where it leads has neither a hand on this page nor a word of where it came from.
                    set("rel", "noopener noreferrer");
                }
                // By which the style knows whom it is about: `background/mention.rs`.
                Kind::Mention => set("data-name", text),
                _ => {}
            }
        }
        add(&element, inside);
        let _ = to.append_child(&element);
    }
}

const fn tag(kind: Kind) -> &'static str {
    match kind {
        Kind::Bold => "strong",
        Kind::Code => "code",
        Kind::CodeBlock => "pre",
        Kind::Italic => "em",
        Kind::Item => "li",
        Kind::Link => "a",
        Kind::Mention => "b",
        Kind::List => "ul",
        Kind::Quote => "blockquote",
    }
}
