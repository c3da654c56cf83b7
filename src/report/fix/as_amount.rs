//! A rejected cell read as a number, and written as PHP accepts one: digits, a point, a minus.

/// How a column writes amounts, as far as all of its cells show it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Notation {
    /// Cells whose point, and whose comma, parts decimals and can do nothing else.
    points: usize,
    commas: usize,
    /// Cells with £, $ and €, and without any.
    currencies: [usize; 3],
    without_currency: usize,
}

impl Notation {
    pub(super) fn of<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
        let mut notation = Self::default();
        for cell in cells.filter(|cell| cell.bytes().any(|b| b.is_ascii_digit())) {
            match decimal_mark(cell) {
                Some('.') => notation.points += 1,
                Some(_) => notation.commas += 1,
                None => {}
            }
            let currency = CURRENCIES.iter().position(|names| names.iter().any(|name| cell.contains(name)));
            match currency.and_then(|at| notation.currencies.get_mut(at)) {
                Some(count) => *count += 1,
                None => notation.without_currency += 1,
            }
        }
        notation
    }

    /// What parts decimals, if all cells agree.
    fn decimal(&self) -> Option<char> {
        match (self.points, self.commas) {
            (1.., 0) => Some('.'),
            (0, 1..) => Some(','),
            _ => None,
        }
    }

    /// Whether the number is the same without this currency: pounds among other pounds, and another only where
    /// every cell has it.
    fn is_usual(&self, currency: usize) -> bool {
        let all: usize = self.currencies.iter().sum();
        let count = self.currencies.get(currency).copied().unwrap_or_default();
        if currency == 0 { count * 2 > all } else { count == all && self.without_currency == 0 }
    }
}

/// What parts the decimals of a number, where it can be nothing else.
fn decimal_mark(text: &str) -> Option<char> {
    let number = text.trim_matches(|c: char| !c.is_ascii_digit());
    if !number.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | ' ' | '\'')) {
        return None;
    }
    let (whole, part) = number.split_at_checked(number.rfind([',', '.'])?)?;
    let (mark, other) = if part.starts_with('.') { ('.', ',') } else { (',', '.') };
    match (whole.contains(mark), whole.contains(other), part.len()) {
        (true, true, _) => None,
        (true, false, 4) => Some(other),
        (true, ..) => None,
        (false, false, 4) => whole.starts_with('0').then_some(mark),
        _ => Some(mark),
    }
}

/// The plain number in a text and what was taken out of it.
pub(super) fn read(text: &str, notation: &Notation) -> Option<(String, &'static str)> {
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
        if let Some((inner, which)) = without_currency(rest).filter(|_| !currency) {
            if !notation.is_usual(which) {
                return None;
            }
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
    let number = digits(rest, notation)?;
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

/// A whole number without decimals that are all zero. Three of them may be thousands: `1.000`.
pub(super) fn whole(number: &str) -> Option<String> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let zeros = part.bytes().all(|b| b == b'0') && part.len() != 3;
    let plain = zeros && !whole.trim_start_matches('-').is_empty();
    let signed = whole.strip_prefix('-');
    let digits = signed.unwrap_or(whole).trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    let sign = if signed.is_some() && digits != "0" { "-" } else { "" };
    plain.then(|| format!("{sign}{digits}"))
}

const CURRENCIES: [&[&str]; 3] =
    [&["£", "\u{20a4}", "GBP", "gbp"], &["$", "USD", "usd"], &["€", "EUR", "eur"]];

/// Without one currency at either end, and which that was.
fn without_currency(text: &str) -> Option<(&str, usize)> {
    let mut names =
        CURRENCIES.iter().enumerate().flat_map(|(at, names)| names.iter().map(move |name| (name, at)));
    names.find_map(|(name, at)| Some((text.strip_prefix(name).or_else(|| text.strip_suffix(name))?, at)))
}

/// `1,234.50`, `1 234.50`, `1'234.50` and, with commas for decimals, `1.234,50`.
fn digits(text: &str, notation: &Notation) -> Option<String> {
    let thousands: Vec<char> = [',', ' ', '\'', '.'].into_iter().filter(|c| text.contains(*c)).collect();
    let is_one = |mark| text.matches(mark).count() == 1;
    let has_three = text.rsplit([',', '.']).next().is_some_and(|part| part.len() == 3);
    let (whole, part) = match thousands.as_slice() {
        [] => (text, ""),
        // `12,50` can be nothing else; of `1,234` and `£1.234` only other cells tell what parts the decimals.
        [mark @ (',' | '.')] if is_one(*mark) && has_three => match (mark, notation.decimal()) {
            (',', Some('.')) => (text, ""),
            ('.', Some('.')) => text.split_once('.')?,
            _ => return None,
        },
        [mark @ (',' | '.')] if is_one(*mark) => text.split_once(*mark)?,
        // A number has one point; several part thousands.
        [_] => (text, ""),
        _ if has_three && text.contains([' ', '\'']) => return None,
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
            let first =
                groups.next().filter(|first| (1..=3).contains(&first.len()) && !first.starts_with('0'))?;
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
            ("1,234", "-"),
            ("£1.234", "-"),
            ("0,125", "-"),
            ("01,234.50", "-"),
            ("1 234,567", "-"),
            ("1 234.567", "-"),
            ("1,234,567.8", "1234567.8"),
            ("1 234.50", "1234.50"),
            ("1'234", "1234"),
            ("1.234,50", "1234.50"),
            ("1.234.567,5", "1234567.5"),
            ("1.234.567", "1234567"),
            ("12,50", "12.50"),
            ("(120.00)", "-120.00"),
            ("(£1,200.00)", "-1200.00"),
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
            let read = read(text, &Notation::of([text].into_iter())).map(|(number, _)| number);
            assert_eq!(read.as_deref().unwrap_or("-"), number, "{text}");
        }
    }

    #[test]
    fn other_cells_tell_what_parts_decimals_and_which_currency_is_usual() {
        for (cells, text, number) in [
            (&["2.50"][..], "1,234", "1234"),
            (&["1,234,567"], "1,234", "1234"),
            (&["2.50"], "£1.234", "1.234"),
            (&["4,25"], "1,234", "-"),
            (&["4,25", "2.50"], "1,234", "-"),
            (&["0,5"], "€1.234", "-"),
            (&["1,234", "5"], "1,234", "-"),
            (&["2.50"], "0,125", "-"),
            (&["£5", "£6", "$7"], "£8", "8"),
            (&["£5", "£6", "$7"], "$7", "-"),
            (&["$7"], "£5", "-"),
            (&["5", "$7"], "$7", "-"),
            (&["$5", "USD 7"], "USD 7", "7"),
        ] {
            let notation = Notation::of(cells.iter().copied().chain([text]));
            let read = read(text, &notation).map(|(number, _)| number);
            assert_eq!(read.as_deref().unwrap_or("-"), number, "{cells:?} {text}");
        }
    }

    #[test]
    fn only_zeros_are_cut_off_a_whole_number() {
        for (number, expected) in
            [("12.00", "12"), ("012", "12"), ("-0.0", "0"), ("12.5", "-"), (".0", "-"), ("1.000", "-")]
        {
            assert_eq!(whole(number).as_deref().unwrap_or("-"), expected, "{number}");
        }
    }
}
