//! One import object.

use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::failures::failures;
use super::json::{Index, Json, Members, Raw};
use super::mapping::mapping;
use super::scalar::{count, moment, note, number, word};
use super::unexpected::Unexpected;
use crate::domain::import::{
    Counts, Failures, Import, ImportId, Kind, Link, LinkError, Mapping, Mode, Person, Report, Status,
};
use crate::domain::page::Samples;
use crate::domain::text::SafeText;

/// Limits for a sample in the list, in bytes of JSON and in cells: 25 rows of 200 columns.
const MAX_LISTED_BYTES: usize = 256 * 1024;
const MAX_LISTED_CELLS: usize = Failures::LIMIT * 200;

/// The index route may omit what the show route sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// `GET /api/v1/import`, of which only these samples are read.
    Index(Samples),
    /// `GET /api/v1/import/{uuid}`.
    Show,
}

/// Parses an import; `None` without a uuid. Links are resolved against `base`.
pub(super) fn import(json: &str, route: Route, base: &Url, unexpected: &mut Unexpected) -> Option<Import> {
    // What its members hold is located once it is known to be kept, or at once where that is sure and not much.
    let all = matches!(route, Route::Show | Route::Index(Samples::All));
    let at_once = all && json.len() <= MAX_LISTED_BYTES;
    let index = Index::to_level(if at_once { usize::MAX } else { 1 }, json, unexpected);
    let Json::Object(members) = Json::of(index.root(), unexpected) else {
        unexpected.note("data", "has an import that is not an object");
        return None;
    };
    let Some(id) = ImportId::new(note(members.get("uuid"), unexpected).as_str()) else {
        unexpected.note("uuid", "is missing or invalid: import skipped");
        return None;
    };
    let counts = counts(&members, unexpected);
    // On the index route, an empty value that the counts contradict was just omitted.
    let omitted = route != Route::Show && counts.failed != Some(0);
    let created_at = moment(members.get("created_at"), "created_at", unexpected);
    Some(Import {
        id,
        kind: Kind::new(word(members.get("type"), "type", unexpected).as_str()),
        mode: Mode::new(word(members.get("mode"), "mode", unexpected).as_str()),
        status: Status::new(word(members.get("status"), "status", unexpected).as_str()),
        counts,
        created_at,
        updated_at: moment(members.get("updated_at"), "updated_at", unexpected),
        started_by: members.get("account").and_then(|raw| person(raw, unexpected)).map(Arc::new),
        failures: sample(&members, route, created_at, unexpected)
            .filter(|failures| !(omitted && failures.rows.is_empty())),
        report: members
            .get("error_report")
            .map(|raw| report(raw, base, unexpected).map(Box::new))
            .filter(|report| !(omitted && report.is_none())),
        mapping: columns(&members, route, unexpected).map(Arc::new),
        seen_by: None,
    })
}

/// Parses `errors`. A sample far larger than documented is not kept from the list: the show route sends it again when the
/// user opens the import.
fn sample(
    members: &Members<'_>,
    route: Route,
    created_at: Option<Timestamp>,
    unexpected: &mut Unexpected,
) -> Option<Failures> {
    /// A value of at most so many bytes is `null`, `[]` or the like: there are no failed rows.
    const NONE: usize = "null".len();
    let wanted = match route {
        Route::Index(samples) => samples.include(created_at),
        Route::Show => true,
    };
    let raw = members.get("errors").filter(|raw| wanted || raw.get().len() <= NONE)?;
    let listed = |size: usize, most: usize| route == Route::Show || size <= most;
    if listed(raw.get().len(), MAX_LISTED_BYTES) {
        let rows = failures(raw, unexpected);
        if listed(rows.iter().map(|row| row.cells.len()).sum(), MAX_LISTED_CELLS) {
            return Some(Failures { rows: rows.into() });
        }
    }
    unexpected.note("errors", "are more than is kept in the list");
    None
}

fn counts(members: &Members<'_>, unexpected: &mut Unexpected) -> Counts {
    let mut required = |field| {
        let raw = members.get(field);
        if raw.is_none() {
            unexpected.note(field, "is missing");
        }
        count(raw, field, unexpected)
    };
    Counts {
        total: required("total_jobs"),
        remaining: required("jobs_remaining"),
        failed: required("failed_jobs"),
        progress: number(members.get("progress"), "progress", unexpected),
    }
}

/// The index route has neither, though a PHP server may still send them empty.
fn columns(members: &Members<'_>, route: Route, unexpected: &mut Unexpected) -> Option<Mapping> {
    let (headers, fields) = (members.get("headers"), members.get("mapping"));
    headers.or(fields)?;
    let mapping = mapping(headers, fields, unexpected);
    (route == Route::Show || !mapping.columns.is_empty()).then_some(mapping)
}

/// Parses `account`; `None` if it identifies nobody.
fn person(raw: Raw<'_>, unexpected: &mut Unexpected) -> Option<Person> {
    let index = Index::new(raw.get(), unexpected);
    let Json::Object(members) = Json::of(index.root(), unexpected) else {
        if !matches!(raw.get(), "null" | "[]") {
            unexpected.note("account", "is not an object");
        }
        return None;
    };
    let person = Person {
        name: full_name(&members, unexpected),
        email: note(members.get("email"), unexpected),
        uuid: note(members.get("uuid"), unexpected),
    };
    (person != Person::default()).then_some(person)
}

/// `name`, else first and last name.
pub(super) fn full_name(members: &Members<'_>, unexpected: &mut Unexpected) -> SafeText {
    let name = note(members.get("name"), unexpected);
    if !name.is_empty() {
        return name;
    }
    let [first, last] = ["first_name", "last_name"].map(|part| note(members.get(part), unexpected));
    SafeText::new(format!("{first} {last}").trim())
}

/// Parses `error_report`; `None` if there is none yet.
fn report(raw: Raw<'_>, base: &Url, unexpected: &mut Unexpected) -> Option<Report> {
    let index = Index::new(raw.get(), unexpected);
    let Json::Object(members) = Json::of(index.root(), unexpected) else {
        if !matches!(raw.get(), "null" | "[]" | "\"\"" | "false") {
            unexpected.note("error_report", "is not an object");
        }
        return None;
    };
    let link = match members.get("download_url").map(|raw| Json::of(raw, unexpected)) {
        None | Some(Json::Null) => Err(LinkError::Missing),
        Some(Json::Text(link)) => Link::new(&link, base),
        Some(_) => Err(LinkError::Malformed),
    };
    if !matches!(link, Ok(_) | Err(LinkError::Missing)) {
        unexpected.note("download_url", "is not an acceptable link");
    }
    let filename = note(members.get("filename"), unexpected);
    let name = if filename.is_empty() { note(members.get("name"), unexpected) } else { filename };
    if name.is_empty() && link == Err(LinkError::Missing) && note(members.get("uuid"), unexpected).is_empty()
    {
        return None;
    }
    Some(Report {
        name,
        // Bytes, documented as a string.
        size: members
            .get("size")
            .filter(|raw| raw.get() != "null")
            .and_then(|raw| count(Some(raw), "size", &mut Unexpected::default())),
        status: note(members.get("status"), unexpected),
        link,
    })
}
