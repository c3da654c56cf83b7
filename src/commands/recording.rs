//! Keeping what happens in the journal, if the user wants that.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use crate::config::Settings;
use crate::domain::Now;
use crate::domain::snapshot::Snapshot;
use crate::domain::text::SafeText;
use crate::events::Happened;
use crate::exit::{Exit, Failure};
use crate::journal::{Contents, Journal, Recorder, Writer};

/// How long to wait at the end for what is not written yet.
const PATIENCE: Duration = Duration::from_secs(2);

/// The journal and what this program has written to it.
#[derive(Debug)]
pub(super) struct Recording {
    recorder: Recorder,
    writer: Writer,
    latest: Arc<Snapshot>,
}

impl Recording {
    /// Opens the journal and begins to write as that reader; with what was in it.
    ///
    /// # Errors
    /// The journal cannot be used.
    pub(super) fn start(settings: &Settings, reader: &str) -> Result<Option<(Self, Contents)>, Failure> {
        let Some(journal) = open(settings)? else { return Ok(None) };
        let contents = journal.contents().clone();
        let recorder = Recorder::new(reader, contents.memory(reader).failing);
        let writer = Writer::start(journal).map_err(|error| failure(settings, &error))?;
        Ok(Some((Self { recorder, writer, latest: Arc::default() }, contents)))
    }

    pub(super) fn record(&mut self, snapshot: &Arc<Snapshot>, happened: &[Happened], now: Now) {
        self.latest = Arc::clone(snapshot);
        self.writer.write(self.recorder.lines(snapshot, happened, now, false), now.wall);
    }

    /// Writes how everything is at the end.
    pub(super) fn finish(mut self, now: Now) {
        self.writer.write(self.recorder.lines(&self.latest, &[], now, true), now.wall);
        self.writer.finish(PATIENCE);
    }
}

/// The journal; `None` if none is kept.
///
/// # Errors
/// It cannot be used.
pub(super) fn open(settings: &Settings) -> Result<Option<Journal>, Failure> {
    if !settings.journal.value {
        return Ok(None);
    }
    let Some(path) = &settings.journal_path else {
        let message = format!("{}: no journal can be kept: HOME is not set", settings.journal.source);
        return Err(Failure { message, exit: Exit::Usage });
    };
    Journal::open(path).map(Some).map_err(|error| failure(settings, &error))
}

fn failure(settings: &Settings, error: &std::io::Error) -> Failure {
    let path = settings.journal_path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let message =
        format!("the journal {} ({}) cannot be used: {error}", SafeText::new(&path), settings.journal.source);
    Failure { message, exit: Exit::Usage }
}

/// The name of a command as a reader: with other criteria it sees other imports.
pub(super) fn reader_name(command: &str, settings: &Settings, filter: &str) -> String {
    let criteria = &settings.criteria;
    let mut hasher = DefaultHasher::new();
    (&criteria.types, &criteria.exclude_types, &criteria.modes, &criteria.statuses).hash(&mut hasher);
    (&criteria.initiated_by, filter).hash(&mut hasher);
    // A filter may name a client or a person.
    format!("{command}-{:016x}", hasher.finish())
}
