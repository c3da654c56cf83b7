//! The token in use, and renewing it when the server rejects it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Semaphore;

use crate::api::{Client, Token};
use crate::config::Sourced;
use crate::config::token::{self, Terminal, TokenError, TokenLocation};
use crate::domain::fault::Fault;
use crate::domain::transfer::DownloadFault;
use crate::exit::Failure;
use crate::secrets;

/// A token and where a new one comes from. Clones renew it together.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) token: Token,
    renew_from: Option<Sourced<TokenLocation>>,
    renewals: Arc<Renewals>,
}

/// One renewal at a time.
#[derive(Debug)]
struct Renewals {
    turn: Semaphore,
    /// How often the token was read again, whatever came of it.
    made: AtomicU64,
}

/// The token that a request goes out with, and how many renewals there had been by then.
#[derive(Debug)]
struct Sent {
    token: Token,
    renewals: u64,
}

/// A fault that may be due to the token.
pub(crate) trait MayRefuse {
    fn refuses_token(&self) -> bool;
}

impl MayRefuse for Fault {
    fn refuses_token(&self) -> bool {
        matches!(self, Self::Unauthenticated)
    }
}

impl MayRefuse for DownloadFault {
    fn refuses_token(&self) -> bool {
        matches!(self, Self::Fault(fault) if fault.refuses_token())
    }
}

impl Access {
    /// Reads the token for the first time.
    ///
    /// # Errors
    /// There is no usable one.
    pub(crate) async fn new(place: Option<&Sourced<TokenLocation>>) -> Result<Self, Failure> {
        let token = token::read(place, Terminal::Shared).await?;
        // The environment does not change while the program runs.
        let renew_from = place.filter(|place| !matches!(place.value, TokenLocation::Variable(_)));
        Ok(Self::of(token, renew_from.cloned()))
    }

    /// A token that is never renewed.
    pub(crate) fn fixed(token: Token) -> Self {
        Self::of(token, None)
    }

    fn of(token: Token, renew_from: Option<Sourced<TokenLocation>>) -> Self {
        secrets::keep(&token);
        let renewals = Arc::new(Renewals { turn: Semaphore::new(1), made: AtomicU64::new(0) });
        Self { token, renew_from, renewals }
    }

    /// Sends a request; if the server rejects the token, reads it again and retries once. `failed` receives why it
    /// could not be read.
    ///
    /// Several requests rejected together renew it once; one rejected with a token no longer in use is retried without
    /// renewing.
    ///
    /// # Errors
    /// Those of the request.
    pub(crate) async fn send<T, E: MayRefuse, F>(
        &self,
        client: &Client,
        terminal: Terminal,
        failed: impl FnOnce(TokenError),
        request: impl Fn() -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let sent = self.sent(client);
        let response = request().await;
        if !response.as_ref().is_err_and(MayRefuse::refuses_token) {
            return response;
        }
        match self.renew(client, terminal, sent).await {
            Ok(true) => request().await,
            Ok(false) => response,
            Err(error) => {
                failed(error);
                response
            }
        }
    }

    fn sent(&self, client: &Client) -> Sent {
        Sent { token: client.token(), renewals: self.renewals.made.load(Ordering::Relaxed) }
    }

    /// Replaces the token that was sent, in the client and all its clones; whether it was replaced.
    ///
    /// Continues if the caller is dropped: others may be waiting for it.
    async fn renew(&self, client: &Client, terminal: Terminal, sent: Sent) -> Result<bool, TokenError> {
        if self.renew_from.is_none() {
            return Ok(false);
        }
        let (access, client) = (self.clone(), client.clone());
        let renewing = tokio::spawn(async move { access.renew_in_turn(&client, terminal, &sent).await });
        // Fails only if the runtime ends.
        renewing.await.unwrap_or(Ok(false))
    }

    async fn renew_in_turn(
        &self,
        client: &Client,
        terminal: Terminal,
        sent: &Sent,
    ) -> Result<bool, TokenError> {
        // Never closed.
        let _turn = self.renewals.turn.acquire().await;
        if client.token() != sent.token {
            return Ok(true);
        }
        // Another request has tried since, failed and reported why.
        if self.renewals.made.load(Ordering::Relaxed) != sent.renewals {
            return Ok(false);
        }
        let Some(place) = &self.renew_from else { return Ok(false) };
        let read = token::read(Some(place), terminal).await;
        self.renewals.made.fetch_add(1, Ordering::Relaxed);
        let token = read?;
        secrets::keep(&token);
        let renewed = client.replace_token(token);
        tracing::info!(renewed, source = %place.source, "the server refused the token; it was read again");
        Ok(renewed)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::cell::Cell;
    use std::fs;

    use futures_util::future::{join3, poll_immediate};

    use super::*;
    use crate::api::BaseUrl;
    use crate::config::Source;
    use crate::config::file::TokenCommand;

    /// A token from a command that counts its runs and prints another token in each of the first three, and a server
    /// that accepts one of them.
    struct Rig {
        folder: tempfile::TempDir,
        access: Access,
        client: Client,
        accepted: Cell<u8>,
        failures: Cell<usize>,
    }

    impl Rig {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let runs = folder.path().join("runs").display().to_string();
            let line = format!(
                "echo x >> '{runs}'; n=$(wc -l < '{runs}' | tr -d ' '); [ $n -lt 5 ] || exit 1; echo token$n"
            );
            let place =
                Sourced { value: TokenLocation::Command(TokenCommand::Shell(line)), source: Source::Default };
            let access = Access::new(Some(&place)).await.unwrap();
            let base = BaseUrl::new("http://127.0.0.1:9").unwrap();
            let client = Client::new(base, access.token.clone()).unwrap();
            Self { folder, access, client, accepted: Cell::new(1), failures: Cell::new(0) }
        }

        async fn request<E: MayRefuse + From<Fault>>(&self) -> Result<(), E> {
            let response = || async {
                let accepted = Token::new(&format!("token{}", self.accepted.get())).unwrap();
                if self.client.token() == accepted { Ok(()) } else { Err(E::from(Fault::Unauthenticated)) }
            };
            let failed = |_| self.failures.set(self.failures.get() + 1);
            self.access.send(&self.client, Terminal::Taken, failed, response).await
        }

        fn runs(&self) -> usize {
            fs::read_to_string(self.folder.path().join("runs")).unwrap().lines().count()
        }
    }

    #[tokio::test]
    async fn requests_rejected_together_read_the_token_once() {
        let rig = Rig::new().await;
        let wave = || join3(rig.request::<Fault>(), rig.request::<Fault>(), rig.request::<DownloadFault>());
        assert_eq!((wave().await, rig.runs()), ((Ok(()), Ok(()), Ok(())), 1));
        rig.accepted.set(2);
        assert_eq!((wave().await, rig.runs()), ((Ok(()), Ok(()), Ok(())), 2));

        // Dropping the request that started it leaves the token to the others.
        rig.accepted.set(3);
        let mut first = Box::pin(rig.request::<Fault>());
        assert_eq!(poll_immediate(&mut first).await, None);
        drop(first);
        assert_eq!((wave().await, rig.runs()), ((Ok(()), Ok(()), Ok(())), 3));
    }

    #[tokio::test]
    async fn a_renewal_that_does_not_help_happens_once_for_all_and_reports_a_failure_once() {
        let rig = Rig::new().await;
        let refused = Err(Fault::Unauthenticated);
        rig.accepted.set(9);
        let wave = || join3(rig.request::<Fault>(), rig.request::<Fault>(), rig.request::<Fault>());
        let all = (refused.clone(), refused.clone(), refused);
        // The three of a wave share one renewal; each next wave may have another.
        for runs in 2..=4 {
            assert_eq!((wave().await, rig.runs(), rig.failures.get()), (all.clone(), runs, 0));
        }
        assert_eq!((wave().await, rig.runs(), rig.failures.get()), (all, 5, 1));
    }
}
