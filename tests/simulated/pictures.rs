//! The pictures that the README shows are what the program draws.

use crate::readme::keep;
use crate::session::Setup;
use crate::svg::{DARK, LIGHT, Window, picture};

/// File, title, size, window, theme, and the keys that lead to the frame.
type Picture = (&'static str, &'static str, (u16, u16), &'static Window, &'static str, &'static str);

const PICTURES: &[Picture] = &[
    ("assets/imports.svg", "plannr-tui", (116, 33), &DARK, "dark", "<wait:110s>jj"),
    ("assets/failed-rows.svg", "plannr-tui", (116, 31), &DARK, "dark", "<wait:110s>jj<enter>j"),
    ("assets/themes.svg", "plannr-tui", (116, 31), &LIGHT, "light", "<wait:110s>jjt"),
];

#[test]
fn the_pictures_of_the_readme_are_what_is_drawn() {
    for (path, title, size, window, theme, keys) in PICTURES {
        let played = Setup { size: *size, theme, ..Setup::default() }.play(keys);
        keep(path, &picture(played.screen.buffer(), title, window));
    }
}
