//! What the user takes of the proposals, and edits by hand.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{First, Proposal, Proposals, meets_rules};
use crate::report::FailedRows;

/// How much of a row is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowState {
    /// Every message of it is about a cell that was changed.
    Fixed,
    /// Some are.
    Partly,
    Unfixed,
}

/// The proposals that are taken, what was decided, and cells edited by hand, with every step for undo and redo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixes {
    proposals: Arc<Proposals>,
    taken: Vec<bool>,
    decided: Vec<Option<First>>,
    edits: BTreeMap<(usize, usize), String>,
    steps: Vec<Step>,
    /// How many of the steps are done; those after them were undone.
    done: usize,
}

/// One change by the user, with what undoes it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// These were taken, and are left now, or the reverse.
    Toggled(Vec<usize>),
    Decided {
        proposal: usize,
        before: Option<First>,
        after: Option<First>,
    },
    Edited {
        cell: (usize, usize),
        before: Option<String>,
        after: Option<String>,
    },
}

impl Fixes {
    /// Everything is taken that needs no decision.
    pub fn new(proposals: Arc<Proposals>) -> Self {
        let count = proposals.list().len();
        Self {
            proposals,
            taken: vec![true; count],
            decided: vec![None; count],
            edits: BTreeMap::new(),
            steps: Vec::new(),
            done: 0,
        }
    }

    pub fn proposals(&self) -> &Arc<Proposals> {
        &self.proposals
    }

    pub fn is_taken(&self, proposal: usize) -> bool {
        self.taken.get(proposal).is_some_and(|taken| *taken)
    }

    /// What was decided for a proposal's dates.
    pub fn decided(&self, proposal: usize) -> Option<First> {
        self.decided.get(proposal).copied().flatten()
    }

    /// Takes a proposal, or leaves it. One that changes nothing stays as it is.
    pub fn toggle(&mut self, proposal: usize) {
        if self.proposals.list().get(proposal).is_some_and(Proposal::changes_cells) {
            self.perform(Step::Toggled(vec![proposal]));
        }
    }

    /// Takes all proposals; leaves all if all are taken.
    pub fn toggle_all(&mut self) {
        let all = self.taken.iter().all(|taken| *taken);
        let list = self.proposals.list().iter().zip(&self.taken).enumerate();
        let changed = list.filter(|(_, (proposal, taken))| proposal.changes_cells() && **taken == all);
        let changed: Vec<usize> = changed.map(|(at, _)| at).collect();
        if !changed.is_empty() {
            self.perform(Step::Toggled(changed));
        }
    }

    /// Decides which part comes first in the dates of a proposal.
    pub fn decide(&mut self, proposal: usize, first: Option<First>) {
        let before = self.decided(proposal);
        self.perform(Step::Decided { proposal, before, after: first });
    }

    /// Replaces a cell; `None` takes the edit back.
    pub fn edit(&mut self, row: usize, column: usize, value: Option<String>) {
        let before = self.edits.get(&(row, column)).cloned();
        self.perform(Step::Edited { cell: (row, column), before, after: value });
    }

    /// Whether any cell is other than it came.
    pub fn changes_anything(&self) -> bool {
        let list = self.proposals.list().iter().enumerate();
        let mut taken = list.filter(|(at, proposal)| self.is_taken(*at) && proposal.changes_cells());
        !self.edits.is_empty()
            || taken.any(|(at, proposal)| proposal.decision.is_none() || self.decided(at).is_some())
    }

    pub fn can_undo(&self) -> bool {
        self.done > 0
    }

    pub fn can_redo(&self) -> bool {
        self.done < self.steps.len()
    }

    /// Takes the last step back; whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some(step) = self.done.checked_sub(1).and_then(|at| self.steps.get(at)).cloned() else {
            return false;
        };
        self.done -= 1;
        self.apply(step.reversed());
        true
    }

    /// Does the last undone step again; whether there was one.
    pub fn redo(&mut self) -> bool {
        let Some(step) = self.steps.get(self.done).cloned() else { return false };
        self.done += 1;
        self.apply(step);
        true
    }

    fn perform(&mut self, step: Step) {
        self.steps.truncate(self.done);
        self.steps.push(step.clone());
        self.done += 1;
        self.apply(step);
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Toggled(proposals) => {
                for proposal in proposals {
                    if let Some(taken) = self.taken.get_mut(proposal) {
                        *taken = !*taken;
                    }
                }
            }
            Step::Decided { proposal, after, .. } => {
                if let Some(decided) = self.decided.get_mut(proposal) {
                    *decided = after;
                }
            }
            Step::Edited { cell, after: Some(value), .. } => {
                self.edits.insert(cell, value);
            }
            Step::Edited { cell, after: None, .. } => {
                self.edits.remove(&cell);
            }
        }
    }

    /// What a cell was changed to; `None` where it is as it came. Untrusted as the value before it.
    pub fn cell(&self, row: usize, column: usize) -> Option<&str> {
        if let Some(value) = self.edits.get(&(row, column)) {
            return Some(value);
        }
        let (proposal, at) = self.proposals.place(row, column)?;
        if !self.is_taken(proposal) {
            return None;
        }
        let proposed = self.proposals.list().get(proposal)?;
        match &proposed.decision {
            Some(decision) => {
                let first = self.decided(proposal)?;
                decision.cells.get(at).map(|cell| cell.after(first))
            }
            None => proposed.cells.get(at).map(|cell| &*cell.after),
        }
    }

    /// Whether a cell was edited by hand and would still be rejected.
    pub fn still_breaks(&self, rows: &FailedRows, row: usize, column: usize) -> bool {
        self.edits.get(&(row, column)).is_some_and(|value| {
            value == rows.table.cell(row, column)
                || !meets_rules(rows, (row, column), value, self.proposals.today)
        })
    }

    /// What was taken, decided and edited, for rows that were read anew, without the steps that led there; and how many
    /// edits are of rows that are no longer there.
    pub fn carried_to(
        &self,
        (old, new): (&FailedRows, &FailedRows),
        proposals: Arc<Proposals>,
    ) -> (Self, usize) {
        let header = |rows: &FailedRows, column: usize| rows.table.header(column).to_owned();
        let key = |rows: &FailedRows, proposal: &Proposal| {
            (header(rows, proposal.column), proposal.kind, proposal.how.clone())
        };
        let known: HashMap<_, usize> =
            self.proposals.list().iter().enumerate().map(|(at, it)| (key(old, it), at)).collect();
        let mut carried = Self::new(Arc::clone(&proposals));
        for (at, proposal) in proposals.list().iter().enumerate() {
            let Some(before) = known.get(&key(new, proposal)) else { continue };
            if let (Some(taken), Some(decided)) = (carried.taken.get_mut(at), carried.decided.get_mut(at)) {
                (*taken, *decided) = (self.is_taken(*before), self.decided(*before));
            }
        }
        let cells = |rows: &FailedRows, row: usize| {
            rows.own().iter().map(|column| rows.table.cell(row, *column).to_owned()).collect::<Vec<_>>()
        };
        let mut lost = 0;
        for ((row, column), value) in &self.edits {
            let wanted = cells(old, *row);
            let is_row = |row: &usize| cells(new, *row) == wanted;
            let row = Some(*row)
                .filter(|row| *row < new.len() && is_row(row))
                .or_else(|| (0..new.len()).find(is_row));
            let column = new.own().iter().find(|other| header(new, **other) == header(old, *column));
            match row.zip(column) {
                Some((row, column)) => {
                    carried.edits.insert((row, *column), value.clone());
                }
                None => lost += 1,
            }
        }
        (carried, lost)
    }

    /// How much of a row is corrected.
    pub fn state(&self, rows: &FailedRows, row: usize) -> RowState {
        let (mut fixed, mut left) = (false, false);
        for problem in rows.problems(row) {
            let is_right = |column| self.cell(row, column).is_some() && !self.still_breaks(rows, row, column);
            match problem.column.is_some_and(is_right) {
                true => fixed = true,
                false => left = true,
            }
        }
        match (fixed, left) {
            (true, false) => RowState::Fixed,
            (true, true) => RowState::Partly,
            (false, _) => RowState::Unfixed,
        }
    }

    /// How much of each row is corrected.
    pub fn states(&self, rows: &FailedRows) -> Vec<RowState> {
        (0..rows.len()).map(|row| self.state(rows, row)).collect()
    }

    /// The rows that are fixed, ascending.
    pub fn fixed_rows<'a>(&'a self, rows: &'a FailedRows) -> impl Iterator<Item = usize> + 'a {
        (0..rows.len()).filter(|row| self.state(rows, *row) == RowState::Fixed)
    }
}

impl Step {
    fn reversed(self) -> Self {
        match self {
            Self::Toggled(proposals) => Self::Toggled(proposals),
            Self::Decided { proposal, before, after } => {
                Self::Decided { proposal, before: after, after: before }
            }
            Self::Edited { cell, before, after } => Self::Edited { cell, before: after, after: before },
        }
    }
}
