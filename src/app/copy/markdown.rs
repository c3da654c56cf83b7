//! Untrusted text inside Markdown: it shows as itself and does nothing else.

/// Escapes every character that Markdown (CommonMark, and GitHub's tables, strikethrough, formulas and automatic links)
/// would act on, wherever in a line it is. Inactive characters stay readable.
pub(super) fn escaped(text: &str) -> String {
    let text = text.trim();
    let mut escaped = String::with_capacity(text.len());
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut before = None;
    for (at, c) in text.char_indices() {
        let rest = text.get(at + c.len_utf8()..).unwrap_or_default();
        let active = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' | '@' => true,
            // Inside a word it is no emphasis, and field names are full of them.
            '_' => !(before.is_some_and(char::is_alphanumeric) && rest.starts_with(char::is_alphanumeric)),
            '!' => rest.starts_with('['),
            // Would start a heading or a list, or underline the line above.
            '#' | '-' | '+' | '=' => at == 0,
            ')' => at > 0 && at == digits,
            '.' => (at > 0 && at == digits) || ends_with_www(&escaped),
            // `https://` and the like.
            ':' => rest.starts_with('/'),
            _ => false,
        };
        if active {
            escaped.push('\\');
        }
        escaped.push(c);
        before = Some(c);
    }
    escaped
}

fn ends_with_www(text: &str) -> bool {
    let end = text.len().checked_sub("www".len()).and_then(|at| text.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_active_character_is_escaped_and_words_stay_readable() {
        for (text, expected) in [
            ("The first_name (2.5%, A-Z) isn't valid.", "The first_name (2.5%, A-Z) isn't valid."),
            ("![x](https://evil.example/pixel.png)", r"\!\[x\](https\://evil.example/pixel.png)"),
            ("[click](javascript:alert)", r"\[click\](javascript:alert)"),
            ("[a]: //evil.example", r"\[a\]: //evil.example"),
            ("<img src=x onerror=y>", r"\<img src=x onerror=y\>"),
            ("<https://evil.example>", r"\<https\://evil.example\>"),
            ("www.evil.example WWW.evil.example", r"www\.evil.example WWW\.evil.example"),
            ("a@evil.example", r"a\@evil.example"),
            ("&lt;b&#62;", r"\&lt;b\&#62;"),
            ("`code` ``` \\` ", r"\`code\` \`\`\` \\\`"),
            ("**b** _i_ __b__ ~~s~~ $x$", r"\*\*b\*\* \_i\_ \_\_b\_\_ \~\~s\~\~ \$x\$"),
            ("a | b \\| c", r"a \| b \\\| c"),
            ("# heading", r"\# heading"),
            ("- item", r"\- item"),
            ("+ item", r"\+ item"),
            ("---", r"\---"),
            ("===", r"\==="),
            ("> quote", r"\> quote"),
            ("1. item", r"1\. item"),
            ("12) item", r"12\) item"),
            ("  # heading", r"\# heading"),
            ("", ""),
        ] {
            assert_eq!(escaped(text), expected, "{text}");
        }
    }
}
