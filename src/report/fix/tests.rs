use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::report::{ApiView, Limits};

const TODAY: Date = Date::constant(2026, 11, 23);

fn rows(csv: &str) -> FailedRows {
    FailedRows::read(csv.as_bytes(), &Limits::default(), &ApiView::default()).unwrap()
}

fn proposals(rows: &FailedRows) -> Proposals {
    Proposals::of(rows, TODAY, &Cancel::default())
}

/// A report with one column: values with the message about them, empty where they were accepted.
fn column(header: &str, cells: &[(&str, &str)]) -> FailedRows {
    let mut csv = format!("Row,{header},errors\n");
    for (nth, (value, message)) in cells.iter().enumerate() {
        let quoted = value.replace('"', "\"\"");
        let message =
            if message.is_empty() { "The row is already in use.".to_owned() } else { (*message).to_owned() };
        csv.push_str(&format!("{nth},\"{quoted}\",\"{message}\"\n"));
    }
    rows(&csv)
}

/// What becomes of the rejected values of a column: `-` where they are left.
fn corrected(header: &str, message: &str, rejected: &[&str], accepted: &[&str]) -> Vec<String> {
    let cells: Vec<_> = rejected
        .iter()
        .map(|value| (*value, message))
        .chain(accepted.iter().map(|value| (*value, "")))
        .collect();
    let rows = column(header, &cells);
    let fixes = Fixes::new(Arc::new(proposals(&rows)));
    for (row, cell) in cells.iter().enumerate().skip(rejected.len()) {
        assert_eq!(fixes.cell(row, 1), None, "accepted, but changed: {cell:?}");
    }
    (0..rejected.len()).map(|row| fixes.cell(row, 1).unwrap_or("-").to_owned()).collect()
}

#[test]
fn each_kind_of_mistake_is_corrected_as_the_rule_and_accepted_cells_say() {
    let nothing: &[&str] = &[];
    for (header, message, rejected, accepted, expected) in [
        (
            "dob",
            "The dob does not match the format Y-m-d.",
            &[
                "19/01/1975",
                "20.02.1938",
                "23/12/75",
                "03/04/1970",
                "12 Mar 1970",
                "25569",
                "unknown",
                "19/01/2029",
            ][..],
            nothing,
            &["1975-01-19", "1938-02-20", "1975-12-23", "1970-04-03", "1970-03-12", "1970-01-01", "-", "-"][..],
        ),
        (
            "dob",
            "The dob does not match the format Y-m-d.",
            &["19/01/1975", "03/04/1970"],
            nothing,
            &["1975-01-19", "-"],
        ),
        (
            "paid",
            "The paid field must match the format d/m/Y.",
            &["1975-01-19", "1/2/2024"],
            nothing,
            &["19/01/1975", "-"],
        ),
        // Day first it is still to come: that does not make it the other.
        (
            "paid",
            "The paid must be a date before today.",
            &["03/12/2026", "2026-01-19 "],
            nothing,
            &["-", "2026-01-19"],
        ),
        (
            "paid",
            "The paid must be a date before today.",
            &["19/01/2027", "19/01/2026"],
            nothing,
            &["-", "2026-01-19"],
        ),
        (
            "amount",
            "The amount must be a number.",
            &["£1,234.50", "(120.00)", " 12 ", "5%", "n/a", "-", "12345", "10k"],
            &["2.50", ""],
            &["1234.50", "-120.00", "12", "5", "", "-", "-", "-"],
        ),
        ("amount", "The amount must be a number.", &["5%", "n/a"], &["0.05"], &["-", "-"]),
        ("prem_amt", "The prem amt must be a number.", &["(5.50)", "£6"], &["7"], &["-", "6"]),
        ("prem_amt", "The prem amt must be a number.", &["(5.50)"], &["7", "-7"], &["-5.50"]),
        (
            "due",
            "The due does not match the format Y-m-d.",
            &["16.01.33", "16.01.45"],
            &["2027-01-01", "2033-05-06", "2030-01-01"],
            &["2033-01-16", "-"],
        ),
        ("due", "The due does not match the format d/m/y.", &["19-01-33"], nothing, &["19/01/33"]),
        (
            "amount",
            "The amount must be between 0 and 100.",
            &["£50", "£500", "(5)"],
            nothing,
            &["50", "-", "-"],
        ),
        (
            "units",
            "The units must be an integer.",
            &["12.00", "1,200", "12.5"],
            nothing,
            &["12", "1200", "-"],
        ),
        (
            "optin",
            "The optin field must be true or false.",
            &["yes", "N", "true", "maybe"],
            nothing,
            &["1", "0", "1", "-"],
        ),
        ("optin", "The optin field must be true or false.", &["y"], &["Yes", "No"], &["Yes"]),
        (
            "email",
            "The email must be a valid email address.",
            &[" ann@example.com", "ann @example.com", "ann\u{a0}fair@example.com", "no email"],
            &[""],
            &["ann@example.com", "ann@example.com", "-", ""],
        ),
        ("email", "The email has already been taken.", &[" ann@example.com"], nothing, &["-"]),
        ("email", "The email field is required.", &["  ", ""], nothing, &["-", "-"]),
        ("email", "The email field must be lowercase.", &["Ann@Example.com"], nothing, &["ann@example.com"]),
        (
            "postcode",
            "The postcode format is invalid.",
            &["sn1 1aa", "SN11AA", "Swindon"],
            nothing,
            &["SN1 1AA", "SN1 1AA", "-"],
        ),
        ("postcode", "The postcode format is invalid.", &["sn1 1aa"], &["SN12BB"], &["SN11AA"]),
        (
            "ni_number",
            "The ni number format is invalid.",
            &["ab 12 34 56 c", "AB12345"],
            nothing,
            &["AB123456C", "-"],
        ),
        (
            "mobile",
            "The mobile format is invalid.",
            &["+44 (0)7700 900123", "7700900123"],
            nothing,
            &["-", "-"],
        ),
        (
            "mobile",
            "The mobile format is invalid.",
            &["+44 (0)7700 900123", "7700900123", "07700 90"],
            &["07700900456"],
            &["07700900123", "07700900123", "-"],
        ),
        ("mobile", "The mobile must be 11 digits.", &["+44 7700 900123"], nothing, &["07700900123"]),
        (
            "account_number",
            "The account number must be 8 digits.",
            &["1234567", "12 34 56 78"],
            nothing,
            &["01234567", "12345678"],
        ),
        (
            "sort_code",
            "The sort code format is invalid.",
            &["12345", "123456"],
            &["11-22-33"],
            &["01-23-45", "12-34-56"],
        ),
        ("title", "The selected title is invalid.", &["mr ", "Madam"], &["Mr", "Mrs"], &["Mr", "-"]),
        (
            "status",
            "The status must be one of: in_force, surrendered.",
            &["In Force", "surendered", "lapsed"],
            nothing,
            &["in_force", "surrendered", "-"],
        ),
        (
            "surname",
            "The surname format is invalid.",
            &["JosÃ©", "Fair\u{a0}weather", "R2"],
            &["Ann"],
            &["José", "Fair weather", "-"],
        ),
        ("surname", "The surname format is invalid.", &["Fair\u{a0}weather"], &["An\u{a0}n"], &["-"]),
        ("surname", "The surname must be at least 3 characters.", &["Na", "-"], &["Ann", ""], &["-", ""]),
        (
            "surname",
            "The surname must not be greater than 4 characters.",
            &["Fair ", "Fairly"],
            nothing,
            &["Fair", "-"],
        ),
    ] {
        assert_eq!(
            corrected(header, message, rejected, accepted),
            expected,
            "{header}: {message} {rejected:?}"
        );
    }
}

#[test]
fn a_value_with_two_readings_is_left() {
    let nothing: &[&str] = &[];
    for (header, message, rejected, accepted, expected) in [
        (
            "amount",
            "The amount must be a number.",
            &["4,25", "1,125", "0,125", "0,500", "12,345", "€1.234", "(1.234)"][..],
            nothing,
            &["4.25", "-", "-", "-", "-", "-", "-"][..],
        ),
        (
            "amount",
            "The amount must be a number.",
            &["£5", "£6", "£7", "USD 500", "$1,200"],
            nothing,
            &["5", "6", "7", "-", "-"],
        ),
        ("amount", "The amount must be a number.", &["$5"], &["4"], &["-"]),
        ("units", "The units must be an integer.", &["1.000", "25.000"], nothing, &["-", "-"]),
        (
            "status",
            "The status must be one of: active, pending, none.",
            &["Pending", "None", "N/A"],
            &["active", ""],
            &["pending", "none", ""],
        ),
        (
            "status",
            "The selected status is invalid.",
            &["Pending", "tba"],
            &["pending", ""],
            &["pending", "-"],
        ),
        (
            "surname",
            "The surname is invalid.",
            &["Null", "None", "Na", "Tba", "Nil", "Unknown", "n/a"],
            &["Ann", ""],
            &["-", "-", "-", "-", "-", "-", ""],
        ),
        ("paid", "The paid is not a valid date.", &["unknown", "tbc"], &["2024-01-01", ""], &["", ""]),
        (
            "fund class",
            "The selected fund class is invalid.",
            &["Class B", "Growth III", "Growth I", "Mixed", "class a"],
            &["Class A", "Class A", "Growth II", "Growth II", "Fixed", "Fixed"],
            &["-", "-", "-", "-", "Class A"],
        ),
        (
            "adviser",
            "The adviser must be one of: Francis Jones, Joanna Smith.",
            &["Frances Jones", "joanna smith"],
            nothing,
            &["-", "Joanna Smith"],
        ),
        (
            "rating",
            "The selected rating is invalid.",
            &["AA-", "1.5", "-15", "C"],
            &["AA+", "15", "C#"],
            &["-", "-", "-", "-"],
        ),
        (
            "email",
            "The email must be a valid email address.",
            &["Ann <a@x.example>, Bob <b@x.example>", "a@x.example <b@x.example>", "Mr. smith@x.example"],
            nothing,
            &["-", "-", "-"],
        ),
        (
            "mobile",
            "The mobile format is invalid.",
            &[
                "(202) 555-0123",
                "800 555 0123",
                "163296012.0",
                "0170 1234567",
                "01632 96012/3",
                "7700900123.0",
            ],
            &["07700900456"],
            &["-", "-", "-", "-", "-", "07700900123"],
        ),
        (
            "tax year",
            "The tax year must be 4 digits.",
            &["23/24", "-2023", "12.50", "20-24", "2023.0", "20 24"],
            nothing,
            &["-", "-", "-", "-", "2023", "2024"],
        ),
        ("code", "The code must be 8 digits.", &["20/10/2024", "1234-5678"], nothing, &["-", "-"]),
        (
            "start",
            "The start does not match the format Y-m-d.",
            &["33/12/05", "40/01/15", "11275", "19/01/0975", "25569", "19/01/25"],
            nothing,
            &["-", "-", "-", "-", "1970-01-01", "2025-01-19"],
        ),
        (
            "dob",
            "The dob does not match the format Y-m-d.",
            &["15/06/25", "15/06/17", "15/06/75", "15/06/05"],
            nothing,
            &["-", "-", "1975-06-15", "2005-06-15"],
        ),
        (
            "sort_code",
            "The sort code format is invalid.",
            &["12/34/5", "1.23456", "12.34.56", "1-2-3"],
            &["11-22-33"],
            &["-", "-", "12-34-56", "-"],
        ),
        (
            "account_number",
            "The account number must be at least 8 characters.",
            &["123456", "12-34-56", "1234567"],
            &["AB12345678"],
            &["-", "-", "-"],
        ),
        (
            "account_number",
            "The account number must be at least 8 characters.",
            &["123456", "12-34-56", "1234567"],
            &["12345678"],
            &["-", "-", "01234567"],
        ),
    ] {
        assert_eq!(
            corrected(header, message, rejected, accepted),
            expected,
            "{header}: {message} {rejected:?}"
        );
    }
}

#[test]
fn columns_of_one_name_are_left() {
    let report = rows(
        "dob,DOB,Name,errors\n\
         18/01/1975,19/01/1975,Ann,The dob is not a valid date.\n\
         20/01/1975,1976-01-01,Bob,The dob is not a valid date.\n",
    );
    let proposals = proposals(&report);
    let left: Vec<_> = proposals.list().iter().map(|proposal| proposal.sentence()).collect();
    assert_eq!(left, ["2 cells left: another column has the same name: the message may be about either"]);
}

#[test]
fn why_a_value_is_left_is_said_as_it_is() {
    for (header, message, value, why) in [
        (
            "amount",
            "The amount must be at least 10.",
            "5",
            "1 cell left: breaks the rule; only you know the right value",
        ),
        (
            "amount",
            "The amount must be a number.",
            "???",
            "1 cell left: a placeholder, and no empty cell was accepted in this column",
        ),
        ("mins", "The mins must be an integer.", "8.5", "1 cell left: not a whole number"),
        (
            "provider",
            "The selected provider is invalid.",
            "Avivva",
            "1 cell left: not among the accepted values",
        ),
        (
            "paid",
            "The paid must be a date after 2020-01-01.",
            "2019-01-01",
            "1 cell left: breaks the rule; only you know the right value",
        ),
    ] {
        let list = proposals(&column(header, &[(value, message)]));
        assert_eq!(list.list()[0].sentence(), why, "{message}");
    }
    let long = format!("a{}@x.example", " ".repeat(200_000));
    let list = proposals(&column("email", &[(&long, "The email must be a valid email address.")]));
    assert_eq!(list.list()[0].sentence(), "1 cell left: too long for what could be corrected");
}

#[test]
fn a_date_with_two_readings_waits_for_one_decision() {
    let message = "The dob does not match the format Y-m-d.";
    let rows = column("dob", &[("03/04/1970", message), ("13/04/1970", message), ("1/2/1970", message)]);
    let mut fixes = Fixes::new(Arc::new(proposals(&rows)));
    let at = fixes.proposals().list().iter().position(|proposal| proposal.decision.is_some()).unwrap();
    let proposal = fixes.proposals().list()[at].clone();
    assert_eq!(
        proposal.sentence(),
        "2 cells left: DD/MM/YYYY or MM/DD/YYYY → YYYY-MM-DD; the other 1 is day first"
    );
    assert_eq!((fixes.cell(0, 1), fixes.state(&rows, 0)), (None, RowState::Unfixed));
    assert_eq!((fixes.proposals().of_cell(0, 1), fixes.proposals().of_cell(0, 0)), (Some(at), None));
    fixes.decide(at, Some(First::Day));
    assert_eq!((fixes.cell(0, 1), fixes.cell(2, 1)), (Some("1970-04-03"), Some("1970-02-01")));
    assert_eq!(fixes.state(&rows, 0), RowState::Fixed);
    fixes.decide(at, Some(First::Month));
    assert_eq!(fixes.cell(0, 1), Some("1970-03-04"));
}

#[test]
fn a_row_is_fixed_when_every_message_of_it_is_about_a_changed_cell() {
    let date = "The dob is not a valid date.";
    let rows = rows(&format!(
        "dob,email,errors\n\
         19/01/1975,a@x.example,\"{date}\"\n\
         19/01/1975,,\"{date}, The email field is required.\"\n\
         1975-01-19,,The email field is required.\n\
         19/01/1975,a@x.example,\"{date}, Something else went wrong.\"\n\
         ,,\n"
    ));
    let mut fixes = Fixes::new(Arc::new(proposals(&rows)));
    let states = |fixes: &Fixes| (0..5).map(|row| fixes.state(&rows, row)).collect::<Vec<_>>();
    use RowState::{Fixed, Partly, Unfixed};
    assert_eq!(states(&fixes), [Fixed, Partly, Unfixed, Partly, Unfixed]);
    assert_eq!(fixes.fixed_rows(&rows).collect::<Vec<_>>(), [0]);
    fixes.edit(2, 1, Some("c@x.example".to_owned()));
    fixes.toggle_all();
    assert_eq!(states(&fixes), [Unfixed, Unfixed, Fixed, Unfixed, Unfixed]);
}

#[test]
fn every_step_is_undone_and_done_again() {
    let rows = column(
        "dob",
        &[("19/01/1975", "The dob is not a valid date."), ("soon", "The dob is not a valid date.")],
    );
    let mut fixes = Fixes::new(Arc::new(proposals(&rows)));
    let start = fixes.clone();
    fixes.toggle(0);
    fixes.edit(0, 1, Some("1975-01-20".to_owned()));
    fixes.edit(0, 1, None);
    fixes.toggle_all();
    assert_eq!(fixes.cell(0, 1), Some("1975-01-19"));
    let end = fixes.clone();
    assert!(fixes.undo() && fixes.undo());
    assert_eq!(fixes.cell(0, 1), Some("1975-01-20"));
    assert!(fixes.undo() && fixes.undo() && !fixes.undo());
    let shown = |fixes: &Fixes| (fixes.is_taken(0), fixes.is_taken(1), fixes.cell(0, 1).map(str::to_owned));
    assert_eq!(shown(&fixes), shown(&start));
    assert!((0..4).all(|_| fixes.redo()) && !fixes.redo());
    assert_eq!(fixes, end);
    fixes.undo();
    fixes.toggle(1);
    assert!(fixes.redo(), "a proposal that changes nothing was toggled");
    fixes.undo();
    fixes.toggle(0);
    assert!(!fixes.redo());
}

#[test]
fn sentences_count_and_hold_no_value() {
    let message = "The dob does not match the format Y-m-d.";
    let cells =
        [("19/01/1975", message), ("20/01/1975", message), ("Whitsun", message), ("19.01.75", message)];
    let rows = column("dob", &cells);
    let sentences: Vec<String> = proposals(&rows).list().iter().map(Proposal::sentence).collect();
    assert_eq!(
        sentences,
        [
            "2 cells: DD/MM/YYYY → YYYY-MM-DD",
            "1 cell: DD.MM.YY (ages up to 110) → YYYY-MM-DD",
            "1 cell left: not a date that can be read in one way only",
        ]
    );
    let only = proposals(&rows).only(&[Kind::Amounts], None);
    assert!(only.list().is_empty());
    assert_eq!(proposals(&rows).only(&[Kind::Dates], Some(1)).list().len(), 3);
    assert!(proposals(&rows).only(&[], Some(0)).list().is_empty());
}

#[test]
fn a_cancelled_look_ends_early() {
    let rows = column("dob", &[("19/01/1975", "The dob is not a valid date.")]);
    let cancel = Cancel::default();
    drop(cancel.on_drop());
    assert!(Proposals::of(&rows, TODAY, &cancel).list().is_empty());
}

#[test]
fn what_accepted_cells_show_is_worked_out_once() {
    let steps = |header: &str, message: &str, value: &str, count: usize| {
        let cells: Vec<_> = (0..count).map(|nth| (value, if nth % 2 == 0 { message } else { "" })).collect();
        let rows = column(header, &cells);
        rows.reasons();
        crate::report::steps::of(|| drop(proposals(&rows)))
    };
    for (header, message, value) in [
        ("postcode", "The postcode format is invalid.", "sn1 1aa"),
        ("ni_number", "The ni number format is invalid.", "ab123456c"),
        ("amount", "The amount must be a number.", "1 2"),
        ("mobile", "The mobile format is invalid.", "7700900123"),
        ("sort_code", "The sort code format is invalid.", "12345"),
        ("code", "The code must be 8 digits.", "1234567"),
        ("title", "The selected title is invalid.", "Profesor"),
        ("optin", "The optin field must be true or false.", "maybe"),
        ("surname", "The surname format is invalid.", " Fair"),
    ] {
        let (few, many) = (steps(header, message, value, 100), steps(header, message, value, 1_000));
        assert!(many < 12 * few, "{header}: {few} steps for 100 rows, {many} for 1,000");
    }
}

#[test]
fn kinds_are_named_as_they_are_typed() {
    for kind in Kind::ALL {
        assert_eq!(kind.name().parse::<Kind>(), Ok(kind));
    }
    assert!("numbers".parse::<Kind>().unwrap_err().contains("amounts, booleans"));
}

/// Values like those that are rejected, and some that are not.
fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,2}[/.-][0-9]{1,2}[/.-]([0-9]{2}|[0-9]{4})",
        "[£(]?[0-9]{1,3}([,. ][0-9]{3}){0,2}([.,][0-9]{1,2})?[)%]?",
        "[ \u{a0}\u{200b}]?[A-Za-zÃ©аеЕ]{0,6}[ \u{a0}]?",
        prop::sample::select(vec![
            "n/a",
            "???",
            "yes",
            "No",
            "true",
            "1",
            "0",
            "45363",
            "sn1 1aa",
            "ab123456c",
            "+44 (0)7700 900123"
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn accepted_cells_stay_and_a_corrected_value_is_right_once_and_for_all(
        cells in prop::collection::vec((any_value(), any::<bool>()), 1..20),
        rule in prop::sample::select(vec![
            ("dob", "The dob does not match the format Y-m-d."),
            ("amount", "The amount must be a number."),
            ("units", "The units must be an integer."),
            ("optin", "The optin field must be true or false."),
            ("postcode", "The postcode format is invalid."),
            ("ni_number", "The ni number format is invalid."),
            ("mobile", "The mobile format is invalid."),
            ("title", "The selected title is invalid."),
            ("surname", "The surname must not be greater than 5 characters."),
        ]),
    ) {
        let (header, message) = rule;
        let about = |rejected: bool| if rejected { message } else { "" };
        let report = column(header, &cells.iter().map(|(value, rejected)| (value.as_str(), about(*rejected))).collect::<Vec<_>>());
        let fixes = Fixes::new(Arc::new(proposals(&report)));
        let mut again = cells.clone();
        for (row, (value, rejected)) in again.iter_mut().enumerate() {
            let changed = fixes.cell(row, 1);
            prop_assert!(*rejected || changed.is_none());
            prop_assert!(changed != Some(value.as_str()));
            let demand = Demand::of(header, message);
            if let Some(after) = changed {
                let date = as_date::parse(after, "Y-m-d");
                let met = demand.is_met_by(&demand::Candidate { value: after, date, today: TODAY, date_of: &|_| None });
                prop_assert!(after.is_empty() || met, "{value:?} {after:?}");
                *value = after.to_owned();
            }
        }
        // What was corrected has nothing left to correct.
        let report = column(header, &again.iter().map(|(value, rejected)| (value.as_str(), about(*rejected))).collect::<Vec<_>>());
        let second = Fixes::new(Arc::new(proposals(&report)));
        for (row, _) in again.iter().enumerate().filter(|(row, _)| fixes.cell(*row, 1).is_some()) {
            prop_assert_eq!(second.cell(row, 1), None);
        }
    }
}
