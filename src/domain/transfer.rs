//! A file on its way here: how far it is, how fast, and what can keep it from arriving.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use super::fault::Fault;
use super::import::LinkRefusal;
use super::redact::Redaction;
use super::text::SafeText;

/// How far a download is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transfer {
    /// Bytes received. Less than before where the download had to start over.
    pub received: u64,
    /// Bytes that there are, where the server says.
    pub total: Option<u64>,
    /// Set between two tries.
    pub waiting: Option<Waiting>,
}

/// Why a download stands still, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What broke.
    pub fault: Fault,
    /// How long until the next try.
    pub wait: Duration,
    /// Failures in a row, from 1.
    pub attempt: u32,
}

/// Why a download did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DownloadFault {
    /// The server, or the way to it.
    Fault(Fault),
    /// There is no link that may be followed.
    Link(LinkRefusal),
    /// The link is no longer good, and the server has no better one.
    Gone {
        /// The host that refused it.
        host: SafeText,
        /// 401, 403, 404 or 410.
        status: u16,
    },
    /// The link leads on to where nothing may be fetched from; says where and why.
    Astray(SafeText),
    /// It is larger than this many bytes, which is as much as is taken.
    TooLarge(u64),
    /// It could not be kept here: a full disk, for instance. Says why, and what to do.
    Local(String),
}

impl DownloadFault {
    /// What the user can do about it, where there is something that the message does not say.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Fault(fault) => fault.advice(),
            Self::Gone { .. } => Some("try again in a while; the report may have been deleted"),
            Self::Link(_) | Self::Astray(_) | Self::TooLarge(_) | Self::Local(_) => None,
        }
    }
}

impl DownloadFault {
    /// The fault in words, as it may be seen.
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
            Self::Astray(why) => write!(f, "the report's link is not followed: {why}"),
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
    /// Takes the next bytes.
    ///
    /// # Errors
    /// A sentence on why they cannot be kept.
    fn write(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), String>> + Send;

    /// Forgets what was written: the download starts over.
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

/// How fast bytes come, over the last few seconds. Pure: the time is passed in, from any fixed moment on.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    /// Moments and bytes, oldest first, [`SPACING`] apart.
    samples: VecDeque<(Duration, u64)>,
    /// The last moment, whether or not it became a sample.
    last: (Duration, u64),
}

/// The time over which a rate is taken.
const WINDOW: Duration = Duration::from_secs(5);
const SPACING: Duration = Duration::from_millis(250);
/// A rate over less is none.
const SHORTEST: Duration = Duration::from_millis(500);
/// Samples in a window, and one before it.
const MOST_SAMPLES: usize = 21;
/// No forecast reaches further.
const FURTHEST: Duration = Duration::from_secs(24 * 60 * 60);

impl Meter {
    /// Takes in how many bytes have been received by now.
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

    /// Bytes per second; `None` before there is enough to tell.
    pub fn rate(&self, now: Duration) -> Option<f64> {
        let mut newest_first = std::iter::once(&self.last).chain(self.samples.iter().rev());
        let before = newest_first.find(|(then, _)| *then + WINDOW <= now);
        let (then, received) = before.or(self.samples.front())?;
        let time = now.checked_sub(*then).filter(|time| *time >= SHORTEST)?;
        Some(self.last.1.saturating_sub(*received) as f64 / time.as_secs_f64())
    }

    /// How long the rest takes at this rate; `None` where that cannot be known or is more than a day.
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
    fn what_cannot_be_known_is_not_said() {
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
    fn what_went_wrong_is_told_in_words() {
        let table = [
            (Fault::TimedOut.into(), "the server did not answer in time"),
            (DownloadFault::Link(LinkRefusal::Missing), "the error report has no download link"),
            (
                DownloadFault::Gone { host: "s3.example".into(), status: 403 },
                "s3.example no longer has the report (403)",
            ),
            (DownloadFault::TooLarge(64 << 20), "the report is larger than 64 MiB"),
            (DownloadFault::TooLarge(2 << 30), "the report is larger than 2 GiB"),
        ];
        for (fault, words) in table {
            assert_eq!(fault.to_string(), words);
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
