//! Locates the values of a JSON text in one pass.
//!
//! They are only located, without recursion and without checking numbers and escapes. So an invalid value does not
//! affect its neighbours.

use std::borrow::Cow;
use std::iter;

use memchr::memchr2;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::unexpected::Unexpected;

/// Members kept of one list or object; a page has at most 500 imports.
pub(super) const MAX_MEMBERS: usize = 5_000;

/// Values and names located in one text: several times those of the largest sample that is kept.
const MAX_PLACES: usize = 1_000_000;

/// Where the values of a text are; a response has 64 MiB at most, so that 32 bits are enough.
pub(super) struct Index<'a> {
    text: &'a str,
    /// In the order of the text: the names of an object's members are before their values.
    places: Vec<Place>,
    /// Whether nothing was passed over.
    is_whole: bool,
}

#[derive(Clone, Copy, Default)]
struct Place {
    start: u32,
    end: u32,
    /// The place after everything inside this one.
    next: u32,
    /// Whether it is a string with escapes.
    escaped: bool,
}

impl<'a> Index<'a> {
    /// Locates all values of valid JSON.
    pub(super) fn new(text: &'a str, unexpected: &mut Unexpected) -> Self {
        Self::to_level(usize::MAX, text, unexpected)
    }

    /// Locates values down to a level. Lists and objects on that level look empty: an index of their own shows what is inside.
    pub(super) fn to_level(deepest: usize, text: &'a str, unexpected: &mut Unexpected) -> Self {
        let bytes = text.as_bytes();
        // A usual sample at once: growing step by step takes longer than reading it.
        let mut places = Vec::<Place>::with_capacity((text.len() / 16).min(1_000));
        // Each with how many values and names were located right inside it: one that has too many costs no other anything.
        let mut open = Vec::<(usize, usize)>::new();
        let (mut at, mut cut) = (0, false);
        while let Some(byte) = bytes.get(at) {
            if matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':') {
                at += 1;
                continue;
            }
            let start = at as u32;
            let has_room =
                places.len() < MAX_PLACES && open.last().is_none_or(|(_, inside)| *inside <= 2 * MAX_MEMBERS);
            match byte {
                b'[' | b'{' if open.len() < deepest && has_room => {
                    at += 1;
                    if let Some((_, inside)) = open.last_mut() {
                        *inside += 1;
                    }
                    open.push((places.len(), 0));
                    places.push(Place { start, ..Place::default() });
                }
                b']' | b'}' => {
                    at += 1;
                    let next = places.len() as u32;
                    if let Some(place) = open.pop().and_then(|(opened, _)| places.get_mut(opened)) {
                        (place.end, place.next) = (at as u32, next);
                    }
                }
                _ => {
                    let escaped;
                    (at, escaped) = end_of_value(text, at);
                    cut |= !has_room;
                    if let Some((_, inside)) = open.last_mut() {
                        *inside += usize::from(has_room);
                    }
                    if has_room {
                        places.push(Place { start, end: at as u32, next: places.len() as u32 + 1, escaped });
                    }
                }
            }
        }
        if cut {
            unexpected.note("list or object", "has more members than are kept");
        }
        Self { text, places, is_whole: deepest == usize::MAX }
    }

    /// The whole text as a value.
    pub(super) fn root(&self) -> Raw<'_> {
        Raw { index: self, at: 0 }
    }
}

/// Where a value ends that is not looked into, and whether it is a string with escapes.
fn end_of_value(text: &str, start: usize) -> (usize, bool) {
    let rest = text.get(start..).unwrap_or_default();
    let length = match rest.as_bytes().first() {
        Some(b'"') => return end_of_string(text.as_bytes(), start),
        Some(b'[' | b'{') => {
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
            values.next();
            values.byte_offset()
        }
        _ => rest.find([',', ']', '}', ' ', '\t', '\n', '\r']).unwrap_or(rest.len()),
    };
    (start + length.max(1), false)
}

fn end_of_string(bytes: &[u8], start: usize) -> (usize, bool) {
    let (mut at, mut escaped) = (start + 1, false);
    while let Some(found) = memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return (at + 1, escaped);
        }
        (at, escaped) = (at + 2, true);
    }
    (bytes.len(), escaped)
}

/// A value that has not been parsed yet.
#[derive(Clone, Copy)]
pub(super) struct Raw<'a> {
    index: &'a Index<'a>,
    at: usize,
}

impl<'a> Raw<'a> {
    /// As the server wrote it.
    pub(super) fn get(self) -> &'a str {
        let Place { start, end, .. } = self.place();
        self.index.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The same value with all that it holds: located in `own`, where that was passed over.
    pub(super) fn whole<'b>(self, own: &'b mut Option<Index<'a>>, unexpected: &mut Unexpected) -> Raw<'b>
    where
        'a: 'b,
    {
        if self.index.is_whole { self } else { own.insert(Index::new(self.get(), unexpected)).root() }
    }

    /// Whether it is a list or an object.
    pub(super) fn is_nested(self) -> bool {
        self.get().starts_with(['[', '{'])
    }

    fn place(self) -> Place {
        self.index.places.get(self.at).copied().unwrap_or_default()
    }

    /// The items of a list; the names and values of an object.
    fn inside(self) -> impl Iterator<Item = Self> {
        let after = self.place().next as usize;
        let at = move |at| (at < after).then_some(Self { at, ..self });
        iter::successors(at(self.at + 1), move |before| at(before.place().next as usize))
    }
}

/// A value, parsed one level deep.
pub(super) enum Json<'a> {
    Null,
    Bool,
    /// A number, in the server's digits.
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Raw<'a>>),
    Object(Members<'a>),
}

impl<'a> Json<'a> {
    pub(super) fn of(raw: Raw<'a>, unexpected: &mut Unexpected) -> Self {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'"') => Self::Text(text_of(raw, unexpected)),
            Some(b'[') => Self::List(kept(raw.inside(), unexpected, |item, _| item)),
            Some(b'{') => Self::Object(Members::open(raw, unexpected)),
            Some(b't' | b'f') => Self::Bool,
            Some(b'n') | None => Self::Null,
            Some(_) => Self::Number(text),
        }
    }
}

/// An object's members in the server's order.
#[derive(Default)]
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, Raw<'a>)>);

impl<'a> Members<'a> {
    fn open(raw: Raw<'a>, unexpected: &mut Unexpected) -> Self {
        let mut inside = raw.inside();
        let pairs = iter::from_fn(|| Some((inside.next()?, inside.next()?)));
        Self(kept(pairs, unexpected, |(name, value), unexpected| (text_of(name, unexpected), value)))
    }

    /// The last member of that name.
    pub(super) fn get(&self, name: &str) -> Option<Raw<'a>> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| *value)
    }
}

/// A scalar as text, a list or an object as compact JSON, `null` as nothing.
pub(super) fn plain<'a>(raw: Raw<'a>, unexpected: &mut Unexpected) -> Cow<'a, str> {
    match Json::of(raw, unexpected) {
        Json::Null => Cow::Borrowed(""),
        Json::Bool => Cow::Borrowed(raw.get()),
        Json::Number(digits) => Cow::Borrowed(digits),
        Json::Text(text) => text,
        // Unchanged if nested too deeply to be parsed.
        Json::List(_) | Json::Object(_) => serde_json::from_str::<Value>(raw.get())
            .map_or_else(|_| Cow::Borrowed(raw.get()), |value| Cow::Owned(value.to_string())),
    }
}

fn text_of<'a>(raw: Raw<'a>, unexpected: &mut Unexpected) -> Cow<'a, str> {
    let quoted = raw.get();
    let text = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    if !raw.place().escaped {
        return Cow::Borrowed(text);
    }
    serde_json::from_str(quoted).map(Cow::Owned).unwrap_or_else(|_| {
        unexpected.note("text", "has an invalid escape");
        Cow::Borrowed(text)
    })
}

/// The first members, up to a limit.
fn kept<T, U>(
    mut members: impl Iterator<Item = T>,
    unexpected: &mut Unexpected,
    read: impl Fn(T, &mut Unexpected) -> U,
) -> Vec<U> {
    let mut kept = Vec::with_capacity(16);
    kept.extend(members.by_ref().take(MAX_MEMBERS).map(|member| read(member, unexpected)));
    if members.next().is_some() {
        unexpected.note("list or object", "has more members than are kept");
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_of(json: &str) -> String {
        let mut unexpected = Unexpected::default();
        plain(Index::new(json, &mut unexpected).root(), &mut unexpected).into_owned()
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
    fn what_is_below_the_deepest_level_is_passed_over() {
        let mut unexpected = Unexpected::default();
        let deep = format!("{}7{}", "[".repeat(10_000), "]".repeat(10_000));
        let json = format!(r#"{{"a": {{"b]}}\"": [1, {{}}]}}, "c": {deep}, "d" : "e" , "f":[ ]}}"#);
        let index = Index::to_level(1, &json, &mut unexpected);
        let Json::Object(members) = Json::of(index.root(), &mut unexpected) else { panic!("no object") };
        let found: Vec<_> = members.0.iter().map(|(name, value)| (name.as_ref(), value.get())).collect();
        let a = r#"{"b]}\"": [1, {}]}"#;
        assert_eq!(found, [("a", a), ("c", &deep), ("d", "\"e\""), ("f", "[ ]")]);
        let empty = |raw: Raw<'_>| matches!(Json::of(raw, &mut Unexpected::default()), Json::Object(of) if of.0.is_empty());
        assert!(empty(members.0[0].1));
        let index = Index::new(members.0[0].1.get(), &mut unexpected);
        assert!(!empty(index.root()));
        assert!(unexpected.into_list().is_empty());
    }

    #[test]
    fn more_values_than_are_located_are_counted_and_cost_none_before_them() {
        let row = format!("[{}0]", "0,".repeat(4_000));
        let json = format!("[{}{row}]", format!("{row},").repeat(MAX_PLACES / 4_000));
        let mut unexpected = Unexpected::default();
        let index = Index::new(&json, &mut unexpected);
        assert_eq!(index.places.len(), MAX_PLACES);
        let Json::List(rows) = Json::of(index.root(), &mut unexpected) else { panic!("no list") };
        assert!(rows.len() >= MAX_PLACES / 4_002 && rows[0].get() == row);
        assert_eq!(unexpected.into_list().len(), 1);
    }

    #[test]
    fn a_huge_object_costs_nothing_behind_it() {
        let members = r#""a": 0,"#.repeat(500_000);
        let json =
            format!(r#"{{"data": [{{{members} "b": [1]}}, {{"uuid": "x"}}], "links": {{"next": "y"}}}}"#);
        let mut unexpected = Unexpected::default();
        let index = Index::new(&json, &mut unexpected);
        let Json::Object(root) = Json::of(index.root(), &mut unexpected) else { panic!("no object") };
        assert_eq!(root.get("links").unwrap().get(), r#"{"next": "y"}"#);
        let Json::List(items) = Json::of(root.get("data").unwrap(), &mut unexpected) else {
            panic!("no list")
        };
        let [Json::Object(first), Json::Object(second)] = items
            .try_into()
            .ok()
            .map(|raws: [Raw<'_>; 2]| raws.map(|raw| Json::of(raw, &mut unexpected)))
            .unwrap()
        else {
            panic!("no objects")
        };
        assert_eq!(first.0.len(), MAX_MEMBERS);
        assert_eq!(second.get("uuid").unwrap().get(), "\"x\"");
        assert_eq!(unexpected.into_list().len(), 1);
    }

    #[test]
    fn a_huge_list_is_cut_and_counted() {
        let json = format!("[{}0]", "0,".repeat(MAX_MEMBERS));
        let mut unexpected = Unexpected::default();
        let index = Index::new(&json, &mut unexpected);
        let list = Json::of(index.root(), &mut unexpected);
        assert!(matches!(list, Json::List(items) if items.len() == MAX_MEMBERS));
        assert_eq!(unexpected.into_list().len(), 1);
    }

    #[test]
    fn members_keep_their_order_and_unusual_names() {
        let json = r#"{"z": 1, "\ud800": [1e999], "a": 2, "z": 3}"#;
        let mut unexpected = Unexpected::default();
        let index = Index::new(json, &mut unexpected);
        let Json::Object(members) = Json::of(index.root(), &mut unexpected) else { panic!("no object") };
        let names: Vec<_> = members.0.iter().map(|(name, _)| name.as_ref()).collect();
        assert_eq!(names, ["z", r"\ud800", "a", "z"]);
        assert_eq!(members.get("z").unwrap().get(), "3");
    }
}
