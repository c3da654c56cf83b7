//! Addresses, postcodes and numbers of people, in the way in which they are kept.

use super::super::values::{dates, people};
use super::as_text::plain_width;

/// An address without blanks beside its `@`, and without what an address book puts around it.
pub(super) fn email(text: &str) -> Option<String> {
    let text = plain_width(text);
    let text = text.trim();
    if text.matches('@').count() != 1 {
        return None;
    }
    let inner = match (text.rsplit_once('<'), text.ends_with('>')) {
        (Some((_, address)), true) => address.trim_end_matches('>'),
        _ => text,
    };
    let inner = inner.strip_prefix("mailto:").unwrap_or(inner).trim().trim_end_matches([',', ';', '.']);
    let (local, domain) = inner.split_once('@')?;
    let address = format!("{}@{}", local.trim(), domain.trim());
    people::email(&address).is_none().then_some(address)
}

/// In capitals, with a space before the last three characters or without one. An O in place of the last part's
/// digit is a nought: nothing else can stand there.
pub(super) fn postcode(text: &str, spaced: bool) -> Option<String> {
    let mut code: String =
        people::compact(&plain_width(text)).chars().filter(|c| !matches!(c, '-' | '.')).collect();
    if !code.is_ascii() {
        return None;
    }
    let inward = code.len().checked_sub(3)?;
    let digit = match code.get(inward..=inward)? {
        "O" => "0",
        "I" | "L" => "1",
        _ => "",
    };
    if !digit.is_empty() {
        code.replace_range(inward..=inward, digit);
    }
    people::postcode(&code).is_none().then(|| {
        let (outward, inward) = code.split_at(inward);
        format!("{outward}{}{inward}", if spaced { " " } else { "" })
    })
}

/// In capitals, in pairs or without blanks. An O or I among the six digits is a nought or a one.
pub(super) fn national_insurance(text: &str, spaced: bool) -> Option<String> {
    let kept = |c: &char| !matches!(c, '-' | '.' | '/');
    let number: String = people::compact(&plain_width(text)).chars().filter(kept).collect();
    let digit = |(at, c): (usize, char)| match c {
        'O' if (2..8).contains(&at) => '0',
        'I' if (2..8).contains(&at) => '1',
        _ => c,
    };
    let number: String = number.chars().enumerate().map(digit).collect();
    let whole = people::shape(&number) == "AA999999A" && number.ends_with(['A', 'B', 'C', 'D']);
    whole.then(|| if spaced { grouped(&number, &[2, 2, 2, 2, 1]) } else { number })
}

/// How a column writes telephone numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum PhoneStyle {
    /// `07700900123`.
    Plain,
    /// `07700 900123`: so many digits in each group.
    Grouped(Vec<usize>),
    /// `+447700900123`.
    International,
}

impl PhoneStyle {
    /// The style of a number that was accepted.
    pub(super) fn of(text: &str) -> Option<Self> {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        match text.strip_prefix("+44") {
            Some(rest) => (digits(rest) && !rest.starts_with('0') && matches!(rest.len(), 9 | 10))
                .then_some(Self::International),
            None if !text.starts_with('0')
                || !matches!(text.bytes().filter(u8::is_ascii_digit).count(), 10 | 11) =>
            {
                None
            }
            None if digits(text) => Some(Self::Plain),
            None => {
                let groups: Vec<&str> = text.split(' ').collect();
                let fits = groups.iter().all(|group| !group.is_empty() && digits(group));
                fits.then(|| Self::Grouped(groups.iter().map(|group| group.len()).collect()))
            }
        }
    }

    /// A number of Britain in this style; its groups only fit a number of as many digits.
    fn write(&self, national: &str) -> Option<String> {
        match self {
            Self::Plain => Some(format!("0{national}")),
            Self::International => Some(format!("+44{national}")),
            Self::Grouped(groups) => {
                let number = format!("0{national}");
                (groups.iter().sum::<usize>() == number.len()).then(|| grouped(&number, groups))
            }
        }
    }
}

/// A telephone number of Britain, and whether it had lost its 0. `lead` is the digit behind the 0 of all numbers that
/// were accepted: a number of another country that has neither a 0 nor its code is not told from one of Britain.
pub(super) fn phone(text: &str, style: &PhoneStyle, lead: Option<char>) -> Option<(String, bool)> {
    let text = plain_width(text).replace("(0)", "");
    let text = without_point_0(&text);
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, '(' | ')' | '-' | '.' | '\u{2010}'..='\u{2013}');
    let number: String = text.chars().filter(kept).collect();
    let number = number.as_str();
    let abroad = ["+44", "0044"].iter().find_map(|code| number.strip_prefix(code));
    let (national, lost) = match (abroad, number.strip_prefix('0')) {
        (Some(rest), _) => (rest.strip_prefix('0').unwrap_or(rest), false),
        (None, Some(rest)) => (rest, false),
        // A spreadsheet takes 07700… for a number and drops its 0, and a + before 44 as well.
        (None, None) if number.len() == 12 && number.starts_with("44") => (number.get(2..)?, false),
        (None, None) => (number, true),
    };
    let is_bare = text.bytes().all(|b| b.is_ascii_digit());
    let first = national.chars().next();
    let is_known = first == Some('7') || first == lead;
    if abroad.is_none()
        && !is_known
        && (lost || !number.starts_with('0') || *style == PhoneStyle::International)
    {
        return None;
    }
    // 0170 1234567 is no number of Britain: only codes such as 0113 and 0121 have four digits.
    let code = text.split(|c: char| !c.is_ascii_digit()).find(|part| !part.is_empty()).unwrap_or_default();
    let is_short = code.len() == 4 && code.starts_with("01");
    if (lost && !is_bare) || (is_short && !code.starts_with("011") && !code.ends_with('1')) {
        return None;
    }
    let length = match national.as_bytes().first()? {
        b'7' => national.len() == 10,
        b'1' => matches!(national.len(), 9 | 10),
        b'2' | b'3' | b'8' => national.len() == 10,
        _ => false,
    };
    let fits = length && national.bytes().all(|b| b.is_ascii_digit());
    style.write(national).filter(|_| fits).map(|number| (number, lost))
}

/// Without the decimal that a spreadsheet adds to a whole number.
fn without_point_0(text: &str) -> &str {
    let digits = |whole: &&str| whole.bytes().all(|b| b.is_ascii_digit());
    text.trim().strip_suffix(".0").filter(digits).unwrap_or(text.trim())
}

/// A number without blanks between its digits, and without `dashes` where they are no part of it. Three groups may be a
/// date.
pub(super) fn plain_digits(text: &str, dashes: bool) -> Option<String> {
    let text = plain_width(text);
    let text = without_point_0(&text);
    if dates::numbers(text).is_some() || text.starts_with('-') {
        return None;
    }
    let number: String = text.chars().filter(|c| !(c.is_whitespace() || dashes && *c == '-')).collect();
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(number)
}

/// A number of so many digits, with the zeros that a spreadsheet dropped from a number without blanks; whether it did.
pub(super) fn padded(text: &str, length: usize, most_lost: usize, dashes: bool) -> Option<(String, bool)> {
    let number = plain_digits(text, dashes)?;
    let is_bare = number == without_point_0(&plain_width(text));
    let most_lost = if is_bare { most_lost } else { 0 };
    let lost = length.checked_sub(number.len()).filter(|lost| *lost <= most_lost)?;
    Some((format!("{}{number}", "0".repeat(lost)), lost > 0))
}

/// The six digits of a sort code, in pairs or together; whether it had lost its 0.
pub(super) fn sort_code(text: &str) -> Option<(String, bool)> {
    let width = plain_width(text);
    match dates::numbers(width.trim()) {
        Some((pairs, _)) => pairs.iter().all(|pair| pair.len() == 2).then(|| (pairs.concat(), false)),
        None => padded(text, 6, 1, false),
    }
}

/// `123456` as `12-34-56`.
pub(super) fn in_pairs(number: &str, separator: &str) -> String {
    grouped(number, &[2, 2, 2]).replace(' ', separator)
}

fn grouped(text: &str, groups: &[usize]) -> String {
    let mut rest = text;
    let mut parts = Vec::new();
    for group in groups {
        let (part, after) = rest.split_at_checked(*group).unwrap_or((rest, ""));
        parts.push(part);
        rest = after;
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_what_is_not_theirs() {
        for (text, address) in [
            (" ann@example.com ", "ann@example.com"),
            ("ann @example.com", "ann@example.com"),
            ("ann@ example.com", "ann@example.com"),
            ("ann@example. com", "-"),
            ("Mr. smith@example.com", "-"),
            ("Pref. ann@example.com", "-"),
            ("ann@example.com <bob@example.com>", "-"),
            ("Ann <ann@example.com>, Bob <bob@example.com>", "-"),
            ("Ann Fair <ann@example.com>", "ann@example.com"),
            ("mailto:ann@example.com;", "ann@example.com"),
            ("ann＠example.com", "ann@example.com"),
            ("Ann@Example.com", "Ann@Example.com"),
            ("ann fair@example.com", "-"),
            ("ann@example.com, bob@example.com", "-"),
            ("ann at example.com", "-"),
            ("ann@", "-"),
        ] {
            assert_eq!(email(text).as_deref().unwrap_or("-"), address, "{text}");
        }
    }

    #[test]
    fn postcodes_and_national_insurance_numbers() {
        for (text, code) in [
            ("sn1 1aa", "SN1 1AA"),
            ("SN11AA", "SN1 1AA"),
            ("sw1a-1aa", "SW1A 1AA"),
            ("SN1 OAA", "SN1 0AA"),
            ("Swindon", "-"),
            ("SN1", "-"),
            ("é1", "-"),
            ("", "-"),
        ] {
            assert_eq!(postcode(text, true).as_deref().unwrap_or("-"), code, "{text}");
        }
        assert_eq!(postcode("sn1 1aa", false).as_deref(), Some("SN11AA"));
        for (text, number) in [
            ("ab 12 34 56 c", "AB123456C"),
            ("AB-12-34-56-C", "AB123456C"),
            ("AB12345OC", "AB123450C"),
            ("AB123456", "-"),
            ("AB123456E", "-"),
        ] {
            assert_eq!(national_insurance(text, false).as_deref().unwrap_or("-"), number, "{text}");
        }
        assert_eq!(national_insurance("ab123456c", true).as_deref(), Some("AB 12 34 56 C"));
    }

    #[test]
    fn phone_numbers_follow_those_that_were_accepted() {
        let like =
            |text: &str, style, lead| phone(text, style, lead).map_or("-".to_owned(), |(number, _)| number);
        let plain = |text: &str| like(text, &PhoneStyle::Plain, None);
        for (text, number) in [
            ("+44 (0)7700 900123", "07700900123"),
            ("0044 7700 900123", "07700900123"),
            ("447700900123", "07700900123"),
            ("7700900123", "07700900123"),
            ("(01632) 960-123", "01632960123"),
            ("01632 96012", "0163296012"),
            ("0113 496 0123", "01134960123"),
            ("7700900123.0", "07700900123"),
            ("163296012.0", "-"),
            ("(202) 555-0123", "-"),
            ("(770) 090-0123", "-"),
            ("800 555 0123", "-"),
            ("8005550123", "-"),
            ("0170 1234567", "-"),
            ("01632 96012/3", "-"),
            ("1632960123", "-"),
            ("07700 90012", "-"),
            ("07700 900123 ext 4", "-"),
            ("+353 1 234 5678", "-"),
            ("???", "-"),
        ] {
            assert_eq!(plain(text), number, "{text}");
        }
        assert_eq!(like("1632960123", &PhoneStyle::Plain, Some('1')), "01632960123");
        assert_eq!(like("01701234567", &PhoneStyle::International, Some('7')), "-");
        let like =
            |accepted: &str| phone("+44 (0)7700 900123", &PhoneStyle::of(accepted).unwrap(), None).unwrap().0;
        assert_eq!(like("07700 900456"), "07700 900123");
        assert_eq!(like("0770 090 0456"), "0770 090 0123");
        assert_eq!(like("+447700900456"), "+447700900123");
        assert_eq!(PhoneStyle::of("7700900123"), None);
    }

    #[test]
    fn bank_numbers_get_their_zeros_back() {
        assert_eq!(padded("1234567", 8, 1, true), Some(("01234567".to_owned(), true)));
        for text in ["123456", "12-34-56", "20-10-2024", "123456789", "1234 567", "AB123456", "-1234567"] {
            assert_eq!(padded(text, 8, 1, true), None, "{text}");
        }
        for (text, code) in [
            ("12 34 56", "123456"),
            ("12.34.56", "123456"),
            ("12345.0", "012345"),
            ("12345", "012345"),
            ("1234", "-"),
            ("12E456", "-"),
            ("12/34/5", "-"),
            ("1.23456", "-"),
        ] {
            assert_eq!(sort_code(text).map_or("-".to_owned(), |(code, _)| code), code, "{text}");
        }
        for (text, number) in [
            ("2023", "2023"),
            ("20 24", "2024"),
            ("2023.0", "2023"),
            ("23/24", "-"),
            ("-2023", "-"),
            ("12.50", "-"),
            ("20-24", "-"),
            ("20/10/2024", "-"),
            ("20 10 2024", "-"),
        ] {
            assert_eq!(plain_digits(text, false).as_deref().unwrap_or("-"), number, "{text}");
        }
        assert_eq!(in_pairs("012345", "-"), "01-23-45");
    }
}
