//! `errors`: the failed rows, in every shape that a PHP server may send.

use std::borrow::Cow;
use std::collections::HashSet;
use std::iter;
use std::sync::Arc;

use super::json::{Json, Members, Raw, plain};
use super::scalar::clipped;
use super::unexpected::Unexpected;
use crate::domain::failure::{Cells, FailedRow, Problem};
use crate::domain::import::Failures;
use crate::domain::text::SafeText;

/// Problems kept of a row, and messages kept of a problem.
const MAX_PROBLEMS: usize = 200;

/// Cells kept of all rows: those of all listed rows with 1,000 columns.
const MAX_CELLS: usize = 1_000 * Failures::MOST;

/// Levels of nested messages that are followed.
const MAX_DEPTH: usize = 8;

/// Stands for the message of a field that has none.
const NO_MESSAGE: &str = "(no message)";

/// Reads `errors`: a list of `{client: row, errors: {field: [message, …]}}`; a single one of them, as the
/// reference documents it; such a list with its gaps, which PHP writes as an object; or nothing.
pub(super) fn failures(raw: Raw<'_>, unexpected: &mut Unexpected) -> Vec<FailedRow> {
    let mut own = None;
    let mut rows = rows(raw.whole(&mut own, unexpected), unexpected);
    share_texts(&mut rows);
    rows
}

/// Rows are refused for the same few reasons: each text is kept once.
fn share_texts(rows: &mut [FailedRow]) {
    let mut kept = HashSet::new();
    for Problem { field, messages } in rows.iter_mut().flat_map(|row| &mut row.problems) {
        for text in iter::once(field).chain(messages) {
            match kept.get(text) {
                Some(known) => *text = SafeText::clone(known),
                None => _ = kept.insert(text.clone()),
            }
        }
    }
}

fn rows(raw: Raw<'_>, unexpected: &mut Unexpected) -> Vec<FailedRow> {
    match Json::of(raw, unexpected) {
        Json::Null => Vec::new(),
        Json::List(items) => first_rows(items, unexpected, listed),
        Json::Object(members) if members.0.is_empty() => Vec::new(),
        Json::Object(members) => single_or_keyed(&members, unexpected),
        Json::Text(text) if text.trim().is_empty() => Vec::new(),
        Json::Text(_) => {
            unexpected.note("errors", "is a string instead of a list");
            vec![FailedRow { cells: Cells::default(), problems: problems(raw, unexpected) }]
        }
        Json::Bool | Json::Number(_) => {
            unexpected.note("errors", "is not a list");
            Vec::new()
        }
    }
}

/// The first rows, up to a limit: a row takes many times its bytes in memory.
fn first_rows<T>(
    items: Vec<T>,
    unexpected: &mut Unexpected,
    read: impl Fn(T, &Arc<[SafeText]>, &mut Unexpected) -> Option<FailedRow>,
) -> Vec<FailedRow> {
    let (mut rows, mut cells) = (Vec::<FailedRow>::new(), 0);
    let none = Arc::default();
    for item in items {
        if rows.len() > Failures::MOST || cells >= MAX_CELLS {
            unexpected.note("errors", "has more rows than are kept");
            break;
        }
        let above = rows.last().map_or(&none, |row| row.cells.columns());
        if let Some(row) = read(item, above, unexpected) {
            cells += row.cells.len();
            rows.push(row);
        }
    }
    rows
}

fn listed(item: Raw<'_>, above: &Arc<[SafeText]>, unexpected: &mut Unexpected) -> Option<FailedRow> {
    match Json::of(item, unexpected) {
        Json::Object(members) => Some(row(&members, above, unexpected)),
        Json::Text(_) => {
            unexpected.note("errors", "has a string instead of a row");
            Some(FailedRow { cells: Cells::default(), problems: problems(item, unexpected) })
        }
        _ => {
            unexpected.note("errors", "has a row that is not an object");
            None
        }
    }
}

fn single_or_keyed(members: &Members<'_>, unexpected: &mut Unexpected) -> Vec<FailedRow> {
    if members.get("errors").or(members.get("client")).is_some() {
        unexpected.note("errors", "is one row instead of a list");
        let bare =
            members.0.iter().map(|(name, value)| (name.clone(), example(*value, unexpected))).collect();
        return vec![row(&Members(bare), &Arc::default(), unexpected)];
    }
    let rows: Vec<_> = members
        .0
        .iter()
        .map_while(|(_, value)| match Json::of(*value, unexpected) {
            Json::Object(row) => row.get("errors").is_some().then_some(row),
            _ => None,
        })
        .collect();
    if rows.len() == members.0.len() {
        unexpected.note("errors", "is an object instead of a list");
        return first_rows(rows, unexpected, |members, above, unexpected| {
            Some(row(&members, above, unexpected))
        });
    }
    unexpected.note("errors", "has messages without a row");
    let mut found = Vec::new();
    for (field, value) in &members.0 {
        collect(field, *value, 1, &mut found, unexpected);
    }
    vec![FailedRow { cells: Cells::default(), problems: found }]
}

/// The reference's own example wraps each value into `{example, description}`.
fn example<'a>(raw: Raw<'a>, unexpected: &mut Unexpected) -> Raw<'a> {
    match Json::of(raw, unexpected) {
        Json::Object(members) if members.0.len() == 2 && members.get("description").is_some() => {
            members.get("example").unwrap_or(raw)
        }
        _ => raw,
    }
}

/// `above` are the columns of the row before it.
fn row(members: &Members<'_>, above: &Arc<[SafeText]>, unexpected: &mut Unexpected) -> FailedRow {
    let problems = match members.get("errors") {
        Some(raw) => problems(raw, unexpected),
        None => {
            unexpected.note("errors", "has a row without messages");
            Vec::new()
        }
    };
    FailedRow { cells: cells(members, above, unexpected), problems }
}

/// The client's row: under `client`, under the import's type, or next to the messages.
fn cells(members: &Members<'_>, above: &Arc<[SafeText]>, unexpected: &mut Unexpected) -> Cells {
    let others = || members.0.iter().filter(|(name, _)| name != "errors");
    let wrapped = members
        .get("client")
        .filter(|raw| raw.is_nested())
        .or_else(|| others().map(|(_, raw)| *raw).find(|raw| raw.is_nested()));
    let row: Vec<(Cow<'_, str>, Raw<'_>)> = match wrapped.map(|raw| Json::of(raw, unexpected)) {
        Some(Json::Object(row)) => row.0,
        Some(Json::List(row)) => (1..).map(|nth: u32| nth.to_string().into()).zip(row).collect(),
        _ => others().filter(|(_, value)| value.get() != "null").cloned().collect(),
    };
    let names = || row.iter().map(|(name, _)| name.as_ref());
    let columns = if names().eq(above.iter().map(SafeText::as_str)) {
        Arc::clone(above)
    } else {
        names().map(clipped).collect()
    };
    Cells::new(columns, row.iter().map(|(_, value)| plain(*value, unexpected)))
}

/// Reads messages by field: `{field: [message, …]}`, or a list, a text, or objects nested in one another,
/// whose names are joined by a dot as Laravel does.
pub(super) fn problems(raw: Raw<'_>, unexpected: &mut Unexpected) -> Vec<Problem> {
    let mut found = Vec::new();
    collect("", raw, 0, &mut found, unexpected);
    found.shrink_to_fit();
    found
}

fn collect(field: &str, raw: Raw<'_>, depth: usize, found: &mut Vec<Problem>, unexpected: &mut Unexpected) {
    if depth > MAX_DEPTH {
        unexpected.note("errors", "has messages nested too deeply");
        return add(field, &plain(raw, unexpected), found, unexpected);
    }
    match Json::of(raw, unexpected) {
        Json::List(items) if items.is_empty() && !field.is_empty() => {
            add(field, NO_MESSAGE, found, unexpected)
        }
        Json::List(items) => {
            for item in items {
                collect(field, item, depth + 1, found, unexpected);
            }
        }
        Json::Object(members) => {
            for (name, value) in &members.0 {
                collect(&inner(field, name), *value, depth + 1, found, unexpected);
            }
        }
        Json::Null => {}
        Json::Text(text) if text.trim().is_empty() => add(field, NO_MESSAGE, found, unexpected),
        Json::Text(text) => add(field, &text, found, unexpected),
        Json::Bool | Json::Number(_) => add(field, raw.get(), found, unexpected),
    }
}

/// A list with gaps arrives as an object whose numeric keys do not belong to the field's name.
fn inner(field: &str, name: &str) -> String {
    if field.is_empty() {
        name.to_owned()
    } else if !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) {
        field.to_owned()
    } else {
        format!("{field}.{name}")
    }
}

fn add(field: &str, message: &str, found: &mut Vec<Problem>, unexpected: &mut Unexpected) {
    let (field, message) = (clipped(field), clipped(message));
    let full = found.len() >= MAX_PROBLEMS;
    match found.iter_mut().find(|problem| problem.field == field) {
        Some(problem) if problem.messages.len() < MAX_PROBLEMS => problem.messages.push(message),
        None if !full => found.push(Problem { field, messages: vec![message] }),
        _ => unexpected.note("errors", "has more messages than are kept"),
    }
}

/// The text of an error response: its `message`, and what `errors` adds to it.
pub(super) fn error_message(members: &Members<'_>, unexpected: &mut Unexpected) -> String {
    let text = |name: &str, unexpected: &mut Unexpected| match members
        .get(name)
        .map(|raw| Json::of(raw, unexpected))
    {
        Some(Json::Text(text)) if !text.trim().is_empty() => Some(text.into_owned()),
        _ => None,
    };
    let mut message = text("message", unexpected)
        .or_else(|| text("error_description", unexpected))
        .or_else(|| text("error", unexpected))
        .unwrap_or_default();
    let details = members.get("errors").map(|raw| problems(raw, unexpected)).unwrap_or_default();
    for detail in details.iter().flat_map(|problem| &problem.messages).map(SafeText::as_str) {
        if !message.contains(detail) {
            message.push_str(if message.is_empty() { "" } else { " " });
            message.push_str(detail);
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::super::json::Index;
    use super::*;

    fn read(json: &str) -> Vec<FailedRow> {
        let mut unexpected = Unexpected::default();
        failures(Index::new(json, &mut unexpected).root(), &mut unexpected)
    }

    /// A row as `column=value … | field: message / message …`.
    fn summary(row: &FailedRow) -> String {
        let cells = row.cells.columns().iter().zip(row.cells.values());
        let cells: Vec<_> = cells.map(|(column, value)| format!("{column}={}", value.raw())).collect();
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
            assert_eq!(read(json).iter().map(summary).collect::<Vec<_>>(), expected, "{json}");
        }
    }

    #[test]
    fn rows_share_columns_and_messages_where_they_are_the_same() {
        let rows = read(
            r#"[{"client": {"a": 1, "b": ""}, "errors": {"a": "x"}}, {"client": {"a": "é\n", "b": 3}, "errors": {"b": "x"}},
                {"client": {"a": 4, "c": 5}, "errors": {}}]"#,
        );
        let expected = ["a=1 b= | a: x", "a=é\n b=3 | b: x", "a=4 c=5 | "];
        assert_eq!(rows.iter().map(summary).collect::<Vec<_>>(), expected);
        assert!(Arc::ptr_eq(rows[0].cells.columns(), rows[1].cells.columns()));
        assert!(rows[0].problems[0].messages[0].is_same(&rows[1].problems[0].messages[0]));
    }

    #[test]
    fn a_row_whose_columns_are_called_example_stays_a_row() {
        let json = r#"[{"client": {"example": "e", "description": "d"}, "errors": {"example": ["x"]}}]"#;
        assert_eq!(
            read(json).iter().map(summary).collect::<Vec<_>>(),
            ["example=e description=d | example: x"]
        );
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
