//! The monitor's client: requests as the account in use, with a new token if the current one is rejected.

use tokio::sync::mpsc;

use crate::api::Client;
use crate::app::event::Answer;
use crate::config::token::{Terminal, TokenError};
use crate::domain::account::AccountId;
use crate::session::access::{Access, MayRefuse};

/// A client for as long as the monitor runs. Clones renew the token together.
#[derive(Debug, Clone)]
pub(super) struct AuthedClient {
    pub(super) client: Client,
    pub(super) access: Access,
    /// Receives why there is no new token.
    pub(super) errors: mpsc::Sender<Answer>,
}

impl AuthedClient {
    /// The same client for requests as one account.
    pub(super) fn acting_for(&self, account: Option<&AccountId>) -> Self {
        match account {
            Some(account) => Self { client: self.client.with_account(account.clone()), ..self.clone() },
            None => self.clone(),
        }
    }

    /// Sends a request, and sends it again from the start if the token was rejected and there is a new one.
    pub(super) async fn send<T, E: MayRefuse, F>(&self, request: impl Fn(Client) -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let failed = |error: TokenError| {
            tracing::warn!(%error, "there is no new token");
            let _ = self.errors.try_send(Answer::NoToken(error.to_string()));
        };
        self.access.send(&self.client, Terminal::Taken, failed, || request(self.client.clone())).await
    }
}
