//! Which rows of a timeline are in the page, and what each of them shows.

use std::{collections::HashMap, mem};

use leptos::prelude::{request_animation_frame, window};

use crate::{
    reactive::{ArcObservable, Observable, Stored, effect},
    state::{
        places::Place,
        rows::{Row, RowKey, next_shown},
    },
};

/// The height of a message of two or three lines, in pixels. Where they are lower, there is room for more.
const USUAL_HEIGHT: f64 = 64.0;

/// Each row is followed by itself: whoever follows all of them asks all of them whenever one changes.
#[derive(Clone, Copy)]
pub struct ShownRows {
    /// The rows that are in the page.
    pub order: Observable<Vec<RowKey>>,
    /// There are others, which follow frame by frame.
    pub is_growing: Observable<bool>,
    all: Stored<Vec<RowKey>>,
    /// The next frame brings more of it.
    is_due: Stored<bool>,
    rows: Stored<HashMap<RowKey, ArcObservable<Row>>>,
    place: Observable<Place>,
    /// Whether somebody is scrolling who has enough to scroll through.
    waits: Stored<Box<dyn Fn() -> bool + Send + Sync>>,
}

impl ShownRows {
    /// Follows what `lay_out` reads. What one sees at `place` is shown first.
    pub fn new(
        lay_out: impl Fn() -> Vec<(RowKey, Row)> + 'static,
        place: Observable<Place>,
    ) -> Self {
        let shown = Self {
            order: Observable::default(),
            is_growing: Observable::new(false),
            all: Stored::new(Vec::new()),
            is_due: Stored::new(false),
            rows: Stored::new(HashMap::new()),
            place,
            waits: Stored::new(Box::new(|| false)),
        };
        // Nothing is said of an empty timeline where there are rows.
        shown.take(lay_out());
        effect(move || shown.take(lay_out()));
        shown
    }

    /// Whether there are rows that are not in the page yet, above and below those that are.
    pub fn lacks(self) -> (bool, bool) {
        self.all.with_value(|all| {
            self.order
                .with_untracked(|order| (order.first() != all.first(), order.last() != all.last()))
        })
    }

    /// What a row shows. `None` once it is gone.
    pub fn get(self, key: &RowKey) -> Option<Observable<Row>> {
        let row = self.rows.with_value(|rows| rows.get(key).cloned());
        row.map(Observable::from)
    }

    fn take(self, rows: Vec<(RowKey, Row)>) {
        self.all
            .set_value(rows.iter().map(|(key, _)| key.clone()).collect());
        self.rows.update_value(|held| {
            let mut before = mem::take(held);
            held.extend(rows.into_iter().map(|(key, row)| {
                let held = match before.remove(&key) {
                    Some(held) => {
                        if held.with_untracked(|before| *before != row) {
                            held.set(row);
                        }
                        held
                    }
                    None => ArcObservable::new(row),
                };
                (key, held)
            }));
        });
        let is_first = self.order.with_untracked(Vec::is_empty);
        self.show_more(if is_first { rows_in_view() } else { 0 });
        if !self.is_due.with_value(|due| *due) {
            self.is_due.set_value(true);
            // The frame that is being made has its share.
            self.next_frame(Self::go_on);
        }
    }

    /// Has what is out of view wait as long as `waits` holds.
    pub fn wait_while(self, waits: impl Fn() -> bool + Send + Sync + 'static) {
        self.waits.set_value(Box::new(waits));
    }

    /// Shows a few rows more, where those in the page do not fill it.
    pub fn fill(self) {
        self.show_more(0);
    }

    fn show_more(self, in_view: usize) {
        let place = self.place.get_untracked();
        self.all.with_value(|all| {
            let next = self
                .order
                .with_untracked(|order| next_shown(order, all, &place, in_view));
            let is_growing = next.len() < all.len();
            if self.order.with_untracked(|order| *order != next) {
                self.order.set(next.to_vec());
            }
            if self.is_growing.get_untracked() != is_growing {
                self.is_growing.set(is_growing);
            }
        });
    }

    /// Frame by frame, until everything is shown.
    fn go_on(self) {
        let is_due = self.is_growing.get_untracked();
        self.is_due.set_value(is_due);
        if is_due {
            self.next_frame(|shown| {
                if !shown.waits.with_value(|waits| waits()) {
                    shown.show_more(rows_in_view());
                }
                shown.go_on();
            });
        }
    }

    fn next_frame(self, then: fn(Self)) {
        request_animation_frame(move || {
            if !self.all.is_gone() {
                then(self);
            }
        });
    }
}

/// How many rows one sees, about.
fn rows_in_view() -> usize {
    let height = window().inner_height().ok();
    let height = height.and_then(|height| height.as_f64());
    // A screen has some thousands of pixels.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let rows = (height.unwrap_or_default() / USUAL_HEIGHT).ceil() as usize;
    rows
}
