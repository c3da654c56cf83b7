//! The monitor's clients: requests as the account that sees an import, with a new token if the current one is rejected.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::api::Client;
use crate::app::event::Answer;
use crate::config::token::{Terminal, TokenError};
use crate::domain::account::{AccountId, Logins, Refusal};
use crate::domain::fault::Fault;
use crate::domain::text::SafeText;
use crate::session::access::MayRefuse;
use crate::session::connections::{Connection, Connections};

/// The clients of all servers, for as long as the monitor runs. Clones renew a token together.
#[derive(Debug, Clone)]
pub(super) struct AuthedClients {
    pub(super) connections: Connections,
    /// Receives why there is no new token.
    pub(super) errors: mpsc::Sender<Answer>,
}

impl AuthedClients {
    /// The client for requests as one account: that of its profile's server.
    pub(super) fn acting_for(&self, account: Option<&AccountId>) -> AuthedClient {
        let connection = self.connections.of(account).cloned();
        let connection = connection.map(|it| match account {
            Some(account) => Connection { client: it.client.with_account(account.clone()), ..it },
            None => it,
        });
        AuthedClient { connection, errors: self.errors.clone() }
    }

    /// Requests the accounts of all servers. Of several, one that does not answer is missing from what they have; with a
    /// `grace`, so is one that has not answered so long after the first did.
    ///
    /// # Errors
    /// None answers, and asking again may help.
    pub(super) async fn logins(&self, grace: Option<Duration>) -> Result<Logins, Fault> {
        let answer = self.connections.logins(grace, |connection| {
            let host = SafeText::new(connection.host());
            let authed = AuthedClient { connection: Some(connection), errors: self.errors.clone() };
            async move {
                let logins = authed.send(|client| async move { client.logins().await }).await;
                logins.map_err(|fault| Refusal::Fault { host, fault })
            }
        });
        match answer.await {
            Ok(logins) if logins.accounts.is_empty() => {
                let returning = logins.missing.iter().find(|profile| profile.may_return());
                match returning.map(|profile| profile.why.clone()) {
                    Some(Refusal::Fault { fault, .. }) => Err(fault),
                    _ => Ok(logins),
                }
            }
            Ok(logins) => Ok(logins),
            Err(Refusal::Fault { fault, .. }) => Err(fault),
            Err(Refusal::Account(_) | Refusal::Token(_)) => Err(Fault::Unauthenticated),
        }
    }
}

/// A client of one server.
#[derive(Debug, Clone)]
pub(super) struct AuthedClient {
    /// `None` where the account's server is not known: no other may be asked in its place.
    connection: Option<Connection>,
    errors: mpsc::Sender<Answer>,
}

impl AuthedClient {
    /// Sends a request, and sends it again from the start if the token was rejected and there is a new one.
    pub(super) async fn send<T, E: MayRefuse + From<Fault>, F>(
        &self,
        request: impl Fn(Client) -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let Some(Connection { profile, client, access }) = &self.connection else {
            return Err(Fault::Unauthenticated.into());
        };
        let failed = |error: TokenError| {
            tracing::warn!(?profile, %error, "there is no new token");
            let of = profile.as_ref().map(|profile| format!("profile {profile}: ")).unwrap_or_default();
            let _ = self.errors.try_send(Answer::NoToken(format!("{of}{error}")));
        };
        access.send(client, Terminal::Taken, failed, || request(client.clone())).await
    }
}
