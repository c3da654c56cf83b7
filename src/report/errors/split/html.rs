//! Messages joined by the tags of a web page: `<br>`, list items, paragraphs.

use std::ops::Range;

use super::step;

/// Tags that end a line, and those that a message may have in it.
const LINES: [&str; 9] = ["br", "li", "ul", "ol", "p", "div", "tr", "td", "hr"];
const INLINE: [&str; 7] = ["b", "i", "em", "strong", "span", "u", "small"];
/// The longest tag and the longest reference that are looked at, in bytes.
const LONGEST_TAG: usize = 100;
const LONGEST_REFERENCE: usize = 10;

/// A text whose messages are joined by tags, with line ends for them and characters for its references; `None` for
/// any other. A message may speak of a tag or quote one, so a tag only joins what looks like two messages.
pub(super) fn plain(text: &str, quoted: &[Range<usize>]) -> Option<String> {
    let mut quoted = quoted.iter().peekable();
    let mut out = String::new();
    let mut is_html = false;
    let mut done = 0;
    while let Some(at) = text.get(done..).and_then(|rest| rest.find('<')).map(|found| done + found) {
        out.push_str(text.get(done..at).unwrap_or_default());
        while quoted.next_if(|span| span.end <= at).is_some() {}
        let run = run(text.get(at..).unwrap_or_default());
        let inside = quoted.peek().is_some_and(|span| span.contains(&at));
        let joins = run.has_line && (at == 0 || begins(text.get(at + run.length..).unwrap_or_default()));
        step(run.length.max(1));
        if run.length == 0 || inside || (run.has_line && !joins) {
            let length = run.length.max(1);
            out.push_str(text.get(at..at + length).unwrap_or_default());
            done = at + length;
            continue;
        }
        // A tag within a message counts only where others show that this is HTML.
        match joins {
            true => out.push('\n'),
            false => out.push_str(text.get(at..at + run.length).unwrap_or_default()),
        }
        is_html |= joins;
        done = at + run.length;
    }
    if !is_html {
        return None;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Some(without_markup(&out))
}

/// Tags one after another, blanks between them.
struct Run {
    length: usize,
    has_line: bool,
}

fn run(text: &str) -> Run {
    let mut run = Run { length: 0, has_line: false };
    let mut at = 0;
    while let Some((name, length)) = tag(text.get(at..).unwrap_or_default()) {
        let is_line = LINES.iter().any(|known| name.eq_ignore_ascii_case(known));
        if !is_line && !INLINE.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            break;
        }
        run.has_line |= is_line;
        run.length = at + length;
        let rest = text.get(run.length..).unwrap_or_default();
        at = text.len() - rest.trim_start().len();
    }
    run
}

/// The tag at the beginning of a text: its name and its bytes.
fn tag(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix('<')?;
    let end = inner.bytes().take(LONGEST_TAG).position(|byte| byte == b'>')?;
    let inner = inner.get(..end)?;
    let name = inner.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    (!name.is_empty() && !inner.contains('<')).then_some((name, end + 2))
}

/// Whether a message may begin here, or nothing follows.
fn begins(text: &str) -> bool {
    let text = text.trim_start();
    text.is_empty()
        || text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || "•*-(\"&".contains(c))
}

/// Without tags that are left, and with the characters that references stand for.
fn without_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, sign) = rest.split_at(at);
        out.push_str(before);
        step(LONGEST_REFERENCE);
        let inline =
            tag(sign).filter(|(name, _)| INLINE.iter().any(|known| name.eq_ignore_ascii_case(known)));
        let length = match (inline, reference(sign)) {
            (Some((_, length)), _) => length,
            (None, Some((character, length))) => {
                out.push(character);
                length
            }
            (None, None) => {
                out.push_str(sign.get(..1).unwrap_or_default());
                1
            }
        };
        rest = sign.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// `&amp;` and its like at the beginning of a text: the character and the bytes that it takes.
fn reference(text: &str) -> Option<(char, usize)> {
    let inner = text.strip_prefix('&')?;
    let end = inner.bytes().take(LONGEST_REFERENCE).position(|byte| byte == b';')?;
    let character = match inner.get(..end)? {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "pound" => '£',
        "bull" => '•',
        number => {
            let number = number.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)?
        }
    };
    Some((character, end + 2))
}
