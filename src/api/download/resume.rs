//! A partial download, and whether a response continues it. Pure.

use reqwest::header::{
    CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED,
};

use crate::domain::transfer::Transfer;

#[derive(Debug, Default)]
pub(super) struct PartialDownload {
    received: u64,
    total: Option<u64>,
    /// Identifies this version of the file: a strong `ETag`, else `Last-Modified`.
    version: Option<HeaderValue>,
    progressed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseKind {
    /// The missing bytes.
    Rest,
    /// The file from its beginning.
    Whole,
    /// Neither.
    Useless,
}

impl PartialDownload {
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Bytes of the whole file, if the server said.
    pub(super) fn total(&self) -> Option<u64> {
        self.total
    }

    pub(super) fn add(&mut self, bytes: usize) {
        self.received = self.received.saturating_add(bytes as u64);
        self.progressed |= bytes > 0;
    }

    pub(super) fn begin_attempt(&mut self) {
        self.progressed = false;
    }

    /// Whether this attempt received anything.
    pub(super) fn progressed(&self) -> bool {
        self.progressed
    }

    pub(super) fn transfer(&self) -> Transfer {
        Transfer { received: self.received, total: self.total, waiting: None }
    }

    /// `Range` and `If-Range` to request the rest, if that is possible.
    pub(super) fn rest(&self) -> Option<(HeaderValue, HeaderValue)> {
        let version = self.version.clone().filter(|_| self.received > 0)?;
        let range = HeaderValue::try_from(format!("bytes={}-", self.received)).ok()?;
        Some((range, version))
    }

    /// Classifies a response with status 200, 206 or 416. [`ResponseKind::Whole`] resets the partial download.
    pub(super) fn response_kind(&mut self, status: u16, headers: &HeaderMap) -> ResponseKind {
        match status {
            206 if self.continues(headers) => ResponseKind::Rest,
            200 => {
                let total = number(headers, &CONTENT_LENGTH);
                // A decompressed response has no length, and its parts cannot be requested.
                let version = total.and_then(|_| version(headers));
                *self = Self { received: 0, total, version, progressed: self.progressed };
                ResponseKind::Whole
            }
            _ => ResponseKind::Useless,
        }
    }

    /// Whether a 206 begins where this ends, in the same version of the file.
    fn continues(&self, headers: &HeaderMap) -> bool {
        let requested = self.rest().is_some();
        let range = headers.get(CONTENT_RANGE).and_then(|range| range.to_str().ok()).and_then(content_range);
        let fits = range.is_some_and(|(first, last, total)| {
            first == self.received
                && total.is_none_or(|total| Some(total) == self.total)
                && self.total.is_none_or(|total| last.checked_add(1) == Some(total))
        });
        let same = version(headers).is_none_or(|version| Some(version) == self.version);
        requested && fits && same
    }
}

/// A strong `ETag`, else `Last-Modified`. RFC 9110 forbids weak ones in `If-Range`.
fn version(headers: &HeaderMap) -> Option<HeaderValue> {
    let strong = headers.get(ETAG).filter(|tag| tag.as_bytes().starts_with(b"\""));
    strong.or_else(|| headers.get(LAST_MODIFIED)).cloned()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// First and last byte and the size of the whole from `bytes 5-9/10`, the last of which may be `*`.
fn content_range(text: &str) -> Option<(u64, u64, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.trim().split_once('-')?;
    let total = match total.trim() {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    Some((first.parse().ok()?, last.parse().ok()?, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    const LENGTH: (&str, &str) = ("content-length", "10");
    const TAG: (&str, &str) = ("etag", "\"a\"");
    const DATE: (&str, &str) = ("last-modified", "Fri, 06 Nov 2026 08:49:37 GMT");

    fn half(pairs: &[(&'static str, &'static str)]) -> PartialDownload {
        let mut partial = PartialDownload::default();
        assert_eq!(partial.response_kind(200, &headers(pairs)), ResponseKind::Whole);
        partial.add(5);
        partial
    }

    #[test]
    fn the_rest_is_requested_if_the_version_can_be_named() {
        let table = [
            (&[LENGTH, TAG][..], Some("\"a\"")),
            (&[LENGTH, TAG, DATE], Some("\"a\"")),
            (&[LENGTH, DATE], Some(DATE.1)),
            (&[LENGTH, ("etag", "W/\"a\""), DATE], Some(DATE.1)),
            (&[LENGTH, ("etag", "W/\"a\"")], None),
            (&[LENGTH], None),
            (&[TAG], None),
        ];
        for (pairs, version) in table {
            let rest = half(pairs).rest().map(|(range, version)| {
                (range.to_str().unwrap().to_owned(), version.to_str().unwrap().to_owned())
            });
            assert_eq!(rest, version.map(|version| ("bytes=5-".into(), version.into())), "{pairs:?}");
        }
        assert_eq!(PartialDownload::default().rest(), None);
    }

    #[test]
    fn only_the_exact_rest_of_the_same_version_is_accepted() {
        use ResponseKind::{Rest, Useless, Whole};
        let range = |range| ("content-range", range);
        let table = [
            (206, vec![range("bytes 5-9/10"), TAG], Rest),
            (206, vec![range("bytes 5-9/10")], Rest),
            (206, vec![range("bytes 5-9/*"), TAG], Rest),
            (206, vec![range("bytes 5-9/10"), ("etag", "\"b\"")], Useless),
            (206, vec![range("bytes 4-9/10"), TAG], Useless),
            (206, vec![range("bytes 6-9/10"), TAG], Useless),
            (206, vec![range("bytes 5-8/10"), TAG], Useless),
            (206, vec![range("bytes 5-9/11"), TAG], Useless),
            (206, vec![range("bytes 5-18446744073709551615/10"), TAG], Useless),
            (206, vec![range("lines 5-9/10"), TAG], Useless),
            (206, vec![range("bytes */10"), TAG], Useless),
            (206, vec![TAG], Useless),
            (416, vec![range("bytes */10")], Useless),
            (200, vec![LENGTH, ("etag", "\"b\"")], Whole),
        ];
        for (status, pairs, expected) in table {
            let mut partial = half(&[LENGTH, TAG]);
            assert_eq!(partial.response_kind(status, &headers(&pairs)), expected, "{status} {pairs:?}");
            assert_eq!(partial.received(), if expected == Whole { 0 } else { 5 });
        }
        let unrequested =
            PartialDownload::default().response_kind(206, &headers(&[range("bytes 0-9/10"), TAG]));
        assert_eq!(unrequested, Useless);
    }
}
