use proptest::prelude::*;

use super::*;
use crate::domain::failure::{Cells, FailedRow, Problem};
use crate::domain::text::SafeText;
use crate::report::errors::Columns;
use crate::report::{ApiView, Limits, read};

fn written(report: &FailedRows, options: Options) -> (String, Written) {
    let mut out = Vec::new();
    let summary = write(&mut out, report, 0..report.table.len(), options).unwrap();
    (String::from_utf8(out).unwrap(), summary)
}

fn report(bytes: &[u8]) -> FailedRows {
    FailedRows::read(bytes, &Limits::default(), &ApiView::default()).unwrap()
}

#[test]
fn the_error_columns_are_left_out_and_everything_else_is_as_it_was() {
    let taken = "The email has already been taken.";
    let csv = format!(
        "\u{feff}errors;\"First name\";email;Note\r\n\
         {taken};\"Ann\";  a@x ;\"two\nlines, \"\"so\"\"\"\r\n\
         {taken};5\" pipe;;\r\n\
         {taken};short\r\n\
         {taken};;;\r\n"
    );
    let expected = csv.replace("errors;", "").replace(&format!("{taken};"), "");
    assert_eq!(
        written(&report(csv.as_bytes()), Options::default()),
        (expected, Written { rows: 4, ..Written::default() })
    );
}

#[test]
fn a_last_column_says_why_beside_short_rows_too() {
    let csv = "email,age,errors\na,1,\"The email is invalid., The age must be a number.\"\nb\n";
    let (text, _) = written(&report(csv.as_bytes()), Options { why: true, ..Options::default() });
    assert_eq!(text, "email,age,why it failed\na,1,The email is invalid. | The age must be a number.\nb,,\n");
}

#[test]
fn other_encodings_are_written_as_utf_8_and_it_is_said() {
    let utf16: Vec<u8> = "\u{feff}naïve\tb\r\n£5\t€\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let (text, summary) = written(&report(&utf16), Options::default());
    assert_eq!(
        (text.as_str(), summary.converted),
        ("\u{feff}naïve\tb\r\n£5\t€\r\n", Some(Encoding::Utf16Be))
    );
    let (text, summary) = written(&report(b"na\xefve,b\n\xa35,\x80\n"), Options::default());
    assert_eq!((text.as_str(), summary.converted), ("naïve,b\n£5,€\n", Some(Encoding::Windows1252)));
}

#[test]
fn formulas_are_counted_and_neutralised_only_when_asked() {
    let csv = "name,b,errors\n=1+1,-12.50,x\n+44 1,@SUM(A1),x\n\"\tx\",-cmd,x\n-1x,- ,x\n";
    let report = report(csv.as_bytes());
    let (text, summary) = written(&report, Options::default());
    assert_eq!(
        (text.as_str(), summary.formulas),
        (csv.replace(",x\n", "\n").replace(",errors", "").as_str(), 7)
    );
    assert_eq!(formulas(&report, 0..4), 7);
    assert_eq!(formulas(&report, [0, 99]), 1);
    let (text, _) = written(&report, Options { spreadsheet_safe: true, ..Options::default() });
    assert_eq!(text, "name,b\n'=1+1,-12.50\n'+44 1,'@SUM(A1)\n\"'\tx\",'-cmd\n'-1x,'- \n");
}

#[test]
fn the_file_name_says_what_it_holds_and_has_nothing_strange_in_it() {
    for (kind, mode, what, count, name) in [
        ("clients", "store", "DOB", "41 of 412", "clients-create-DOB-41-of-412.csv"),
        ("clients", "store", "failed", "all 412", "clients-create-failed-all-412.csv"),
        (
            "provider_statement",
            "validate",
            "Post code",
            "3 of 9",
            "provider-statement-validate-Post-code-3-of-9.csv",
        ),
        ("../../etc", "a\\b:\u{202e}c", "../x", "1 of 2", "etc-a-b-c-x-1-of-2.csv"),
        ("", "", "", "all 1", "import-all-1.csv"),
    ] {
        assert_eq!(file_name("", &Kind::new(kind), &Mode::new(mode), what, count), name);
    }
}

#[test]
fn the_api_s_sample_is_written_like_a_report() {
    let rows = [
        FailedRow {
            cells: Cells::from_iter([("Name", "Ann, B"), ("Email", "")]),
            problems: vec![Problem {
                field: "email".into(),
                messages: vec!["The email field is required.".into()],
            }],
        },
        FailedRow { cells: Cells::from_iter([("Email", "x"), ("Age", "9")]), problems: vec![] },
    ];
    let report = FailedRows::of_sample(&rows, None);
    let (text, _) = written(&report, Options { why: true, ..Options::default() });
    assert_eq!(text, "Name,Email,Age,why it failed\n\"Ann, B\",,,The email field is required.\n,x,9,\n");
    assert_eq!(report.problems.of(0).next().unwrap().column, Some(1));
}

/// Cells with everything that CSV has to quote or escape.
fn any_cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9 ]{0,8}",
        2 => "[a,;|\t\"\n\r' =+@é山\u{a0}\u{feff}-]{0,6}",
        1 => Just(String::new()),
    ]
}

fn any_file() -> impl Strategy<Value = String> {
    let delimiter = prop::sample::select(vec![',', ';', '\t', '|']);
    let line_end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    (delimiter, line_end, any::<bool>(), 2_usize..5, any::<u64>()).prop_flat_map(
        |(delimiter, line_end, bom, width, _)| {
            let cells = prop::collection::vec((any_cell(), any::<bool>()), width);
            prop::collection::vec(cells, 0..12).prop_map(move |rows| {
                let headers = (0..width).map(|nth| format!("Head {nth}")).collect::<Vec<_>>();
                let mut text = if bom { "\u{feff}".to_owned() } else { String::new() };
                text.push_str(&headers.join(&delimiter.to_string()));
                text.push_str(line_end);
                for row in rows {
                    let cells = row.iter().map(|(cell, quote)| {
                        // At the beginning of a line a byte order mark is no part of the cell.
                        let needed = cell.contains([delimiter, '\n', '\r', '"', '\u{feff}']);
                        if *quote || needed {
                            format!("\"{}\"", cell.replace('"', "\"\""))
                        } else {
                            cell.clone()
                        }
                    });
                    text.push_str(&cells.collect::<Vec<_>>().join(&delimiter.to_string()));
                    text.push_str(line_end);
                }
                text
            })
        },
    )
}

proptest! {
    #[test]
    fn what_was_not_touched_comes_out_byte_for_byte(text in any_file()) {
        let mut report = report(text.as_bytes());
        report.columns = Columns { own: (0..report.table.width()).collect(), ..Columns::default() };
        prop_assert_eq!(written(&report, Options::default()).0, text);
    }

    #[test]
    fn any_table_is_read_back_as_it_was_written(
        rows in prop::collection::vec(prop::collection::vec(any_cell(), 1..5), 1..10),
        drop_first in any::<bool>(),
    ) {
        let cell = |(nth, value): (usize, &String)| (SafeText::new(&format!("{nth};")), value.clone());
        let rows: Vec<FailedRow> = rows
            .iter()
            .map(|row| FailedRow { cells: row.iter().enumerate().map(cell).collect(), problems: vec![] })
            .collect();
        let mut report = FailedRows::of_sample(&rows, None);
        if drop_first && report.columns.own.len() > 1 {
            report.columns.own.remove(0);
        }
        let (text, _) = written(&report, Options::default());
        let again = read(text.as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(again.len(), report.table.len());
        for row in 0..again.len() {
            let kept: Vec<&str> = report.columns.own.iter().map(|at| report.table.cell(row, *at)).collect();
            prop_assert_eq!(again.row(row).collect::<Vec<_>>(), kept);
        }
    }
}
