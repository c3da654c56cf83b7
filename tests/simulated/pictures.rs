//! The pictures that README and guides show are what the program draws.

use plannr_tui::simulator::Options;

use crate::readme::keep;
use crate::session::Setup;
use crate::svg::{DARK, LIGHT, Window, picture, recording};

/// File, title, size, window, theme, and the keys that lead to the frame.
type Picture = (&'static str, &'static str, (u16, u16), &'static Window, &'static str, &'static str);

const PICTURES: &[Picture] = &[
    ("assets/imports.svg", "plannr-tui", (116, 33), &DARK, "dark", "<wait:110s>"),
    ("assets/failed-rows.svg", "plannr-tui", (116, 31), &DARK, "dark", "<wait:110s><enter>j"),
    ("assets/fixing.svg", "plannr-tui", (116, 24), &DARK, "dark", "<wait:110s><enter>f<wait:1s>"),
    ("assets/themes.svg", "plannr-tui", (116, 31), &LIGHT, "light", "<wait:110s>t"),
];

#[test]
fn the_pictures_of_the_readme_are_what_is_drawn() {
    for (path, title, size, window, theme, keys) in PICTURES {
        let played = Setup { size: *size, theme, ..Setup::default() }.play(keys);
        keep(path, &picture(played.screen.buffer(), title, window));
    }
}

#[test]
fn the_picture_of_several_firms_is_what_is_drawn() {
    let usual = Setup::default();
    let options = Options { firms: 5, ..usual.options.clone() };
    let played = Setup { size: (116, 27), theme: "dark", options, ..usual }
        .play("<wait:100s>ag<enter><wait:15s>a<wait:2s>");
    keep("assets/firms.svg", &picture(played.screen.buffer(), "plannr-tui", &DARK));
}

#[test]
fn the_recording_of_the_readme_is_what_happens() {
    // A look at the table, a filter, an import's failed rows by reason, one row in full, and back.
    let keys = "<wait:100s><shot><wait:2s><shot><wait:2s><shot>j<shot>/type:cl<shot>ients<enter><shot>\
                j<enter><shot>jj<shot><enter><shot><enter><shot><esc><esc><esc><esc><shot>t<on:light><shot>";
    let seconds = [1.0, 1.0, 1.0, 1.5, 1.0, 1.5, 2.5, 2.0, 1.5, 2.5, 1.5, 2.0];
    let played = Setup { size: (100, 28), theme: "dark", ..Setup::default() }.play(keys);
    assert_eq!(played.shots.len(), seconds.len());
    let frames: Vec<_> = played.shots.iter().map(|shot| shot.buffer()).zip(seconds).collect();
    keep("assets/tour.svg", &recording(&frames, "plannr-tui", &DARK));
}
