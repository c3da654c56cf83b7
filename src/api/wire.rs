//! The server's JSON, read leniently into the domain.
//!
//! An unexpected field never costs the import, an unexpected import never costs the page: every value is parsed on its own
//! (`json`), and deviations from the documented format are counted (`unexpected`).

mod failures;
mod import;
mod json;
mod links;
mod logins;
mod mapping;
mod page;
mod scalar;
mod unexpected;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::value::RawValue;
use url::Url;

pub use self::page::PageReader;

use self::import::Route;
use self::json::{Index, Json, Members, Raw};
use self::unexpected::Unexpected;
use crate::domain::account::Logins;
use crate::domain::fault::Fault;
use crate::domain::import::{Import, ImportId};
use crate::domain::page::{Cursor, Page, Samples, UnexpectedData};
use crate::domain::text::SafeText;

/// Where imports are: in the response, in `data`. What an import holds is located on its own, so that none costs another.
const IMPORT: usize = 2;

/// Parses a response of the import list, with these samples of failed rows.
///
/// # Errors
/// As [`PageReader::finish`].
pub fn page(body: &[u8], requested: &Url, samples: Samples) -> Result<Page, Fault> {
    let mut reader = PageReader::new(requested.clone(), samples);
    for piece in body.chunks(page::PORTION) {
        reader.push(piece);
        if reader.is_worth_reading() {
            reader.read();
        }
    }
    reader.finish()
}

/// Parses a response of the show route: the import itself, or in `data`.
///
/// # Errors
/// [`Fault::NotTheApi`] if it does not contain the requested import.
pub fn import(body: &[u8], id: &ImportId, requested: &Url) -> Result<(Import, Vec<UnexpectedData>), Fault> {
    let text = text(body);
    let mut unexpected = Unexpected::default();
    let text = json_of(&text, &mut unexpected);
    let index = Index::to_level(IMPORT, parse(text)?, &mut unexpected);
    let wrapped = object(&index, &mut unexpected)?.get("data").filter(|raw| raw.is_nested());
    let raw = wrapped.unwrap_or(index.root());
    let import = import::import(raw.get(), Route::Show, requested, &mut unexpected)
        .ok_or_else(|| not_the_api("JSON without an import"))?;
    if !import.id.as_str().eq_ignore_ascii_case(id.as_str()) {
        return Err(not_the_api("another import than the requested one"));
    }
    Ok((import, unexpected.into_list()))
}

/// Parses a page of the logins route.
///
/// # Errors
/// [`Fault::NotTheApi`] if it is not a JSON object with a `data` list.
pub fn logins(body: &[u8], requested: &Url) -> Result<(Logins, Option<Cursor>, Vec<UnexpectedData>), Fault> {
    let text = text(body);
    let mut unexpected = Unexpected::default();
    let text = json_of(&text, &mut unexpected);
    let index = Index::new(parse(text)?, &mut unexpected);
    let response = object(&index, &mut unexpected)?;
    let accounts = data(&response, &mut unexpected)?
        .into_iter()
        .filter_map(|raw| logins::account(raw, &mut unexpected))
        .collect();
    let preferred = logins::preferred(&response, &mut unexpected).into_iter().collect();
    let logins = Logins { accounts, preferred, ..Logins::default() };
    let next = next(&response, requested, &mut unexpected);
    Ok((logins, next, unexpected.into_list()))
}

/// The message of an error response; empty if it is not JSON.
pub(super) fn message(body: &[u8]) -> String {
    let text = text(body);
    let mut unexpected = Unexpected::default();
    let Ok(json) = parse(json_of(&text, &mut unexpected)) else { return String::new() };
    let index = Index::new(json, &mut unexpected);
    object(&index, &mut unexpected)
        .map(|response| failures::error_message(&response, &mut unexpected))
        .unwrap_or_default()
}

/// A server's text, sanitised and cut to one line of the screen.
pub(super) fn brief(text: &str) -> SafeText {
    const MAX: usize = 300;
    match text.char_indices().nth(MAX) {
        Some((end, _)) => SafeText::new(&format!("{}…", text.get(..end).unwrap_or_default())),
        None => SafeText::new(text),
    }
}

/// The body as text without a byte order mark; invalid UTF-8 is replaced.
fn text(body: &[u8]) -> Cow<'_, str> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // The same result as the other, sooner where everything is valid.
    str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed)
}

/// The JSON of a response. A PHP server with warnings enabled writes them before it, as HTML or plain text.
fn json_of<'a>(text: &'a str, unexpected: &mut Unexpected) -> &'a str {
    /// Possible beginnings of JSON that are tried.
    const TRIES: usize = 32;
    let text = text.trim();
    if text.starts_with(['{', '[']) {
        return text;
    }
    // JSON begins a line, or follows the end of a tag.
    let begins = text.match_indices('{').filter(|(at, _)| {
        let before = text.get(..*at).unwrap_or_default().trim_end_matches([' ', '\t']);
        before.ends_with(['\n', '>'])
    });
    for (at, _) in begins.take(TRIES) {
        let rest = text.get(at..).unwrap_or_default();
        if serde_json::from_str::<&RawValue>(rest).is_ok() {
            unexpected.note("response", "has text before the JSON");
            return rest;
        }
    }
    text
}

/// The text, if it is JSON.
fn parse(text: &str) -> Result<&str, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(not_the_api("an empty body"));
    }
    if text.starts_with('<') {
        return Err(not_the_api("a web page"));
    }
    serde_json::from_str::<&RawValue>(text).map(RawValue::get).map_err(|error| match error.is_eof() {
        true => Fault::Damaged(SafeText::new("truncated JSON")),
        false => not_the_api("not JSON"),
    })
}

fn object<'a>(index: &'a Index<'a>, unexpected: &mut Unexpected) -> Result<Members<'a>, Fault> {
    match Json::of(index.root(), unexpected) {
        Json::Object(members) => Ok(members),
        _ => Err(not_the_api("JSON that is not an object")),
    }
}

fn data<'a>(response: &Members<'a>, unexpected: &mut Unexpected) -> Result<Vec<Raw<'a>>, Fault> {
    match response.get("data").map(|raw| Json::of(raw, unexpected)) {
        Some(Json::List(items)) => Ok(items),
        _ => Err(not_the_api("JSON without a `data` list")),
    }
}

fn next(response: &Members<'_>, requested: &Url, unexpected: &mut Unexpected) -> Option<Cursor> {
    let link = inner(response, "links", unexpected).get("next").or(response.get("next_page_url"));
    links::next(link, requested, unexpected)
}

/// An object within the response; empty if missing or of another type.
fn inner<'a>(response: &Members<'a>, name: &'static str, unexpected: &mut Unexpected) -> Members<'a> {
    match response.get(name).map(|raw| Json::of(raw, unexpected)) {
        Some(Json::Object(members)) => members,
        None | Some(Json::Null) => Members::default(),
        Some(Json::List(items)) if items.is_empty() => Members::default(),
        Some(_) => {
            unexpected.note(name, "is not an object");
            Members::default()
        }
    }
}

fn not_the_api(what: &str) -> Fault {
    Fault::NotTheApi(SafeText::new(what))
}
