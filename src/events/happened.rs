//! One thing that happened, in words and as JSON.

use std::sync::Arc;

use jiff::{Timestamp, Unit};
use serde_json::{Map, Value, json};

use crate::domain::account::Account;
use crate::domain::event_kind::EventKind;
use crate::domain::redact::Redaction;
use crate::domain::snapshot::Watched;
use crate::output::formats;
use crate::report::FailedRows;

/// The version of the JSON: it grows when a member changes its meaning or goes, not when one is added.
pub const SCHEMA: u32 = 1;

#[derive(Debug, Clone, PartialEq)]
pub struct Happened {
    pub kind: EventKind,
    /// The same for the same change, whoever saw it: made of what the server said, not of when it was asked.
    pub id: String,
    pub observed_at: Timestamp,
    /// `None` if it concerns all of several accounts.
    pub account: Option<Arc<Account>>,
    /// As it was when that happened; `None` for what concerns the connection.
    pub import: Option<Arc<Watched>>,
    /// One sentence, without a name or a value of a client or a person.
    pub message: String,
    /// The same without the name of the firm.
    pub without_firm: String,
}

/// What the JSON has of the import besides what every event has.
const OF_IMPORT: [&str; 11] = [
    "type",
    "mode",
    "status",
    "verdict",
    "total_jobs",
    "jobs_remaining",
    "failed_jobs",
    "progress",
    "succeeded",
    "failed",
    "pending",
];

impl Happened {
    /// A JSON object with every member that an event may have, null where this one has no value.
    pub fn json(&self) -> Value {
        let watched = self.import.as_deref();
        let import = watched.map(formats::import).unwrap_or_default();
        let account = self.account.as_deref();
        let mut event = json!({
            "schema": SCHEMA,
            "id": self.id,
            "event": self.kind.name(),
            "observed_at": moment(self.observed_at),
            "server_at": import.get("updated_at"),
            "account_uuid": account.map(|account| account.id.as_str()),
            "firm": account.map(|account| account.firm.as_str()).filter(|firm| !firm.is_empty()),
            "profile": account.and_then(|account| account.id.profile()).map(|profile| &**profile),
            "uuid": import.get("uuid"),
        });
        if let Value::Object(members) = &mut event {
            for name in OF_IMPORT {
                members.insert(name.to_owned(), import.get(name).cloned().unwrap_or_default());
            }
            members.insert("message".to_owned(), json!(self.message));
        }
        event
    }

    /// The same without the name of the firm: what may be kept on disk.
    pub fn json_to_keep(&self) -> Value {
        let mut event = self.json();
        if let Value::Object(members) = &mut event {
            members.insert("firm".to_owned(), Value::Null);
            members.insert("profile".to_owned(), Value::Null);
            members.insert("message".to_owned(), json!(self.without_firm));
        }
        event
    }

    /// Why rows fail, as members to add to the JSON: `reasons` with the rows that each hit, and of how many rows that is
    /// known. Empty where the server's sample is not known or nothing failed.
    pub fn reasons(&self, redaction: Redaction) -> Map<String, Value> {
        let mut members = Map::new();
        let Some(watched) = &self.import else { return members };
        let sample = watched.import.failed_rows();
        if sample.is_empty() {
            return members;
        }
        let rows = FailedRows::of_sample(sample, watched.import.mapping.as_deref());
        let text = |text: &str| rows.text(text, redaction).to_string();
        let reasons = rows.reasons().iter().map(|reason| {
            json!({
                "field": text(reason.field.as_str()),
                "message": text(reason.message.as_str()),
                "rows": reason.rows.len(),
            })
        });
        members.insert("reasons".to_owned(), reasons.collect());
        members.insert("reasons_of".to_owned(), json!(rows.len()));
        members
    }
}

/// A moment to the millisecond, in UTC.
fn moment(at: Timestamp) -> String {
    at.round(Unit::Millisecond).unwrap_or(at).to_string()
}
