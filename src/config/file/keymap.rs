//! `[keys]` applied to the default keys, or everything that is wrong with it.

use std::ops::Range;

use super::KeyLine;
use crate::app::keymap::{KeyMistake, Keymap};

/// The default keys with these lines applied, and every mistake with its span. A faulty key is left out and the rest
/// checked again, so that each mistake is reported once and none hides another.
pub(super) fn resolve(lines: &[KeyLine]) -> (Keymap, Vec<(Range<usize>, String)>) {
    let mut lines = lines.to_vec();
    let mut mistakes: Vec<(Range<usize>, String)> = Vec::new();
    let mut emptied = Vec::new();
    loop {
        let written = lines.iter().map(|line| {
            (line.action.value.as_str(), line.keys.iter().map(|key| key.value.as_str()).collect())
        });
        let KeyMistake { line, key, problem } = match Keymap::remapped(written) {
            Ok(keymap) => return (keymap, mistakes),
            Err(mistake) => mistake,
        };
        let Some(faulty) = lines.get_mut(line) else { return (Keymap::default(), mistakes) };
        match key.filter(|key| *key < faulty.keys.len()) {
            Some(key) => {
                mistakes.push((faulty.keys.remove(key).span, problem));
                // Without keys it has no conflicts either.
                if faulty.keys.is_empty() {
                    emptied.push(faulty.action.span.clone());
                }
            }
            None => {
                let action = lines.remove(line).action.span;
                if !emptied.contains(&action) {
                    mistakes.push((action, problem));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file::Spanned;

    #[test]
    fn every_mistake_is_reported_once_and_none_that_only_follows_from_another() {
        let spanned = |value: &str, at: usize| Spanned { value: value.to_owned(), span: at..at + 1 };
        let line = |at: usize, action: &str, keys: &[&str]| KeyLine {
            action: spanned(action, at),
            keys: (1..).zip(keys).map(|(n, key)| spanned(key, at + n)).collect(),
        };
        let lines = [
            line(10, "refresh", &["p"]),
            line(20, "pause", &["r2"]),
            line(30, "nothing", &["f5"]),
            line(40, "log", &["f6", "entre", "q"]),
            line(50, "back", &["escp"]),
            line(60, "mark", &["ctrl-c"]),
        ];
        let (_, mistakes) = resolve(&lines);
        let places: Vec<_> = mistakes.iter().map(|(span, _)| span.start).collect();
        let mut sorted = places.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [21, 30, 42, 43, 51, 61], "{mistakes:?}");
        let (keymap, none) = resolve(&[line(0, "refresh", &["f5"])]);
        assert!(none.is_empty() && keymap != Keymap::default());
    }
}
