use proptest::prelude::*;

use super::*;
use crate::report::{ApiView, Limits, read};

fn joined(report: &str, source: &str) -> Option<Joined> {
    let report = FailedRows::read(report.as_bytes(), &Limits::default(), &ApiView::default()).unwrap();
    join(&report, &read(source.as_bytes(), &Limits::default()).unwrap())
}

#[test]
fn each_row_has_the_line_on_which_an_editor_finds_it() {
    let source = "\u{feff}Email;Name;Note;Other\r\n\
        a@x;Ann;\"one\r\ntwo\";1\r\n\
        \r\n\
        B@X ;Zoe\u{308};;2\r\n\
        c@x;Cy;;3\r\n\
        c@x;Cy;;4\r\n\
        d@x;Di;;5\r\n\
        D@x;Di;;6\r\n";
    let report = "name,email,note,errors\n\
        Ann,a@x,\"one\r\ntwo\",The email is invalid.\n\
        Zoë,b@x,,x\n\
        Cy,c@x,,x\n\
        Di,d@x,,x\n\
        Ed,e@x,,x\n";
    let joined = joined(report, source).unwrap();
    // An exact match wins over a likeness: d@x is on line 8, D@x only looks like it.
    assert_eq!(
        joined.rows,
        [Match::Line(2), Match::Line(5), Match::Several(2), Match::Line(8), Match::NotFound]
    );
    assert_eq!((joined.shared, joined.lacking, joined.normalised), (3, 0, 1));
    assert_eq!(joined.counts(), (3, 1, 1));
}

#[test]
fn a_file_without_the_client_s_columns_is_another_file() {
    assert_eq!(joined("email,errors\na,x\n", "Surname\nFair\n"), None);
    let partly = joined("email,age,errors\na,9,x\n", "email\na\n").unwrap();
    assert_eq!((partly.shared, partly.lacking, partly.rows), (1, 1, vec![Match::Line(2)]));
    // Two columns of one name belong to each other in their order.
    let twice = joined("tel,tel,errors\n1,2,x\n", "tel,tel\n2,1\n1,2\n").unwrap();
    assert_eq!(twice.rows, [Match::Line(3)]);
}

proptest! {
    #[test]
    fn every_row_that_came_from_the_source_is_found_there(
        cells in prop::collection::vec(prop::collection::vec("[a-bA-B ,\n]{0,2}", 3), 1..12),
        picked in prop::collection::vec(any::<prop::sample::Index>(), 1..8),
    ) {
        let line = |cells: &[String]| {
            let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{cell}\"")).collect();
            quoted.join(",")
        };
        let source: String = cells.iter().map(|row| line(row) + "\n").collect();
        let picked: Vec<usize> = picked.iter().map(|at| at.index(cells.len())).collect();
        let report: String = picked.iter().map(|at| line(&cells[*at]) + ",x\n").collect();
        let joined = joined(&format!("a,b,c,errors\n{report}"), &format!("a,b,c\n{source}")).unwrap();
        for (at, found) in picked.iter().zip(joined.rows) {
            let before: String = cells[..*at].iter().map(|row| line(row) + "\n").collect();
            let same = cells.iter().filter(|row| **row == cells[*at]).count();
            let expected = if same > 1 { Match::Several(same) } else { Match::Line(2 + before.matches('\n').count() as u64) };
            prop_assert_eq!(found, expected);
        }
    }
}
