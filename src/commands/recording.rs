//! Keeping what happens in the journal, if the user wants that.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::config::Settings;
use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::page::Criteria;
use crate::domain::snapshot::Snapshot;
use crate::domain::text::SafeText;
use crate::events::{Happened, stable_hash};
use crate::exit::{Exit, Failure};
use crate::journal::{Contents, Journal, Line, Recorder, Unseen, Writer};

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
    pub(super) async fn start(
        settings: &Settings,
        reader: &str,
        say: impl Fn(&str) + Send + 'static,
    ) -> Result<Option<(Self, Contents)>, Failure> {
        let Some(path) = path(settings)?.map(ToOwned::to_owned) else { return Ok(None) };
        // Another program may hold it, and the disk may be slow.
        let opened = tokio::task::spawn_blocking(move || Journal::open(&path)).await;
        let opened = opened.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let journal = opened.map_err(|error| failure(settings, &error))?;
        let contents = journal.contents().clone();
        let recorder = Recorder::new(reader, contents.memory(reader).failing);
        let writer = Writer::start(journal, say).map_err(|error| failure(settings, &error))?;
        Ok(Some((Self { recorder, writer, latest: Arc::default() }, contents)))
    }

    pub(super) fn record(&mut self, snapshot: &Arc<Snapshot>, happened: &[Happened], now: Now) {
        self.latest = Arc::clone(snapshot);
        self.writer.write(self.recorder.lines(snapshot, happened, now, false), now.wall);
    }

    /// Keeps which imports the user has not seen.
    pub(super) fn leave_unseen(&self, imports: BTreeSet<ImportId>, now: Now) {
        let reader = self.recorder.reader().to_owned();
        self.writer.write(vec![Line::Unseen(Unseen { reader, at: now.wall, imports })], now.wall);
    }

    /// Writes how everything is at the end.
    pub(super) fn finish(mut self, now: Now) {
        self.writer.write(self.recorder.lines(&self.latest, &[], now, true), now.wall);
        self.writer.finish(PATIENCE);
    }
}

/// What is kept; `None` if no journal is.
///
/// # Errors
/// It cannot be read.
pub(super) fn read(settings: &Settings) -> Result<Option<Contents>, Failure> {
    let Some(path) = path(settings)? else { return Ok(None) };
    Journal::read(path).map(Some).map_err(|error| failure(settings, &error))
}

/// Where the journal is; `None` if none is kept.
fn path(settings: &Settings) -> Result<Option<&Path>, Failure> {
    if !settings.journal.value {
        return Ok(None);
    }
    let Some(path) = &settings.journal_path else {
        let message = format!("{}: no journal can be kept: HOME is not set", settings.journal.source);
        return Err(Failure { message, exit: Exit::Usage });
    };
    Ok(Some(path))
}

fn failure(settings: &Settings, error: &std::io::Error) -> Failure {
    let path = settings.journal_path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let (path, source) = (SafeText::new(&path), &settings.journal.source);
    // Not the user's mistake, and it may pass: a service tries again.
    Failure {
        message: format!("the journal {path} ({source}) cannot be used: {error}"),
        exit: Exit::Unexpected,
    }
}

/// The name of a command as a reader: with other criteria it sees other imports, and `more` is what else makes it another.
pub(super) fn reader_name(command: &str, settings: &Settings, more: &impl std::fmt::Debug) -> String {
    let Criteria { types, exclude_types, modes, statuses, initiated_by, .. } = &settings.criteria;
    let all = format!("{types:?} {exclude_types:?} {modes:?} {statuses:?} {initiated_by:?} {more:?}");
    // A filter may name a client or a person.
    format!("{command}-{:016x}", stable_hash(all.as_bytes()))
}
