//! Trying again while the server stumbles, for commands that run once.

use std::time::Duration;

use crate::domain::backoff::{Backoff, RetryBudget};
use crate::domain::fault::Fault;
use crate::output::stdout::say;
use crate::ui::format;

/// A shorter wait needs no words.
const WORTH_SAYING: Duration = Duration::from_secs(2);

/// How a command that runs once takes faults. One for all of its requests: what it waited for one is not waited again
/// for the next.
#[derive(Debug)]
pub(crate) enum Retry {
    /// Rides out a rate limit or a server that stumbles, for so much waiting in all.
    Briefly(RetryBudget),
    /// Rides out everything but a refused token.
    Ever(Backoff),
}

impl Retry {
    /// For so much waiting in all.
    pub(crate) fn briefly(in_all: Duration) -> Self {
        Self::Briefly(RetryBudget::new(in_all))
    }

    /// Until the caller has enough.
    pub(crate) fn ever() -> Self {
        Self::Ever(Backoff::default())
    }

    /// Asks until there is an answer, or the fault that ends it. Standard error says why it takes long.
    ///
    /// A server that cannot be reached, or does not answer in time, is asked again only by [`Retry::Ever`]: more
    /// likely its address is wrong than that it comes back within seconds.
    ///
    /// # Errors
    /// The last fault.
    pub(crate) async fn ask<T, F>(&mut self, mut ask: impl FnMut() -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        loop {
            let fault = match ask().await {
                Ok(answer) => {
                    self.succeeded();
                    return Ok(answer);
                }
                Err(fault) => fault,
            };
            let Some(wait) = self.after(&fault) else { return Err(fault) };
            tracing::info!(%fault, ?wait, "trying again");
            tokio::time::sleep(wait).await;
        }
    }

    /// Whether the command ends soon.
    pub(crate) fn is_brief(&self) -> bool {
        matches!(self, Self::Briefly(_))
    }

    /// How long may still be waited, in all.
    pub(crate) fn left(&self) -> Duration {
        match self {
            Self::Briefly(patience) => patience.left(),
            Self::Ever(_) => Duration::MAX,
        }
    }

    fn succeeded(&mut self) {
        match self {
            Self::Briefly(patience) => patience.progressed(),
            Self::Ever(backoff) => backoff.reset(),
        }
    }

    fn after(&mut self, fault: &Fault) -> Option<Duration> {
        match self {
            Self::Briefly(patience) => {
                let passing =
                    matches!(fault, Fault::RateLimited(_) | Fault::Server(..) | Fault::ConnectionClosed);
                let wait = passing.then(|| patience.after(fault, fastrand::f64())).flatten()?;
                if wait >= WORTH_SAYING {
                    say(&trouble(fault, wait));
                }
                Some(wait)
            }
            Self::Ever(backoff) => {
                let hold = backoff.after(fault, fastrand::f64())?;
                say(&trouble(fault, hold.wait));
                Some(hold.wait)
            }
        }
    }
}

/// What is wrong, and when it is tried again.
pub(crate) fn trouble(fault: &Fault, wait: Duration) -> String {
    // A second begun is a second to wait.
    let seconds = Duration::from_secs(wait.as_secs_f64().ceil() as u64);
    format!("{fault}: trying again in {}", format::duration(seconds))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    async fn tries(retry_for: u64, fault: Fault) -> (u32, u64) {
        let tries = Cell::new(0);
        let began = tokio::time::Instant::now();
        let mut retry = Retry::briefly(Duration::from_secs(retry_for));
        let answer: Result<(), _> = retry
            .ask(|| {
                tries.set(tries.get() + 1);
                let fault = fault.clone();
                async move { Err(fault) }
            })
            .await;
        assert_eq!(answer, Err(fault.clone()));
        (tries.get(), began.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_is_ridden_out_for_as_long_as_wanted() {
        let (tried, waited) = tries(15, Fault::Server(500, None)).await;
        assert!((4..=6).contains(&tried) && waited == 15, "{tried} times in {waited} s");
        assert_eq!(tries(15, Fault::RateLimited(Some(Duration::from_secs(60)))).await, (1, 0));
        assert_eq!(tries(0, Fault::Server(500, None)).await, (1, 0));
        let (tried, waited) = tries(15, Fault::ConnectionClosed).await;
        assert!(tried >= 4 && waited == 15, "{tried} times in {waited} s");
        assert_eq!(tries(15, Fault::Unauthenticated).await, (1, 0));
        assert_eq!(tries(15, Fault::Unreachable("refused".into())).await, (1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_is_for_all_requests_together() {
        let mut retry = Retry::briefly(Duration::from_secs(15));
        let began = tokio::time::Instant::now();
        let mut failures = 0;
        for _ in 0..5 {
            let tried = Cell::new(0);
            let answer = retry.ask(|| {
                tried.set(tried.get() + 1);
                let answer = if tried.get() < 4 { Err(Fault::Server(503, None)) } else { Ok(()) };
                async move { answer }
            });
            failures += u32::from(answer.await.is_err());
        }
        assert!(failures >= 2 && began.elapsed() <= Duration::from_secs(16), "{failures}");
        // Nothing is left for what comes after them, a download.
        assert_eq!(retry.left(), Duration::ZERO);
    }
}
