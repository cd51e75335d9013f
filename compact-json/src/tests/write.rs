use std::fmt;

use serde::{Serializer, ser::Error};

use super::*;

fn written(value: &impl Serialize) -> Result<String, Unwritable> {
    serde_json::to_string(value).map_err(|_| Unwritable)
}

/// With one number in place of those that `serde_json` writes with other digits.
fn with_equal_decimals(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => Value::from(0.5),
        Value::Array(items) => items.into_iter().map(with_equal_decimals).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, with_equal_decimals(member)))
            .collect(),
        other => other,
    }
}

/// An object with one member, with a key that no map could have.
struct Keyed<K>(K);

impl<K: Serialize> Serialize for Keyed<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(&self.0, 1)])
    }
}

proptest! {
    #[test]
    fn a_structure_is_written_as_serde_json_does(sample in any_sample()) {
        let sample = Sample { ratio: 0.5, ..sample };
        prop_assert_eq!(write(&sample), written(&sample));
    }

    #[test]
    fn a_value_of_every_shape_is_written_as_serde_json_does(value in any_value()) {
        let value = with_equal_decimals(value);
        prop_assert_eq!(write(&value), written(&value));
    }

    #[test]
    fn what_is_written_here_reads_back(sample in any_sample(), value in any_value()) {
        prop_assert_eq!(read(&write(&sample).unwrap()), Ok(sample));
        prop_assert_eq!(read(&write(&value).unwrap()), Ok(value));
    }

    #[test]
    fn whole_numbers_of_every_width_are_written_as_serde_json_does(
        signed in any::<(i8, i16, i32, i64, i128)>(),
        unsigned in any::<(u8, u16, u32, u64, u128)>(),
    ) {
        prop_assert_eq!(write(&signed), written(&signed));
        prop_assert_eq!(write(&unsigned), written(&unsigned));
        prop_assert_eq!(write(&Keyed(signed.4)), written(&Keyed(signed.4)));
        prop_assert_eq!(write(&Keyed(unsigned.3)), written(&Keyed(unsigned.3)));
    }

    #[test]
    fn every_finite_number_reads_back_and_others_are_null(
        bits in any::<u64>(),
        short_bits in any::<u32>(),
    ) {
        let (number, short) = (f64::from_bits(bits), f32::from_bits(short_bits));
        let json = write(&number).unwrap();
        if number.is_finite() {
            prop_assert!(serde_json::from_str::<f64>(&json).is_ok(), "{}", json);
            prop_assert_eq!(read::<f64>(&json).map(f64::to_bits), Ok(bits));
        } else {
            prop_assert_eq!(json, "null");
        }
        let json = write(&short).unwrap();
        if short.is_finite() {
            prop_assert_eq!(read::<f32>(&json).map(f32::to_bits), Ok(short_bits));
        } else {
            prop_assert_eq!(json, "null");
        }
    }
}

#[test]
fn the_ends_of_the_ranges_of_numbers_are_written_as_serde_json_does() {
    let signed = (i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN);
    assert_eq!(write(&signed), written(&signed));
    let unsigned = (0, 9, 10, u64::MAX, u128::MAX, u128::from(u64::MAX) + 1);
    assert_eq!(write(&unsigned), written(&unsigned));
    for infinite in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        assert_eq!(write(&infinite).as_deref(), Ok("null"));
    }
    for (number, json) in [(0.0, "0.0"), (-0.0, "-0.0"), (0.1, "0.1"), (1e16, "1e16")] {
        assert_eq!(write(&number).as_deref(), Ok(json));
    }
}

#[test]
fn every_character_is_escaped_as_serde_json_does() {
    let text: String = ('\0'..='\u{ff}').chain("[{\u{2028}é😀".chars()).collect();
    assert_eq!(write(&text), written(&text));
    for character in text.chars() {
        let value = [(character, Keyed(character))];
        assert_eq!(write(&value), written(&value));
    }
}

#[test]
fn types_of_every_kind_are_written_as_serde_json_does() {
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Empty {}
    #[derive(Serialize)]
    struct Tuple(u8, Option<Unit>, [Unit; 0], Empty);
    #[derive(Serialize)]
    struct Outer {
        #[serde(rename = "\"[")]
        first: Tagged,
        #[serde(flatten)]
        second: Tagged,
    }
    #[derive(Serialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Small { size: u8, empty: Vec<u8> },
        None,
    }
    let tuple = Tuple(1, Some(Unit), [], Empty {});
    assert_eq!(write(&tuple), written(&tuple));
    let outer = Outer {
        first: Tagged::None,
        second: Tagged::Small {
            size: 1,
            empty: Vec::new(),
        },
    };
    assert_eq!(write(&outer), written(&outer));
    assert_eq!(write("a"), written(&"a"));
}

#[test]
fn a_key_is_a_string_or_can_be_made_one() {
    assert_eq!(write(&Keyed(-1)).as_deref(), Ok(r#"{"-1":1}"#));
    assert_eq!(write(&Keyed(true)).as_deref(), Ok(r#"{"true":1}"#));
    assert_eq!(write(&Keyed(Some("a"))), written(&Keyed(Some("a"))));
    assert_eq!(write(&Keyed(Pixels(0))), written(&Keyed(Pixels(0))));
    assert_eq!(write(&Keyed(Shape::Point)), written(&Keyed(Shape::Point)));
    let two = BTreeMap::from([(false, vec![1]), (true, vec![])]);
    assert_eq!(write(&two), written(&two));

    assert_eq!(write(&Keyed(())), Err(Unwritable));
    assert_eq!(write(&Keyed(None::<u8>)), Err(Unwritable));
    assert_eq!(write(&Keyed((1, 2))), Err(Unwritable));
    assert_eq!(write(&Keyed(Keyed("a"))), Err(Unwritable));
    assert_eq!(write(&Keyed(Shape::Circle(1))), Err(Unwritable));
    assert_eq!(
        write(&Keyed(serde_bytes::Bytes::new(b"a"))),
        Err(Unwritable)
    );
    for decimal in [1.0, -1e300, 1e-7, f64::NAN] {
        assert_eq!(write(&Keyed(decimal)), Err(Unwritable), "{decimal}");
    }
}

#[test]
fn a_value_that_refuses_to_be_written_is_an_error_and_no_panic() {
    struct Text(bool);

    impl fmt::Display for Text {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("\"")?;
            if self.0 { Ok(()) } else { Err(fmt::Error) }
        }
    }

    impl Serialize for Text {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self)
        }
    }

    struct Refusing;

    impl Serialize for Refusing {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(S::Error::custom("no"))
        }
    }

    assert_eq!(write(&[Text(true)]), written(&[Text(true)]));
    assert_eq!(write(&[Text(false)]), Err(Unwritable));
    assert_eq!(write(&Some(Refusing)), Err(Unwritable));
}

#[test]
fn bytes_without_attachments_are_written_as_serde_json_does() {
    for bytes in [&[][..], &[0], &[1, 22, 255]] {
        let bytes = Some(serde_bytes::Bytes::new(bytes));
        assert_eq!(write(&bytes), written(&bytes));
    }
}
