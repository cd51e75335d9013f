//! Where a timeline is scrolled to, and how it stays there when something comes above or below.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    AddEventListenerOptions, Element, HtmlElement, MutationObserver, MutationObserverInit,
    ResizeObserver,
};

use crate::{
    browser::member,
    reactive::Observable,
    state::{places::Place, rows::RowKey},
};

/// So near to the end counts as at the end.
const NEAR_THE_END: f64 = 100.0;
/// So near to an edge the next page is fetched.
pub const NEAR_AN_EDGE: f64 = 600.0;
/// How far below the upper edge the "New" line is put.
const BELOW_THE_EDGE: f64 = 64.0;

/// What a browser scrolls by before a page hears of it.
const MOTIONS: [&str; 2] = ["wheel", "touchmove"];

/// A scrolling box and the list in it. The list's children are the rows of `order`, one by one.
#[derive(Clone, Copy)]
pub struct Scroll {
    pub scroller: NodeRef<html::Div>,
    pub list: NodeRef<html::Ol>,
    /// The rows that are messages hold a place; lines between them come and go.
    order: Observable<Vec<RowKey>>,
    place: Observable<Place>,
    /// The first rows have been put in their place.
    settled: Observable<bool>,
    /// How large everything was when it was put in its place.
    measure: Observable<usize>,
    /// How far the box was scrolled, in pixels, when the place was taken down or things were put back there.
    top: Observable<f64>,
    /// By how many pixels too low things were put back there, less than one either way: boxes scroll by whole pixels.
    /// If that were taken down with the next place, many halves would be a way.
    rest: Observable<f64>,
}

impl Scroll {
    pub fn new(
        list: NodeRef<html::Ol>,
        order: Observable<Vec<RowKey>>,
        place: Observable<Place>,
    ) -> Self {
        Self {
            scroller: NodeRef::new(),
            list,
            order,
            place,
            settled: Observable::new(false),
            measure: Observable::new(0),
            top: Observable::new(0.0),
            rest: Observable::new(0.0),
        }
    }

    /// At the end, and shown there.
    pub fn is_at_end(self) -> bool {
        self.settled.get() && self.place.with(|place| *place == Place::End)
    }

    pub fn place(self) -> Place {
        self.place.get_untracked()
    }

    pub fn go_to_end(self) {
        self.place.set(Place::End);
        self.keep();
    }

    /// Whether the first, and the last, row is near to what one sees.
    pub fn near_edges(self) -> (bool, bool) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return (false, false);
        };
        (
            scroll_top(&scroller) < NEAR_AN_EDGE,
            distance_to_end(&scroller) < NEAR_AN_EDGE,
        )
    }

    /// Whether one can still scroll some way to where there are others `above` and `below`.
    pub fn has_way(self, (above, below): (bool, bool)) -> bool {
        self.scroller.get_untracked().is_some_and(|scroller| {
            (!above || scroll_top(&scroller) > NEAR_THE_END)
                && (!below || distance_to_end(&scroller) > NEAR_THE_END)
        })
    }

    /// Whether one sees where the rows in the page begin, or end, and there are others `above` or `below`.
    pub fn has_room(self, (above, below): (bool, bool)) -> bool {
        let (Some(scroller), Some(list)) =
            (self.scroller.get_untracked(), self.list.get_untracked())
        else {
            return false;
        };
        let begins = distance(&scroller, &list);
        let ends = begins + list.get_bounding_client_rect().height();
        let is_made = list.child_element_count() > 0;
        is_made && (above && begins > 0.0 || below && ends < f64::from(scroller.client_height()))
    }

    /// Takes down where the reader has scrolled to. `ends_here` says that no newer messages have
    /// yet to be fetched or made. False where nobody but the page itself has scrolled.
    pub fn take_down(self, ends_here: bool) -> bool {
        let (Some(scroller), Some(list)) =
            (self.scroller.get_untracked(), self.list.get_untracked())
        else {
            return false;
        };
        // Where something has another size since then the browser has scrolled and nobody else, and
        // what one sees is about to be put back.
        if !self.settled.get_untracked() || self.measure.get_untracked() != measure(&scroller) {
            return false;
        }
        let top = scroll_top(&scroller);
        let is_elsewhere = (top - self.top.get_untracked()).abs() > f64::EPSILON;
        // Whoever scrolls has what is seen where it is.
        if is_elsewhere {
            self.top.set(top);
            self.rest.set(0.0);
        }
        if ends_here && distance_to_end(&scroller) <= NEAR_THE_END {
            self.place.set(Place::End);
        } else {
            self.take_first_in_view(&scroller, &list);
        }
        is_elsewhere
    }

    /// Puts what one sees back where it was, after anything has changed its size. It has to run
    /// before the page is painted.
    pub fn keep(self) {
        let (Some(scroller), Some(list)) =
            (self.scroller.get_untracked(), self.list.get_untracked())
        else {
            return;
        };
        // Where the rows in the page are about to become others, this is called again once they are.
        let rows = list.child_element_count() as usize;
        if rows == 0 || rows != self.order.with_untracked(Vec::len) {
            return;
        }
        self.rest.set(0.0);
        match self.place.get_untracked() {
            Place::End => {
                scroller.set_scroll_top(scroller.scroll_height());
                if !self.settled.get_untracked() {
                    self.show_new_line(&scroller, &list);
                }
            }
            Place::Row {
                key,
                offset,
                height,
            } => {
                let index = self
                    .order
                    .with_untracked(|order| order.iter().position(|it| *it == key));
                if let Some(words) = index.and_then(|index| words(&list, index)) {
                    let now = words.get_bounding_client_rect().height();
                    let offset = if offset < 0.0 && height > 0.0 {
                        offset * now / height
                    } else {
                        offset
                    };
                    scroll_by(&scroller, distance(&scroller, &words) - offset);
                    let rest = distance(&scroller, &words) - offset;
                    // A whole pixel is no rest: the box has nowhere to scroll to, and the place is still to be reached.
                    if rest.abs() < 1.0 {
                        self.rest.set(rest);
                        self.take_first_in_view(&scroller, &list);
                    }
                }
            }
        }
        self.settled.set(true);
        self.measure.set(measure(&scroller));
        self.top.set(scroll_top(&scroller));
    }

    /// Watches both boxes until the owner is gone: rows that come and go, and anything that makes
    /// them higher or lower. Both are told before the page is painted.
    pub fn watch(self, after: impl Fn() + Copy + 'static) {
        let (Some(scroller), Some(list)) =
            (self.scroller.get_untracked(), self.list.get_untracked())
        else {
            return;
        };
        let keep = move || {
            self.keep();
            after();
        };
        keep();
        let changed = Closure::<dyn Fn(JsValue)>::new(move |_| keep());
        let callback = changed.as_ref().unchecked_ref();
        let mutations = MutationObserver::new(callback).ok();
        if let Some(observer) = &mutations {
            let rows = MutationObserverInit::new();
            rows.set_child_list(true);
            let _ = observer.observe_with_options(&list, &rows);
            let _ = observer.observe_with_options(&scroller, &rows);
        }
        let sizes = ResizeObserver::new(callback).ok();
        if let Some(observer) = &sizes {
            observer.observe(&list);
            observer.observe(&scroller);
        }
        let held = StoredValue::new_local((changed, mutations, sizes));
        on_cleanup(move || {
            held.try_with_value(|(_, mutations, sizes)| {
                if let Some(observer) = mutations {
                    observer.disconnect();
                }
                if let Some(observer) = sizes {
                    observer.disconnect();
                }
            });
        });
    }

    /// Hears of the wheel and of fingers, until the owner is gone. The browser is told that nobody here will hold it
    /// up: else it would wait for that with scrolling.
    pub fn hear(self, moves: impl Fn() + 'static) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let heard = Closure::<dyn Fn(JsValue)>::new(move |_| moves());
        let options = AddEventListenerOptions::new();
        options.set_passive(true);
        for event in MOTIONS {
            let _ = scroller.add_event_listener_with_callback_and_add_event_listener_options(
                event,
                heard.as_ref().unchecked_ref(),
                &options,
            );
        }
        let held = StoredValue::new_local((scroller, heard));
        on_cleanup(move || {
            held.try_with_value(|(scroller, heard)| {
                for event in MOTIONS {
                    let heard = heard.as_ref().unchecked_ref();
                    let _ = scroller.remove_event_listener_with_callback(event, heard);
                }
            });
        });
    }

    /// At first, what was not read yet begins in view: the "New" line is brought down from above
    /// the upper edge. Where nothing was read before it, reading has no place to go on from.
    fn show_new_line(self, scroller: &HtmlElement, list: &Element) {
        let line = self.order.with_untracked(|order| {
            let index = order.iter().position(|key| *key == RowKey::New)?;
            order[..index]
                .iter()
                .any(RowKey::is_message)
                .then_some(index)
        });
        let Some(line) = line.and_then(|index| child(list, index)) else {
            return;
        };
        let above = distance(scroller, &line) - BELOW_THE_EDGE;
        if above < 0.0 {
            scroll_by(scroller, above);
            self.take_first_in_view(scroller, list);
        }
    }

    /// Takes down which message begins first in view, as if things had been put back to a part of a pixel.
    fn take_first_in_view(self, scroller: &HtmlElement, list: &Element) {
        if let Some(place) = self.first_in_view(scroller, list) {
            self.place.set(place.higher_by(self.rest.get_untracked()));
        }
    }

    /// The first message that begins in view, or the one that fills all of it. The first in view is found
    /// by halving: rows are in the order of their edges.
    fn first_in_view(self, scroller: &HtmlElement, list: &Element) -> Option<Place> {
        let count = list.child_element_count() as usize;
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = usize::midpoint(low, high);
            let row = child(list, middle)?;
            let bottom = distance(scroller, &row) + row.get_bounding_client_rect().height();
            if bottom > 0.0 {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        self.order.with_untracked(|order| {
            let mut first = None;
            for (index, key) in order.iter().enumerate().skip(low) {
                if !key.is_message() {
                    continue;
                }
                let words = words(list, index)?;
                let offset = distance(scroller, &words);
                if first.is_some() && offset >= f64::from(scroller.client_height()) {
                    break;
                }
                first = Some(Place::Row {
                    key: key.clone(),
                    offset,
                    height: words.get_bounding_client_rect().height(),
                });
                if offset >= 0.0 {
                    break;
                }
            }
            first
        })
    }
}

/// What is said in a message's row: that must not move, whatever comes above it in the same row.
fn words(list: &Element, index: usize) -> Option<Element> {
    let row = child(list, index)?;
    let words = row.query_selector(".message-text").ok().flatten();
    Some(words.unwrap_or(row))
}

fn child(list: &Element, index: usize) -> Option<Element> {
    list.children().item(u32::try_from(index).ok()?)
}

/// How far something begins below the box's upper edge.
fn distance(scroller: &Element, row: &Element) -> f64 {
    row.get_bounding_client_rect().top() - scroller.get_bounding_client_rect().top()
}

/// The height of what scrolls and of the box, as one number.
fn measure(scroller: &Element) -> usize {
    let [all, shown] = [scroller.scroll_height(), scroller.client_height()]
        .map(|height| usize::try_from(height).unwrap_or_default());
    all.wrapping_mul(1 << 12).wrapping_add(shown)
}

/// How far the box is scrolled, in pixels; parts of them count where the page is magnified.
fn scroll_top(scroller: &Element) -> f64 {
    let top = member(scroller, "scrollTop").as_f64();
    top.unwrap_or_default()
}

fn distance_to_end(scroller: &Element) -> f64 {
    f64::from(scroller.scroll_height() - scroller.client_height() - scroller.scroll_top())
}

/// Scrolls by a distance that need not be whole, without counting in whole pixels in between.
fn scroll_by(scroller: &Element, distance: f64) {
    if distance.abs() >= 0.5 {
        scroller.scroll_by_with_x_and_y(0.0, distance);
    }
}
