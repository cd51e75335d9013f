use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::*;

mod attachments;
mod read;
mod write;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    full_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    count: u64,
    offset: i32,
    ratio: f64,
    is_on: bool,
    letter: char,
    shapes: Vec<Shape>,
    pair: (u8, Pixels),
    named: BTreeMap<String, Option<i64>>,
    nothing: (),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pixels(u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shape {
    Point,
    Circle(u32),
    Line(i8, i8),
    Box { width: u16, height: u16 },
}

fn any_shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        Just(Shape::Point),
        any::<u32>().prop_map(Shape::Circle),
        any::<(i8, i8)>().prop_map(|(x, y)| Shape::Line(x, y)),
        any::<(u16, u16)>().prop_map(|(width, height)| Shape::Box { width, height }),
    ]
}

fn any_sample() -> impl Strategy<Value = Sample> {
    let texts = (any::<String>(), any::<Option<String>>(), any::<char>());
    let numbers = (any::<u64>(), any::<i32>(), -1e300..1e300, any::<bool>());
    let shapes = prop::collection::vec(any_shape(), 0..4);
    let named = prop::collection::btree_map(any::<String>(), any::<Option<i64>>(), 0..3);
    (texts, numbers, shapes, any::<(u8, u32)>(), named).prop_map(
        |((full_name, note, letter), (count, offset, ratio, is_on), shapes, pair, named)| Sample {
            full_name,
            note,
            count,
            offset,
            ratio,
            is_on,
            letter,
            shapes,
            pair: (pair.0, Pixels(pair.1)),
            named,
            nothing: (),
        },
    )
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4).prop_map(Value::from_iter),
        ]
    })
}
