//! What one message demands of a value, as far as its words say so, and whether a corrected value meets it.

use std::ops::{Bound, RangeBounds as _};

use jiff::civil::Date;

use super::super::errors::attribute_end;
use super::super::values::expected::{Expected, php_format};
use super::super::values::people;
use super::{as_amount, as_date, as_person};

/// What a rule wants. Messages that differ only in the client's values are one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Demand {
    pub(super) expected: Expected,
    /// Whether the message only calls the value invalid, so that the field's name says what it is.
    pub(super) vague: bool,
    /// A date's format in PHP's letters.
    pub(super) format: Option<String>,
    /// The bounds of a number.
    range: (Bound<f64>, Bound<f64>),
    /// How many decimal places, at least and at most.
    decimals: Option<(usize, usize)>,
    /// The bound of a date.
    day: Option<DayBound>,
    /// The values that the message lists.
    pub(super) listed: Vec<String>,
    /// Small or capital letters only.
    pub(super) case: Option<Case>,
}

/// A corrected value, before it is offered.
pub(super) struct Candidate<'a> {
    pub(super) value: &'a str,
    /// The date that it is, where a date is wanted.
    pub(super) date: Option<Date>,
    pub(super) today: Date,
    /// The date that the row has in another field.
    pub(super) date_of: &'a dyn Fn(&str) -> Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    Upper,
}

/// `after`, `before` and the like.
#[derive(Debug, Clone, PartialEq)]
struct DayBound {
    after: bool,
    or_equal: bool,
    /// `today`, a date, or the field that has it.
    than: String,
}

impl Demand {
    pub(super) fn of(field: &str, message: &str) -> Self {
        let tail = message.get(attribute_end(message, field)..).unwrap_or(message);
        let tail = tail.trim_end().trim_end_matches('.').to_lowercase();
        let expected = Expected::of(field, message);
        let is_number = matches!(expected, Expected::Number | Expected::Whole);
        let named = Expected::of("", message) != expected;
        Self {
            expected,
            vague: named,
            format: php_format(message).map(str::to_owned),
            range: if is_number { range(&tail) } else { (Bound::Unbounded, Bound::Unbounded) },
            decimals: decimals(&tail),
            day: day_bound(&tail),
            listed: listed(message),
            case: if tail.ends_with("must be lowercase") {
                Some(Case::Lower)
            } else {
                tail.ends_with("must be uppercase").then_some(Case::Upper)
            },
        }
    }

    /// Whether a corrected value can be checked against it.
    pub(super) fn is_known(&self) -> bool {
        self.case.is_some() || !matches!(self.expected, Expected::Shape | Expected::Anything)
    }

    /// Whether a value meets it; which values the server knows is not looked at here.
    pub(super) fn is_met_by(&self, candidate: &Candidate<'_>) -> bool {
        let value = candidate.value;
        let length = value.chars().count();
        let digits = value.bytes().all(|b| b.is_ascii_digit());
        let shape = match self.expected {
            Expected::IsoDate | Expected::Date(_) => self.is_date(value),
            Expected::Number | Expected::Whole => {
                let whole =
                    self.expected == Expected::Number || as_amount::whole(value).as_deref() == Some(value);
                let within = value.parse::<f64>().is_ok_and(|number| self.range.contains(&number));
                whole && as_amount::is_plain(value) && within
            }
            Expected::Email => value.is_ascii() && people::email(value).is_none(),
            Expected::Postcode => people::postcode(value).is_none(),
            // Whether a prefix was ever issued is for the server to say.
            Expected::NationalInsurance => as_person::national_insurance(value, false).is_some(),
            Expected::Characters { least, most } => (least..=most).contains(&length),
            Expected::Digits { least, most } => digits && (least..=most).contains(&length),
            Expected::Filled => !value.is_empty(),
            _ => true,
        };
        let decimals = self.decimals.is_none_or(|(least, most)| {
            let places = value.split_once('.').map_or(0, |(_, places)| places.len());
            (least..=most).contains(&places)
        });
        let case = self.case.is_none_or(|case| case.of(value) == value);
        shape && decimals && case && self.day.as_ref().is_none_or(|bound| bound.holds(candidate))
    }

    fn is_date(&self, value: &str) -> bool {
        match &self.format {
            Some(format) => as_date::parse(value, format).is_some(),
            // What PHP's `strtotime` reads as it is meant.
            None => {
                ["Y-m-d", "Y/m/d", "d-m-Y", "d.m.Y"].iter().any(|php| as_date::parse(value, php).is_some())
            }
        }
    }
}

impl Case {
    pub(super) fn of(self, text: &str) -> String {
        match self {
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
        }
    }
}

impl DayBound {
    fn holds(&self, candidate: &Candidate<'_>) -> bool {
        let today = candidate.today;
        let than = match self.than.as_str() {
            "today" | "now" => Some(today),
            "tomorrow" => today.tomorrow().ok(),
            "yesterday" => today.yesterday().ok(),
            other => other.parse().ok().or_else(|| (candidate.date_of)(other)),
        };
        let (Some(than), Some(date)) = (than, candidate.date) else { return false };
        (self.or_equal && date == than) || if self.after { date > than } else { date < than }
    }
}

/// "must be a date after start date", "… before or equal to today".
fn day_bound(tail: &str) -> Option<DayBound> {
    let (_, rest) = tail.split_once("must be a date ")?;
    let (after, rest) = match rest.strip_prefix("after ") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix("before ")?),
    };
    let equal = rest.strip_prefix("or equal to ");
    Some(DayBound { after, or_equal: equal.is_some(), than: equal.unwrap_or(rest).trim().to_owned() })
}

/// "must be between 0 and 100", "must be at least 5", "must not be greater than 100".
fn range(tail: &str) -> (Bound<f64>, Bound<f64>) {
    use Bound::{Excluded, Included, Unbounded};
    let open = (Unbounded, Unbounded);
    let Some((rest, last)) = tail.rsplit_once(' ') else { return open };
    let Ok(last) = last.parse::<f64>() else { return open };
    let first = || rest.strip_suffix(" and")?.rsplit_once(" between ")?.1.parse::<f64>().ok();
    let ends = |words: &[&str]| words.iter().any(|words| rest.ends_with(words));
    if let Some(first) = first() {
        (Included(first), Included(last))
    } else if ends(&["not be greater than", "at most", "less than or equal to", "not exceed"]) {
        (Unbounded, Included(last))
    } else if ends(&["at least", "greater than or equal to", "not be less than"]) {
        (Included(last), Unbounded)
    } else if ends(&["greater than"]) {
        (Excluded(last), Unbounded)
    } else if ends(&["less than"]) {
        (Unbounded, Excluded(last))
    } else {
        open
    }
}

/// "must have 2 decimal places", "must have 0-2 decimal places".
fn decimals(tail: &str) -> Option<(usize, usize)> {
    let (head, _) = tail.split_once(" decimal place")?;
    let count = head.rsplit_once(' ')?.1;
    let (least, most) = count.split_once('-').unwrap_or((count, count));
    Some((least.parse().ok()?, most.parse().ok()?))
}

/// The values of "must be one of: a, b or c".
fn listed(message: &str) -> Vec<String> {
    let Some((_, list)) = message.split_once(" one of") else { return Vec::new() };
    let Some(list) = list.trim_start().strip_prefix(':').or_else(|| Some(list.split_once(':')?.1)) else {
        return Vec::new();
    };
    let list = list.trim().trim_end_matches('.').replace(" or ", ", ");
    let words = list.split(',').map(|word| word.trim().trim_matches(['"', '\'', '‘', '’', '“', '”', '`']));
    words.filter(|word| !word.is_empty() && !word.contains('‹')).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_checked_against_the_words_of_the_rule() {
        let today = Date::constant(2026, 11, 23);
        let start = |field: &str| (field == "start date").then(|| Date::constant(2024, 1, 1));
        for (message, met, unmet) in [
            ("The x does not match the format Y-m-d.", "2024-03-05", "05/03/2024"),
            ("The x field must match the format d/m/Y.", "05/03/2024", "5/3/2024"),
            ("The x is not a valid date.", "2024-03-05", "05/03/2024"),
            ("The x must be a date after start date.", "2024-03-05", "2023-03-05"),
            ("The x must be a date before or equal to today.", "2026-11-23", "2026-11-24"),
            ("The x must be a date before tomorrow.", "2026-11-23", "2026-11-24"),
            ("The x must be a date after 2020-01-31.", "2020-02-01", "2020-01-31"),
            ("The x must be a date after another field.", "", "2024-03-05"),
            ("The x must be a number.", "-12.50", "1,234"),
            ("The x must be an integer.", "12", "12.0"),
            ("The x must be between 0 and 100.", "100", "-1"),
            ("The x must be greater than 0.", "0.1", "0"),
            ("The x field must have 0-2 decimal places.", "1.25", "1.255"),
            ("The x must be a valid email address.", "a@b.example", "a@b"),
            ("The x must not be greater than 3 characters.", "abc", "abcd"),
            ("The x must be 8 digits.", "01234567", "1234567"),
            ("The x field must be lowercase.", "abc", "Abc"),
        ] {
            let demand = Demand::of("x", message);
            let is_met_by = |value: &str| {
                demand.is_met_by(&Candidate { value, date: value.parse().ok(), today, date_of: &start })
            };
            assert!(met.is_empty() || is_met_by(met), "{message} {met}");
            assert!(!is_met_by(unmet), "{message} {unmet}");
        }
    }

    #[test]
    fn a_list_is_taken_from_the_message() {
        let listed = |message| Demand::of("x", message).listed;
        assert_eq!(
            listed("The x must be one of: single, married or 'widowed'."),
            ["single", "married", "widowed"]
        );
        assert_eq!(listed("The x must be one of the following types: A, B."), ["A", "B"]);
        assert!(listed("The selected x is invalid.").is_empty());
    }

    #[test]
    fn a_vague_message_leaves_it_to_the_name() {
        let vague = |field, message| (Demand::of(field, message).vague, Demand::of(field, message).expected);
        assert_eq!(vague("postcode", "The postcode format is invalid."), (true, Expected::Postcode));
        assert_eq!(vague("dob", "The dob is not a valid date."), (false, Expected::IsoDate));
        assert_eq!(vague("x", "The x format is invalid."), (false, Expected::Anything));
    }
}
