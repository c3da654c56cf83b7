//! How an answer's bytes leave: whole, cut off half-way, or slowly.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response as HttpResponse;
use futures_util::stream;

use crate::simulator::Response;

/// The way a body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Whole, compressed if the client likes.
    Whole,
    /// Whole, as it is.
    Exact,
    /// Half of it, then the connection closed.
    Half,
    /// So many bytes in a second.
    Slowly(u32),
}

/// Marks an answer that must not be compressed, as its bytes are counted out.
#[derive(Clone, Copy)]
pub(super) struct AsItIs;

/// Long enough for what was handed over to be written before the connection is given up.
const UNTIL_WRITTEN: Duration = Duration::from_millis(20);
const DRIPS_PER_SECOND: u32 = 10;

pub(super) fn deliver(response: Response, manner: Manner) -> HttpResponse {
    let length = response.body.len();
    let body = match manner {
        Manner::Whole | Manner::Exact => Body::from(response.body),
        Manner::Half => half(response.body),
        Manner::Slowly(bytes_per_second) => slowly(response.body, bytes_per_second),
    };
    let mut delivered = HttpResponse::new(body);
    *delivered.status_mut() =
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &response.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            delivered.headers_mut().append(name, value);
        }
    }
    if manner != Manner::Whole {
        delivered.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        delivered.extensions_mut().insert(AsItIs);
    }
    delivered
}

fn half(mut body: Vec<u8>) -> Body {
    body.truncate(body.len() / 2);
    Body::from_stream(stream::try_unfold(Some(body), async |body| match body {
        Some(body) => Ok(Some((body, None))),
        None => {
            tokio::time::sleep(UNTIL_WRITTEN).await;
            Err(io::Error::from(io::ErrorKind::ConnectionAborted))
        }
    }))
}

fn slowly(body: Vec<u8>, bytes_per_second: u32) -> Body {
    let drip = (bytes_per_second / DRIPS_PER_SECOND).max(1);
    let pause = Duration::from_secs(1) * drip / bytes_per_second.max(1);
    let drips: Vec<Vec<u8>> = body.chunks(drip as usize).map(<[u8]>::to_vec).collect();
    Body::from_stream(stream::try_unfold(drips.into_iter(), move |mut drips| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, io::Error>(drips.next().map(|drip| (drip, drips)))
    }))
}
