//! The failed-rows screen's model: grouping, filter, and what is selected.

use tui_input::Input;

use super::rows::Rows;
use crate::domain::failure::Reason;
use crate::domain::text::SafeText;
use crate::monitor::keymap::Motion;
use crate::report::reasons::Values;
use crate::report::values::Verdict;

/// How failed rows are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grouping {
    /// Reasons at left, the rows of the chosen one at right.
    #[default]
    Reason,
    /// All rows.
    Row,
}

/// Which of the two lists the keys move in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// The reasons.
    #[default]
    Reasons,
    /// The rows.
    Rows,
}

/// What the user has chosen on the failed-rows screen. The rows themselves come from the import.
#[derive(Debug, Default)]
pub struct Failures {
    /// How rows are listed.
    pub grouping: Grouping,
    /// The text that rows are filtered by.
    pub filter: Input,
    side: Side,
    reason: Option<(SafeText, SafeText)>,
    row: usize,
    order: Option<Order>,
    shift: usize,
    listing: Listing,
    /// What the listing was worked out from; a report of 100,000 rows is not gone through for nothing.
    basis: Option<Basis>,
}

/// An order of rows by one of the client's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The column's position.
    pub column: usize,
    /// From large to small.
    pub descending: bool,
}

/// Everything that a listing depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Basis {
    source: usize,
    filter: String,
    grouping: Grouping,
    reason: Option<(SafeText, SafeText)>,
    order: Option<Order>,
}

/// The failed rows as they are listed: after filter and grouping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The reasons among the rows that pass the filter, most frequent first.
    pub reasons: Vec<Reason>,
    /// The chosen reason, by its position; `None` when rows are not grouped or there are none.
    pub reason: Option<usize>,
    /// The rows listed, by their position in the import's failed rows.
    pub rows: Vec<usize>,
    /// The chosen row, by its position in `rows`; always below its length, or 0.
    pub row: usize,
    /// How many rows pass the filter.
    pub passing: usize,
    /// What the refused values of the chosen reason have in common.
    pub verdict: Option<Verdict>,
    /// The values that the chosen reason refused, where all rows are known.
    pub values: Option<Values>,
}

impl Listing {
    /// The chosen row's position in the import's failed rows.
    pub fn chosen(&self) -> Option<usize> {
        self.rows.get(self.row).copied()
    }
}

impl Failures {
    /// Which list the keys move in.
    pub fn side(&self) -> Side {
        match self.grouping {
            Grouping::Reason => self.side,
            Grouping::Row => Side::Rows,
        }
    }

    /// What is listed, as of the last [`Failures::refresh`].
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// Works out what is listed. To be called whenever the rows, the filter or the choice changed.
    pub fn refresh(&mut self, rows: Rows<'_>) {
        let basis = rows.identity().map(|source| Basis {
            source,
            filter: self.filter.value().to_owned(),
            grouping: self.grouping,
            reason: self.reason.clone(),
            order: self.order,
        });
        if basis.is_some() && basis == self.basis {
            return;
        }
        self.basis = basis;
        let words: Vec<String> = self.filter.value().split_whitespace().map(str::to_lowercase).collect();
        let passing = rows.containing(&words);
        let mut reasons = rows.reasons().into_owned();
        if !words.is_empty() {
            for reason in &mut reasons {
                reason.rows.retain(|at| passing.binary_search(at).is_ok());
            }
            reasons.retain(|reason| !reason.rows.is_empty());
            reasons.sort_by_key(|reason| std::cmp::Reverse(reason.rows.len()));
        }
        let reason = match self.grouping {
            Grouping::Row => None,
            Grouping::Reason => {
                let chosen =
                    |r: &Reason| self.reason.as_ref().is_some_and(|(f, m)| *f == r.field && *m == r.message);
                (!reasons.is_empty()).then(|| reasons.iter().position(chosen).unwrap_or(0))
            }
        };
        let count = passing.len();
        let mut listed = match reason.and_then(|at| reasons.get(at)) {
            Some(reason) => reason.rows.clone(),
            None => passing,
        };
        if let Some(order) = self.order {
            rows.arrange(&mut listed, order);
        }
        self.row = self.row.min(listed.len().saturating_sub(1));
        let verdict = reason.and_then(|at| rows.verdict(reasons.get(at)?));
        let values = reason.and_then(|at| rows.values(reasons.get(at)?)).cloned();
        self.listing =
            Listing { reasons, reason, rows: listed, row: self.row, passing: count, verdict, values };
    }

    /// Moves in the list that has the keys.
    pub fn go(&mut self, motion: Motion, page: usize) {
        match self.side() {
            Side::Reasons => {
                let from = self.listing.reason.unwrap_or(0);
                self.choose_reason(motion.apply(from, page, self.listing.reasons.len()));
            }
            Side::Rows => self.choose_row(motion.apply(self.listing.row, page, self.listing.rows.len())),
        }
    }

    /// Chooses a reason by its position and starts at its first row.
    pub fn choose_reason(&mut self, at: usize) {
        if let Some(reason) = self.listing.reasons.get(at) {
            self.reason = Some((reason.field.clone(), reason.message.clone()));
            self.side = Side::Reasons;
            self.row = 0;
        }
    }

    /// Chooses a row by its position in the list.
    pub fn choose_row(&mut self, at: usize) {
        self.side = Side::Rows;
        self.row = at;
        self.listing.row = at.min(self.listing.rows.len().saturating_sub(1));
    }

    /// The order of the rows; `None` is the server's.
    pub fn order(&self) -> Option<Order> {
        self.order
    }

    /// Sorts by the first column shown, then by the one after it, among so many; after the last as the server has them.
    pub fn sort_next(&mut self, columns: usize) {
        let next = self.order.map_or(self.shift, |order| order.column + 1);
        self.order = (next < columns).then_some(Order { column: next, descending: false });
    }

    /// Sorts by a column; a second time the other way round.
    pub fn sort_by(&mut self, column: usize) {
        let again = self.order.filter(|order| order.column == column);
        self.order = Some(Order { column, descending: again.is_some_and(|order| !order.descending) });
    }

    /// Turns the order round.
    pub fn sort_reverse(&mut self) {
        let order = self.order.unwrap_or(Order { column: 0, descending: false });
        self.order = Some(Order { descending: !order.descending, ..order });
    }

    /// How many of the client's columns are scrolled away to the left.
    pub fn shift(&self) -> usize {
        self.shift
    }

    /// Scrolls the columns, among so many.
    pub fn shift_by(&mut self, by: isize, columns: usize) {
        self.shift = self.shift.saturating_add_signed(by).min(columns.saturating_sub(1));
    }

    /// Lists rows one by one.
    pub fn list_rows(&mut self) {
        self.grouping = Grouping::Row;
    }

    /// Gives the keys to a list, where it is shown.
    pub fn focus(&mut self, side: Side) {
        self.side = side;
    }

    /// From the reasons to their rows; `false` if the keys are in the rows already.
    pub fn step_in(&mut self) -> bool {
        let entered = self.side() == Side::Reasons;
        self.side = Side::Rows;
        entered
    }

    /// From the rows back to the reasons; `false` if there is no such step.
    pub fn step_out(&mut self) -> bool {
        let left = self.grouping == Grouping::Reason && self.side == Side::Rows;
        self.side = Side::Reasons;
        left
    }

    /// By reason or row by row; the chosen row stays chosen.
    pub fn regroup(&mut self, rows: Rows<'_>) {
        let chosen = self.listing.chosen();
        self.grouping = match self.grouping {
            Grouping::Reason => Grouping::Row,
            Grouping::Row => Grouping::Reason,
        };
        self.refresh(rows);
        let at = chosen.and_then(|row| self.listing.rows.iter().position(|at| *at == row));
        self.row = at.unwrap_or(0);
        self.listing.row = self.row;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::{Cell, FailedRow, Problem};
    use crate::domain::text::Untrusted;

    fn rows() -> Vec<FailedRow> {
        [
            ("Ann", "email", "taken"),
            ("Bob", "phone", "bad"),
            ("Cid", "email", "taken"),
            ("Dot", "phone", "bad"),
            ("Eve", "email", "taken"),
        ]
        .map(|(name, field, message)| FailedRow {
            cells: vec![Cell { column: "name".into(), value: Untrusted::new(name) }],
            problems: vec![Problem { field: field.into(), messages: vec![message.into()] }],
        })
        .to_vec()
    }

    #[test]
    fn reasons_rows_and_the_filter_narrow_one_another() {
        let rows = rows();
        let rows = Rows::Sample(&rows, None);
        let mut failures = Failures::default();
        let mut after = |act: &dyn Fn(&mut Failures)| {
            act(&mut failures);
            failures.refresh(rows);
            failures.listing().clone()
        };
        assert_eq!(after(&|_| ()).rows, [0, 2, 4]);
        assert_eq!(after(&|f| f.go(Motion::Down, 10)).rows, [1, 3]);
        after(&|f| assert!(f.step_in()));
        assert_eq!(after(&|f| f.go(Motion::Down, 10)).chosen(), Some(3));
        let all = after(&|f| f.regroup(rows));
        assert_eq!((all.rows.len(), all.chosen()), (5, Some(3)));
        let one = after(&|f| f.filter = Input::new("EVE taken".into()));
        assert_eq!((one.rows, one.row, one.passing), (vec![4], 0, 1));
        assert_eq!(after(&|f| f.filter = Input::new("nobody".into())).chosen(), None);
        assert_eq!(after(&|f| f.go(Motion::Last, 10)).chosen(), None);
    }
}
