//! The state of the failed-rows screen: grouping, filter, selection.

use std::sync::Arc;

use tui_input::Input;

use super::comparison::ComparedRun;
use crate::app::keymap::Motion;
use crate::domain::redact::Redaction;
use crate::domain::text::SafeText;
use crate::query::FilterError;
use crate::report::FailedRows;
use crate::report::filter::{Change, Filter};
use crate::report::fix::RowState;

/// How failed rows are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grouping {
    /// Reasons on the left, the rows of the chosen one on the right.
    #[default]
    Reason,
    /// One by one.
    Row,
}

/// Which of the two lists has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    #[default]
    Reasons,
    Rows,
}

/// What the user has chosen on the failed-rows screen. The rows themselves belong to the import.
#[derive(Debug, Default)]
pub struct FailuresScreen {
    pub grouping: Grouping,
    /// The text that rows are filtered by.
    pub filter: Input,
    /// What is wrong with the filter text; the invalid term is ignored.
    pub mistake: Option<FilterError>,
    /// How much of each row is fixed, if the user fixes them.
    pub states: Option<Arc<Vec<RowState>>>,
    side: Side,
    group: Option<GroupKey>,
    row: usize,
    order: Option<RowOrder>,
    shift: usize,
    listing: Listing,
    /// What the listing was made from: a report of 100,000 rows is not listed again for nothing.
    inputs: Option<ListingInputs>,
}

/// A line among the reasons: a field with one message, or with all its reasons together.
#[derive(Debug, Clone, PartialEq, Eq)]
struct GroupKey {
    field: SafeText,
    message: Option<SafeText>,
}

/// An order of rows by one of the client's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowOrder {
    /// The column's position.
    pub column: usize,
    /// From large to small.
    pub descending: bool,
}

/// Everything that a listing depends on.
#[derive(Debug, PartialEq)]
struct ListingInputs {
    rows: Same<FailedRows>,
    compared: Option<Same<FailedRows>>,
    fixed: Option<Same<Vec<RowState>>>,
    filter: String,
    grouping: Grouping,
    group: Option<GroupKey>,
    order: Option<RowOrder>,
}

/// Compares by identity. Keeps what it compares alive, so that nothing else can take its address.
#[derive(Debug)]
struct Same<T>(Arc<T>);

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// A line among the reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The Plannr field; empty where it is unknown.
    pub field: SafeText,
    /// The field's position in [`FailedRows::fields`].
    pub of_field: usize,
    /// The reason's position in [`FailedRows::reasons`]; `None` for all reasons of the field together.
    pub reason: Option<usize>,
    /// Its rows that pass the filter, ascending.
    pub rows: Vec<usize>,
    /// Whether it is indented below the line of its field.
    pub nested: bool,
}

/// The failed rows as listed: after filter and grouping.
#[derive(Debug, Default)]
pub struct Listing {
    /// The rows that the positions below refer to: the import's, or those of the other run.
    pub of: Option<Arc<FailedRows>>,
    /// Fields and reasons of the rows that pass the filter, the most frequent field first.
    pub groups: Vec<Group>,
    /// The chosen group's position; `None` when rows are not grouped or there are none.
    pub group: Option<usize>,
    /// The rows listed.
    pub rows: Vec<usize>,
    /// The chosen row's position in `rows`; below its length, or 0.
    pub row: usize,
    /// How many rows pass the filter.
    pub passing: usize,
    /// How many reasons they have.
    pub reasons: usize,
    /// Whether these are the rows that only the other run has.
    pub from_other_run: bool,
}

impl Listing {
    /// The chosen row's position in [`Listing::of`].
    pub fn chosen(&self) -> Option<usize> {
        self.rows.get(self.row).copied()
    }

    pub fn chosen_group(&self) -> Option<&Group> {
        self.groups.get(self.group?)
    }
}

impl FailuresScreen {
    /// Which list has the focus.
    pub fn side(&self) -> Side {
        match self.grouping {
            Grouping::Reason => self.side,
            Grouping::Row => Side::Rows,
        }
    }

    /// The listing as of the last [`FailuresScreen::refresh`].
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// Updates the listing. To be called whenever the rows, the filter or the choice changed.
    pub fn refresh(&mut self, rows: &Arc<FailedRows>, compared: Option<&ComparedRun>) {
        let inputs = Some(ListingInputs {
            rows: Same(rows.clone()),
            compared: compared.map(|compared| Same(compared.other.clone())),
            fixed: self.states.clone().map(Same),
            filter: self.filter.value().to_owned(),
            grouping: self.grouping,
            group: self.group.clone(),
            order: self.order,
        });
        if inputs == self.inputs {
            return;
        }
        self.inputs = inputs;
        let parse = |rows: &FailedRows| {
            Filter::parse(self.filter.value(), rows, (compared.is_some(), self.states.is_some()))
        };
        let (filter, mistake) = parse(rows);
        self.mistake = mistake;
        // Rows that only the other run has are listed from there.
        let other = compared.filter(|compared| filter.wants(compared.change_in_other()));
        let (of, passing) = match other {
            Some(compared) => {
                let alone = |row: &usize| compared.only_in_other.binary_search(row).is_ok();
                let change = |row: usize| Some(row).filter(alone).map(|_| compared.change_in_other());
                // Parsed again, because the columns are those of the other file.
                let (filter, _) = parse(&compared.other);
                (&compared.other, filter.rows(&compared.other, change, |_| None))
            }
            None => {
                let state = |row: usize| self.states.as_ref()?.get(row).copied();
                (rows, filter.rows(rows, |row| compared?.change(row), state))
            }
        };
        // What fails newly comes first.
        let is_old = |row: &usize| {
            other.is_none() && compared.is_some_and(|compared| compared.change(*row) != Some(Change::New))
        };
        let groups = groups(of, &passing, is_old);
        let group = match self.grouping {
            Grouping::Row => None,
            Grouping::Reason => {
                let chosen = |group: &Group| self.group.as_ref().is_some_and(|key| *key == group.key(of));
                (!groups.is_empty()).then(|| groups.iter().position(chosen).unwrap_or(0))
            }
        };
        let count = passing.len();
        let mut listed = match group.and_then(|at| groups.get(at)) {
            Some(group) => group.rows.clone(),
            None => passing,
        };
        match self.order {
            Some(order) => arrange(of, &mut listed, order),
            None => listed.sort_by_key(is_old),
        }
        self.row = self.row.min(listed.len().saturating_sub(1));
        self.listing = Listing {
            of: Some(of.clone()),
            reasons: groups.iter().filter(|group| group.reason.is_some()).count(),
            groups,
            group,
            rows: listed,
            row: self.row,
            passing: count,
            from_other_run: other.is_some(),
        };
    }

    /// Moves in the focused list.
    pub fn go(&mut self, motion: Motion, page: usize) {
        match self.side() {
            Side::Reasons => {
                let from = self.listing.group.unwrap_or(0);
                self.choose_group(motion.apply(from, page, self.listing.groups.len()));
            }
            Side::Rows => self.choose_row(motion.apply(self.listing.row, page, self.listing.rows.len())),
        }
    }

    /// Chooses a field or reason by position, and its first row.
    pub fn choose_group(&mut self, at: usize) {
        if let (Some(group), Some(of)) = (self.listing.groups.get(at), &self.listing.of) {
            self.group = Some(group.key(of));
            self.side = Side::Reasons;
            self.row = 0;
        }
    }

    /// Chooses the group of a reason by its position in [`FailedRows::reasons`].
    pub fn choose_reason(&mut self, reason: usize) {
        if let Some(at) = self.listing.groups.iter().position(|group| group.reason == Some(reason)) {
            self.choose_group(at);
        }
    }

    /// Chooses a row by its position in the listing.
    pub fn choose_row(&mut self, at: usize) {
        self.side = Side::Rows;
        self.row = at;
        self.listing.row = at.min(self.listing.rows.len().saturating_sub(1));
    }

    /// The order of the rows; `None` is the server's.
    pub fn order(&self) -> Option<RowOrder> {
        self.order
    }

    /// Sorts by the first visible column, then by the next one; after the last in the server's order.
    pub fn sort_next(&mut self) {
        let columns = self.column_order();
        let next = match self.order {
            None => Some(self.shift),
            Some(order) => columns.iter().position(|column| *column == order.column).map(|at| at + 1),
        };
        let column = next.and_then(|next| columns.get(next)).copied();
        self.order = column.map(|column| RowOrder { column, descending: false });
    }

    /// The client's columns in the order in which they are listed: where rows are listed one by one, those that reasons are
    /// about come first.
    pub fn column_order(&self) -> Vec<usize> {
        let Some(of) = &self.listing.of else { return Vec::new() };
        let mut order: Vec<usize> = (0..of.own().len()).collect();
        if self.grouping == Grouping::Row {
            let mut fails = vec![false; order.len()];
            for column in of.reasons().iter().filter_map(|reason| reason.column) {
                let at = of.own().binary_search(&column).ok();
                if let Some(fails) = at.and_then(|at| fails.get_mut(at)) {
                    *fails = true;
                }
            }
            order.sort_by_key(|at| fails.get(*at) != Some(&true));
        }
        order
    }

    /// How many columns the client's rows have.
    fn columns(&self) -> usize {
        self.listing.of.as_ref().map_or(0, |of| of.own().len())
    }

    /// Sorts by a column; by the same one again: reverses.
    pub fn sort_by(&mut self, column: usize) {
        let again = self.order.filter(|order| order.column == column);
        self.order = Some(RowOrder { column, descending: again.is_some_and(|order| !order.descending) });
    }

    pub fn sort_reverse(&mut self) {
        let order = self.order.unwrap_or(RowOrder { column: 0, descending: false });
        self.order = Some(RowOrder { descending: !order.descending, ..order });
    }

    /// How many of the client's columns are scrolled away to the left.
    pub fn shift(&self) -> usize {
        self.shift
    }

    /// Whether no column is further to the right.
    pub fn shows_last_column(&self) -> bool {
        self.shift + 1 >= self.columns()
    }

    pub fn shift_by(&mut self, by: isize) {
        self.shift = self.shift.saturating_add_signed(by).min(self.columns().saturating_sub(1));
    }

    pub fn list_rows(&mut self) {
        self.grouping = Grouping::Row;
    }

    /// Moves the focus to a list.
    pub fn focus(&mut self, side: Side) {
        self.side = side;
    }

    /// Moves the focus to the other list.
    pub fn switch(&mut self) {
        self.side = match self.side {
            Side::Reasons => Side::Rows,
            Side::Rows => Side::Reasons,
        };
    }

    /// From the reasons to their rows; `false` if the rows had the focus already.
    pub fn step_in(&mut self) -> bool {
        let entered = self.side() == Side::Reasons;
        self.side = Side::Rows;
        entered
    }

    /// Whether there is a step from the rows back to the reasons.
    pub fn can_step_out(&self) -> bool {
        self.grouping == Grouping::Reason && self.side == Side::Rows
    }

    /// From the rows back to the reasons; `false` if there is no such step.
    pub fn step_out(&mut self) -> bool {
        let left = self.can_step_out();
        self.side = Side::Reasons;
        left
    }

    /// By reason or one by one; the chosen row stays chosen.
    pub fn regroup(&mut self, rows: &Arc<FailedRows>, compared: Option<&ComparedRun>) {
        let chosen = self.listing.chosen();
        self.grouping = match self.grouping {
            Grouping::Reason => Grouping::Row,
            Grouping::Row => Grouping::Reason,
        };
        self.refresh(rows, compared);
        let at = chosen.and_then(|row| self.listing.rows.iter().position(|at| *at == row));
        self.row = at.unwrap_or(0);
        self.listing.row = self.row;
    }
}

impl Group {
    fn key(&self, of: &FailedRows) -> GroupKey {
        let message = self.reason.and_then(|at| of.reasons().get(at)).map(|reason| reason.message.clone());
        GroupKey { field: self.field.clone(), message }
    }

    /// The name for a file of its rows: the column that failed, else the field.
    pub fn name(&self, of: &FailedRows, redaction: Redaction) -> String {
        let reasons = of.fields().get(self.of_field);
        let column = reasons.and_then(|count| of.reasons().get(*count.reasons.first()?)?.column);
        let name = column.map_or_else(
            || of.text(self.field.as_str(), redaction),
            |column| of.column_title(column, redaction),
        );
        name.to_string()
    }
}

/// Fields and reasons of the rows that pass. A field with a single reason takes one line.
/// Those with a row that is not `old` come first.
fn groups(of: &FailedRows, passing: &[usize], is_old: impl Fn(&usize) -> bool) -> Vec<Group> {
    let mut passes = vec![passing.len() == of.len(); of.len()];
    for row in passing {
        if let Some(passes) = passes.get_mut(*row) {
            *passes = true;
        }
    }
    let kept = |rows: &[usize]| -> Vec<usize> {
        rows.iter().copied().filter(|row| passes.get(*row) == Some(&true)).collect()
    };
    let mut fields = Vec::new();
    for (of_field, count) in of.fields().iter().enumerate() {
        let field = &count.field;
        let reason = |at: &usize| {
            let rows = kept(&of.reasons().get(*at)?.rows);
            let group = Group { field: field.clone(), of_field, reason: Some(*at), rows, nested: false };
            Some(group).filter(|group| !group.rows.is_empty())
        };
        let mut reasons: Vec<Group> = count.reasons.iter().filter_map(reason).collect();
        reasons.sort_by_key(|group| (group.rows.iter().all(&is_old), std::cmp::Reverse(group.rows.len())));
        let rows = kept(&count.rows);
        let order = (rows.iter().all(&is_old), std::cmp::Reverse(rows.len()));
        if reasons.len() > 1 {
            reasons.iter_mut().for_each(|group| group.nested = true);
            reasons.insert(0, Group { field: field.clone(), of_field, reason: None, rows, nested: false });
        }
        fields.push((order, reasons));
    }
    fields.sort_by_key(|(order, _)| *order);
    fields.into_iter().flat_map(|(_, groups): (_, Vec<Group>)| groups).collect()
}

/// Sorts rows by one of the client's columns: numbers by size, text ignoring case.
fn arrange(of: &FailedRows, rows: &mut [usize], order: RowOrder) {
    let column = of.own().get(order.column).copied().unwrap_or(usize::MAX);
    rows.sort_by_cached_key(|row| CellSortKey::new(of.cell(*row, column).raw()));
    if order.descending {
        rows.reverse();
    }
}

/// What a cell is sorted by: numbers before text, blanks last.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum CellSortKey {
    Number(i128),
    Text(String),
    Blank,
}

impl CellSortKey {
    fn new(value: &str) -> Self {
        let value = value.trim();
        let plain: String = value.chars().filter(|c| !matches!(c, ',' | '£')).collect();
        match plain.parse::<f64>() {
            _ if value.is_empty() => Self::Blank,
            // To four decimal places, which is what money and units have.
            Ok(number) if number.is_finite() => Self::Number((number * 10_000.0) as i128),
            _ => Self::Text(value.to_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::{Cells, FailedRow, Problem};
    use crate::report::{ApiView, Limits};

    fn rows() -> Arc<FailedRows> {
        let rows = [
            ("Ann", "email", "taken"),
            ("Bob", "phone", "bad"),
            ("Cid", "email", "taken"),
            ("Dot", "phone", "bad"),
            ("Eve", "email", "taken"),
        ]
        .map(|(name, field, message)| FailedRow {
            cells: Cells::from_iter([("name", name)]),
            problems: vec![Problem { field: field.into(), messages: vec![message.into()] }],
        })
        .to_vec();
        Arc::new(FailedRows::of_sample(&rows, None))
    }

    #[test]
    fn reasons_rows_and_the_filter_narrow_one_another() {
        let rows = rows();
        let mut failures = FailuresScreen::default();
        let mut after = |act: &dyn Fn(&mut FailuresScreen)| {
            act(&mut failures);
            failures.refresh(&rows, None);
            let listing = failures.listing();
            (listing.rows.clone(), listing.chosen(), listing.row, listing.passing)
        };
        assert_eq!(after(&|_| ()).0, [0, 2, 4]);
        assert_eq!(after(&|f| f.go(Motion::Down, 10)).0, [1, 3]);
        after(&|f| assert!(f.step_in()));
        assert_eq!(after(&|f| f.go(Motion::Down, 10)).1, Some(3));
        let (all, chosen, ..) = after(&|f| f.regroup(&rows, None));
        assert_eq!((all.len(), chosen), (5, Some(3)));
        let (one, _, row, passing) = after(&|f| f.filter = Input::new("EVE taken".into()));
        assert_eq!((one, row, passing), (vec![4], 0, 1));
        assert_eq!(after(&|f| f.filter = Input::new("nobody".into())).1, None);
        assert_eq!(after(&|f| f.go(Motion::Last, 10)).1, None);
    }

    #[test]
    fn a_field_with_several_reasons_has_a_line_of_its_own() {
        let csv = "dob,email,errors\n\
            1,a,The dob is not a valid date.\n\
            2,b,\"The dob does not match the format Y-m-d., The email is invalid.\"\n\
            3,c,The dob is not a valid date.\n";
        let rows = FailedRows::read(csv.as_bytes(), &Limits::default(), &ApiView::default()).unwrap();
        let listed: Vec<_> = groups(&rows, &[0, 1, 2], |_| true)
            .into_iter()
            .map(|group| {
                let reason = group.reason.map(|at| rows.reasons()[at].short().to_owned());
                (group.field.to_string(), reason, group.rows, group.nested)
            })
            .collect();
        assert_eq!(
            listed,
            [
                ("dob".to_owned(), None, vec![0, 1, 2], false),
                ("dob".to_owned(), Some("is not a valid date".to_owned()), vec![0, 2], true),
                ("dob".to_owned(), Some("does not match the format Y-m-d".to_owned()), vec![1], true),
                ("email".to_owned(), Some("is invalid".to_owned()), vec![1], false),
            ]
        );
        // The filter leaves the field a single reason: one line.
        assert_eq!(groups(&rows, &[0], |_| true).len(), 1);
    }
}
