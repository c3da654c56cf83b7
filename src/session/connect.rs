//! Signing in: from settings to a client that acts for one account.

use std::cell::Cell;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use super::access::Access;
use super::retry::Retry;
use crate::api::{BaseUrl, Client, Network};
use crate::config::Settings;
use crate::config::token::Terminal;
use crate::domain::account::{Account, AccountId, Logins};
use crate::domain::fault::Fault;
use crate::domain::redact::Redaction;
use crate::exit::{Exit, Failure};

/// How long signing in may take before the user is told what is being waited for.
const SILENCE: Duration = Duration::from_secs(1);

/// A client and whom it acts for.
#[derive(Debug, Clone)]
pub(crate) struct Connected {
    /// Asks for the account.
    pub(crate) client: Client,
    /// The account in use.
    pub(crate) account: Account,
    /// How to get another token.
    pub(crate) access: Access,
}

/// Asks for the logins and takes the wanted account, else the one that the logins suggest.
///
/// # Errors
/// The server cannot be asked, refuses the token (which is read a second time then), or knows no such account.
pub(crate) async fn connect(
    base: BaseUrl,
    access: Access,
    wanted: Option<&AccountId>,
    settings: &Settings,
    retry: &mut Retry,
) -> Result<Connected, Failure> {
    let (client, logins) = logins(base, &access, settings, retry).await?;
    let account = choose(&logins, wanted)?;
    Ok(Connected { client: client.with_account(account.id.clone()), account, access })
}

/// Asks for the logins. Where it takes long, standard error says so meanwhile.
///
/// # Errors
/// The server cannot be asked, or refuses the token (which is read a second time then).
pub(crate) async fn logins(
    base: BaseUrl,
    access: &Access,
    settings: &Settings,
    retry: &mut Retry,
) -> Result<(Client, Logins), Failure> {
    let host = base.host().to_owned();
    // Where signals are heard: a pipe may keep a reader for ever.
    let known = settings.clone();
    let roots = tokio::task::spawn_blocking(move || known.roots()).await;
    let roots = roots.map_err(|_| Failure {
        message: "the certificates could not be read".to_owned(),
        exit: Exit::Unexpected,
    })??;
    let network = Network { roots, ..Network::default() };
    let client =
        Client::with_network(base, access.token.clone(), network).map_err(|fault| told(&fault, &host))?;
    let redaction = Redaction { enabled: settings.redact.value };
    // The monitor masks as it draws: it may be switched on and off.
    let client = if retry.is_brief() { client.without_spacing().redacted(redaction) } else { client };
    let ellipsis = if settings.ascii.value { "..." } else { "…" };
    let words = format!("Signing in to {host}{ellipsis}");
    let trouble = Cell::new(None);
    let failed = |error| trouble.set(Some(error));
    let logins = retry.ask(|| access.ask(&client, Terminal::Shared, failed, || client.logins()));
    let logins = not_in_silence(logins, &words).await;
    if let Some(error) = trouble.take() {
        return Err(error.into());
    }
    Ok((client, logins.map_err(|fault| told(&fault, &host))?))
}

/// Shows words on standard error, if that is a terminal, while `work` takes longer than [`SILENCE`].
async fn not_in_silence<T>(work: impl Future<Output = T>, words: &str) -> T {
    let mut work = std::pin::pin!(work);
    if let Ok(done) = tokio::time::timeout(SILENCE, &mut work).await {
        return done;
    }
    let _words = io::stderr().is_terminal().then(|| PassingWords::show(words));
    work.await
}

/// A line on standard error that is there until this is dropped.
#[derive(Debug)]
pub(crate) struct PassingWords;

impl PassingWords {
    pub(crate) fn show(words: &str) -> Self {
        // Where they cannot be written nobody reads them.
        let _ = write!(io::stderr(), "{words}");
        Self
    }
}

impl Drop for PassingWords {
    fn drop(&mut self) {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
}

fn choose(logins: &Logins, wanted: Option<&AccountId>) -> Result<Account, Failure> {
    let found = match wanted {
        Some(id) => logins.find(id),
        None => logins.choose(),
    };
    found.cloned().ok_or_else(|| {
        let message = match wanted {
            Some(id) => format!("the token has no account {id}; it may use: {}", names(logins)),
            None => "the token has no account in any firm".to_owned(),
        };
        Failure { message, exit: Exit::Authentication }
    })
}

fn names(logins: &Logins) -> String {
    let names: Vec<String> = logins
        .accounts
        .iter()
        .map(|account| format!("{} ({}, {})", account.id, account.firm, account.name))
        .collect();
    if names.is_empty() { "none".to_owned() } else { names.join("; ") }
}

/// The fault with the server's name and what can be done.
pub(crate) fn told(fault: &Fault, host: &str) -> Failure {
    let advice = fault.advice().map(|advice| format!("; {advice}")).unwrap_or_default();
    Failure { message: format!("{host}: {fault}{advice}"), exit: fault.into() }
}
