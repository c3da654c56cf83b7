//! Two runs of a file, Validate and then Create for instance: which to compare, and what changed between them.

use std::cmp::Reverse;
use std::sync::Arc;

use super::details::ImportView;
use super::event_log::Severity;
use super::report_fetch::AfterReport;
use super::{App, Popup};
use crate::app::event::{Compare, Effect};
use crate::app::keymap::{Action, Motion};
use crate::domain::import::{Import, ImportId};
use crate::domain::redact::{Redactable, Redaction};
use crate::domain::snapshot::Watched;
use crate::report::FailedRows;
use crate::report::compare::{Comparison, Key};
use crate::report::filter::Change;

/// How many earlier runs of a file are named.
const EARLIER: usize = 5;
/// How many runs the popup offers.
const OFFERED: usize = 50;

/// An import's failed rows beside those of another run.
#[derive(Debug)]
pub struct ComparedRun {
    pub id: ImportId,
    /// Its failed rows at the time of the comparison.
    pub now: Arc<FailedRows>,
    /// The other run.
    pub with: ImportId,
    pub other: Arc<FailedRows>,
    /// Whether the other run is the later one.
    pub is_later: bool,
    /// The rows that only the other run has, ascending.
    pub only_in_other: Vec<usize>,
    /// How many rows are fixed, still failing and new, and how rows were matched, as a sentence.
    pub summary: Redactable,
    /// What became of each of the import's rows.
    changes: Vec<Option<Change>>,
}

impl ComparedRun {
    fn new(
        (id, now): (ImportId, Arc<FailedRows>),
        (with, other): (ImportId, Arc<FailedRows>),
        is_later: bool,
        comparison: Comparison,
    ) -> Self {
        let summary = Redactable::new(|redaction| {
            summary(&comparison, is_later, |column| now.column_title(column, redaction).to_string())
        });
        let Comparison { still, newly, ambiguous_now, passes, .. } = comparison;
        let mut changes = vec![None; still.len() + newly.len() + ambiguous_now.len()];
        let mut set = |row: usize, change| {
            if let Some(place) = changes.get_mut(row) {
                *place = Some(change);
            }
        };
        still.iter().for_each(|still| set(still.now, Change::Still));
        let alone = if is_later { Change::Gone } else { Change::New };
        newly.iter().for_each(|row| set(*row, alone));
        Self { id, now, with, other, is_later, only_in_other: passes, summary, changes }
    }

    /// Whether these are the import's failed rows at the time of the comparison.
    pub(super) fn is_of(&self, view: &ImportView<'_>) -> bool {
        self.id == view.watched.import.id && Arc::ptr_eq(&self.now, view.rows())
    }

    /// What became of the rows that only the other run has.
    pub fn change_in_other(&self) -> Change {
        if self.is_later { Change::New } else { Change::Gone }
    }

    /// What became of a row of the import; `None` where several could match it.
    pub fn change(&self, row: usize) -> Option<Change> {
        self.changes.get(row).copied().flatten()
    }
}

/// Evidence that a run is of the same file, the strongest first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Similarity {
    headers: Option<bool>,
    rows: bool,
    mode: bool,
    person: bool,
}

impl App {
    /// The runs that the current import can be compared with, the likeliest first: of the same type, with failed rows,
    /// whoever started them.
    fn runs(&self) -> Vec<&Watched> {
        let Some(now) = self.view() else { return Vec::new() };
        let this = &now.watched.import;
        let by = now.started_by().map(|person| &person.uuid);
        let headers = |import: &Import| {
            let mapping = self.details.mapping(import)?;
            Some(mapping.headers().cloned().collect::<Vec<_>>())
        };
        let wanted = headers(this);
        let similarity = |watched: &Watched| {
            let import = &watched.import;
            Similarity {
                headers: wanted.as_ref().zip(headers(import)).map(|(wanted, headers)| *wanted == headers),
                rows: watched.tally.total() == now.watched.tally.total(),
                // Validate and then Create is the usual pair; a second Create comes next.
                mode: import.mode != this.mode,
                person: by.is_some_and(|by| import.started_by.as_ref().is_some_and(|it| it.uuid == *by)),
            }
        };
        let repeats = |watched: &&Watched| {
            let other = &watched.import;
            let is_other = other.id != this.id && other.account_id() == this.account_id();
            is_other && other.kind == this.kind && watched.tally.failed() > 0
        };
        let runs = self.snapshot.imports.iter().map(AsRef::as_ref).filter(repeats);
        let runs = runs.filter(|watched| self.awaited_report(watched).is_none());
        let mut runs: Vec<_> = runs
            .map(|watched| (similarity(watched), watched))
            .filter(|(similarity, _)| similarity.headers != Some(false))
            .collect();
        let earlier = |watched: &Watched| watched.import.created_at < this.created_at;
        runs.sort_by(|(a, run), (b, other)| {
            let key = |similarity, run: &Watched| {
                (Reverse(similarity), Reverse(earlier(run)), Reverse(run.import.created_at))
            };
            key(a, run).cmp(&key(b, other))
        });
        runs.into_iter().map(|(_, watched)| watched).take(OFFERED).collect()
    }

    /// The runs before this one that are of the same file by all that is known, newest first.
    pub(super) fn earlier_runs(&self, id: &ImportId) -> Vec<ImportId> {
        let Some(now) = self.snapshot.get(id) else { return Vec::new() };
        let this = &now.import;
        let is_same = |watched: &&Arc<Watched>| {
            let other = &watched.import;
            let same_headers = || match (self.details.mapping(this), self.details.mapping(other)) {
                (Some(mine), Some(theirs)) => mine.headers().eq(theirs.headers()),
                _ => true,
            };
            other.kind == this.kind
                && other.account_id() == this.account_id()
                && other.created_at < this.created_at
                && watched.tally.total() == now.tally.total()
                && now.tally.total() > 0
                && same_headers()
        };
        let runs = self.snapshot.imports.iter().filter(is_same).take(EARLIER);
        runs.map(|watched| watched.import.id.clone()).collect()
    }

    /// The previous run that is likeliest to be of the same file.
    fn earlier_run(&self) -> Option<&Watched> {
        let created = self.current()?.import.created_at?;
        let over = |watched: &&Watched| !watched.verdict.is_unfinished();
        let earlier = |watched: &&Watched| watched.import.created_at.is_some_and(|at| at < created);
        let now = self.view()?;
        let by = now.started_by().map(|person| &person.uuid);
        // With neither the same number of rows nor the same person it is compared only if the user chooses it.
        let likely = |watched: &&Watched| {
            let same_person =
                by.is_some_and(|by| watched.import.started_by.as_ref().is_some_and(|it| it.uuid == *by));
            same_person || watched.tally.total() == now.watched.tally.total()
        };
        self.runs().into_iter().filter(over).filter(likely).find(earlier)
    }

    /// Why runs cannot be compared now.
    pub(super) fn comparison_refusal(&self) -> Option<String> {
        if self.screens.trail.is_empty() {
            return match self.marked_pair() {
                Some(pair) => self.pair_refusal(pair),
                None => {
                    let of_one = if self.identity.is_of_several() { " of one firm" } else { "" };
                    Some(format!("mark two imports{of_one} first ({})", self.key_for(Action::Mark)))
                }
            };
        }
        if let Some(why) = self.report_refusal() {
            return Some(why);
        }
        let choose = self.key_for(Action::ChooseRun);
        match self.earlier_run() {
            None if self.runs().is_empty() => {
                Some("no other run of this type in this period has failed rows".to_owned())
            }
            None => Some(format!("no previous run of this file; {choose} chooses another run")),
            Some(earlier) => {
                let compared = self.comparison().is_some_and(|compared| compared.with == earlier.import.id);
                compared.then(|| format!("compared with the previous run already; {choose} chooses another"))
            }
        }
    }

    /// Why no other run can be chosen.
    pub(super) fn choice_refusal(&self) -> Option<String> {
        self.report_refusal().or_else(|| {
            let none = self.runs().is_empty();
            none.then(|| "no other run of this type in this period has failed rows".to_owned())
        })
    }

    /// Why a run has no report that could be compared yet.
    fn awaited_report(&self, watched: &Watched) -> Option<&'static str> {
        let known = self.details.view(watched, None).report().is_some();
        (watched.verdict.is_unfinished() && !known).then_some("has no error report before it finishes")
    }

    /// Why two imports cannot be compared, as far as it is known before their reports are read.
    fn pair_refusal(&self, pair: [ImportId; 2]) -> Option<String> {
        let [later, earlier] = pair.map(|id| self.snapshot.get(&id).map(AsRef::as_ref));
        let (later, earlier) = (later?, earlier?);
        let name = |watched: &Watched| watched.import.name();
        for watched in [later, earlier] {
            let none = (watched.tally.failed() == 0).then_some("has no failed rows");
            if let Some(why) = none.or_else(|| self.awaited_report(watched)) {
                return Some(format!("not compared: {} {why}", name(watched)));
            }
        }
        let headers = |watched: &Watched| {
            Some(self.details.mapping(&watched.import)?.headers().cloned().collect::<Vec<_>>())
        };
        let differ = later.import.kind != earlier.import.kind
            || headers(later).zip(headers(earlier)).is_some_and(|(mine, theirs)| mine != theirs);
        differ.then(|| format!("not compared: {} and {} are of different files", name(earlier), name(later)))
    }

    /// The two marked imports, if they are of one firm; the later one first.
    fn marked_pair(&self) -> Option<[ImportId; 2]> {
        let mut pair: Vec<&Watched> =
            self.list.marks().iter().filter_map(|id| self.snapshot.get(id)).map(AsRef::as_ref).collect();
        pair.sort_by_key(|watched| Reverse(watched.import.created_at));
        match pair.as_slice() {
            [later, earlier]
                if self.list.marks().len() == 2
                    && later.import.account_id() == earlier.import.account_id() =>
            {
                Some([later.import.id.clone(), earlier.import.id.clone()])
            }
            _ => None,
        }
    }

    /// Compares with the previous run, or the two marked imports with each other.
    pub(super) fn compare_runs(&mut self, effects: &mut Vec<Effect>) {
        if self.screens.trail.is_empty() {
            if let Some([later, earlier]) = self.marked_pair() {
                self.open_failures_of(later);
                self.compare_with(earlier, effects);
            }
            return;
        }
        if let Some(earlier) = self.earlier_run().map(|watched| watched.import.id.clone()) {
            self.compare_with(earlier, effects);
        }
    }

    pub(super) fn choose_run(&mut self) {
        let runs = self.runs().into_iter().map(|watched| watched.import.id.clone()).collect();
        self.screens.popup = Some(Popup::Runs(runs, 0));
    }

    pub(super) fn move_in_runs(&mut self, motion: Motion, page: usize) {
        if let Some(Popup::Runs(runs, chosen)) = &mut self.screens.popup {
            *chosen = motion.apply(*chosen, page, runs.len());
        }
    }

    pub(super) fn compare_chosen(&mut self, effects: &mut Vec<Effect>) {
        if let Some(Popup::Runs(runs, chosen)) = self.screens.popup.take()
            && let Some(id) = runs.into_iter().nth(chosen)
        {
            self.compare_with(id, effects);
        }
    }

    /// Compares with another run: fetches its report, and the import's own first if it was not read yet.
    pub(super) fn compare_with(&mut self, other: ImportId, effects: &mut Vec<Effect>) {
        let Some(view) = self.view() else { return };
        let id = view.watched.import.id.clone();
        if !view.reads_report() {
            return self.after_report(AfterReport::Compare(other), effects);
        }
        let now = view.rows().clone();
        let Some(watched) = self.snapshot.get(&other) else { return };
        let account = watched.import.account_id().cloned();
        let other_run = self.details.view(watched, None);
        let api = other_run.api_view();
        // Without its mapping, which says what its columns are, the other run is requested as well.
        let link = other_run.report().and_then(|report| report.link.clone().ok());
        let link = link.filter(|_| api.mapping.is_some());
        self.reports.begin(id.clone(), false, effects);
        effects.push(Effect::Compare(Compare { id, now, other, account, link, api }));
    }

    /// Keeps the result of a comparison for as long as the import stays open.
    pub(super) fn apply_comparison(
        &mut self,
        (id, now): (ImportId, Arc<FailedRows>),
        with: ImportId,
        result: Result<(Arc<FailedRows>, Option<Comparison>), Redactable>,
    ) {
        if self.reports.download.take().is_none() {
            return;
        }
        match result {
            Err(why) => self.event_log.announce(self.now, Severity::Error, why),
            Ok((_, None)) => {
                let run = |redaction| self.run_name(&with, redaction);
                let text = Redactable::new(|redaction| {
                    format!("{} is of another file: its headers differ", run(redaction))
                });
                self.event_log.announce(self.now, Severity::Info, text);
            }
            Ok((_, Some(comparison))) if comparison.has_nothing_in_common() => {
                let run = |redaction| self.run_name(&with, redaction);
                let text = Redactable::new(|redaction| {
                    format!("no failed rows in common with {}: perhaps another file", run(redaction))
                });
                self.event_log.announce(self.now, Severity::Info, text);
            }
            Ok((other, Some(comparison))) => {
                let created =
                    |id: &ImportId| self.snapshot.get(id).and_then(|watched| watched.import.created_at);
                let is_later = created(&with) > created(&id);
                let compared = ComparedRun::new((id, now), (with, other), is_later, comparison);
                self.event_log.record(self.now, Severity::Info, compared.summary.clone());
                self.comparison = Some(compared);
            }
        }
    }

    /// A run by type, mode and person.
    fn run_name(&self, id: &ImportId, redaction: Redaction) -> String {
        let Some(watched) = self.snapshot.get(id) else { return id.to_string() };
        let import = &watched.import;
        let person = import.started_by.as_ref().map(|person| redaction.value(&person.name));
        let by = person.map(|name| format!(" by {name}")).unwrap_or_default();
        format!("{}{by}", import.name())
    }
}

/// What changed, as a sentence.
fn summary(comparison: &Comparison, is_later: bool, name: impl Fn(usize) -> String) -> String {
    let Comparison { passes, still, newly, ambiguous_before, ambiguous_now, key } = comparison;
    // Always from the earlier run to the later one.
    let (fixed, new) = if is_later { (newly.len(), passes.len()) } else { (passes.len(), newly.len()) };
    let other = still.iter().filter(|still| !still.same_reason).count();
    let mut text = format!("{fixed} fixed, {} still failing", still.len());
    if other > 0 {
        text.push_str(&format!(" ({other} for another reason)"));
    }
    text.push_str(&format!(", {new} new"));
    let ambiguous = ambiguous_before.len() + ambiguous_now.len();
    if ambiguous > 0 {
        text.push_str(&format!("; {ambiguous} cannot be told apart"));
    }
    match key {
        Key::Columns(columns) => {
            let names: Vec<String> = columns.iter().map(|column| name(*column)).collect();
            text.push_str(&format!(" (matched by {})", names.join(", ")));
        }
        Key::WholeRow => text.push_str(" (matched by the whole row)"),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::compare::Still;
    use crate::report::{ApiView, Limits};

    #[test]
    fn a_comparison_has_a_summary_and_a_change_per_row() {
        let still = |now, same_reason| Still { before: 0, now, same_reason };
        let comparison = Comparison {
            key: Key::Columns(vec![0]),
            passes: vec![1, 2, 3],
            still: vec![still(0, true), still(1, false)],
            newly: vec![3],
            ambiguous_before: vec![],
            ambiguous_now: vec![2],
        };
        let id = |raw| ImportId::new(raw).unwrap();
        let report = FailedRows::read(b"E-mail Smith,errors\na,b\n", &Limits::default(), &ApiView::default());
        let before = Arc::new(report.unwrap());
        let compared = |is_later| {
            let (now, other) = ((id("a"), before.clone()), (id("b"), before.clone()));
            let compared = ComparedRun::new(now, other, is_later, comparison.clone());
            ((0..5).map(|row| compared.change(row)).collect::<Vec<_>>(), compared.summary)
        };
        let (changes, summary) = compared(false);
        assert_eq!(
            [false, true].map(|enabled| summary.text(Redaction { enabled }).to_string()),
            ["E-mail Smith", "column 1"].map(|name| format!(
                "3 fixed, 2 still failing (1 for another reason), 1 new; 1 cannot be told apart (matched by {name})"
            ))
        );
        assert_eq!(changes, [Some(Change::Still), Some(Change::Still), None, Some(Change::New), None]);
        // The other run came later: rows that fail only here were fixed.
        let (changes, summary) = compared(true);
        let summary = summary.text(Redaction::default());
        let begins = "1 fixed, 2 still failing (1 for another reason), 3 new;";
        assert!(summary.as_str().starts_with(begins), "{summary}");
        assert_eq!(changes.get(3), Some(&Some(Change::Gone)));
    }
}
