//! Correcting failed rows: which proposals are taken, cells edited by hand, and what would be lost by leaving.

use std::sync::Arc;

use tui_input::Input;

use super::event_log::Severity;
use super::report_fetch::AfterReport;
use super::save::{ChosenFixes, Others, SaveContent, file_name};
use super::{App, Popup, Screen};
use crate::app::event::{CountFixes, Effect, Propose};
use crate::app::keymap::{Action, Mode, Motion};
use crate::domain::import::ImportId;
use crate::domain::snapshot::Watched;
use crate::report::fix::{First, Fixes, Proposal, Proposals, RowState};
use crate::report::{FailedRows, fixup};

/// Of more rows it is counted off the event loop how many are fixed.
const COUNTED_AT_ONCE: usize = 5_000;
/// A longer value is not edited on one line.
const LONGEST_EDITED: usize = 2_000;

/// The fixes of one import's failed rows. They outlive their screen: they are dropped only when the user says so, or for
/// those of another import.
#[derive(Debug)]
pub struct FixState {
    id: ImportId,
    pub of: Arc<FailedRows>,
    /// The rows that were last looked at for proposals: those, or newer ones on their way.
    asked: Arc<FailedRows>,
    /// `None` until they are worked out.
    fixes: Option<Arc<Fixes>>,
    states: Arc<Vec<RowState>>,
    /// How many of them are fixed, and how many partly.
    fixed: usize,
    partly: usize,
    pub side: FixSide,
    /// The chosen proposal.
    proposal: usize,
    /// The chosen one among its cells.
    cell: usize,
    /// The cell that is edited.
    pub editing: Option<EditedCell>,
    /// Whether how much of each row is fixed is to be counted again.
    uncounted: bool,
    /// Whether something was changed since the rows were last written.
    unsaved: bool,
}

/// A cell while it is edited.
#[derive(Debug)]
pub struct EditedCell {
    pub row: usize,
    column: usize,
    pub input: Input,
}

/// Which of the two lists has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FixSide {
    #[default]
    Proposals,
    Cells,
}

impl FixState {
    fn new(id: ImportId, of: Arc<FailedRows>) -> Self {
        let side = FixSide::default();
        Self {
            id,
            asked: Arc::clone(&of),
            of,
            fixes: None,
            states: Arc::default(),
            fixed: 0,
            partly: 0,
            side,
            proposal: 0,
            cell: 0,
            editing: None,
            uncounted: false,
            unsaved: false,
        }
    }

    pub fn fixes(&self) -> Option<&Fixes> {
        self.fixes.as_deref()
    }

    /// What is changed, where anything is.
    pub fn changes(&self) -> Option<Arc<Fixes>> {
        self.fixes.clone().filter(|_| self.fixed + self.partly > 0)
    }

    pub fn proposals(&self) -> &[Proposal] {
        self.fixes.as_ref().map_or(&[], |fixes| fixes.proposals().list())
    }

    /// The position of the chosen proposal, and the proposal.
    pub fn chosen(&self) -> Option<(usize, &Proposal)> {
        Some((self.proposal, self.proposals().get(self.proposal)?))
    }

    /// The position of the chosen cell among those of the proposal.
    pub fn chosen_cell(&self) -> usize {
        self.cell
    }

    /// Row and column of the chosen cell.
    fn place(&self) -> Option<(usize, usize)> {
        let (_, proposal) = self.chosen()?;
        Some((proposal.row(self.cell)?, proposal.column))
    }

    /// Whether the chosen cell is too long to be edited.
    fn is_too_long(&self) -> bool {
        let cell = self.place().filter(|_| self.side == FixSide::Cells);
        cell.is_some_and(|(row, column)| self.value(row, column).len() > LONGEST_EDITED)
    }

    /// A cell of the failed rows as it is now.
    pub fn value(&self, row: usize, column: usize) -> &str {
        let changed = self.fixes.as_ref().and_then(|fixes| fixes.cell(row, column));
        changed.unwrap_or_else(|| self.of.table().cell(row, column))
    }

    /// How much of each row is fixed; empty until it is worked out.
    pub fn states(&self) -> &Arc<Vec<RowState>> {
        &self.states
    }

    /// `38 of 41 rows fixed, 2 partly`.
    pub fn summary(&self) -> String {
        let partly = if self.partly == 0 { String::new() } else { format!(", {} partly", self.partly) };
        self.short_summary() + &partly
    }

    /// `38 of 41 rows fixed`.
    pub fn short_summary(&self) -> String {
        format!("{} of {} rows fixed", self.fixed, self.states.len())
    }

    fn change(&mut self, change: impl FnOnce(&mut Fixes) -> bool) -> bool {
        let Some(fixes) = &mut self.fixes else { return false };
        let changed = change(Arc::make_mut(fixes));
        if changed {
            self.unsaved = true;
            self.count_if_few();
        }
        changed
    }

    /// Counts at once, or leaves it to be done elsewhere.
    fn count_if_few(&mut self) {
        self.uncounted = self.of.len() > COUNTED_AT_ONCE;
        if !self.uncounted
            && let Some(fixes) = &self.fixes
        {
            let states = fixes.states(&self.of);
            self.set_states(states);
        }
    }

    fn set_states(&mut self, states: Vec<RowState>) {
        let count = |state| states.iter().filter(|other| **other == state).count();
        (self.fixed, self.partly) = (count(RowState::Fixed), count(RowState::Partly));
        self.states = Arc::new(states);
    }

    fn go(&mut self, motion: Motion, page: usize) {
        match self.side {
            FixSide::Proposals => {
                self.proposal = motion.apply(self.proposal, page, self.proposals().len());
                self.cell = 0;
            }
            FixSide::Cells => {
                let count = self.chosen().map_or(0, |(_, proposal)| proposal.count());
                self.cell = motion.apply(self.cell, page, count);
            }
        }
    }
}

impl App {
    /// The fixes of the current import's failed rows.
    pub fn fix(&self) -> Option<&FixState> {
        let view = self.view()?;
        self.screens.fix.as_deref().filter(|fix| fix.id == view.watched.import.id)
    }

    /// The import that fixes are of: type, mode and when it started.
    pub fn fixed_import(&self) -> Option<&Watched> {
        self.snapshot.get(&self.screens.fix.as_deref()?.id).map(AsRef::as_ref)
    }

    /// Fixes that were not written, of whichever import.
    pub fn unsaved_fixes(&self) -> Option<&FixState> {
        let changes = |fix: &FixState| fix.fixes().is_some_and(Fixes::changes_anything);
        self.screens.fix.as_deref().filter(|fix| fix.unsaved && changes(fix))
    }

    fn with_fix(&mut self, change: impl FnOnce(&mut FixState)) {
        if self.fix().is_some()
            && let Some(fix) = &mut self.screens.fix
        {
            change(fix);
        }
    }

    /// Opens the fixes of the current import's failed rows, at the chosen reason's column.
    pub(super) fn open_fix(&mut self, effects: &mut Vec<Effect>) {
        let Some(view) = self.view() else { return };
        let (id, rows) = (view.watched.import.id.clone(), Arc::clone(view.rows()));
        if self.fix().is_none() {
            self.screens.fix = Some(Box::new(FixState::new(id.clone(), Arc::clone(&rows))));
            effects.push(self.propose(rows));
        }
        if self.screens.top() != Mode::Fix {
            self.screens.open(id, Screen::Fix);
        }
        self.choose_proposal();
    }

    fn propose(&self, of: Arc<FailedRows>) -> Effect {
        Effect::Propose(Propose { of, today: self.zone.to_datetime(self.now.wall).date() })
    }

    /// Looks at the rows again where they were read anew: more failed, or the report came.
    pub(super) fn follow_rows(&mut self, effects: &mut Vec<Effect>) {
        let Some(rows) = self.view().map(|view| Arc::clone(view.rows())) else { return };
        if self.fix().is_some_and(|fix| !Arc::ptr_eq(&fix.asked, &rows) && fix.editing.is_none()) {
            effects.push(self.propose(Arc::clone(&rows)));
            self.with_fix(|fix| fix.asked = rows);
        }
        self.with_fix(|fix| {
            if std::mem::take(&mut fix.uncounted)
                && let Some(fixes) = &fix.fixes
            {
                let (of, fixes) = (Arc::clone(&fix.of), Arc::clone(fixes));
                effects.push(Effect::CountFixes(CountFixes { of, fixes }));
            }
        });
    }

    /// How much of each row is fixed, unless something was changed since.
    pub(super) fn apply_states(&mut self, of: &Arc<Fixes>, states: Vec<RowState>) {
        let is_current =
            |fix: &&mut Box<FixState>| fix.fixes.as_ref().is_some_and(|fixes| Arc::ptr_eq(fixes, of));
        if let Some(fix) = self.screens.fix.as_mut().filter(is_current) {
            fix.set_states(states);
        }
    }

    /// Chooses the first proposal for the column of the chosen reason.
    fn choose_proposal(&mut self) {
        let wanted = self.screens.failures().and_then(|failures| {
            let listing = failures.listing();
            let group = listing.chosen_group()?;
            let reasons = self.view()?.rows().reasons();
            group.reason.and_then(|reason| reasons.get(reason))?.column
        });
        self.with_fix(|fix| {
            let of_column = |proposal: &Proposal| Some(proposal.column) == wanted;
            fix.proposal = fix.proposals().iter().position(of_column).unwrap_or(0);
            (fix.side, fix.cell) = (FixSide::Proposals, 0);
        });
    }

    pub(super) fn apply_proposals(&mut self, of: &Arc<FailedRows>, proposals: Arc<Proposals>) {
        let Some(fix) = self.screens.fix.as_deref_mut().filter(|fix| Arc::ptr_eq(&fix.asked, of)) else {
            return;
        };
        let (fixes, lost) = match &fix.fixes {
            Some(fixes) => fixes.carried_to((&fix.of, of), proposals),
            None => (Fixes::new(proposals), 0),
        };
        let first = fix.fixes.is_none();
        (fix.fixes, fix.of) = (Some(Arc::new(fixes)), Arc::clone(of));
        fix.proposal = fix.proposal.min(fix.proposals().len().saturating_sub(1));
        let cells = fix.chosen().map_or(0, |(_, proposal)| proposal.count());
        fix.cell = fix.cell.min(cells.saturating_sub(1));
        fix.count_if_few();
        if first {
            self.choose_proposal();
        }
        if lost > 0 {
            let cells = if lost == 1 { "1 edited cell is" } else { &format!("{lost} edited cells are") };
            let text = format!("{cells} of rows that are no longer there");
            self.event_log.announce(self.now, Severity::Warning, text);
        }
    }

    /// Why nothing can be fixed, or not so.
    pub(super) fn fix_refusal(&self, action: Action) -> Option<String> {
        let fix = self.fix();
        let chosen = fix.and_then(FixState::chosen);
        match action {
            Action::Fix => {
                self.view().is_none_or(|view| view.rows().is_empty()).then(|| "no failed rows to fix".into())
            }
            _ if fix.is_none_or(|fix| fix.fixes.is_none()) => {
                Some("the proposals are being worked out".into())
            }
            Action::WriteRows => fix
                .is_some_and(|fix| fix.fixes().is_some_and(|fixes| !fixes.changes_anything()))
                .then(|| "nothing is fixed, so there is nothing to write".into()),
            Action::TakeProposal => chosen
                .is_none_or(|(_, proposal)| !proposal.changes_cells())
                .then(|| "these cells are left: edit them by hand".into()),
            Action::EditCell
                if self.redaction().enabled && fix.is_some_and(|fix| fix.side == FixSide::Cells) =>
            {
                Some(format!(
                    "client values are masked; {} shows them",
                    self.preferences.config.keymap.key_label(Mode::Fix, Action::Redact)
                ))
            }
            Action::EditCell if fix.is_some_and(FixState::is_too_long) => {
                Some(format!("this value has more than {LONGEST_EDITED} bytes: edit it in the file"))
            }
            Action::Undo => fix
                .is_some_and(|fix| fix.fixes().is_some_and(|fixes| !fixes.can_undo()))
                .then(|| "nothing to undo".into()),
            Action::Redo => fix
                .is_some_and(|fix| fix.fixes().is_some_and(|fixes| !fixes.can_redo()))
                .then(|| "nothing to redo".into()),
            _ => None,
        }
    }

    /// Takes the chosen proposal or leaves it; of dates with two readings takes one, the other, or neither.
    pub(super) fn take_proposal(&mut self) {
        self.with_fix(|fix| {
            let Some((at, proposal)) = fix.chosen() else { return };
            let is_decision = proposal.decision.is_some();
            fix.change(|fixes| {
                if is_decision {
                    let next = match fixes.decided(at) {
                        None => Some(First::Day),
                        Some(First::Day) => Some(First::Month),
                        Some(First::Month) => None,
                    };
                    fixes.decide(at, next);
                } else {
                    fixes.toggle(at);
                }
                true
            });
        });
    }

    pub(super) fn take_all_proposals(&mut self) {
        self.with_fix(|fix| {
            fix.change(|fixes| {
                fixes.toggle_all();
                true
            });
        });
    }

    pub(super) fn undo_fix(&mut self) {
        self.with_fix(|fix| {
            fix.change(Fixes::undo);
        });
    }

    pub(super) fn redo_fix(&mut self) {
        self.with_fix(|fix| {
            fix.change(Fixes::redo);
        });
    }

    pub(super) fn switch_fix_side(&mut self) {
        self.with_fix(|fix| {
            fix.side = match fix.side {
                FixSide::Proposals => FixSide::Cells,
                FixSide::Cells => FixSide::Proposals,
            };
        });
    }

    pub(super) fn move_in_fix(&mut self, motion: Motion) {
        let page = self.screens.viewport.page;
        self.with_fix(|fix| fix.go(motion, page));
    }

    /// One step back: from the cells to the proposals, or to the screen before.
    pub(super) fn leave(&mut self) {
        let in_cells =
            self.screens.top() == Mode::Fix && self.fix().is_some_and(|fix| fix.side == FixSide::Cells);
        if in_cells {
            self.switch_fix_side();
        } else {
            self.screens.leave();
        }
    }

    /// The mouse is on a proposal; once more takes or leaves it.
    pub(super) fn click_proposal(&mut self, at: usize, effects: &mut Vec<Effect>) {
        if self.fix().is_some_and(|fix| fix.side == FixSide::Proposals && fix.proposal == at) {
            return self.act(Action::TakeProposal, effects);
        }
        self.with_fix(|fix| (fix.side, fix.proposal, fix.cell) = (FixSide::Proposals, at, 0));
    }

    /// The mouse is on a cell; once more edits it.
    pub(super) fn click_change(&mut self, at: usize, effects: &mut Vec<Effect>) {
        if self.fix().is_some_and(|fix| fix.side == FixSide::Cells && fix.cell == at) {
            return self.act(Action::EditCell, effects);
        }
        self.with_fix(|fix| (fix.side, fix.cell) = (FixSide::Cells, at));
    }

    /// From a proposal to its cells; from a cell to typing what shall stand in it.
    pub(super) fn edit_cell(&mut self) {
        self.with_fix(|fix| match fix.side {
            FixSide::Proposals => fix.side = FixSide::Cells,
            FixSide::Cells => {
                let Some((row, column)) = fix.place() else { return };
                let input = Input::new(fix.value(row, column).to_owned());
                fix.editing = Some(EditedCell { row, column, input });
            }
        });
    }

    /// Ends editing; with `keep` the cell is what was typed.
    pub(super) fn end_edit(&mut self, keep: bool) {
        let mut breaks = false;
        self.with_fix(|fix| {
            let Some(EditedCell { row, column, input }) = fix.editing.take().filter(|_| keep) else { return };
            if input.value() != fix.value(row, column) {
                let original = fix.of.table().cell(row, column) == input.value();
                let proposals = fix.fixes.as_ref().map(|fixes| fixes.proposals());
                let proposed = proposals.is_some_and(|proposals| proposals.of_cell(row, column).is_some());
                let value = (!original || proposed).then(|| input.value().to_owned());
                fix.change(|fixes| {
                    fixes.edit(row, column, value);
                    true
                });
            }
            breaks = fix.fixes().is_some_and(|fixes| fixes.still_breaks(&fix.of, row, column));
        });
        if breaks {
            let text = "kept, but the rule still rejects it: the row is not fixed";
            self.event_log.hint(self.now, Severity::Warning, text);
        }
    }

    /// Asks where to write the fixed rows.
    pub(super) fn ask_where_to_write_fixes(&mut self) {
        let (Some(view), Some(fix)) = (self.view(), self.fix()) else { return };
        let Some(fixes) = fix.fixes.clone() else { return };
        let import = &view.watched.import;
        let all = fix.of.len();
        let (fixed, left): (Vec<usize>, Vec<usize>) =
            (0..all).partition(|row| fix.states.get(*row) == Some(&RowState::Fixed));
        let firm = self.firm_of(import);
        let name = |what, count: &str| fixup::file_name(firm, &import.kind, &import.mode, what, count);
        let names =
            [name("fixed", &format!("{} of {all}", fixed.len())), name("fixed-and-others", &all.to_string())];
        let partly = fix.partly;
        let firm = self.redaction().enabled.then(|| "client values are not masked in the file".to_owned());
        let complete = view.completeness();
        let missing =
            (!complete.is_all()).then(|| format!("not all failed rows: {}", self.completeness_of(&view)));
        let chosen = ChosenFixes {
            of: Arc::clone(&fix.of),
            fixes,
            fixed,
            left,
            others: Others::LeftOut,
            partly,
            names,
            warnings: missing.into_iter().chain(firm).collect(),
        };
        let spreadsheet_safe = self.preferences.spreadsheet_safe;
        let name = file_name(chosen.name(), spreadsheet_safe);
        self.ask_where(name, SaveContent::Fixes(chosen), spreadsheet_safe);
    }

    /// What was written is not unsaved; what was changed meanwhile still is.
    pub(super) fn fixes_written(&mut self, written: &Arc<Fixes>) {
        if let Some(fix) = &mut self.screens.fix
            && fix.fixes.as_ref().is_some_and(|fixes| Arc::ptr_eq(fixes, written))
        {
            fix.unsaved = false;
        }
    }

    /// Asks first if the action would leave fixes behind that were not written.
    pub(super) fn guard_fixes(&mut self, action: Action) -> bool {
        let Some(fix) = self.unsaved_fixes() else { return false };
        let elsewhere = self.view().is_none_or(|view| view.watched.import.id != fix.id);
        let leaves = match action {
            Action::Quit => self.screens.popup.is_none(),
            Action::UseAccount => !self.is_chosen_in_use(),
            Action::Fix => elsewhere,
            Action::NextTrouble | Action::OpenEntry => !elsewhere && !self.screens.trail.is_empty(),
            Action::Back | Action::Leave => !elsewhere && self.leaves_failed_rows(action),
            _ => false,
        };
        if leaves && self.screens.viewport.mini {
            let text = "fixes are not written: make the terminal larger";
            self.event_log.hint(self.now, Severity::Warning, text);
        } else if leaves {
            self.screens.popup = Some(Popup::Unsaved(action, self.screens.popup.take().map(Box::new)));
        }
        leaves
    }

    /// Whether going back leads from the failed rows to another screen.
    fn leaves_failed_rows(&self, action: Action) -> bool {
        let Some(Screen::Failures(failures)) = self.screens.trail.last() else { return false };
        let clears = self.screens.typing || !failures.filter.value().is_empty();
        self.screens.popup.is_none()
            && if action == Action::Back { !clears } else { !failures.can_step_out() }
    }

    /// Drops the fixes, and does what had to wait.
    pub(super) fn drop_fixes(&mut self, effects: &mut Vec<Effect>) {
        if let Some(Popup::Unsaved(action, popup)) = self.screens.popup.take() {
            self.screens.popup = popup.map(|popup| *popup);
            self.screens.fix = None;
            self.event_log.announce(self.now, Severity::Info, "the fixes were dropped; nothing was written");
            self.act(action, effects);
        }
    }

    /// Writes the fixes instead of leaving them behind.
    pub(super) fn write_unsaved(&mut self, effects: &mut Vec<Effect>) {
        self.screens.popup = None;
        if self.fix().is_some() {
            self.ask_where_to_write_fixes();
        } else if let Some(id) = self.screens.fix.as_deref().map(|fix| fix.id.clone()) {
            self.open_failures_of(id);
            self.after_report(AfterReport::Fix, effects);
        }
    }
}
