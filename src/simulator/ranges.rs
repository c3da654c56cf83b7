//! Parts of a file: `Range`, `If-Range`, 206 and 416 as RFC 9110 has them, one range at a time.

use super::exchange::{Request, Response};

/// The file, or the part of it that is requested; `tag` identifies its version.
pub(super) fn ranged(request: &Request, file: Response, tag: &str) -> Response {
    let tag = format!("\"{tag}\"");
    let size = file.body.len();
    let file = file.with("etag", &tag).with("accept-ranges", "bytes");
    let unchanged = request.header("if-range").is_none_or(|known| known == tag);
    let range = request.header("range").filter(|_| unchanged).and_then(|range| part(range, size));
    match range {
        None => file,
        Some((first, last)) if first <= last && first < size => {
            let body = file.body.get(first..=last).map(<[u8]>::to_vec).unwrap_or_default();
            Response { status: 206, body, ..file }
                .with("content-range", &format!("bytes {first}-{last}/{size}"))
        }
        Some(_) => Response::error(416, "Requested Range Not Satisfiable")
            .with("content-range", &format!("bytes */{size}")),
    }
}

/// First and last byte of `bytes=5-9`, `bytes=5-` or `bytes=-5`; `None` for what a server ignores.
fn part(range: &str, size: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let end = size.saturating_sub(1);
    match (first, last) {
        ("", suffix) => Some((size.saturating_sub(suffix.parse().ok()?), end)),
        (first, "") => Some((first.parse().ok()?, end)),
        (first, last) => Some((first.parse().ok()?, last.parse::<usize>().ok()?.min(end))),
    }
}
