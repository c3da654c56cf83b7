//! From what was typed to a value, or to a sentence that says what is right.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span};
use tracing::Level;
use url::{Host, Url};

use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::text::SafeText;

use super::{SettingsError, Source};

/// Where Plannr's API is.
const DEFAULT_BASE_URL: &str = "https://api.plannrcrm.com";
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

    /// The same, for a value that must not be repeated.
    fn secret(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), secret: true }
    }

    pub(super) fn at(self, source: Source, raw: &str) -> SettingsError {
        let given = (!self.secret).then(|| SafeText::new(raw)).filter(|given| !given.is_empty());
        SettingsError { source, given, problem: self.problem }
    }
}

/// An http(s) URL; http only where nobody can listen in.
pub(super) fn base_url(raw: &str) -> Result<Url, Mistake> {
    let right = format!("write it like {DEFAULT_BASE_URL}");
    // What cannot be read may hold a password as well, so nothing with an `@` is repeated.
    let mistake = |problem: String| match raw.contains('@') {
        true => Mistake::secret(problem),
        false => Mistake::new(problem),
    };
    let url = Url::parse(raw.trim()).map_err(|_| mistake(format!("not a URL; {right}")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(mistake(format!("must begin with https://; {right}")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(mistake(format!("must not hold a user name or password; {right}")));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(mistake(format!("must not hold a `?` or `#`; {right}")));
    }
    if url.path().trim_end_matches('/').ends_with("/api/v1") {
        return Err(mistake(format!("leave /api/v1 out; {right}")));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(mistake(
            "http:// would send the token unencrypted and is for this computer only; use https://".to_owned(),
        ));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

pub(super) fn default_base_url() -> Result<Url, SettingsError> {
    base_url(DEFAULT_BASE_URL).map_err(|mistake| mistake.at(Source::Default, DEFAULT_BASE_URL))
}

/// A uuid as Plannr writes it, leniently: it goes into a header or a query, so it must be plain.
pub(super) fn uuid(raw: &str) -> Result<String, Mistake> {
    match ImportId::new(raw.trim()) {
        Some(id) => Ok(id.as_str().to_owned()),
        None => Err(Mistake::new("not a uuid; write it like 2c8ea1ba-9b5d-4a5f-8b7e-3f1d2c4b5a69")),
    }
}

/// How often to ask.
pub(super) fn interval(raw: &str) -> Result<Duration, Mistake> {
    let right = "give 500ms to 1h, for instance 2s or 1m30s";
    let read = raw.trim().parse::<SignedDuration>().ok().and_then(|given| Duration::try_from(given).ok());
    match read {
        None => Err(Mistake::new(format!("not a duration; {right}"))),
        Some(given) if given < SHORTEST_INTERVAL => Err(Mistake::new(format!("too often; {right}"))),
        Some(given) if given > LONGEST_INTERVAL => Err(Mistake::new(format!("too seldom; {right}"))),
        Some(given) => Ok(given),
    }
}

/// One day.
pub(super) fn date(raw: &str) -> Result<Date, Mistake> {
    raw.trim().parse().map_err(|_| Mistake::new("not a date; write it like 2026-11-30"))
}

/// One day, or how far back from `until`, or else from today.
pub(super) fn since(raw: &str, now: Now, until: Option<Date>) -> Result<Date, Mistake> {
    let day = match raw.trim().parse::<Date>() {
        Ok(day) => day,
        Err(_) => days_before(raw, now, None).ok_or_else(|| {
            Mistake::new(
                "neither a date nor a duration; write it like 2026-11-01, or 12h, 30d, 6mo back from now",
            )
        })?,
    };
    match until {
        Some(until) if day > until => {
            Err(Mistake::new(format!("later than --until {until}: no day is left")))
        }
        None if day > today(now) => Err(Mistake::new("lies ahead: no import can be that new")),
        _ => Ok(day),
    }
}

/// The day that lies so far back from now, or from the end of a period that is over.
///
/// The server compares days. It keeps time in UTC, as far as is known, and a whole day is asked for, so what
/// is shown reaches a little further back than what was said, never less.
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

/// Words by comma; each read by `word`.
pub(super) fn list(
    raw: &str,
    word: impl Fn(&str) -> Result<String, Mistake>,
) -> Result<Vec<String>, Mistake> {
    let words: Vec<_> =
        raw.split(',').map(str::trim).filter(|word| !word.is_empty()).map(word).collect::<Result<_, _>>()?;
    if words.is_empty() {
        return Err(Mistake::new("an empty list; give one word or more, with commas between"));
    }
    Ok(words)
}

/// An import type in the API's spelling. New types appear, so any word will do.
pub(super) fn kind(word: &str) -> Result<String, Mistake> {
    let spelt = word.to_ascii_lowercase().replace([' ', '-'], "_");
    match spelt.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        true => Ok(spelt),
        false => Err(Mistake::new("not a list of types; write it like clients,plans,provider_statement")),
    }
}

/// A mode in the API's spelling; the web app calls `store` *Create*.
pub(super) fn mode(word: &str) -> Result<String, Mistake> {
    match kind(word) {
        Ok(word) if word == "create" => Ok("store".to_owned()),
        Ok(word) => Ok(word),
        Err(_) => Err(Mistake::new("not a list of modes; write it like create,update,validate")),
    }
}

/// A status as Plannr writes it.
pub(super) fn status(word: &str) -> Result<String, Mistake> {
    match word.chars().any(char::is_control) {
        false => Ok(word.to_owned()),
        true => Err(Mistake::new("not a list of statuses; write it like processing,completed")),
    }
}

/// How much is logged.
pub(super) fn level(raw: &str) -> Result<Level, Mistake> {
    match raw.trim().to_ascii_lowercase().as_str() {
        "error" => Ok(Level::ERROR),
        "warn" => Ok(Level::WARN),
        "info" => Ok(Level::INFO),
        "debug" => Ok(Level::DEBUG),
        "trace" => Ok(Level::TRACE),
        _ => Err(Mistake::new("not a level; give error, warn, info, debug or trace")),
    }
}
