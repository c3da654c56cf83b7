//! Parses JSON one level at a time.
//!
//! Other values are only skipped, without recursion and without checking their numbers and escapes. So an invalid value
//! does not affect its neighbours.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::unexpected::Unexpected;

/// Members kept of one list or object; a page has at most 500 imports.
const MAX_MEMBERS: usize = 5_000;

/// A value that has not been parsed yet.
pub(super) type Raw<'a> = &'a RawValue;

/// A value, parsed one level deep.
pub(super) enum Json<'a> {
    Null,
    Bool,
    /// A number, in the server's digits.
    Number(&'a str),
    Text(String),
    List(Vec<Raw<'a>>),
    Object(Members<'a>),
}

impl<'a> Json<'a> {
    pub(super) fn of(raw: Raw<'a>, unexpected: &mut Unexpected) -> Self {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'"') => Self::Text(text_of(raw, unexpected)),
            Some(b'[') => {
                Self::List(kept(serde_json::from_str::<Items<'_>>(text).map(|list| list.0), unexpected))
            }
            Some(b'{') => Self::Object(Members::open(raw, unexpected)),
            Some(b't' | b'f') => Self::Bool,
            Some(b'n') | None => Self::Null,
            Some(_) => Self::Number(text),
        }
    }
}

/// An object's members in the server's order.
#[derive(Default)]
pub(super) struct Members<'a>(pub(super) Vec<(String, Raw<'a>)>);

impl<'a> Members<'a> {
    fn open(raw: Raw<'a>, unexpected: &mut Unexpected) -> Self {
        let pairs = kept(serde_json::from_str::<Pairs<'_>>(raw.get()).map(|pairs| pairs.0), unexpected);
        Self(pairs.into_iter().map(|(name, value)| (text_of(name, unexpected), value)).collect())
    }

    /// The last member of that name.
    pub(super) fn get(&self, name: &str) -> Option<Raw<'a>> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| *value)
    }
}

/// A scalar as text, a list or an object as compact JSON, `null` as nothing.
pub(super) fn plain(raw: Raw<'_>, unexpected: &mut Unexpected) -> String {
    match Json::of(raw, unexpected) {
        Json::Null => String::new(),
        Json::Bool => raw.get().to_owned(),
        Json::Number(digits) => digits.to_owned(),
        Json::Text(text) => text,
        // Unchanged if nested too deeply to be parsed.
        Json::List(_) | Json::Object(_) => serde_json::from_str::<Value>(raw.get())
            .map_or_else(|_| raw.get().to_owned(), |value| value.to_string()),
    }
}

/// Whether a value is a list or an object.
pub(super) fn is_nested(raw: Raw<'_>) -> bool {
    raw.get().starts_with(['[', '{'])
}

fn text_of(raw: Raw<'_>, unexpected: &mut Unexpected) -> String {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| {
        unexpected.note("text", "has an invalid escape");
        raw.get().trim_matches('"').to_owned()
    })
}

/// Members that were read, and whether there were more than are kept.
type Kept<T> = (Vec<T>, bool);

fn kept<T>(read: serde_json::Result<Kept<T>>, unexpected: &mut Unexpected) -> Vec<T> {
    let (members, cut) = read.unwrap_or_default();
    if cut {
        unexpected.note("list or object", "has more members than are kept");
    }
    members
}

struct Items<'a>(Kept<Raw<'a>>);

struct Pairs<'a>(Kept<(Raw<'a>, Raw<'a>)>);

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Items<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while items.len() < MAX_MEMBERS {
                    match seq.next_element()? {
                        Some(item) => items.push(item),
                        None => return Ok(Items((items, false))),
                    }
                }
                let mut cut = false;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    cut = true;
                }
                Ok(Items((items, cut)))
            }
        }
        deserializer.deserialize_seq(Collect)
    }
}

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while pairs.len() < MAX_MEMBERS {
                    match map.next_entry()? {
                        Some(pair) => pairs.push(pair),
                        None => return Ok(Pairs((pairs, false))),
                    }
                }
                let mut cut = false;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    cut = true;
                }
                Ok(Pairs((pairs, cut)))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_of(json: &str) -> String {
        plain(serde_json::from_str(json).unwrap(), &mut Unexpected::default())
    }

    #[test]
    fn values_become_text_as_the_server_wrote_them() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for (json, text) in [
            ("null", ""),
            ("true", "true"),
            ("1.10", "1.10"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1e999", "1e999"),
            (r#""caf\u00e9 \"x\"""#, "café \"x\""),
            (r#""broken \ud800""#, r"broken \ud800"),
            (r#"{ "b": [1, "\u00e9"], "a": null }"#, r#"{"b":[1,"é"],"a":null}"#),
            (&deep, &deep),
        ] {
            assert_eq!(plain_of(json), text);
        }
    }

    #[test]
    fn a_huge_list_is_cut_and_counted() {
        let json = format!("[{}0]", "0,".repeat(MAX_MEMBERS));
        let mut unexpected = Unexpected::default();
        let list = Json::of(serde_json::from_str(&json).unwrap(), &mut unexpected);
        assert!(matches!(list, Json::List(items) if items.len() == MAX_MEMBERS));
        assert_eq!(unexpected.into_list().len(), 1);
    }

    #[test]
    fn members_keep_their_order_and_unusual_names() {
        let json = r#"{"z": 1, "\ud800": [1e999], "a": 2, "z": 3}"#;
        let Json::Object(members) = Json::of(serde_json::from_str(json).unwrap(), &mut Unexpected::default())
        else {
            panic!("no object")
        };
        let names: Vec<_> = members.0.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["z", r"\ud800", "a", "z"]);
        assert_eq!(members.get("z").unwrap().get(), "3");
    }
}
