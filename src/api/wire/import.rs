//! One import object.

use url::Url;

use super::failures::failures;
use super::json::{Json, Members, Raw};
use super::mapping::mapping;
use super::oddities::Oddities;
use super::scalar::{count, moment, note, number, word};
use crate::domain::import::{
    Counts, Failures, Import, ImportId, Kind, Link, LinkRefusal, Mapping, Mode, Person, Report, Status,
};
use crate::domain::text::SafeText;

/// What is kept of a sample in the list, in bytes of JSON and in cells: 25 rows of 200 columns.
const MAX_LISTED_BYTES: usize = 256 * 1024;
const MAX_LISTED_CELLS: usize = Failures::LIMIT * 200;

/// Which route an import came from: the index route need not tell everything that the show route tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// `GET /api/v1/import`.
    Index,
    /// `GET /api/v1/import/{uuid}`.
    Show,
}

/// Reads an import; `None` where there is no uuid to know it by. Links are resolved against `base`.
pub(super) fn import(raw: Raw<'_>, route: Route, base: &Url, odd: &mut Oddities) -> Option<Import> {
    let Json::Object(members) = Json::of(raw, odd) else {
        odd.note("data", "an import that is no object");
        return None;
    };
    let Some(id) = ImportId::new(note(members.get("uuid"), odd).as_str()) else {
        odd.note("uuid", "missing or unusable: the import is left out");
        return None;
    };
    let counts = counts(&members, odd);
    // On the index route an emptiness that the numbers contradict is one that was not told.
    let untold = route == Route::Index && counts.failed != Some(0);
    Some(Import {
        id,
        kind: Kind::new(word(members.get("type"), "type", odd).as_str()),
        mode: Mode::new(word(members.get("mode"), "mode", odd).as_str()),
        status: Status::new(word(members.get("status"), "status", odd).as_str()),
        counts,
        created_at: moment(members.get("created_at"), "created_at", odd),
        updated_at: moment(members.get("updated_at"), "updated_at", odd),
        started_by: members.get("account").and_then(|raw| person(raw, odd)),
        failures: sample(&members, route, odd).filter(|failures| !(untold && failures.rows.is_empty())),
        report: members
            .get("error_report")
            .map(|raw| report(raw, base, odd).map(Box::new))
            .filter(|report| !(untold && report.is_none())),
        mapping: columns(&members, route, odd),
    })
}

/// Reads `errors`. A sample that is far larger than documented is not taken from the list, where nobody may ever look at
/// it: whoever does gets it from the show route.
fn sample(members: &Members<'_>, route: Route, odd: &mut Oddities) -> Option<Failures> {
    let raw = members.get("errors")?;
    let listed = |size: usize, most: usize| route == Route::Show || size <= most;
    if listed(raw.get().len(), MAX_LISTED_BYTES) {
        let rows = failures(raw, odd);
        if listed(rows.iter().map(|row| row.cells.len()).sum(), MAX_LISTED_CELLS) {
            return Some(Failures { rows: rows.into() });
        }
    }
    odd.note("errors", "more than is kept of an import in the list");
    None
}

fn counts(members: &Members<'_>, odd: &mut Oddities) -> Counts {
    let mut required = |field| {
        let raw = members.get(field);
        if raw.is_none() {
            odd.note(field, "missing");
        }
        count(raw, field, odd)
    };
    Counts {
        total: required("total_jobs"),
        remaining: required("jobs_remaining"),
        failed: required("failed_jobs"),
        progress: number(members.get("progress"), "progress", odd),
    }
}

/// Neither is visible on the index route, where a PHP server may still send them empty.
fn columns(members: &Members<'_>, route: Route, odd: &mut Oddities) -> Option<Mapping> {
    let (headers, fields) = (members.get("headers"), members.get("mapping"));
    headers.or(fields)?;
    let mapping = mapping(headers, fields, odd);
    (route == Route::Show || !mapping.columns.is_empty()).then_some(mapping)
}

/// Reads `account`; `None` where nothing tells who it is.
fn person(raw: Raw<'_>, odd: &mut Oddities) -> Option<Person> {
    let Json::Object(members) = Json::of(raw, odd) else {
        if !matches!(raw.get(), "null" | "[]") {
            odd.note("account", "not an object");
        }
        return None;
    };
    let person = Person {
        name: full_name(&members, odd),
        email: note(members.get("email"), odd),
        uuid: note(members.get("uuid"), odd),
    };
    (person != Person::default()).then_some(person)
}

/// `name`, else first and last name.
pub(super) fn full_name(members: &Members<'_>, odd: &mut Oddities) -> SafeText {
    let name = note(members.get("name"), odd);
    if !name.is_empty() {
        return name;
    }
    let [first, last] = ["first_name", "last_name"].map(|part| note(members.get(part), odd));
    SafeText::new(format!("{first} {last}").trim())
}

/// Reads `error_report`; `None` where there is none yet.
fn report(raw: Raw<'_>, base: &Url, odd: &mut Oddities) -> Option<Report> {
    let Json::Object(members) = Json::of(raw, odd) else {
        if !matches!(raw.get(), "null" | "[]" | "\"\"" | "false") {
            odd.note("error_report", "not an object");
        }
        return None;
    };
    let link = match members.get("download_url").map(|raw| Json::of(raw, odd)) {
        None | Some(Json::Null) => Err(LinkRefusal::Missing),
        Some(Json::Text(link)) => Link::new(&link, base),
        Some(_) => Err(LinkRefusal::Malformed),
    };
    if !matches!(link, Ok(_) | Err(LinkRefusal::Missing)) {
        odd.note("download_url", "a link that is refused");
    }
    let filename = note(members.get("filename"), odd);
    let name = if filename.is_empty() { note(members.get("name"), odd) } else { filename };
    if name.is_empty() && link == Err(LinkRefusal::Missing) && note(members.get("uuid"), odd).is_empty() {
        return None;
    }
    Some(Report {
        name,
        // Bytes, documented as a text.
        size: members
            .get("size")
            .filter(|raw| raw.get() != "null")
            .and_then(|raw| count(Some(raw), "size", &mut Oddities::default())),
        status: note(members.get("status"), odd),
        link,
    })
}
