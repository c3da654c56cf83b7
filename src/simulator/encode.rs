//! The API's JSON, written from its documentation and from nothing of the client's.

use jiff::Timestamp;
use serde::Serialize;
use serde::ser::Serializer;
use serde_json::{Value, json};

use super::import::{Import, Quirk};
use super::life::Counts;
use super::people::{Firm, Staff};
use super::rows::Failure;
use super::{Counting, Options};

/// A nested resource that is not expanded.
fn resource(name: &str) -> String {
    format!("App\\Http\\Resources\\{name}Resource")
}

/// An object whose keys keep their order.
#[derive(Debug)]
struct Ordered<K, V>(Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Ordered<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// An import in the order of the reference.
#[derive(Serialize)]
pub(super) struct ImportJson<'a> {
    uuid: &'a str,
    created_at: String,
    updated_at: String,
    r#type: &'a str,
    mode: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mapping: Option<Mapping>,
    status: &'a str,
    total_jobs: Count,
    progress: Count,
    jobs_remaining: Count,
    failed_jobs: Count,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_report: Option<Option<Ordered<&'a str, Value>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<Ordered<&'a str, Part>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a Value>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Mapping {
    /// PHP's empty array.
    Empty([u8; 0]),
    Full(Ordered<&'static str, Option<&'static str>>),
}

#[derive(Serialize)]
#[serde(untagged)]
enum Count {
    Integer(u64),
    Float(f64),
    Text(String),
}

#[derive(Serialize)]
#[serde(untagged)]
enum Part {
    Row(Ordered<&'static str, String>),
    Cells(Vec<String>),
    Messages(Ordered<&'static str, Vec<String>>),
    Message(Ordered<&'static str, String>),
}

/// How an import is to be shown.
pub(super) struct View<'a> {
    pub(super) options: &'a Options,
    /// World time in seconds.
    pub(super) at: f64,
    /// `scheme://host` for links.
    pub(super) origin: &'a str,
    /// The show route, which has more.
    pub(super) alone: bool,
    /// Who started it, when asked for.
    pub(super) account: Option<&'a Value>,
}

/// One import as the server shows it.
pub(super) fn import<'a>(import: &'a Import, view: &View<'a>) -> ImportJson<'a> {
    let at = view.at;
    let listed = view.alone || view.options.list_errors;
    let sheet = (view.alone || listed).then(|| import.sheet());
    let time = |moment: f64| time(view.options.start, moment, import.is(Quirk::PlainTimes));
    let count = |number: u64| count(number, import.quirk);
    let counts = if import.life.is_pruned(at) { Counts::default() } else { import.life.counts(at) };
    let encoded = encoded(counts, view.options.counting);
    let (headers, mapping) = match sheet.as_ref().filter(|_| view.alone) {
        Some(_) if import.is(Quirk::NoHeaders) => (Some(Vec::new()), Some(Mapping::Empty([]))),
        Some(sheet) => (Some(sheet.headers()), Some(mapping(sheet.mapping(), import))),
        None => (None, None),
    };
    ImportJson {
        uuid: &import.uuid,
        created_at: time(import.life.created_at()),
        updated_at: time(import.updated_at(at)),
        r#type: import.kind.name,
        mode: import.mode,
        headers,
        mapping,
        status: import.status(at),
        total_jobs: count(encoded.total_jobs),
        progress: count(encoded.progress),
        jobs_remaining: count(encoded.jobs_remaining),
        failed_jobs: count(encoded.failed_jobs),
        error_report: listed.then(|| import.has_report(at).then(|| error_report(import, view))),
        errors: sheet.filter(|_| listed).map(|sheet| {
            let headers = sheet.headers();
            let shown = import.shown_failures(&sheet, at).into_iter();
            shown.map(|failure| error_row(import, &headers, failure)).collect()
        }),
        account: view.account,
    }
}

/// The numbers as the server counts them.
pub(super) struct Encoded {
    pub(super) total_jobs: u64,
    pub(super) jobs_remaining: u64,
    pub(super) failed_jobs: u64,
    pub(super) progress: u64,
}

pub(super) fn encoded(counts: Counts, counting: Counting) -> Encoded {
    let Counts { total, succeeded, failed, failures, skipped } = counts;
    let (remaining, failed) = match counting {
        Counting::Batch => (total - succeeded - skipped, failures),
        Counting::Exclusive => (total - succeeded - failed - skipped, failed),
    };
    let share = if total == 0 { 0.0 } else { (total - remaining) as f64 / total as f64 };
    Encoded {
        total_jobs: total,
        jobs_remaining: remaining,
        failed_jobs: failed,
        progress: (share * 100.0).round() as u64,
    }
}

fn count(number: u64, quirk: Option<Quirk>) -> Count {
    match quirk {
        Some(Quirk::StringCounts) => Count::Text(number.to_string()),
        Some(Quirk::FloatCounts) => Count::Float(number as f64),
        _ => Count::Integer(number),
    }
}

/// A moment of world time as the server writes it.
fn time(start: Timestamp, at: f64, plain: bool) -> String {
    let second = start.as_second().saturating_add(at.floor() as i64);
    let moment = Timestamp::from_second(second).unwrap_or(start);
    moment.strftime(if plain { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S+00:00" }).to_string()
}

/// A header that maps to nothing is left out, or has `null`.
fn mapping(columns: Vec<(&'static str, &'static str)>, import: &Import) -> Mapping {
    let nulls = import.file.is_multiple_of(3);
    let mapped = columns.into_iter().filter(|(_, field)| nulls || !field.is_empty());
    Mapping::Full(Ordered(
        mapped.map(|(header, field)| (header, Some(field).filter(|f| !f.is_empty()))).collect(),
    ))
}

fn error_row<'a>(import: &'a Import, headers: &[&'static str], failure: Failure) -> Ordered<&'a str, Part> {
    let row = if import.is(Quirk::RowAsList) {
        Part::Cells(failure.cells)
    } else {
        Part::Row(Ordered(headers.iter().copied().zip(failure.cells).collect()))
    };
    let messages = if import.is(Quirk::MessageAsString) {
        let joined = failure.errors.into_iter().map(|(field, messages)| (field, messages.join(" ")));
        Part::Message(Ordered(joined.collect()))
    } else {
        Part::Messages(Ordered(failure.errors))
    };
    Ordered(vec![(import.kind.row_key, row), ("errors", messages)])
}

fn error_report<'a>(import: &Import, view: &View<'_>) -> Ordered<&'a str, Value> {
    let ended = time(view.options.start, import.life.ended_at(), false);
    let name = format!("{} {} errors", import.kind.name, ended.get(..10).unwrap_or_default());
    let filename = format!("{}.csv", name.replace(' ', "-"));
    let link = format!("{}/file/{}/download", view.origin, import.file_uuid);
    Ordered(vec![
        ("uuid", json!(import.report_uuid)),
        ("created_at", json!(ended)),
        ("original_created_at", json!(ended)),
        ("updated_at", json!(ended)),
        ("uploaded_at", json!(ended)),
        ("status", json!("uploaded")),
        ("path", json!(format!("Imports/Error reports/{filename}"))),
        ("filename", json!(filename)),
        ("name", json!(name)),
        ("extension", json!("csv")),
        ("type", json!("import_error_report")),
        ("size", json!(import.report_size().to_string())),
        ("last_modified", json!(ended)),
        ("progress", json!("100")),
        ("download_url", if import.is(Quirk::NoLink) { Value::Null } else { json!(link) }),
        ("folder_name", json!("Error reports")),
        ("folder", json!(resource("Folder"))),
        ("documentable_type", json!("import")),
        ("documentable", json!("Object")),
        ("navigator", json!({ "model_type": "import", "model_uuid": import.uuid })),
        ("firm", json!(resource("Firm"))),
        ("account", json!(resource("MinimalAccount"))),
        ("tags", json!(resource("Tag"))),
    ])
}

/// An account as it comes with an import. One of the staff has their firm written out.
pub(super) fn account(staff: &Staff, of: &Firm, uuid: &str, expanded: bool) -> Value {
    let made = "2024-02-05T09:12:41+00:00";
    json!({
        "uuid": uuid,
        "created_at": made,
        "updated_at": made,
        "type": "employee",
        "role": staff.role,
        "first_name": staff.first,
        "last_name": staff.last,
        "name": format!("{} {}", staff.first, staff.last),
        "email": staff.email(),
        "photo_url": format!("https://avatars.example/api/?name={}", staff.first.to_lowercase()),
        "firm": if expanded { firm(of) } else { json!(resource("Firm")) },
        "primary_phone_number": resource("ContactDetail"),
        "primary_email": resource("ContactDetail"),
        "current_time_entry": resource("TimeEntry"),
        "assigned_adviser": resource("Account"),
        "assigned_administrator": resource("Account"),
        "assigned_paraplanner": resource("Account"),
        "introduced_by": resource("Account"),
        "groups": resource("Group"),
        "tags": resource("Tag"),
        "owners": resource("Account"),
        "first_contact_date": made,
        "next_review_date": Value::Null,
        "previous_review_date": Value::Null,
        "anniversary_review_date": Value::Null,
        "with_login": true,
        "has_joint_account": false,
        "can_be_deleted": "false",
        "joint_account_circle": resource("Circle"),
        "circles": resource("Circle"),
        "ownership_percentage": 100,
        "inactive_at": Value::Null,
        "last_interaction_at": "2026-11-20 16:41:07",
        "custom_fields": resource("CustomFieldValue"),
        "external_references": resource("ExternalReference"),
    })
}

pub(super) fn firm(firm: &Firm) -> Value {
    json!({ "uuid": super::dice::uuid(0xf1f1, firm.number), "name": firm.name })
}
