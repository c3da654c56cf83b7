//! Serves the metrics to Prometheus, on this computer only.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::api::RequestCounts;
use crate::config::reason;
use crate::domain::Now;
use crate::domain::snapshot::Snapshot;
use crate::events::metrics;
use crate::exit::{Exit, Failure};
use crate::output::stdout::eprint;

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

/// Answers `GET /metrics` from the latest snapshot, until the program ends.
pub(super) async fn serve(
    listener: TcpListener,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    requests: Vec<Arc<RequestCounts>>,
    clock: impl Fn() -> Now + Clone + Send + Sync + 'static,
) {
    let answer = async move || {
        let snapshot = Arc::clone(&snapshots.borrow());
        let text = metrics::text(&snapshot, RequestCounts::totals(&requests), clock());
        ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
    };
    let router = Router::new().route("/metrics", get(answer));
    if let Err(error) = axum::serve(listener, router).await {
        eprint(&format!("metrics are no longer served: {error}"));
    }
}
