//! What the show route says of single imports, and when to request it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::Now;
use crate::domain::backoff::Backoff;
use crate::domain::failure::FailedRow;
use crate::domain::fault::Fault;
use crate::domain::import::{Import, ImportId, Mapping, Person, Report};
use crate::domain::snapshot::Watched;
use crate::domain::tally::Verdict;
use crate::report::{ApiView, Completeness, FailedRows};

/// Details of the most recently viewed imports, at most `Details::LIMIT`.
#[derive(Debug, Default)]
pub struct Details {
    known: HashMap<ImportId, Detail>,
    order: VecDeque<ImportId>,
    requested: Option<ImportId>,
}

#[derive(Debug, Default)]
struct Detail {
    import: Option<Import>,
    /// Earlier runs of the same file, newest first.
    earlier: Vec<ImportId>,
    fault: Option<Fault>,
    state: Option<StateKey>,
    at: Duration,
    backoff: Backoff,
    /// After a fault: when (`Now::up`) to retry; never where a retry is of no use.
    again_at: Duration,
}

impl Detail {
    /// Whether an import finished recently with failed rows, but has no report yet.
    fn awaits_report(&self, watched: &Watched, now: Now) -> bool {
        const SHORT: Duration = Duration::from_secs(600);
        let import = &watched.import;
        let known = import.report().or_else(|| self.import.as_ref()?.report());
        let ended = import.updated_at.or(import.created_at).is_some_and(|at| now.age_of(at) < SHORT);
        !watched.verdict.is_unfinished() && watched.tally.failed() > 0 && known.is_none() && ended
    }
}

/// What an import's details depend on: a change means requesting them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct StateKey {
    failed: u64,
    verdict: Verdict,
    /// `updated_at` of a finished import: a later change may affect the details.
    touched: Option<Timestamp>,
}

impl StateKey {
    fn of(watched: &Watched) -> Self {
        // Where the list itself has the failures, more of them are no reason to request details.
        let failed = if watched.import.failures.is_some() { 0 } else { watched.tally.failed() };
        let touched = watched.import.updated_at.filter(|_| !watched.verdict.is_unfinished());
        Self { failed, verdict: watched.verdict, touched }
    }
}

impl Details {
    /// How many imports' details are kept.
    const LIMIT: usize = 200;
    /// How soon to look again for a missing report, and to retry failed requests.
    const RETRY: Duration = Duration::from_secs(15);
    /// How soon a running import's details are requested again.
    const REFRESH: Duration = Duration::from_secs(5);

    /// Whether to request this import's details now; if so, marks them as requested.
    pub fn should_fetch(&mut self, watched: &Watched, now: Now) -> bool {
        let id = &watched.import.id;
        let known = self.known.get(id);
        let fresh = known.is_some_and(|detail| {
            if detail.fault.is_some() {
                return now.up < detail.again_at;
            }
            let rested = if detail.awaits_report(watched, now) { Self::RETRY } else { Duration::MAX };
            let known = detail.state == Some(StateKey::of(watched)) && now.since(detail.at) < rested;
            known || now.since(detail.at) < Self::REFRESH
        });
        let fetch = !fresh && self.requested.as_ref() != Some(id);
        if fetch {
            self.requested = Some(id.clone());
        }
        fetch
    }

    /// Cancels the pending request if it is for another import than the current one; returns whether it was.
    pub fn cancel_stale(&mut self, current: Option<&ImportId>) -> bool {
        self.requested.take_if(|requested| Some(&*requested) != current).is_some()
    }

    /// Stores a response. A late one still counts: it is about its own import.
    pub fn store(&mut self, id: ImportId, result: Result<Import, Fault>, state: Option<&Watched>, now: Now) {
        if self.requested.as_ref() == Some(&id) {
            self.requested = None;
        }
        if !self.known.contains_key(&id) {
            self.order.push_back(id.clone());
            if self.order.len() > Self::LIMIT
                && let Some(oldest) = self.order.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
        let detail = self.known.entry(id).or_default();
        detail.at = now.up;
        detail.state = state.map(StateKey::of);
        match result {
            Ok(import) => {
                detail.import = Some(import);
                detail.fault = None;
                detail.backoff.reset();
            }
            Err(fault) => {
                // No jitter: when a server comes back, the poller's jitter spreads these requests as well.
                let hold = detail.backoff.after(&fault, 0.5);
                detail.again_at = hold.map_or(Duration::MAX, |hold| now.up.saturating_add(hold.wait));
                detail.fault = Some(fault);
            }
        }
    }

    /// Keeps which imports are earlier runs of this one's file.
    pub fn set_earlier(&mut self, id: &ImportId, earlier: Vec<ImportId>) {
        if let Some(detail) = self.known.get_mut(id) {
            detail.earlier = earlier;
        }
    }

    /// Marks everything to be requested again when it is next viewed.
    pub fn expire(&mut self) {
        self.requested = None;
        for detail in self.known.values_mut() {
            detail.state = None;
            detail.at = Duration::ZERO;
            detail.again_at = Duration::ZERO;
        }
    }

    /// The mapping of an import, from whichever route has it.
    pub fn mapping<'a>(&'a self, import: &'a Import) -> Option<&'a Arc<Mapping>> {
        let detail = || self.known.get(&import.id)?.import.as_ref()?.mapping.as_ref();
        import.mapping.as_ref().or_else(detail)
    }

    /// What both routes say of an import; `rows` are its failed rows, and whether they come from its report.
    pub fn view<'a>(
        &'a self,
        watched: &'a Watched,
        rows: Option<(&'a Arc<FailedRows>, bool)>,
    ) -> ImportView<'a> {
        static NONE: LazyLock<Arc<FailedRows>> = LazyLock::new(|| Arc::new(FailedRows::of_sample(&[], None)));
        let detail = self.known.get(&watched.import.id);
        let (rows, reads_report) = rows.unwrap_or((&NONE, false));
        ImportView {
            watched,
            rows,
            reads_report,
            detail: detail.and_then(|detail| detail.import.as_ref()),
            earlier: detail.map_or(&[], |detail| &detail.earlier),
            fault: detail.and_then(|detail| detail.fault.as_ref()),
        }
    }
}

/// One import as list and show route describe it together.
#[derive(Debug, Clone, Copy)]
pub struct ImportView<'a> {
    pub watched: &'a Watched,
    rows: &'a Arc<FailedRows>,
    reads_report: bool,
    detail: Option<&'a Import>,
    /// Earlier runs of the same file, newest first.
    pub earlier: &'a [ImportId],
    /// Why the details could not be fetched.
    pub fault: Option<&'a Fault>,
}

impl<'a> ImportView<'a> {
    /// Whether the show route has answered, even with a fault.
    pub fn is_complete(&self) -> bool {
        self.detail.is_some() || self.fault.is_some()
    }

    /// Headers and fields; `None` until the show route has answered.
    pub fn mapping(&self) -> Option<&'a Arc<Mapping>> {
        self.watched.import.mapping.as_ref().or_else(|| self.detail?.mapping.as_ref())
    }

    /// The sample of failed rows: the list's if it has one, since the list is polled more often.
    pub fn sample(&self) -> Option<&'a Arc<Vec<FailedRow>>> {
        let of = |import: &'a Import| import.failures.as_ref().map(|failures| &failures.rows);
        let listed = of(&self.watched.import);
        listed.filter(|rows| !rows.is_empty()).or_else(|| of(self.detail?)).or(listed)
    }

    pub fn rows(&self) -> &'a Arc<FailedRows> {
        self.rows
    }

    /// Whether the rows come from the error report.
    pub fn reads_report(&self) -> bool {
        self.reads_report
    }

    /// How many of the failed rows are at hand.
    pub fn completeness(&self) -> Completeness {
        self.rows.completeness(self.watched.tally.failed())
    }

    /// What a report is checked against.
    pub fn api_view(&self) -> ApiView {
        ApiView {
            mapping: self.mapping().cloned(),
            sample: self.sample().cloned().unwrap_or_default(),
            failed: self.watched.tally.failed(),
        }
    }

    /// Whether the API has sent failed rows at all, even none.
    pub fn knows_rows(&self) -> bool {
        self.watched.import.failures.is_some() || self.detail.is_some_and(|detail| detail.failures.is_some())
    }

    pub fn report(&self) -> Option<&'a Report> {
        self.watched.import.report().or_else(|| self.detail?.report())
    }

    pub fn started_by(&self) -> Option<&'a Person> {
        self.watched.import.started_by.as_deref().or_else(|| self.detail?.started_by.as_deref())
    }
}
