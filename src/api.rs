//! Plannr's API over HTTP: read-only, one connection pool, bounded in time and size.
//!
//! ```text
//!   ListRequest ----> list_query ----> Client::get ----> wire ----> Page, Import, Logins
//!             (parameters)     base_url, token   (lenient)
//!                              rate_limiter: one budget for all requests
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
mod request_counts;
mod token;
pub mod wire;

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::sync::watch;
use url::Url;

pub use self::base_url::{BaseUrl, InvalidBaseUrl};
pub use self::connections::{InvalidRoots, Network, Proxies, Roots, Timeouts};
pub use self::download::{Bounds, Received, suggested_name};
pub use self::list_query::{ListQuery, Sort, SortBy};
pub use self::request_counts::RequestCounts;
pub use self::token::{InvalidToken, Token};

use self::budget::Priority;
use self::connections::HttpClient;
use self::faults::ErrorResponse;
use self::rate_limiter::RateLimiter;
use self::wire::PageReader;
use crate::domain::account::{AccountId, Logins};
use crate::domain::fault::Fault;
use crate::domain::import::{Import, ImportId};
use crate::domain::page::{ListRequest, Page, Samples, UnexpectedData};
use crate::domain::redact::Redaction;

/// The largest response, in bytes after decompression. A full page of 500 imports, each with 25 wide rows, has about
/// 20 MiB.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// Bytes of an error response that are read for its message.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// At least this many bytes are read on another thread, so that nothing waits for them. Pages arrive in smaller portions,
/// which take a millisecond each.
const LARGE: usize = 512 * 1024;

const MAX_LOGIN_PAGES: usize = 20;

/// A client of one server with one token. Cheap to clone; clones share connections, token and rate limiter: if the server
/// asks for a pause, all of them wait, and what the user waits for goes first.
///
/// It only sends `GET`, and never sends the token to another server. Only downloads follow redirects.
#[derive(Clone)]
pub struct Client {
    http: HttpClient,
    base: BaseUrl,
    token: Arc<watch::Sender<Token>>,
    account: Option<AccountId>,
    network: Network,
    rate_limiter: RateLimiter,
    requests: Arc<RequestCounts>,
    redaction: Redaction,
}

/// A successful response, of which the body has not been read.
struct ApiResponse<'a> {
    client: &'a HttpClient,
    url: &'a Url,
    response: Response,
    budget: Option<u32>,
    server_time: Option<Timestamp>,
    /// Bytes of the body that may still be read.
    left: usize,
}

impl Client {
    /// A client with the system's certificates and proxy and the default timeouts.
    ///
    /// # Errors
    /// [`Fault::Tls`] if the system has no trusted certificates.
    pub fn new(base: BaseUrl, token: Token) -> Result<Self, Fault> {
        Self::with_network(base, token, Network::default())
    }

    /// # Errors
    /// As [`Client::new`]; [`Fault::Proxy`] if the given proxy is invalid.
    pub fn with_network(base: BaseUrl, token: Token, network: Network) -> Result<Self, Fault> {
        let http = HttpClient::new(base.as_url(), &network)?;
        let token = Arc::new(watch::Sender::new(token));
        Ok(Self {
            http,
            base,
            token,
            account: None,
            network,
            rate_limiter: RateLimiter::default(),
            requests: Arc::default(),
            redaction: Redaction::default(),
        })
    }

    /// For a command that ends after a few requests: does not space them out when few are left, and only waits when the
    /// server rejects one. Applies to its clones too.
    #[must_use]
    pub fn without_spacing(self) -> Self {
        self.rate_limiter.disable_spacing();
        self
    }

    /// Also redacts the server's error messages.
    #[must_use]
    pub fn redacted(self, redaction: Redaction) -> Self {
        Self { redaction, ..self }
    }

    pub fn with_account(&self, account: AccountId) -> Self {
        Self { account: Some(account), ..self.clone() }
    }

    /// Replaces the token for all clones; returns whether it differs from the previous one.
    pub fn replace_token(&self, token: Token) -> bool {
        self.token.send_if_modified(|current| {
            let differs = *current != token;
            *current = token;
            differs
        })
    }

    pub fn token(&self) -> Token {
        self.token.borrow().clone()
    }

    /// The account that it acts for; only logins can be requested without one.
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// The requests of all clones since the start, downloads left out.
    pub fn requests(&self) -> &Arc<RequestCounts> {
        &self.requests
    }

    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// One page of the import list.
    ///
    /// # Errors
    /// Why the request failed.
    pub async fn list(&self, request: &ListRequest) -> Result<Page, Fault> {
        match request {
            // An empty filter would mean all imports.
            ListRequest::These(ids) if ids.is_empty() => Ok(Page::default()),
            ListRequest::Next { cursor, samples } => {
                self.page_at(cursor.0.clone(), Priority::Page, *samples).await
            }
            ListRequest::Newest { .. } | ListRequest::These(_) => {
                let query = ListQuery::of(request).unwrap_or_default();
                self.page_at(self.list_url(&query), Priority::Poll, request.samples()).await
            }
        }
    }

    /// One page of the import list by any parameters of the API.
    ///
    /// # Errors
    /// Why the request failed.
    pub async fn list_by(&self, query: &ListQuery) -> Result<Page, Fault> {
        self.page_at(self.list_url(query), Priority::Poll, Samples::All).await
    }

    fn list_url(&self, query: &ListQuery) -> Url {
        self.base.route("api/v1/import", query.pairs())
    }

    /// One import with everything that only the show route sends, and its deviations from the documented format.
    ///
    /// # Errors
    /// Why the request failed; [`Fault::NotFound`] if the account sees no such import.
    pub async fn import(&self, id: &ImportId) -> Result<(Import, Vec<UnexpectedData>), Fault> {
        let include = [("include", "initiatedBy".to_owned())];
        let url = self.base.route(&format!("api/v1/import/{id}"), include);
        let body = self.get(&url, Priority::Interactive).await?.body().await?;
        let id = id.clone();
        aside(body.len(), move || wire::import(&body, &id, &url)).await?
    }

    /// The accounts that the token can act for.
    ///
    /// # Errors
    /// Why the request failed.
    pub async fn logins(&self) -> Result<Logins, Fault> {
        let mut url = self.base.route("api/v1/logins", []);
        let mut all = Logins::default();
        for _ in 0..MAX_LOGIN_PAGES {
            let body = self.get(&url, Priority::Interactive).await?.body().await?;
            let (logins, next, unexpected) = wire::logins(&body, &url)?;
            tracing::debug!(?unexpected, "logins");
            all.accounts.extend(logins.accounts);
            if all.preferred.is_empty() {
                all.preferred = logins.preferred;
            }
            match next {
                Some(next) => url = next.0,
                None => break,
            }
        }
        Ok(all)
    }

    async fn page_at(&self, url: Url, priority: Priority, samples: Samples) -> Result<Page, Fault> {
        let mut response = self.get(&url, priority).await?;
        let mut reader = PageReader::new(url.clone(), samples);
        while let Some(piece) = response.piece().await? {
            reader.push(&piece);
            if reader.is_worth_reading() {
                reader = aside(reader.unread(), move || {
                    reader.read();
                    reader
                })
                .await?;
                // What has been decompressed may be many portions, and other requests share the thread.
                tokio::task::yield_now().await;
            }
        }
        let page = aside(reader.unread(), move || reader.finish()).await??;
        Ok(Page { budget: response.budget, server_time: response.server_time, ..page })
    }

    /// Besides downloads, the only place where the token is sent.
    async fn get<'a>(&'a self, url: &'a Url, priority: Priority) -> Result<ApiResponse<'a>, Fault> {
        if !self.base.owns(url) {
            return Err(Fault::NotTheApi("the link leads to another server".into()));
        }
        self.rate_limiter.acquire(priority).await?;
        let response = self.http.get(url, self.headers(), None).await;
        self.requests.count(response.as_ref().ok().map(|response| response.status().as_u16()));
        let mut response = response?;
        let status = response.status().as_u16();
        let budget = budget(response.headers());
        let server_time = faults::server_time(response.headers());
        self.rate_limiter.responded(budget);
        tracing::debug!(path = url.path(), status, budget, "response");
        if response.status().is_success() {
            return Ok(ApiResponse {
                client: &self.http,
                url,
                response,
                budget,
                server_time,
                left: MAX_BODY,
            });
        }
        let body = error_body(&mut response).await;
        let error = ErrorResponse {
            status,
            headers: response.headers(),
            body: &body,
            requested: url,
            now: Timestamp::now(),
        };
        let fault = error.fault(&self.token(), self.redaction);
        self.rate_limiter.rejected(&fault);
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

impl ApiResponse<'_> {
    /// The next part of the body; `None` at its end.
    async fn piece(&mut self) -> Result<Option<impl Deref<Target = [u8]>>, Fault> {
        let piece = self.response.chunk().await.map_err(|e| self.client.fault(&e, self.url))?;
        let length = piece.as_ref().map_or(0, |piece| piece.len());
        self.left =
            self.left.checked_sub(length).ok_or_else(|| Fault::Damaged("larger than 64 MiB".into()))?;
        Ok(piece)
    }

    async fn body(mut self) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            body.extend_from_slice(&piece);
        }
        Ok(body)
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

/// From a response's headers: how long to wait before a retry (at most a day), and the requests left in this minute. `now`
/// is used if the server sends no date of its own.
pub fn read_headers(headers: &HeaderMap, now: Timestamp) -> (Option<Duration>, Option<u32>) {
    (faults::wait(headers, now), budget(headers))
}

/// `X-Ratelimit-Remaining`.
fn budget(headers: &HeaderMap) -> Option<u32> {
    headers.get("x-ratelimit-remaining")?.to_str().ok()?.trim().parse().ok()
}

/// The beginning of an error's body. If it does not arrive, the status is enough.
async fn error_body(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        let room = MAX_ERROR_BODY.saturating_sub(body.len());
        body.extend_from_slice(piece.get(..room).unwrap_or(&piece));
        if piece.len() > room {
            break;
        }
    }
    body
}

/// Reads here if it is little, else on another thread.
async fn aside<T: Send + 'static>(
    bytes: usize,
    read: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    if bytes < LARGE {
        return Ok(read());
    }
    tokio::task::spawn_blocking(read).await.map_err(|_| Fault::Damaged("unreadable".into()))
}
