//! The screen that fixes failed rows: what it proposes, what the user makes of it, and what is written.

use plannr_tui::report::fix::RowState;
use plannr_tui::ui::theme::{Depth, Themes};

use crate::session::{Setup, play};

const SIZE: (u16, u16) = (120, 40);
/// From the start to the fixes of a report in which several kinds of mistakes are.
const FIX: &str = "<wait:5s>/is:done failed:>30 has:report<enter>e<wait:1s>f<wait:1s>";

/// How many rows the first number of the screen's summary says are fixed.
fn fixed(screen: &crate::screen::Screen) -> usize {
    let line = screen.line_with(" rows fixed");
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn proposals_are_taken_left_undone_and_written() {
    let played =
        play(SIZE, &format!("{FIX}<shot> <shot>u<shot>U<shot>a<shot>aw<shot>aw<enter><wait:1s><shot>"));
    let [proposed, left, undone, redone, all_taken, refused, written] = &played.shots[..] else { panic!() };
    let count = fixed(proposed);
    assert!(count > 0 && proposed.contains("[x] Monthly Cost: currency removed"), "{}", proposed.text());
    assert!(proposed.contains("[x] ") && left.contains("[ ] "), "{}", left.text());
    assert!(fixed(left) < count && fixed(redone) == fixed(left), "{}", left.text());
    // `a` takes what was left, since not all are taken.
    assert_eq!((fixed(undone), fixed(all_taken)), (count, count));
    assert!(
        refused.contains("0 of 41 rows fixed") && refused.contains("nothing to write"),
        "{}",
        refused.text()
    );
    assert!(written.contains("saved"), "{}", written.text());
}

#[test]
fn what_is_written_is_what_is_fixed_and_the_others_as_the_user_says() {
    for (keys, all, why) in [("", false, false), ("<tab>", true, false), ("<tab><tab>", true, true)] {
        let played = play(SIZE, &format!("{FIX}w{keys}<shot><enter><wait:1s>"));
        let [rows] = &played.outside.written[..] else { panic!("{}", played.screen.text()) };
        let fixes = rows.fixes.as_ref().unwrap();
        assert!(rows.has_all_fixed);
        let is_fixed = |row: &usize| fixes.state(&rows.of, *row) == RowState::Fixed;
        let fixed = (0..rows.of.len()).filter(is_fixed).count();
        assert!(played.shots[0].contains(&format!("{fixed} of 41 rows fixed")), "{}", played.shots[0].text());
        if all {
            assert_eq!(rows.rows, (0..rows.of.len()).collect::<Vec<_>>());
        } else {
            assert!(rows.rows.len() == fixed && rows.rows.iter().all(is_fixed));
        }
        assert_eq!(rows.why, why);
        let name =
            if all { "-fixed-and-others-41.csv".to_owned() } else { format!("-fixed-{fixed}-of-41.csv") };
        assert!(rows.to.ends_with(&name), "{}", rows.to);
    }
}

#[test]
fn a_cell_is_edited_by_hand_and_its_row_is_fixed() {
    // The last proposal is of cells that are left.
    let played = play(
        SIZE,
        &format!("{FIX}<shot>G<tab><enter><ctrl-u>Mended<shot><enter><shot><esc>/is:fixed<enter><shot>"),
    );
    let [before, typing, after, filtered] = &played.shots[..] else { panic!("{}", played.screen.text()) };
    assert!(typing.contains("Mended"), "{}", typing.text());
    assert!(after.contains("→ Mended") && fixed(after) == fixed(before) + 1, "{}", after.text());
    let listed = format!("{} match the filter", fixed(after));
    assert!(filtered.contains(&listed) && filtered.contains("FIX"), "{}", filtered.text());
    // Masked, a value is not edited: the field would show it.
    let played = play(SIZE, &format!("{FIX}xG<tab><enter><shot>"));
    assert!(played.shots[0].contains("client values are masked"), "{}", played.shots[0].text());
}

#[test]
fn fixes_that_were_not_written_are_not_left_behind_unasked() {
    let asks = "Fixes not written";
    // A proposal that was left, then a way out.
    for (leave, stays) in
        [("q", "Fix"), ("hh", "Failed rows"), ("<esc><esc>", "Failed rows"), ("<esc>q", "Failed rows")]
    {
        let played = play(SIZE, &format!("{FIX} {leave}<shot><esc><shot>"));
        let [asked, stayed] = &played.shots[..] else { panic!("{leave}: {}", played.screen.text()) };
        assert!(asked.contains(asks), "{leave}: {}", asked.text());
        assert!(!stayed.contains(asks) && stayed.line(1).contains(stays), "{leave}: {}", stayed.text());
    }
    let played = play(SIZE, &format!("{FIX} qy"));
    assert_eq!(played.code, 0);
    let played = play(SIZE, &format!("{FIX} <esc><esc>y<shot>"));
    assert!(played.shots[0].line(1).contains("1 All"), "{}", played.shots[0].text());
    let played = play(SIZE, &format!("{FIX} qw<enter><wait:1s>q"));
    assert_eq!((played.code, played.outside.written.len()), (0, 1));
    // What nobody touched, was written, or is all left as it came, is left without a question; Ctrl-C never asks.
    for keys in ["q", "uq", "aq", " w<enter><wait:1s>q", " <ctrl-c>"] {
        let played = play(SIZE, &format!("{FIX}{keys}<shot>"));
        assert!(played.shots.is_empty(), "{keys}: {}", played.screen.text());
    }
}

#[test]
fn an_edit_that_the_rule_would_still_reject_fixes_nothing() {
    // The cells of the last changed proposal but one are amounts; "much" is none.
    let played = play(SIZE, &format!("{FIX}j<shot><tab><enter><ctrl-u>much<enter><shot>"));
    let [before, after] = &played.shots[..] else { panic!("{}", played.screen.text()) };
    assert!(after.contains("→ much  still rejected"), "{}", after.text());
    // Its row has another message about a cell that is left: it is not even partly fixed now.
    assert!(
        before.line(2).contains(", 3 partly") && after.line(2).contains(", 2 partly"),
        "{}",
        after.text()
    );
}

#[test]
fn fixes_outlast_that_the_rows_are_read_anew() {
    let edit = "G<tab><enter><ctrl-u>Mended<enter>";
    let played = play(SIZE, &format!("{FIX}{edit}<shot><esc>e<wait:2s>f<wait:1s>G<shot>"));
    let [before, after] = &played.shots[..] else { panic!("{}", played.screen.text()) };
    assert!(fixed(after) == fixed(before) && after.contains("→ Mended"), "{}", after.text());
}

#[test]
fn a_click_elsewhere_keeps_what_was_typed_in_its_own_cell() {
    let played = play(SIZE, &format!("{FIX}<tab><enter><ctrl-u>1234.00<click:80,8><shot>"));
    let screen = &played.shots[0];
    let rows: Vec<u16> = (0..40).filter(|y| screen.line(*y).contains("1234.00")).collect();
    assert_eq!(rows.len(), 1, "{}", screen.text());
    assert_ne!(rows, [8], "{}", screen.text());
}

#[test]
fn the_listed_rows_are_written_with_what_is_fixed_in_them() {
    let played = play(SIZE, &format!("{FIX}<esc>/is:fixed<enter>w<shot><enter><wait:1s>"));
    assert!(played.shots[0].contains("with what is fixed in them"), "{}", played.shots[0].text());
    let [rows] = &played.outside.written[..] else { panic!() };
    let fixes = rows.fixes.as_ref().unwrap();
    assert!(
        !rows.has_all_fixed && rows.rows.iter().all(|row| fixes.state(&rows.of, *row) == RowState::Fixed)
    );
}

#[test]
fn a_change_is_seen_where_values_are_masked_and_an_arrow_where_there_is_only_ascii() {
    let masked = play(SIZE, &format!("{FIX}jjjj<tab><enter>9<enter>x<shot>")).shots.remove(0);
    assert!(masked.contains("•••  changed"), "{}", masked.text());
    let themes = Themes::new(Depth::All, true, true, &[]);
    let keys = "<wait:5s>/is:done type:clients failed:29<enter>e<wait:1s>f<wait:1s><shot>";
    let ascii = Setup { size: SIZE, themes, ..Setup::default() }.play(keys).shots.remove(0);
    assert!(ascii.contains("YYYY -> YYYY-MM-DD"), "{}", ascii.text());
}

#[test]
fn the_chosen_proposal_is_whole_at_every_width() {
    for size in [(80, 24), (120, 40), (200, 50)] {
        let whole = play((300, 60), &format!("{FIX}G<shot>")).shots.remove(0);
        let line = whole.line_with("▌ ");
        let (_, how) = line.split_once(": ").unwrap();
        let how = how.split("   ").next().unwrap().trim();
        let screen = play(size, &format!("{FIX}G<shot>")).shots.remove(0).text();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let last: Vec<&str> = how.split_whitespace().rev().take(2).collect();
        assert!(words(&screen).contains(&format!("{} {}", last[1], last[0])), "{how}: {screen}");
    }
}
