//! What the user takes of the proposals, and edits by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{First, Proposal, Proposals};
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

    /// How much of a row is corrected.
    pub fn state(&self, rows: &FailedRows, row: usize) -> RowState {
        let (mut fixed, mut left) = (false, false);
        for problem in rows.problems(row) {
            match problem.column.is_some_and(|column| self.cell(row, column).is_some()) {
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
