//! Downloads the error report, with retries and resumption.
//!
//! ```text
//!   link --> attempt: redirects (hop: which hosts, with the token or without) --> bytes --> Sink
//!             ^      |                                                             |
//!             |      +-- 401, 403, 404, 410: fetch the import again for a new link |
//!             +----------- interrupted: wait, then resume, else start over --------+
//! ```

mod disposition;
mod hop;
mod resume;

pub use self::disposition::suggested_name;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, IF_RANGE, LOCATION, RANGE,
};
use tokio::time::MissedTickBehavior;
use url::Url;

use self::resume::{PartialDownload, ResponseKind};
use super::budget::Priority;
use super::connections::HttpClient;
use super::faults::{self, ErrorResponse};
use super::{Client, error_body};
use crate::domain::backoff::RetryBudget;
use crate::domain::fault::Fault;
use crate::domain::import::{ImportId, Link, LinkError};
use crate::domain::text::SafeText;
use crate::domain::transfer::{DownloadFault, Sink, Transfer, Waiting};

/// Redirects followed in one attempt.
const MAX_REDIRECTS: usize = 5;
/// How often progress is reported.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);
/// Replaces the client's total timeout: a report may take long.
const NO_TIMEOUT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Limits on a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes, after decompression.
    pub size: u64,
    /// Total time spent waiting between attempts.
    pub retry_for: Duration,
}

impl Bounds {
    /// For a file: 2 GiB.
    pub const FILE: Self = Self { size: 2 << 30, retry_for: RetryBudget::DEFAULT };
    /// For memory: 64 MiB.
    pub const MEMORY: Self = Self { size: 64 << 20, ..Self::FILE };
}

/// A finished download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Bytes.
    pub size: u64,
    /// The name in `Content-Disposition`; untrusted.
    pub suggested_name: Option<String>,
    /// `Content-Type`; untrusted.
    pub media_type: Option<String>,
}

impl Client {
    /// Downloads the file that a link leads to.
    ///
    /// The token is only sent to the configured server. After an interruption the download resumes if the server
    /// supports that, else it starts over. An expired link is replaced by a new one from the import `of`, if given.
    /// `on_progress` is called at the beginning, ten times a second, and before every wait.
    ///
    /// Dropping the future cancels the download.
    ///
    /// # Errors
    /// Why it failed; the contents of `sink` are useless then.
    pub async fn download<S: Sink>(
        &self,
        link: &Link,
        of: Option<&ImportId>,
        sink: &mut S,
        bounds: Bounds,
        on_progress: impl FnMut(Transfer) + Send,
    ) -> Result<Received, DownloadFault> {
        let mut retries = RetryBudget::new(bounds.retry_for);
        let mut download =
            Download { client: self, sink, bounds, on_progress, partial: PartialDownload::default() };
        let mut link = Some(link.clone());
        let mut renewed = false;
        loop {
            let error = match download.attempt(link.as_ref(), of).await {
                Ok(received) => return Ok(received),
                Err(error) => error,
            };
            if download.partial.progressed() {
                retries.progressed();
                renewed = false;
            }
            let fault = match error {
                // As often as a link expires during the download, but never twice without a byte in between.
                AttemptError::LinkExpired(_) if of.is_some() && !renewed => {
                    renewed = true;
                    link = None;
                    continue;
                }
                AttemptError::StartOver => continue,
                AttemptError::LinkExpired(fault) | AttemptError::Fatal(fault) => return Err(fault),
                AttemptError::Retryable(fault) => fault,
            };
            let Some(wait) = retries.after(&fault, fastrand::f64()) else { return Err(fault.into()) };
            let attempt = retries.attempts();
            tracing::info!(%fault, ?wait, attempt, "retrying the download");
            (download.on_progress)(Transfer {
                waiting: Some(Waiting { fault, wait, attempt }),
                ..download.partial.transfer()
            });
            tokio::time::sleep(wait).await;
        }
    }

    /// The current link of an import's report.
    async fn current_link(&self, of: &ImportId) -> Result<Link, AttemptError> {
        let (import, _) = self.import(of).await.map_err(AttemptError::Retryable)?;
        match import.report() {
            Some(report) => report.link.clone(),
            None => Err(LinkError::Missing),
        }
        .map_err(|refusal| AttemptError::Fatal(DownloadFault::Link(refusal)))
    }
}

/// Why an attempt ended without the whole file.
enum AttemptError {
    /// A retry may help.
    Retryable(Fault),
    /// A new link may help. Carries the fault to report if there is none.
    LinkExpired(DownloadFault),
    /// The partial download is useless: start over immediately.
    StartOver,
    Fatal(DownloadFault),
}

struct Download<'a, S, T> {
    client: &'a Client,
    sink: &'a mut S,
    bounds: Bounds,
    on_progress: T,
    partial: PartialDownload,
}

impl<S: Sink, T: FnMut(Transfer) + Send> Download<'_, S, T> {
    /// One attempt: from the link over its redirects to the end of the file. Requests a new link if there is none.
    async fn attempt(
        &mut self,
        link: Option<&Link>,
        of: Option<&ImportId>,
    ) -> Result<Received, AttemptError> {
        let link = match (link, of) {
            (Some(link), _) => link.clone(),
            (None, Some(of)) => self.client.current_link(of).await?,
            (None, None) => return Err(AttemptError::Fatal(DownloadFault::Link(LinkError::Missing))),
        };
        self.partial.begin_attempt();
        let (mut response, url) = self.open(&link).await?;
        self.receive(&mut response, &url).await?;
        let received = Received {
            size: self.partial.received(),
            suggested_name: text(response.headers(), &CONTENT_DISPOSITION)
                .and_then(|header| suggested_name(&header)),
            media_type: text(response.headers(), &CONTENT_TYPE),
        };
        (self.on_progress)(self.partial.transfer());
        Ok(received)
    }

    /// Follows the link to a response that has the file, or the rest of it.
    async fn open(&mut self, link: &Link) -> Result<(Response, Url), AttemptError> {
        let base = &self.client.base;
        let not_followed = |why: SafeText| AttemptError::Fatal(DownloadFault::NotFollowed(why));
        let mut url = Url::parse(link.as_str())
            .map_err(|_| AttemptError::Fatal(DownloadFault::Link(LinkError::Malformed)))?;
        url = hop::checked(base, url).map_err(not_followed)?;
        // Once redirected away, always without the token: another server must not choose what is requested with it.
        let mut trusted = base.owns(&url);
        for _ in 0..=MAX_REDIRECTS {
            let response = self.request(&url, trusted).await.map_err(AttemptError::Retryable)?;
            let status = response.status().as_u16();
            let host = url.host_str().unwrap_or_default();
            tracing::debug!(host, status, trusted, from = self.partial.received(), "download");
            let location = text(response.headers(), &LOCATION);
            match (status, location) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => {
                    url = hop::redirect(base, &url, &location).map_err(not_followed)?;
                    trusted = trusted && base.owns(&url);
                }
                (200 | 206 | 416, _) => {
                    self.accept(status, response.headers()).await?;
                    return Ok((response, url));
                }
                _ => return Err(self.rejected(response, &url, trusted).await),
            }
        }
        Err(not_followed(SafeText::new(&format!("more than {MAX_REDIRECTS} redirects"))))
    }

    /// One request. Only the configured server gets the token.
    async fn request(&self, url: &Url, trusted: bool) -> Result<Response, Fault> {
        let client = self.client;
        if trusted {
            client.rate_limiter.acquire(Priority::Interactive).await?;
        }
        let (http, mut headers) = if trusted {
            let mut headers = client.headers();
            // JSON first, so that an error comes as JSON.
            headers.insert(ACCEPT, HeaderValue::from_static("application/json, */*"));
            (client.http.clone(), headers)
        } else {
            let any = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("*/*"))]);
            (foreign_client(client, url).await?, any)
        };
        // A part of a compressed file is useless.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some((range, unchanged)) = self.partial.rest() {
            headers.extend([(RANGE, range), (IF_RANGE, unchanged)]);
        }
        http.get(url, headers, Some(NO_TIMEOUT)).await
    }

    /// Checks a response's headers before its body is read.
    async fn accept(&mut self, status: u16, headers: &HeaderMap) -> Result<(), AttemptError> {
        let refuse = |what: &str| Err(AttemptError::Fatal(Fault::NotTheApi(what.into()).into()));
        let has_partial = self.partial.received() > 0;
        match self.partial.response_kind(status, headers) {
            ResponseKind::Rest => {}
            ResponseKind::Whole => {
                let is = |name, prefix: &str| {
                    text(headers, name).is_some_and(|kind| kind.to_ascii_lowercase().starts_with(prefix))
                };
                // Laravel sends a streamed report as `text/html` with an attachment: its content decides.
                if is(&CONTENT_TYPE, "text/html") && !is(&CONTENT_DISPOSITION, "attachment") {
                    return refuse("a web page");
                }
                // gzip has been decoded and removed from the headers by now.
                if headers.contains_key(CONTENT_ENCODING) {
                    return refuse("an encoding that was not requested");
                }
                if has_partial {
                    self.sink.restart().await.map_err(local)?;
                }
            }
            ResponseKind::Useless if has_partial => {
                self.partial = PartialDownload::default();
                self.sink.restart().await.map_err(local)?;
                return Err(AttemptError::StartOver);
            }
            ResponseKind::Useless => return refuse("a part of a file that was not requested"),
        }
        if self.partial.total().is_some_and(|total| total > self.bounds.size) {
            return Err(self.too_large());
        }
        Ok(())
    }

    /// Reads the body to its end.
    async fn receive(&mut self, response: &mut Response, url: &Url) -> Result<(), AttemptError> {
        let failed = |error: reqwest::Error| match faults::from_transport(&error, url, None) {
            fault @ Fault::Damaged(_) => AttemptError::Fatal(fault.into()),
            fault => AttemptError::Retryable(fault),
        };
        let mut ticks = tokio::time::interval(PROGRESS_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        (self.on_progress)(self.partial.transfer());
        ticks.reset();
        loop {
            let piece = tokio::select! {
                biased;
                _ = ticks.tick() => {
                    (self.on_progress)(self.partial.transfer());
                    continue;
                }
                piece = response.chunk() => piece.map_err(failed)?,
            };
            let Some(piece) = piece else { break };
            self.partial.add(piece.len());
            if self.partial.received() > self.bounds.size {
                return Err(self.too_large());
            }
            self.sink.write(&piece).await.map_err(local)?;
        }
        match self.partial.total() {
            Some(total) if total != self.partial.received() => {
                Err(AttemptError::Retryable(Fault::ConnectionClosed))
            }
            _ => Ok(()),
        }
    }

    /// The error of a response that is no file.
    async fn rejected(&self, mut response: Response, url: &Url, trusted: bool) -> AttemptError {
        let status = response.status().as_u16();
        let body = error_body(&mut response).await;
        let error = ErrorResponse {
            status,
            headers: response.headers(),
            body: &body,
            requested: url,
            now: Timestamp::now(),
        };
        let fault = error.fault(&self.client.token(), self.client.redaction);
        if trusted {
            self.client.rate_limiter.rejected(&fault);
        }
        match status {
            // On the configured server the token may be what is rejected.
            401 | 403 if trusted => AttemptError::LinkExpired(fault.into()),
            401 | 403 | 404 | 410 => {
                let host = SafeText::new(url.host_str().unwrap_or_default());
                AttemptError::LinkExpired(DownloadFault::Gone { host, status })
            }
            _ if matches!(fault, Fault::NotTheApi(_)) => AttemptError::Fatal(fault.into()),
            _ => AttemptError::Retryable(fault),
        }
    }

    fn too_large(&self) -> AttemptError {
        AttemptError::Fatal(DownloadFault::TooLarge(self.bounds.size))
    }
}

fn local(why: String) -> AttemptError {
    AttemptError::Fatal(DownloadFault::Local(why))
}

/// A client for another server than the configured one.
async fn foreign_client(client: &Client, url: &Url) -> Result<HttpClient, Fault> {
    let (url, network) = (url.clone(), client.network.clone());
    // Reading the system's certificates is slow.
    let built = tokio::task::spawn_blocking(move || HttpClient::new(&url, &network)).await;
    built.unwrap_or_else(|_| Err(Fault::Unreachable("the connection could not be set up".into())))
}

/// UTF-8, which servers send in practice, else Latin-1.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let bytes = headers.get(name)?.as_bytes();
    Some(match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    })
}
