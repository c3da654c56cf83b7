//! Dates as people write them.

use jiff::civil::Date;

/// How a rejected date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum DateForm {
    /// Three numbers: their order, what parts them, and whether the year has four digits.
    Numbers { parts: Parts, separator: char, long_year: bool },
    /// Year, month and day, but some of them with a digit too few.
    Unpadded,
    /// With the month in letters.
    MonthInWords,
    /// Followed by a time.
    WithTime,
    /// Eight digits with nothing between them.
    NoSeparators,
    /// A spreadsheet's count of days.
    SerialNumber,
    /// A year and no more.
    YearAlone,
    /// A day that no calendar has.
    Impossible,
    /// No date in any form.
    NoDate,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Parts {
    YearMonthDay,
    DayMonthYear,
    MonthDayYear,
    /// Day or month first; no value of the column tells.
    Either,
}

/// Which of the two comes first in a column's dates, as far as its values tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    undecided: Parts,
}

impl Order {
    /// Looks for a value that can be read in one way only.
    pub(super) fn of<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let (mut day_first, mut month_first) = (false, false);
        for value in values {
            if let Some((first, second)) = day_and_month(value.trim()) {
                day_first |= first > 12 && second <= 12;
                month_first |= second > 12 && first <= 12;
            }
        }
        let undecided = match (day_first, month_first) {
            (true, false) => Parts::DayMonthYear,
            (false, true) => Parts::MonthDayYear,
            _ => Parts::Either,
        };
        Self { undecided }
    }
}

impl DateForm {
    pub(super) const ISO: Self =
        Self::Numbers { parts: Parts::YearMonthDay, separator: '-', long_year: true };

    /// A date in PHP's letters, such as `d/m/Y`; `None` for a format with a time, without a day or with other parts.
    pub(super) fn of_php(format: &str) -> Option<Self> {
        let separator = format.chars().find(|c| !c.is_ascii_alphabetic())?;
        let mut letters = format.split(separator);
        let letters =
            [letters.next()?, letters.next()?, letters.next().filter(|_| letters.next().is_none())?];
        let parts = match letters {
            ["Y" | "y", "m" | "n", "d" | "j"] => Parts::YearMonthDay,
            ["d" | "j", "m" | "n", "Y" | "y"] => Parts::DayMonthYear,
            ["m" | "n", "d" | "j", "Y" | "y"] => Parts::MonthDayYear,
            _ => return None,
        };
        let is_usual = matches!(separator, '/' | '-' | '.' | ' ') && letters != ["y", "m", "d"];
        is_usual.then(|| Self::Numbers { parts, separator, long_year: letters.contains(&"Y") })
    }

    /// Continues a count of dates.
    pub(super) fn describe(self, count: usize) -> String {
        let (is, has) = if count == 1 { ("is", "has") } else { ("are", "have") };
        match self {
            Self::Numbers { parts, separator: s, long_year } => {
                let year = if long_year { "YYYY" } else { "YY" };
                match parts {
                    Parts::YearMonthDay => format!("{is} {year}{s}MM{s}DD"),
                    Parts::DayMonthYear => format!("{is} DD{s}MM{s}{year}"),
                    Parts::MonthDayYear => format!("{is} MM{s}DD{s}{year}"),
                    Parts::Either => format!("{is} DD{s}MM{s}{year} or MM{s}DD{s}{year}"),
                }
            }
            Self::Unpadded if count == 1 => "has a single-digit month or day".to_owned(),
            Self::Unpadded => "have single-digit months or days".to_owned(),
            Self::MonthInWords if count == 1 => "spells out the month".to_owned(),
            Self::MonthInWords => "spell out the month".to_owned(),
            Self::WithTime if count == 1 => "includes a time".to_owned(),
            Self::WithTime => "include a time".to_owned(),
            Self::NoSeparators => format!("{has} no separators"),
            Self::SerialNumber if count == 1 => "is an Excel serial number".to_owned(),
            Self::SerialNumber => "are Excel serial numbers".to_owned(),
            Self::YearAlone if count == 1 => "is only a year".to_owned(),
            Self::YearAlone => "are only years".to_owned(),
            Self::Impossible if count == 1 => "is not a real calendar date".to_owned(),
            Self::Impossible => "are not real calendar dates".to_owned(),
            Self::NoDate if count == 1 => "is not a date".to_owned(),
            Self::NoDate => "are not dates".to_owned(),
        }
    }
}

/// How a date is written, if not as wanted.
pub(super) fn form(text: &str, order: Order, wanted: DateForm) -> Option<DateForm> {
    let found = read(text, order);
    if found == wanted {
        return None;
    }
    let DateForm::Numbers { parts, separator, long_year } = wanted else { return Some(found) };
    match found {
        // In the wanted order, but nothing tells: it may be as wanted.
        DateForm::Numbers { parts: Parts::Either, separator: s, long_year: l }
            if parts != Parts::YearMonthDay && separator == s && long_year == l =>
        {
            None
        }
        // As wanted, but with a digit too few: how many digits days and months need is not judged here.
        DateForm::Unpadded if (parts, separator) != (Parts::YearMonthDay, '-') => None,
        _ => Some(found),
    }
}

fn read(text: &str, order: Order) -> DateForm {
    let (date, timed) = without_time(text);
    if let Some((parts, separator)) = numbers(date) {
        return match of_numbers(&parts, separator, order) {
            DateForm::ISO if timed => DateForm::WithTime,
            form => form,
        };
    }
    if !date.is_empty() && date.bytes().all(|b| b.is_ascii_digit()) {
        return of_digits(date);
    }
    let month = |word: &str| {
        let word = word.to_lowercase();
        const MONTHS: [&str; 12] =
            ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        word.len() >= 3 && MONTHS.iter().any(|month| word.starts_with(month))
    };
    let words = text.split(|c: char| !c.is_alphabetic());
    let digit = text.bytes().any(|b| b.is_ascii_digit());
    if digit && words.into_iter().any(month) { DateForm::MonthInWords } else { DateForm::NoDate }
}

/// Three numbers and the character between them.
pub(in crate::report) fn numbers(text: &str) -> Option<([&str; 3], char)> {
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, '/' | '-' | '.' | ' ') {
        return None;
    }
    let mut parts = text.split(separator);
    let parts = [parts.next()?, parts.next()?, parts.next().filter(|_| parts.next().is_none())?];
    let fits = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    parts.iter().all(fits).then_some((parts, separator))
}

fn of_numbers(parts: &[&str; 3], separator: char, order: Order) -> DateForm {
    let [first, second, third] = *parts;
    let number = |part: &str| part.parse::<i16>().unwrap_or_default();
    let (a, b, c) = (number(first), number(second), number(third));
    if first.len() == 4 {
        return match (is_day(a, b, c), second.len() == 2 && third.len() == 2) {
            (false, _) => DateForm::Impossible,
            (true, true) => DateForm::Numbers { parts: Parts::YearMonthDay, separator, long_year: true },
            (true, false) => DateForm::Unpadded,
        };
    }
    let long_year = third.len() == 4;
    if !long_year && third.len() != 2 {
        return DateForm::NoDate;
    }
    // Any leap year will do for a short one.
    let year = if long_year { c } else { 2000 + c };
    let parts = match (is_day(year, b, a), is_day(year, a, b)) {
        (false, false) => return DateForm::Impossible,
        (true, false) => Parts::DayMonthYear,
        (false, true) => Parts::MonthDayYear,
        (true, true) => order.undecided,
    };
    DateForm::Numbers { parts, separator, long_year }
}

fn of_digits(digits: &str) -> DateForm {
    let part =
        |from, to| digits.get(from..to).and_then(|part: &str| part.parse::<i16>().ok()).unwrap_or_default();
    match digits.len() {
        8 if is_day(part(0, 4), part(4, 6), part(6, 8)) || is_day(part(4, 8), part(2, 4), part(0, 2)) => {
            DateForm::NoSeparators
        }
        // From 1927 to 2064.
        5 if ("10000".."60000").contains(&digits) => DateForm::SerialNumber,
        4 if ("1900".."2100").contains(&digits) => DateForm::YearAlone,
        _ => DateForm::NoDate,
    }
}

fn is_day(year: i16, month: i16, day: i16) -> bool {
    let small = |n: i16| i8::try_from(n).ok();
    let date = || Date::new(year, small(month)?, small(day)?).ok();
    date().is_some()
}

/// The text before a time of day, and whether there was one.
pub(in crate::report) fn without_time(text: &str) -> (&str, bool) {
    let split = text.split_once(['T', ' ']).filter(|(_, time)| {
        time.split_once(':')
            .is_some_and(|(hour, _)| !hour.is_empty() && hour.bytes().all(|b| b.is_ascii_digit()))
    });
    split.map_or((text, false), |(date, _)| (date, true))
}

/// The first two of three numbers whose last is the year.
pub(in crate::report) fn day_and_month(text: &str) -> Option<(i16, i16)> {
    let ([first, second, third], _) = numbers(without_time(text).0)?;
    let year_last = first.len() <= 2 && (third.len() == 2 || third.len() == 4);
    if year_last { Some((first.parse().ok()?, second.parse().ok()?)) } else { None }
}
