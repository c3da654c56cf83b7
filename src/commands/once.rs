//! What commands that run once have in common: sign in, do the work, end at a signal.

use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Builder;

use super::access::Access;
use super::connect::{Connected, connect};
use crate::exit::{Exit, Failure};
use crate::settings::{Server, Settings};
use crate::terminal;

/// Signs in and does the work. A signal drops it: what it holds must leave nothing behind.
///
/// # Errors
/// There is no token, signing in failed, or the work did.
pub(super) fn once(
    settings: &Settings,
    server: &Server,
    retry_for: Duration,
    work: impl AsyncFnOnce(Connected) -> Result<Exit, Failure>,
) -> color_eyre::Result<ExitCode> {
    let base = server.base_url.value.clone();
    let account = server.account.as_ref().map(|account| &account.value);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let exit = runtime.block_on(async {
        let mut signals = terminal::signals()?;
        let work = async {
            let access = Access::new(server.token.as_ref()).await?;
            let connected = connect(base, access, account, settings, retry_for).await?;
            work(connected).await
        };
        tokio::select! {
            biased;
            signal = signals.next() => Ok::<_, color_eyre::Report>(Exit::from(signal)),
            done = work => Ok(done?),
        }
    });
    // Dropping the runtime would wait for a name lookup that may hang.
    runtime.shutdown_background();
    Ok(exit?.into())
}
