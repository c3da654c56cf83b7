//! The pictures that the README shows are what the program draws.

use crate::readme::keep;
use crate::session::play;
use crate::svg::picture;

/// File, title, size, and the keys that lead to the frame.
const PICTURES: &[(&str, &str, (u16, u16), &str)] = &[
    ("assets/imports.svg", "plannr-tui", (116, 33), "<wait:110s>jj"),
    ("assets/failed-rows.svg", "plannr-tui", (116, 31), "<wait:110s>jj<enter>j"),
];

#[test]
fn the_pictures_of_the_readme_are_what_is_drawn() {
    for (path, title, size, keys) in PICTURES {
        let played = play(*size, keys);
        keep(path, &picture(played.screen.buffer(), title));
    }
}
