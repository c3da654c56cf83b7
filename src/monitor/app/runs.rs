//! An import that repeats an earlier one: which one, and what changed. Validate, then Create is the usual pair.

use super::App;
use super::details::Told;
use super::journal::Tone;
use crate::domain::import::ImportId;
use crate::domain::snapshot::Watched;
use crate::monitor::event::{Compare, Effect};
use crate::monitor::keymap::Action;
use crate::report::compare::{Comparison, Key};

impl App {
    /// The latest run before the current import that was over, of the same type, by the same person, and as far
    /// as it is known with the same headers.
    pub(super) fn earlier_run(&self) -> Option<Told<'_>> {
        let now = self.told()?;
        let by = now.started_by()?;
        let created = now.watched.import.created_at?;
        let headers = |told: &Told<'_>| {
            let mapping = told.mapping()?;
            Some(mapping.columns.iter().map(|(header, _)| header.clone()).collect::<Vec<_>>())
        };
        let wanted = headers(&now);
        let repeats = |watched: &&Watched| {
            let import = &watched.import;
            let same_person = import.started_by.as_ref().is_some_and(|person| person.uuid == by.uuid);
            let earlier = import.created_at.is_some_and(|at| at < created);
            same_person
                && earlier
                && import.kind == now.watched.import.kind
                && !watched.verdict.is_unfinished()
        };
        let runs = self.snapshot.imports.older_than(now.watched).map(AsRef::as_ref).filter(repeats);
        runs.map(|watched| self.told_of(watched)).find(|told| match (&wanted, headers(told)) {
            (Some(wanted), Some(headers)) => *wanted == headers,
            _ => true,
        })
    }

    /// Why runs cannot be compared now.
    pub(super) fn comparison_refusal(&self) -> Option<String> {
        let told = self.told()?;
        if !told.lists_all() {
            let key = self.key_for(Action::WholeReport);
            return Some(format!("all failed rows are needed first: {key} lists them"));
        }
        match self.earlier_run() {
            None => Some("no earlier run of this type by the same person in this period".to_owned()),
            Some(earlier) if earlier.watched.tally.failed() == 0 => {
                Some("the run before had no failed row: all of these fail newly".to_owned())
            }
            Some(earlier) if earlier.report().is_none_or(|report| report.link.is_err()) => {
                Some("the run before has no error report to compare with".to_owned())
            }
            Some(_) => None,
        }
    }

    /// Fetches the report of the run before, to compare with it.
    pub(super) fn compare_runs(&mut self, effects: &mut Vec<Effect>) {
        let Some((id, now)) = self.whole.clone() else { return };
        let Some(earlier) = self.earlier_run() else { return };
        let Some(link) = earlier.report().and_then(|report| report.link.clone().ok()) else { return };
        let import = &earlier.watched.import;
        let compare =
            Compare { id, now, earlier: import.id.clone(), link, mapping: earlier.mapping().cloned() };
        self.under_way = Some(super::UnderWay::new(import.id.clone()));
        effects.push(Effect::Compare(compare));
    }

    /// What changed since the run before, for as long as the import stays open.
    pub(super) fn take_in_comparison(&mut self, id: ImportId, result: Result<Option<Comparison>, String>) {
        if self.under_way.take().is_none() {
            return;
        }
        match result {
            Err(why) => self.journal.say(self.now, Tone::Error, why),
            Ok(None) => {
                self.journal.say(
                    self.now,
                    Tone::Info,
                    "the run before was of another file: its headers differ",
                );
            }
            Ok(Some(comparison)) => {
                let text = words(&comparison);
                self.journal.record(self.now, Tone::Info, text.clone());
                self.comparison = Some((id, text));
            }
        }
    }
}

/// What changed, in a sentence.
fn words(comparison: &Comparison) -> String {
    let Comparison { passes, still, newly, ambiguous_before, ambiguous_now, key } = comparison;
    let other = still.iter().filter(|still| !still.same_reason).count();
    let mut text =
        format!("since the run before: {} fail no longer, {} fail still", passes.len(), still.len());
    if other > 0 {
        text.push_str(&format!(" ({other} for another reason)"));
    }
    text.push_str(&format!(", {} fail newly", newly.len()));
    let ambiguous = ambiguous_before.len() + ambiguous_now.len();
    if ambiguous > 0 {
        text.push_str(&format!("; {ambiguous} cannot be told apart"));
    }
    match key {
        Key::Columns(columns) => {
            let names: Vec<&str> = columns.iter().map(|column| column.as_str()).collect();
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

    #[test]
    fn a_comparison_is_told_in_a_sentence() {
        let still = |same_reason| Still { before: 0, now: 0, same_reason };
        let comparison = Comparison {
            key: Key::Columns(vec!["E-mail".into()]),
            passes: vec![1, 2, 3],
            still: vec![still(true), still(false)],
            newly: vec![9],
            ambiguous_before: vec![],
            ambiguous_now: vec![4],
        };
        assert_eq!(
            words(&comparison),
            "since the run before: 3 fail no longer, 2 fail still (1 for another reason), 1 fail newly; \
             1 cannot be told apart (matched by E-mail)"
        );
    }
}
