//! Serves the metrics to Prometheus, on this computer only.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HOST};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use url::{Host, Url};

use crate::api::RequestCounts;
use crate::config::reason;
use crate::domain::Now;
use crate::domain::snapshot::Snapshot;
use crate::events::metrics;
use crate::exit::{Exit, Failure};
use crate::output::stdout::eprint;

/// Connections at once.
const AT_ONCE: usize = 4;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(5);
const A_MOMENT: Duration = Duration::from_secs(1);

/// # Errors
/// The address cannot be used: another program has it.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    let failed = |error: std::io::Error| Failure {
        message: format!("cannot serve metrics at {address}: {}", reason(&error)),
        exit: Exit::Unexpected,
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    eprint(&format!("metrics at http://{address}/metrics"));
    Ok(listener)
}

/// Answers `GET /metrics` from the latest snapshot, until the program ends. Whoever asks slowly, or too often at once, holds
/// up nobody but others who ask.
pub(super) async fn serve(
    listener: TcpListener,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    requests: Vec<Arc<RequestCounts>>,
    clock: impl Fn() -> Now + Clone + Send + Sync + 'static,
) {
    let text = move || {
        let snapshot = Arc::clone(&snapshots.borrow());
        metrics::text(&snapshot, RequestCounts::totals(&requests), clock())
    };
    let service = service_fn(move |request| std::future::ready(answer(&request, &text)));
    let connections = Arc::new(Semaphore::new(AT_ONCE));
    while let Ok(permit) = Arc::clone(&connections).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, perhaps.
            tokio::time::sleep(A_MOMENT).await;
            continue;
        };
        let mut http = http1::Builder::new();
        let connection = http.keep_alive(false).serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(async move {
            let _permit = permit;
            let _ = tokio::time::timeout(PATIENCE, connection).await;
        });
    }
}

fn answer(
    request: &Request<Incoming>,
    text: impl FnOnce() -> String,
) -> Result<Response<String>, hyper::http::Error> {
    let (status, answer) = match (request.method(), request.uri().path()) {
        _ if !is_of_this_computer(request.headers()) => {
            (StatusCode::FORBIDDEN, "only for this computer\n".to_owned())
        }
        (&Method::GET | &Method::HEAD, "/metrics") => (StatusCode::OK, text()),
        (_, "/metrics") => (StatusCode::METHOD_NOT_ALLOWED, String::new()),
        _ => (StatusCode::NOT_FOUND, String::new()),
    };
    let answered = Response::builder().status(status).header(ALLOW, "GET, HEAD");
    answered.header(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8").body(answer)
}

/// Whether a request names this computer: a web page elsewhere can make a browser ask, under another name.
fn is_of_this_computer(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST) else { return true };
    let url = host.to_str().ok().and_then(|host| Url::parse(&format!("http://{host}")).ok());
    match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
