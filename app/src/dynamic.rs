//! The parts of a view that change.
//!
//! Each kind of part is one type, whatever closure makes it: a view is compiled for each
//! combination of types in it, and what is downloaded grows with their number.

use leptos::{prelude::*, tachys::html::InertElement};

use crate::{language::said, reactive::Computed};

/// An element that never changes, as HTML that has what it says in braces: see [`said`]. It costs next to
/// nothing to download, where a view costs code for each of its elements.
pub fn still(html: &'static str) -> InertElement {
    InertElement::new(said(html))
}

/// A text, as content or as an attribute.
pub type Text = Box<dyn Fn() -> String + Send + Sync>;
/// Any view.
pub type Part = Box<dyn Fn() -> AnyView + Send + Sync>;
/// What happens on an event.
pub type Handler<E> = Box<dyn FnMut(E)>;

pub fn text(text: impl Fn() -> String + Send + Sync + 'static) -> Text {
    Box::new(text)
}

/// "true" or "false", for an attribute.
pub fn flag(holds: impl Fn() -> bool + Send + Sync + 'static) -> Text {
    text(move || holds().to_string())
}

/// A view that is made anew whenever something changes that `part` has read.
pub fn part(part: impl Fn() -> AnyView + Send + Sync + 'static) -> Part {
    Box::new(part)
}

/// A view that is there while something holds.
pub fn when(
    holds: impl Fn() -> bool + Send + Sync + 'static,
    view: impl Fn() -> AnyView + Send + Sync + 'static,
) -> Part {
    let holds = Computed::new(move |_| holds());
    part(move || if holds.get() { view() } else { ().into_any() })
}

pub fn on<E>(handler: impl FnMut(E) + 'static) -> Handler<E> {
    Box::new(handler)
}
