//! Trying again while the server stumbles, for commands that run once.

use std::time::Duration;

use crate::domain::backoff::Patience;
use crate::domain::fault::Fault;

/// Asks again while there is a rate limit or the server stumbles, until `retry_for` was spent waiting.
///
/// A server that is not there or does not answer is not asked again: more likely its address is wrong.
///
/// # Errors
/// The last fault.
pub(super) async fn patiently<T, F>(retry_for: Duration, mut ask: impl FnMut() -> F) -> Result<T, Fault>
where
    F: Future<Output = Result<T, Fault>>,
{
    let mut patience = Patience::new(retry_for);
    loop {
        let fault = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(fault) => fault,
        };
        let passing = matches!(fault, Fault::RateLimited(_) | Fault::Server(..));
        let wait = passing.then(|| patience.after(&fault, fastrand::f64())).flatten();
        let Some(wait) = wait else { return Err(fault) };
        tracing::info!(%fault, ?wait, "trying again");
        tokio::time::sleep(wait).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    async fn tries(retry_for: u64, fault: Fault) -> (u32, u64) {
        let tries = Cell::new(0);
        let began = tokio::time::Instant::now();
        let answer: Result<(), _> = patiently(Duration::from_secs(retry_for), || {
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
        assert_eq!(tries(15, Fault::Unauthenticated).await, (1, 0));
        assert_eq!(tries(15, Fault::Unreachable("refused".into())).await, (1, 0));
    }
}
