use super::*;
use crate::report::{ApiView, Limits};

fn report(csv: &str) -> FailedRows {
    FailedRows::read(csv.as_bytes(), &Limits::default(), &ApiView::default()).unwrap()
}

fn grouped(csv: &str) -> Vec<(String, String, usize)> {
    let summary = |group: &Reason| {
        let Reason { field, message, rows, .. } = group;
        (field.as_str().to_owned(), message.as_str().to_owned(), rows.len())
    };
    reasons(&report(csv)).iter().map(summary).collect()
}

#[test]
fn messages_that_differ_in_values_only_are_one_reason() {
    for (rows, expected) in [
        // Quoted in the message.
        (
            &[
                "a@x.uk,\"The email \"\"a@x.uk\"\" has already been taken.\"",
                "b@x.uk,\"The email \"\"b@x.uk\"\" has already been taken.\"",
            ][..],
            "The email ‹…› has already been taken.",
        ),
        // The row's own cell, without marks.
        (&["Bob,The email Bob is invalid.", "Ann,The email Ann is invalid."], "The email ‹…› is invalid."),
        (&["\"Ann  B, C\",\"The email Ann  B, C is invalid.\""], "The email ‹…› is invalid."),
        // Nobody's cell, but an address.
        (&["x,The email a@x.uk is invalid.", "y,The email b@x.uk is invalid."], "The email ‹…› is invalid."),
        // The rule's numbers and dates stay.
        (
            &["x,The email must be at least 3 characters.", "y,The email must be at least 3 characters."],
            "The email must be at least 3 characters.",
        ),
        (&["x,The email must be a date after 2026-01-31."], "The email must be a date after 2026-01-31."),
        (&["x,The email does not match the format Y-m-d."], "The email does not match the format Y-m-d."),
        (
            &["x,\"The email must be one of 'a', 'b'.\"", "y,\"The email must be one of 'a', 'b'.\""],
            "The email must be one of 'a', 'b'.",
        ),
        // The client's do not.
        (&["255,The email must not be 255."], "The email must not be ‹…›."),
        (&["x,The email is 12 but was 15.", "y,The email is 13 but was 15."], "The email is ‹…› but was 15."),
        (&["x,The email is used by +447700900123."], "The email is used by ‹…›."),
        (&["QQ 12 34 56 C,The email QQ 12 34 56 C is invalid."], "The email ‹…› is invalid."),
        // A cell that happens to be one of the validator's words.
        (
            &["number,The email must be a number.", "valid,The email must be a number."],
            "The email must be a number.",
        ),
        (&["email,The email field is required."], "The email field is required."),
    ] {
        let csv = format!("email,errors\n{}\n", rows.join("\n"));
        assert_eq!(grouped(&csv), [("email".to_owned(), expected.to_owned(), rows.len())], "{csv}");
    }
}

#[test]
fn reasons_are_counted_by_row_and_by_field() {
    let csv = "email,age,errors\n\
        a,1,The email is invalid.|The email is invalid.|The age must be a number.\n\
        b,2,The email is invalid.|The email field is required.\n\
        c,3,Broken\n";
    assert_eq!(grouped(csv).iter().map(|(_, _, rows)| *rows).collect::<Vec<_>>(), [2, 1, 1, 1]);
    let groups = reasons(&report(csv));
    let fields: Vec<_> = by_field(&groups)
        .into_iter()
        .map(|f| (f.field.as_str().to_owned(), f.rows.len(), f.reasons))
        .collect();
    assert_eq!(
        fields,
        [("email".to_owned(), 2, vec![0, 2]), ("age".to_owned(), 1, vec![1]), (String::new(), 1, vec![3])]
    );
    assert_eq!((groups[0].column, groups[3].column), (Some(0), None));
}

#[test]
fn the_values_of_a_reason_are_its_column_s_cells_or_what_it_quotes() {
    let csv = "email,errors\nb,The email is invalid.\na,The email is invalid.\na,The email is invalid.\n\
        ,The plan 'X' is unknown.\n,The plan 'Y' is unknown.\n";
    let report = report(csv);
    let groups = reasons(&report);
    let summary = |group: &Reason, most| {
        let values = values(&report, group, most);
        (values.listed.iter().map(|(v, n)| (v.raw().to_owned(), *n)).collect::<Vec<_>>(), values.distinct)
    };
    assert_eq!(summary(&groups[0], 9), (vec![("a".to_owned(), 2), ("b".to_owned(), 1)], 2));
    assert_eq!(summary(&groups[0], 1), (vec![("a".to_owned(), 2)], 2));
    assert_eq!(groups[1].message.as_str(), "The plan ‹…› is unknown.");
    assert_eq!(summary(&groups[1], 9), (vec![("X".to_owned(), 1), ("Y".to_owned(), 1)], 2));
}

#[test]
fn a_message_that_does_not_repeat_the_field_stays_whole() {
    for (field, message, expected) in [
        ("plan", "Provider unknown: Avíva.", "Provider unknown: Avíva"),
        ("a", "The á is bad", "The á is bad"),
        ("plan_type", "The selected plan type is invalid.", "is invalid"),
        ("email", "The email.", "The email"),
        ("", "", ""),
    ] {
        assert_eq!(short(field, message), expected);
    }
}

/// So many messages are taken apart in halves: what holds of all of them does so across the middle.
#[test]
fn a_long_report_is_grouped_as_a_short_one() {
    let rows = |rows: std::ops::Range<usize>, bound: fn(usize) -> usize| -> String {
        let row = |row| {
            format!(
                "a{row}@x.uk,\"The email a{row}@x.uk has already been taken {}., The ref field is required.\"\n",
                bound(row)
            )
        };
        rows.map(row).collect()
    };
    let expected = |email: &str, count| {
        let reason = |field: &str, message: &str| (field.to_owned(), message.to_owned(), count);
        vec![reason("email", email), reason("ref", "The ref field is required.")]
    };
    for count in [10, 20_000] {
        let middle = count / 2;
        let constant = rows(0..count, |_| 7);
        let differs = rows(0..middle, |_| 7) + &rows(middle..count, |_| 8);
        let last = rows(0..count - 1, |_| 7) + &rows(count - 1..count, |_| 8);
        let late = format!("b@x.uk,The note is odd\n{constant}");
        assert_eq!(
            grouped(&format!("email,errors\n{constant}")),
            expected("The email ‹…› has already been taken 7.", count)
        );
        for csv in [differs, last] {
            assert_eq!(
                grouped(&format!("email,errors\n{csv}")),
                expected("The email ‹…› has already been taken ‹…›.", count)
            );
        }
        assert_eq!(
            grouped(&format!("email,errors\n{late}"))[..2],
            expected("The email ‹…› has already been taken 7.", count)
        );
        let report = report(&format!("email,errors\n{constant}"));
        assert!(reasons(&report).iter().all(|reason| reason.rows.iter().copied().eq(0..count)));
        assert_eq!(report.problems(count - 1).count(), 2);
    }
}
