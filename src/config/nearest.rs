//! The nearest right name for one that is wrong.

/// From here on two names are like each other; as clap judges its options.
const ALIKE: f64 = 0.7;

/// The name that is most like the wrong one, if any is like it at all.
pub(super) fn name<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    right
        .into_iter()
        .map(|name| (strsim::jaro(&wrong, name), name))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}
