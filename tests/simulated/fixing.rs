//! Failed rows corrected, written and imported again: the validator judges them, whose rules are as strict as Laravel's.

use std::sync::Arc;

use jiff::civil::Date;
use plannr_tui::domain::import::Mapping;
use plannr_tui::report::fix::{Fixes, Proposals, RowState};
use plannr_tui::report::fixup::{Options, corrected};
use plannr_tui::report::{ApiView, Cancel, FailedRows, Limits};
use plannr_tui::simulator::{MISTAKES, Trial};

use crate::readme::{keep, table, with_table, within};

/// Each mistake fifty times, and once more beside another.
const ROWS: usize = 50 * MISTAKES.len();

fn fixed(trial: &Trial) -> (FailedRows, Fixes) {
    let columns = Trial::mapping().map(|(header, field)| (header.into(), Some(field.into()))).collect();
    let api = ApiView { mapping: Some(Mapping { columns }.into()), ..ApiView::default() };
    let rows = FailedRows::read(&trial.report(), &Limits::default(), &api).unwrap();
    let proposals = Proposals::of(&rows, Date::constant(2026, 11, 23), &Cancel::default());
    (rows, Fixes::new(Arc::new(proposals)))
}

fn import(rows: &FailedRows, fixes: &Fixes, chosen: &[usize]) -> Vec<Vec<String>> {
    let file = corrected(rows, fixes, chosen.iter().copied(), Options::default()).unwrap();
    Trial::import(&file.bytes).unwrap().into_iter().map(|row| row.messages).collect()
}

#[test]
fn every_row_that_is_fixed_passes_when_it_is_imported_again_and_no_other_does() {
    for seed in 0..5 {
        let trial = Trial::new(seed, ROWS);
        let (rows, fixes) = fixed(&trial);
        assert_eq!(rows.len(), ROWS, "{rows:?} {:?}", rows.notes());
        let (passing, failing): (Vec<usize>, Vec<usize>) =
            (0..ROWS).partition(|row| fixes.state(&rows, *row) == RowState::Fixed);
        assert!(passing.len() * 2 > ROWS, "only {} of {ROWS}", passing.len());
        for (row, messages) in passing.iter().zip(import(&rows, &fixes, &passing)) {
            let mistakes: Vec<_> = trial.rows()[*row].mistakes.iter().map(|mistake| mistake.name).collect();
            assert!(messages.is_empty(), "row {row}: {mistakes:?} {messages:?}");
        }
        for (row, messages) in failing.iter().zip(import(&rows, &fixes, &failing)) {
            assert!(!messages.is_empty(), "row {row} passes");
        }
    }
}

#[test]
fn the_guide_says_which_mistakes_are_corrected() {
    let trial = Trial::new(0, ROWS);
    let (_, fixes) = fixed(&trial);
    let column = |field: &str| Trial::mapping().position(|(_, name)| name == field).unwrap();
    let line = |mistake: &'static plannr_tui::simulator::Mistake| {
        let of = |row: &&usize| trial.rows()[**row].mistakes.iter().any(|made| made.name == mistake.name);
        let all: Vec<usize> = (0..ROWS).collect();
        let made: Vec<usize> = all.iter().filter(of).copied().collect();
        let corrected = made.iter().filter(|row| fixes.cell(**row, column(mistake.field)).is_some()).count();
        let share = |count: usize| format!("{} %", (count * 100 + made.len() / 2) / made.len());
        [mistake.name.to_owned(), share(corrected), share(made.len() - corrected)]
    };
    let table = table(["mistake", "corrected", "left to you"], MISTAKES.iter().map(line));
    let page = std::fs::read_to_string(within("docs/fixing.md")).unwrap();
    keep("docs/fixing.md", &with_table(&page, "mistakes", &table));
}
