//! A rejected cell read as a date, and written as the rule wants it (in PHP's letters, such as `d/m/Y`).

use std::borrow::Cow;

use jiff::civil::Date;

use super::super::values::dates::{day_and_month, numbers, without_time};
use super::century::Century;

/// So many dates that can be read in one way only decide for those that can be read in two.
pub(super) const ENOUGH: usize = 3;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Which part of a date comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// `13/04/2024`.
    Day,
    /// `04/13/2024`.
    Month,
}

/// What the dates of a column that can be read in one way only show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct DateOrder {
    pub(super) day_first: usize,
    pub(super) month_first: usize,
    /// Five digits that can only be a spreadsheet's count of days, and those that may be a date without its 0.
    serials: usize,
    without_zero: usize,
}

/// What is known besides the text.
#[derive(Debug, Clone, Default)]
pub(super) struct Hints {
    /// What decides between day and month.
    pub(super) order: Option<First>,
    /// Whether five digits are a spreadsheet's count of days, even if they may be a date without its 0.
    pub(super) has_serials: bool,
    pub(super) century: Century,
}

impl DateOrder {
    pub(super) fn of<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut order = Self::default();
        for value in values.map(str::trim) {
            if let Some((first, second)) = day_and_month(value) {
                order.day_first += usize::from((13..=31).contains(&first) && second <= 12);
                order.month_first += usize::from((13..=31).contains(&second) && first <= 12);
            } else if matches!(value.len(), 5 | 6) && value.bytes().all(|b| b.is_ascii_digit()) {
                let is_serial = value.len() == 5 && !has_lost_zero(value);
                order.serials += usize::from(is_serial);
                order.without_zero += usize::from(!is_serial);
            }
        }
        order
    }

    /// Only if several are, and most.
    pub(super) fn has_serials(self) -> bool {
        self.serials >= ENOUGH && self.serials > self.without_zero
    }

    /// Only if several agree and none says otherwise.
    pub(super) fn decided(self) -> Option<First> {
        match (self.day_first, self.month_first) {
            (ENOUGH.., 0) => Some(First::Day),
            (0, ENOUGH..) => Some(First::Month),
            _ => None,
        }
    }
}

/// What a text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DateReading {
    /// One date, and how it is written.
    One(Date, Cow<'static, str>),
    /// One or another, by which part comes first.
    Two { day_first: Date, month_first: Date, form: Cow<'static, str> },
    /// No date, or more than these.
    None,
}

/// Reads a date however it is written.
pub(super) fn read(text: &str, hints: &Hints) -> DateReading {
    let (date, timed) = without_time(text);
    // A time of day is no part of a date; at another place it may be another day.
    let time = text.get(date.len() + usize::from(timed)..).unwrap_or_default();
    let zoned = time.contains(['Z', '+', '-']);
    let midnight =
        time.split(['Z', '+', '.']).next().is_some_and(|time| time.chars().all(|c| matches!(c, '0' | ':')));
    if timed && zoned && !midnight {
        return DateReading::None;
    }
    let reading = match numbers(date) {
        Some((parts, separator)) => of_numbers(&parts, separator, hints),
        None => match date.strip_suffix(".0").unwrap_or(date) {
            digits if digits.bytes().all(|b| b.is_ascii_digit()) => of_digits(digits, hints),
            words => of_words(words, hints),
        },
    };
    // A year that nobody has in a record is a slip of the finger.
    let is_early = |date: &Date| date.year() < 1900;
    match reading {
        DateReading::One(date, _) if is_early(&date) => DateReading::None,
        DateReading::Two { day_first, .. } if is_early(&day_first) => DateReading::None,
        DateReading::One(date, form) if timed => DateReading::One(date, format!("{form} with a time").into()),
        DateReading::Two { day_first, month_first, form } if timed => {
            DateReading::Two { day_first, month_first, form: format!("{form} with a time").into() }
        }
        reading => reading,
    }
}

fn of_numbers(parts: &[&str; 3], separator: char, hints: &Hints) -> DateReading {
    let order = hints.order;
    let [first, second, third] = *parts;
    let number = |part: &str| part.parse::<i16>().unwrap_or_default();
    let (a, b, c) = (number(first), number(second), number(third));
    let s = separator;
    if first.len() == 4 {
        return one(day(a, b, c), format!("YYYY{s}MM{s}DD").into());
    }
    if first.len() > 2 || second.len() > 2 || !matches!(third.len(), 2 | 4) {
        return DateReading::None;
    }
    let short = third.len() == 2;
    // 24-03-12 may begin with the year too, unless the column is day first.
    if short && s == '-' && order.is_none() && day(2000, b, c).is_some() {
        return DateReading::None;
    }
    let date = |month, date| if short { hints.century.day(c, month, date) } else { day(c, month, date) };
    let (years, which) = if short { ("YY", hints.century.years(c)) } else { ("YYYY", String::new()) };
    // Which part comes first is not decided by which of the two has one century alone.
    let is_either = day(2000, b, a).is_some() && day(2000, a, b).is_some();
    if short && is_either && date(b, a).is_some() != date(a, b).is_some() {
        return DateReading::None;
    }
    by_order(date(b, a), date(a, b), order, |order| match order {
        First::Day => format!("DD{s}MM{s}{years}{which}"),
        First::Month => format!("MM{s}DD{s}{years}{which}"),
    })
}

/// Eight digits, or a spreadsheet's count of days from 1927 to 2064.
fn of_digits(digits: &str, hints: &Hints) -> DateReading {
    let order = hints.order;
    let part =
        |from, to| digits.get(from..to).and_then(|part: &str| part.parse::<i16>().ok()).unwrap_or_default();
    let usual = |year: i16| (1900..2100).contains(&year).then_some(year);
    match digits.len() {
        8 => {
            let year_first = usual(part(0, 4)).and_then(|year| day(year, part(4, 6), part(6, 8)));
            let year_last = |month, date| usual(part(4, 8)).and_then(|year| day(year, month, date));
            let (british, american) = (year_last(part(2, 4), part(0, 2)), year_last(part(0, 2), part(2, 4)));
            // No year of these is a month and a day as well.
            match year_first {
                Some(_) => one(year_first, "YYYYMMDD".into()),
                None => by_order(british, american, order, |order| match order {
                    First::Day => "DDMMYYYY".to_owned(),
                    First::Month => "MMDDYYYY".to_owned(),
                }),
            }
        }
        5 if ("10000".."60000").contains(&digits) && (hints.has_serials || !has_lost_zero(digits)) => {
            let days = digits.parse::<i32>().unwrap_or_default();
            let date = Date::constant(1899, 12, 30).checked_add(jiff::Span::new().days(days)).ok();
            one(date, "an Excel serial number".into())
        }
        _ => DateReading::None,
    }
}

/// Whether five digits may be a date that begins with a 0: `DMMYY`, `MDDYY`, `YMMDD`.
fn has_lost_zero(digits: &str) -> bool {
    let part = |from, to| digits.get(from..to).and_then(|part: &str| part.parse().ok()).unwrap_or_default();
    let (first, second, third) = (part(0, 1), part(1, 3), part(3, 5));
    // Any leap year will do.
    let is_day = |month, date| day(2000, month, date).is_some();
    is_day(second, first) || is_day(first, second) || is_day(second, third)
}

/// `12 Mar 2024`, `12th March 24`, `March 12, 2024`, `Tue 12-Mar-2024`.
fn of_words(text: &str, hints: &Hints) -> DateReading {
    let lower = text.to_lowercase();
    let mut words: Vec<&str> = Vec::new();
    // Letters and digits that touch are two words: 12Mar2024, 12th.
    let parts = lower.split(|c: char| c.is_whitespace() || matches!(c, '-' | '/' | ',' | '.'));
    for part in parts.filter(|part| !part.is_empty()) {
        let mut rest = part;
        while let Some(c) = rest.chars().next() {
            let digits = c.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            words.push(word);
            rest = after;
        }
    }
    words.retain(|word| !matches!(*word, "st" | "nd" | "rd" | "th" | "of"));
    let weekday = words.first().and_then(|word| weekday(word));
    if weekday.is_some() {
        words.remove(0);
    }
    let &[first, second, year] = words.as_slice() else { return DateReading::None };
    let month = |word: &str| {
        let at = MONTHS.iter().position(|name| word.len() >= 3 && name.starts_with(word))?;
        i16::try_from(at + 1).ok()
    };
    let number = |word: &str| word.parse::<i16>().ok().filter(|_| word.len() <= 2);
    let found = match (number(first), month(second), month(first), number(second)) {
        (Some(day), Some(month), ..) | (.., Some(month), Some(day)) => Some((day, month)),
        _ => None,
    };
    let short = year.len() == 2;
    let full = year.parse::<i16>().ok().filter(|_| short || year.len() == 4);
    let (Some((date, month)), Some(full)) = (found, full) else { return DateReading::None };
    let date = if short { hints.century.day(full, month, date) } else { day(full, month, date) };
    let date = date.filter(|date| weekday.is_none_or(|weekday| date.weekday() == weekday));
    one(
        date,
        format!("the month in letters{}", if short { hints.century.years(full) } else { String::new() })
            .into(),
    )
}

fn weekday(word: &str) -> Option<jiff::civil::Weekday> {
    use jiff::civil::Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    const NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let days = [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday];
    let at = NAMES.iter().position(|name| word.len() >= 3 && name.starts_with(word))?;
    days.get(at).copied()
}

fn by_order(
    british: Option<Date>,
    american: Option<Date>,
    order: Option<First>,
    form: impl Fn(First) -> String,
) -> DateReading {
    match (british, american, order) {
        (Some(date), Some(other), _) if date == other => {
            one(british, form(order.unwrap_or(First::Day)).into())
        }
        (Some(_), None, _) | (Some(_), Some(_), Some(First::Day)) => one(british, form(First::Day).into()),
        (None, Some(_), _) | (Some(_), Some(_), Some(First::Month)) => {
            one(american, form(First::Month).into())
        }
        (Some(day_first), Some(month_first), None) => {
            let form = format!("{} or {}", form(First::Day), form(First::Month)).into();
            DateReading::Two { day_first, month_first, form }
        }
        (None, None, _) => DateReading::None,
    }
}

fn one(date: Option<Date>, form: Cow<'static, str>) -> DateReading {
    date.map_or(DateReading::None, |date| DateReading::One(date, form))
}

pub(super) fn day(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A date in PHP's letters; `None` for letters that are no part of a date.
pub(super) fn format(date: Date, php: &str) -> Option<String> {
    let mut text = String::new();
    let month = || MONTHS.get(usize::try_from(date.month() - 1).ok()?).copied();
    let named = |length: usize| {
        let name = month()?;
        let (first, rest) = name.get(..length.min(name.len()))?.split_at(1);
        Some(format!("{}{rest}", first.to_uppercase()))
    };
    for letter in php.chars() {
        match letter {
            'Y' => text.push_str(&format!("{:04}", date.year())),
            'y' => text.push_str(&format!("{:02}", date.year().rem_euclid(100))),
            'm' => text.push_str(&format!("{:02}", date.month())),
            'n' => text.push_str(&date.month().to_string()),
            'd' => text.push_str(&format!("{:02}", date.day())),
            'j' => text.push_str(&date.day().to_string()),
            'M' => text.push_str(&named(3)?),
            'F' => text.push_str(&named(usize::MAX)?),
            letter if letter.is_alphabetic() || letter == '\\' => return None,
            letter => text.push(letter),
        }
    }
    Some(text)
}

/// The same letters as people write them: `d/m/Y` is DD/MM/YYYY.
pub(super) fn describe(php: &str) -> String {
    let letter = |c| match c {
        'Y' => "YYYY".to_owned(),
        'y' => "YY".to_owned(),
        'm' => "MM".to_owned(),
        'n' => "M".to_owned(),
        'd' => "DD".to_owned(),
        'j' => "D".to_owned(),
        'M' => "Mmm".to_owned(),
        'F' => "Month".to_owned(),
        other => other.to_string(),
    };
    php.chars().map(letter).collect()
}

/// The date that a text says in exactly these letters.
pub(super) fn parse(text: &str, php: &str) -> Option<Date> {
    // Day and month are told apart by the format, so both ways to read the text are tried.
    let dates = match read(text, &Hints::default()) {
        DateReading::One(date, _) => vec![date],
        DateReading::Two { day_first, month_first, .. } => vec![day_first, month_first],
        DateReading::None => {
            let first = [First::Day, First::Month];
            let read = |first| match read(text, &Hints { order: Some(first), ..Hints::default() }) {
                DateReading::One(date, _) => Some(date),
                _ => None,
            };
            first.into_iter().filter_map(read).collect()
        }
    };
    dates.into_iter().find(|date| format(*date, php).is_some_and(|written| written == text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str, order: Option<First>) -> String {
        match read(text, &Hints { order, ..Hints::default() }) {
            DateReading::One(date, _) => date.to_string(),
            DateReading::Two { day_first, month_first, .. } => format!("{day_first} or {month_first}"),
            DateReading::None => "-".to_owned(),
        }
    }

    #[test]
    fn a_date_is_read_however_it_is_written_and_never_guessed() {
        for (text, date) in [
            ("19/01/1975", "1975-01-19"),
            ("1/19/1975", "1975-01-19"),
            ("3.4.1975", "1975-04-03 or 1975-03-04"),
            ("04/04/1975", "1975-04-04"),
            ("19.01.75", "1975-01-19"),
            ("19/01/29", "2029-01-19"),
            ("19/01/69", "2069-01-19"),
            ("19/01/70", "1970-01-19"),
            ("75-01-19", "-"),
            ("33/12/05", "-"),
            ("19/01/0975", "-"),
            ("31/12/1899", "-"),
            ("11275", "-"),
            ("10324", "-"),
            ("31124", "-"),
            ("24-03-12", "-"),
            ("1975-1-9", "1975-01-09"),
            ("1975/01/09", "1975-01-09"),
            ("12 Mar 2024", "2024-03-12"),
            ("12th of March 24", "2024-03-12"),
            ("March 12, 2024", "2024-03-12"),
            ("12Mar2024", "2024-03-12"),
            ("12-Sept-2024", "2024-09-12"),
            ("Tue 12 March 2024", "2024-03-12"),
            ("Mon 12 March 2024", "-"),
            ("31 June 2024", "-"),
            ("Mar 2024", "-"),
            ("2024-03-12 00:00:00", "2024-03-12"),
            ("12/03/2024 14:30", "2024-03-12 or 2024-12-03"),
            ("2024-03-12T00:00:00Z", "2024-03-12"),
            ("2024-06-11T23:00:00Z", "-"),
            ("45363", "2024-03-12"),
            ("45363.0", "2024-03-12"),
            ("9999", "-"),
            ("65000", "-"),
            ("20240312", "2024-03-12"),
            ("31122024", "2024-12-31"),
            ("03042024", "2024-04-03 or 2024-03-04"),
            ("31/02/2024", "-"),
            ("2024", "-"),
            ("soon", "-"),
            ("", "-"),
        ] {
            assert_eq!(iso(text, None), date, "{text}");
        }
        assert_eq!(iso("03/04/2024", Some(First::Day)), "2024-04-03");
        assert_eq!(iso("03/04/2024", Some(First::Month)), "2024-03-04");
        assert_eq!(iso("24-03-12", Some(First::Day)), "2012-03-24");
    }

    #[test]
    fn five_digits_are_days_where_most_others_can_be_nothing_else() {
        let order = |values: &[&str]| DateOrder::of(values.iter().copied()).has_serials();
        assert!(order(&["25569", "45363", "45000", "11275"]));
        assert!(!order(&["25569", "45363", "11275"]));
        assert!(!order(&["25569", "45363", "45000", "11275", "10324", "130324"]));
        let hints = Hints { has_serials: true, ..Hints::default() };
        assert_eq!(
            read("11275", &hints),
            DateReading::One(Date::constant(1930, 11, 13), "an Excel serial number".into())
        );
    }

    #[test]
    fn several_dates_that_agree_decide() {
        let order = |values: &[&str]| DateOrder::of(values.iter().copied()).decided();
        assert_eq!(order(&["13/01/2024", "14/01/2024", "01/02/2024"]), None);
        assert_eq!(order(&["13/01/2024", "14/01/2024", "15.01.24"]), Some(First::Day));
        assert_eq!(order(&["1/13/2024", "1/14/2024", "1/15/2024"]), Some(First::Month));
        assert_eq!(order(&["13/01/2024", "14/01/2024", "15/01/2024", "1/16/2024"]), None);
    }

    #[test]
    fn what_php_writes_is_what_php_accepts() {
        let date = Date::constant(2024, 3, 5);
        for (php, text, described) in [
            ("Y-m-d", "2024-03-05", "YYYY-MM-DD"),
            ("d/m/Y", "05/03/2024", "DD/MM/YYYY"),
            ("j/n/y", "5/3/24", "D/M/YY"),
            ("d M Y", "05 Mar 2024", "DD Mmm YYYY"),
            ("F j, Y", "March 5, 2024", "Month D, YYYY"),
        ] {
            assert_eq!(format(date, php).as_deref(), Some(text), "{php}");
            assert_eq!((parse(text, php), describe(php).as_str()), (Some(date), described), "{php}");
        }
        assert_eq!(format(date, "Y-m-d H:i"), None);
        assert_eq!(parse("5/3/2024", "d/m/Y"), None);
        assert_eq!(parse("05/03/2024", "m/d/Y"), Some(Date::constant(2024, 5, 3)));
    }
}
