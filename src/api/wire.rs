//! The server's JSON, read leniently into the domain.
//!
//! One odd field never costs the import, one odd import never costs the page: every value is opened by
//! itself ([`json`]), and what was not as documented is counted ([`oddities`]).

mod failures;
mod import;
mod json;
mod links;
mod logins;
mod mapping;
mod oddities;
mod scalar;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::value::RawValue;
use url::Url;

use self::import::Route;
use self::json::{Json, Members, Raw};
use self::oddities::Oddities;
use crate::domain::account::Logins;
use crate::domain::fault::Fault;
use crate::domain::import::{Import, ImportId};
use crate::domain::page::{Cursor, Numbered, Oddity, Page};
use crate::domain::text::SafeText;

/// Reads an answer of the import list; `asked` is the URL that was asked.
///
/// # Errors
/// [`Fault::NotTheApi`] where it is no JSON object with a `data` list.
pub(super) fn page(body: &[u8], asked: &Url) -> Result<Page, Fault> {
    let text = text(body);
    let mut odd = Oddities::default();
    let text = json_of(&text, &mut odd);
    let answer = object(text, &mut odd)?;
    let imports = data(&answer, &mut odd)?
        .into_iter()
        .filter_map(|raw| import::import(raw, Route::Index, asked, &mut odd))
        .collect();
    let next = next(&answer, asked, &mut odd);
    let meta = inner(&answer, "meta", &mut odd);
    // A bare paginator has them at the top.
    let total = scalar::count(meta.get("total").or(answer.get("total")), "meta.total", &mut odd);
    let last = meta.get("last_page").or(answer.get("last_page"));
    let last = scalar::count(last, "meta.last_page", &mut odd).and_then(|last| u32::try_from(last).ok());
    let numbered = next.as_ref().zip(last).and_then(|(next, last)| Numbered::new(next, asked, last));
    Ok(Page { imports, next, numbered, total, oddities: odd.into_list(), budget: None, server_time: None })
}

/// Reads an answer of the show route: the import bare, or in `data`.
///
/// # Errors
/// [`Fault::NotTheApi`] where it does not hold the import that was asked for.
pub(super) fn import(body: &[u8], id: &ImportId, asked: &Url) -> Result<(Import, Vec<Oddity>), Fault> {
    let text = text(body);
    let mut odd = Oddities::default();
    let text = json_of(&text, &mut odd);
    let whole: Raw<'_> = parse(text)?;
    let raw = object(text, &mut odd)?.get("data").filter(|raw| json::is_nested(raw)).unwrap_or(whole);
    let import =
        import::import(raw, Route::Show, asked, &mut odd).ok_or_else(|| foreign("JSON without an import"))?;
    if !import.id.as_str().eq_ignore_ascii_case(id.as_str()) {
        return Err(foreign("another import than the one asked for"));
    }
    Ok((import, odd.into_list()))
}

/// Reads an answer of the logins route, with where its next page is.
///
/// # Errors
/// [`Fault::NotTheApi`] where it is no JSON object with a `data` list.
pub(super) fn logins(body: &[u8], asked: &Url) -> Result<(Logins, Option<Cursor>, Vec<Oddity>), Fault> {
    let text = text(body);
    let mut odd = Oddities::default();
    let text = json_of(&text, &mut odd);
    let answer = object(text, &mut odd)?;
    let accounts =
        data(&answer, &mut odd)?.into_iter().filter_map(|raw| logins::account(raw, &mut odd)).collect();
    let logins = Logins { accounts, preferred: logins::preferred(&answer, &mut odd) };
    let next = next(&answer, asked, &mut odd);
    Ok((logins, next, odd.into_list()))
}

/// What an error answer says of itself; empty where it is no JSON.
pub(super) fn message(body: &[u8]) -> String {
    let text = text(body);
    let mut odd = Oddities::default();
    let text = json_of(&text, &mut odd);
    object(text, &mut odd).map(|answer| failures::spoken(&answer, &mut odd)).unwrap_or_default()
}

/// A text of the server made safe and short enough for a line of the screen.
pub(super) fn brief(text: &str) -> SafeText {
    const MAX: usize = 300;
    match text.char_indices().nth(MAX) {
        Some((end, _)) => SafeText::new(&format!("{}…", text.get(..end).unwrap_or_default())),
        None => SafeText::new(text),
    }
}

/// The body as text: a byte order mark is left out, and bytes that are no UTF-8 cost only themselves.
fn text(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body))
}

/// The JSON of an answer. A PHP server with its warnings switched on writes them, as HTML or plain, before it.
fn json_of<'a>(text: &'a str, odd: &mut Oddities) -> &'a str {
    /// Places where JSON may begin that are tried.
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
            odd.note("answer", "other text before the JSON");
            return rest;
        }
    }
    text
}

fn parse(text: &str) -> Result<&RawValue, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(foreign("it is empty"));
    }
    if text.starts_with('<') {
        return Err(foreign("it is a web page"));
    }
    serde_json::from_str(text).map_err(|error| match error.is_eof() {
        true => Fault::Damaged(SafeText::new("its JSON is cut off")),
        false => foreign("it is not JSON"),
    })
}

fn object<'a>(text: &'a str, odd: &mut Oddities) -> Result<Members<'a>, Fault> {
    match Json::of(parse(text)?, odd) {
        Json::Object(members) => Ok(members),
        _ => Err(foreign("JSON that is no object")),
    }
}

fn data<'a>(answer: &Members<'a>, odd: &mut Oddities) -> Result<Vec<Raw<'a>>, Fault> {
    match answer.get("data").map(|raw| Json::of(raw, odd)) {
        Some(Json::List(items)) => Ok(items),
        _ => Err(foreign("JSON without a `data` list")),
    }
}

fn next(answer: &Members<'_>, asked: &Url, odd: &mut Oddities) -> Option<Cursor> {
    let link = inner(answer, "links", odd).get("next").or(answer.get("next_page_url"));
    links::next(link, asked, odd)
}

/// An object within the answer; empty where it is missing or anything else.
fn inner<'a>(answer: &Members<'a>, name: &'static str, odd: &mut Oddities) -> Members<'a> {
    match answer.get(name).map(|raw| Json::of(raw, odd)) {
        Some(Json::Object(members)) => members,
        None | Some(Json::Null) => Members::default(),
        Some(Json::List(items)) if items.is_empty() => Members::default(),
        Some(_) => {
            odd.note(name, "not an object");
            Members::default()
        }
    }
}

fn foreign(what: &str) -> Fault {
    Fault::NotTheApi(SafeText::new(what))
}
