//! Notifications, window title and taskbar.

use plannr_tui::app::event::Taskbar;

use crate::session::play;

const SIZE: (u16, u16) = (120, 40);

#[test]
fn users_are_notified_only_while_they_look_elsewhere() {
    let away = play(SIZE, "<blur><wait:10m>").outside;
    assert!(!away.notified.is_empty() && away.notified.len() < 60, "{:?}", away.notified);
    let texts: Vec<_> = away.notified.iter().map(|notification| notification.text.as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("finished")), "{texts:?}");
    let people = ["Isla", "Joan", "Priya", "Gareth"];
    assert!(!texts.iter().any(|text| people.iter().any(|name| text.contains(name))), "{texts:?}");

    assert_eq!(play(SIZE, "<focus><wait:10m>").outside.notified, []);
    // What happened while away is not notified after coming back.
    assert_eq!(play(SIZE, "<focus><wait:5m><blur><focus><wait:5m>").outside.notified, []);
}

#[test]
fn the_title_shows_the_state_and_never_a_person_or_firm() {
    let outside = play(SIZE, "<wait:10m>").outside;
    let titles: Vec<_> = outside.titles.iter().flatten().map(String::as_str).collect();
    assert_eq!(titles.len(), outside.titles.len(), "never taken back meanwhile");
    assert!(
        titles.iter().any(|title| title.contains(" running") && title.ends_with("% - plannr")),
        "{titles:?}"
    );
    assert!(titles.windows(2).all(|pair| pair[0] != pair[1]), "{titles:?}");
    assert!(titles.len() <= 121, "at most every 5 s: {}", titles.len());
    assert!(titles.iter().all(|title| title.is_ascii() && !title.contains("Fairweather")), "{titles:?}");
    assert!(outside.progress.iter().any(|progress| *progress != Taskbar::Empty), "{:?}", outside.progress);
}

#[test]
fn an_import_is_muted_with_a_key_and_shows_it() {
    let played = play(SIZE, "2m<shot>m<shot><space><space>m<shot>4gm<shot>");
    let [muted, unmuted, marked, over] = &played.shots[..] else { panic!() };
    assert!(muted.line_with("▌").starts_with('⊘'), "{}", muted.text());
    assert!(muted.line(39).contains("1 import muted"), "{}", muted.line(39));
    assert!(!unmuted.contains("⊘") && unmuted.line(39).contains("unmuted"));
    let glyphs = marked.text().lines().filter(|line| line.starts_with('⊘') && line.contains('•')).count();
    assert_eq!(glyphs, 2, "{}", marked.text());
    assert!(over.line(39).contains("unmuted"), "the marked ones: {}", over.line(39));
    let refused = play(SIZE, "4m<shot>");
    assert!(
        refused.shots[0].line(39).contains("finished imports send no notifications"),
        "{}",
        refused.shots[0].line(39)
    );
}
