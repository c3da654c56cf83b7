//! How an answer's bytes leave: whole, cut off half-way, or slowly.

use std::io::{self, Write as _};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream::{self, Stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame};
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderName, HeaderValue, VARY};
use hyper::{StatusCode, http};

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

type Body = UnsyncBoxBody<Bytes, io::Error>;
pub(super) type Delivered = http::Response<Body>;

/// In bytes: less is not compressed.
const WORTH_IT: usize = 32;
/// Long enough for what was handed over to be written before the connection is given up.
const UNTIL_WRITTEN: Duration = Duration::from_millis(20);
const DRIPS_PER_SECOND: u32 = 10;

/// `gzip` is whether the client takes compressed answers.
pub(super) fn deliver(response: Response, manner: Manner, gzip: bool) -> Delivered {
    let length = response.body.len();
    let zipped =
        (manner == Manner::Whole && gzip && length >= WORTH_IT).then(|| zipped(&response.body)).flatten();
    let compressed = zipped.is_some();
    let body = match manner {
        Manner::Whole | Manner::Exact => whole(zipped.unwrap_or(response.body)),
        Manner::Half => streamed(half(response.body)),
        Manner::Slowly(bytes_per_second) => streamed(slowly(response.body, bytes_per_second)),
    };
    let mut delivered = Delivered::new(body);
    *delivered.status_mut() =
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = delivered.headers_mut();
    for (name, value) in &response.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    if compressed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    } else if manner != Manner::Whole {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    delivered
}

fn zipped(body: &[u8]) -> Option<Vec<u8>> {
    let mut zipped = GzEncoder::new(Vec::new(), Compression::default());
    zipped.write_all(body).ok()?;
    zipped.finish().ok()
}

fn whole(body: Vec<u8>) -> Body {
    Full::from(body).map_err(|never| match never {}).boxed_unsync()
}

fn streamed(pieces: impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static) -> Body {
    use futures_util::TryStreamExt as _;
    StreamBody::new(pieces.map_ok(|piece| Frame::data(Bytes::from(piece)))).boxed_unsync()
}

fn half(mut body: Vec<u8>) -> impl Stream<Item = io::Result<Vec<u8>>> {
    body.truncate(body.len() / 2);
    stream::try_unfold(Some(body), async |body| match body {
        Some(body) => Ok(Some((body, None))),
        None => {
            tokio::time::sleep(UNTIL_WRITTEN).await;
            Err(io::ErrorKind::ConnectionAborted.into())
        }
    })
}

fn slowly(body: Vec<u8>, bytes_per_second: u32) -> impl Stream<Item = io::Result<Vec<u8>>> {
    let drip = (bytes_per_second / DRIPS_PER_SECOND).max(1);
    let pause = Duration::from_secs(1) * drip / bytes_per_second.max(1);
    let drips: Vec<Vec<u8>> = body.chunks(drip as usize).map(<[u8]>::to_vec).collect();
    stream::try_unfold(drips.into_iter(), move |mut drips| async move {
        tokio::time::sleep(pause).await;
        Ok(drips.next().map(|drip| (drip, drips)))
    })
}
