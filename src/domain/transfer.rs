//! A download in progress: how far, how fast, and why it may fail.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use super::fault::Fault;
use super::import::LinkError;
use super::redact::Redaction;
use super::text::SafeText;

/// The progress of a download.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transfer {
    /// Bytes. Falls if the download has to start over.
    pub received: u64,
    /// Bytes, if the server says.
    pub total: Option<u64>,
    /// Set between two attempts.
    pub waiting: Option<Waiting>,
}

/// Why a download waits, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub fault: Fault,
    /// Until the next attempt.
    pub wait: Duration,
    /// Consecutive failures, from 1.
    pub attempt: u32,
}

/// Why a download failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DownloadFault {
    /// The server or the connection.
    Fault(Fault),
    /// There is no usable link.
    Link(LinkError),
    /// The link has expired, and the server has no newer one.
    Gone {
        /// The host that rejected it.
        host: SafeText,
        /// 401, 403, 404 or 410.
        status: u16,
    },
    /// The link or a redirect leads to a place that must not be used. Carries where and why.
    NotFollowed(SafeText),
    /// Larger than this limit in bytes.
    TooLarge(u64),
    /// It could not be written, for instance because the disk is full. Carries why, and what to do.
    Local(String),
}

impl DownloadFault {
    /// What the user can do about it, if the message does not say so already.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Fault(fault) => fault.advice(),
            Self::Gone { .. } => Some("try again later; the report may have been deleted"),
            Self::Link(_) | Self::NotFollowed(_) | Self::TooLarge(_) | Self::Local(_) => None,
        }
    }
}

impl DownloadFault {
    /// The sentence that may be shown.
    pub fn describe(&self, redaction: Redaction) -> String {
        match self {
            Self::Fault(fault) => fault.describe(redaction),
            fault => fault.to_string(),
        }
    }
}

impl fmt::Display for DownloadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Link(refusal) => refusal.fmt(f),
            Self::Gone { host, status } => write!(f, "{host} no longer has the report ({status})"),
            Self::NotFollowed(why) => write!(f, "the report's link is not followed: {why}"),
            Self::TooLarge(limit) => match limit >> 30 {
                0 => write!(f, "the report is larger than {} MiB", limit >> 20),
                gib => write!(f, "the report is larger than {gib} GiB"),
            },
            Self::Local(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for DownloadFault {}

impl From<Fault> for DownloadFault {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Where the bytes of a download go.
pub trait Sink: Send {
    /// # Errors
    /// A sentence on why the bytes cannot be written.
    fn write(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), String>> + Send;

    /// Discards what was written: the download starts over.
    ///
    /// # Errors
    /// A sentence on why it cannot.
    fn restart(&mut self) -> impl Future<Output = Result<(), String>> + Send;
}

/// To memory.
impl Sink for Vec<u8> {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.extend_from_slice(bytes);
        Ok(())
    }

    async fn restart(&mut self) -> Result<(), String> {
        self.clear();
        Ok(())
    }
}

/// Measures the rate over the last few seconds. Pure: time is passed in, counted from any fixed moment.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    /// Moments and bytes, oldest first, [`SPACING`] apart.
    samples: VecDeque<(Duration, u64)>,
    /// The last moment, whether or not it became a sample.
    last: (Duration, u64),
}

/// The sliding window of the rate.
const WINDOW: Duration = Duration::from_secs(5);
const SPACING: Duration = Duration::from_millis(250);
/// No rate is given for less.
const SHORTEST: Duration = Duration::from_millis(500);
/// A window's samples, and one before it.
const MOST_SAMPLES: usize = 21;
/// The longest ETA given.
const FURTHEST: Duration = Duration::from_secs(24 * 60 * 60);

impl Meter {
    /// Records how many bytes have been received so far.
    pub fn observe(&mut self, now: Duration, received: u64) {
        if received < self.last.1 {
            self.samples.clear();
        }
        self.last = (now, received);
        if self.samples.back().is_some_and(|(last, _)| now < *last + SPACING) {
            return;
        }
        if self.samples.len() == MOST_SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back((now, received));
    }

    /// Bytes per second; `None` before enough was measured.
    pub fn rate(&self, now: Duration) -> Option<f64> {
        let mut newest_first = std::iter::once(&self.last).chain(self.samples.iter().rev());
        let before = newest_first.find(|(then, _)| *then + WINDOW <= now);
        let (then, received) = before.or(self.samples.front())?;
        let time = now.checked_sub(*then).filter(|time| *time >= SHORTEST)?;
        Some(self.last.1.saturating_sub(*received) as f64 / time.as_secs_f64())
    }

    /// `None` if unknown or more than a day.
    pub fn eta(&self, now: Duration, transfer: &Transfer) -> Option<Duration> {
        if transfer.waiting.is_some() {
            return None;
        }
        let rest = transfer.total?.saturating_sub(transfer.received) as f64;
        let rate = self.rate(now).filter(|rate| *rate > 0.0)?;
        Duration::try_from_secs_f64(rest / rate).ok().filter(|eta| *eta <= FURTHEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn steady(bytes_per_second: u64, seconds: u64) -> Meter {
        let mut meter = Meter::default();
        for tenth in 0..=seconds * 10 {
            meter.observe(ms(tenth * 100), bytes_per_second * tenth / 10);
        }
        meter
    }

    fn transfer(received: u64, total: Option<u64>) -> Transfer {
        Transfer { received, total, waiting: None }
    }

    #[test]
    fn a_steady_download_says_how_fast_it_is_and_when_it_is_done() {
        let meter = steady(1_000, 20);
        assert_eq!(meter.rate(ms(20_000)), Some(1_000.0));
        assert_eq!(meter.eta(ms(20_000), &transfer(20_000, Some(50_000))), Some(ms(30_000)));
        assert_eq!(meter.eta(ms(20_000), &transfer(20_000, Some(20_000))), Some(ms(0)));
    }

    #[test]
    fn unknown_rates_and_etas_are_none() {
        let meter = steady(1_000, 20);
        let waiting = Waiting { fault: Fault::TimedOut, wait: ms(1), attempt: 1 };
        for (transfer, why) in [
            (transfer(20_000, None), "no total"),
            (transfer(20_000, Some(u64::MAX)), "more than a day"),
            (Transfer { waiting: Some(waiting), ..transfer(20_000, Some(50_000)) }, "standing still"),
        ] {
            assert_eq!(meter.eta(ms(20_000), &transfer), None, "{why}");
        }
        assert_eq!(Meter::default().rate(ms(9)), None);
        assert_eq!(steady(1_000, 0).rate(ms(400)), None);
    }

    #[test]
    fn a_download_that_stops_slows_down_to_nothing() {
        let meter = steady(1_000, 20);
        let rates: Vec<_> = (20..=26).map(|second| meter.rate(ms(second * 1_000)).unwrap().round()).collect();
        assert!(rates.is_sorted_by(|a, b| a >= b), "{rates:?}");
        assert_eq!(rates.last(), Some(&0.0));
        assert_eq!(meter.eta(ms(26_000), &transfer(20_000, Some(50_000))), None);
    }

    #[test]
    fn starting_over_does_not_count_what_was_there() {
        let mut meter = steady(1_000, 20);
        meter.observe(ms(20_100), 0);
        assert_eq!(meter.rate(ms(20_200)), None);
        meter.observe(ms(21_100), 500);
        assert_eq!(meter.rate(ms(21_100)), Some(500.0));
    }

    #[test]
    fn every_fault_has_a_message() {
        let table = [
            (Fault::TimedOut.into(), "the server did not respond in time"),
            (DownloadFault::Link(LinkError::Missing), "the error report has no download link"),
            (
                DownloadFault::Gone { host: "s3.example".into(), status: 403 },
                "s3.example no longer has the report (403)",
            ),
            (DownloadFault::TooLarge(64 << 20), "the report is larger than 64 MiB"),
            (DownloadFault::TooLarge(2 << 30), "the report is larger than 2 GiB"),
        ];
        for (fault, message) in table {
            assert_eq!(fault.to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_a_rate_is_a_number_and_memory_is_bounded(
            steps in prop::collection::vec((0u64..20_000, any::<u64>()), 0..200),
            total in any::<Option<u64>>(),
        ) {
            let mut meter = Meter::default();
            let mut now = Duration::ZERO;
            for (pause, received) in steps {
                now += ms(pause);
                meter.observe(now, received);
                prop_assert!(meter.rate(now).is_none_or(|rate| rate.is_finite() && rate >= 0.0));
                let eta = meter.eta(now, &transfer(received, total));
                prop_assert!(eta.is_none_or(|eta| eta <= FURTHEST));
                prop_assert!(meter.samples.len() <= MOST_SAMPLES);
            }
        }
    }
}
