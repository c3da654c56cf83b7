//! `[keys]` as the keys in force, or everything that is wrong with it.

use std::ops::Range;

use super::KeyLine;
use crate::app::keymap::{KeyMistake, Keymap};

/// The usual keys with these lines over them, and every mistake with its place. What is mistaken is left out, so that
/// one mistake is told once and those behind it as well.
pub(super) fn judged(lines: &[KeyLine]) -> (Keymap, Vec<(Range<usize>, String)>) {
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
        let Some(mistaken) = lines.get_mut(line) else { return (Keymap::default(), mistakes) };
        match key.filter(|key| *key < mistaken.keys.len()) {
            Some(key) => {
                mistakes.push((mistaken.keys.remove(key).span, problem));
                // Without keys it has no conflicts either.
                if mistaken.keys.is_empty() {
                    emptied.push(mistaken.action.span.clone());
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
    fn every_mistake_is_told_once_and_none_that_only_follows_from_another() {
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
        let (_, mistakes) = judged(&lines);
        let places: Vec<_> = mistakes.iter().map(|(span, _)| span.start).collect();
        let mut sorted = places.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [21, 30, 42, 43, 51, 61], "{mistakes:?}");
        let (keymap, none) = judged(&[line(0, "refresh", &["f5"])]);
        assert!(none.is_empty() && keymap != Keymap::default());
    }
}
