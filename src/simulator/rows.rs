//! The failed rows of one import, each made when it is asked for: the client's own columns, and why it failed.

use fastrand::Rng;

use super::dice::{dice, mix, pick, unit};
use super::kinds::{Cell, Column, Flaw, Kind};
use super::people::{self, Person};
use super::rules::Rule;
use super::words;

/// The columns of one import's file, and the mistakes its author makes.
pub(super) struct Sheet {
    seed: u64,
    style: usize,
    columns: Vec<&'static Column>,
    /// Each with its share of all mistakes, summed up to itself.
    flaws: Vec<(&'static Flaw, f64)>,
}

/// A failed row.
pub(super) struct Failure {
    /// One cell for each header.
    pub(super) cells: Vec<String>,
    /// Plannr field and what the validator says of it.
    pub(super) errors: Vec<(&'static str, Vec<String>)>,
}

impl Sheet {
    pub(super) fn new(seed: u64, kind: &'static Kind, mode: &str) -> Sheet {
        let seed = mix(seed, 0x5ee7);
        let style = usize::from(unit(seed, 1) < 0.4);
        let columns: Vec<&Column> = kind
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| !header(column, style).is_empty())
            .filter(|(nth, column)| {
                let checked = kind.flaws.iter().any(|flaw| flaw.field == column.field);
                let kept = if column.field.is_empty() { 0.5 } else { 0.85 };
                checked || unit(seed, 10 + *nth as u64) < kept
            })
            .map(|(_, column)| column)
            .collect();
        let mut sum = 0.0;
        let flaws = kind
            .flaws
            .iter()
            .enumerate()
            .filter(|(_, flaw)| mode != "update" || flaw.rule != Rule::Unique)
            .filter(|(_, flaw)| {
                flaw.rule == Rule::Required || columns.iter().any(|column| column.field == flaw.field)
            })
            .map(|(nth, flaw)| {
                // One or two mistakes dominate a file.
                sum += f64::from(flaw.weight) * (0.1 + 3.0 * unit(seed, 50 + nth as u64).powi(4));
                (flaw, sum)
            })
            .collect();
        Sheet { seed, style, columns, flaws }
    }

    /// The headers of the file, in its order.
    pub(super) fn headers(&self) -> Vec<&'static str> {
        self.columns.iter().map(|column| header(column, self.style)).collect()
    }

    /// Header and Plannr field (empty: maps to nothing), in the file's order.
    pub(super) fn mapping(&self) -> Vec<(&'static str, &'static str)> {
        self.columns.iter().map(|column| (header(column, self.style), column.field)).collect()
    }

    /// Row number `row` of the file (from 0), as one that failed.
    pub(super) fn failure(&self, row: u64) -> Failure {
        let mut dice = dice(self.seed, row);
        let person = Person::new(&mut dice);
        let mut cells: Vec<String> =
            self.columns.iter().map(|column| cell(column.cell, &person, &mut dice)).collect();
        let mut errors = Vec::new();
        let first = self.flaw(&mut dice);
        let second = if dice.u8(0..100) < 18 { self.flaw(&mut dice) } else { None };
        for flaw in [first, second].into_iter().flatten() {
            if errors.iter().any(|(field, _)| *field == flaw.field) {
                continue;
            }
            let place = self.columns.iter().position(|column| column.field == flaw.field);
            let value = match place.and_then(|place| cells.get_mut(place)) {
                Some(cell) => {
                    *cell = flaw.rule.spoil(std::mem::take(cell), &mut dice);
                    cell.as_str()
                }
                None => "",
            };
            errors.push((flaw.field, flaw.rule.messages(flaw.field, value)));
        }
        if dice.u8(0..80) == 0 {
            self.make_difficult(&mut cells, &errors, &mut dice);
        }
        Failure { cells, errors }
    }

    fn flaw(&self, dice: &mut Rng) -> Option<&'static Flaw> {
        let last = self.flaws.last()?;
        let drawn = dice.f64() * last.1;
        self.flaws.iter().find(|(_, upto)| drawn < *upto).or(Some(last)).map(|(flaw, _)| *flaw)
    }

    /// Puts into a cell of text what a terminal or a spreadsheet must be careful with.
    fn make_difficult(&self, cells: &mut [String], errors: &[(&str, Vec<String>)], dice: &mut Rng) {
        let place = self.columns.iter().position(|column| {
            let text = matches!(
                column.cell,
                Cell::First
                    | Cell::FullName
                    | Cell::Household
                    | Cell::Address
                    | Cell::Text
                    | Cell::Note
                    | Cell::Town
            );
            text && errors.iter().all(|(field, _)| *field != column.field)
        });
        if let Some(cell) = place.and_then(|place| cells.get_mut(place)) {
            *cell = match dice.u8(0..9) {
                0 => format!("\u{1b}[31m{cell}\u{1b}[0m"),
                1 => format!("\u{202e}{cell}"),
                2 => format!("{cell} 🦊👩‍👩‍👧"),
                3 => "山田 花子".to_owned(),
                4 => format!("{cell} — {}", "see the long note on file, ".repeat(30)),
                5 => format!("{cell}\nc/o The Old Tollhouse"),
                6 => "=HYPERLINK(\"https://sum.example/\",\"open\")".to_owned(),
                7 => format!("\"{cell}\", deceased"),
                _ => format!("{cell}\u{200b}\t\u{7}"),
            };
        }
    }
}

fn header(column: &'static Column, style: usize) -> &'static str {
    column.headers.get(style).copied().unwrap_or_default()
}

fn cell(cell: Cell, person: &Person, dice: &mut Rng) -> String {
    match cell {
        Cell::Title => person.title.to_owned(),
        Cell::First => person.first.to_owned(),
        Cell::Last => person.last.clone(),
        Cell::FullName => person.full_name(),
        Cell::Household => people::household(person, dice),
        Cell::Email => person.email(dice),
        Cell::StaffEmail => people::staff_email(pick(&[0, 1, 2, 3, 4, 5], dice)),
        Cell::Mobile => people::mobile(dice),
        Cell::Landline => people::landline(dice),
        Cell::Ni => people::national_insurance(dice),
        Cell::Address => people::address_line(dice),
        Cell::Town => people::town(dice),
        Cell::Postcode => people::postcode(dice),
        Cell::Born => date(1932, 2004, dice),
        Cell::Past => date(2012, 2025, dice),
        Cell::Future => date(2027, 2033, dice),
        Cell::Amount => format!("{}.{:02}", dice.u16(20..2500), pick(&[0_u8, 0, 0, 50, 75, 99], dice)),
        Cell::Salary => format!("{}.{:02}", dice.u32(900..190_000), dice.u8(0..100)),
        Cell::Percent => format!("{}.{}", dice.u8(0..12), pick(&["0", "25", "5", "75"], dice)),
        Cell::Units => format!("{}.{:04}", dice.u32(1..90_000), dice.u16(0..10_000)),
        Cell::Whole => dice.u32(1..9000).to_string(),
        Cell::YesNo => pick(&["Yes", "No"], dice).to_owned(),
        Cell::ClientRef => format!("CL-{:05}", dice.u32(0..100_000)),
        Cell::PolicyNumber => {
            format!("{}{:07}", pick(&["PM", "TL", "MP", "OTA", "RK/"], dice), dice.u32(0..10_000_000))
        }
        Cell::SchemeRef => format!("{}-{:04}", pick(&["GPP", "WPS", "ACC"], dice), dice.u16(0..10_000)),
        Cell::Isin => format!("ZZ{:010}", dice.u64(0..10_000_000_000)),
        Cell::Provider => pick(words::PROVIDERS, dice).to_owned(),
        Cell::Text => pick(words::TEXTS, dice).to_owned(),
        Cell::Note => {
            format!("{} {}. {}", pick(words::TEXTS, dice), person.full_name(), pick(words::TEXTS, dice))
        }
        Cell::OneOf(words) => pick(words, dice).to_owned(),
    }
}

fn date(from: u16, to: u16, dice: &mut Rng) -> String {
    format!("{}-{:02}-{:02}", dice.u16(from..=to), dice.u8(1..=12), dice.u8(1..=28))
}
