//! One budget for all requests: each waits here until it may go.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::budget::{Admission, Budget, Priority};
use crate::domain::fault::Fault;

/// Clones share one budget.
#[derive(Debug, Clone)]
pub(super) struct RateLimiter {
    budget: Arc<watch::Sender<Budget>>,
    began: Instant,
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self { budget: Arc::new(watch::Sender::default()), began: Instant::now() }
    }
}

impl RateLimiter {
    /// Waits until a request may go, and counts it.
    ///
    /// # Errors
    /// The server's fault, while the pause that it asked for lasts.
    pub(super) async fn acquire(&self, priority: Priority) -> Result<(), Fault> {
        let mut changes = self.budget.subscribe();
        loop {
            let mut admission = Admission::Granted;
            self.budget.send_if_modified(|budget| {
                admission = budget.admit(self.now(), priority);
                // One request fewer left shortens nobody's wait: no need to wake the others.
                false
            });
            match admission {
                Admission::Granted => return Ok(()),
                Admission::Rejected(fault) => return Err(fault),
                Admission::Wait(wait) => {
                    tracing::debug!(?priority, ?wait, "waiting for the rate limit");
                    let _ = tokio::time::timeout(wait, changes.changed()).await;
                }
            }
        }
    }

    pub(super) fn disable_spacing(&self) {
        self.budget.send_modify(Budget::disable_spacing);
    }

    /// Records how many requests the server says are left.
    pub(super) fn responded(&self, left: Option<u32>) {
        if left.is_some() {
            self.budget.send_modify(|budget| budget.responded(self.now(), left));
        }
    }

    pub(super) fn rejected(&self, fault: &Fault) {
        self.budget.send_modify(|budget| budget.rejected(self.now(), fault));
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_waiting_request_goes_in_time_and_learns_of_a_pause_at_once() {
        let rate_limiter = RateLimiter::default();
        let spent = || rate_limiter.now().as_secs();
        for _ in 0..51 {
            rate_limiter.acquire(Priority::Page).await.unwrap();
        }
        assert_eq!(spent(), 0);
        for _ in 0..50 {
            rate_limiter.acquire(Priority::Page).await.unwrap();
        }
        assert!((9..=11).contains(&spent()), "{}", spent());
        rate_limiter.acquire(Priority::Interactive).await.unwrap();
        rate_limiter.responded(Some(0));
        let waits = tokio::spawn({
            let rate_limiter = rate_limiter.clone();
            async move { rate_limiter.acquire(Priority::Page).await }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!waits.is_finished());
        rate_limiter.rejected(&Fault::RateLimited(Some(Duration::from_secs(30))));
        let fault = waits.await.unwrap().unwrap_err();
        assert!(matches!(fault, Fault::RateLimited(Some(left)) if left.as_secs() == 30), "{fault:?}");
    }
}
