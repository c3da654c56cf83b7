//! The budget shared by everything that asks: each request waits for its turn here.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::budget::{Admission, Budget, Kind};
use crate::domain::fault::Fault;

/// One budget. Clones are the same one.
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
    /// What the server said, as long as the pause lasts that it asked for.
    pub(super) async fn take(&self, kind: Kind) -> Result<(), Fault> {
        let mut changes = self.budget.subscribe();
        loop {
            let mut admission = Admission::Go;
            self.budget.send_if_modified(|budget| {
                admission = budget.admit(self.now(), kind);
                // That one request less is left makes nobody else's wait shorter.
                false
            });
            match admission {
                Admission::Go => return Ok(()),
                Admission::Refused(fault) => return Err(fault),
                Admission::Wait(wait) => {
                    tracing::debug!(?kind, ?wait, "waiting for a turn");
                    let _ = tokio::time::timeout(wait, changes.changed()).await;
                }
            }
        }
    }

    /// Never holds back because few requests are left.
    pub(super) fn never_spread(&self) {
        self.budget.send_modify(Budget::never_spread);
    }

    /// Takes in how many requests the server says are left.
    pub(super) fn answered(&self, left: Option<u32>) {
        if left.is_some() {
            self.budget.send_modify(|budget| budget.answered(self.now(), left));
        }
    }

    /// Takes in a refusal of the server.
    pub(super) fn refused(&self, fault: &Fault) {
        self.budget.send_modify(|budget| budget.refused(self.now(), fault));
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_waits_goes_when_its_turn_comes_and_hears_of_a_pause_at_once() {
        let rate_limiter = RateLimiter::default();
        let spent = || rate_limiter.now().as_secs();
        for _ in 0..51 {
            rate_limiter.take(Kind::Page).await.unwrap();
        }
        assert_eq!(spent(), 0);
        for _ in 0..50 {
            rate_limiter.take(Kind::Page).await.unwrap();
        }
        assert!((9..=11).contains(&spent()), "{}", spent());
        rate_limiter.take(Kind::ByHand).await.unwrap();
        rate_limiter.answered(Some(0));
        let waits = tokio::spawn({
            let rate_limiter = rate_limiter.clone();
            async move { rate_limiter.take(Kind::Page).await }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!waits.is_finished());
        rate_limiter.refused(&Fault::RateLimited(Some(Duration::from_secs(30))));
        let told = waits.await.unwrap().unwrap_err();
        assert!(matches!(told, Fault::RateLimited(Some(left)) if left.as_secs() == 30), "{told:?}");
    }
}
