//! The client of every server that is watched, and all their accounts as one list.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;

use super::access::Access;
use super::connect::client;
use crate::api::Client;
use crate::config::Server;
use crate::domain::account::{AccountId, Logins, Refusal, WantedAccounts};
use crate::domain::fault::Fault;
use crate::domain::text::SafeText;
use crate::exit::Failure;

/// A client of one server, and where its token comes from.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// The profile that it is of, where several are watched.
    pub(crate) profile: Option<Arc<str>>,
    pub(crate) client: Client,
    pub(crate) access: Access,
}

impl Connection {
    pub(crate) fn host(&self) -> &str {
        self.client.base().host()
    }
}

/// One for each server, in the order of the profiles. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    each: Arc<[Place]>,
}

#[derive(Debug)]
struct Place {
    profile: Option<Arc<str>>,
    wanted: WantedAccounts,
    /// Or why there is no token.
    connection: Result<Connection, Refusal>,
}

/// A server with its token, or with why there is none.
pub(crate) type Tokens = Vec<(Server, Result<Access, Refusal>)>;

/// Reads the token of each server, one after the other: a command may ask for a passphrase.
///
/// # Errors
/// None has a usable one.
pub(crate) async fn tokens(
    servers: &[Server],
    read: impl AsyncFn(&Server) -> Result<Access, Failure>,
) -> Result<Tokens, Failure> {
    let (mut tokens, mut first) = (Vec::new(), None);
    for server in servers {
        let token = read(server).await.map_err(|failure| {
            let why = Refusal::Token(failure.message.clone());
            first.get_or_insert(failure);
            why
        });
        tokens.push((server.clone(), token));
    }
    match first {
        Some(failure) if tokens.iter().all(|(_, token)| token.is_err()) => Err(failure),
        _ => Ok(tokens),
    }
}

impl Connections {
    /// `wanted` is which accounts of each server are to be used.
    ///
    /// # Errors
    /// The certificates or the proxy of a server cannot be used.
    pub(crate) async fn new(
        tokens: Tokens,
        wanted: impl Fn(&Server) -> WantedAccounts,
    ) -> Result<Self, Failure> {
        let each = join_all(tokens.into_iter().map(async |(server, token)| {
            let (profile, wanted) = (server.profile.clone(), wanted(&server));
            let connection = match token {
                Ok(access) => {
                    let client = client(server, access.token.clone()).await?;
                    Ok(Connection { profile: profile.clone(), client, access })
                }
                Err(why) => Err(why),
            };
            Ok::<_, Failure>(Place { profile, wanted, connection })
        }));
        let each: Result<Vec<_>, Failure> = each.await.into_iter().collect();
        Ok(Self { each: each?.into() })
    }

    /// The same with other clients.
    pub(crate) fn map(&self, client: impl Fn(&Client) -> Client) -> Self {
        let each = self.each.iter().map(|place| {
            let changed = |it: &Connection| Connection { client: client(&it.client), ..it.clone() };
            let connection = place.connection.as_ref().map(changed).map_err(Clone::clone);
            Place { profile: place.profile.clone(), wanted: place.wanted.clone(), connection }
        });
        Self { each: each.collect() }
    }

    /// The connection that may make requests as an account: that of its profile, and no other. Without an account, the
    /// only one.
    pub(crate) fn of(&self, account: Option<&AccountId>) -> Option<&Connection> {
        let profile = account.and_then(AccountId::profile);
        let place = self.each.iter().find(|place| place.profile.as_ref() == profile)?;
        place.connection.as_ref().ok()
    }

    pub(crate) fn clients(&self) -> impl Iterator<Item = &Client> {
        self.each.iter().filter_map(|place| Some(&place.connection.as_ref().ok()?.client))
    }

    pub(crate) fn is_of_several(&self) -> bool {
        self.each.len() > 1
    }

    /// What the header and messages call the server or the servers.
    pub(crate) fn host(&self) -> SafeText {
        host(self.each.iter().filter_map(|place| Some(place.connection.as_ref().ok()?.host())))
    }

    /// Requests the logins of all servers together. Of several, one that does not answer is missing from what they have;
    /// with a `grace`, so is one that has not answered so long after the first did.
    ///
    /// # Errors
    /// Those of the only server.
    pub(crate) async fn logins<F>(
        &self,
        grace: Option<Duration>,
        request: impl Fn(Connection) -> F,
    ) -> Result<Logins, Refusal>
    where
        F: Future<Output = Result<Logins, Refusal>>,
    {
        let answered = &watch::Sender::new(false);
        let asked = self.each.iter().map(|place| {
            let host = place.connection.as_ref().map(|it| SafeText::new(it.host())).unwrap_or_default();
            let asked = place.connection.clone().map(&request);
            async move {
                let answer = async {
                    let answer = asked?.await;
                    if answer.is_ok() {
                        answered.send_replace(true);
                    }
                    answer
                };
                tokio::select! {
                    biased;
                    answer = answer => answer,
                    () = others(answered.subscribe(), grace) => {
                        Err(Refusal::Fault { host, fault: Fault::TimedOut })
                    }
                }
            }
        });
        let answers = join_all(asked.collect::<Vec<_>>());
        let mut profiles = Vec::new();
        for (place, answer) in self.each.iter().zip(answers.await) {
            match &place.profile {
                Some(profile) => profiles.push((Arc::clone(profile), place.wanted.clone(), answer)),
                None => return answer,
            }
        }
        Ok(Logins::merged(profiles))
    }
}

/// Until so long after another server answered.
async fn others(mut answered: watch::Receiver<bool>, grace: Option<Duration>) {
    match grace {
        // Fails only if nobody can answer any more.
        Some(grace) if answered.wait_for(|answered| *answered).await.is_ok() => {
            tokio::time::sleep(grace).await
        }
        _ => std::future::pending().await,
    }
}

/// The server by its host, or how many there are.
pub(crate) fn host<'a>(hosts: impl Iterator<Item = &'a str>) -> SafeText {
    let mut different: Vec<&str> = hosts.collect();
    different.sort_unstable();
    different.dedup();
    match &different[..] {
        [only] => SafeText::new(only),
        several => SafeText::new(&format!("{} servers", several.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{BaseUrl, Token};
    use crate::domain::account::{Account, MissingProfile};

    async fn connections(profiles: &[&str]) -> Connections {
        let tokens = profiles.iter().map(|profile| {
            let server = Server::at(BaseUrl::new("http://127.0.0.1:9").unwrap());
            let access = Access::fixed(Token::new(profile).unwrap());
            (Server { profile: Some((*profile).into()), ..server }, Ok(access))
        });
        Connections::new(tokens.collect(), Server::wanted).await.unwrap()
    }

    #[tokio::test]
    async fn an_account_is_asked_for_with_the_token_of_its_profile_or_not_at_all() {
        let connections = connections(&["live", "copy"]).await;
        let token = |profile: &str| {
            let account = AccountId::new("a").unwrap().of_profile(&profile.into());
            connections.of(Some(&account)).map(|connection| connection.client.token())
        };
        for profile in ["live", "copy"] {
            assert_eq!(token(profile), Token::new(profile).ok());
        }
        assert_eq!(token("other"), None);
        assert!(connections.of(AccountId::new("a").as_ref()).is_none() && connections.of(None).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_hangs_holds_up_no_other_for_longer_than_the_grace() {
        let connections = connections(&["live", "hangs", "slow"]).await;
        let account = Account::unnamed(AccountId::new("a").unwrap());
        let request = |connection: Connection| {
            let logins = Logins { accounts: vec![account.clone()], ..Logins::default() };
            async move {
                match connection.profile.as_deref() {
                    Some("hangs") => std::future::pending().await,
                    Some("slow") => tokio::time::sleep(Duration::from_secs(2)).await,
                    _ => {}
                }
                Ok(logins)
            }
        };
        for (grace, missing) in [(1, vec!["hangs", "slow"]), (3, vec!["hangs"])] {
            let logins = connections.logins(Some(Duration::from_secs(grace)), request).await.unwrap();
            assert!(logins.missing.iter().all(MissingProfile::may_return));
            assert_eq!(logins.missing.iter().map(|it| it.name.as_ref()).collect::<Vec<_>>(), missing);
        }
    }
}
