//! What `fix` proposes, for people and for programs. Pure.

use serde_json::{Value, json};

use crate::domain::redact::Redaction;
use crate::output::formats::array;
use crate::report::FailedRows;
use crate::report::fix::{First, Proposal, Proposals};
use crate::report::source::Match;

/// How many examples are printed of a proposal.
const EXAMPLES: usize = 3;

pub(super) struct Summary<'a> {
    pub(super) rows: &'a FailedRows,
    pub(super) proposals: &'a Proposals,
    pub(super) redaction: Redaction,
}

/// A cell and what becomes of it.
struct Example {
    row: usize,
    before: String,
    after: Option<String>,
    /// What it may become: day first, month first.
    either: Option<[String; 2]>,
}

impl Summary<'_> {
    /// Each proposal in a sentence, with examples below it.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for proposal in self.proposals.list() {
            let title = self.rows.column_title(proposal.column, self.redaction);
            text.push_str(&format!("{title}: {}\n", proposal.sentence()));
            for Example { row, before, after, either } in self.examples(proposal) {
                let line =
                    self.line(row).map(|line| format!(" (line {line} of the source)")).unwrap_or_default();
                let after = after.or_else(|| either.map(|either| either.join(" or ")));
                let after = after.map(|after| format!(" → {after}")).unwrap_or_default();
                text.push_str(&format!("    row {}{line}: {before}{after}\n", row + 1));
            }
        }
        text
    }

    /// A JSON array with an object for each proposal.
    pub(super) fn json(&self) -> String {
        let names = self.rows.names(self.redaction);
        let name = |column: usize| {
            let at = self.rows.own().iter().position(|own| *own == column)?;
            names.get(at)
        };
        let example = |Example { row, before, after, either }| {
            let mut example = json!({ "row": row + 1, "before": before, "after": after });
            if let (Some(object), Some(either)) = (example.as_object_mut(), either) {
                object.insert("either".to_owned(), either.to_vec().into());
            }
            if let (Some(object), Some(_)) = (example.as_object_mut(), self.rows.place(row)) {
                object.insert("source_line".to_owned(), self.line(row).map_or(Value::Null, Value::from));
            }
            example
        };
        let object = |proposal: &Proposal| {
            json!({
                "column": name(proposal.column),
                "kind": proposal.kind.map(|kind| kind.name()),
                "cells": proposal.cells.len(),
                "left": proposal.left.len(),
                "sentence": proposal.sentence(),
                "examples": self.examples(proposal).map(example).collect::<Vec<_>>(),
            })
        };
        array(&self.proposals.list().iter().map(object).collect::<Vec<_>>())
    }

    fn examples<'a>(&'a self, proposal: &'a Proposal) -> impl Iterator<Item = Example> + 'a {
        let changed = proposal.cells.iter().map(|cell| (cell.row, Some(&*cell.after), None));
        let decision = proposal.decision.iter().flat_map(|decision| &decision.cells);
        let undecided =
            decision.map(|cell| (cell.row, None, Some([cell.after(First::Day), cell.after(First::Month)])));
        let left = proposal.left.iter().filter(|_| proposal.decision.is_none()).map(|row| (*row, None, None));
        changed.chain(undecided).chain(left).take(EXAMPLES).map(|(row, after, either)| Example {
            row,
            before: self.masked(self.rows.table().cell(row, proposal.column)),
            after: after.map(|after| self.masked(after)),
            either: either.map(|either| either.map(|after| self.masked(after))),
        })
    }

    fn masked(&self, value: &str) -> String {
        self.redaction.copied(crate::domain::text::UntrustedRef::new(value))
    }

    /// The line of the client's own file on which a row is.
    fn line(&self, row: usize) -> Option<u64> {
        match self.rows.place(row)? {
            Match::Line(line) => Some(*line),
            Match::Several(_) | Match::NotFound => None,
        }
    }
}
