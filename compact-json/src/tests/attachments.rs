use serde_bytes::{ByteBuf, Bytes};

use super::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Upload {
    name: String,
    content: ByteBuf,
    preview: Option<ByteBuf>,
    parts: Vec<ByteBuf>,
    kind: Kind,
    named: BTreeMap<String, ByteBuf>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Plain,
    Signed(ByteBuf),
    Sealed { key: ByteBuf, length: u32 },
    Pair(ByteBuf, i8),
}

fn any_bytes() -> impl Strategy<Value = ByteBuf> {
    prop::collection::vec(any::<u8>(), 0..8).prop_map(ByteBuf::from)
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Plain),
        any_bytes().prop_map(Kind::Signed),
        (any_bytes(), any::<u32>()).prop_map(|(key, length)| Kind::Sealed { key, length }),
        (any_bytes(), any::<i8>()).prop_map(|(bytes, number)| Kind::Pair(bytes, number)),
    ]
}

fn any_upload() -> impl Strategy<Value = Upload> {
    let preview = prop::option::of(any_bytes());
    let parts = prop::collection::vec(any_bytes(), 0..3);
    let named = prop::collection::btree_map(any::<String>(), any_bytes(), 0..3);
    (
        any::<String>(),
        any_bytes(),
        preview,
        parts,
        any_kind(),
        named,
    )
        .prop_map(|(name, content, preview, parts, kind, named)| Upload {
            name,
            content,
            preview,
            parts,
            kind,
            named,
        })
}

fn placeholder(index: usize) -> String {
    format!(r#"{{"_placeholder":true,"num":{index}}}"#)
}

proptest! {
    #[test]
    fn what_is_written_with_attachments_reads_back(upload in any_upload()) {
        let mut attachments = Vec::new();
        let json = write_with_attachments(&upload, &mut attachments).unwrap();
        let count = json.matches("_placeholder").count();
        prop_assert_eq!(count, attachments.len());
        prop_assert_eq!(&attachments[0], upload.content.as_ref());
        prop_assert_eq!(read_with_attachments(&json, &attachments), Ok(upload));
    }

    #[test]
    fn what_is_written_without_attachments_reads_back(upload in any_upload()) {
        let json = write(&upload).unwrap();
        prop_assert_eq!(&json, &serde_json::to_string(&upload).unwrap());
        prop_assert_eq!(read(&json), Ok(upload.clone()));
        prop_assert_eq!(read_with_attachments(&json, &[]), Ok(upload));
    }

    #[test]
    fn what_has_no_bytes_is_the_same_with_attachments(sample in any_sample(), value in any_value()) {
        let mut attachments = Vec::new();
        let json = write_with_attachments(&sample, &mut attachments).unwrap();
        prop_assert_eq!(&json, &write(&sample).unwrap());
        prop_assert_eq!(read_with_attachments(&json, &attachments), Ok(sample));
        let json = write_with_attachments(&value, &mut attachments).unwrap();
        prop_assert_eq!(&json, &write(&value).unwrap());
        prop_assert_eq!(read_with_attachments(&json, &attachments), Ok(value));
        prop_assert!(attachments.is_empty());
    }

    #[test]
    fn a_part_of_a_text_with_attachments_is_an_error(upload in any_upload(), end in any::<prop::sample::Index>()) {
        let mut attachments = Vec::new();
        let json = write_with_attachments(&upload, &mut attachments).unwrap();
        let ends: Vec<usize> = json.char_indices().map(|(at, _)| at).collect();
        let part = &json[..*end.get(&ends)];
        prop_assert_eq!(read_with_attachments::<Upload>(part, &attachments), Err(Unreadable));
    }
}

#[test]
fn attachments_are_numbered_behind_those_that_are_there() {
    let mut attachments = vec![vec![1]];
    let value = (
        ByteBuf::from([2]),
        "a",
        [Bytes::new(&[]), Bytes::new(&[3, 4])],
    );
    let json = write_with_attachments(&value, &mut attachments).unwrap();
    let [first, second, third] = [1, 2, 3].map(placeholder);
    assert_eq!(json, format!(r#"[{first},"a",[{second},{third}]]"#));
    assert_eq!(attachments, [vec![1], vec![2], vec![], vec![3, 4]]);
}

#[test]
fn attachments_stay_as_they_were_where_the_value_cannot_be_written() {
    let mut attachments = vec![vec![1]];
    let value = (Bytes::new(&[2]), BTreeMap::from([("a", 1)]));
    assert!(write_with_attachments(&value, &mut attachments).is_ok());
    assert_eq!(attachments, [[1], [2]]);
    let value = (Bytes::new(&[3]), BTreeMap::from([((), 1)]));
    let result = write_with_attachments(&value, &mut attachments);
    assert_eq!(result, Err(Unwritable));
    let value = BTreeMap::from([(Bytes::new(&[3]), 1)]);
    let result = write_with_attachments(&value, &mut attachments);
    assert_eq!(result, Err(Unwritable));
    assert_eq!(attachments, [[1], [2]]);
}

#[test]
fn a_placeholder_is_known_by_its_members_in_any_order() {
    let attachments = [vec![1, 2], vec![3]];
    for json in [
        r#"{"_placeholder":true,"num":1}"#,
        r#"{"num":1,"_placeholder":true}"#,
        r#" { "num" : 1 , "_placeholder" : true } "#,
        r#"{"x":[{"num":0}],"_placeholder":true,"y":{},"\u006eum":1}"#,
    ] {
        let bytes = read_with_attachments::<ByteBuf>(json, &attachments);
        assert_eq!(bytes, Ok(ByteBuf::from([3])), "{json}");
        let list = read_with_attachments::<Vec<u8>>(json, &attachments);
        assert_eq!(list, Ok(vec![3]), "{json}");
    }
    for wrong in [
        "{}",
        r#"{"num":1}"#,
        r#"{"_placeholder":true}"#,
        r#"{"_placeholder":false,"num":1}"#,
        r#"{"_placeholder":"true","num":1}"#,
        r#"{"_placeholder":true,"num":2}"#,
        r#"{"_placeholder":true,"num":-1}"#,
        r#"{"_placeholder":true,"num":1.0}"#,
        r#"{"_placeholder":true,"num":"1"}"#,
        r#"{"_placeholder":true,"num":18446744073709551617}"#,
        r#"{"_placeholder":true,"num":1"#,
        r#"{"_placeholder":true,"num":1}}"#,
    ] {
        let bytes = read_with_attachments::<ByteBuf>(wrong, &attachments);
        assert_eq!(bytes, Err(Unreadable), "{wrong}");
        let list = read_with_attachments::<Vec<u8>>(wrong, &attachments);
        assert_eq!(list, Err(Unreadable), "{wrong}");
    }
}

#[test]
fn an_attachment_is_borrowed() {
    let json = placeholder(0);
    let attachments = [vec![1, 2]];
    let bytes: &[u8] = read_with_attachments(&json, &attachments).unwrap();
    assert_eq!(bytes.as_ptr(), attachments[0].as_ptr());
}

#[test]
fn without_attachments_a_placeholder_is_an_object() {
    let json = placeholder(0);
    let attachments = [vec![1]];
    let bytes = read_with_attachments::<ByteBuf>(&json, &attachments);
    assert_eq!(bytes, Ok(ByteBuf::from([1])));
    assert_eq!(
        read_with_attachments::<ByteBuf>(&json, &[]),
        Err(Unreadable)
    );
    assert_eq!(read::<ByteBuf>(&json), Err(Unreadable));
    assert_eq!(read::<Vec<u8>>(&json), Err(Unreadable));
}

#[test]
fn where_anything_is_asked_for_a_placeholder_is_an_object() {
    let json = format!("[{}]", placeholder(5));
    let value = read_with_attachments::<Value>(&json, &[]);
    assert_eq!(value, Ok(serde_json::from_str(&json).unwrap()));
    let members = read_with_attachments::<Vec<BTreeMap<String, Value>>>(&json, &[vec![1]]);
    assert_eq!(members.unwrap()[0]["num"], Value::from(5));
}

#[test]
fn bytes_can_be_an_array_or_a_string_too() {
    let expected = Ok(ByteBuf::from([97, 98]));
    assert_eq!(read_with_attachments("[97, 98]", &[]), expected);
    assert_eq!(read_with_attachments("\"ab\"", &[]), expected);
    assert_eq!(read("[97, 98]"), expected);
    assert_eq!(read("\"ab\""), expected);
    assert_eq!(read::<ByteBuf>("[256]"), Err(Unreadable));
    assert_eq!(read::<ByteBuf>("1"), Err(Unreadable));
}

#[test]
fn an_attachment_in_place_of_an_array_is_its_bytes() {
    let attachments = [vec![0, 255], vec![], vec![1, 2, 3]];
    let [both, none, three] = [0, 1, 2].map(placeholder);
    let json = format!("[{both},{none},[7,8],{three}]");
    let lists = read_with_attachments::<Vec<Vec<u8>>>(&json, &attachments);
    assert_eq!(
        lists,
        Ok(vec![vec![0, 255], vec![], vec![7, 8], vec![1, 2, 3]])
    );
    let list = read_with_attachments::<Vec<Option<u32>>>(&both, &attachments);
    assert_eq!(list, Ok(vec![Some(0), Some(255)]));
    let array = read_with_attachments::<[u8; 3]>(&three, &attachments);
    assert_eq!(array, Ok([1, 2, 3]));

    for length in [&both, &none] {
        let array = read_with_attachments::<[u8; 3]>(length, &attachments);
        assert_eq!(array, Err(Unreadable));
    }
    let pair = read_with_attachments::<[u8; 2]>(&three, &attachments);
    assert_eq!(pair, Err(Unreadable));
}

#[test]
fn the_bytes_of_an_attachment_are_numbers_and_nothing_that_follows_it() {
    let attachments = [vec![1]];
    let value = placeholder(0);
    let json = format!("[{value},2]");
    let pair = read_with_attachments::<(Vec<u8>, u8)>(&json, &attachments);
    assert_eq!(pair, Ok((vec![1], 2)));
    let json = format!(r#"[{value},"a"]"#);
    let pair = read_with_attachments::<(Vec<u8>, String)>(&json, &attachments);
    assert_eq!(pair, Ok((vec![1], "a".to_owned())));
    let pair = read_with_attachments::<(Vec<String>, String)>(&json, &attachments);
    assert_eq!(pair, Err(Unreadable));
    let pair = read_with_attachments::<(Vec<Vec<u8>>, String)>(&json, &attachments);
    assert_eq!(pair, Err(Unreadable));
}

#[test]
fn a_placeholder_within_too_many_arrays_is_an_error() {
    let nested = |depth: usize| "[".repeat(depth) + &placeholder(0) + &"]".repeat(depth);
    let deepest = usize::from(MAX_DEPTH);
    let bytes = |depth| read_with_attachments::<Nested>(&nested(depth), &[vec![1]]).map(drop);
    assert_eq!(bytes(deepest - 1), Ok(()));
    assert_eq!(bytes(deepest), Err(Unreadable));
}

/// Bytes within arrays, without what serde holds back.
struct Nested;

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(Self)
    }
}

impl<'de> serde::de::Visitor<'de> for Nested {
    type Value = Self;

    fn expecting(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }
}
