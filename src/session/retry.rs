//! Retrying rate limits and server errors, for commands that run once.

use std::time::Duration;

use crate::domain::backoff::{Backoff, RetryBudget};
use crate::domain::fault::Fault;
use crate::output::stdout::eprint;
use crate::ui::format;

/// A shorter wait is not reported.
const REPORTED_FROM: Duration = Duration::from_secs(2);

/// How a command that runs once handles faults. Its requests share one, and the total time to wait.
#[derive(Debug)]
pub(crate) enum Retry {
    /// Retries rate limits and server errors, waiting for a limited time in total.
    Briefly(RetryBudget),
    /// Retries everything but a rejected token.
    Ever(Backoff),
}

impl Retry {
    /// Waits for this time in total.
    pub(crate) fn briefly(total: Duration) -> Self {
        Self::Briefly(RetryBudget::new(total))
    }

    pub(crate) fn ever() -> Self {
        Self::Ever(Backoff::default())
    }

    /// Sends a request until it succeeds or fails for good. Standard error says why it takes long.
    ///
    /// Only [`Retry::Ever`] retries a server that cannot be reached or does not answer in time: a wrong address is more
    /// likely than one that recovers within seconds.
    ///
    /// # Errors
    /// The last fault.
    pub(crate) async fn send<T, F>(&mut self, mut request: impl FnMut() -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        loop {
            let fault = match request().await {
                Ok(response) => {
                    self.succeeded();
                    return Ok(response);
                }
                Err(fault) => fault,
            };
            let Some(wait) = self.after(&fault) else { return Err(fault) };
            tracing::info!(%fault, ?wait, "retrying");
            tokio::time::sleep(wait).await;
        }
    }

    /// Another, for a request that is made beside others and must end.
    pub(crate) fn beside(&self) -> Self {
        Self::briefly(if self.is_brief() { self.left() } else { RetryBudget::DEFAULT })
    }

    pub(crate) fn is_brief(&self) -> bool {
        matches!(self, Self::Briefly(_))
    }

    /// The time left to wait, in total.
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
                let transient =
                    matches!(fault, Fault::RateLimited(_) | Fault::Server(..) | Fault::ConnectionClosed);
                let wait = transient.then(|| patience.after(fault, fastrand::f64())).flatten()?;
                if wait >= REPORTED_FROM {
                    eprint(&describe_retry(fault, wait));
                }
                Some(wait)
            }
            Self::Ever(backoff) => {
                let hold = backoff.after(fault, fastrand::f64())?;
                eprint(&describe_retry(fault, hold.wait));
                Some(hold.wait)
            }
        }
    }
}

/// The fault and when the next attempt is.
pub(crate) fn describe_retry(fault: &Fault, wait: Duration) -> String {
    // Rounds up.
    let seconds = Duration::from_secs(wait.as_secs_f64().ceil() as u64);
    format!("{fault}: retrying in {}", format::duration(seconds))
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
            .send(|| {
                tries.set(tries.get() + 1);
                let fault = fault.clone();
                async move { Err(fault) }
            })
            .await;
        assert_eq!(answer, Err(fault.clone()));
        (tries.get(), began.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn transient_faults_are_retried_for_the_given_time() {
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
    async fn requests_share_the_time() {
        let mut retry = Retry::briefly(Duration::from_secs(15));
        let began = tokio::time::Instant::now();
        let mut failures = 0;
        for _ in 0..5 {
            let tried = Cell::new(0);
            let answer = retry.send(|| {
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
