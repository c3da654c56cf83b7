//! Fetching the error report, over as many tries as it takes.
//!
//! ```text
//!   link --> try: hop, hop (hop: who may be asked, and with the token or without) --> bytes --> Sink
//!             ^      |                                                                 |
//!             |      +-- 401, 403, 404, 410: ask for the import again, for a fresh link |
//!             +----------- broke off: wait; ask for the rest (resume), else start over -+
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

use self::resume::{Answered, PartialDownload};
use super::budget::Kind;
use super::connections::HttpClient;
use super::faults::{self, Refusal};
use super::{Client, MAX_REFUSAL, body_of};
use crate::domain::backoff::Patience;
use crate::domain::fault::Fault;
use crate::domain::import::{ImportId, Link, LinkRefusal};
use crate::domain::text::SafeText;
use crate::domain::transfer::{DownloadFault, Sink, Transfer, Waiting};

/// How many redirects of one try are followed.
const MAX_REDIRECTS: usize = 5;
/// How often progress is told.
const TOLD_EVERY: Duration = Duration::from_millis(100);
/// In place of the limit on the whole of an answer: a report takes as long as it takes.
const ENDLESS: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How much a download may take of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The largest file, in bytes, after decompression.
    pub size: u64,
    /// How long is waited between tries, in all.
    pub retry_for: Duration,
}

impl Bounds {
    /// For a file: 2 GiB.
    pub const FILE: Self = Self { size: 2 << 30, retry_for: Patience::USUAL };
    /// For memory: 64 MiB.
    pub const MEMORY: Self = Self { size: 64 << 20, ..Self::FILE };
}

/// What has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Bytes.
    pub size: u64,
    /// The name in `Content-Disposition`: not to be trusted.
    pub suggested_name: Option<String>,
    /// `Content-Type` as it came: not to be trusted.
    pub media_type: Option<String>,
}

impl Client {
    /// Downloads what a link leads to.
    ///
    /// The token goes to the configured server only. A connection that drops is taken up where it broke off, if the
    /// server can do that, else the download starts over. A link that no longer works is replaced by a fresh one from
    /// the import `of` which the report is, where that is given. `told` hears how far it is at the beginning, 10
    /// times a second, and before every wait.
    ///
    /// Dropping the future ends the download.
    ///
    /// # Errors
    /// Why it did not arrive; what `sink` holds by then is worth nothing.
    pub async fn download<S: Sink>(
        &self,
        link: &Link,
        of: Option<&ImportId>,
        sink: &mut S,
        bounds: Bounds,
        told: impl FnMut(Transfer) + Send,
    ) -> Result<Received, DownloadFault> {
        let mut patience = Patience::new(bounds.retry_for);
        let mut download = Download { client: self, sink, bounds, told, held: PartialDownload::default() };
        let mut link = Some(link.clone());
        let mut renewed = false;
        loop {
            let stop = match download.attempt(link.as_ref(), of).await {
                Ok(received) => return Ok(received),
                Err(stop) => stop,
            };
            if download.held.progressed() {
                patience.progressed();
                renewed = false;
            }
            let fault = match stop {
                // As often as a link ran out in the middle, but never twice without a byte between.
                Stop::Gone(_) if of.is_some() && !renewed => {
                    renewed = true;
                    link = None;
                    continue;
                }
                Stop::Over => continue,
                Stop::Gone(fault) | Stop::Final(fault) => return Err(fault),
                Stop::Broken(fault) => fault,
            };
            let Some(wait) = patience.after(&fault, fastrand::f64()) else { return Err(fault.into()) };
            let attempt = patience.attempts();
            tracing::info!(%fault, ?wait, attempt, "the download is tried again");
            (download.told)(Transfer {
                waiting: Some(Waiting { fault, wait, attempt }),
                ..download.held.transfer()
            });
            tokio::time::sleep(wait).await;
        }
    }

    /// The link of an import's report as it is now.
    async fn fresh_link(&self, of: &ImportId) -> Result<Link, Stop> {
        let (import, _) = self.import(of).await.map_err(Stop::Broken)?;
        match import.report() {
            Some(report) => report.link.clone(),
            None => Err(LinkRefusal::Missing),
        }
        .map_err(|refusal| Stop::Final(DownloadFault::Link(refusal)))
    }
}

/// Why a try ended without the whole file.
enum Stop {
    /// Trying again later may help.
    Broken(Fault),
    /// The link no longer works; a fresh one may. Tells what to say where there is none.
    Gone(DownloadFault),
    /// What was held is of no use: start over at once.
    Over,
    /// Nothing helps.
    Final(DownloadFault),
}

struct Download<'a, S, T> {
    client: &'a Client,
    sink: &'a mut S,
    bounds: Bounds,
    told: T,
    held: PartialDownload,
}

impl<S: Sink, T: FnMut(Transfer) + Send> Download<'_, S, T> {
    /// One try: from the link, over its redirects, to the end of the file. Without a link a fresh one is asked for.
    async fn attempt(&mut self, link: Option<&Link>, of: Option<&ImportId>) -> Result<Received, Stop> {
        let link = match (link, of) {
            (Some(link), _) => link.clone(),
            (None, Some(of)) => self.client.fresh_link(of).await?,
            (None, None) => return Err(Stop::Final(DownloadFault::Link(LinkRefusal::Missing))),
        };
        self.held.try_again();
        let (mut response, url) = self.open(&link).await?;
        self.take(&mut response, &url).await?;
        let received = Received {
            size: self.held.received(),
            suggested_name: text(response.headers(), &CONTENT_DISPOSITION)
                .and_then(|header| suggested_name(&header)),
            media_type: text(response.headers(), &CONTENT_TYPE),
        };
        (self.told)(self.held.transfer());
        Ok(received)
    }

    /// Follows the link to an answer that has the file, or the rest of it.
    async fn open(&mut self, link: &Link) -> Result<(Response, Url), Stop> {
        let base = &self.client.base;
        let astray = |why: SafeText| Stop::Final(DownloadFault::Astray(why));
        let mut url = Url::parse(link.as_str())
            .map_err(|_| Stop::Final(DownloadFault::Link(LinkRefusal::Malformed)))?;
        url = hop::admitted(base, url).map_err(astray)?;
        // Who was sent away stays a stranger: another server must not choose what is asked with the token.
        let mut at_home = base.owns(&url);
        for _ in 0..=MAX_REDIRECTS {
            let response = self.ask(&url, at_home).await.map_err(Stop::Broken)?;
            let status = response.status().as_u16();
            let host = url.host_str().unwrap_or_default();
            tracing::debug!(host, status, at_home, from = self.held.received(), "download");
            let location = text(response.headers(), &LOCATION);
            match (status, location) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => {
                    url = hop::onward(base, &url, &location).map_err(astray)?;
                    at_home = at_home && base.owns(&url);
                }
                (200 | 206 | 416, _) => {
                    self.accept(status, response.headers()).await?;
                    return Ok((response, url));
                }
                _ => return Err(self.refused(response, &url, at_home).await),
            }
        }
        Err(astray(SafeText::new(&format!("it is redirected more than {MAX_REDIRECTS} times"))))
    }

    /// One request. Only the configured server is told who asks.
    async fn ask(&self, url: &Url, at_home: bool) -> Result<Response, Fault> {
        let client = self.client;
        if at_home {
            client.rate_limiter.take(Kind::ByHand).await?;
        }
        let (http, mut headers) = if at_home {
            let mut headers = client.headers();
            // JSON first: a refusal should say why in JSON.
            headers.insert(ACCEPT, HeaderValue::from_static("application/json, */*"));
            (client.http.clone(), headers)
        } else {
            let any = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("*/*"))]);
            (stranger(client, url).await?, any)
        };
        // A part of a compressed file is of no use.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some((range, unchanged)) = self.held.rest() {
            headers.extend([(RANGE, range), (IF_RANGE, unchanged)]);
        }
        http.get(url, headers, Some(ENDLESS)).await
    }

    /// Looks at an answer's headers before its body is read.
    async fn accept(&mut self, status: u16, headers: &HeaderMap) -> Result<(), Stop> {
        let refuse = |what: &str| Err(Stop::Final(Fault::NotTheApi(what.into()).into()));
        let held_something = self.held.received() > 0;
        match self.held.answered(status, headers) {
            Answered::Rest => {}
            Answered::Whole => {
                let is = |name, word: &str| {
                    text(headers, name).is_some_and(|kind| kind.to_ascii_lowercase().starts_with(word))
                };
                // Laravel sends a streamed report as a web page that is an attachment: its bytes tell.
                if is(&CONTENT_TYPE, "text/html") && !is(&CONTENT_DISPOSITION, "attachment") {
                    return refuse("it is a web page");
                }
                // gzip is undone and taken out of the headers by then.
                if headers.contains_key(CONTENT_ENCODING) {
                    return refuse("it is encoded in a way that was not asked for");
                }
                if held_something {
                    self.sink.restart().await.map_err(local)?;
                }
            }
            Answered::Useless if held_something => {
                self.held = PartialDownload::default();
                self.sink.restart().await.map_err(local)?;
                return Err(Stop::Over);
            }
            Answered::Useless => return refuse("a part of a file that was not asked for"),
        }
        if self.held.total().is_some_and(|total| total > self.bounds.size) {
            return Err(self.too_large());
        }
        Ok(())
    }

    /// Reads the body to its end.
    async fn take(&mut self, response: &mut Response, url: &Url) -> Result<(), Stop> {
        let broke_off = |error: reqwest::Error| match faults::broken(&error, url, None) {
            fault @ Fault::Damaged(_) => Stop::Final(fault.into()),
            fault => Stop::Broken(fault),
        };
        let mut ticks = tokio::time::interval(TOLD_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        (self.told)(self.held.transfer());
        ticks.reset();
        loop {
            let piece = tokio::select! {
                biased;
                _ = ticks.tick() => {
                    (self.told)(self.held.transfer());
                    continue;
                }
                piece = response.chunk() => piece.map_err(broke_off)?,
            };
            let Some(piece) = piece else { break };
            self.held.add(piece.len());
            if self.held.received() > self.bounds.size {
                return Err(self.too_large());
            }
            self.sink.write(&piece).await.map_err(local)?;
        }
        match self.held.total() {
            Some(total) if total != self.held.received() => Err(Stop::Broken(Fault::ConnectionClosed)),
            _ => Ok(()),
        }
    }

    /// An answer that is no file.
    async fn refused(&self, mut response: Response, url: &Url, at_home: bool) -> Stop {
        let status = response.status().as_u16();
        let (body, _) = body_of(&mut response, MAX_REFUSAL).await.unwrap_or_default();
        let refusal =
            Refusal { status, headers: response.headers(), body: &body, asked: url, now: Timestamp::now() };
        let fault = refusal.fault(&self.client.token()).redacted(self.client.redaction);
        if at_home {
            self.client.rate_limiter.refused(&fault);
        }
        match status {
            // From the configured server it may be the token that is refused.
            401 | 403 if at_home => Stop::Gone(fault.into()),
            401 | 403 | 404 | 410 => {
                let host = SafeText::new(url.host_str().unwrap_or_default());
                Stop::Gone(DownloadFault::Gone { host, status })
            }
            _ if matches!(fault, Fault::NotTheApi(_)) => Stop::Final(fault.into()),
            _ => Stop::Broken(fault),
        }
    }

    fn too_large(&self) -> Stop {
        Stop::Final(DownloadFault::TooLarge(self.bounds.size))
    }
}

fn local(why: String) -> Stop {
    Stop::Final(DownloadFault::Local(why))
}

/// Connections to a server that is not the configured one.
async fn stranger(client: &Client, url: &Url) -> Result<HttpClient, Fault> {
    let (url, network) = (url.clone(), client.network.clone());
    // Reading the system's certificates takes a while.
    let built = tokio::task::spawn_blocking(move || HttpClient::to(&url, &network)).await;
    built.unwrap_or_else(|_| Err(Fault::Unreachable("the connection could not be prepared".into())))
}

/// A header as text: UTF-8, as servers really send it, else Latin-1.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let bytes = headers.get(name)?.as_bytes();
    Some(match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    })
}
