//! The names of keys, in help and configuration: `j`, `G`, `ctrl-d`, `enter`, `shift-tab`.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::suggest::nearest;

/// Named keys; of several names for one key the first is shown.
const NAMED: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("return", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("pgup", KeyCode::PageUp),
    ("pageup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("pagedown", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
];
/// The last function key that a terminal can send.
const LAST_F: u8 = 24;
/// Keys that a terminal sends alike with and without Ctrl or Shift, except Shift-Tab.
const PLAIN: &[KeyCode] = &[KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::Backspace];

/// A key's name; `None` for keys that are not used here.
pub fn name_of(key: &KeyEvent) -> Option<String> {
    let mut modifiers = key.modifiers;
    let plain = match key.code {
        KeyCode::BackTab => {
            modifiers |= KeyModifiers::SHIFT;
            "tab".to_owned()
        }
        KeyCode::Char(' ') => {
            modifiers -= KeyModifiers::SHIFT;
            "space".to_owned()
        }
        KeyCode::Char(c) => {
            // The character itself shows whether Shift was down.
            modifiers -= KeyModifiers::SHIFT;
            if modifiers.contains(KeyModifiers::CONTROL) {
                c.to_lowercase().to_string()
            } else {
                c.to_string()
            }
        }
        KeyCode::F(n) => format!("f{n}"),
        code => NAMED.iter().find(|(_, named)| *named == code)?.0.to_owned(),
    };
    let prefix = |modifier, prefix: &'static str| if modifiers.contains(modifier) { prefix } else { "" };
    let (ctrl, alt) = (prefix(KeyModifiers::CONTROL, "ctrl-"), prefix(KeyModifiers::ALT, "alt-"));
    Some(format!("{ctrl}{alt}{}{plain}", prefix(KeyModifiers::SHIFT, "shift-")))
}

/// The key with this name, ignoring case: `Ctrl-R`, `ctrl+r`, `F5`, `PageDown`, `?`. Only single characters are
/// case-sensitive: `g` and `G` are two keys.
///
/// # Errors
/// The mistake and the fix, as a sentence.
pub(crate) fn read(text: &str) -> Result<KeyEvent, String> {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = text.trim();
    while let Some((modifier, after)) = modifier(rest) {
        modifiers |= modifier;
        rest = after;
    }
    let code = code(rest).ok_or_else(|| unknown(text, rest))?;
    let (ctrl, shift) = (modifiers.contains(KeyModifiers::CONTROL), modifiers.contains(KeyModifiers::SHIFT));
    let key = |code| Ok(KeyEvent::new(code, modifiers - KeyModifiers::SHIFT));
    match code {
        KeyCode::Tab if shift && !ctrl => key(KeyCode::BackTab),
        _ if (ctrl || shift) && PLAIN.contains(&code) => {
            Err(format!("a terminal sends {rest} and {text} alike: write \"{rest}\""))
        }
        KeyCode::Char(c) if shift && c.is_lowercase() => key(KeyCode::Char(c.to_ascii_uppercase())),
        KeyCode::Char(c) if shift && !c.is_uppercase() => {
            Err(format!("{text}: write the character that it types, without shift-"))
        }
        KeyCode::Char(c) if ctrl => match c.to_ascii_lowercase() {
            'i' => Err(format!("a terminal sends {text} as tab: write \"tab\"")),
            'm' => Err(format!("a terminal sends {text} as enter: write \"enter\"")),
            c @ ('a'..='z' | '4'..='7' | ' ') => key(KeyCode::Char(c)),
            _ => Err(format!("{text}: a terminal sends ctrl- with letters only")),
        },
        KeyCode::Char(_) => key(code),
        code => Ok(KeyEvent::new(code, modifiers)),
    }
}

/// A key's name in a sentence: `Esc`, `Ctrl-t`, `?`.
pub fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    match (chars.next(), chars.as_str()) {
        (Some(first), rest) if !rest.is_empty() => format!("{}{rest}", first.to_ascii_uppercase()),
        _ => name.to_owned(),
    }
}

/// Whether a text field needs this key to type or to edit.
pub(super) fn is_typed(name: &str) -> bool {
    let edits = ["space", "backspace", "delete", "left", "right", "home", "end", "ctrl-b", "ctrl-f"];
    name.chars().count() == 1 || edits.contains(&name)
}

fn modifier(text: &str) -> Option<(KeyModifiers, &str)> {
    let (word, after) = text.split_once(['-', '+']).filter(|(_, after)| !after.is_empty())?;
    let modifier = match word.to_ascii_lowercase().as_str() {
        "ctrl" | "control" => KeyModifiers::CONTROL,
        "alt" | "meta" => KeyModifiers::ALT,
        "shift" => KeyModifiers::SHIFT,
        _ => return None,
    };
    Some((modifier, after))
}

fn code(text: &str) -> Option<KeyCode> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control()).then_some(KeyCode::Char(c));
    }
    let text = text.to_ascii_lowercase();
    let numbered = text.strip_prefix('f').and_then(|number| number.parse().ok());
    match numbered {
        Some(number @ 1..=LAST_F) => Some(KeyCode::F(number)),
        _ => NAMED.iter().find(|(name, _)| *name == text).map(|(_, code)| *code),
    }
}

fn unknown(text: &str, rest: &str) -> String {
    if rest.is_empty() {
        return "empty key name: remove it, or write one such as \"f5\"".to_owned();
    }
    let names = NAMED.iter().map(|(name, _)| *name);
    let right = nearest(rest, names).map_or_else(
        || "write a character, or a name such as enter, space, pgdn, f5, ctrl-r".to_owned(),
        |near| format!("did you mean {near}?"),
    );
    format!("no key is called {text}: {right}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_the_key_that_comes() {
        let table = [
            ("ctrl-r", "ctrl-r"),
            ("Ctrl+R", "ctrl-r"),
            ("F5", "f5"),
            ("space", "space"),
            (" ", "empty key name"),
            ("shift-tab", "shift-tab"),
            ("BackTab", "shift-tab"),
            ("?", "?"),
            ("-", "-"),
            ("ctrl--", "letters only"),
            ("alt-+", "alt-+"),
            ("G", "G"),
            ("shift-g", "G"),
            ("é", "é"),
            ("PageDown", "pgdn"),
            ("ctrl-alt-left", "ctrl-alt-left"),
            ("shift-f3", "shift-f3"),
            ("ctrl-space", "ctrl-space"),
            ("ctrl-i", "write \"tab\""),
            ("ctrl-enter", "write \"enter\""),
            ("shift-1", "without shift-"),
            ("f25", "no key is called f25"),
            ("entre", "did you mean enter?"),
            ("ctrl-", "no key is called ctrl-"),
            ("\u{1b}", "no key is called"),
            ("", "empty key name"),
        ];
        for (written, expected) in table {
            match read(written) {
                Ok(key) => assert_eq!(name_of(&key).as_deref(), Some(expected), "{written}"),
                Err(problem) => assert!(problem.contains(expected), "{written:?}: {problem}"),
            }
        }
    }
}
