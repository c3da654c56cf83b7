//! Completing a filter while it is typed, and the filters that were kept before.

use std::collections::BTreeSet;

use tui_input::Input;

use super::event_log::Severity;
use super::{App, Screen};
use crate::app::keymap::Mode;
use crate::domain::import::{Import, Mode as ImportMode};
use crate::query::{Completable, Completion, FIELDS, STATES, complete};
use crate::report::filter::Change;

/// How many filters are remembered.
const REMEMBERED: usize = 50;

/// What helps to type a filter.
#[derive(Debug, Default)]
pub struct FilterTyping {
    /// What can be completed, as of when typing began.
    fields: Vec<Completable>,
    /// The completion that was taken last, and which of its candidates.
    taken: Option<(Completion, usize)>,
    imports: History,
    rows: History,
}

/// The filters kept in this session, the latest last.
#[derive(Debug, Default)]
struct History {
    kept: Vec<String>,
    /// Which one is in the field, and what had been typed before.
    recalled: Option<(usize, String)>,
}

impl History {
    fn remember(&mut self, text: &str) {
        self.recalled = None;
        if !text.trim().is_empty() {
            self.kept.retain(|kept| kept != text);
            self.kept.push(text.to_owned());
            let surplus = self.kept.len().saturating_sub(REMEMBERED);
            self.kept.drain(..surplus);
        }
    }

    /// The filter before or after the recalled one; after the latest comes what had been typed. `None` at either end.
    fn recall(&mut self, earlier: bool, typed: &str) -> Option<String> {
        let (at, draft) = match self.recalled.take() {
            Some((at, draft)) => (at, draft),
            None => (self.kept.len(), typed.to_owned()),
        };
        let to = if earlier {
            // What is in the field already would be no step.
            (0..at).rev().find(|at| self.kept.get(*at).is_some_and(|kept| kept != typed))
        } else {
            Some(at + 1).filter(|to| *to <= self.kept.len())
        };
        let text = to.map(|to| self.kept.get(to).unwrap_or(&draft).clone());
        let at = to.unwrap_or(at);
        self.recalled = (at < self.kept.len()).then_some((at, draft));
        text
    }
}

impl FilterTyping {
    pub(super) fn forget_completion(&mut self) {
        self.taken = None;
    }
}

impl App {
    /// What the filter can be completed with at the cursor, and which candidate was taken.
    pub fn completion(&self) -> (Completion, Option<usize>) {
        match (&self.filter_typing.taken, self.filter_being_typed()) {
            (Some((completion, at)), _) => (completion.clone(), Some(*at)),
            (None, Some(field)) => {
                let columns = !self.screens.trail.is_empty();
                (complete(field.value(), cursor(field), &self.filter_typing.fields, columns), None)
            }
            (None, None) => (Completion::default(), None),
        }
    }

    /// What the filter can name.
    pub fn filter_fields(&self) -> &[Completable] {
        &self.filter_typing.fields
    }

    /// Whether an earlier filter can be recalled.
    pub fn has_filter_history(&self) -> bool {
        let FilterTyping { imports, rows, .. } = &self.filter_typing;
        let history = if self.screens.trail.is_empty() { imports } else { rows };
        !history.kept.is_empty()
    }

    /// How many imports or rows pass the filter of this screen, of how many.
    pub fn filter_count(&self) -> Option<(usize, usize)> {
        match self.screens.trail.last() {
            None => Some((self.list.len(), self.snapshot.imports.len())),
            Some(Screen::Failures(failures)) => {
                let listing = failures.listing();
                Some((listing.passing, listing.of.as_ref().map_or(0, |of| of.len())))
            }
            Some(_) => None,
        }
    }

    /// Collects what can be completed: once, because there may be many imports.
    pub(super) fn prepare_completion(&mut self) {
        self.filter_typing.taken = None;
        self.filter_history().recalled = None;
        self.filter_typing.fields = match self.screens.failures() {
            None => self.import_fields(),
            Some(failures) => {
                let mut fields: Vec<Completable> = Vec::new();
                if let Some(of) = &failures.listing().of {
                    let redaction = self.redaction();
                    // A masked header cannot be completed.
                    let shown = (0..of.own().len()).zip(of.own()).filter_map(|(at, column)| {
                        let header = of.header(*column);
                        (!redaction.enabled || of.title(at, redaction) == header).then_some(header)
                    });
                    fields.extend(shown.map(|header| field(header.as_str(), Vec::new())));
                }
                let changes = Change::WORDS.map(|(word, _)| word.to_owned()).to_vec();
                fields.push(field("why", Vec::new()));
                fields.push(field("is", if self.comparison().is_some() { changes } else { Vec::new() }));
                fields
            }
        };
    }

    fn import_fields(&self) -> Vec<Completable> {
        let imports = &self.snapshot.imports;
        let distinct = |text: fn(&Import) -> Option<&str>| -> Vec<String> {
            let found: BTreeSet<&str> = imports.iter().filter_map(|watched| text(&watched.import)).collect();
            found.into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect()
        };
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let values = |name: &str| match name {
            "type" => distinct(|import| Some(import.kind.as_str())),
            "mode" => distinct(|import| {
                Some(match &import.mode {
                    ImportMode::Store => "create",
                    mode => mode.as_str(),
                })
            }),
            "status" => distinct(|import| Some(import.status.as_str())),
            "by" => {
                let mut people = vec!["me".to_owned()];
                if !self.redaction().enabled {
                    people.extend(distinct(|import| Some(import.started_by.as_ref()?.name.as_str())));
                }
                people
            }
            "is" => STATES.iter().map(|state| state.name.to_owned()).collect(),
            "has" => words(&["report", "failures"]),
            "since" | "until" => words(&["today", "yesterday"]),
            _ => Vec::new(),
        };
        FIELDS.iter().map(|it| field(it.name, values(it.name))).collect()
    }

    /// Puts the next or the previous candidate before the cursor.
    pub(super) fn complete_filter(&mut self, next: bool) {
        let (completion, taken) = self.completion();
        let length = completion.candidates.len();
        let at = match taken {
            Some(at) if next => (at + 1) % length.max(1),
            Some(at) => at.checked_sub(1).unwrap_or(length.saturating_sub(1)),
            None if next => 0,
            None => length.saturating_sub(1),
        };
        let Some(input) = self.field_mut() else { return };
        let (text, cursor) = (input.value(), cursor(input));
        let before = text.get(..completion.span.start).unwrap_or_default();
        let (typed, after) =
            (text.get(before.len()..cursor).unwrap_or_default(), text.get(cursor..).unwrap_or_default());
        match completion.candidates.get(at) {
            Some(candidate) if candidate != typed => {
                let begins = format!("{before}{candidate}");
                *input = Input::new(format!("{begins}{after}")).with_cursor(begins.chars().count());
                self.field_changed();
                // A single candidate is settled: the next key completes what follows it.
                self.filter_typing.taken = (length > 1).then_some((completion, at));
            }
            _ => self.event_log.hint(self.now, Severity::Info, "nothing to complete here"),
        }
    }

    /// Puts an earlier or later filter into the field.
    pub(super) fn recall_filter(&mut self, earlier: bool) {
        let Some(typed) = self.filter_being_typed().map(|field| field.value().to_owned()) else { return };
        match self.filter_history().recall(earlier, &typed) {
            Some(text) => {
                if let Some(input) = self.field_mut() {
                    *input = Input::new(text);
                    self.field_changed();
                }
            }
            None => {
                let end = if earlier { "no earlier filter in this session" } else { "no later filter" };
                self.event_log.hint(self.now, Severity::Info, end);
            }
        }
    }

    /// Remembers the filter that was just kept.
    pub(super) fn remember_filter(&mut self) {
        let text = match self.screens.failures() {
            None => self.list.filter.value(),
            Some(failures) => failures.filter.value(),
        };
        let text = text.to_owned();
        self.filter_history().remember(&text);
    }

    fn filter_history(&mut self) -> &mut History {
        let FilterTyping { imports, rows, .. } = &mut self.filter_typing;
        if self.screens.trail.is_empty() { imports } else { rows }
    }

    /// The filter while it is typed.
    pub fn filter_being_typed(&self) -> Option<&Input> {
        let filter = || self.screens.failures().map_or(&self.list.filter, |failures| &failures.filter);
        (self.screens.mode() == Mode::Filter).then(filter)
    }
}

fn field(name: &str, values: Vec<String>) -> Completable {
    Completable { name: name.to_owned(), values }
}

/// Where the cursor is, in bytes.
fn cursor(input: &Input) -> usize {
    input.value().char_indices().nth(input.cursor()).map_or(input.value().len(), |(at, _)| at)
}
