//! Parses what was typed into a value, or into a message that says what is valid.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span};
use tracing::Level;

use crate::api::BaseUrl;
use crate::domain::Now;
use crate::domain::account::AccountId;
use crate::domain::text::SafeText;

use super::{SettingsError, Source};

/// 500 requests a minute are allowed, and a poll may take two: 500 ms keeps half of them for the user.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(500);
const LONGEST_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// What is wrong with a value, before it is known where it was given.
#[derive(Debug)]
pub(super) struct Mistake {
    problem: String,
    secret: bool,
}

impl Mistake {
    fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), secret: false }
    }

    pub(super) fn problem(&self) -> &str {
        &self.problem
    }

    /// Whether the value must not be repeated.
    pub(super) fn is_secret(&self) -> bool {
        self.secret
    }

    pub(super) fn at(self, source: Source, raw: &str) -> SettingsError {
        let given = (!self.secret).then(|| SafeText::new(raw)).filter(|given| !given.is_empty());
        SettingsError { source, given, problem: self.problem }
    }
}

pub(super) fn base_url(raw: &str) -> Result<BaseUrl, Mistake> {
    // What cannot be read may hold a password as well, so nothing with an `@` is repeated.
    let mistake = |problem: String| Mistake { problem, secret: raw.contains('@') };
    let base = BaseUrl::new(raw).map_err(|refusal| mistake(refusal.to_string()))?;
    match base.as_url().path().ends_with("/api/v1/") {
        true => Err(mistake(format!("leave out /api/v1: it should look like {}", BaseUrl::DEFAULT))),
        false => Ok(base),
    }
}

pub(super) fn default_base_url() -> Result<BaseUrl, SettingsError> {
    base_url(BaseUrl::DEFAULT).map_err(|mistake| mistake.at(Source::Default, BaseUrl::DEFAULT))
}

/// A uuid as Plannr writes it, leniently.
pub(super) fn account(raw: &str) -> Result<AccountId, Mistake> {
    AccountId::new(raw.trim())
        .ok_or_else(|| Mistake::new("not a UUID: write it like 2c8ea1ba-9b5d-4a5f-8b7e-3f1d2c4b5a69"))
}

/// The largest report that is read, in bytes.
const LARGEST_REPORT: u64 = 64_000_000;

pub(super) fn interval(raw: &str) -> Result<Duration, Mistake> {
    let valid = "use 500ms to 1h, for example 2s or 1m30s";
    let read = raw.trim().parse::<SignedDuration>().ok().and_then(|given| Duration::try_from(given).ok());
    match read {
        None => Err(Mistake::new(format!("not a duration: {valid}"))),
        Some(given) if given < SHORTEST_INTERVAL => Err(Mistake::new(format!("too short: {valid}"))),
        Some(given) if given > LONGEST_INTERVAL => Err(Mistake::new(format!("too long: {valid}"))),
        Some(given) => Ok(given),
    }
}

/// A size in bytes, up to what a report may have at all.
pub(super) fn size(raw: &str) -> Result<u64, Mistake> {
    let raw = raw.trim();
    let digits = raw.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    let unit = raw.get(digits.len()..).unwrap_or_default().trim().to_ascii_uppercase();
    let unit = match unit.as_str() {
        "" | "B" => Some(1),
        "K" | "KB" => Some(1_000),
        "M" | "MB" => Some(1_000_000),
        _ => None,
    };
    let size = unit.and_then(|unit| digits.parse::<u64>().ok()?.checked_mul(unit));
    size.filter(|size| *size <= LARGEST_REPORT)
        .ok_or_else(|| Mistake::new("not a size: use 0 to 64MB, for example 500kB or 5MB"))
}

pub(super) fn switch(raw: &str) -> Result<bool, Mistake> {
    match raw.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(Mistake::new("not a switch: use 1 or 0")),
    }
}

pub(super) fn date(raw: &str) -> Result<Date, Mistake> {
    raw.trim().parse().map_err(|_| Mistake::new("not a date: write it like 2026-11-30"))
}

/// One day, or how far back from `until`, or else from today.
pub(super) fn since(raw: &str, now: Now, until: Option<Date>) -> Result<Date, Mistake> {
    let day = match raw.trim().parse::<Date>() {
        Ok(day) => day,
        Err(_) => days_before(raw, now, None).ok_or_else(|| {
            Mistake::new(
                "not a date or a duration: write it like 2026-11-01, or like 7d or 6mo, back from today",
            )
        })?,
    };
    match until {
        Some(until) if day > until => {
            Err(Mistake::new(format!("later than --until {until}, so nothing matches")))
        }
        None if day > today(now) => Err(Mistake::new("is in the future")),
        _ => Ok(day),
    }
}

/// The day that far back from now, or from the end of a period in the past.
///
/// The server compares whole days, in UTC as far as is known, so the result reaches back a little further than was
/// asked for, never less.
pub(super) fn days_before(raw: &str, now: Now, until: Option<Date>) -> Option<Date> {
    let span = raw.trim().parse::<Span>().ok().filter(|span| !span.is_negative())?;
    match until {
        Some(until) if until < today(now) => until.checked_sub(span).ok(),
        _ => Offset::UTC.to_datetime(now.wall).checked_sub(span).ok().map(|then| then.date()),
    }
}

fn today(now: Now) -> Date {
    // A day of grace: where the user is, tomorrow may have begun.
    let today = Offset::UTC.to_datetime(now.wall).date();
    today.tomorrow().unwrap_or(today)
}

/// A comma-separated list; each part read by `part`.
pub(super) fn list(
    raw: &str,
    part: impl Fn(&str) -> Result<String, Mistake>,
) -> Result<Vec<String>, Mistake> {
    let parts: Vec<_> =
        raw.split(',').map(str::trim).filter(|part| !part.is_empty()).map(part).collect::<Result<_, _>>()?;
    if parts.is_empty() {
        return Err(Mistake::new("empty list: give at least one value, comma-separated"));
    }
    Ok(parts)
}

/// An import type in the API's spelling. New types appear, so any word will do.
pub(super) fn kind(word: &str) -> Result<String, Mistake> {
    let spelled = word.to_ascii_lowercase().replace([' ', '-'], "_");
    match spelled.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        true => Ok(spelled),
        false => Err(Mistake::new("not a list of types: write it like clients,plans,provider_statement")),
    }
}

/// A mode in the API's spelling; the web app calls `store` *Create*.
pub(super) fn mode(word: &str) -> Result<String, Mistake> {
    match kind(word) {
        Ok(word) if word == "create" => Ok("store".to_owned()),
        Ok(word) => Ok(word),
        Err(_) => Err(Mistake::new("not a list of modes: write it like create,update,validate")),
    }
}

/// A status as Plannr writes it.
pub(super) fn status(word: &str) -> Result<String, Mistake> {
    match word.chars().any(char::is_control) {
        false => Ok(word.to_owned()),
        true => Err(Mistake::new("not a list of statuses: write it like processing,completed")),
    }
}

/// The name of a profile or a theme: whatever the configuration file calls it.
pub(super) fn name(word: &str) -> Result<String, Mistake> {
    Ok(word.to_owned())
}

pub(super) fn level(raw: &str) -> Result<Level, Mistake> {
    match raw.trim().to_ascii_lowercase().as_str() {
        "error" => Ok(Level::ERROR),
        "warn" => Ok(Level::WARN),
        "info" => Ok(Level::INFO),
        "debug" => Ok(Level::DEBUG),
        "trace" => Ok(Level::TRACE),
        _ => Err(Mistake::new("not a log level: use error, warn, info, debug or trace")),
    }
}
