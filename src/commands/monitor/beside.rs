//! What there is to do with what happens, beside the screen: hooks are run, a journal is kept, and the user is told what
//! happened before.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::app::event::Answer;
use crate::app::event_log::Severity;
use crate::app::while_away::{AwayEvent, AwayKind, WhileAway};
use crate::commands::observed::{Observed, last_moments};
use crate::commands::recording::Recording;
use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::snapshot::Snapshot;
use crate::domain::tally::Verdict;
use crate::events::{EventKind, Happened, Memory};
use crate::hooks::Hooks;
use crate::journal::{Contents, Entry};

/// A journal that is kept, and what it says of the time before.
#[derive(Debug)]
pub(super) struct Journal {
    recording: Recording,
    memory: Memory,
    /// `None` if the user never looked, or was told.
    before: Option<Before>,
    answers: mpsc::Sender<Answer>,
    /// At the end, which imports the user has not seen.
    unseen: oneshot::Receiver<BTreeSet<ImportId>>,
}

impl Journal {
    /// Writes as that reader. When all imports are loaded, what happened before goes to `answers`.
    pub(super) fn new(
        recording: Recording,
        contents: Contents,
        reader: &str,
        answers: mpsc::Sender<Answer>,
        unseen: oneshot::Receiver<BTreeSet<ImportId>>,
    ) -> Self {
        let memory = contents.memory(reader);
        let last = contents.reader(reader).and_then(|reader| reader.last);
        let before = last.map(|since| {
            let unseen = contents.reader(reader).map(|reader| reader.unseen.clone()).unwrap_or_default();
            Before { since, contents, memory: memory.clone(), unseen, happened: Vec::new() }
        });
        Self { recording, memory, before, answers, unseen }
    }

    /// What was seen before the program started.
    pub(super) fn memory(&self) -> Memory {
        self.memory.clone()
    }

    async fn keep(&mut self, snapshot: &Arc<Snapshot>, happened: Vec<Happened>, now: Now) {
        self.recording.record(snapshot, &happened, now);
        if let Some(before) = &mut self.before {
            before.happened.extend(happened);
            if snapshot.health.full_passes > 0 {
                let away = before.while_away(snapshot);
                self.before = None;
                let _ = self.answers.send(Answer::WhileAway(away)).await;
            }
        }
    }
}

/// Runs until the poller has ended; hooks get their time at the end.
pub(super) async fn run(
    mut observed: Observed<impl Fn() -> Now>,
    hooks: Hooks,
    mut journal: Option<Journal>,
) {
    while let Some((snapshot, happened)) = observed.next().await {
        for event in &happened {
            hooks.send(event.kind, &event.json());
        }
        if let Some(journal) = &mut journal {
            journal.keep(&snapshot, happened, observed.now()).await;
        }
    }
    if let Some(Journal { recording, before, unseen, .. }) = journal {
        let now = observed.now();
        if let (None, Ok(unseen)) = (before, unseen.await) {
            recording.leave_unseen(unseen, now);
        }
        // A slow disk holds up nobody else.
        let _ = tokio::task::spawn_blocking(move || recording.finish(now)).await;
    }
    hooks.finish(last_moments()).await;
}

/// What is known of the time before the program started.
#[derive(Debug)]
struct Before {
    /// When the user last looked.
    since: Timestamp,
    contents: Contents,
    memory: Memory,
    /// Imports that the user has not seen since earlier times.
    unseen: BTreeSet<ImportId>,
    /// What was found to have happened when everything was first looked at.
    happened: Vec<Happened>,
}

impl Before {
    fn while_away(&self, snapshot: &Snapshot) -> WhileAway {
        // Other programs may have kept what this screen does not list.
        let is_listed = |entry: &&Entry| match &entry.import {
            Some(id) => snapshot.get(id).is_some(),
            None => entry
                .json()
                .get("account_uuid")
                .and_then(serde_json::Value::as_str)
                .is_none_or(|uuid| snapshot.listed().any(|state| state.account.id.as_str() == uuid)),
        };
        let kept = self.contents.events.iter().filter(|entry| entry.at > self.since).filter(is_listed);
        let found = self.happened.iter().filter(|happened| !self.contents.has(&happened.id));
        let mut events: Vec<_> =
            kept.map(of_journal).chain(found.map(|happened| found_now(happened, self.since))).collect();
        events.sort_by_key(|event| event.at);
        let (mut failed_rows, mut changed) = (0_u64, self.unseen.clone());
        for watched in snapshot.imports.iter() {
            let before = self.memory.failed(&watched.import);
            let new = before.map_or(0, |before| watched.tally.failed().saturating_sub(before));
            failed_rows = failed_rows.saturating_add(new);
            if new > 0 {
                changed.insert(watched.import.id.clone());
            }
        }
        WhileAway { since: self.since, events, failed_rows, changed }
    }
}

fn of_journal(entry: &Entry) -> AwayEvent {
    let verdict = entry.json().get("verdict").and_then(serde_json::Value::as_str).and_then(Verdict::named);
    AwayEvent {
        at: entry.at,
        kind: kind(entry.kind),
        severity: severity(entry.kind, verdict),
        text: entry.message.to_string(),
        about: entry.import.clone(),
    }
}

/// What nobody saw happen: as far as is known when the server last changed the import.
fn found_now(happened: &Happened, since: Timestamp) -> AwayEvent {
    let import = happened.import.as_ref();
    let verdict = import.map(|watched| watched.verdict);
    let changed = import.and_then(|watched| watched.import.updated_at);
    let changed = changed.filter(|changed| (since..=happened.observed_at).contains(changed));
    AwayEvent {
        at: changed.unwrap_or(happened.observed_at),
        kind: kind(happened.kind),
        severity: severity(happened.kind, verdict),
        text: happened.message.clone(),
        about: import.map(|watched| watched.import.id.clone()),
    }
}

fn kind(kind: EventKind) -> AwayKind {
    match kind {
        EventKind::Settled | EventKind::Cancelled => AwayKind::Finished,
        EventKind::Stalled => AwayKind::Stalled,
        _ => AwayKind::Other,
    }
}

fn severity(kind: EventKind, verdict: Option<Verdict>) -> Severity {
    match kind {
        EventKind::Settled if verdict == Some(Verdict::Failed) => Severity::Error,
        EventKind::Settled if verdict == Some(Verdict::Done) => Severity::Good,
        EventKind::Started | EventKind::Resumed | EventKind::ReportReady | EventKind::Online => {
            Severity::Info
        }
        _ => Severity::Warning,
    }
}
