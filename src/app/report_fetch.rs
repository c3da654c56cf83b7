//! The failed rows at hand: the API's sample at once, the error report as soon as it is available.

use std::collections::VecDeque;
use std::sync::Arc;

use super::details::ImportView;
use super::event_log::Severity;
use super::failures::FailuresScreen;
use super::{App, Screen};
use crate::app::event::Effect;
use crate::app::keymap::Action;
use crate::domain::failure::FailedRow;
use crate::domain::import::{ImportId, Mapping, Report};
use crate::domain::redact::Redactable;
use crate::domain::snapshot::LinkState;
use crate::domain::transfer::{Meter, Transfer};
use crate::report::{Completeness, FailedRows, Origin};

/// How many samples are kept ready: those of two screens.
const SAMPLES: usize = 64;
/// The most that they may hold together, in bytes of the client's values.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// What a cell takes besides its value, about.
const OF_A_CELL: usize = 32;

/// Failed rows of the import being viewed.
#[derive(Debug, Default)]
pub struct Reports {
    pub(super) download: Option<ReportDownload>,
    /// Of the imports looked at last, the latest first: whoever goes back and forth waits for none again.
    samples: VecDeque<LoadedSample>,
    read: Option<LoadedReport>,
    /// The report that could not be fetched or read, and why; it is not retried automatically.
    refused: Option<(ImportId, Report, Redactable)>,
    pending: Option<AfterReport>,
    /// The import whose report the user wants, but whose mapping is still on its way.
    held: Option<ImportId>,
}

/// A report on its way.
#[derive(Debug)]
pub struct ReportDownload {
    id: ImportId,
    pub transfer: Transfer,
    pub meter: Meter,
    /// Fetched because the import's failed rows are open, not because the user asked.
    automatic: bool,
}

/// What to do once the report has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterReport {
    /// List its rows, whichever screen is open.
    List,
    Compare(ImportId),
    Write,
    Copy,
    /// Propose how to fix its rows.
    Fix,
}

/// The API's sample of an import, and what it was made from.
#[derive(Debug)]
struct LoadedSample {
    id: ImportId,
    of: Arc<Vec<FailedRow>>,
    mapping: Option<Arc<Mapping>>,
    rows: Arc<FailedRows>,
    bytes: usize,
}

#[derive(Debug)]
struct LoadedReport {
    id: ImportId,
    report: Report,
    rows: Arc<FailedRows>,
}

impl Reports {
    /// The failed rows of an import, and whether they come from its report.
    pub(super) fn rows(&self, id: &ImportId) -> Option<(&Arc<FailedRows>, bool)> {
        let read = self.read.as_ref().filter(|read| read.id == *id).map(|read| (&read.rows, true));
        let sample = || self.samples.iter().find(|sample| sample.id == *id);
        read.or_else(|| sample().map(|sample| (&sample.rows, false)))
    }

    /// The download that the user asked for.
    pub fn requested(&self) -> Option<&ReportDownload> {
        self.download.as_ref().filter(|download| !download.automatic)
    }

    /// Whether the import's report is on its way.
    pub fn is_fetching(&self, id: &ImportId) -> bool {
        self.download.as_ref().is_some_and(|download| download.id == *id) || self.held.as_ref() == Some(id)
    }

    /// Takes note of a download; it takes the place of the one under way.
    pub(super) fn begin(&mut self, id: ImportId, automatic: bool, effects: &mut Vec<Effect>) {
        let (transfer, meter) = (Transfer::default(), Meter::default());
        if self.download.replace(ReportDownload { id, transfer, meter, automatic }).is_some() {
            effects.push(Effect::CancelTransfer);
        }
    }

    /// Cancels the download if nobody is waiting for it any more.
    fn cancel_automatic(&mut self, effects: &mut Vec<Effect>) {
        if self.download.take_if(|download| download.automatic).is_some() {
            self.pending = None;
            effects.push(Effect::CancelTransfer);
        }
    }

    /// Why the report could not be fetched or read.
    fn refusal(&self, id: &ImportId) -> Option<&Redactable> {
        self.refused.as_ref().filter(|(of, ..)| of == id).map(|(.., why)| why)
    }

    /// Whether the import's report was read or refused. One that grows while the import runs is not fetched again and again.
    fn settled(&self, view: &ImportView<'_>, report: &Report) -> bool {
        let watched = view.watched;
        let same = |id: &ImportId, other: &Report| {
            // Not the link: each response may sign it again.
            let same_document =
                (&other.name, other.size, &other.status) == (&report.name, report.size, &report.status);
            *id == watched.import.id && (same_document || watched.verdict.is_unfinished())
        };
        // Read without the mapping it is read again once that is known: reasons find their columns by it.
        let is_mapped = |read: &LoadedReport| read.rows.is_mapped() || view.mapping().is_none();
        self.read.as_ref().is_some_and(|read| same(&read.id, &read.report) && is_mapped(read))
            || self.refused.as_ref().is_some_and(|(id, refused, _)| same(id, refused))
    }
}

impl App {
    /// Prepares the API's sample of the current import for listing.
    pub(super) fn take_sample(&mut self) {
        let Some(view) = self.view() else { return };
        let id = &view.watched.import.id;
        let Some(of) = view.sample() else { return };
        let known = self.reports.samples.iter().position(|sample| {
            let same = || Arc::ptr_eq(&sample.of, of) || sample.of == *of;
            sample.id == *id && same() && sample.mapping.as_ref() == view.mapping()
        });
        if known == Some(0) {
            return;
        }
        let made = || {
            let mapping = view.mapping().cloned();
            let rows = Arc::new(FailedRows::of_sample(of, mapping.as_deref()));
            let bytes = of.iter().map(|row| row.cells.bytes() + row.cells.len() * OF_A_CELL).sum();
            LoadedSample { id: id.clone(), of: of.clone(), mapping, rows, bytes }
        };
        let made = known.is_none().then(made);
        let samples = &mut self.reports.samples;
        let Some(sample) = known.and_then(|at| samples.remove(at)).or(made) else { return };
        samples.retain(|other| other.id != sample.id);
        samples.push_front(sample);
        let mut left = MOST_BYTES;
        let kept = samples.iter().take(SAMPLES).take_while(|sample| {
            let fits = sample.bytes <= left;
            left = left.saturating_sub(sample.bytes);
            fits
        });
        // However large the one that is shown is.
        let kept = kept.count().max(1);
        samples.truncate(kept);
    }

    /// Fetches the report of the import whose failed rows are open, unless it is large.
    pub(super) fn request_report(&mut self, effects: &mut Vec<Effect>) {
        if let Some(held) = self.reports.held.take() {
            if self.current().is_some_and(|watched| watched.import.id == held) {
                return self.start_report(false, effects);
            }
            self.reports.pending = None;
        }
        if self.screens.failures().is_none() {
            return self.reports.cancel_automatic(effects);
        }
        let Some(view) = self.view() else { return };
        let Some(report) = view.report() else { return };
        let large = report.size.is_some_and(|size| size > self.preferences.config.report_limit);
        let wanted = report.link.is_ok() && !self.reports.settled(&view, report);
        if wanted && !large && self.reports.download.is_none() {
            self.start_report(true, effects);
        }
    }

    /// Fetches the report now, even if it was read before.
    pub(super) fn fetch_report(&mut self, effects: &mut Vec<Effect>) {
        self.reports.pending = Some(AfterReport::List);
        self.reports.refused = None;
        self.start_report(false, effects);
    }

    /// Cancels the report; it is not fetched again automatically.
    pub(super) fn cancel_report(&mut self) {
        (self.reports.pending, self.reports.held) = (None, None);
        let Some(view) = self.view() else { return };
        let id = view.watched.import.id.clone();
        if let Some(report) = view.report().filter(|report| !self.reports.settled(&view, report)).cloned() {
            self.reports.refused = Some((id, report, "cancelled".into()));
        }
    }

    /// Does something with all failed rows: at once, or when the report has been read.
    pub(super) fn after_report(&mut self, pending: AfterReport, effects: &mut Vec<Effect>) {
        let Some(view) = self.view() else { return };
        let wanted =
            view.report().is_some_and(|report| report.link.is_ok() && !self.reports.settled(&view, report));
        if !wanted {
            return self.perform_after_report(pending, effects);
        }
        self.reports.pending = Some(pending);
        if let Some(download) = &mut self.reports.download {
            download.automatic = false;
        } else {
            self.start_report(false, effects);
        }
    }

    fn start_report(&mut self, automatic: bool, effects: &mut Vec<Effect>) {
        let Some(view) = self.view() else { return };
        let link = view.report().and_then(|report| report.link.clone().ok());
        let Some(link) = link else { return };
        let (id, api) = (view.watched.import.id.clone(), view.api_view());
        let is_coming = !view.is_complete() && self.snapshot.health.link == LinkState::Live;
        if api.mapping.is_none() && is_coming {
            self.reports.held = (!automatic).then_some(id);
            return;
        }
        let account = view.watched.import.account_id().cloned();
        self.reports.begin(id.clone(), automatic, effects);
        effects.push(Effect::FetchReport { id, account, link, api });
    }

    fn perform_after_report(&mut self, pending: AfterReport, effects: &mut Vec<Effect>) {
        match pending {
            AfterReport::List => {}
            AfterReport::Compare(other) if self.view().is_some_and(|view| view.reads_report()) => {
                self.compare_with(other, effects);
            }
            AfterReport::Compare(_) => {
                let why = self.report_refusal().unwrap_or_else(|| "the report could not be read".to_owned());
                self.event_log.hint(self.now, Severity::Warning, format!("not compared: {why}"));
            }
            AfterReport::Write => self.ask_where_to_write(),
            AfterReport::Copy => self.open_copy_menu(),
            AfterReport::Fix => self.open_fix(effects),
        }
    }

    /// Takes in the report, or why it failed; lists it if its import is still the current one.
    pub(super) fn apply_report(
        &mut self,
        id: ImportId,
        result: Result<Arc<FailedRows>, Redactable>,
        effects: &mut Vec<Effect>,
    ) {
        // Cancelled, or another one is on its way.
        let Some(download) = self.reports.download.take_if(|download| download.id == id) else { return };
        let pending = self.reports.pending.take();
        let is_current = self.current().is_some_and(|watched| watched.import.id == id);
        let Some(report) = self.view().filter(|_| is_current).and_then(|view| view.report()).cloned() else {
            return;
        };
        match result {
            Ok(rows) => {
                self.reports.refused = None;
                self.announce_report(&rows, download.automatic);
                self.reports.read = Some(LoadedReport { id: id.clone(), report, rows });
            }
            Err(why) => {
                self.event_log.announce(self.now, Severity::Error, why.clone());
                self.reports.refused = Some((id.clone(), report, why));
            }
        }
        if self.screens.failures().is_none() && self.view().is_some_and(|view| view.reads_report()) {
            let mut failures = FailuresScreen::default();
            failures.list_rows();
            self.screens.trail.clear();
            self.screens.open(id, Screen::Failures(Box::new(failures)));
        }
        if let Some(pending) = pending {
            self.perform_after_report(pending, effects);
        }
    }

    /// The screen shows how complete the rows are, so an automatic fetch needs a notice only if something is unexpected.
    fn announce_report(&mut self, rows: &FailedRows, automatic: bool) {
        let Some(watched) = self.current() else { return };
        let (name, failed) = (watched.import.name(), watched.tally.failed());
        let mut parts = vec![rows.completeness(failed).describe(rows.origin(), "")];
        parts.extend(rows.notes().iter().cloned());
        let severity = if rows.notes().is_empty() { Severity::Good } else { Severity::Warning };
        let text = format!("failed rows of {name}: {}", parts.join("; "));
        if automatic && rows.notes().is_empty() {
            self.event_log.record(self.now, severity, text);
        } else {
            self.event_log.announce(self.now, severity, text);
        }
    }

    /// Why the rows of the report cannot be listed.
    pub(super) fn report_refusal(&self) -> Option<String> {
        let view = self.view()?;
        match view.report() {
            None if view.watched.tally.failed() == 0 => {
                Some("no failed rows, so there is no error report".to_owned())
            }
            None if view.watched.verdict.is_unfinished() => {
                Some("no error report yet: Plannr writes it when the import finishes".to_owned())
            }
            None => Some("Plannr has no error report for this import".to_owned()),
            Some(report) => report.link.as_ref().err().map(ToString::to_string),
        }
    }

    /// How complete the failed rows are, and why there are no more: in the same words on every screen.
    pub fn completeness_of(&self, view: &ImportView<'_>) -> String {
        let rows = view.rows();
        match view.completeness() {
            Completeness::All { rows } if view.watched.verdict.is_unfinished() => {
                format!("all {rows} so far")
            }
            completeness => completeness.describe(rows.origin(), &self.why_sample(view)),
        }
    }

    /// Why only the API's sample is at hand.
    fn why_sample(&self, view: &ImportView<'_>) -> String {
        let id = &view.watched.import.id;
        let rows = view.rows();
        if view.reads_report() && rows.origin() == Origin::Sample {
            return rows.notes().first().cloned().unwrap_or_default();
        }
        if self.reports.is_fetching(id) {
            return "fetching the report".to_owned();
        }
        if self.reports.refusal(id).is_some() {
            return format!("the report could not be read: {} retries", self.key_for(Action::FetchReport));
        }
        match view.report() {
            Some(Report { link: Ok(_), .. }) => {
                format!("{} fetches the report", self.key_for(Action::FetchReport))
            }
            Some(Report { link: Err(refusal), .. }) => refusal.to_string(),
            None if view.watched.verdict.is_unfinished() => "the report is still being written".to_owned(),
            None => "Plannr has no report".to_owned(),
        }
    }
}
