//! Where the next page is.

use url::Url;

use super::json::{Json, Raw};
use super::oddities::Oddities;
use crate::api::base_url::upgraded;
use crate::domain::page::Cursor;

const FIELD: &str = "links.next";

/// Reads `links.next`, resolved against the URL that was asked. Of a link to another server, which would be sent the
/// token, only the query is used: behind a proxy a server often does not know its own name.
pub(super) fn next(raw: Option<Raw<'_>>, asked: &Url, odd: &mut Oddities) -> Option<Cursor> {
    let link = match Json::of(raw?, odd) {
        Json::Text(link) if link.trim().is_empty() => return None,
        Json::Text(link) => link,
        Json::Null => return None,
        _ => {
            odd.note(FIELD, "not a text");
            return None;
        }
    };
    let Ok(told) = asked.join(link.trim()) else {
        odd.note(FIELD, "not a URL");
        return None;
    };
    let mut next = upgraded(told.clone(), asked);
    if next != told {
        odd.note(FIELD, "http instead of https");
    }
    if next.origin() != asked.origin() || !next.username().is_empty() || next.password().is_some() {
        let Some(query) = next.query().filter(|_| matches!(next.scheme(), "http" | "https")) else {
            odd.note(FIELD, "leads to another server: not followed");
            return None;
        };
        odd.note(FIELD, "names another server: only its query is used");
        let query = query.to_owned();
        next = asked.clone();
        next.set_query(Some(&query));
    }
    next.set_fragment(None);
    if next == *asked {
        odd.note(FIELD, "leads to its own page: not followed");
        return None;
    }
    keep_question(&mut next, asked, odd);
    Some(Cursor(next))
}

/// Laravel's paginator forgets the query unless it is told to keep it: then the filters and the page size
/// are put back, as the next page is one of the same list.
fn keep_question(next: &mut Url, asked: &Url, odd: &mut Oddities) {
    let forgotten: Vec<_> = asked
        .query_pairs()
        .filter(|(name, _)| !matches!(name.as_ref(), "page" | "cursor"))
        .filter(|(name, _)| !next.query_pairs().any(|(kept, _)| kept == *name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if !forgotten.is_empty() {
        odd.note(FIELD, "forgets the query");
        next.query_pairs_mut().extend_pairs(forgotten);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_on_the_same_server_and_of_the_same_list() {
        let asked = Url::parse("https://api.example/x/import?sort=a&per_page=5").unwrap();
        let keep = "sort=a&per_page=5";
        let table = [
            ("null", None, ""),
            ("\"\"", None, ""),
            ("7", None, "not a text"),
            ("\"https://\"", None, "not a URL"),
            (
                "\"?sort=a&per_page=5&page=2\"",
                Some(format!("https://api.example/x/import?{keep}&page=2")),
                "",
            ),
            (
                "\"/import?page=2\"",
                Some(format!("https://api.example/import?page=2&{keep}")),
                "forgets the query",
            ),
            (
                "\"http://api.example/x/import?sort=a&per_page=5&page=2#top\"",
                Some(format!("https://api.example/x/import?{keep}&page=2")),
                "http instead of https",
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
        for (json, expected, oddity) in table {
            let mut odd = Oddities::default();
            let cursor = next(Some(serde_json::from_str(json).unwrap()), &asked, &mut odd);
            assert_eq!(cursor.map(|c| c.0.to_string()), expected, "{json}");
            let told: Vec<_> = odd.into_list().iter().map(|o| o.what.to_string()).collect();
            let oddities = if oddity.is_empty() { vec![] } else { vec![format!("{FIELD}: {oddity}")] };
            assert_eq!(told, oddities, "{json}");
        }
    }
}
