use super::*;

/// Text that is nearly JSON.
fn any_text() -> impl Strategy<Value = String> {
    "[\\[\\]{}:,\" \t\n\\\\/bfnrtuadAD80-9eE+.\\-xé😀]{0,24}|(true|false|null|-?[0-9]{1,3}(\\.[0-9]{0,2})?(e[+-]?[0-9]{0,2})?|\"(\\\\u[dD][89aAcCdD][0-9]{2}|\\\\[a-z/\"]|[a-z])*\"|[\\[\\]{}:, ]){0,8}"
}

/// Without the last digits of numbers, which `serde_json` rounds differently.
fn rounded(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            Value::from(format!("{:.9e}", number.as_f64().unwrap_or_default()))
        }
        Value::Array(items) => items.into_iter().map(rounded).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, rounded(member)))
            .collect(),
        other => other,
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back(sample in any_sample()) {
        let json = serde_json::to_string(&sample).unwrap();
        prop_assert_eq!(read::<Sample>(&json), Ok(sample.clone()));
        let json = serde_json::to_string_pretty(&sample).unwrap();
        prop_assert_eq!(read::<Sample>(&json), Ok(sample));
    }

    #[test]
    fn values_of_every_shape_read_back(value in any_value()) {
        prop_assert_eq!(read::<Value>(&value.to_string()), Ok(value));
    }

    #[test]
    fn exactly_what_serde_json_reads_is_read(text in any_text()) {
        let expected = serde_json::from_str(&text).ok().map(rounded);
        prop_assert_eq!(read(&text).ok().map(rounded), expected.clone(), "{}", text);
        let skipped = read::<serde::de::IgnoredAny>(&text).is_ok();
        prop_assert_eq!(skipped, expected.is_some(), "{}", text);
    }

    #[test]
    fn a_part_of_a_text_is_never_a_panic(value in any_value(), end in any::<prop::sample::Index>()) {
        let json = value.to_string();
        let ends: Vec<usize> = json.char_indices().map(|(at, _)| at).collect();
        let text = &json[..*end.get(&ends)];
        prop_assert_eq!(read(text).ok().map(rounded), serde_json::from_str(text).ok().map(rounded));
    }

    #[test]
    fn an_array_is_split_into_its_values(values in prop::collection::vec(any_value(), 0..5)) {
        let json = serde_json::to_string_pretty(&values).unwrap();
        let parts = split_array(&json).unwrap();
        let read: Vec<Value> = parts.into_iter().map(|part| read(part).unwrap()).collect();
        prop_assert_eq!(read, values);
    }
}

#[test]
fn an_object_is_split_into_its_members() {
    let members = split_object(r#" { "a" : [1, 2] , "\u0062":{"c":"}"}} "#).unwrap();
    let expected = [("a", "[1, 2]"), ("b", r#"{"c":"}"}"#)];
    assert_eq!(members, expected.map(|(name, value)| (name.into(), value)));
    for wrong in ["[]", "{1:2}", r#"{"a"}"#, r#"{"a":1,}"#, r#"{"a":1} x"#] {
        assert_eq!(split_object(wrong), Err(Unreadable), "{wrong}");
    }
}

#[test]
fn a_string_without_escapes_is_borrowed() {
    assert_eq!(read::<&str>("\"häuser\""), Ok("häuser"));
    assert_eq!(read::<&str>("\"h\\u00e4user\""), Err(Unreadable));
    assert_eq!(read("\"\\ud83d\\ude00\""), Ok("😀".to_owned()));
}

#[test]
fn unknown_members_are_passed_over_and_missing_ones_are_an_error() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Small {
        a: u8,
    }
    let json = r#"{"x":[{"y":"]"}],"a":1,"z":{}}"#;
    assert_eq!(read(json), Ok(Small { a: 1 }));
    for wrong in [
        "{}",
        r#"{"a":1,}"#,
        r#"{"a":256}"#,
        r#"{"a":1.0}"#,
        r#"{"a":1} 2"#,
        r#"{"a":1,"a":2}"#,
    ] {
        assert_eq!(read::<Small>(wrong), Err(Unreadable), "{wrong}");
    }
}

#[test]
fn more_than_was_asked_for_is_an_error() {
    assert_eq!(read("[1,2]"), Ok((1, 2)));
    assert_eq!(read::<(u8, u8)>("[1,2,3]"), Err(Unreadable));
    assert_eq!(read::<Shape>(r#"{"circle":1,"point":2}"#), Err(Unreadable));
}

#[test]
fn the_beginning_of_an_array_is_as_much_as_was_asked_for() {
    let beginning = |json| read_beginning::<(u8, String)>(json, &[]);
    let both = (1, "two".to_owned());
    assert_eq!(beginning(r#"[1,"two"]"#), Ok(both.clone()));
    assert_eq!(beginning(r#"[1,"two",{"three":[]}]"#), Ok(both));
    for wrong in ["[1]", "[]", r#"["two",1]"#, "{}", ""] {
        assert_eq!(beginning(wrong), Err(Unreadable), "{wrong}");
    }
    assert_eq!(read_beginning::<Vec<u8>>("[1,2,3]", &[]), Ok(vec![1, 2, 3]));
}

#[test]
fn what_nests_too_deep_is_an_error_and_no_overflow() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let deepest = usize::from(MAX_DEPTH);
    assert!(read::<Value>(&nested(deepest)).is_ok());
    assert_eq!(read::<Value>(&nested(deepest + 1)), Err(Unreadable));
    assert_eq!(split_array(&nested(100_000)), Err(Unreadable));
}
