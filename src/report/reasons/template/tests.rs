use std::cell::Cell;

use super::super::{Reason, reasons};
use super::*;
use crate::report::{ApiView, Limits};

thread_local! {
    /// What was compared so far.
    pub(super) static STEPS: Cell<usize> = const { Cell::new(0) };
}

fn report(headers: &str, rows: &[(&str, &str)]) -> FailedRows {
    let mut csv = format!("{headers},errors\n");
    for (cells, message) in rows {
        csv.push_str(&format!("{cells},\"{}\"\n", message.replace('"', "\"\"")));
    }
    FailedRows::read(csv.as_bytes(), &Limits::default(), &ApiView::default()).unwrap()
}

/// The reasons of rows with these cells and messages.
fn worded(headers: &str, rows: &[(&str, &str)]) -> Vec<(String, usize)> {
    let summary = |group: &Reason| (group.message.as_str().to_owned(), group.rows.len());
    reasons(&report(headers, rows)).iter().map(summary).collect()
}

#[test]
fn a_rule_s_bound_stays_though_the_row_has_the_same_number() {
    for rule in [
        "must be at least 18.",
        "must not be greater than 18.",
        "must be greater than 18.",
        "must be less than or equal to 18.",
        "must be between 18 and 120.",
        "must be between 3 and 18 characters.",
        "must be 18 digits.",
        "must be 18 characters.",
        "must have 18 decimal places.",
        "must have at least 18 items.",
        "must be a multiple of 18.",
        "may not be greater than 18 kilobytes.",
        "must not have more than 18 items.",
        "must not exceed 18 characters.",
    ] {
        let message = format!("The age {rule}");
        for rows in
            [&["18,18"][..], &["18,1", "1,18"], &["18,18", "18,18", "7,7"], &["7,18", "8,9", "9,18", "0,0"]]
        {
            let pairs: Vec<_> = rows.iter().map(|cells| (*cells, message.as_str())).collect();
            assert_eq!(worded("age,day", &pairs), [(message.clone(), rows.len())], "{rows:?}");
        }
    }
    // No bound: what the row holds is the client's.
    assert_eq!(worded("age,day", &[("18,1", "The age must not be 18.")])[0].0, "The age must not be ‹…›.");
    assert_eq!(
        worded("note", &[("we need at least 18 days", "The note we need at least 18 days is invalid.")])[0].0,
        "The note ‹…› is invalid."
    );
    assert_eq!(
        worded(
            "note",
            &[
                ("x", "The note \"at least 18 days\" is invalid."),
                ("x", "The note \"at least 19 days\" is invalid.")
            ]
        ),
        [("The note ‹…› is invalid.".to_owned(), 2)]
    );
    // Other bounds are other rules.
    assert_eq!(
        worded("age", &[("1", "The age must be at least 3."), ("2", "The age must be at least 5.")]).len(),
        2
    );
}

#[test]
fn a_comparison_with_another_field_is_one_reason() {
    for words in ["greater than or equal to", "greater than", "less than", "less than or equal to"] {
        let rows: Vec<_> = (40..45)
            .map(|start| {
                (format!("{start},{}", start - 10), format!("The end age field must be {words} {start}."))
            })
            .collect();
        let rows: Vec<_> = rows.iter().map(|(cells, message)| (cells.as_str(), message.as_str())).collect();
        let reason = format!("The end age field must be {words} ‹…›.");
        assert_eq!(worded("start_age,end_age", &rows), [(reason, 5)]);
    }
}

#[test]
fn a_database_s_refusals_are_grouped_by_what_they_refuse() {
    for (messages, reason) in [
        (
            [
                "Duplicate entry 'a@b.c' for key 'clients_email_unique'",
                "Duplicate entry 'O'Brien' for key 'x'' for key 'clients_email_unique'",
            ],
            "Duplicate entry '‹…›' for key 'clients_email_unique'",
        ),
        (
            [
                "Incorrect date value: '31/01/1970' for column 'dob' at row 1",
                "Incorrect date value: 'soon' for column 'dob' at row 2",
            ],
            "Incorrect date value: '‹…›' for column 'dob' at row ‹…›",
        ),
        (["Column 'last_name' cannot be null"; 2], "Column 'last_name' cannot be null"),
        (
            ["19 NOT NULL constraint failed: clients.last_name"; 2],
            "19 NOT NULL constraint failed: clients.last_name",
        ),
        (["Data too long for column 'title' at row 1"; 2], "Data too long for column 'title' at row 1"),
        (
            [
                "7 ERROR:  duplicate key value violates unique constraint \"clients_email_unique\" DETAIL:  Key (email)=(a@b.c) already exists.",
                "7 ERROR:  duplicate key value violates unique constraint \"clients_email_unique\" DETAIL:  Key (email)=(Ann (2)) already exists.",
            ],
            "7 ERROR: duplicate key value violates unique constraint \"clients_email_unique\" DETAIL: Key (email)=(‹…›) already exists.",
        ),
        (
            [
                "7 ERROR:  invalid input syntax for type date: \"soon\"",
                "7 ERROR:  invalid input syntax for type date: \"a b\"",
            ],
            "7 ERROR: invalid input syntax for type date: \"‹…›\"",
        ),
    ] {
        let statements = messages.map(|message| format!("SQLSTATE[23000]: Integrity constraint violation: {message} (Connection: mysql, SQL: insert into `clients` (`email`) values ({message}))"));
        let rows: Vec<_> = statements.iter().map(|message| ("a@b.c,x", message.as_str())).collect();
        let found: Vec<_> = worded("email,note", &rows)
            .into_iter()
            .map(|(message, count)| (message.split_whitespace().collect::<Vec<_>>().join(" "), count))
            .collect();
        assert_eq!(found, [(format!("SQLSTATE[23000]: Integrity constraint violation: {reason}"), 2)]);
    }
}

/// What a message costs grows with its bytes and the row's and no faster.
#[test]
fn twice_the_message_is_twice_the_work() {
    let steps = |cell: &str, other: &str, tail: &str| {
        let message = format!("The note {tail} is invalid.");
        let report =
            report("note,other,more", &[(&format!("\"{cell}\",\"{other}\",\"{other}x\""), message.as_str())]);
        STEPS.set(0);
        let problem = report.problems.of(0).next().unwrap();
        let sentence = Sentence::new(&report, 0, problem);
        assert!(sentence.slots.iter().all(|slot| slot.span.end <= message.len()));
        STEPS.get()
    };
    for (cell, other, unit) in [
        ("a", "bbbb1", "a "),
        ("1", "Abcd", "1 "),
        (".", "x", "."),
        (")", "x", ")"),
        ("x", "Abcd", "Abcd "),
        ("x", "Abcd", "Abcde"),
        ("x", "1111", "1111,"),
        ("x", "y", "'a' "),
        ("x", "y", "at least 18 "),
        ("x", "y", "be greater than 18 "),
        ("x", "y", "a@b.c 12 "),
        ("x", "y", "\" \""),
    ] {
        let (once, twice) =
            (steps(cell, other, &unit.repeat(1_000)), steps(cell, other, &unit.repeat(2_000)));
        assert!(twice <= 2 * once + 500, "{unit}: {once} {twice}");
        // And where the cells grow with it.
        let grown = |count: usize| {
            steps(&unit.repeat(count).replace('"', ""), &"Abcd ".repeat(count), &unit.repeat(count))
        };
        let (once, twice) = (grown(500), grown(1_000));
        assert!(twice <= 2 * once + 500, "{unit}: {once} {twice}");
    }
    // A row that is made to be compared without end is taken for a quotation.
    let cells: Vec<_> = (0..900).map(|at| format!("Abcd Abcd Abcd {at}")).collect();
    let headers: Vec<_> = (0..900).map(|at| format!("c{at}")).collect();
    let message = format!("The c0 {}is invalid.", "Abcd ".repeat(1_000));
    assert_eq!(worded(&headers.join(","), &[(&cells.join(","), &message)]), [("The c0 ‹…›".to_owned(), 1)]);
}
