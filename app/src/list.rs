//! Rows that come, go and move.

use std::{
    cell::RefCell,
    collections::HashSet,
    hash::{Hash, Hasher},
    mem,
};

use leptos::{
    html::ElementType,
    prelude::*,
    tachys::view::{Mountable, Render, any_view::AnyViewState},
};
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::{
    reactive::effect,
    state::{recipient::Recipient, rows::RowKey},
};

/// What tells the rows of a list apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    Recipient(Recipient),
    Row(RowKey),
}

/// As derived, but written into the download once and not wherever a table grows.
impl Hash for Key {
    #[inline(never)]
    fn hash<H: Hasher>(&self, state: &mut H) {
        mem::discriminant(self).hash(state);
        match self {
            Self::Recipient(recipient) => recipient.hash(state),
            Self::Row(row) => row.hash(state),
        }
    }
}

/// Fills the element that it is given to, and that holds nothing else: `keys` are followed, and `row` is called
/// once for each.
///
/// Where two rows or more come before others, leptos' own `For` takes all of those out of the page and puts
/// them back. A browser then lays all of them out anew, which takes longer than a frame, and nothing in them
/// is selected or has the focus any more.
pub fn list<E>(
    keys: impl Fn() -> Vec<Key> + 'static,
    row: impl Fn(Key) -> AnyView + 'static,
) -> NodeRef<E>
where
    E: ElementType,
    E::Output: JsCast + Clone + 'static,
{
    let place = NodeRef::<E>::new();
    let element = move || place.get().map(JsCast::unchecked_into);
    follow(Box::new(element), Box::new(keys), Box::new(row));
    place
}

fn follow(
    place: Box<dyn Fn() -> Option<Element>>,
    keys: Box<dyn Fn() -> Vec<Key>>,
    row: Box<dyn Fn(Key) -> AnyView>,
) {
    let owner = Owner::current().unwrap_or_default();
    let held = RefCell::new(Vec::new());
    effect(move || {
        if let Some(place) = place() {
            let keys = keys();
            let make = |key: &Key| {
                let row = || row(key.clone()).build();
                let owner = owner.child();
                let view = untrack(|| owner.with(row));
                Row {
                    key: key.clone(),
                    view,
                    _owner: owner,
                }
            };
            put(&place, &mut held.borrow_mut(), &keys, &make);
        }
    });
}

struct Row {
    key: Key,
    view: AnyViewState,
    /// What was made for the row goes with it.
    _owner: Owner,
}

/// Makes `held`, and what is in the page, those of `keys` in their order. Whatever can stay where it is stays.
fn put(place: &Element, held: &mut Vec<Row>, keys: &[Key], make: &dyn Fn(&Key) -> Row) {
    let is_same = |(row, key): &(&Row, &Key)| row.key == **key;
    let before = held.iter().zip(keys).take_while(is_same).count();
    let (rows, new) = (&held[before..], &keys[before..]);
    let after = rows.iter().rev().zip(new.iter().rev());
    let after = after.take_while(is_same).count();
    let new = &new[..new.len() - after];
    let mut after = held.split_off(held.len() - after);
    let mut old = held.split_off(before);
    let wanted: HashSet<&Key> = new.iter().collect();
    old.retain_mut(|row| {
        let stays = wanted.contains(&row.key);
        if !stays {
            row.view.unmount();
        }
        stays
    });
    old.reverse();
    for key in new {
        let row = match old.iter().rposition(|row| row.key == *key) {
            Some(last) if last + 1 == old.len() => old.pop(),
            Some(other) => {
                let mut row = old.remove(other);
                insert(place, &mut row, old.last().or(after.first()));
                Some(row)
            }
            None => {
                let mut row = make(key);
                insert(place, &mut row, old.last().or(after.first()));
                Some(row)
            }
        };
        held.extend(row);
    }
    held.append(&mut after);
}

fn insert(place: &Element, row: &mut Row, next: Option<&Row>) {
    match next {
        Some(next) => {
            next.view.insert_before_this(&mut row.view);
        }
        None => row.view.mount(place, None),
    }
}
