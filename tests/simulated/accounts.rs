//! Switching to another firm: nothing of the previous one stays, whatever was in progress.

use std::time::Duration;

use crate::screen::Screen;
use crate::session::{Setup, play};

const SIZE: (u16, u16) = (120, 40);
const HERE: &str = "Fairweather Wealth · Joan Okaforth";
const THERE: &str = "Larkspur & Vole Pensions · Joan Okaforth";

/// What the bar says of how many imports there are.
fn all(screen: &Screen) -> String {
    screen.line(1).split_whitespace().skip_while(|word| *word != "All").nth(1).unwrap().to_owned()
}

#[test]
fn the_other_firm_is_one_key_away_and_so_is_the_way_back() {
    let played =
        play(SIZE, "<wait:5s>a<shot><wait:1s><shot>j<enter><shot><wait:2s><shot>ak<enter><wait:2s><shot>");
    let [opened, listed, switched, there, here] = &played.shots[..] else { panic!() };
    assert!(opened.contains("Accounts"));
    assert!(listed.line_with("● Fairweather").contains("▌ ●"), "{}", listed.text());
    for text in ["Harbour & Thimble", "Larkspur & Vole", "adviser", "administrator", "client"] {
        assert!(listed.contains(text), "{text}: {}", listed.text());
    }
    assert!(switched.line(0).contains(THERE));
    assert!(switched.line(39).contains("switched to Larkspur & Vole Pensions (Joan Okaforth)"));
    assert!(there.line(0).contains(THERE) && all(there) == "14", "{}", there.text());
    assert!(here.line(0).contains(HERE) && all(here) == "40", "{}", here.text());
}

#[test]
fn nothing_of_the_other_firm_is_shown_while_its_answers_are_on_their_way() {
    // Two are marked, one is open with its report on the way, and a poll is in flight.
    let keys = "<wait:20s><space><space>/is:done failed:>30 has:report<enter><enter>e<wait:1s>a<wait:3s>j<enter><shot>\
        <esc><shot><wait:1s><shot><wait:1s><shot><wait:1s><shot><wait:1s><shot><wait:30s><shot>y<shot>";
    let (latency, transfer) = (Duration::from_millis(2900), Duration::from_secs(9));
    let played = Setup { latency, transfer, ..Setup::default() }.play(keys);
    let [switched, loading @ .., loaded, copy] = &played.shots[..] else { panic!() };
    assert!(
        switched.line(0).contains(THERE) && switched.line(0).contains("● loading"),
        "{}",
        switched.text()
    );
    assert!(switched.line(39).contains("the report was cancelled"), "{}", switched.line(39));
    assert!(switched.line(1).contains("/ is:done failed:>30 has:report"), "the filter stays");
    // What was seen of the firm in the background is there at once, and nothing else.
    for screen in loading.iter().chain([loaded]) {
        assert!(screen.line(0).contains(THERE) && all(screen) == "14", "{}", screen.text());
    }
    assert!(copy.contains("summary (Markdown)") && !copy.contains("marked uuids"));
}

#[test]
fn an_account_that_is_refused_leads_back_to_the_list() {
    let played = play(SIZE, "<wait:5s>a<wait:1s>jj<enter><wait:1s><shot>kk<enter><wait:2s><shot>");
    let [refused, here] = &played.shots[..] else { panic!() };
    assert!(refused.line(0).contains("Harbour & Thimble") && refused.line(0).contains("stopped"));
    let footer = refused.line(39);
    assert!(
        footer.contains("Harbour & Thimble Financial Planning: Plannr does not allow this (403)"),
        "{footer}"
    );
    assert!(refused.line_with("● Harbour").contains("▌ ●"), "{}", refused.text());
    assert!(here.line(0).contains(HERE) && all(here) == "40", "{}", here.text());
}

#[test]
fn all_firms_are_one_list_in_which_each_import_is_asked_for_as_its_own_account() {
    let keys = "<wait:5s>agj<enter><wait:1s>ag<enter><wait:5s><shot>/firm:larkspur<enter><wait:1s><shot><enter>\
        <wait:2s><shot>i<wait:1s><shot><esc>w<shot><esc><esc><esc><esc><esc>\
        /firm:fairweather<enter>jj<wait:1s>kk<wait:1s>L<shot>";
    let played = play(SIZE, keys);
    let [all_firms, larkspur, failed, details, write, log] = &played.shots[..] else { panic!() };
    assert!(all_firms.line(0).contains("2 firms") && all(all_firms) == "54", "{}", all_firms.text());
    assert!(all_firms.contains("FIRM") && all_firms.contains("Fairweather"), "{}", all_firms.text());
    assert!(larkspur.line(1).contains("14 of 54"), "{}", larkspur.text());
    assert!(failed.line(1).contains("Larkspur & Vole Pensions ›"), "{}", failed.text());
    assert!(details.contains("firm     Larkspur & Vole Pensions"), "{}", details.text());
    assert!(write.contains("Larkspur-Vole-Pensions-"), "{}", write.text());
    assert!(!log.contains("could not load"), "{}", log.text());
}

#[test]
fn a_firm_that_fails_keeps_its_rows_with_their_age_while_the_others_go_on() {
    let keys =
        "<wait:5s>ag<enter><wait:9s><lost><wait:70s><shot>a<shot><esc>L<shot><esc><found><wait:90s><shot>";
    let played = Setup { faulty_firm: Some(1), ..Setup::default() }.play(keys);
    let [lost, accounts, log, back] = &played.shots[..] else { panic!() };
    assert!(lost.line(0).contains("● live, not Larkspur & Vole Pensions"), "{}", lost.text());
    assert!(lost.contains("○ 1m Larkspur") && all(lost) == "54", "{}", lost.text());
    assert!(accounts.line_with("administrator").contains("offline"), "{}", accounts.text());
    assert!(accounts.line_with("adviser").contains("5 running"), "{}", accounts.text());
    assert!(log.contains("Larkspur & Vole Pensions: cannot reach the server"), "{}", log.text());
    assert!(!back.line(0).contains("not Larkspur") && !back.contains("○ "), "{}", back.text());
}

#[test]
fn the_list_opens_without_the_server_and_says_what_is_wrong() {
    let played = play(
        SIZE,
        "<wait:5s><lost>a<wait:1s><shot><enter><shot><esc><found><wait:60s>a<wait:1s><lost><esc>a<wait:1s><shot>",
    );
    let [lost, refused, known] = &played.shots[..] else { panic!() };
    assert!(lost.contains("cannot reach the server: connection refused"), "{}", lost.text());
    assert!(refused.line(39).contains("there are no accounts to switch to"), "{}", refused.line(39));
    assert!(known.contains("cannot reach the server") && known.contains("Larkspur"), "{}", known.text());
}

#[test]
fn the_mouse_opens_the_list_and_chooses_and_a_pause_stays() {
    let keys = "<wait:5s><on:Fairweather><wait:1s><click:2,30><shot>p<on:Fairweather><wait:1s><on:Larkspur><shot><wait:5s><shot>";
    let played = Setup { initiator_only: true, ..Setup::default() }.play(keys);
    let [closed, there, loaded] = &played.shots[..] else { panic!() };
    assert!(!closed.contains("Accounts"));
    assert!(there.line(0).contains(THERE));
    assert!(there.line(39).contains("--initiated-by cleared"), "{}", there.line(39));
    assert!(loaded.line(0).contains("paused") && all(loaded) == "14", "{}", loaded.text());
}
