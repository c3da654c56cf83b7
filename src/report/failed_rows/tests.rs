use proptest::prelude::*;

use super::*;
use crate::domain::failure::{Cells, Problem as Rejected};

const BAD: &str = "The email must be a valid email address.";

/// A failed row as the API tells it.
fn failed(cells: &[(&str, &str)], problems: &[(&str, &str)]) -> FailedRow {
    let problem = |(field, message): &(&str, &str)| Rejected {
        field: (*field).into(),
        messages: vec![(*message).into()],
    };
    FailedRow { cells: cells.iter().copied().collect(), problems: problems.iter().map(problem).collect() }
}

/// An import with these headers, each mapped to the field beside it, and with this sample.
fn api(columns: &[(&str, &str)], sample: Vec<FailedRow>, failed: u64) -> ApiView {
    let columns = columns.iter().map(|(header, field)| ((*header).into(), Some((*field).into()))).collect();
    ApiView { mapping: Some(Mapping { columns }.into()), sample: sample.into(), failed }
}

const COLUMNS: [(&str, &str); 3] = [("fname", "first_name"), ("lname", "last_name"), ("email", "email")];

fn people() -> ApiView {
    let row = |first, last, email| {
        failed(&[("fname", first), ("lname", last), ("email", email)], &[("email", BAD)])
    };
    let sample = vec![row("Ann", "Lee", "ann@bad"), row("Bob", "Ray", "bob@bad"), row("Cy", "Poe", "cy@bad")];
    api(&COLUMNS, sample, 3)
}

fn read_as(report: &str, api: &ApiView) -> FailedRows {
    FailedRows::read(report.as_bytes(), &Limits::default(), api).unwrap()
}

/// A report's completeness, notes, and number of rows with a reason.
fn summary(rows: &FailedRows, api: &ApiView) -> (String, String, usize) {
    let with_reason = (0..rows.len()).filter(|row| rows.problems(*row).next().is_some()).count();
    let complete = rows.completeness(api.failed).describe(rows.origin(), "");
    (complete, rows.notes().join("; "), with_reason)
}

#[test]
fn a_report_is_believed_as_far_as_it_agrees_with_the_api() {
    let api = people();
    let rows = "Ann,Lee,ann@bad\nBob,Ray,bob@bad\nCy,Poe,cy@bad\n";
    let whole = format!("fname,lname,email,errors\n{}", rows.replace("bad\n", &format!("bad,{BAD}\n")));
    for (report, complete, notes, with_reason) in [
        (whole.clone(), "all 3, from the report", "", 3),
        (
            format!("Error report for import 4711\nCreated 2026-11-27 21:40\n\n{whole}"),
            "all 3, from the report",
            "2 lines above the headers left out",
            3,
        ),
        (
            format!("\n<br />\n<b>Deprecated</b>:  x in <b>/srv/x.php</b> on line <b>9</b><br />\n{whole}"),
            "all 3, from the report",
            "2 lines above the headers left out",
            3,
        ),
        (format!("\"sep=;\"\n{}", whole.replace(',', ";")), "all 3, from the report", "", 3),
        (format!("SEP=^\r\n{}", whole.replace(',', "^")), "all 3, from the report", "", 3),
        (
            format!("fname,lname,email\n{rows}"),
            "all 3, from the report",
            "the report gives no reasons; showing Plannr's (3)",
            3,
        ),
        (
            // Nobody of them is in the sample.
            "fname,lname,email\nZed,A,x\nYan,B,y\nXi,C,z\n".to_owned(),
            "all 3, from Plannr",
            "the report gives no reasons; showing Plannr's sample (3)",
            3,
        ),
        (
            "fname,lname,email,errors\n".to_owned(),
            "all 3, from Plannr",
            "the report has no rows; showing Plannr's sample (3)",
            3,
        ),
        (
            "No errors were found.\n".to_owned(),
            "all 3, from Plannr",
            "the report belongs to another file; showing Plannr's sample (3)",
            3,
        ),
        (
            format!("fname,lname,email,errors\nAnn,Lee,ann@bad,{BAD}\nBob,Ray,bob@bad,{BAD}\n"),
            "all 3, from Plannr",
            "the report has only 2 rows; showing Plannr's sample (3)",
            3,
        ),
        (
            // The client's file had no such column: whatever it is called, sentences are the reasons.
            format!(
                "fname,lname,email,Anmerkung\n{}",
                rows.replace("bad\n", "bad,Adresse ist nicht zu gebrauchen\n")
            ),
            "all 3, from the report",
            "",
            3,
        ),
        (format!("{whole}Dee,Fox,dee@bad,{BAD}\n"), "4 in the report, Plannr counts 3", "", 4),
    ] {
        let rows = read_as(&report, &api);
        let (completeness, noted, reasons) = summary(&rows, &api);
        assert_eq!(
            (completeness.as_str(), noted.as_str(), reasons),
            (complete, notes, with_reason),
            "{report}"
        );
        assert_eq!(rows.header(rows.own()[0]).as_str(), "fname", "{report}");
    }
    let short = ApiView { sample: Vec::new().into(), ..api };
    let rows = read_as("fname,lname,email,errors\nAnn,Lee,ann@bad,No\n", &short);
    assert_eq!(summary(&rows, &short), ("1 of 3: 2 missing from the report".to_owned(), String::new(), 1));
}

#[test]
fn a_file_is_read_in_the_one_way_in_which_every_row_fits() {
    let api = api(&[("fname", "first_name"), ("note", "note"), ("email", "email")], Vec::new(), 2);
    let file = |row: &str| format!("fname,note,email,errors\n{row}\nBob,\"plain\",bob@bad,{BAD}\n");
    for (row, note, says) in [
        (format!("Ann,\"said \"\"no, thanks\"\" twice\",ann@bad,{BAD}"), "said \"no, thanks\" twice", ""),
        (
            format!("Ann,\"said \\\"no, thanks\\\" twice\",ann@bad,{BAD}"),
            "said \\\"no, thanks\\\" twice",
            "quotation marks escaped by backslashes (PHP)",
        ),
        (
            format!("Zed,\"open quote,ann@bad,{BAD}"),
            "\"open quote",
            "unbalanced quotation marks: read as plain text",
        ),
    ] {
        let rows = read_as(&file(&row), &api);
        assert_eq!((rows.len(), rows.cell(0, 1).raw()), (2, note), "{row}");
        assert_eq!(rows.notes().join("; "), says);
        assert_eq!(rows.table().broken_rows(), 0);
    }
    // Where nothing makes every row fit, the rows that are broken are marked and counted.
    let broken =
        read_as(&format!("{}Cy,\"a, b\",c@bad,{BAD}\n", file(&format!("Ann,\"x\"y\",ann@bad,{BAD}"))), &api);
    assert!(broken.table().is_broken(0) && !broken.table().is_broken(1));
    assert_eq!(broken.notes().join("; "), "1 row is broken (marked !)");
    let open = read_as(
        &format!(
            "{}Cy,\"a, b,c@bad,{BAD}\nDee,d,d@bad,{BAD}\n",
            file(&format!("Ann,\"x, y\",ann@bad,{BAD}"))
        ),
        &api,
    );
    assert!(open.notes().join("; ").contains("a quotation mark is never closed"), "{:?}", open.notes());
    assert!(open.table().is_broken(open.len() - 1));
}

#[test]
fn nothing_is_taken_for_headers_or_reasons_that_is_the_client_s() {
    let api = api(&[("name", "name"), ("errors", "errors"), ("email", "email")], Vec::new(), 1);
    for (report, headers, reason) in [
        // A title with a word that means reasons, and one with most of the headers, stand above the headers.
        (
            "errors,42\n\nname,errors,email,errors\nAnn,2,a@b,The email is invalid.\n",
            "name errors email",
            "is invalid",
        ),
        (
            "Fields: name,email,x\nname,errors,email,errors\nAnn,2,a@b,The email is invalid.\n",
            "name errors email",
            "is invalid",
        ),
        // The client has such a column too: the other one is the report's.
        ("name,errors,email,errors\nAnn,2,a@b,The email is invalid.\n", "name errors email", "is invalid"),
        // Beside a column that says so itself, one that only reads like it is the client's.
        (
            "name,message,errors,email,errors\nAnn,The plan must be reviewed.,2,a@b,The email is invalid.\n",
            "name message errors email",
            "is invalid",
        ),
    ] {
        let rows = read_as(report, &api);
        let own: Vec<String> = rows.own().iter().map(|column| rows.header(*column).to_string()).collect();
        assert_eq!((rows.len(), own.join(" ").as_str()), (1, headers), "{report}");
        let reasons: Vec<_> = rows.reasons().iter().map(|reason| reason.short().to_owned()).collect();
        assert_eq!(reasons, [reason], "{report}");
    }
}

#[test]
fn a_broken_row_is_marked_and_changes_no_other() {
    let api = api(&[("name", "name"), ("email", "email")], Vec::new(), 2);
    let quoted = read_as(
        &format!("name,email,errors\n\"Say \"\"hi\"\"\",a@b,{BAD}\n\"open,b@b,{BAD}\nCy,c@b,{BAD}\n"),
        &api,
    );
    assert_eq!(quoted.cell(0, 0).raw(), "Say \"hi\"");
    assert!(quoted.table().is_broken(1), "{:?}", quoted.notes());
    let long = read_as(&format!("name,email,errors\nSmith, Ann,a@b,{BAD}\nBob,b@b,{BAD}\n"), &api);
    assert!(long.table().is_broken(0) && !long.table().is_broken(1));
}

#[test]
fn nothing_is_said_of_reasons_where_there_is_no_row() {
    let rows = read_as("fname,lname,email,errors\n", &ApiView::default());
    assert!(rows.notes().is_empty(), "{:?}", rows.notes());
}

#[test]
fn a_report_without_any_of_plannr_s_own_rows_is_said_to_be_suspicious() {
    let api = people();
    let other = format!("fname,lname,email,errors\nA,B,x@y,{BAD}\nC,D,z@y,{BAD}\nE,F,q@y,{BAD}\n");
    let rows = read_as(&other, &api);
    assert_eq!(
        rows.notes(),
        ["none of Plannr's 3 sample rows is in the report; it may belong to another import"]
    );
}

#[test]
fn a_sample_of_bare_lists_is_found_in_the_report() {
    let mut api = people();
    api.mapping = None;
    for row in Arc::make_mut(&mut api.sample) {
        let values: Vec<_> = row.cells.values().map(|value| value.raw().to_owned()).collect();
        let numbers: Vec<SafeText> = (1..=values.len()).map(|nth| nth.to_string().as_str().into()).collect();
        row.cells = Cells::new(numbers.into(), values);
    }
    let sample = FailedRows::of_sample(&api.sample, None);
    let rows = (0..sample.len()).map(|row| {
        let cells: Vec<&str> = sample.own().iter().map(|column| sample.cell(row, *column).raw()).collect();
        format!("{},{BAD}\n", cells.join(","))
    });
    let report = format!("fname,lname,email,errors\n{}", rows.collect::<String>());
    assert!(read_as(&report, &api).notes().is_empty());
}

#[test]
fn the_same_reasons_with_the_same_counts_from_both_sources() {
    let messages: Vec<String> =
        (40..45).map(|age| format!("The end age field must be greater than or equal to {age}.")).collect();
    let cells = |at: usize| [("start_age", (40 + at).to_string()), ("end_age", (30 + at).to_string())];
    let sample = messages.iter().enumerate().map(|(at, message)| {
        let cells = cells(at);
        let cells: Vec<(&str, &str)> = cells.iter().map(|(name, value)| (*name, value.as_str())).collect();
        failed(&cells, &[("end_age", message)])
    });
    let api = api(&[("start_age", "start_age"), ("end_age", "end_age")], sample.collect(), 5);
    let lines =
        messages.iter().enumerate().map(|(at, message)| format!("{},{},{message}\n", 40 + at, 30 + at));
    let report = read_as(&format!("start_age,end_age,errors\n{}", lines.collect::<String>()), &api);
    let sample = FailedRows::of_sample(&api.sample, api.mapping.as_deref());
    for rows in [&report, &sample] {
        let reasons: Vec<_> =
            rows.reasons().iter().map(|reason| (reason.short().to_owned(), reason.rows.len())).collect();
        assert_eq!(reasons, [("must be greater than or equal to ‹…›".to_owned(), 5)], "{rows:?}");
    }
}

#[test]
fn a_field_with_an_index_marks_the_column_that_the_mapping_names() {
    let columns = [
        ("First name", "first_name"),
        ("Postcode", "addresses.0.postcode"),
        ("Correspondence postcode", "addresses.1.postcode"),
        ("Email", "contact_email"),
        ("Contact email", "email"),
    ];
    let cells = columns.map(|(header, _)| (header, "x"));
    for (field, column) in [
        ("addresses.1.postcode", Some(2)),
        ("addresses.0.postcode", Some(1)),
        // There is no column for it: none is marked rather than a wrong one.
        ("addresses.2.postcode", None),
        ("email", Some(4)),
        ("contact_email", Some(3)),
        ("first_name", Some(0)),
    ] {
        let message = format!("The {field} field must not be greater than 8 characters.");
        let api = api(&columns, vec![failed(&cells, &[(field, &message)])], 1);
        let sample = FailedRows::of_sample(&api.sample, api.mapping.as_deref());
        assert_eq!(sample.problems(0).map(|problem| problem.column).collect::<Vec<_>>(), [column], "{field}");
        let headers: Vec<&str> = columns.iter().map(|(header, _)| *header).collect();
        let report = read_as(&format!("{},errors\nx,x,x,x,x,{message}\n", headers.join(",")), &api);
        if field.contains('.') {
            assert_eq!(
                report.problems(0).map(|problem| problem.column).collect::<Vec<_>>(),
                [column],
                "{field}"
            );
        }
    }
}

#[test]
fn json_has_every_column_whatever_the_headers_are() {
    for (headers, names) in [
        ("name,name,email", &["name", "name (2)", "email"][..]),
        ("name,,name", &["name", "column 2", "name (2)"]),
        (",,", &["column 1", "column 2", "column 3"]),
        ("name,name,name (2)", &["name", "name (3)", "name (2)"]),
        ("column 2,,column 2", &["column 2", "column 2 (2)", "column 2 (3)"]),
        ("#,LINE,WHY", &["#", "LINE", "WHY"]),
    ] {
        let rows = read_as(&format!("{headers},errors\na,b,c,{BAD}\n"), &ApiView::default());
        assert_eq!(rows.names(Redaction::default()), names, "{headers}");
        let json = rows.json(0, Redaction::default());
        let values: Vec<&str> = names.iter().map(|name| json["row"][*name].as_str().unwrap()).collect();
        assert_eq!(values, ["a", "b", "c"], "{headers}");
    }
}

#[test]
fn reading_ends_at_the_next_row_when_nobody_waits() {
    let limits = Limits::default();
    let whole = |limits: &Limits| {
        let csv = format!("email,errors\n{}", format!("a,{BAD}\n").repeat(1_000));
        FailedRows::read(csv.as_bytes(), limits, &ApiView::default())
    };
    let waiting = limits.cancel.on_drop();
    let rows = whole(&limits).unwrap();
    drop(waiting);
    assert_eq!(whole(&limits).unwrap_err(), ReadError::Cancelled);
    assert_eq!(rows.prepare(), Err(ReadError::Cancelled));
}

#[test]
fn a_sample_of_any_size_costs_no_more_than_what_is_documented_and_some() {
    let rows: Vec<FailedRow> =
        (0..5_000).map(|at: usize| failed(&[("email", &at.to_string())], &[("email", BAD)])).collect();
    let sample = FailedRows::of_sample(&rows, None);
    assert_eq!(sample.completeness(5_000).short(), "100 of 5,000");
    assert_eq!(sample.notes(), ["the first 100 of the rows that Plannr sent"]);
}

proptest! {
    /// Each cell shown is the cell of the row, whatever the headers are: equal, empty, the program's own words.
    #[test]
    fn each_name_is_told_once_and_leads_to_its_own_cell(
        headers in prop::collection::vec("#|LINE|WHY|name|name \\(2\\)|column 2|| |日本|שם", 1..8),
    ) {
        let cells: Vec<String> = (0..headers.len()).map(|at| format!("cell {at}")).collect();
        let quoted = |texts: &[String]| {
            texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(",")
        };
        let file = format!("{},errors\n{},{BAD}\n", quoted(&headers), quoted(&cells));
        let rows = read_as(&file, &ApiView::default());
        let names = rows.names(Redaction::default());
        prop_assert_eq!(names.len(), headers.len());
        let json = rows.json(0, Redaction::default());
        for (at, name) in names.iter().enumerate() {
            prop_assert_eq!(json["row"][name].as_str(), Some(cells[at].as_str()));
            prop_assert_eq!(rows.cell(0, rows.own()[at]).raw(), cells[at].as_str());
        }
    }
}
