//! `errors`: the failed rows, in every shape that a PHP server may give them.

use super::json::{Json, Members, Raw, is_nested, plain};
use super::oddities::Oddities;
use super::scalar::clipped;
use crate::domain::failure::{Cell, FailedRow, Problem};
use crate::domain::import::Failures;
use crate::domain::text::{SafeText, Untrusted};

/// How many problems and how many messages for each are kept of one row.
const MAX_PROBLEMS: usize = 200;

/// How many cells are kept of all rows: as many as the rows that are listed have with 1,000 columns.
const MAX_CELLS: usize = 1_000 * Failures::MOST;

/// How many levels of nested messages are followed.
const MAX_DEPTH: usize = 8;

/// What stands for a message where a field is named and none is given.
const NO_MESSAGE: &str = "(no message)";

/// Reads `errors`: a list of `{client: row, errors: {field: [message, …]}}`; a single one of them, as the
/// reference documents it; such a list with its gaps, which PHP writes as an object; or nothing.
pub(super) fn failures(raw: Raw<'_>, odd: &mut Oddities) -> Vec<FailedRow> {
    match Json::of(raw, odd) {
        Json::Null => Vec::new(),
        Json::List(items) => first_rows(items, odd, listed),
        Json::Object(members) if members.0.is_empty() => Vec::new(),
        Json::Object(members) => single_or_keyed(&members, odd),
        Json::Text(text) if text.trim().is_empty() => Vec::new(),
        Json::Text(_) => {
            odd.note("errors", "a text instead of a list");
            vec![FailedRow { cells: Vec::new(), problems: problems(raw, odd) }]
        }
        Json::Bool | Json::Number(_) => {
            odd.note("errors", "not a list");
            Vec::new()
        }
    }
}

/// The first rows, as many as somebody looks at: a row costs many times its bytes.
fn first_rows<T>(
    items: Vec<T>,
    odd: &mut Oddities,
    read: impl Fn(T, &mut Oddities) -> Option<FailedRow>,
) -> Vec<FailedRow> {
    let (mut rows, mut cells) = (Vec::new(), 0);
    for item in items {
        if rows.len() > Failures::MOST || cells >= MAX_CELLS {
            odd.note("errors", "more rows than are kept");
            break;
        }
        if let Some(row) = read(item, odd) {
            cells += row.cells.len();
            rows.push(row);
        }
    }
    rows
}

fn listed(item: Raw<'_>, odd: &mut Oddities) -> Option<FailedRow> {
    match Json::of(item, odd) {
        Json::Object(members) => Some(row(&members, odd)),
        Json::Text(_) => {
            odd.note("errors", "a text instead of a row");
            Some(FailedRow { cells: Vec::new(), problems: problems(item, odd) })
        }
        _ => {
            odd.note("errors", "a row that is no object");
            None
        }
    }
}

fn single_or_keyed(members: &Members<'_>, odd: &mut Oddities) -> Vec<FailedRow> {
    if members.get("errors").or(members.get("client")).is_some() {
        odd.note("errors", "one row instead of a list");
        let bare = members.0.iter().map(|(name, value)| (name.clone(), example(value, odd))).collect();
        return vec![row(&Members(bare), odd)];
    }
    let rows: Vec<_> = members
        .0
        .iter()
        .map_while(|(_, value)| match Json::of(value, odd) {
            Json::Object(row) => row.get("errors").is_some().then_some(row),
            _ => None,
        })
        .collect();
    if rows.len() == members.0.len() {
        odd.note("errors", "an object instead of a list");
        return first_rows(rows, odd, |members, odd| Some(row(&members, odd)));
    }
    odd.note("errors", "messages without a row");
    let mut found = Vec::new();
    for (field, value) in &members.0 {
        collect(field, value, 1, &mut found, odd);
    }
    vec![FailedRow { cells: Vec::new(), problems: found }]
}

/// The reference's own example wraps each value into `{example, description}`.
fn example<'a>(raw: Raw<'a>, odd: &mut Oddities) -> Raw<'a> {
    match Json::of(raw, odd) {
        Json::Object(members) if members.0.len() == 2 && members.get("description").is_some() => {
            members.get("example").unwrap_or(raw)
        }
        _ => raw,
    }
}

fn row(members: &Members<'_>, odd: &mut Oddities) -> FailedRow {
    let problems = match members.get("errors") {
        Some(raw) => problems(raw, odd),
        None => {
            odd.note("errors", "a row without messages");
            Vec::new()
        }
    };
    FailedRow { cells: cells(members, odd), problems }
}

/// The client's row: under `client`, or under the import type's own word, or beside the messages.
fn cells(members: &Members<'_>, odd: &mut Oddities) -> Vec<Cell> {
    let others = || members.0.iter().filter(|(name, _)| name != "errors");
    let wrapped = members
        .get("client")
        .filter(|raw| is_nested(raw))
        .or_else(|| others().map(|(_, raw)| *raw).find(|raw| is_nested(raw)));
    let cell = |column: &str, value: Raw<'_>, odd: &mut Oddities| Cell {
        column: clipped(column),
        value: Untrusted::new(plain(value, odd)),
    };
    match wrapped.map(|raw| Json::of(raw, odd)) {
        Some(Json::Object(row)) => row.0.iter().map(|(name, value)| cell(name, value, odd)).collect(),
        Some(Json::List(row)) => {
            row.iter().enumerate().map(|(at, value)| cell(&(at + 1).to_string(), value, odd)).collect()
        }
        _ => others()
            .filter(|(_, value)| value.get() != "null")
            .map(|(name, value)| cell(name, value, odd))
            .collect(),
    }
}

/// Reads messages by field: `{field: [message, …]}`, or a list, a text, or objects nested in one another,
/// whose names are joined by a dot as Laravel does.
pub(super) fn problems(raw: Raw<'_>, odd: &mut Oddities) -> Vec<Problem> {
    let mut found = Vec::new();
    collect("", raw, 0, &mut found, odd);
    found
}

fn collect(field: &str, raw: Raw<'_>, depth: usize, found: &mut Vec<Problem>, odd: &mut Oddities) {
    if depth > MAX_DEPTH {
        odd.note("errors", "messages nested too deeply");
        return add(field, &plain(raw, odd), found, odd);
    }
    match Json::of(raw, odd) {
        Json::List(items) if items.is_empty() && !field.is_empty() => add(field, NO_MESSAGE, found, odd),
        Json::List(items) => {
            for item in items {
                collect(field, item, depth + 1, found, odd);
            }
        }
        Json::Object(members) => {
            for (name, value) in &members.0 {
                collect(&inner(field, name), value, depth + 1, found, odd);
            }
        }
        Json::Null => {}
        Json::Text(text) if text.trim().is_empty() => add(field, NO_MESSAGE, found, odd),
        Json::Text(text) => add(field, &text, found, odd),
        Json::Bool | Json::Number(_) => add(field, raw.get(), found, odd),
    }
}

/// A list with gaps comes as an object; its numbers are no part of the field's name.
fn inner(field: &str, name: &str) -> String {
    if field.is_empty() {
        name.to_owned()
    } else if !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) {
        field.to_owned()
    } else {
        format!("{field}.{name}")
    }
}

fn add(field: &str, message: &str, found: &mut Vec<Problem>, odd: &mut Oddities) {
    let (field, message) = (clipped(field), clipped(message));
    let full = found.len() >= MAX_PROBLEMS;
    match found.iter_mut().find(|problem| problem.field == field) {
        Some(problem) if problem.messages.len() < MAX_PROBLEMS => problem.messages.push(message),
        None if !full => found.push(Problem { field, messages: vec![message] }),
        _ => odd.note("errors", "more messages than are kept"),
    }
}

/// The words of an error answer: its `message`, and what `errors` adds to it.
pub(super) fn spoken(members: &Members<'_>, odd: &mut Oddities) -> String {
    let text = |name: &str, odd: &mut Oddities| match members.get(name).map(|raw| Json::of(raw, odd)) {
        Some(Json::Text(text)) if !text.trim().is_empty() => Some(text),
        _ => None,
    };
    let mut words = text("message", odd)
        .or_else(|| text("error_description", odd))
        .or_else(|| text("error", odd))
        .unwrap_or_default();
    let details = members.get("errors").map(|raw| problems(raw, odd)).unwrap_or_default();
    for message in details.iter().flat_map(|problem| &problem.messages).map(SafeText::as_str) {
        if !words.contains(message) {
            words.push_str(if words.is_empty() { "" } else { " " });
            words.push_str(message);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Vec<FailedRow> {
        failures(serde_json::from_str(json).unwrap(), &mut Oddities::default())
    }

    /// A row as `column=value … | field: message / message …`.
    fn told(row: &FailedRow) -> String {
        let cells: Vec<_> = row.cells.iter().map(|c| format!("{}={}", c.column, c.value.raw())).collect();
        let problems = row.problems.iter().map(|p| {
            let messages: Vec<_> = p.messages.iter().map(SafeText::as_str).collect();
            format!("{}: {}", p.field, messages.join(" / "))
        });
        format!("{} | {}", cells.join(" "), problems.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn every_shape_of_errors_becomes_rows() {
        let table: [(&str, &[&str]); 25] = [
            ("null", &[]),
            ("[]", &[]),
            ("{}", &[]),
            (r#""""#, &[]),
            ("false", &[]),
            ("[null, 7]", &[]),
            (
                r#"[{"client": {"last": "Ann", "first": null, "n": 1.50}, "errors": {"last": ["bad", "worse"], "n": ["no"]}}]"#,
                &["last=Ann first= n=1.50 | last: bad / worse, n: no"],
            ),
            (r#"[{"errors": {"a": "one text"}, "plan": {"a": [1, 2]}}]"#, &["a=[1,2] | a: one text"]),
            (r#"[{"errors": {"a": ["x"]}, "line": 4, "note": {"a": true}}]"#, &["a=true | a: x"]),
            (r#"[{"client": ["Ann", {"b": 1}, null], "errors": {}}]"#, &[r#"1=Ann 2={"b":1} 3= | "#]),
            (r#"[{"client": [], "errors": {"a": ["x"]}}]"#, &[" | a: x"]),
            (r#"[{"client": null, "errors": {"a": ["x"]}}]"#, &[" | a: x"]),
            (r#"[{"email": "a@b", "errors": {"email": ["taken"]}}]"#, &["email=a@b | email: taken"]),
            (r#"[{"client": {"a": 1}}]"#, &["a=1 | "]),
            (r#"[{"client": {"a": 1}, "errors": null}]"#, &["a=1 | "]),
            (r#"[{"client": {"a": 1}, "errors": "all wrong"}]"#, &["a=1 | : all wrong"]),
            (r#"[{"client": {"a": 1}, "errors": ["one", "two"]}]"#, &["a=1 | : one / two"]),
            (r#"[{"client": {}, "errors": {"a": {"b": {"0": "x", "2": "y"}}}}]"#, &[" | a.b: x / y"]),
            (
                r#"[{"client": {}, "errors": {"a": [], "b": "", "c": 5}}]"#,
                &[" | a: (no message), b: (no message), c: 5"],
            ),
            (r#"["row 3 is bad"]"#, &[" | : row 3 is bad"]),
            (r#""all is bad""#, &[" | : all is bad"]),
            (r#"{"client": {"a": 1}, "errors": {"a": ["x"]}}"#, &["a=1 | a: x"]),
            (
                r#"{"3": {"client": {"a": 1}, "errors": {"a": ["x"]}}, "7": {"client": {"a": 2}, "errors": {}}}"#,
                &["a=1 | a: x", "a=2 | "],
            ),
            (r#"{"email": ["taken"], "name": ["short"]}"#, &[" | email: taken, name: short"]),
            (
                r#"{"client": {"example": {"a": 1}, "description": "d"}, "errors": {"example": {"a": ["x"]}, "description": "d"}}"#,
                &["a=1 | a: x"],
            ),
        ];
        for (json, expected) in table {
            assert_eq!(read(json).iter().map(told).collect::<Vec<_>>(), expected, "{json}");
        }
    }

    #[test]
    fn a_row_whose_columns_are_called_example_stays_a_row() {
        let json = r#"[{"client": {"example": "e", "description": "d"}, "errors": {"example": ["x"]}}]"#;
        assert_eq!(read(json).iter().map(told).collect::<Vec<_>>(), ["example=e description=d | example: x"]);
    }

    #[test]
    fn nesting_and_number_of_messages_are_bounded() {
        let deep = format!(r#"[{{"errors": {}1{}}}]"#, r#"{"a":"#.repeat(5_000), "}".repeat(5_000));
        assert_eq!(read(&deep)[0].problems[0].field.as_str(), "a.a.a.a.a.a.a.a.a");
        let many: Vec<_> = (0..1_000).map(|n| format!(r#""f{n}": ["x"]"#)).collect();
        let many = format!(r#"[{{"errors": {{{}}}}}]"#, many.join(","));
        assert_eq!(read(&many)[0].problems.len(), MAX_PROBLEMS);
        let same = format!(r#"[{{"errors": {{"a": [{}"x"]}}}}]"#, r#""x","#.repeat(1_000));
        assert_eq!(read(&same)[0].problems[0].messages.len(), MAX_PROBLEMS);
    }
}
