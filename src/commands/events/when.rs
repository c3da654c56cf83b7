//! A moment in the past, as people write it.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};

/// The moment that is meant: `today`, `yesterday`, a date, a time of today (or of yesterday, if it is still to come), both,
/// an exact moment, or a duration back from now.
///
/// # Errors
/// It is none of these, or in the future; what is wrong.
pub(super) fn parse(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, &'static str> {
    let moment = moment(text.trim(), zone, now);
    let moment = moment.ok_or("not a time; write it like yesterday, 2026-11-27, 18:00 or 12h")?;
    if moment <= now { Ok(moment) } else { Err("is in the future") }
}

fn moment(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let here = now.to_zoned_datetime(zone.clone());
    let begin = |day: Date| day.to_zoned_datetime(zone.clone()).ok().map(|zoned| zoned.timestamp());
    match text.to_ascii_lowercase().as_str() {
        "today" => begin(here.date()),
        "yesterday" => begin(here.date().yesterday().ok()?),
        // A time alone would be read as a duration.
        _ if text.contains(':') && text.len() <= "18:00:00".len() && text.parse::<Time>().is_ok() => {
            let time: Time = text.parse().ok()?;
            let today = here.date().to_datetime(time).to_zoned_datetime(zone.clone()).ok()?;
            let day = if today.timestamp() > now { today.checked_sub(1.day()).ok()? } else { today };
            Some(day.timestamp())
        }
        _ => text
            .parse::<Timestamp>()
            .ok()
            .or_else(|| text.parse::<Date>().ok().filter(|_| !text.contains(['T', ' '])).and_then(begin))
            .or_else(|| {
                Some(text.parse::<DateTime>().ok()?.to_zoned_datetime(zone.clone()).ok()?.timestamp())
            })
            .or_else(|| {
                let span = text.parse::<Span>().ok().filter(|span| !span.is_negative())?;
                here.checked_sub(span).ok().map(|then| then.timestamp())
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_people_write_it() {
        let zone = TimeZone::get("Europe/London").unwrap();
        // Summer time: an hour ahead of UTC.
        let now: Timestamp = "2026-07-02T09:30:00Z".parse().unwrap();
        let table = [
            ("yesterday", Some("2026-06-30T23:00:00Z")),
            ("Today", Some("2026-07-01T23:00:00Z")),
            ("2026-06-30", Some("2026-06-29T23:00:00Z")),
            ("2026-06-30 18:00", Some("2026-06-30T17:00:00Z")),
            ("2026-06-30T18:00:00Z", Some("2026-06-30T18:00:00Z")),
            ("18:00", Some("2026-07-01T17:00:00Z")),
            ("08:15", Some("2026-07-02T07:15:00Z")),
            ("12h", Some("2026-07-01T21:30:00Z")),
            ("7d", Some("2026-06-25T09:30:00Z")),
            ("1mo", Some("2026-06-02T09:30:00Z")),
            ("tomorrow", None),
            ("2026-07-03", None),
            ("-1h", None),
            ("25:00", None),
            ("", None),
        ];
        for (text, moment) in table {
            let expected = moment.map(|moment| moment.parse().unwrap());
            assert_eq!(parse(text, &zone, now).ok(), expected, "{text}");
        }
    }
}
