//! Numbers, times and text as every pane writes them. Pure functions, without clock or screen.
//!
//! Non-ASCII characters are passed in (`mark`, `dash`), so that `--ascii` can replace them.

mod cells;

#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

use crate::domain::pace::Eta;
use crate::domain::tally::Tally;

pub use crate::domain::tally::grouped as count;
pub use cells::{Align, fit, is_plain, line_width, truncate, truncate_middle, width, wrap};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A number in at most five cells: in full up to `9,999`, then `12.3k`, `123k`, `1.2M`; rounded down.
pub fn count_short(number: u64) -> String {
    if number < 10_000 {
        return count(number);
    }
    let units = [(1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G"), (1_000_000_000_000, "T")];
    let larger = [(1_000_000_000_000_000, "P"), (1_000_000_000_000_000_000, "E")];
    let fits = |(unit, _): &(u64, &str)| number / unit > 0;
    let (unit, sign) = units.into_iter().chain(larger).take_while(fits).last().unwrap_or((1, ""));
    let whole = number / unit;
    if whole >= 100 {
        format!("{whole}{sign}")
    } else {
        format!("{whole}.{}{sign}", number % unit / (unit / 10).max(1))
    }
}

/// How many of the rows were tried: `58%`, or `<1%` where it is less; `None` if it is not known.
pub fn progress(tally: &Tally) -> Option<String> {
    let percent = tally.percent()?;
    let is_less = percent == 1 && tally.ratio() < 0.01;
    Some(if is_less { "<1%".to_owned() } else { format!("{percent}%") })
}

/// A part's share of the whole: `58%`, but `<1%` or `>99%` where rounding would claim none or all.
pub fn share(part: u64, whole: u64) -> String {
    let (part, whole) = (u128::from(part), u128::from(whole));
    let rounded = (part * 100 + whole / 2).checked_div(whole).unwrap_or(0);
    match rounded {
        0 if part > 0 => "<1%".to_owned(),
        100 if part < whole => ">99%".to_owned(),
        _ => format!("{rounded}%"),
    }
}

/// Rows per second, or per minute or hour where that is clearer: `41/s`, `8.2/s`, `12/min`, `30/h`.
///
/// `rate` is in rows per second; NaN, infinities and negative values count as 0.
pub fn rate(rate: f64) -> String {
    let rate = if rate.is_finite() { rate.max(0.0) } else { 0.0 };
    let whole = |number: f64| count(number.round() as u64);
    let (a_minute, an_hour) = (rate * MINUTE as f64, rate * HOUR as f64);
    if rate == 0.0 {
        "0/s".to_owned()
    } else if rate >= 9.95 {
        format!("{}/s", whole(rate))
    } else if rate >= 0.35 {
        format!("{rate:.1}/s")
    } else if a_minute >= 0.95 {
        format!("{}/min", whole(a_minute))
    } else if an_hour >= 0.95 {
        format!("{}/h", whole(an_hour))
    } else {
        "<1/h".to_owned()
    }
}

/// A duration in its two largest units, rounded down: `48s`, `1m48s`, `3h07m`, `2d4h`.
pub fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        secs @ ..MINUTE => format!("{secs}s"),
        secs @ MINUTE..HOUR => format!("{}m{:02}s", secs / MINUTE, secs % MINUTE),
        secs @ HOUR..DAY => format!("{}h{:02}m", secs / HOUR, secs % HOUR / MINUTE),
        secs => format!("{}d{}h", secs / DAY, secs % DAY / HOUR),
    }
}

/// An ETA: `1m48s` if it is certain, else a range: `1–2m`, `20–50s`, `~3h`, `<2m`.
///
/// `dash` separates the ends of a range.
pub fn eta(eta: Eta, dash: char) -> String {
    let latest = eta.latest.max(eta.soonest);
    if duration(eta.soonest) == duration(latest) {
        return duration(latest);
    }
    let (unit, sign) = match latest.as_secs() {
        ..90 => (1, "s"),
        secs if secs < 90 * MINUTE => (MINUTE, "m"),
        secs if secs < 36 * HOUR => (HOUR, "h"),
        _ => (DAY, "d"),
    };
    let rounded = |time: Duration| time.as_secs().saturating_add(unit / 2) / unit;
    match (rounded(eta.soonest), rounded(latest)) {
        (0, latest) => format!("<{latest}{sign}"),
        (soonest, latest) if soonest == latest => format!("~{latest}{sign}"),
        (soonest, latest) => format!("{soonest}{dash}{latest}{sign}"),
    }
}

/// How long ago, in the largest unit: `just now`, `12s ago`, `4m ago`, `3h ago`, `6d ago`.
pub fn ago(age: Duration) -> String {
    if age.as_secs() == 0 { "just now".to_owned() } else { format!("{} ago", duration_short(age)) }
}

/// A duration in its largest unit, rounded down, with a space as in prose: `12 s`, `4 min`, `3 h`, `6 d`.
pub fn age(age: Duration) -> String {
    match age.as_secs() {
        secs @ ..MINUTE => format!("{secs} s"),
        secs @ MINUTE..HOUR => format!("{} min", secs / MINUTE),
        secs @ HOUR..DAY => format!("{} h", secs / HOUR),
        secs => format!("{} d", secs / DAY),
    }
}

/// A duration in its largest unit, rounded down: `12s`, `4m`, `3h`, `6d`.
pub fn duration_short(duration: Duration) -> String {
    match duration.as_secs() {
        secs @ ..MINUTE => format!("{secs}s"),
        secs @ MINUTE..HOUR => format!("{}m", secs / MINUTE),
        secs @ HOUR..DAY => format!("{}h", secs / HOUR),
        secs => format!("{}d", secs / DAY),
    }
}

/// A time in `zone`, as short as `now` allows: `12:03` today, `Mon 12:03` in the previous six days, `3 Nov` this year,
/// else `3 Nov 2025`.
pub fn clock(time: Timestamp, zone: &TimeZone, now: Timestamp) -> String {
    let local = |time: Timestamp| -> civil::DateTime { zone.to_datetime(time) };
    let (then, today) = (local(time), local(now).date());
    let days = (today - then.date()).get_days();
    let shape = match days {
        0 => "%H:%M",
        1..=6 => "%a %H:%M",
        _ if then.year() == today.year() => "%-d %b",
        _ => "%-d %b %Y",
    };
    then.strftime(shape).to_string()
}

/// The same with the time of day, whatever the day: `12:03`, `Mon 12:03`, `3 Nov 12:03`.
pub fn day_and_clock(time: Timestamp, zone: &TimeZone, now: Timestamp) -> String {
    let clock = clock(time, zone, now);
    if clock.contains(':') { clock } else { format!("{clock} {}", zone.to_datetime(time).strftime("%H:%M")) }
}

/// A time in full, in `zone`, with its name: `3 Nov 2025 12:03:09 GMT`.
pub fn date(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned_datetime(zone.clone()).strftime("%-d %b %Y %H:%M:%S %Z").to_string()
}

/// A size in decimal units: `812 B`, `1.5 kB`, `20.7 MB`.
pub fn bytes(size: u64) -> String {
    let mut shown = size as f64;
    let mut units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    // 999.95 would be written as 1000.0.
    while let Some(larger) = (shown >= 999.95).then(|| units.next()).flatten() {
        shown /= 1000.0;
        unit = larger;
    }
    if unit == "B" { format!("{size} B") } else { format!("{shown:.1} {unit}") }
}
