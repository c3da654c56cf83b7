//! `links.next`: the link to the next page.

use url::Url;

use super::json::{Json, Raw};
use super::unexpected::Unexpected;
use crate::api::base_url::upgraded;
use crate::domain::page::Cursor;

const FIELD: &str = "links.next";

/// Resolves the link against the requested URL. Of a link to another server, which would get the token, only the query is
/// used: behind a proxy a server often does not know its own name.
pub(super) fn next(raw: Option<Raw<'_>>, requested: &Url, unexpected: &mut Unexpected) -> Option<Cursor> {
    let link = match Json::of(raw?, unexpected) {
        Json::Text(link) if link.trim().is_empty() => return None,
        Json::Text(link) => link,
        Json::Null => return None,
        _ => {
            unexpected.note(FIELD, "is not a string");
            return None;
        }
    };
    let Ok(resolved) = requested.join(link.trim()) else {
        unexpected.note(FIELD, "is not a URL");
        return None;
    };
    let mut next = upgraded(resolved.clone(), requested);
    if next != resolved {
        unexpected.note(FIELD, "uses http instead of https");
    }
    if next.origin() != requested.origin() || !next.username().is_empty() || next.password().is_some() {
        let Some(query) = next.query().filter(|_| matches!(next.scheme(), "http" | "https")) else {
            unexpected.note(FIELD, "leads to another server: not followed");
            return None;
        };
        unexpected.note(FIELD, "names another server: only its query is used");
        let query = query.to_owned();
        next = requested.clone();
        next.set_query(Some(&query));
    }
    next.set_fragment(None);
    if next == *requested {
        unexpected.note(FIELD, "leads to its own page: not followed");
        return None;
    }
    restore_query(&mut next, requested, unexpected);
    Some(Cursor(next))
}

/// Laravel's paginator drops the query unless configured otherwise: then the filters and the page size
/// are restored.
fn restore_query(next: &mut Url, requested: &Url, unexpected: &mut Unexpected) {
    let forgotten: Vec<_> = requested
        .query_pairs()
        .filter(|(name, _)| !matches!(name.as_ref(), "page" | "cursor"))
        .filter(|(name, _)| !next.query_pairs().any(|(kept, _)| kept == *name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if !forgotten.is_empty() {
        unexpected.note(FIELD, "drops the query");
        next.query_pairs_mut().extend_pairs(forgotten);
    }
}

#[cfg(test)]
mod tests {
    use super::super::json::Index;
    use super::*;

    #[test]
    fn the_next_page_is_on_the_same_server_and_of_the_same_list() {
        let requested = Url::parse("https://api.example/x/import?sort=a&per_page=5").unwrap();
        let keep = "sort=a&per_page=5";
        let table = [
            ("null", None, ""),
            ("\"\"", None, ""),
            ("7", None, "is not a string"),
            ("\"https://\"", None, "is not a URL"),
            (
                "\"?sort=a&per_page=5&page=2\"",
                Some(format!("https://api.example/x/import?{keep}&page=2")),
                "",
            ),
            (
                "\"/import?page=2\"",
                Some(format!("https://api.example/import?page=2&{keep}")),
                "drops the query",
            ),
            (
                "\"http://api.example/x/import?sort=a&per_page=5&page=2#top\"",
                Some(format!("https://api.example/x/import?{keep}&page=2")),
                "uses http instead of https",
            ),
            (
                "\"https://other.example/y/import?sort=a&per_page=5&page=2\"",
                Some(format!("https://api.example/x/import?{keep}&page=2")),
                "names another server: only its query is used",
            ),
            (
                "\"http://api.example:444/x?sort=a&per_page=5&page=2\"",
                Some(format!("https://api.example/x/import?{keep}&page=2")),
                "names another server: only its query is used",
            ),
            (
                "\"https://u:p@api.example/x?sort=a&per_page=5&page=2\"",
                Some(format!("https://api.example/x/import?{keep}&page=2")),
                "names another server: only its query is used",
            ),
            ("\"//evil.example/x\"", None, "leads to another server: not followed"),
            ("\"https://api.example:444/x\"", None, "leads to another server: not followed"),
            ("\"http://api.example:444/x\"", None, "leads to another server: not followed"),
            ("\"ftp://api.example/x?page=2\"", None, "leads to another server: not followed"),
            ("\"javascript:alert(1)\"", None, "leads to another server: not followed"),
            (
                "\"https://api.example/x/import?sort=a&per_page=5\"",
                None,
                "leads to its own page: not followed",
            ),
        ];
        for (json, expected, note) in table {
            let mut unexpected = Unexpected::default();
            let index = Index::new(json, &mut unexpected);
            let cursor = next(Some(index.root()), &requested, &mut unexpected);
            assert_eq!(cursor.map(|c| c.0.to_string()), expected, "{json}");
            let found: Vec<_> = unexpected.into_list().iter().map(|o| o.what.to_string()).collect();
            let expected_notes = if note.is_empty() { vec![] } else { vec![format!("{FIELD} {note}")] };
            assert_eq!(found, expected_notes, "{json}");
        }
    }
}
