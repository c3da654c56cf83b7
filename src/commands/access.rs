//! The token in use, and getting another when the server refuses it.

use crate::domain::fault::Fault;
use crate::exit::Failure;
use crate::plannr::{Client, Token};
use crate::secrets;
use crate::settings::Sourced;
use crate::settings::token::{self, Terminal, TokenError, TokenPlace};

/// A token and where the next one comes from.
#[derive(Debug, Clone)]
pub(super) struct Access {
    pub(super) token: Token,
    again: Option<Sourced<TokenPlace>>,
}

impl Access {
    /// Reads the token for the first time.
    ///
    /// # Errors
    /// There is none that can be used.
    pub(super) async fn new(place: Option<&Sourced<TokenPlace>>) -> Result<Self, Failure> {
        let token = token::read(place, Terminal::Shared).await?;
        secrets::keep(&token);
        // What the environment says does not change while the program runs.
        let again = place.filter(|place| !matches!(place.value, TokenPlace::Variable(_)));
        Ok(Self { token, again: again.cloned() })
    }

    /// A token that stays as it is.
    pub(super) fn fixed(token: Token) -> Self {
        secrets::keep(&token);
        Self { token, again: None }
    }

    /// Reads the token again and hands it to the client and all its clones; whether it is another one than before.
    ///
    /// # Errors
    /// It cannot be read any more; the client keeps the one it has.
    pub(super) async fn renew(&self, client: &Client, terminal: Terminal) -> Result<bool, TokenError> {
        let Some(place) = &self.again else { return Ok(false) };
        let token = token::read(Some(place), terminal).await?;
        secrets::keep(&token);
        let renewed = client.replace_token(token);
        tracing::info!(renewed, source = %place.source, "the server refused the token; it was read again");
        Ok(renewed)
    }

    /// Asks; where the server refuses the token, reads it again and asks once more. `failed` hears why it could not
    /// be read.
    pub(super) async fn ask<T, F>(
        &self,
        client: &Client,
        terminal: Terminal,
        failed: impl FnOnce(TokenError),
        ask: impl Fn() -> F,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let answer = ask().await;
        if !matches!(answer, Err(Fault::Unauthenticated)) {
            return answer;
        }
        match self.renew(client, terminal).await {
            Ok(true) => ask().await,
            Ok(false) => answer,
            Err(error) => {
                failed(error);
                answer
            }
        }
    }
}
