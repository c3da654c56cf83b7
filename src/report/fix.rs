//! Failed rows corrected: what is wrong in a way that has one remedy is proposed, everything else is left and counted.
//!
//! What a rule wants is what the server's messages and the accepted cells of the same column say. An accepted cell is
//! never touched, a value with two readings never guessed, and no value is proposed that would still break a rule.
//!
//! ```text
//!   FailedRows -> demand  what each message wants
//!              -> column  one rejected cell -> changed | undecided | left (accepted: what accepted cells show)
//!                   as_date, as_amount, as_text, as_person, as_word: texts read as what was wanted
//!              -> Proposals  the changes of a column that are alike, and what is left
//!                   -> Fixes  those that are taken, and cells edited by hand: which rows are fixed
//! ```

mod accepted;
mod as_amount;
mod as_date;
mod as_person;
mod as_text;
mod as_word;
mod century;
mod column;
mod demand;
mod fixes;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

use jiff::civil::Date;

use crate::domain::failure::name_key;

pub use self::as_date::First;
use self::column::{Column, Correction};
use self::demand::{Candidate, Demand};
pub use self::fixes::{Fixes, RowState};
use super::reasons::Reason;
use super::{Cancel, FailedRows};

/// A column with more different rules is checked against the most frequent.
const MOST_DEMANDS: usize = 50;

/// What kind of mistake is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Dates,
    Amounts,
    Booleans,
    Blanks,
    Emails,
    Postcodes,
    NiNumbers,
    Phones,
    BankNumbers,
    Placeholders,
    Words,
    Mojibake,
}

impl Kind {
    pub const ALL: [Self; 12] = [
        Self::Dates,
        Self::Amounts,
        Self::Booleans,
        Self::Blanks,
        Self::Emails,
        Self::Postcodes,
        Self::NiNumbers,
        Self::Phones,
        Self::BankNumbers,
        Self::Placeholders,
        Self::Words,
        Self::Mojibake,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dates => "dates",
            Self::Amounts => "amounts",
            Self::Booleans => "booleans",
            Self::Blanks => "blanks",
            Self::Emails => "emails",
            Self::Postcodes => "postcodes",
            Self::NiNumbers => "ni-numbers",
            Self::Phones => "phones",
            Self::BankNumbers => "bank-numbers",
            Self::Placeholders => "placeholders",
            Self::Words => "words",
            Self::Mojibake => "mojibake",
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name.trim());
        found.ok_or_else(|| format!("unknown kind {name:?}; use {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// Cells of one column that are changed in one way, or left for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The column of the table.
    pub column: usize,
    /// `None` for cells that are left and of no kind: only a person knows.
    pub kind: Option<Kind>,
    /// How they are changed (`DD/MM/YYYY → YYYY-MM-DD`), or why they are left. Holds no client's value.
    pub how: Cow<'static, str>,
    /// What is changed, by ascending row.
    pub cells: Vec<Change>,
    /// The rows whose cells are left, ascending; those of a decision included.
    pub left: Vec<usize>,
    /// What one decision of the user would change.
    pub decision: Option<Decision>,
}

/// A changed cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub row: usize,
    /// The client's value, corrected. Untrusted as the value before it.
    pub after: Box<str>,
}

/// Dates that can be read in two ways, for the user to decide once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// How many other dates of the column can only be read day first.
    pub day_first: usize,
    /// How many only month first.
    pub month_first: usize,
    pub cells: Vec<Undecided>,
}

/// A date that can be read in two ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    pub row: usize,
    pub day_first: Box<str>,
    pub month_first: Box<str>,
}

impl Undecided {
    pub fn after(&self, first: First) -> &str {
        match first {
            First::Day => &self.day_first,
            First::Month => &self.month_first,
        }
    }
}

impl Decision {
    /// What the other dates of the column show.
    pub fn evidence(&self) -> String {
        match (self.day_first, self.month_first) {
            (0, 0) => "no other date of the column can be read in one way only".to_owned(),
            (days, 0) => format!("the other {days} {} day first", if days == 1 { "is" } else { "are" }),
            (0, months) => {
                format!("the other {months} {} month first", if months == 1 { "is" } else { "are" })
            }
            (days, months) => format!("of the others {days} are day first, {months} month first"),
        }
    }
}

impl Proposal {
    /// Whether there is something to take or to decide.
    pub fn changes_cells(&self) -> bool {
        !self.cells.is_empty() || self.decision.is_some()
    }

    /// How many cells it is about, changed or left.
    pub fn count(&self) -> usize {
        self.cells.len() + self.left.len()
    }

    /// The row of the nth of them.
    pub fn row(&self, nth: usize) -> Option<usize> {
        match nth.checked_sub(self.cells.len()) {
            None => self.cells.get(nth).map(|cell| cell.row),
            Some(nth) => self.left.get(nth).copied(),
        }
    }

    /// What it does to how many cells, or which it leaves. Holds no client's value.
    pub fn sentence(&self) -> String {
        let cells = |count: usize| format!("{count} {}", if count == 1 { "cell" } else { "cells" });
        match &self.decision {
            Some(decision) => {
                format!("{} left: {}; {}", cells(self.left.len()), self.how, decision.evidence())
            }
            None if self.cells.is_empty() => format!("{} left: {}", cells(self.left.len()), self.how),
            None => format!("{}: {}", cells(self.cells.len()), self.how),
        }
    }
}

/// Everything that is proposed for an import's failed rows, and what is left, the largest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proposals {
    list: Vec<Proposal>,
    /// Where each changed or undecided cell is, by row and column.
    places: Vec<Place>,
    today: Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    row: u32,
    column: u32,
    proposal: u32,
    at: u32,
}

impl Proposals {
    /// Works them out; incomplete if it is cancelled. `today` is what `before today` means.
    pub fn of(rows: &FailedRows, today: Date, cancel: &Cancel) -> Self {
        // A row that also fails for something without a column may not have been looked at in full.
        let is_evidence: Vec<bool> = (0..rows.len())
            .map(|row| rows.problems_of(row, None).next().is_none() && !rows.table.is_broken(row))
            .collect();
        let mut reasons: BTreeMap<usize, Vec<&Reason>> = BTreeMap::new();
        for reason in rows.reasons() {
            if let Some(column) = reason.column.filter(|column| rows.columns.is_own(*column)) {
                reasons.entry(column).or_default().push(reason);
            }
        }
        let names = Names::of(rows);
        let mut list = Vec::new();
        for (column, reasons) in reasons {
            if cancel.is_set() {
                break;
            }
            if names.are_shared(rows, column) {
                let mut left: Vec<usize> =
                    reasons.iter().flat_map(|reason| reason.rows.iter().copied()).collect();
                left.sort_unstable();
                left.dedup();
                let how = "another column has the same name: the message may be about either".into();
                list.push(Proposal { column, kind: None, how, cells: Vec::new(), left, decision: None });
                continue;
            }
            of_column(rows, &names, column, &reasons, &is_evidence, today, cancel, &mut list);
        }
        Self::sorted(list, today)
    }

    fn sorted(mut list: Vec<Proposal>, today: Date) -> Self {
        list.sort_by_key(|proposal| {
            std::cmp::Reverse((proposal.cells.len(), proposal.decision.is_some(), proposal.left.len()))
        });
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let mut places = Vec::new();
        for (nth, proposal) in list.iter().enumerate() {
            let decided =
                proposal.decision.iter().flat_map(|decision| decision.cells.iter().map(|cell| cell.row));
            let rows = proposal.cells.iter().map(|cell| cell.row);
            let place = |(at, row)| Place {
                row: number(row),
                column: number(proposal.column),
                proposal: number(nth),
                at: number(at),
            };
            places.extend(rows.enumerate().chain(decided.enumerate()).map(place));
        }
        places.sort_unstable();
        Self { list, places, today }
    }

    /// Only those of these kinds, if any are named, and of this column.
    pub fn only(self, kinds: &[Kind], column: Option<usize>) -> Self {
        let kept = |proposal: &Proposal| {
            let kind = kinds.is_empty() || proposal.kind.is_some_and(|kind| kinds.contains(&kind));
            kind && column.is_none_or(|column| column == proposal.column)
        };
        let today = self.today;
        Self::sorted(self.list.into_iter().filter(kept).collect(), today)
    }

    pub fn list(&self) -> &[Proposal] {
        &self.list
    }

    /// The proposal that changes a cell, or would once it is decided.
    pub fn of_cell(&self, row: usize, column: usize) -> Option<usize> {
        self.place(row, column).map(|(proposal, _)| proposal)
    }

    /// The proposal that a cell belongs to, and its place among the changes or the undecided cells.
    fn place(&self, row: usize, column: usize) -> Option<(usize, usize)> {
        let key = |place: &Place| (place.row as usize, place.column as usize);
        let at = self.places.partition_point(|place| key(place) < (row, column));
        let place = self.places.get(at).filter(|place| key(place) == (row, column))?;
        Some((place.proposal as usize, place.at as usize))
    }
}

/// The columns of the client's file by what they are called.
struct Names(HashMap<String, Vec<usize>>);

impl Names {
    fn of(rows: &FailedRows) -> Self {
        let mut names: HashMap<String, Vec<usize>> = HashMap::new();
        for column in rows.own() {
            for key in Self::keys(rows, *column) {
                names.entry(key).or_default().push(*column);
            }
        }
        Self(names)
    }

    /// Its header and the field that it is imported into.
    fn keys(rows: &FailedRows, column: usize) -> impl Iterator<Item = String> {
        let field = rows.field(column).map(name_key);
        let header = Some(name_key(rows.table.header(column))).filter(|key| field.as_ref() != Some(key));
        header.into_iter().chain(field).filter(|key| !key.is_empty())
    }

    /// Whether another column has one of its names.
    fn are_shared(&self, rows: &FailedRows, column: usize) -> bool {
        Self::keys(rows, column).any(|key| self.0.get(&key).is_some_and(|columns| columns.len() > 1))
    }

    /// The date that a row has in another field, where that is plain.
    fn date_of(&self, rows: &FailedRows, row: usize, field: &str) -> Option<Date> {
        let [column] = self.0.get(&name_key(field))?.as_slice() else { return None };
        as_date::parse(rows.table.cell(row, *column), "Y-m-d")
    }
}

/// Adds the proposals of one column.
#[expect(clippy::too_many_arguments, reason = "one call, and each of them is what it says")]
fn of_column(
    rows: &FailedRows,
    names: &Names,
    column: usize,
    reasons: &[&Reason],
    is_evidence: &[bool],
    today: Date,
    cancel: &Cancel,
    list: &mut Vec<Proposal>,
) {
    // Which demands are about which row; a hostile report has as many as rows.
    let mut demands: Vec<Demand> = Vec::new();
    let mut own: Vec<(usize, usize)> = Vec::new();
    for reason in reasons {
        let demand = Demand::of(reason.field.as_str(), reason.message.as_str());
        let known = demands.iter().take(MOST_DEMANDS).position(|known| *known == demand);
        let place = known.unwrap_or(demands.len());
        if place == demands.len() {
            demands.push(demand);
        }
        own.extend(reason.rows.iter().map(|row| (*row, place)));
    }
    own.sort_unstable();
    own.dedup();
    let mut rejected = own.iter().map(|(row, _)| *row).peekable();
    let cells = is_evidence.iter().enumerate().map(|(row, evident)| {
        let mut is_rejected = false;
        while rejected.next_if(|next| *next <= row).is_some() {
            is_rejected = true;
        }
        (rows.table.cell(row, column), if is_rejected { Some(false) } else { evident.then_some(true) })
    });
    let field = reasons.first().map_or("", |reason| reason.field.as_str());
    let general = demands.iter().take(MOST_DEMANDS).cloned().collect();
    let known = Column::new(field, general, cells, today);
    let mut found: HashMap<(Option<Kind>, Cow<'static, str>, u8), usize> = HashMap::new();
    for about in own.chunk_by(|a, b| a.0 == b.0).take_while(|_| !cancel.is_set()) {
        let Some((row, _)) = about.first().copied() else { continue };
        let wanted: Vec<&Demand> = about.iter().filter_map(|(_, place)| demands.get(*place)).collect();
        let correction = match rows.table.is_broken(row) {
            true => Correction::Left { kind: None, why: "the row's quotation marks are unbalanced" },
            false => {
                known.correct(rows.table.cell(row, column), &wanted, &|field| names.date_of(rows, row, field))
            }
        };
        let (kind, how, sort) = match &correction {
            Correction::Changed { kind, how, .. } => (Some(*kind), how.clone(), 0),
            Correction::Undecided { how, .. } => (Some(Kind::Dates), how.clone(), 1),
            Correction::Left { kind, why } => (*kind, Cow::Borrowed(*why), 2),
        };
        let place = *found.entry((kind, how.clone(), sort)).or_insert_with(|| {
            let order = known.date_order();
            let decision = (sort == 1).then(|| Decision {
                day_first: order.day_first,
                month_first: order.month_first,
                cells: Vec::new(),
            });
            list.push(Proposal { column, kind, how, cells: Vec::new(), left: Vec::new(), decision });
            list.len() - 1
        });
        let Some(proposal) = list.get_mut(place) else { continue };
        match correction {
            Correction::Changed { after, .. } => proposal.cells.push(Change { row, after: after.into() }),
            Correction::Undecided { day_first, month_first, .. } => {
                proposal.left.push(row);
                let cell = Undecided { row, day_first: day_first.into(), month_first: month_first.into() };
                proposal.decision.iter_mut().for_each(|decision| decision.cells.push(cell.clone()));
            }
            Correction::Left { .. } => proposal.left.push(row),
        }
    }
}

/// Whether a value that was typed meets what the messages about its cell want, as far as they say it. Which values the
/// server knows is not looked at.
fn meets_rules(rows: &FailedRows, (row, column): (usize, usize), value: &str, today: Date) -> bool {
    let names = Names::of(rows);
    let date_of = |field: &str| names.date_of(rows, row, field);
    rows.problems_of(row, Some(column)).all(|problem| {
        let demand = Demand::of(problem.field.as_str(), problem.message);
        let date = as_date::parse(value, demand.format.as_deref().unwrap_or("Y-m-d"));
        demand.is_met_by(&Candidate { value, date, today, date_of: &date_of })
    })
}

#[cfg(test)]
mod tests;
