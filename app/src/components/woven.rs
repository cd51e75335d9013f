//! Sentences in which elements stand, whatever the order that a language has them in.

use leptos::prelude::*;

/// A sentence with views in place of their names in braces.
pub fn woven(sentence: &'static str, mut views: Vec<(&str, AnyView)>) -> AnyView {
    let parts = sentence.split(['{', '}']).map(|part| {
        let place = views.iter().position(|(name, _)| *name == part);
        match place {
            Some(place) => views.swap_remove(place).1,
            None => part.into_any(),
        }
    });
    parts.collect_view().into_any()
}
