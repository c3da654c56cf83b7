//! The journal beside the monitor: keeps what happens, and says what happened before.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::app::event::Answer;
use crate::app::event_log::Severity;
use crate::app::while_away::{AwayEvent, AwayKind, WhileAway};
use crate::commands::recording::Recording;
use crate::domain::Now;
use crate::domain::snapshot::Snapshot;
use crate::domain::tally::Verdict;
use crate::events::{EventKind, Happened, Memory, Observer};
use crate::journal::{Contents, Entry};

/// How long the journal may hold up the end of the program.
const PATIENCE: Duration = Duration::from_secs(3);

/// Keeps a journal until it is dropped or finished.
#[derive(Debug)]
pub(super) struct JournalTask {
    end: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl JournalTask {
    /// Keeps what the snapshots show; when all imports are loaded, what happened before goes to `answers`.
    pub(super) fn start(
        recording: Recording,
        contents: Contents,
        reader: String,
        snapshots: watch::Receiver<Arc<Snapshot>>,
        answers: mpsc::Sender<Answer>,
        clock: impl Fn() -> Now + Send + Sync + 'static,
    ) -> Self {
        let (end, ended) = oneshot::channel();
        let task = tokio::spawn(keep(recording, (contents, reader), snapshots, answers, clock, ended));
        Self { end, task }
    }

    /// Writes how everything is now.
    pub(super) async fn finish(self) {
        drop(self.end);
        let _ = tokio::time::timeout(PATIENCE, self.task).await;
    }
}

async fn keep(
    mut recording: Recording,
    (contents, reader): (Contents, String),
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    answers: mpsc::Sender<Answer>,
    clock: impl Fn() -> Now,
    mut ended: oneshot::Receiver<()>,
) {
    let memory = contents.memory(&reader);
    let last = contents.reader(&reader).and_then(|reader| reader.last);
    let mut observer = Observer::default().remembering(memory.clone());
    let mut before = last.map(|since| Before { since, contents, memory, happened: Vec::new() });
    loop {
        let snapshot = Arc::clone(&snapshots.borrow_and_update());
        let now = clock();
        let happened = observer.observe(&snapshot, now);
        recording.record(&snapshot, &happened, now);
        if let Some(mut waits) = before.take() {
            waits.happened.extend(happened);
            if snapshot.health.full_passes == 0 {
                before = Some(waits);
            } else {
                let _ = answers.send(Answer::WhileAway(waits.while_away(&snapshot))).await;
            }
        }
        let due = observer.due().map(|due| due.saturating_sub(now.up));
        tokio::select! {
            biased;
            _ = &mut ended => break,
            changed = snapshots.changed() => if changed.is_err() { break },
            () = tokio::time::sleep(due.unwrap_or(Duration::MAX)) => {}
        }
    }
    // A slow disk holds up the requests of nobody.
    let now = clock();
    let _ = tokio::task::spawn_blocking(move || recording.finish(now)).await;
}

/// What is known of the time before the program started.
#[derive(Debug)]
struct Before {
    /// When the user last looked.
    since: Timestamp,
    contents: Contents,
    memory: Memory,
    /// What was found to have happened when everything was first looked at.
    happened: Vec<Happened>,
}

impl Before {
    fn while_away(&self, snapshot: &Snapshot) -> WhileAway {
        let kept = self.contents.events.iter().filter(|entry| entry.at > self.since);
        let found = self.happened.iter().filter(|happened| !self.contents.has(&happened.id));
        let mut events: Vec<_> =
            kept.map(of_journal).chain(found.map(|happened| found_now(happened, self.since))).collect();
        events.sort_by_key(|event| event.at);
        let failed_rows = snapshot.imports.iter().map(|watched| {
            let before = self.memory.failed(&watched.import);
            before.map_or(0, |before| watched.tally.failed().saturating_sub(before))
        });
        WhileAway { since: self.since, events, failed_rows: failed_rows.sum() }
    }
}

fn of_journal(entry: &Entry) -> AwayEvent {
    let verdict = entry.json.get("verdict").and_then(serde_json::Value::as_str).and_then(Verdict::named);
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
