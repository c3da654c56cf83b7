use super::*;
use crate::report::{ApiView, Limits};

fn rows() -> FailedRows {
    let csv = "Name,Post code,why,Email,errors\n\
        Ann,ZE1 0AA,x,ann@gmail.com,The email has already been taken.\n\
        Bob,SN1 1AA,y,bob@bad,The post code format is invalid.\n\
        Cid,,z,cid@gmail.com,\"The post code field is required., The email has already been taken.\"\n";
    FailedRows::read(csv.as_bytes(), &Limits::default(), &ApiView::default()).unwrap()
}

#[test]
fn a_filter_matches_what_is_on_the_screen() {
    let rows = rows();
    for (text, passing) in [
        ("", &[0, 1, 2][..]),
        ("ann", &[0]),
        ("GMAIL", &[0, 2]),
        // The reason as it is worded, its field, the header of the column that failed.
        ("taken", &[0, 2]),
        ("\"already been\"", &[0, 2]),
        ("post_code", &[1, 2]),
        ("\"Post code\"", &[1, 2]),
        // The column is everybody's, but it failed nowhere.
        ("Name", &[]),
        ("email:gmail", &[0, 2]),
        ("e-mail:bad", &[1]),
        ("\"Post code\":ze1", &[0]),
        ("post:ze1,sn1", &[0, 1]),
        ("why:taken", &[0, 2]),
        ("why:post", &[1, 2]),
        ("\"why\":y", &[1]),
        ("-why:taken", &[1]),
        ("taken required", &[2]),
        ("is:new", &[1]),
        ("is:still,new", &[0, 1]),
        ("email: ", &[0, 1, 2]),
        ("10:30", &[]),
        // What is mistaken restricts nothing.
        ("nmae:ann gmail", &[0, 2]),
        ("is:odd", &[0, 1, 2]),
    ] {
        let (filter, _) = Filter::parse(text, &rows, (true, false));
        let change = |row: usize| [Some(Change::Still), Some(Change::New), None].get(row).copied().flatten();
        assert_eq!(filter.rows(&rows, change, |_| None), passing, "{text}");
    }
    assert!(Filter::parse("is:gone", &rows, (true, false)).0.wants(Change::Gone));
    assert!(!Filter::parse("-is:gone", &rows, (true, false)).0.wants(Change::Gone));
}

#[test]
fn a_mistake_says_where_and_what_would_be_right() {
    let rows = rows();
    for (text, at, message) in [
        ("x nmae:ann", "nmae:", "unknown column nmae: did you mean Name:?"),
        ("post_cod3:1", "post_cod3:", "unknown column post_cod3: did you mean \"Post code\":?"),
        ("weather:1", "weather:", "unknown column weather; put it in quotes to search for the text"),
        ("is:odd", "odd", "is: takes new, still, gone, fixed, partly, unfixed"),
    ] {
        let mistake = Filter::parse(text, &rows, (true, false)).1.unwrap();
        assert_eq!((&text[mistake.span], mistake.message.as_str()), (at, message));
    }
    let alone = Filter::parse("is:new", &rows, (false, false)).1.unwrap();
    assert_eq!(alone.message, "is: needs a comparison; compare with another run first");
}
