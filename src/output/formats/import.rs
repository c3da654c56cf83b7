//! An import for programs: the API's own names, and the tally and verdict worked out from them.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::app::columns::Column;
use crate::domain::account::AccountId;
use crate::domain::import::{Import, LinkError, Person, Report};
use crate::domain::redact::Redaction;
use crate::domain::snapshot::Watched;

/// The columns of an import in the flat formats.
pub(crate) const IMPORT: &[&str] = &[
    "uuid",
    "type",
    "mode",
    "status",
    "total_jobs",
    "jobs_remaining",
    "failed_jobs",
    "progress",
    "created_at",
    "updated_at",
    "account.uuid",
    "account.name",
    "account.email",
    "error_report.filename",
    "error_report.size",
    "error_report.status",
    "error_report.download_url",
    "succeeded",
    "failed",
    "pending",
    "verdict",
    "counting",
    "account_uuid",
    "firm",
    "profile",
];

/// An import as a JSON object; null where the server gave no value.
pub(crate) fn import(watched: &Watched) -> Value {
    let Watched { import, tally, verdict, basis, .. } = watched;
    let counts = &import.counts;
    // Without any counts there is no tally.
    let has_counts = counts.total.is_some() || counts.remaining.is_some() || counts.failed.is_some();
    let rows = |number: Option<u64>| number.filter(|_| has_counts);
    json!({
        "uuid": import.id.as_str(),
        "type": text(import.kind.as_str()),
        "mode": text(import.mode.as_str()),
        "status": text(import.status.as_str()),
        "total_jobs": counts.total,
        "jobs_remaining": counts.remaining,
        "failed_jobs": counts.failed,
        "progress": counts.progress.map(number),
        "created_at": import.created_at.map(|at| at.to_string()),
        "updated_at": import.updated_at.map(|at| at.to_string()),
        "account": import.started_by.as_deref().map(account),
        "error_report": import.report().map(error_report),
        "succeeded": rows(tally.succeeded()),
        "failed": rows(Some(tally.failed())),
        "pending": rows(tally.pending()),
        "verdict": verdict.as_str(),
        "counting": basis.as_str(),
        "account_uuid": import.account_id().map(AccountId::as_str),
        "firm": text(import.firm()),
        "profile": import.account_id().and_then(AccountId::profile).map(AsRef::<str>::as_ref),
    })
}

/// The columns of the imports table as members of a JSON object, by their names in the configuration.
pub(crate) fn cells(watched: &Watched, columns: &[Column]) -> Value {
    let record = import(watched);
    let member = |name: &str| record.get(name).cloned().unwrap_or_default();
    let tally = &watched.tally;
    let cell = |column: &Column| match column {
        Column::Import => json!(format!("{} {}", watched.import.kind.as_str(), watched.import.mode.as_str())),
        Column::Firm => member("firm"),
        Column::Type => member("type"),
        Column::Mode => member("mode"),
        Column::State => member("verdict"),
        Column::Status => member("status"),
        Column::Progress => json!(tally.percent()),
        Column::Done => json!(tally.settled()),
        Column::Total => member("total_jobs"),
        Column::Succeeded => member("succeeded"),
        Column::Failed => member("failed"),
        Column::Pending => member("pending"),
        // A single request shows no pace.
        Column::Rate | Column::Eta => Value::Null,
        Column::When | Column::Started => member("created_at"),
        Column::Updated => member("updated_at"),
        Column::By => record.pointer("/account/name").cloned().unwrap_or_default(),
        Column::Uuid => member("uuid"),
    };
    columns.iter().map(|column| (column.name().to_owned(), cell(column))).collect::<Map<_, _>>().into()
}

fn account(person: &Person) -> Value {
    json!({
        "uuid": text(person.uuid.as_str()),
        "name": text(person.name.as_str()),
        "email": text(person.email.as_str()),
    })
}

fn error_report(report: &Report) -> Value {
    json!({
        "filename": text(report.name.as_str()),
        "size": report.size,
        "status": text(report.status.as_str()),
        "download_url": report.link.as_ref().ok().map(|link| link.as_str()),
    })
}

fn text(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// A percentage as the API writes it: an integer if it is one.
fn number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e9 { json!(number as i64) } else { json!(number) }
}

/// The import with who started it masked, and what its error report is called; its link is left out.
pub(crate) fn masked(watched: &Arc<Watched>) -> Arc<Watched> {
    let mut masked = Watched::clone(watched);
    let redaction = Redaction { enabled: true };
    masked.import = Import {
        started_by: masked.import.started_by.map(|person| {
            let [name, email] = [&person.name, &person.email].map(|text| redaction.value(text));
            Arc::new(Person { name, email, uuid: person.uuid.clone() })
        }),
        report: masked.import.report.map(|report| {
            report.map(|report| {
                let name = redaction.value(&report.name);
                Box::new(Report { name, link: Err(LinkError::Missing), ..*report })
            })
        }),
        ..masked.import
    };
    Arc::new(masked)
}
