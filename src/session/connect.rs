//! From settings to a client, and signing in: to a client that acts for one account.

use std::cell::Cell;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use super::access::Access;
use super::connections::{Connection, Connections, tokens};
use super::retry::Retry;
use crate::api::{Client, Network, Token};
use crate::config::token::Terminal;
use crate::config::{Server, Settings};
use crate::domain::account::{Account, AccountId, Logins, MissingProfile, Refusal, WantedAccounts};
use crate::domain::redact::Redaction;
use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};
use crate::output::stdout::eprint;

/// How long signing in may take before a message says so.
const SILENCE: Duration = Duration::from_secs(1);

/// A client that acts for the first of the wanted accounts, and those for all of them.
#[derive(Debug, Clone)]
pub(crate) struct Connected {
    pub(crate) client: Client,
    /// At least one.
    pub(crate) accounts: Vec<Arc<Account>>,
    pub(crate) connections: Connections,
    /// Of several profiles, why the accounts of some are not known.
    pub(crate) missing: Vec<Failure>,
}

impl Connected {
    /// The connection of an account, its client acting for it.
    pub(crate) fn acting_for(&self, account: &AccountId) -> Option<Connection> {
        let connection = self.connections.of(Some(account))?.clone();
        Some(Connection { client: connection.client.with_account(account.clone()), ..connection })
    }

    /// Asks all servers once more: for the wanted accounts of those that answer, and whether another may return.
    pub(crate) async fn ask_again(&self) -> (Vec<Arc<Account>>, bool) {
        let request =
            |each: Connection| async move { sign_in(&each, &mut Retry::briefly(Duration::ZERO)).await };
        let Ok(logins) = self.connections.logins(None, request).await else { return (Vec::new(), true) };
        let picked = logins.pick(&WantedAccounts::Preferred).unwrap_or_default();
        let picked = picked.into_iter().cloned().map(Arc::new).collect();
        (picked, logins.missing.iter().any(MissingProfile::may_return))
    }
}

/// A client of a server that acts for no account yet. Made on a thread of its own: it takes a while, and reading
/// certificates from a pipe may block for ever.
///
/// # Errors
/// The certificates or the proxy of the settings cannot be used.
pub(crate) async fn client(server: Server, token: Token) -> Result<Client, Failure> {
    let made = tokio::task::spawn_blocking(move || {
        let base = server.base_url.value.clone();
        let host = base.host().to_owned();
        let network = Network { roots: server.roots()?, ..Network::default() };
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
/// The server cannot be reached, rejects the token even after it was read again, or knows no such account; of several
/// profiles, all of them.
pub(crate) async fn connect(
    servers: &[Server],
    wanted: impl Fn(&Server) -> WantedAccounts,
    settings: &Settings,
    retry: &mut Retry,
) -> Result<Connected, Failure> {
    let (connections, logins) = logins(servers, &wanted, settings, retry).await?;
    let redaction = Redaction { enabled: settings.redact.value };
    let mut missing: Vec<_> = logins.missing.iter().map(|profile| profile.failure(redaction)).collect();
    let wanted = match servers {
        [only] => wanted(only),
        _ => WantedAccounts::Preferred,
    };
    let accounts: Vec<_> = match logins.pick(&wanted) {
        Ok(picked) => picked.into_iter().cloned().map(Arc::new).collect(),
        Err(_) if !missing.is_empty() => {
            let first = missing.remove(0);
            missing.iter().for_each(|failure| eprint(&failure.message));
            return Err(first);
        }
        Err(why) => return Err(Refusal::Account(why).into()),
    };
    let first = accounts.first().and_then(|first| {
        let client = &connections.of(Some(&first.id))?.client;
        Some(client.with_account(first.id.clone()))
    });
    let Some(client) = first else { return Err(Refusal::Account("there is no account".to_owned()).into()) };
    Ok(Connected { client, accounts, connections, missing })
}

/// Requests the logins. If that takes long, standard error says so meanwhile.
///
/// # Errors
/// The server cannot be reached, or rejects the token even after it was read again; of several profiles one that fails is
/// missing from the logins.
pub(crate) async fn logins(
    servers: &[Server],
    wanted: impl Fn(&Server) -> WantedAccounts,
    settings: &Settings,
    retry: &mut Retry,
) -> Result<(Connections, Logins), Failure> {
    let tokens = tokens(servers, async |server| Access::new(server.token.as_ref()).await).await?;
    let is_brief = retry.is_brief();
    let connections = Connections::new(tokens, wanted).await?.map(|client| {
        let client = client.clone().redacted(Redaction { enabled: settings.redact.value });
        if is_brief { client.without_spacing() } else { client }
    });
    let ellipsis = if settings.ascii.value { "..." } else { "…" };
    let message = format!("Signing in to {}{ellipsis}", connections.host());
    let logins = async {
        match connections.of(None) {
            Some(only) => sign_in(only, retry).await,
            // One that stays away holds up no other.
            None => {
                let request = |each| {
                    let mut retry = retry.beside();
                    async move { sign_in(&each, &mut retry).await }
                };
                connections.logins(None, request).await
            }
        }
    };
    let logins = with_message(logins, &message).await;
    Ok((connections, logins?))
}

async fn sign_in(connection: &Connection, retry: &mut Retry) -> Result<Logins, Refusal> {
    let Connection { client, access, .. } = connection;
    let token_error = Cell::new(None);
    let failed = |error| token_error.set(Some(error));
    let logins = retry.send(|| access.send(client, Terminal::Shared, failed, || client.logins())).await;
    match token_error.take() {
        Some(error) => Err(Refusal::Token(error.to_string())),
        None => logins.map_err(|fault| Refusal::Fault { host: SafeText::new(connection.host()), fault }),
    }
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
