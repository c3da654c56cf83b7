//! What a year of two digits means.

use std::ops::Range;
use std::rc::Rc;

use jiff::civil::Date;

use super::as_date::{ENOUGH, day};

/// Years of two digits that Excel reads as of the last century and PHP as of this one: Excel's begin with 1930, PHP's with
/// 1970.
const DISPUTED: Range<i16> = 30..70;
/// Accepted years so near to another show that it is of their century.
const NEAR: u16 = 10;
/// Years of a person's age.
const OLDEST: i16 = 110;

/// What years of two digits mean.
#[derive(Debug, Clone, Default)]
pub(super) enum Century {
    /// What PHP reads.
    #[default]
    Php,
    /// That of accepted years, each with how often it was; what Excel and PHP agree on, where none is near.
    Accepted(Rc<[(i16, usize)]>),
    /// Who was born then is alive today.
    OfBirth { today: Date },
}

impl Century {
    /// A day of a year of two digits; `None` where the century is not certain.
    pub(super) fn day(&self, short: i16, month: i16, date: i16) -> Option<Date> {
        if let Self::OfBirth { today } = self {
            let is_alive = |born: &Date| born <= today && today.year() - born.year() <= OLDEST;
            let days = [1900, 2000].map(|century| day(century + short, month, date).filter(is_alive));
            return only(days);
        }
        day(self.full(short)?.0, month, date)
    }

    /// A year of two digits in full, and whether accepted years say so.
    fn full(&self, short: i16) -> Option<(i16, bool)> {
        let (last, this) = (1900 + short, 2000 + short);
        let Self::Accepted(years) = self else {
            return Some((if short < DISPUTED.end { this } else { last }, false));
        };
        let near = |year: i16| -> usize {
            years.iter().filter(|(accepted, _)| accepted.abs_diff(year) <= NEAR).map(|(_, times)| times).sum()
        };
        let nearest = |year: i16| years.iter().map(|(accepted, _)| accepted.abs_diff(year)).min();
        let (usual, other) = if short < DISPUTED.start { (this, last) } else { (last, this) };
        match (near(last), near(this)) {
            (ENOUGH.., 0) => Some((last, true)),
            (0, ENOUGH..) => Some((this, true)),
            _ if DISPUTED.contains(&short) || near(other) > 0 || nearest(usual) > nearest(other) => None,
            _ => Some((usual, false)),
        }
    }

    /// Says how a year of two digits was read.
    pub(super) fn years(&self, short: i16) -> String {
        match (self, self.full(short)) {
            (Self::OfBirth { .. }, _) => format!(" (ages up to {OLDEST})"),
            (Self::Accepted(_), Some((_, true))) => " (the century of accepted years)".to_owned(),
            (Self::Accepted(_), _) => format!(" (years {}–{})", 1900 + DISPUTED.end, 1999 + DISPUTED.start),
            (Self::Php, _) => String::new(),
        }
    }
}

/// The one of two that is there, where the other is not.
fn only<T>(two: [Option<T>; 2]) -> Option<T> {
    match two {
        [Some(one), None] | [None, Some(one)] => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::as_date::{DateReading, Hints, read};
    use super::*;

    #[test]
    fn a_birth_is_in_the_century_in_which_the_person_is_alive() {
        let century = Century::OfBirth { today: Date::constant(2026, 11, 23) };
        let hints = Hints { century, ..Hints::default() };
        for (text, date) in [
            ("19/01/75", Some("1975-01-19")),
            ("19 Jan 05", Some("2005-01-19")),
            ("19/01/25", None),
            ("19/01/17", None),
            ("19/12/26", Some("1926-12-19")),
        ] {
            let read = match read(text, &hints) {
                DateReading::One(date, _) => Some(date.to_string()),
                _ => None,
            };
            assert_eq!(read.as_deref(), date, "{text}");
        }
    }

    #[test]
    fn a_year_of_two_digits_is_of_the_century_of_accepted_years_or_of_none_in_dispute() {
        let read = |text: &str, accepted: &[(i16, usize)]| {
            let hints = Hints { century: Century::Accepted(accepted.into()), ..Hints::default() };
            match read(text, &hints) {
                DateReading::One(date, form) => format!("{date} {form}"),
                _ => "-".to_owned(),
            }
        };
        let due = &[(2027, 2), (2033, 5)][..];
        let old = &[(1928, 3), (1940, 1)][..];
        // Whoever has no date writes one that is none.
        let never = &[(1900, 90), (2027, 2), (2033, 5)][..];
        for (text, accepted, date) in [
            ("19.01.33", due, "2033-01-19 DD.MM.YY (the century of accepted years)"),
            ("19 Jan 33", old, "1933-01-19 the month in letters (the century of accepted years)"),
            ("19.01.40", never, "2040-01-19 DD.MM.YY (the century of accepted years)"),
            ("19.01.33", &[], "-"),
            ("19.01.33", &[(2033, 2)], "-"),
            ("19.01.33", &[(1930, 9), (2033, 9)], "-"),
            ("19.01.45", due, "-"),
            ("19.01.70", due, "-"),
            ("19.01.25", old, "1925-01-19 DD.MM.YY (the century of accepted years)"),
            ("19.01.25", &[(1945, 9)], "-"),
            ("19.01.26", &[(2027, 1)], "2026-01-19 DD.MM.YY (years 1970–2029)"),
            ("19.01.29", &[], "2029-01-19 DD.MM.YY (years 1970–2029)"),
            ("19.01.70", &[], "1970-01-19 DD.MM.YY (years 1970–2029)"),
        ] {
            assert_eq!(read(text, accepted), date, "{text} {accepted:?}");
        }
    }
}
