//! What the forms of the settings and the administration are made of.

/// One try after the other, and what became of the last one.
pub mod attempt;
/// A label, what is typed under it, and what is wrong with it.
pub mod field;
/// The button of a form, and the line beside it that says what happened.
pub mod outcome;
