//! Every screen as a person sees it, at three sizes. Look at a frame before you accept it.
use crate::session::play;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

/// The screens, and the keys that lead there.
const SCREENS: &[(&str, &str)] = &[("imports", "<wait:30s>jj"), ("failed_rows", "<wait:30s>jj<enter>j")];

#[test]
fn every_screen_at_three_sizes() {
    for (name, keys) in SCREENS {
        for (width, height) in SIZES {
            let played = play((width, height), keys);
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), played.screen.text());
        }
    }
}
