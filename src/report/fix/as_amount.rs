//! A rejected cell read as a number, and written as PHP accepts one: digits, a point, a minus.

/// The plain number in a text and what was taken out of it. `comma` says that commas of this column part decimals.
pub(super) fn read(text: &str, comma: bool) -> Option<(String, &'static str)> {
    if is_plain(text) {
        return Some((text.to_owned(), ""));
    }
    let mut what = "separators removed";
    let mut rest = text.trim();
    let mut negative = false;
    // Each at most once, in whatever order: (£1,234.50), -£120, £-120, 120-.
    let (mut bracket, mut currency, mut minus) = (false, false, false);
    loop {
        let before = rest;
        if let Some(inner) =
            rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).filter(|_| !bracket)
        {
            (bracket, rest) = (true, inner.trim());
        }
        if let Some(inner) = without_currency(rest).filter(|_| !currency) {
            (currency, rest) = (true, inner.trim());
        }
        let sign = |rest: &'_ str| rest.starts_with(['-', '\u{2212}', '\u{2013}']) || rest.ends_with('-');
        if sign(rest) && !minus {
            minus = true;
            let inner = rest.strip_prefix(['-', '\u{2212}', '\u{2013}']);
            rest = inner.or_else(|| rest.strip_suffix('-')).unwrap_or(rest).trim();
        }
        if rest == before {
            break;
        }
    }
    if bracket && minus {
        return None;
    }
    negative |= bracket || minus;
    if bracket {
        what = "brackets written as a minus";
    } else if currency {
        what = "currency removed";
    } else if minus {
        what = "minus written in front";
    }
    let number = digits(rest, comma)?;
    let zero = number.bytes().all(|b| matches!(b, b'0' | b'.'));
    Some((if negative && !zero { format!("-{number}") } else { number }, what))
}

/// Whether PHP takes it for a number: digits with at most one point and a sign, as `is_numeric` does.
pub(super) fn is_plain(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(part) && !(whole.is_empty() && part.is_empty())
}

/// Whether a number has a decimal comma and can be read in no other way.
pub(super) fn has_decimal_comma(text: &str) -> bool {
    let text = text.trim();
    text.rsplit_once(',').is_some_and(|(whole, part)| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        digits(whole) && part.len() != 3 && !part.contains('.') && digits(part)
    })
}

/// A whole number without decimals that are all zero.
pub(super) fn whole(number: &str) -> Option<String> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let plain = part.bytes().all(|b| b == b'0') && !whole.trim_start_matches('-').is_empty();
    let signed = whole.strip_prefix('-');
    let digits = signed.unwrap_or(whole).trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    let sign = if signed.is_some() && digits != "0" { "-" } else { "" };
    plain.then(|| format!("{sign}{digits}"))
}

/// Without one currency at either end.
fn without_currency(text: &str) -> Option<&str> {
    const SIGNS: [&str; 8] = ["£", "$", "€", "\u{20a4}", "GBP", "USD", "EUR", "gbp"];
    SIGNS.iter().find_map(|sign| text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)))
}

/// `1,234.50`, `1 234.50`, `1'234.50` and, with commas for decimals, `1.234,50`.
fn digits(text: &str, comma: bool) -> Option<String> {
    let thousands: Vec<char> = [',', ' ', '\'', '.'].into_iter().filter(|c| text.contains(*c)).collect();
    let (whole, part) = match thousands.as_slice() {
        [] => (text, ""),
        // `12,50` can be nothing else; `1,234` is thousands unless the column has decimal commas.
        [','] if has_decimal_comma(text) && text.matches(',').count() == 1 => text.rsplit_once(',')?,
        [','] if comma => return None,
        [',' | ' ' | '\''] => (text, ""),
        // A number has one point; several part thousands.
        ['.'] if text.matches('.').count() > 1 => (text, ""),
        ['.'] => text.split_once('.')?,
        // What comes last parts the decimals.
        _ => {
            let at = text.rfind(['.', ','])?;
            let (whole, part) = text.split_at(at);
            let (mark, part) = (part.chars().next()?, part.get(1..)?);
            let once = text.matches(mark).count() == 1;
            // 1.234 567 has no decimals that anybody writes.
            if !once || part.contains(' ') {
                return None;
            }
            (whole, part)
        }
    };
    let separator = whole.chars().find(|c| !c.is_ascii_digit());
    let plain = match separator {
        None => whole.to_owned(),
        Some(separator) => {
            let mut groups = whole.split(separator);
            let first = groups.next().filter(|first| (1..=3).contains(&first.len()))?;
            let rest: Vec<&str> = groups.collect();
            if rest.iter().any(|group| group.len() != 3) {
                return None;
            }
            format!("{first}{}", rest.concat())
        }
    };
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if plain.is_empty() || !all_digits(&plain) || !all_digits(part) {
        return None;
    }
    Some(if part.is_empty() { plain } else { format!("{plain}.{part}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_however_it_is_written_and_never_guessed() {
        for (text, number) in [
            ("£1,234.50", "1234.50"),
            ("1,234", "1234"),
            ("1,234,567.8", "1234567.8"),
            ("1 234.50", "1234.50"),
            ("1'234", "1234"),
            ("1.234,50", "1234.50"),
            ("1.234.567,5", "1234567.5"),
            ("1.234.567", "1234567"),
            ("12,50", "12.50"),
            ("(120.00)", "-120.00"),
            ("(£1,200)", "-1200"),
            ("£(120)", "-120"),
            ("-£120", "-120"),
            ("£-120", "-120"),
            ("120-", "-120"),
            ("\u{2212}5", "-5"),
            ("(0.00)", "0.00"),
            ("120 GBP", "120"),
            ("GBP 120.00", "120.00"),
            ("€ 5", "5"),
            ("120.5", "120.5"),
            ("£", "-"),
            ("1,23,456", "-"),
            ("12,3456,789", "-"),
            ("1.2.3", "-"),
            ("1,234.567.8", "-"),
            ("(-5)", "-"),
            ("££5", "-"),
            ("12k", "-"),
            ("5%", "-"),
            ("1.2E+05", "-"),
            ("about 5", "-"),
            ("5 or 6", "-"),
            ("", "-"),
        ] {
            let read = read(text, false).map(|(number, _)| number);
            assert_eq!(read.as_deref().unwrap_or("-"), number, "{text}");
        }
    }

    #[test]
    fn a_column_with_decimal_commas_leaves_what_may_be_either() {
        assert!(has_decimal_comma("12,5") && !has_decimal_comma("1,234") && !has_decimal_comma("1,234.5"));
        assert_eq!(read("1,234", true), None);
        assert_eq!(read("12,50", true).unwrap().0, "12.50");
    }

    #[test]
    fn only_zeros_are_cut_off_a_whole_number() {
        for (number, expected) in [("12.00", "12"), ("012", "12"), ("-0.0", "0"), ("12.5", "-"), (".0", "-")]
        {
            assert_eq!(whole(number).as_deref().unwrap_or("-"), expected, "{number}");
        }
    }
}
