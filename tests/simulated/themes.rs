//! Choosing a theme, and that each makes sense without colour.

use plannr_tui::ui::theme::{Depth, Themes};
use ratatui::style::{Color, Modifier};

use crate::session::{Setup, play};

const SIZE: (u16, u16) = (120, 40);

#[test]
fn a_theme_is_tried_on_and_kept_or_not() {
    let played = play(
        SIZE,
        "<wait:5s>t<shot>j<shot>jj<esc><shot>tjj<enter><shot>t<on:no-colour><shot><on:no-colour>q",
    );
    let [before, dark, left, light, none] = &played.shots[..] else { panic!() };
    let good = |screen: &crate::screen::Screen| screen.cell_of("live").fg;
    for name in ["auto", "dark", "light", "high-contrast", "colour-blind", "ansi16", "no-colour"] {
        assert!(before.contains(&format!(" {name} ")), "{name}: {}", before.text());
    }
    assert_eq!([good(before), good(left)], [Color::Green; 2], "as it was");
    assert!(matches!(good(dark), Color::Rgb(..)) && good(dark) != good(light));
    assert!(light.line(39).contains("theme = \"light\" in "), "{}", light.line(39));
    assert!(!light.contains("high-contrast"));
    assert_eq!(good(none), Color::Reset, "a click tries it on");
    assert_eq!(played.screen.cell_of("live").fg, Color::Reset, "and a second one keeps it");
}

#[test]
fn nothing_is_kept_by_help_or_by_a_click_beside() {
    let played = play(SIZE, "<wait:5s>tj?<shot><esc>tj<click:1,20><shot>");
    for shot in &played.shots {
        assert_eq!(shot.cell_of("live").fg, Color::Green);
    }
    assert!(played.shots[0].contains("Keys: Imports"));
}

#[test]
fn the_terminals_answer_sets_the_background_and_is_never_typed() {
    let keys = "<wait:5s><shot><background:fdfd/f6f6/e3e3><shot>/a<background:0000/2b2b/3636>b<shot>";
    let played = play(SIZE, keys);
    let [unknown, light, dark] = &played.shots[..] else { panic!() };
    let good = |screen: &crate::screen::Screen| screen.cell_of("live").fg;
    assert_eq!(good(unknown), Color::Green);
    assert!(matches!(good(light), Color::Rgb(..)) && matches!(good(dark), Color::Rgb(..)));
    assert_ne!(good(light), good(dark));
    assert_eq!([light.line(1), light.line(39)], [unknown.line(1), unknown.line(39)]);
    assert!(dark.line(2).contains("/ ab"), "{}", dark.line(2));
}

/// Whatever two cells differ in by colour, they differ in by their text as well: nothing depends on colour.
#[test]
fn every_theme_shows_the_same_text() {
    let keys = "<wait:110s><shot><enter>j<shot>v<shot><enter><shot>hhi<shot>";
    let texts = |theme, depth| {
        let themes = Themes::new(depth, true, false, &[]);
        let played = Setup { size: SIZE, themes, theme, ..Setup::default() }.play(keys);
        played.shots
    };
    let usual = texts("auto", Depth::All);
    for (theme, depth) in [
        ("light", Depth::All),
        ("colour-blind", Depth::Sixteen),
        ("high-contrast", Depth::Many),
        ("dark", Depth::None),
    ] {
        let shots = texts(theme, depth);
        for (a, b) in usual.iter().zip(&shots) {
            assert_eq!(a.text(), b.text(), "{theme}");
        }
        if depth == Depth::None {
            let plain = |shot: &crate::screen::Screen| {
                shot.buffer().content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset)
            };
            assert!(shots.iter().all(plain));
            let line = shots[0].buffer();
            let y = shots[0].position_of("▌").y;
            assert!(line[(5, y)].modifier.contains(Modifier::REVERSED), "the selected line");
        }
    }
}
