//! One statement for many rows. What is asked of each, or changed in each, goes along as a list of
//! values, which the statement takes for a table.

use sea_orm::sea_query::{Expr, IntoIden, TableRef, Value, ValueTuple};

use super::members::MAX_PARAMETERS;

const NAME: &str = "given";
/// What both databases call the columns of a list of values.
const COLUMNS: [&str; 4] = ["column1", "column2", "column3", "column4"];

/// The list as a table, one of `rows` of at least one and at most [`COLUMNS`] values.
pub fn table<const WIDTH: usize>(rows: &[[Value; WIDTH]]) -> TableRef {
    let tuples = rows.iter().map(|row| ValueTuple::Many(row.to_vec()));
    TableRef::ValuesList(tuples.collect(), NAME.into_iden())
}

/// A column of the list, from 0.
pub fn column(number: usize) -> Expr {
    Expr::col((NAME, COLUMNS[number]))
}

/// The rows in parts, none of which has more values than a statement may bind.
pub fn parts<const WIDTH: usize>(
    rows: &[[Value; WIDTH]],
) -> impl Iterator<Item = &[[Value; WIDTH]]> {
    rows.chunks(MAX_PARAMETERS / WIDTH)
}
