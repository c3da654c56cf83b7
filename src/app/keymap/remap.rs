//! Remapped keys: lines of the configuration applied to the table of [`BINDINGS`].

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::notation::{is_typed, name_of, read};
use super::{Action, BINDINGS, Bound, Keymap, Mode};
use crate::suggest::nearest;

/// Quits at once, whatever else is remapped.
const INTERRUPT: &str = "ctrl-c";

/// What is wrong with a line of `[keys]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMistake {
    /// Which line, from 0.
    pub line: usize,
    /// Which of its keys, from 0; `None` for the line as a whole.
    pub key: Option<usize>,
    /// The mistake and the fix, as a sentence.
    pub problem: String,
}

impl fmt::Display for KeyMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for KeyMistake {}

/// An action that can be remapped, for listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionInfo {
    /// Its name in `[keys]`.
    pub name: &'static str,
    /// Its default keys.
    pub keys: Vec<&'static str>,
    /// Where it applies.
    pub modes: Vec<Mode>,
    /// One line.
    pub doc: String,
}

impl ActionInfo {
    /// Whether a line of `[keys]` names this action.
    pub fn is_called(&self, written: &str) -> bool {
        self.name == normalised(written)
    }
}

/// Every action that can be remapped, in the table's order.
pub fn actions() -> impl Iterator<Item = ActionInfo> {
    let mut infos: Vec<ActionInfo> = Vec::new();
    for binding in BINDINGS {
        let name = binding.action.name();
        let Some(info) = infos.iter_mut().find(|info| info.name == name) else {
            infos.push(ActionInfo {
                name,
                keys: binding.keys.to_vec(),
                modes: binding.modes.to_vec(),
                doc: binding.help.to_owned(),
            });
            continue;
        };
        let keys: Vec<_> = binding.keys.iter().copied().filter(|key| !info.keys.contains(key)).collect();
        info.keys.extend(keys);
        let modes: Vec<_> = binding.modes.iter().copied().filter(|mode| !info.modes.contains(mode)).collect();
        info.modes.extend(modes);
        if info.doc.split("; ").all(|doc| doc != binding.help) {
            info.doc = format!("{}; {}", info.doc, binding.help);
        }
    }
    infos.into_iter()
}

/// A parsed line of `[keys]`.
#[derive(Debug)]
struct KeyLine {
    at: usize,
    /// Key names, each with its position in the line.
    keys: Vec<(usize, String)>,
}

type KeyLines = HashMap<&'static str, KeyLine>;

impl Keymap {
    /// The default keys with some actions remapped: an action's name (`next_view`, `next-view`) and the keys that replace
    /// all of its own. An empty list unbinds it.
    ///
    /// In text fields, keys that type or edit belong to the text; an action that also applies elsewhere keeps its default
    /// keys there. Ctrl-C always quits.
    ///
    /// # Errors
    /// The first mistake: an unknown action, an invalid key, a key with two meanings in one mode.
    pub fn remapped<'a>(
        lines: impl IntoIterator<Item = (&'a str, Vec<&'a str>)>,
    ) -> Result<Self, KeyMistake> {
        let mut chosen = KeyLines::new();
        for (at, (name, keys)) in lines.into_iter().enumerate() {
            let name = action_named(name).map_err(|problem| KeyMistake { line: at, key: None, problem })?;
            let line = read_line(at, name, &keys)?;
            if chosen.insert(name, line).is_some() {
                let problem = format!("{name} is already set on another line");
                return Err(KeyMistake { line: at, key: None, problem });
            }
        }
        let keymap = Self { bound: BINDINGS.iter().flat_map(|binding| bound(binding, &chosen)).collect() };
        match keymap.conflict(&chosen) {
            Some(mistake) => Err(mistake),
            None => Ok(keymap),
        }
    }

    /// The first key with two meanings in one mode, attributed to the line that introduced it.
    fn conflict(&self, lines: &KeyLines) -> Option<KeyMistake> {
        let mut places: BTreeMap<(usize, usize), (String, Action, Vec<Mode>)> = BTreeMap::new();
        for mode in Mode::ALL {
            let mut seen: HashMap<&str, Action> = HashMap::new();
            for bound in self.bindings(mode) {
                for key in &bound.keys {
                    let before = *seen.entry(key).or_insert(bound.action);
                    if before == bound.action {
                        continue;
                    }
                    let culprit = [before, bound.action]
                        .into_iter()
                        .filter_map(|action| {
                            let line = lines.get(action.name())?;
                            Some((line.at, line.keys.iter().find(|(_, name)| name == key)?.0, action))
                        })
                        .max_by_key(|(line, ..)| *line);
                    let Some((line, at, action)) = culprit else { continue };
                    let other = if action == before { bound.action } else { before };
                    let place = places.entry((line, at)).or_insert_with(|| (key.clone(), other, Vec::new()));
                    place.2.push(mode);
                }
            }
        }
        let ((line, at), (key, other, modes)) = places.into_iter().next()?;
        let titles: Vec<_> = modes.iter().map(|mode| mode.title()).collect();
        let problem = format!(
            "{key} is already {other} in: {}. Choose another key here or for {other}",
            titles.join(", "),
            other = other.name()
        );
        Some(KeyMistake { line, key: Some(at), problem })
    }
}

/// A name in its one canonical spelling.
fn normalised(written: &str) -> String {
    written.trim().replace('-', "_").to_ascii_lowercase()
}

/// The action's name, however it is spelt.
fn action_named(written: &str) -> Result<&'static str, String> {
    let wanted = normalised(written);
    let names = || BINDINGS.iter().map(|binding| binding.action.name());
    names().find(|name| *name == wanted).ok_or_else(|| {
        let right = nearest(&wanted, names())
            .map_or_else(|| "the man page lists them all".to_owned(), |near| format!("did you mean {near}?"));
        format!("no action is called {written}: {right}")
    })
}

fn read_line(at: usize, name: &'static str, keys: &[&str]) -> Result<KeyLine, KeyMistake> {
    let mistake = |key, problem| KeyMistake { line: at, key, problem };
    let is_interrupt = name == Action::Interrupt.name();
    let only_typing = BINDINGS
        .iter()
        .filter(|b| b.action.name() == name)
        .all(|b| b.modes.iter().all(|mode| mode.is_text()));
    let mut named = Vec::new();
    for (position, key) in keys.iter().enumerate() {
        let key = read(key).map_err(|problem| mistake(Some(position), problem))?;
        let Some(key) = name_of(&key) else { continue };
        if key == INTERRUPT && !is_interrupt {
            let problem = format!("{INTERRUPT} always quits at once: choose another key for {name}");
            return Err(mistake(Some(position), problem));
        }
        if only_typing && is_typed(&key) {
            let problem = format!(
                "{key} would be typed where {name} applies: choose a key such as ctrl-o, f5 or alt-o"
            );
            return Err(mistake(Some(position), problem));
        }
        if named.iter().all(|(_, other)| *other != key) {
            named.push((position, key));
        }
    }
    if named.is_empty() && name == Action::Back.name() {
        let problem = format!("{name} needs a key: nothing else leaves every screen");
        return Err(mistake(None, problem));
    }
    if is_interrupt && named.iter().all(|(_, key)| key != INTERRUPT) {
        named.push((keys.len(), INTERRUPT.to_owned()));
    }
    Ok(KeyLine { at, keys: named })
}

/// A binding with its keys; those in text fields may differ from the others.
fn bound(binding: &'static super::Binding, lines: &KeyLines) -> Vec<Bound> {
    let Some(line) = lines.get(binding.action.name()) else { return vec![Bound::with_default_keys(binding)] };
    let (typing, free): (Vec<_>, Vec<_>) = binding.modes.iter().partition(|mode| mode.is_text());
    let all: Vec<String> = line.keys.iter().map(|(_, key)| key.clone()).collect();
    let mut untyped: Vec<String> = all.iter().filter(|key| !is_typed(key)).cloned().collect();
    if untyped.is_empty() && !all.is_empty() {
        untyped = Bound::with_default_keys(binding).keys.into_iter().filter(|key| !is_typed(key)).collect();
    }
    // As in the table: the same keys everywhere are one binding.
    if untyped == all {
        return vec![Bound { keys: all, ..Bound::with_default_keys(binding) }];
    }
    let bind = |modes: Vec<Mode>, keys| {
        (!modes.is_empty()).then(|| Bound { modes, keys, ..Bound::with_default_keys(binding) })
    };
    bind(free, all).into_iter().chain(bind(typing, untyped)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Written<'a> = &'a [(&'a str, &'a [&'a str])];

    fn mistake(lines: Written<'_>) -> KeyMistake {
        Keymap::remapped(lines.iter().map(|(name, keys)| (*name, keys.to_vec()))).unwrap_err()
    }

    fn keymap(lines: Written<'_>) -> Keymap {
        Keymap::remapped(lines.iter().map(|(name, keys)| (*name, keys.to_vec()))).unwrap()
    }

    fn means(keymap: &Keymap, mode: Mode, key: &str) -> Option<Action> {
        keymap.action_of(mode, &read(key).unwrap())
    }

    #[test]
    fn every_action_can_have_another_key_and_every_place_follows() {
        let letters = ('a'..='z').chain('A'..='Z').chain('0'..='9').map(|letter| format!("alt-{letter}"));
        let letters: Vec<String> = letters.chain((1..=24).map(|number| format!("f{number}"))).collect();
        let lines: Vec<_> =
            actions().zip(&letters).map(|(action, key)| (action.name, vec![key.as_str()])).collect();
        assert_eq!(lines.len(), actions().count(), "more actions than letters");
        let remapped = Keymap::remapped(lines.clone()).unwrap();
        for mode in Mode::ALL {
            let usual: Vec<_> = Keymap::default().bindings(mode).map(|b| (b.action, b.help)).collect();
            let now: Vec<_> = remapped.bindings(mode).map(|b| (b.action, b.help)).collect();
            assert_eq!(usual, now, "{mode:?}");
            for bound in remapped.bindings(mode) {
                let (_, keys) = lines.iter().find(|(name, _)| *name == bound.action.name()).unwrap();
                assert_eq!(bound.keys[0], keys[0]);
                assert_eq!(means(&remapped, mode, keys[0]), Some(bound.action));
            }
            let interrupts = means(&remapped, mode, "ctrl-c");
            assert_eq!(interrupts, Some(Action::Interrupt), "{mode:?}");
        }
        assert_eq!(means(&remapped, Mode::Imports, "r"), None, "a line takes all keys away");
    }

    #[test]
    fn keys_change_places_and_text_stays_text() {
        let swapped = keymap(&[("refresh", &["p"]), ("pause", &["r"])]);
        assert_eq!(means(&swapped, Mode::Imports, "p"), Some(Action::Refresh));
        let moved = keymap(&[
            ("page-down", &["n", "ctrl-j"]),
            ("back", &["b"]),
            ("previous_row", &["Z"]),
            ("next_row", &[]),
        ]);
        assert_eq!(means(&moved, Mode::Filter, "n"), None);
        assert_eq!(means(&moved, Mode::Filter, "ctrl-j"), means(&moved, Mode::Imports, "n"));
        assert_eq!(means(&moved, Mode::Filter, "esc"), Some(Action::Back), "something must leave a field");
        assert_eq!(means(&moved, Mode::Imports, "esc"), None);
        assert_eq!(means(&keymap(&[("quit", &[])]), Mode::Imports, "q"), None);
    }

    #[test]
    fn a_mistake_says_where_it_is_and_what_would_be_right() {
        let table: [(Written<'_>, usize, Option<usize>, &str); 10] = [
            (&[("help", &["?"]), ("refesh", &["f5"])], 1, None, "did you mean refresh?"),
            (&[("xyzzy", &["f5"])], 0, None, "no action is called xyzzy"),
            (&[("refresh", &["f5", "r2"])], 0, Some(1), "no key is called r2"),
            (
                &[("pause", &["f5", "r"])],
                0,
                Some(1),
                "r is already refresh in: Imports, Details, Failed rows",
            ),
            (&[("pause", &["f5"]), ("log", &["f5"])], 1, Some(0), "f5 is already pause"),
            (&[("pause", &["n"])], 0, Some(0), "n is already next_row in: One failed row"),
            (&[("log", &["ctrl-c"])], 0, Some(0), "always quits"),
            (&[("keep_filter", &["f5", "k"])], 0, Some(1), "k would be typed"),
            (&[("back", &[])], 0, None, "needs a key"),
            (&[("next-view", &["f5"]), ("next_view", &["f6"])], 1, None, "next_view is already set"),
        ];
        for (lines, line, key, problem) in table {
            let found = mistake(lines);
            assert_eq!((found.line, found.key), (line, key), "{found}");
            assert!(found.problem.contains(problem), "{found}");
        }
    }
}
