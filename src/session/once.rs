//! What commands that run once have in common: sign in, do the work, end at a signal.

use std::process::ExitCode;

use tokio::runtime::Builder;

use super::connect::{Connected, connect};
use super::retry::Retry;
use crate::config::{Server, Settings};
use crate::domain::account::WantedAccounts;
use crate::exit::{Exit, Failure};
use crate::terminal;

/// Signs in to the wanted accounts of each server and does the work with the retry time that is left. A signal drops the work, which must then leave nothing
/// behind.
///
/// # Errors
/// There is no token, signing in failed, or the work did.
pub(crate) fn signed_in(
    settings: &Settings,
    servers: &[Server],
    wanted: impl Fn(&Server) -> WantedAccounts,
    mut retry: Retry,
    work: impl AsyncFnOnce(Connected, &mut Retry) -> Result<Exit, Failure>,
) -> color_eyre::Result<ExitCode> {
    until_signal(async {
        let connected = connect(servers, wanted, settings, &mut retry).await?;
        work(connected, &mut retry).await
    })
}

/// Does the work unless a signal comes first.
///
/// # Errors
/// Those of the work.
pub(crate) fn until_signal(
    work: impl Future<Output = Result<Exit, Failure>>,
) -> color_eyre::Result<ExitCode> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let exit = runtime.block_on(async {
        let mut signals = terminal::signals()?;
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
