//! Days and times as a workbook counts them, in ISO 8601.

use std::fmt::Write as _;

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};

const DAY: i64 = 86_400;
/// The last day that Excel has, 31 December 9999.
const LAST_DAY: f64 = 2_958_466.0;
/// The day that Excel's count has and no calendar: it takes 1900 for a leap year.
const NO_DAY: i64 = 60;

/// Writes a count of days as a date, a time or both; `false` where it is no day that Excel shows.
pub(super) fn write_date(out: &mut String, days: f64, since_1904: bool) -> bool {
    if !(0.0..LAST_DAY).contains(&days) {
        return false;
    }
    // To the millisecond first: a fraction of a day seldom ends on the second that was meant.
    let seconds = (days * DAY as f64 * 1000.0).round() as i64 / 1000;
    let (day, second) = (seconds / DAY, seconds % DAY);
    let time = format_args!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60).to_string();
    if days < 1.0 {
        out.push_str(&time);
        return true;
    }
    let date = match (since_1904, day) {
        (true, _) => counted(1904, 1, 1, day),
        (false, NO_DAY) => Some("1900-02-29".to_owned()),
        (false, ..NO_DAY) => counted(1899, 12, 31, day),
        (false, _) => counted(1899, 12, 30, day),
    };
    let Some(date) = date else { return false };
    out.push_str(&date);
    if second > 0 {
        out.push(' ');
        out.push_str(&time);
    }
    true
}

/// Writes a count of days as hours, minutes and seconds that have passed.
pub(super) fn write_elapsed(out: &mut String, days: f64) -> bool {
    if !(-LAST_DAY..LAST_DAY).contains(&days) {
        return false;
    }
    let seconds = (days.abs() * DAY as f64 + 0.5) as i64;
    let sign = if days < 0.0 && seconds > 0 { "-" } else { "" };
    // Writing into a String cannot fail.
    let _ = write!(out, "{sign}{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    true
}

fn counted(year: i16, month: i8, day: i8, days: i64) -> Option<String> {
    let first = Date::new(year, month, day).ok()?;
    let span: Span = i32::try_from(days).ok()?.days();
    first.checked_add(span).ok().map(|date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_days_are_dates_and_times() {
        for (days, since_1904, text) in [
            (0.0, false, "00:00:00"),
            (0.75, false, "18:00:00"),
            (1.0, false, "1900-01-01"),
            (59.0, false, "1900-02-28"),
            (60.0, false, "1900-02-29"),
            (61.0, false, "1900-03-01"),
            (25_569.0, false, "1970-01-01"),
            (46_353.586_909_722_22, false, "2026-11-27 14:05:09"),
            (2_958_465.999, false, "9999-12-31 23:58:33"),
            (0.25, true, "06:00:00"),
            (24_107.0, true, "1970-01-01"),
            (-1.0, false, ""),
            (2_958_466.0, false, ""),
            (f64::NAN, false, ""),
        ] {
            let mut out = String::new();
            assert_eq!(write_date(&mut out, days, since_1904), !text.is_empty(), "{days}");
            assert_eq!(out, text, "{days}");
        }
        for (days, text) in [(1.5, "36:00:00"), (-0.25, "-6:00:00"), (0.0, "0:00:00"), (1e300, "")] {
            let mut out = String::new();
            assert_eq!(write_elapsed(&mut out, days), !text.is_empty(), "{days}");
            assert_eq!(out, text, "{days}");
        }
    }
}
