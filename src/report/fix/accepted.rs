//! What the accepted cells of a column show. Each thing is worked out once, when a rejected cell needs it.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::rc::Rc;

use super::super::values::people;
use super::as_person::{self, PhoneStyle};
use super::as_text::tidy;
use super::as_word::Vocabulary;
use super::{as_amount, as_date};

/// So many accepted numbers that begin with 0 show that all do.
const ENOUGH: usize = 3;

/// The accepted cells of a column, blank ones left out.
#[derive(Default)]
pub(super) struct Accepted<'a> {
    cells: Vec<&'a str>,
    vocabulary: OnceCell<Vocabulary<'a>>,
    are_tidy: OnceCell<bool>,
    has_iso_date: OnceCell<bool>,
    years: OnceCell<Rc<[(i16, usize)]>>,
    amounts: OnceCell<Amounts>,
    zero_padded: OnceCell<Option<usize>>,
    phones: OnceCell<Option<PhoneStyle>>,
    phone_lead: OnceCell<Option<char>>,
    are_account_numbers: OnceCell<bool>,
    sort_codes: OnceCell<Option<&'static str>>,
    postcodes_spaced: OnceCell<bool>,
    ni_numbers_spaced: OnceCell<bool>,
}

/// What accepted numbers are like.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Amounts {
    pub(super) is_any_plain: bool,
    pub(super) is_any_above_1: bool,
    pub(super) is_any_negative: bool,
}

impl<'a> Accepted<'a> {
    pub(super) fn new(cells: Vec<&'a str>) -> Self {
        Self { cells, ..Self::default() }
    }

    fn cells(&self) -> impl Iterator<Item = &'a str> {
        self.cells.iter().copied().inspect(|_| {
            #[cfg(test)]
            super::super::steps::count();
        })
    }

    pub(super) fn vocabulary(&self) -> &Vocabulary<'a> {
        self.vocabulary.get_or_init(|| Vocabulary::accepted(self.cells()))
    }

    /// Whether there are cells, and none has what [`tidy`] would remove.
    pub(super) fn are_tidy(&self) -> bool {
        let are_tidy = || !self.cells.is_empty() && self.cells().all(|cell| tidy(cell).is_none());
        *self.are_tidy.get_or_init(are_tidy)
    }

    pub(super) fn has_iso_date(&self) -> bool {
        let is_date = |cell| as_date::parse(cell, "Y-m-d").is_some();
        *self.has_iso_date.get_or_init(|| self.cells().any(is_date))
    }

    /// The years of dates, each with how often it is there; `php` is how the column writes dates.
    pub(super) fn years(&self, php: &str) -> Rc<[(i16, usize)]> {
        let years = || {
            let mut years: BTreeMap<i16, usize> = BTreeMap::new();
            let dates = self.cells().filter_map(|cell| as_date::parse(cell, php));
            dates.for_each(|date| *years.entry(date.year()).or_default() += 1);
            years.into_iter().collect()
        };
        Rc::clone(self.years.get_or_init(years))
    }

    pub(super) fn amounts(&self) -> Amounts {
        *self.amounts.get_or_init(|| {
            self.cells().fold(Amounts::default(), |amounts, cell| {
                let number = cell.parse::<f64>().ok().filter(|_| as_amount::is_plain(cell));
                Amounts {
                    is_any_plain: amounts.is_any_plain || number.is_some(),
                    is_any_above_1: amounts.is_any_above_1 || number.is_some_and(|number| number > 1.0),
                    is_any_negative: amounts.is_any_negative || number.is_some_and(|number| number < 0.0),
                }
            })
        })
    }

    /// How many digits all of them have, if they all begin with 0.
    pub(super) fn zero_padded(&self) -> Option<usize> {
        *self.zero_padded.get_or_init(|| {
            let length = self.cells.first()?.len();
            let is_padded = |cell: &str| cell.starts_with('0') && cell.len() == length;
            (self.cells.len() >= ENOUGH && self.cells().all(is_padded)).then_some(length)
        })
    }

    /// How most telephone numbers are written.
    pub(super) fn phone_style(&self) -> Option<&PhoneStyle> {
        let style = || most_frequent(self.cells().filter_map(PhoneStyle::of));
        self.phones.get_or_init(style).as_ref()
    }

    /// The digit behind the 0 of all of them, if all are telephone numbers of Britain.
    pub(super) fn phone_lead(&self) -> Option<char> {
        let lead = |cell: &'a str| {
            PhoneStyle::of(cell)?;
            cell.strip_prefix("+44").or_else(|| cell.strip_prefix('0'))?.chars().next()
        };
        *self.phone_lead.get_or_init(|| {
            let first = lead(self.cells.first()?);
            first.filter(|_| self.cells().all(|cell| lead(cell) == first))
        })
    }

    /// Whether there are cells, and all are eight digits.
    pub(super) fn are_account_numbers(&self) -> bool {
        let is_number = |cell: &str| cell.len() == 8 && cell.bytes().all(|b| b.is_ascii_digit());
        *self.are_account_numbers.get_or_init(|| !self.cells.is_empty() && self.cells().all(is_number))
    }

    /// What stands between the pairs of most sort codes; empty for nothing.
    pub(super) fn sort_code_separator(&self) -> Option<&'static str> {
        let separator = |cell: &str| match (cell.len(), as_person::sort_code(cell)) {
            (6, Some((_, false))) => Some(""),
            (8, Some(_)) if cell.contains('-') => Some("-"),
            (8, Some(_)) => Some(" "),
            _ => None,
        };
        *self.sort_codes.get_or_init(|| most_frequent(self.cells().filter_map(separator)))
    }

    /// Whether postcodes have their space, as they should; unless most have none.
    pub(super) fn postcodes_are_spaced(&self) -> bool {
        *self.postcodes_spaced.get_or_init(|| {
            let (spaced, close) = self.spaced(|cell| people::postcode(cell).is_none());
            spaced >= close
        })
    }

    /// Whether most National Insurance numbers are written in pairs.
    pub(super) fn ni_numbers_are_spaced(&self) -> bool {
        *self.ni_numbers_spaced.get_or_init(|| {
            let (spaced, close) = self.spaced(|cell| as_person::national_insurance(cell, false).is_some());
            spaced > close
        })
    }

    /// How many of the values have blanks, and how many have none.
    fn spaced(&self, is_value: impl Fn(&str) -> bool) -> (usize, usize) {
        self.cells().filter(|cell| is_value(cell)).fold((0, 0), |(spaced, close), cell| {
            if cell.trim().contains(' ') { (spaced + 1, close) } else { (spaced, close + 1) }
        })
    }
}

/// The first of those that are there most often.
fn most_frequent<T: Eq + Hash>(items: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, (usize, usize)> = HashMap::new();
    for (order, item) in items.enumerate() {
        counts.entry(item).or_insert((0, order)).0 += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, (count, order))| (*count, Reverse(*order)));
    most.map(|(item, _)| item)
}
