//! The server, asked over HTTP: read-only, one connection pool, bounded in time and size.
//!
//! ```text
//!   ListRequest ----> list_query ----> Client::get ----> wire ----> Page, Import, Logins
//!             (what to ask)    base_url, token   (lenient)
//!                              turn: one budget for everything that is asked
//!                    connections: TLS, proxies, timeouts; faults <- status, transport
//!   Link ----------------------> download -------------> Sink: memory, a file
//! ```

mod base_url;
mod budget;
mod connections;
mod download;
mod faults;
mod list_query;
mod rate_limiter;
mod token;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::sync::watch;
use url::Url;

pub use self::base_url::{BaseUrl, BaseUrlRefusal};
pub use self::connections::{Network, Proxies, Roots, RootsRefusal, Timeouts};
pub use self::download::{Bounds, Received, suggested_name};
pub use self::list_query::{ListQuery, Sort, SortBy};
pub use self::token::{Token, TokenRefusal};

use self::budget::Kind;
use self::connections::HttpClient;
use self::faults::Refusal;
use self::rate_limiter::RateLimiter;
use crate::domain::account::{AccountId, Logins};
use crate::domain::fault::Fault;
use crate::domain::import::{Import, ImportId};
use crate::domain::page::{ListRequest, Oddity, Page};
use crate::domain::redact::Redaction;
use crate::domain::text::SafeText;

/// The largest answer that is read, after decompression. A full page of 500 imports, each with 25 wide rows,
/// has about 20 MiB.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// How much of a refusal is read: its message is in there.
const MAX_REFUSAL: usize = 64 * 1024;

/// Answers from this size on are read on another thread, so that no key waits for them.
const LARGE: usize = 64 * 1024;

/// How many pages of logins are followed.
const MAX_LOGIN_PAGES: usize = 20;

/// A client of one server with one token. Cheap to clone; clones share their connections, their token
/// and the rate limit: where the server asks for a pause, none of them asks before it is over, and what the user waits
/// for goes first.
///
/// It only ever sends `GET`, and sends the token to no other server. Redirects are followed for downloads only.
#[derive(Clone)]
pub struct Client {
    http: HttpClient,
    base: BaseUrl,
    token: Arc<watch::Sender<Token>>,
    account: Option<AccountId>,
    network: Network,
    rate_limiter: RateLimiter,
    redaction: Redaction,
}

struct Answer {
    body: Vec<u8>,
    budget: Option<u32>,
    server_time: Option<Timestamp>,
}

impl Client {
    /// A client that reaches the server as it usually is: the system's certificates and proxy, the usual timeouts.
    ///
    /// # Errors
    /// [`Fault::Tls`] where the system has no certificates to trust.
    pub fn new(base: BaseUrl, token: Token) -> Result<Self, Fault> {
        Self::over(base, token, Network::default())
    }

    /// A client that reaches the server in another way.
    ///
    /// # Errors
    /// As [`Client::new`]; [`Fault::Proxy`] where a proxy was given that cannot be used.
    pub fn over(base: BaseUrl, token: Token, network: Network) -> Result<Self, Fault> {
        let http = HttpClient::to(base.as_url(), &network)?;
        let token = Arc::new(watch::Sender::new(token));
        Ok(Self {
            http,
            base,
            token,
            account: None,
            network,
            rate_limiter: RateLimiter::default(),
            redaction: Redaction::default(),
        })
    }

    /// The same client, for a command that ends after a few requests: where the server has few of them left it asks all
    /// the same, and waits only where it is refused. Its clones do as well.
    #[must_use]
    pub fn at_once(self) -> Self {
        self.rate_limiter.never_spread();
        self
    }

    /// The same client, for a command whose output is redacted: what the server says of a refusal is, too.
    #[must_use]
    pub fn redacted(self, redaction: Redaction) -> Self {
        Self { redaction, ..self }
    }

    /// The same client, acting for an account.
    pub fn with_account(&self, account: AccountId) -> Self {
        Self { account: Some(account), ..self.clone() }
    }

    /// Puts another token in place of the one in use, for all clones; whether it is another one indeed.
    pub fn replace_token(&self, token: Token) -> bool {
        self.token.send_if_modified(|present| {
            let other = *present != token;
            *present = token;
            other
        })
    }

    /// The token in use.
    pub fn token(&self) -> Token {
        self.token.borrow().clone()
    }

    /// The account that it acts for; only the logins can be asked without one.
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// The server's address.
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// One page of the import list.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn list(&self, ask: &ListRequest) -> Result<Page, Fault> {
        match ask {
            // An empty filter would mean all imports.
            ListRequest::These(ids) if ids.is_empty() => Ok(Page::default()),
            ListRequest::Next(cursor) => self.page_at(cursor.0.clone(), Kind::Page).await,
            ListRequest::Newest { .. } | ListRequest::These(_) => {
                self.list_by(&ListQuery::of(ask).unwrap_or_default()).await
            }
        }
    }

    /// One page of the import list by any question that the API knows.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn list_by(&self, query: &ListQuery) -> Result<Page, Fault> {
        self.page_at(self.base.route("api/v1/import", query.pairs()), Kind::Poll).await
    }

    /// One import with everything that only the show route tells, and what was odd about it.
    ///
    /// # Errors
    /// Why there is none; [`Fault::NotFound`] where the account sees no such import.
    pub async fn import(&self, id: &ImportId) -> Result<(Import, Vec<Oddity>), Fault> {
        let include = [("include", "initiatedBy".to_owned())];
        let url = self.base.route(&format!("api/v1/import/{id}"), include);
        let answer = self.get(&url, Kind::ByHand).await?;
        let id = id.clone();
        read(answer.body, move |body| wire::import(body, &id, &url)).await
    }

    /// The accounts that the token can act for.
    ///
    /// # Errors
    /// Why there is no list of them.
    pub async fn logins(&self) -> Result<Logins, Fault> {
        let mut url = self.base.route("api/v1/logins", []);
        let mut all = Logins::default();
        for _ in 0..MAX_LOGIN_PAGES {
            let answer = self.get(&url, Kind::ByHand).await?;
            let (logins, next, oddities) = wire::logins(&answer.body, &url)?;
            tracing::debug!(?oddities, "logins");
            all.accounts.extend(logins.accounts);
            all.preferred = all.preferred.or(logins.preferred);
            match next {
                Some(next) => url = next.0,
                None => break,
            }
        }
        Ok(all)
    }

    async fn page_at(&self, url: Url, kind: Kind) -> Result<Page, Fault> {
        let answer = self.get(&url, kind).await?;
        let page = read(answer.body, move |body| wire::page(body, &url)).await?;
        Ok(Page { budget: answer.budget, server_time: answer.server_time, ..page })
    }

    /// Besides downloads the only place where the token is sent.
    async fn get(&self, url: &Url, kind: Kind) -> Result<Answer, Fault> {
        if !self.base.owns(url) {
            return Err(Fault::NotTheApi("it leads to another server".into()));
        }
        self.rate_limiter.take(kind).await?;
        let mut response = self.http.get(url, self.headers(), None).await?;
        let status = response.status().as_u16();
        let budget = budget(response.headers());
        let server_time = faults::server_time(response.headers());
        self.rate_limiter.answered(budget);
        tracing::debug!(path = url.path(), status, budget, "answer");
        if response.status().is_success() {
            let (body, whole) =
                body_of(&mut response, MAX_BODY).await.map_err(|e| self.http.broken(&e, url))?;
            return if whole {
                Ok(Answer { body, budget, server_time })
            } else {
                Err(Fault::Damaged("it is larger than 64 MiB".into()))
            };
        }
        // The status tells enough where the rest does not come.
        let (body, _) = body_of(&mut response, MAX_REFUSAL).await.unwrap_or_default();
        let refusal =
            Refusal { status, headers: response.headers(), body: &body, asked: url, now: Timestamp::now() };
        let fault = refusal.fault(&self.token()).redacted(self.redaction);
        self.rate_limiter.refused(&fault);
        Err(fault)
    }

    fn headers(&self) -> HeaderMap {
        let json = HeaderValue::from_static("application/json");
        let mut headers = HeaderMap::from_iter([
            (AUTHORIZATION, self.token().header()),
            (ACCEPT, json.clone()),
            (CONTENT_TYPE, json),
        ]);
        let account = self.account.as_ref().and_then(|id| HeaderValue::from_str(id.as_str()).ok());
        if let Some(account) = account {
            headers.insert("x-plannr-account-uuid", account);
        }
        headers
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// Reads an answer of the import list as [`Client::list`] does; `asked` is the URL that was asked.
///
/// For answers that did not come over HTTP.
///
/// # Errors
/// [`Fault::NotTheApi`] where it is no such answer.
pub fn read_page(body: &[u8], asked: &Url) -> Result<Page, Fault> {
    wire::page(body, asked)
}

/// Reads an answer of the show route as [`Client::import`] does; for answers that did not come over HTTP.
///
/// # Errors
/// [`Fault::NotTheApi`] where it is no such answer.
pub fn read_import(body: &[u8], id: &ImportId, asked: &Url) -> Result<Import, Fault> {
    wire::import(body, id, asked).map(|(import, _)| import)
}

/// Reads an answer of the logins route as [`Client::logins`] does, one page; for answers that did not come over HTTP.
///
/// # Errors
/// [`Fault::NotTheApi`] where it is no such answer.
pub fn read_logins(body: &[u8], asked: &Url) -> Result<Logins, Fault> {
    wire::logins(body, asked).map(|(logins, ..)| logins)
}

/// What headers say of when to ask again, as every answer is read: how long to wait (at most a day), and the requests
/// left in this minute. `now` is for dates where the server does not tell its own.
pub fn read_headers(headers: &HeaderMap, now: Timestamp) -> (Option<Duration>, Option<u32>) {
    (faults::wait(headers, now), budget(headers))
}

/// `X-Ratelimit-Remaining`.
fn budget(headers: &HeaderMap) -> Option<u32> {
    headers.get("x-ratelimit-remaining")?.to_str().ok()?.trim().parse().ok()
}

/// Reads a body up to a limit, and tells whether that was all of it.
async fn body_of(response: &mut Response, limit: usize) -> Result<(Vec<u8>, bool), reqwest::Error> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        let room = limit.saturating_sub(body.len());
        body.extend_from_slice(piece.get(..room).unwrap_or(&piece));
        if piece.len() > room {
            return Ok((body, false));
        }
    }
    Ok((body, true))
}

/// Reads a large body on another thread, a small one at once.
async fn read<T, F>(body: Vec<u8>, reader: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: FnOnce(&[u8]) -> Result<T, Fault> + Send + 'static,
{
    if body.len() < LARGE {
        return reader(&body);
    }
    let read = tokio::task::spawn_blocking(move || reader(&body)).await;
    read.unwrap_or_else(|_| Err(Fault::Damaged(SafeText::new("it cannot be read"))))
}
