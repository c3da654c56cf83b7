//! Every screen as a person sees it, at three sizes. Look at a frame before you accept it.
use crate::session::play;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

/// The screens, and the keys that lead there. The first seconds let the list load and the pace be known.
const SCREENS: &[(&str, &str)] = &[
    ("imports", "<wait:30s>"),
    ("imports_done", "<wait:30s>4s"),
    ("stalled", "<wait:3m>/is:stalled<enter>"),
    ("details", "<wait:30s>i"),
    ("enlarged", "<wait:30s>zz"),
    ("failed_rows", "<wait:30s><enter>j"),
    ("failed_rows_one_by_one", "<wait:30s><enter>v"),
    ("whole_report", "<wait:5s>/is:done failed:>30 has:report<enter>e"),
    ("write_rows", "<wait:5s>/is:done failed:>30 has:report<enter>e<wait:1s>w<tab>"),
    ("fix", "<wait:5s>/is:done failed:>30 has:report<enter>e<wait:1s>f<wait:1s>"),
    ("fix_write", "<wait:5s>/is:done failed:>30 has:report<enter>e<wait:1s>f<wait:1s>w<tab>"),
    ("fix_edit", "<wait:5s>/is:done failed:>30 has:report<enter>e<wait:1s>f<wait:1s>G<tab><enter>"),
    ("fix_unsaved", "<wait:5s>/is:done failed:>30 has:report<enter>e<wait:1s>f<wait:1s> q"),
    ("masked", "<wait:30s><enter>x"),
    ("one_row", "<wait:30s><enter>l<enter>"),
    ("help", "<wait:5s>?"),
    ("help_search", "<wait:5s>?report"),
    ("copy", "<wait:5s><enter>y"),
    ("accounts", "<wait:5s>a<wait:1s>j"),
    ("all_firms", "<wait:5s>a<wait:1s>g<enter><wait:5s>"),
    ("themes", "<wait:5s>t"),
    ("log", "<wait:5s><lost><wait:20s><found><wait:1m>L"),
    ("filter", "<wait:5s>/type:clients is:running"),
    ("filter_completed", "<wait:5s>/type:clients is:<tab><tab>"),
    ("filter_mistake", "<wait:5s>/type:clients failed:>x"),
    ("nothing_matches", "<wait:5s>/nobody at all<enter>"),
    ("no_contact", "<wait:5s><lost><wait:40s>"),
    ("paused", "<wait:5s>p<wait:90s>"),
];

#[test]
fn every_screen_at_three_sizes() {
    for (name, keys) in SCREENS {
        let [first, rest @ ..] = SIZES;
        let resized: String = rest.map(|(width, height)| format!("<size:{width}x{height}><shot>")).concat();
        let played = play(first, &format!("{keys}<wait:1s><shot>{resized}"));
        for ((width, height), shot) in SIZES.iter().zip(&played.shots) {
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), shot.text());
        }
    }
}
