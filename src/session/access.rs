//! The token in use, and getting another when the server refuses it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Semaphore;

use crate::api::{Client, Token};
use crate::config::Sourced;
use crate::config::token::{self, Terminal, TokenError, TokenPlace};
use crate::domain::fault::Fault;
use crate::domain::transfer::DownloadFault;
use crate::exit::Failure;
use crate::secrets;

/// A token and where the next one comes from. Clones renew it together.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) token: Token,
    again: Option<Sourced<TokenPlace>>,
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

/// A fault that may be the token's.
pub(crate) trait MayRefuse {
    /// Whether the server does not accept the token.
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
    /// There is none that can be used.
    pub(crate) async fn new(place: Option<&Sourced<TokenPlace>>) -> Result<Self, Failure> {
        let token = token::read(place, Terminal::Shared).await?;
        // What the environment says does not change while the program runs.
        let again = place.filter(|place| !matches!(place.value, TokenPlace::Variable(_)));
        Ok(Self::of(token, again.cloned()))
    }

    /// A token that stays as it is.
    pub(crate) fn fixed(token: Token) -> Self {
        Self::of(token, None)
    }

    fn of(token: Token, again: Option<Sourced<TokenPlace>>) -> Self {
        secrets::keep(&token);
        let renewals = Arc::new(Renewals { turn: Semaphore::new(1), made: AtomicU64::new(0) });
        Self { token, again, renewals }
    }

    /// Asks; where the server refuses the token, reads it again and asks once more. `failed` hears why it could not
    /// be read.
    ///
    /// Several requests that are refused together have it read once, and one that was refused with a token which is
    /// no longer in use is asked again without that.
    ///
    /// # Errors
    /// Those of the request.
    pub(crate) async fn ask<T, E: MayRefuse, F>(
        &self,
        client: &Client,
        terminal: Terminal,
        failed: impl FnOnce(TokenError),
        ask: impl Fn() -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let sent = self.sent(client);
        let answer = ask().await;
        if !answer.as_ref().is_err_and(MayRefuse::refuses_token) {
            return answer;
        }
        match self.renew(client, terminal, sent).await {
            Ok(true) => ask().await,
            Ok(false) => answer,
            Err(error) => {
                failed(error);
                answer
            }
        }
    }

    fn sent(&self, client: &Client) -> Sent {
        Sent { token: client.token(), renewals: self.renewals.made.load(Ordering::Relaxed) }
    }

    /// Sees to it that another token is in use than the one sent, in the client and all its clones; whether it is.
    ///
    /// Goes on where the caller gives up: others may wait for it.
    async fn renew(&self, client: &Client, terminal: Terminal, sent: Sent) -> Result<bool, TokenError> {
        if self.again.is_none() {
            return Ok(false);
        }
        let (access, client) = (self.clone(), client.clone());
        let renewing = tokio::spawn(async move { access.renew_in_turn(&client, terminal, &sent).await });
        // It does not end otherwise but with the runtime.
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
        // Somebody has tried since, to no avail, and has told why.
        if self.renewals.made.load(Ordering::Relaxed) != sent.renewals {
            return Ok(false);
        }
        let Some(place) = &self.again else { return Ok(false) };
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
        told: Cell<usize>,
    }

    impl Rig {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let runs = folder.path().join("runs").display().to_string();
            let line = format!(
                "echo x >> '{runs}'; n=$(wc -l < '{runs}' | tr -d ' '); [ $n -lt 5 ] || exit 1; echo token$n"
            );
            let place =
                Sourced { value: TokenPlace::Command(TokenCommand::Shell(line)), source: Source::Default };
            let access = Access::new(Some(&place)).await.unwrap();
            let base = BaseUrl::new("http://127.0.0.1:9").unwrap();
            let client = Client::new(base, access.token.clone()).unwrap();
            Self { folder, access, client, accepted: Cell::new(1), told: Cell::new(0) }
        }

        async fn ask<E: MayRefuse + From<Fault>>(&self) -> Result<(), E> {
            let answer = || async {
                let accepted = Token::new(&format!("token{}", self.accepted.get())).unwrap();
                if self.client.token() == accepted { Ok(()) } else { Err(E::from(Fault::Unauthenticated)) }
            };
            let failed = |_| self.told.set(self.told.get() + 1);
            self.access.ask(&self.client, Terminal::Taken, failed, answer).await
        }

        fn runs(&self) -> usize {
            fs::read_to_string(self.folder.path().join("runs")).unwrap().lines().count()
        }
    }

    #[tokio::test]
    async fn requests_that_are_refused_together_have_the_token_read_once() {
        let rig = Rig::new().await;
        let wave = || join3(rig.ask::<Fault>(), rig.ask::<Fault>(), rig.ask::<DownloadFault>());
        assert_eq!((wave().await, rig.runs()), ((Ok(()), Ok(()), Ok(())), 1));
        rig.accepted.set(2);
        assert_eq!((wave().await, rig.runs()), ((Ok(()), Ok(()), Ok(())), 2));

        // Who began it gives up: the others have the token all the same.
        rig.accepted.set(3);
        let mut first = Box::pin(rig.ask::<Fault>());
        assert_eq!(poll_immediate(&mut first).await, None);
        drop(first);
        assert_eq!((wave().await, rig.runs()), ((Ok(()), Ok(()), Ok(())), 3));
    }

    #[tokio::test]
    async fn a_token_that_does_not_help_is_read_once_for_all_and_a_failure_told_once() {
        let rig = Rig::new().await;
        let refused = Err(Fault::Unauthenticated);
        rig.accepted.set(9);
        let wave = || join3(rig.ask::<Fault>(), rig.ask::<Fault>(), rig.ask::<Fault>());
        let all = (refused.clone(), refused.clone(), refused);
        // The three of a wave share one renewal; each next wave may have another.
        for runs in 2..=4 {
            assert_eq!((wave().await, rig.runs(), rig.told.get()), (all.clone(), runs, 0));
        }
        assert_eq!((wave().await, rig.runs(), rig.told.get()), (all, 5, 1));
    }
}
