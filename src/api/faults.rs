//! Turns error responses and transport errors into faults. Their texts never contain a URL or the token.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};
use rustls::CertificateError;
use rustls::pki_types::UnixTime;
use url::Url;

use super::token::Token;
use super::wire;
use crate::domain::fault::Fault;
use crate::domain::redact::Redaction;
use crate::domain::text::SafeText;

/// The longest wait accepted from a server.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Numbers from here on are Unix timestamps in seconds, smaller ones are seconds to wait.
const FIRST_TIMESTAMP: u64 = 1_000_000_000;
/// Numbers from here on are Unix timestamps in milliseconds.
const FIRST_MILLIS_TIMESTAMP: u64 = 100_000_000_000;
/// A rate limit resets within minutes: a later time means something else.
const LONGEST_RESET: Duration = Duration::from_secs(5 * 60);

/// A proxy as shown to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProxyInfo {
    /// Host and port, never a user name or password.
    pub(super) name: SafeText,
    /// Whether requests to it carry a user name and password.
    pub(super) has_credentials: bool,
}

/// A response with an error status.
pub(super) struct ErrorResponse<'a> {
    /// 3xx, 4xx or 5xx.
    pub(super) status: u16,
    pub(super) headers: &'a HeaderMap,
    /// As much of the body as was read.
    pub(super) body: &'a [u8],
    pub(super) requested: &'a Url,
    /// For dates in headers, if the server does not send its own time.
    pub(super) now: Timestamp,
}

impl ErrorResponse<'_> {
    /// The server's message without `token`, and masked where `redaction` is on.
    pub(super) fn fault(&self, token: &Token, redaction: Redaction) -> Fault {
        let message = || wire::brief(&token.scrub(&wire::message(self.body)));
        let wait = || wait(self.headers, self.now);
        let fault = match self.status {
            401 => Fault::Unauthenticated,
            403 => Fault::Forbidden(message()),
            404 => Fault::NotFound,
            408 => Fault::TimedOut,
            429 => Fault::RateLimited(wait()),
            status @ 500.. => Fault::Server(status, wait()),
            status @ 400..500 => Fault::Refused(status, message()),
            status => self.redirect(status, token),
        };
        fault.redacted(redaction)
    }

    fn redirect(&self, status: u16, token: &Token) -> Fault {
        let location = self.headers.get(LOCATION).and_then(|location| location.to_str().ok());
        let to = location.and_then(|to| self.requested.join(to).ok());
        let host = to.as_ref().and_then(Url::host_str);
        match (host, &to) {
            (Some(host), Some(to)) if leads_to_login(to) => {
                Fault::LoginPage(SafeText::new(&token.scrub(host)))
            }
            (Some(host), _) => {
                Fault::NotTheApi(SafeText::new(&token.scrub(&format!("a redirect to {host} ({status})"))))
            }
            (None, _) => Fault::NotTheApi(SafeText::new(&format!("a response without content ({status})"))),
        }
    }
}

/// Whether a redirect leads to a sign-in page, by the words of its path and host.
fn leads_to_login(to: &Url) -> bool {
    let word = |word: &str| {
        let word = word.to_ascii_lowercase();
        matches!(word.as_str(), "login" | "log-in" | "signin" | "sign-in" | "sso" | "auth" | "oauth" | "saml")
    };
    let first = to.host_str().and_then(|host| host.split('.').next());
    first.is_some_and(word) || to.path_segments().is_some_and(|mut parts| parts.any(word))
}

/// How long the server asks to wait: `Retry-After` in seconds or as a date, else `X-Ratelimit-Reset` if it is plausible:
/// servers use that header differently.
pub(super) fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.trim());
    // Dates are relative to the server's own clock, if it sends it.
    let now = server_time(headers).unwrap_or(now);
    let until = |time: Timestamp| Duration::try_from(time.duration_since(now)).unwrap_or_default();
    let number = |number: u64| match i64::try_from(number) {
        Ok(moment) if number >= FIRST_MILLIS_TIMESTAMP => {
            Timestamp::from_millisecond(moment).map_or(MAX_WAIT, until)
        }
        Ok(moment) if number >= FIRST_TIMESTAMP => Timestamp::from_second(moment).map_or(MAX_WAIT, until),
        _ => Duration::from_secs(number),
    };
    let date = |text: &str| http_date(text).or_else(|| text.parse().ok()).map(until);
    let read = |name: &str| {
        let text = text(name)?;
        text.parse().ok().map(number).or_else(|| date(text))
    };
    let reset = || read("x-ratelimit-reset").filter(|wait| *wait <= LONGEST_RESET);
    Some(read(RETRY_AFTER.as_str()).or_else(reset)?.min(MAX_WAIT))
}

/// `Date`: the server's own clock.
pub(super) fn server_time(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get(DATE)?.to_str().ok()?.trim())
}

/// An HTTP date is an RFC 2822 date in GMT.
fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// The fault behind an error before or during a response.
pub(super) fn from_transport(
    error: &reqwest::Error,
    requested: &Url,
    proxy_info: Option<&ProxyInfo>,
) -> Fault {
    let unreachable = |what: &str| Fault::Unreachable(wire::brief(what));
    let host = requested.host_str().unwrap_or_default();
    if let Some(what) = tls(error, host) {
        return Fault::Tls(wire::brief(&what));
    }
    if let Some(proxy_info) = proxy_info.filter(|_| error.is_connect()) {
        return Fault::Proxy(wire::brief(&proxy(error, proxy_info, host)));
    }
    if error.is_connect() && error.is_timeout() {
        return unreachable(&format!("{host} does not respond"));
    }
    if error.is_timeout() {
        return Fault::TimedOut;
    }
    if error.is_dns() {
        return unreachable(&format!("cannot resolve {host}"));
    }
    if let Some(fault) = io_errors(error).find_map(io) {
        return fault;
    }
    let last = causes(error).last().map(ToString::to_string).unwrap_or_default();
    if error.is_connect() {
        unreachable(&last)
    } else if last.starts_with("invalid HTTP") {
        // The library exposes it only by this text.
        Fault::NotTheApi("not HTTP".into())
    } else {
        Fault::ConnectionClosed
    }
}

/// The causes of an error, without the outermost one, which contains the URL.
///
/// Includes what an I/O error wraps, which its own `source` skips.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| {
        match cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => cause.source(),
        }
    })
}

fn io(error: &std::io::Error) -> Option<Fault> {
    let what = match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            return Some(Fault::ConnectionClosed);
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            "network unreachable"
        }
        // If it is not TLS, it is the decompression.
        ErrorKind::InvalidData => return Some(Fault::Damaged("invalid compression".into())),
        _ => return None,
    };
    Some(Fault::Unreachable(what.into()))
}

/// The I/O errors among the causes.
fn io_errors(error: &reqwest::Error) -> impl Iterator<Item = &std::io::Error> {
    causes(error).filter_map(|cause| cause.downcast_ref())
}

/// Continues the sentence "the proxy …".
fn proxy(error: &reqwest::Error, proxy_info: &ProxyInfo, host: &str) -> String {
    // The library exposes a rejected tunnel only by this text.
    let unauthorised = || causes(error).any(|cause| cause.to_string().contains("authorization required"));
    let name = &proxy_info.name;
    if error.is_timeout() {
        format!("{name} does not respond")
    } else if error.is_dns() {
        format!("{name} cannot be resolved")
    } else if io_errors(error).any(|error| error.kind() == ErrorKind::ConnectionRefused) {
        format!("{name} refused the connection")
    } else if unauthorised() && proxy_info.has_credentials {
        format!("{name} rejected the user name and password (407)")
    } else if unauthorised() {
        format!("{name} requires a user name and password (407)")
    } else {
        format!("{name} refused to connect to {host}")
    }
}

/// Continues the sentence "no secure connection: …".
fn tls(error: &reqwest::Error, host: &str) -> Option<String> {
    let day = |at: &UnixTime| {
        let at = i64::try_from(at.as_secs()).ok().and_then(|at| Timestamp::from_second(at).ok());
        at.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
    };
    let Some(rejected) = causes(error).find_map(|cause| cause.downcast_ref()) else {
        let interrupted = || io_errors(error).any(|error| error.kind() == ErrorKind::UnexpectedEof);
        return (error.is_connect() && interrupted()).then(|| "the TLS handshake was interrupted".to_owned());
    };
    Some(match rejected {
        rustls::Error::InvalidCertificate(reason) => match reason {
            CertificateError::ExpiredContext { not_after, .. } => {
                format!("its certificate expired on {}; check this computer's clock", day(not_after))
            }
            CertificateError::Expired => {
                "its certificate has expired; check this computer's clock".to_owned()
            }
            CertificateError::NotValidYetContext { not_before, .. } => {
                format!(
                    "its certificate is not valid before {}; check this computer's clock",
                    day(not_before)
                )
            }
            CertificateError::NotValidYet => {
                "its certificate is not valid yet; check this computer's clock".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("its certificate is not valid for {host}")
            }
            // A bad signature: somebody only uses the name of a trusted authority.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "its certificate is not signed by an authority that this system trusts; if your \
                 company's proxy re-signs TLS, pass its certificate with --ca-file"
                    .to_owned()
            }
            _ => "its certificate was rejected".to_owned(),
        },
        rustls::Error::InvalidMessage(_) => "it does not speak TLS; check the port".to_owned(),
        _ => "the TLS handshake failed".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    const NOW: &str = "2026-11-06T08:49:37Z";

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    fn fault(status: u16, pairs: &[(&'static str, &'static str)], body: &str) -> Fault {
        let requested = Url::parse("https://api.example/import?secret=1").unwrap();
        let token = Token::new("12|s3cret").unwrap();
        let (headers, now) = (headers(pairs), NOW.parse().unwrap());
        ErrorResponse { status, headers: &headers, body: body.as_bytes(), requested: &requested, now }
            .fault(&token, Redaction::default())
    }

    #[test]
    fn the_server_says_how_long_to_wait() {
        for (pairs, seconds) in [
            (&[][..], None),
            (&[("retry-after", "17")], Some(17)),
            (&[("retry-after", " 0 ")], Some(0)),
            (&[("retry-after", "Fri, 06 Nov 2026 08:50:00 GMT")], Some(23)),
            (&[("retry-after", "Fri, 06 Nov 2026 08:00:00 GMT")], Some(0)),
            (
                &[
                    ("retry-after", "Fri, 06 Nov 2026 09:00:00 GMT"),
                    ("date", "Fri, 06 Nov 2026 08:59:50 GMT"),
                ],
                Some(10),
            ),
            (&[("retry-after", "soon"), ("x-ratelimit-reset", "9")], Some(9)),
            (&[("x-ratelimit-reset", "1793954987")], Some(10)),
            (&[("x-ratelimit-reset", "1793954987000")], Some(10)),
            (&[("x-ratelimit-reset", "Fri, 06 Nov 2026 08:50:00 GMT")], Some(23)),
            (&[("x-ratelimit-reset", "2026-11-06T08:50:00Z")], Some(23)),
            (&[("x-ratelimit-reset", "1793958577")], None),
            (&[("x-ratelimit-reset", "3600")], None),
            (&[("x-ratelimit-reset", "3600000")], None),
            (&[("retry-after", "999999999")], Some(86_400)),
            (&[("retry-after", "18446744073709551615")], Some(86_400)),
            (&[("retry-after", "-5")], None),
        ] {
            let found = wait(&headers(pairs), NOW.parse().unwrap());
            assert_eq!(found, seconds.map(Duration::from_secs), "{pairs:?}");
        }
    }

    #[test]
    fn every_error_response_has_a_message() {
        let json =
            r#"{"message": "The given data was invalid.", "errors": {"sort": ["The sort is invalid."]}}"#;
        let table = [
            (fault(401, &[], json), "Plannr does not accept the token (401)"),
            (fault(403, &[], r#"{"message": "No."}"#), "Plannr does not allow this (403): No."),
            (fault(403, &[], "<html>"), "Plannr does not allow this (403)"),
            (fault(404, &[], "<html>"), "not found (404)"),
            (fault(408, &[], ""), "the server did not respond in time"),
            (
                fault(422, &[], json),
                "Plannr refused the request (422): The given data was invalid. The sort is invalid.",
            ),
            (fault(400, &[], r#"{"error": "bad \u001b[2J"}"#), "Plannr refused the request (400): bad ␛[2J"),
            (fault(400, &[], r#"{"message": "no 12|s3cret"}"#), "Plannr refused the request (400): no …"),
            (fault(418, &[], "teapot"), "Plannr refused the request (418)"),
            (fault(429, &[("retry-after", "3")], ""), "too many requests (429)"),
            (fault(500, &[], json), "server error (500)"),
            (
                fault(302, &[("location", "https://login.example/?token=x")], ""),
                "redirected to a login page on login.example",
            ),
            (fault(302, &[("location", "/auth/login")], ""), "redirected to a login page on api.example"),
            (
                fault(302, &[("location", "https://other.example/logins")], ""),
                "not a Plannr API response: a redirect to other.example (302)",
            ),
            (
                fault(301, &[("location", "/elsewhere")], ""),
                "not a Plannr API response: a redirect to api.example (301)",
            ),
            (fault(304, &[], ""), "not a Plannr API response: a response without content (304)"),
        ];
        for (fault, message) in table {
            assert_eq!(fault.to_string(), message);
        }
        assert_eq!(fault(503, &[("retry-after", "3")], "").retry_after(), Some(Duration::from_secs(3)));
        let long = format!(r#"{{"message": "{}"}}"#, "é".repeat(10_000));
        assert!(fault(422, &[], &long).to_string().chars().count() < 400);
    }
}
