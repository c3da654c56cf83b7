//! One rejected value: the first thing that is wrong with it.

use std::collections::{HashMap, HashSet};

use super::super::matching::{folded, is_zero_width};
use super::dates::{self, DateForm};
use super::expected::Expected;
use super::{numbers, people};

/// Bytes; in shorter words a wrong letter may as well be another word.
const SHORTEST_WORD: usize = 5;
/// Of a column with more different values nobody keeps a list.
const MOST_WORDS: usize = 300;

/// What a value looks like that should not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Pattern {
    /// There is none.
    Blank,
    /// Nothing but blanks or invisible characters.
    OnlyBlanks,
    EdgeBlanks,
    NonBreaking,
    ZeroWidth,
    Control,
    LookAlike,
    Garbled,
    Placeholder,
    SheetError,
    Scientific,
    LostZeros,
    Duplicate,
    Variant,
    Misspelt,
    TooShort(usize),
    TooLong(usize),
    /// Something besides digits.
    NotDigits,
    TooFewDigits(usize),
    TooManyDigits(usize),
    YesNo,
    Date(DateForm),
    Number(numbers::Flaw),
    Person(people::Flaw),
}

impl Pattern {
    /// Continues a count of values.
    pub(super) fn describe(self, count: usize) -> String {
        let (is, has) = if count == 1 { ("is", "has") } else { ("are", "have") };
        let plural = |bound: usize| if bound == 1 { "" } else { "s" };
        let (one, many) = match self {
            Self::Blank => ("is blank", "are blank"),
            Self::OnlyBlanks => (
                "contains only spaces or invisible characters",
                "contain only spaces or invisible characters",
            ),
            Self::EdgeBlanks => ("has leading or trailing spaces", "have leading or trailing spaces"),
            Self::NonBreaking => ("contains a non-breaking space", "contain a non-breaking space"),
            Self::ZeroWidth => ("contains an invisible character", "contain an invisible character"),
            Self::Control => (
                "contains a line break, tab or control character",
                "contain a line break, tab or control character",
            ),
            Self::LookAlike => (
                "contains a Greek or Cyrillic letter that looks like a Latin one",
                "contain a Greek or Cyrillic letter that looks like a Latin one",
            ),
            Self::Garbled => ("is garbled (wrong encoding)", "are garbled (wrong encoding)"),
            Self::Placeholder => {
                ("is a placeholder such as N/A or unknown", "are placeholders such as N/A or unknown")
            }
            Self::SheetError => ("is a spreadsheet error", "are spreadsheet errors"),
            Self::Scientific => (
                "was converted to scientific notation by a spreadsheet",
                "were converted to scientific notation by a spreadsheet",
            ),
            Self::LostZeros => ("has lost its leading zeros", "have lost their leading zeros"),
            Self::Duplicate => ("also appears in another row", "also appear in another row"),
            Self::Variant => (
                "differs from an accepted value only in spaces or capitals",
                "differ from accepted values only in spaces or capitals",
            ),
            Self::Misspelt => {
                ("is one letter away from an accepted value", "are one letter away from accepted values")
            }
            Self::TooShort(least) => {
                return format!("{is} shorter than {least} character{}", plural(least));
            }
            Self::TooLong(most) => return format!("{is} longer than {most} character{}", plural(most)),
            Self::NotDigits => {
                ("contains characters other than digits", "contain characters other than digits")
            }
            Self::TooFewDigits(least) => return format!("{has} fewer than {least} digit{}", plural(least)),
            Self::TooManyDigits(most) => return format!("{has} more than {most} digit{}", plural(most)),
            Self::YesNo => ("is a word for yes or no", "are words for yes or no"),
            Self::Date(form) => return form.describe(count),
            Self::Number(flaw) => flaw.describe(),
            Self::Person(flaw) => flaw.describe(),
        };
        (if count == 1 { one } else { many }).to_owned()
    }
}

/// What is known about the values as a whole.
pub(super) struct ColumnContext<'a> {
    expected: Expected,
    order: dates::Order,
    /// Rows that hold a value, folded; the first two of each.
    rows: HashMap<String, (usize, Option<usize>)>,
    /// Values that were not rejected, and the same folded.
    used: HashSet<&'a str>,
    used_folded: HashSet<String>,
    /// How many digits the others have, if they begin with 0.
    zero_padded: Option<usize>,
}

impl<'a> ColumnContext<'a> {
    pub(super) fn new(
        expected: Expected,
        failing: &[(usize, &'a str)],
        column: &[(usize, &'a str)],
        others: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut rows: HashMap<String, (usize, Option<usize>)> = HashMap::new();
        if expected == Expected::Unique {
            for (row, value) in column.iter().chain(failing) {
                let known = rows.entry(folded(value).into_owned()).or_insert((*row, None));
                if known.0 != *row {
                    known.1.get_or_insert(*row);
                }
            }
        }
        let (mut used, mut used_folded) = (HashSet::new(), HashSet::new());
        let (mut zeros, mut digits) = (HashMap::<usize, usize>::new(), 0_usize);
        for value in others {
            if expected == Expected::Known && !value.trim().is_empty() && used.insert(value) {
                used_folded.insert(folded(value).into_owned());
            }
            if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
                digits += 1;
                if value.starts_with('0') && value.len() > 1 {
                    *zeros.entry(value.len()).or_default() += 1;
                }
            }
        }
        // Most of the others, and more than chance.
        let zero_padded = zeros
            .into_iter()
            .find(|(_, count)| *count >= 3 && count * 5 >= digits * 4)
            .map(|(length, _)| length);
        let order = dates::Order::of(failing.iter().chain(column).map(|(_, value)| *value));
        Self { expected, order, rows, used, used_folded, zero_padded }
    }

    /// What is wrong with one value, and the row that has the same where that is it.
    pub(super) fn pattern(&self, row: usize, value: &str) -> Option<(Pattern, Option<usize>)> {
        if value.is_empty() {
            // That a required value is blank is no news.
            return (self.expected != Expected::Filled).then_some((Pattern::Blank, None));
        }
        let clean = cleaned(value);
        if clean.is_empty() {
            return Some((Pattern::OnlyBlanks, None));
        }
        if let Some(twin) = self.twin(row, value) {
            return Some((Pattern::Duplicate, Some(twin)));
        }
        let pattern = match self.expected {
            // The rule is about the value as it is written: that it means nothing is no reason.
            Expected::Characters { .. } => self.unexpected(&clean).or_else(|| garbage(&clean)),
            // "n.a." is no name and not rejected for that where letters were wanted.
            Expected::Shape => garbage(&clean).filter(|pattern| *pattern != Pattern::Placeholder),
            _ => garbage(&clean).or_else(|| self.unexpected(&clean)),
        };
        let pattern = pattern.or_else(|| invisible(value)).or_else(|| self.beside_others(value, &clean));
        pattern.map(|pattern| (pattern, None))
    }

    fn twin(&self, row: usize, value: &str) -> Option<usize> {
        let (first, second) = self.rows.get(folded(value).as_ref())?;
        if *first == row { *second } else { Some(*first) }
    }

    /// What is wrong for the kind of value that was expected.
    fn unexpected(&self, clean: &str) -> Option<Pattern> {
        match self.expected {
            Expected::IsoDate => dates::form(clean, self.order, DateForm::ISO).map(Pattern::Date),
            Expected::Date(format) => dates::form(clean, self.order, format.0).map(Pattern::Date),
            Expected::Number => numbers::flaw(clean, false).map(Pattern::Number),
            Expected::Whole => numbers::flaw(clean, true).map(Pattern::Number),
            Expected::Email => people::email(clean).map(Pattern::Person),
            Expected::Postcode => people::postcode(clean).map(Pattern::Person),
            Expected::NationalInsurance => people::national_insurance(clean).map(Pattern::Person),
            Expected::Phone => people::phone(clean).map(Pattern::Person),
            Expected::Boolean => is_yes_or_no(clean).then_some(Pattern::YesNo),
            Expected::Characters { least, most } => match clean.chars().count() {
                length if length < least => Some(Pattern::TooShort(least)),
                length if length > most => Some(Pattern::TooLong(most)),
                _ => None,
            },
            Expected::Digits { least, most } => match clean.chars().all(|c| c.is_ascii_digit()) {
                false => Some(Pattern::NotDigits),
                true if clean.len() < least => Some(Pattern::TooFewDigits(least)),
                true if clean.len() > most => Some(Pattern::TooManyDigits(most)),
                true => None,
            },
            Expected::Unique
            | Expected::Known
            | Expected::Filled
            | Expected::SortCode
            | Expected::AccountNumber
            | Expected::Shape
            | Expected::Anything => None,
        }
    }

    /// What is wrong beside the values that were not rejected.
    fn beside_others(&self, value: &str, clean: &str) -> Option<Pattern> {
        let digits = clean.bytes().all(|b| b.is_ascii_digit());
        // A rule about something else is not broken by that.
        let is_code = matches!(
            self.expected,
            Expected::Known | Expected::SortCode | Expected::AccountNumber | Expected::Anything
        );
        if is_code
            && digits
            && !clean.starts_with('0')
            && self.zero_padded.is_some_and(|length| clean.len() < length)
        {
            return Some(Pattern::LostZeros);
        }
        if self.used.is_empty() || self.used.contains(value) {
            return None;
        }
        let value = folded(value);
        if self.used_folded.contains(value.as_ref()) {
            return Some(Pattern::Variant);
        }
        // Numbers are a letter apart by nature; short words too.
        let word = value.len() >= SHORTEST_WORD && !value.bytes().any(|b| b.is_ascii_digit());
        let misspelt = word
            && self.used_folded.len() <= MOST_WORDS
            && self.used_folded.iter().any(|used| one_letter_away(used, &value));
        misspelt.then_some(Pattern::Misspelt)
    }
}

/// A value as its author sees it: nothing invisible, plain blanks, none around it.
fn cleaned(value: &str) -> String {
    let plain = value.chars().filter(|c| !is_zero_width(*c)).map(|c| if c.is_whitespace() { ' ' } else { c });
    plain.collect::<String>().trim().to_owned()
}

/// Whether one letter put in, left out or replaced makes one word of the other.
pub(super) fn one_letter_away(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.chars(), b.chars());
    let (mut left, mut right) = (a.clone(), b.clone());
    while let (Some(x), Some(y)) = (left.next(), right.next()) {
        if x != y {
            break;
        }
        (a, b) = (left.clone(), right.clone());
    }
    let after = |chars: &std::str::Chars<'_>| chars.as_str().chars().skip(1).collect::<String>();
    let (rest_a, rest_b) = (a.as_str(), b.as_str());
    rest_a == after(&b) || after(&a) == rest_b || after(&a) == after(&b)
}

/// Characters that do not show.
fn invisible(value: &str) -> Option<Pattern> {
    if value.chars().any(is_zero_width) {
        Some(Pattern::ZeroWidth)
    } else if value.chars().any(|c| matches!(c, '\u{a0}' | '\u{2007}' | '\u{202f}')) {
        Some(Pattern::NonBreaking)
    } else if value.trim() != value {
        Some(Pattern::EdgeBlanks)
    } else if value.chars().any(char::is_control) {
        Some(Pattern::Control)
    } else {
        None
    }
}

/// Values that say nothing or were broken on their way, whatever was expected.
fn garbage(clean: &str) -> Option<Pattern> {
    const PLACEHOLDERS: [&str; 18] = [
        "n/a",
        "na",
        "n.a.",
        "none",
        "null",
        "nil",
        "unknown",
        "not known",
        "tbc",
        "tba",
        "tbd",
        "pending",
        "see file",
        "see file note",
        "-",
        "--",
        "?",
        "???",
    ];
    const SHEET_ERRORS: [&str; 8] =
        ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "########"];
    // UTF-8 read as Windows-1252, and what could not be read at all.
    const GARBLED: [&str; 5] = ["Ã©", "Ã¨", "â€", "Â£", "\u{fffd}"];
    if PLACEHOLDERS.contains(&clean.to_lowercase().as_str()) {
        Some(Pattern::Placeholder)
    } else if SHEET_ERRORS.contains(&clean) {
        Some(Pattern::SheetError)
    } else if is_scientific(clean) {
        Some(Pattern::Scientific)
    } else if GARBLED.iter().any(|sign| clean.contains(sign)) {
        Some(Pattern::Garbled)
    } else if clean.split(|c: char| !c.is_alphabetic()).any(mixes_alphabets) {
        Some(Pattern::LookAlike)
    } else {
        None
    }
}

fn is_yes_or_no(clean: &str) -> bool {
    // `true` as a text is none of the server's: it takes 1 and 0.
    const WORDS: [&str; 10] = ["yes", "no", "y", "n", "on", "off", "true", "false", "t", "f"];
    WORDS.iter().any(|word| clean.eq_ignore_ascii_case(word))
}

/// `1.23E+05`, as spreadsheets write long numbers.
fn is_scientific(text: &str) -> bool {
    let Some((number, power)) = text.split_once(['E', 'e']) else { return false };
    let power = power.strip_prefix('+').or_else(|| power.strip_prefix('-'));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    power.is_some_and(digits) && digits(whole.trim_start_matches('-')) && digits(part)
}

/// Latin letters and Greek or Cyrillic ones that look the same, within one word.
fn mixes_alphabets(word: &str) -> bool {
    const LOOK_ALIKES: &str = "АВЕКМНОРСТУХаеорсухіѕјΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανρ";
    word.chars().any(|c| c.is_ascii_alphabetic()) && word.chars().any(|c| LOOK_ALIKES.contains(c))
}
