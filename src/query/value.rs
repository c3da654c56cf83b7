//! What stands after a colon: comparisons, numbers, durations, days.

use std::cmp::Ordering;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

use crate::domain::Now;

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Comparison {
    /// The comparison that a value begins with, if any, and the rest.
    pub(super) fn split(text: &str) -> (Option<Self>, &str) {
        let signs = [
            (">=", Self::AtLeast),
            ("<=", Self::AtMost),
            (">", Self::More),
            ("<", Self::Less),
            ("=", Self::Equal),
        ];
        signs
            .into_iter()
            .find_map(|(sign, comparison)| Some((Some(comparison), text.strip_prefix(sign)?)))
            .unwrap_or((None, text))
    }

    pub(super) fn holds<T: Ord>(self, left: T, right: T) -> bool {
        match left.cmp(&right) {
            Ordering::Less => matches!(self, Self::Less | Self::AtMost),
            Ordering::Equal => matches!(self, Self::AtMost | Self::Equal | Self::AtLeast),
            Ordering::Greater => matches!(self, Self::More | Self::AtLeast),
        }
    }
}

/// A whole number, also as `2k`, `1.5k` or `3m`.
pub(super) fn number(text: &str) -> Option<u64> {
    let (digits, unit) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_000),
        None => text.strip_suffix(['m', 'M']).map_or((text, 1), |digits| (digits, 1_000_000)),
    };
    let (whole, tenths) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().chain(tenths.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let scale = 10_u64.checked_pow(u32::try_from(tenths.len()).ok()?)?;
    let fraction = if tenths.is_empty() { 0 } else { tenths.parse::<u64>().ok()?.checked_mul(unit)? };
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    (fraction % scale == 0).then(|| whole.checked_add(fraction / scale))?
}

/// A duration such as `90s`, `1h30m`, `2w`, `6mo`; a day has 24 hours, a month 30 days and a year 365: how long ago an import
/// was created is no matter of calendars.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let days = i64::from(span.get_years()) * 365 + i64::from(span.get_months()) * 30;
    let rest = span.try_years(0).ok()?.try_months(0).ok()?;
    let exact = rest.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    let exact = exact.checked_add(SignedDuration::from_hours(days.checked_mul(24)?))?;
    Duration::try_from(exact).ok()
}

/// A point in time that `since:` and `until:` take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Day(Date),
    Today,
    Yesterday,
    Ago(Duration),
}

impl Moment {
    /// `2026-11-01`, `today`, `yesterday` or a duration.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "today" => Some(Self::Today),
            "yesterday" => Some(Self::Yesterday),
            word => {
                Date::strptime("%Y-%m-%d", word).map(Self::Day).ok().or_else(|| duration(word).map(Self::Ago))
            }
        }
    }

    /// Where `time` lies: before, within (the whole day, or the very instant) or after this.
    pub(super) fn place(self, time: Timestamp, now: Now, zone: &TimeZone) -> Ordering {
        let day = |time: Timestamp| zone.to_datetime(time).date();
        match self {
            Self::Day(date) => day(time).cmp(&date),
            Self::Today => day(time).cmp(&day(now.wall)),
            Self::Yesterday => day(time).cmp(&day(now.wall).yesterday().unwrap_or(Date::MIN)),
            Self::Ago(age) => age.cmp(&now.age_of(time)),
        }
    }
}
