//! From settings to a client, and signing in: to a client that acts for one account.

use std::cell::Cell;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use super::access::Access;
use super::retry::Retry;
use crate::api::{BaseUrl, Client, Network, Token};
use crate::config::Settings;
use crate::config::token::Terminal;
use crate::domain::account::{Account, Logins, Refusal, WantedAccounts};
use crate::domain::redact::Redaction;
use crate::exit::{Exit, Failure};

/// How long signing in may take before a message says so.
const SILENCE: Duration = Duration::from_secs(1);

/// A client that acts for the first of the wanted accounts.
#[derive(Debug, Clone)]
pub(crate) struct Connected {
    pub(crate) client: Client,
    /// At least one.
    pub(crate) accounts: Vec<Arc<Account>>,
    pub(crate) access: Access,
}

/// A client of the configured server that acts for no account yet. Made on a thread of its own: it takes a while, and
/// reading certificates from a pipe may block for ever.
///
/// # Errors
/// The certificates or the proxy of the settings cannot be used.
pub(crate) async fn client(base: BaseUrl, token: Token, settings: Settings) -> Result<Client, Failure> {
    let made = tokio::task::spawn_blocking(move || {
        let host = base.host().to_owned();
        let network = Network { roots: settings.roots()?, ..Network::default() };
        Client::with_network(base, token, network).map_err(|fault| Failure::of(&fault, &host))
    });
    made.await.unwrap_or_else(|_| {
        let message = "the certificates could not be read".to_owned();
        Err(Failure { message, exit: Exit::Unexpected })
    })
}

/// Requests the logins and picks the wanted accounts.
///
/// # Errors
/// The server cannot be reached, rejects the token even after it was read again, or knows no such account.
pub(crate) async fn connect(
    base: BaseUrl,
    access: Access,
    wanted: &WantedAccounts,
    settings: &Settings,
    retry: &mut Retry,
) -> Result<Connected, Failure> {
    let (client, logins) = logins(base, &access, settings, retry).await?;
    let picked = logins.pick(wanted).map_err(Refusal::Account)?;
    let accounts: Vec<_> = picked.into_iter().cloned().map(Arc::new).collect();
    let client = accounts.first().map_or(client.clone(), |first| client.with_account(first.id.clone()));
    Ok(Connected { client, accounts, access })
}

/// Requests the logins. If that takes long, standard error says so meanwhile.
///
/// # Errors
/// The server cannot be reached, or rejects the token even after it was read again.
pub(crate) async fn logins(
    base: BaseUrl,
    access: &Access,
    settings: &Settings,
    retry: &mut Retry,
) -> Result<(Client, Logins), Failure> {
    let host = base.host().to_owned();
    let client = client(base, access.token.clone(), settings.clone()).await?;
    let client = client.redacted(Redaction { enabled: settings.redact.value });
    let client = if retry.is_brief() { client.without_spacing() } else { client };
    let ellipsis = if settings.ascii.value { "..." } else { "…" };
    let message = format!("Signing in to {host}{ellipsis}");
    let token_error = Cell::new(None);
    let failed = |error| token_error.set(Some(error));
    let logins = retry.send(|| access.send(&client, Terminal::Shared, failed, || client.logins()));
    let logins = with_message(logins, &message).await;
    if let Some(error) = token_error.take() {
        return Err(error.into());
    }
    Ok((client, logins.map_err(|fault| Failure::of(&fault, &host))?))
}

/// Shows a message on standard error, if that is a terminal, while `work` takes longer than [`SILENCE`].
async fn with_message<T>(work: impl Future<Output = T>, message: &str) -> T {
    let mut work = std::pin::pin!(work);
    if let Ok(done) = tokio::time::timeout(SILENCE, &mut work).await {
        return done;
    }
    let _line = io::stderr().is_terminal().then(|| TransientLine::show(message));
    work.await
}

/// A line on standard error, erased when this is dropped.
#[derive(Debug)]
pub(crate) struct TransientLine;

impl TransientLine {
    pub(crate) fn show(text: &str) -> Self {
        // If this fails, nobody is reading.
        let _ = write!(io::stderr(), "{text}");
        Self
    }
}

impl Drop for TransientLine {
    fn drop(&mut self) {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
}
