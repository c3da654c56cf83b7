//! What the monitor asks the server: as the account in use, and with another token where the one in use is refused.

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
    /// Hears why there is no other token.
    pub(super) told: mpsc::Sender<Answer>,
}

impl AuthedClient {
    /// The same on behalf of another account.
    pub(super) fn acting_for(&self, account: AccountId) -> Self {
        Self { client: self.client.with_account(account), ..self.clone() }
    }

    /// Asks, and once more where the token was refused and there is another. Each time `ask` begins afresh.
    pub(super) async fn ask<T, E: MayRefuse, F>(&self, ask: impl Fn(Client) -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let failed = |error: TokenError| {
            tracing::warn!(%error, "there is no other token");
            let _ = self.told.try_send(Answer::Failed(error.to_string()));
        };
        self.access.ask(&self.client, Terminal::Taken, failed, || ask(self.client.clone())).await
    }
}
