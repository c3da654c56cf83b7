//! Messages as a numbered list: `1. The … 2. The …`, `1) …`, on one line or several.

use super::super::sentence::{quoted_spans, reads_like_laravel};
use super::{field_and_rest, step};

/// The items without their numbers; `None` for a text that is no list.
pub(super) fn items(text: &str) -> Option<Vec<&str>> {
    let styles = [("", "."), ("", ")"), ("(", ")")];
    let style = styles.into_iter().find(|style| number(text, 1, *style).is_some())?;
    let quoted = quoted_spans(text);
    let mut quoted = quoted.iter().peekable();
    let mut items = Vec::new();
    let mut start = number(text, 1, style).unwrap_or_default();
    let mut next = 2;
    // Whether the item being read is known to be a sentence of the validator, which ends with a full stop.
    let mut is_sentence = false;
    for (at, blank) in text.match_indices(char::is_whitespace) {
        while quoted.next_if(|span| span.end <= at).is_some() {}
        let from = at + blank.len();
        step(1);
        let Some(length) = text.get(from..).and_then(|rest| number(rest, next, style)) else { continue };
        if at < start || quoted.peek().is_some_and(|span| span.contains(&at)) {
            continue;
        }
        let item = text.get(start..at).unwrap_or_default().trim_end();
        let is_line = text.get(start + item.len()..from).unwrap_or_default().contains(['\n', '\r']);
        let is_ended = is_line || item.is_empty() || item.ends_with(['.', '!', '?', ';', ',', ':', '|']);
        if !is_ended {
            // Looked at once: a sentence stays one, anything else is cut here.
            if !is_sentence {
                step(item.len());
                is_sentence = reads_like_laravel(item);
            }
            // "must be at least 2. The …"
            if is_sentence {
                continue;
            }
        }
        items.push(item);
        start = from + length;
        next += 1;
        is_sentence = false;
    }
    items.push(text.get(start..).unwrap_or_default());
    Some(items)
}

/// The bytes that a number takes at the beginning of an item, with its sign and the blank behind it.
fn number(text: &str, number: u32, (before, behind): (&str, &str)) -> Option<usize> {
    let rest = text.strip_prefix(before).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))?;
    let rest = rest.strip_prefix(&*number.to_string())?.strip_prefix(behind)?;
    let item = rest.trim_start_matches([' ', '\t', '\u{a0}']);
    step(rest.len() - item.len() + 4);
    // "1.5 is not whole", "2.1"
    let capital = item.starts_with(|c: char| c.is_uppercase() || "\"'“‘(".contains(c));
    let begins = capital || field_and_rest(item).is_some();
    begins.then_some(text.len() - item.len())
}
