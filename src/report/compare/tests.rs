use proptest::prelude::*;

use super::*;
use crate::report::{ApiView, Limits};

fn report(csv: &str) -> FailedRows {
    FailedRows::read(csv.as_bytes(), &Limits::default(), &ApiView::default()).unwrap()
}

const TAKEN: &str = "The plan has already been taken.";
const BAD: &str = "The plan is invalid.";

#[test]
fn rows_are_followed_from_run_to_run() {
    let before = report(&format!(
        "Email,Plan,errors\na@x,1,{TAKEN}\nb@x,2,{TAKEN}\nc@x,3,{TAKEN}\n,4,{TAKEN}\nd@x,5,The plan '5' is bad.\n"
    ));
    let now = report(&format!(
        "plan,EMAIL,errors\n9, A@X ,{TAKEN}\n2,b@x,{BAD}\n7,new@x,{BAD}\n6,d@x,The plan '6' is bad.\n"
    ));
    let comparison = compare(&before, &now).unwrap();
    // One of five has no address; the plan numbers fail, so they may have been fixed.
    assert_eq!(comparison.key, Key::WholeRow);
    let before = report(&format!(
        "Email,Plan,errors\na@x,1,{TAKEN}\nb@x,2,{TAKEN}\nc@x,3,{TAKEN}\nd@x,5,The plan '5' is bad.\n"
    ));
    let comparison = compare(&before, &now).unwrap();
    assert_eq!(comparison.key, Key::Columns(vec![1]));
    assert_eq!((comparison.passes, comparison.newly), (vec![2], vec![2]));
    let still = |before, now, same_reason| Still { before, now, same_reason };
    assert_eq!(comparison.still, [still(0, 0, true), still(1, 1, false), still(3, 3, true)]);
    assert!(comparison.ambiguous_before.is_empty() && comparison.ambiguous_now.is_empty());
}

#[test]
fn what_cannot_be_told_apart_is_counted_and_never_guessed() {
    let rows = |emails: &[&str]| {
        let rows: String = emails.iter().map(|email| format!("{email},{TAKEN}\n")).collect();
        report(&format!("email,errors\n{rows}"))
    };
    let comparison =
        compare(&rows(&["a", "a", "b", "b", "c", ""]), &rows(&["A", "c", "c", "d", "d"])).unwrap();
    assert_eq!(comparison.passes, [2, 3]);
    assert_eq!(comparison.newly, [3, 4]);
    assert_eq!(comparison.ambiguous_before, [0, 1, 4, 5]);
    assert_eq!(comparison.ambiguous_now, [0, 1, 2]);
    assert!(comparison.still.is_empty());
}

#[test]
fn the_key_is_the_row_s_own_name_or_the_fewest_columns_that_are_unique() {
    let key = |csv: &str| compare(&report(csv), &report(csv)).unwrap().key;
    let columns = |columns: &[usize]| Key::Columns(columns.to_vec());
    for (csv, expected) in [
        ("Name,NI Number,Email,errors\nA,1,a,x\nB,2,b,x\n", columns(&[2])),
        // An address of a whole household.
        ("Name,NI Number,Email,errors\nA,1,a,x\nB,2,a,x\n", columns(&[1])),
        // An address that fails will be another one next time.
        ("Name,Ref,Email,errors\nA,1,a,The email is invalid.\nB,2,b,The email is invalid.\n", columns(&[1])),
        ("First,Last,Town,errors\nA,X,S,x\nB,X,S,x\nA,Y,S,x\nC,Y,T,x\n", columns(&[0, 1])),
        ("First,Last,errors\nA,X,x\nA,X,x\n", Key::WholeRow),
        ("First,Last,errors\n", columns(&[0])),
    ] {
        assert_eq!(key(csv), expected, "{csv}");
    }
    let other = report("Name,errors\nA,x\n");
    assert_eq!(compare(&other, &report("Name,Age,errors\nA,1,x\n")), None);
    assert_eq!(compare(&other, &report("Nom,errors\nA,x\n")), None);
}

proptest! {
    #[test]
    fn every_row_of_both_runs_has_one_fate(
        before in prop::collection::vec(("[ab ]{0,2}", "[12]{0,2}", "[xy]"), 0..12),
        now in prop::collection::vec(("[ab ]{0,2}", "[12]{0,2}", "[xy]"), 0..12),
    ) {
        let report = |rows: &[(String, String, String)]| {
            let rows: String = rows.iter().map(|(a, b, why)| format!("\"{a}\",\"{b}\",{why}\n")).collect();
            report(&format!("email,ref,errors\n{rows}"))
        };
        let (before, now) = (report(&before), report(&now));
        let comparison = compare(&before, &now).unwrap();
        let mut earlier: Vec<usize> =
            comparison.passes.iter().chain(&comparison.ambiguous_before).copied().chain(comparison.still.iter().map(|s| s.before)).collect();
        let mut later: Vec<usize> =
            comparison.newly.iter().chain(&comparison.ambiguous_now).copied().chain(comparison.still.iter().map(|s| s.now)).collect();
        earlier.sort_unstable();
        later.sort_unstable();
        prop_assert_eq!(earlier, (0..before.table.len()).collect::<Vec<_>>());
        prop_assert_eq!(later, (0..now.table.len()).collect::<Vec<_>>());
        let again = compare(&now, &before).unwrap();
        prop_assert_eq!(comparison.still.len(), again.still.len());
    }
}
