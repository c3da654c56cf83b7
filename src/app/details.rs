//! What the show route told of single imports, and what is still to be requested.

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

/// Details of the imports looked at last, at most `Details::LIMIT`.
#[derive(Debug, Default)]
pub struct Details {
    known: HashMap<ImportId, Detail>,
    order: VecDeque<ImportId>,
    requested: Option<ImportId>,
}

#[derive(Debug, Default)]
struct Detail {
    import: Option<Import>,
    fault: Option<Fault>,
    state: Option<StateKey>,
    at: Duration,
    backoff: Backoff,
    /// After a fault: when (`Now::up`) to ask again; never by itself where that is of no use.
    again_at: Duration,
}

impl Detail {
    /// Whether an import ended a short while ago with failed rows, and its report is not there yet.
    fn awaits_report(&self, watched: &Watched, now: Now) -> bool {
        const SHORT: Duration = Duration::from_secs(600);
        let import = &watched.import;
        let known = import.report().or_else(|| self.import.as_ref()?.report());
        let ended = import.updated_at.or(import.created_at).is_some_and(|at| now.age_of(at) < SHORT);
        !watched.verdict.is_unfinished() && watched.tally.failed() > 0 && known.is_none() && ended
    }
}

/// What an import's details depend on: they are requested for again when it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct StateKey {
    failed: u64,
    verdict: Verdict,
    /// `updated_at` of an import that is over: whatever changed then, the details may tell it.
    touched: Option<Timestamp>,
}

impl StateKey {
    fn of(watched: &Watched) -> Self {
        // Where the list tells the failures itself, more of them are no reason to ask.
        let failed = if watched.import.failures.is_some() { 0 } else { watched.tally.failed() };
        let touched = watched.import.updated_at.filter(|_| !watched.verdict.is_unfinished());
        Self { failed, verdict: watched.verdict, touched }
    }
}

impl Details {
    /// How many imports' details are kept.
    const LIMIT: usize = 200;
    /// How soon a report that should come is looked for again, and details that could not be had are.
    const RETRY: Duration = Duration::from_secs(15);
    /// How soon a running import's details are requested for again.
    const REFRESH: Duration = Duration::from_secs(5);

    /// Whether this import's details are to be requested for. Marks them as requested.
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

    /// Whether an import was requested for that is no longer the one looked at. Takes that wish back.
    pub fn cancel_stale(&mut self, current: Option<&ImportId>) -> bool {
        self.requested.take_if(|requested| Some(&*requested) != current).is_some()
    }

    /// Takes in an answer. One that nobody waits for any more still counts: it is about its own import.
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
                // No dice: when a server comes back, the poller's spread the details as well.
                let hold = detail.backoff.after(&fault, 0.5);
                detail.again_at = hold.map_or(Duration::MAX, |hold| now.up.saturating_add(hold.wait));
                detail.fault = Some(fault);
            }
        }
    }

    /// Asks again for everything when it is next looked at.
    pub fn expire(&mut self) {
        self.requested = None;
        for detail in self.known.values_mut() {
            detail.state = None;
            detail.at = Duration::ZERO;
            detail.again_at = Duration::ZERO;
        }
    }

    /// The mapping of an import, as far as either route told it.
    pub fn mapping<'a>(&'a self, import: &'a Import) -> Option<&'a Mapping> {
        let detail = || self.known.get(&import.id)?.import.as_ref()?.mapping.as_ref();
        import.mapping.as_ref().or_else(detail)
    }

    /// What is known of an import from both routes; `rows` are its failed rows, and whether its report gave them.
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
            fault: detail.and_then(|detail| detail.fault.as_ref()),
        }
    }
}

/// One import as the list and the show route tell it together.
#[derive(Debug, Clone, Copy)]
pub struct ImportView<'a> {
    /// The import in the list, with its numbers and verdict.
    pub watched: &'a Watched,
    rows: &'a Arc<FailedRows>,
    reads_report: bool,
    detail: Option<&'a Import>,
    /// Why the details could not be had.
    pub fault: Option<&'a Fault>,
}

impl<'a> ImportView<'a> {
    /// Whether the show route has answered, well or not.
    pub fn is_complete(&self) -> bool {
        self.detail.is_some() || self.fault.is_some()
    }

    /// Headers and fields; `None` until the show route told them.
    pub fn mapping(&self) -> Option<&'a Mapping> {
        self.watched.import.mapping.as_ref().or_else(|| self.detail?.mapping.as_ref())
    }

    /// The sample of failed rows: the list's where it carries any, for it is requested more often.
    pub fn sample(&self) -> Option<&'a Arc<[FailedRow]>> {
        let of = |import: &'a Import| import.failures.as_ref().map(|failures| &failures.rows);
        let listed = of(&self.watched.import);
        listed.filter(|rows| !rows.is_empty()).or_else(|| of(self.detail?)).or(listed)
    }

    /// The failed rows at hand.
    pub fn rows(&self) -> &'a Arc<FailedRows> {
        self.rows
    }

    /// Whether the report was read for them.
    pub fn reads_report(&self) -> bool {
        self.reads_report
    }

    /// How many of the failed rows they are.
    pub fn completeness(&self) -> Completeness {
        self.rows.completeness(self.watched.tally.failed())
    }

    /// What a report is measured against.
    pub fn api_view(&self) -> ApiView {
        ApiView {
            mapping: self.mapping().cloned(),
            sample: self.sample().cloned().unwrap_or_default(),
            failed: self.watched.tally.failed(),
        }
    }

    /// Whether failed rows were told at all, be it none.
    pub fn knows_rows(&self) -> bool {
        self.watched.import.failures.is_some() || self.detail.is_some_and(|detail| detail.failures.is_some())
    }

    /// The error report.
    pub fn report(&self) -> Option<&'a Report> {
        self.watched.import.report().or_else(|| self.detail?.report())
    }

    /// Who started it.
    pub fn started_by(&self) -> Option<&'a Person> {
        self.watched.import.started_by.as_ref().or_else(|| self.detail?.started_by.as_ref())
    }
}
