//! Which lines to write, and when. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::line::{Line, Newest, Seen};
use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::import_event::LastSeen;
use crate::domain::snapshot::{Snapshot, Watched};
use crate::events::{EventKind, Happened, account_key};

/// How often what moves is written, if nothing happens.
const APART: Duration = Duration::from_secs(60);

/// What a reader has written of what it sees.
#[derive(Debug)]
pub struct Recorder {
    reader: String,
    written: HashMap<ImportId, LastSeen>,
    failing: HashSet<ImportId>,
    newest: BTreeMap<String, Timestamp>,
    /// When (`Now::up`) everything was last written.
    last: Option<Duration>,
}

impl Recorder {
    /// A reader of this name, of whose imports it was said that these are failing.
    pub fn new(reader: &str, failing: HashSet<ImportId>) -> Self {
        Self {
            reader: reader.to_owned(),
            written: HashMap::new(),
            failing,
            newest: BTreeMap::new(),
            last: None,
        }
    }

    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// What happened, and how the imports are that it happened to; of the others how they are, once a minute, or if this is
    /// the last time.
    pub fn lines(
        &mut self,
        snapshot: &Snapshot,
        happened: &[Happened],
        now: Now,
        is_last: bool,
    ) -> Vec<Line> {
        let mut lines = Vec::new();
        for event in happened {
            if let Value::Object(json) = event.json_to_keep() {
                lines.push(Line::Event(json));
            }
            let Some(watched) = &event.import else { continue };
            let id = &watched.import.id;
            match event.kind {
                EventKind::Failing => {
                    self.failing.insert(id.clone());
                }
                EventKind::Settled | EventKind::Cancelled | EventKind::Deleted => {
                    self.failing.remove(id);
                }
                _ => {}
            }
        }
        let passed = snapshot.health.full_passes > 0;
        let mut changed: Vec<&Watched> =
            happened.iter().filter_map(|event| event.import.as_deref()).collect();
        if passed && !lines.is_empty() {
            // One that only waits so far as well: by the line on the newest it will have been there.
            let unfinished = snapshot.unfinished().map(|watched| &**watched);
            changed.extend(unfinished.filter(|watched| !self.written.contains_key(&watched.import.id)));
        }
        for watched in changed {
            lines.extend(self.seen(watched, now));
        }
        let is_due = self.last.is_none_or(|last| now.since(last) >= APART);
        if passed && (is_due || is_last) {
            self.last = Some(now.up);
            for watched in snapshot.unfinished() {
                lines.extend(self.seen(watched, now));
            }
        }
        let known = snapshot.listed().filter(|state| state.full_passes > 0);
        let newest: BTreeMap<_, _> = known
            .filter_map(|state| Some((account_key(&state.account.id), state.newest?.min(now.wall))))
            .collect();
        // After the imports themselves: one that is as new as that has been seen.
        if passed && (is_due || is_last || !lines.is_empty()) {
            self.newest.extend(newest);
            lines.push(Line::Newest(Newest {
                reader: self.reader.clone(),
                at: now.wall,
                newest: self.newest.clone(),
            }));
        }
        self.written.retain(|id, _| snapshot.get(id).is_some());
        lines
    }

    /// How an import is, if that is not written yet.
    fn seen(&mut self, watched: &Watched, now: Now) -> Option<Line> {
        let (id, seen) = (&watched.import.id, LastSeen::from(watched));
        // One that stands still is written as well: for how long it does is part of its pace.
        let same = self.written.insert(id.clone(), seen) == Some(seen);
        if same && !seen.verdict.is_active() {
            return None;
        }
        Some(Line::Seen(Seen {
            reader: self.reader.clone(),
            at: now.wall,
            import: id.clone(),
            seen,
            failing: self.failing.contains(id),
            pace: watched.pace.memory().filter(|_| seen.verdict.is_unfinished()),
        }))
    }
}
