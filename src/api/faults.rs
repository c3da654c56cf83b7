//! Refusals and broken connections, as faults in a few words. Never a URL, never the token.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};
use rustls::CertificateError;
use rustls::pki_types::UnixTime;
use url::Url;

use super::connections::ProxyInfo;
use super::token::Token;
use super::wire;
use crate::domain::fault::Fault;
use crate::domain::text::SafeText;

/// The longest wait that a server is believed to mean.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Numbers from here on are moments (seconds since 1970), below are seconds to wait.
const FIRST_MOMENT: u64 = 1_000_000_000;
/// Numbers from here on are moments in milliseconds.
const FIRST_MILLISECOND: u64 = 100_000_000_000;
/// A rate limit is over within minutes: a reset that is later means something else.
const LONGEST_RESET: Duration = Duration::from_secs(5 * 60);

/// An answer that is no success.
pub(super) struct Refusal<'a> {
    /// The status: 3xx, 4xx or 5xx.
    pub(super) status: u16,
    /// The answer's headers.
    pub(super) headers: &'a HeaderMap,
    /// As much of its body as was read.
    pub(super) body: &'a [u8],
    /// The URL that was asked.
    pub(super) asked: &'a Url,
    /// The date and time of day, for dates in headers where the server does not tell its own.
    pub(super) now: Timestamp,
}

impl Refusal<'_> {
    /// The fault that it is; `token` is taken out of what the server says.
    pub(super) fn fault(&self, token: &Token) -> Fault {
        let message = || wire::brief(&token.scrub(&wire::message(self.body)));
        let wait = || wait(self.headers, self.now);
        match self.status {
            401 => Fault::Unauthenticated,
            403 => Fault::Forbidden(message()),
            404 => Fault::NotFound,
            408 => Fault::TimedOut,
            429 => Fault::RateLimited(wait()),
            status @ 500.. => Fault::Server(status, wait()),
            status @ 400..500 => Fault::Refused(status, message()),
            status => self.redirect(status, token),
        }
    }

    fn redirect(&self, status: u16, token: &Token) -> Fault {
        let location = self.headers.get(LOCATION).and_then(|location| location.to_str().ok());
        let to = location.and_then(|to| self.asked.join(to).ok());
        let host = to.as_ref().and_then(Url::host_str);
        match (host, &to) {
            (Some(host), Some(to)) if leads_to_login(to) => {
                Fault::LoginPage(SafeText::new(&token.scrub(host)))
            }
            (Some(host), _) => {
                Fault::NotTheApi(SafeText::new(&token.scrub(&format!("a redirect to {host} ({status})"))))
            }
            (None, _) => Fault::NotTheApi(SafeText::new(&format!("an answer without content ({status})"))),
        }
    }
}

/// Whether a redirect leads to where people sign in, by the words of its path and host.
fn leads_to_login(to: &Url) -> bool {
    let word = |word: &str| {
        let word = word.to_ascii_lowercase();
        matches!(word.as_str(), "login" | "log-in" | "signin" | "sign-in" | "sso" | "auth" | "oauth" | "saml")
    };
    let first = to.host_str().and_then(|host| host.split('.').next());
    first.is_some_and(word) || to.path_segments().is_some_and(|mut parts| parts.any(word))
}

/// How long the server asks to wait: `Retry-After` in seconds or as a date, else `X-Ratelimit-Reset` where it makes
/// sense: that header has no one meaning.
pub(super) fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.trim());
    // Dates are counted from the server's own clock, where it tells it.
    let now = server_time(headers).unwrap_or(now);
    let until = |moment: Timestamp| Duration::try_from(moment.duration_since(now)).unwrap_or_default();
    let number = |number: u64| match i64::try_from(number) {
        Ok(moment) if number >= FIRST_MILLISECOND => {
            Timestamp::from_millisecond(moment).map_or(MAX_WAIT, until)
        }
        Ok(moment) if number >= FIRST_MOMENT => Timestamp::from_second(moment).map_or(MAX_WAIT, until),
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

/// `Date`: the time of day by the server's own clock.
pub(super) fn server_time(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get(DATE)?.to_str().ok()?.trim())
}

/// An HTTP date is an e-mail date in GMT.
fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// What broke before there was an answer, or in the middle of it; `gateway` is the proxy on the way.
pub(super) fn broken(error: &reqwest::Error, asked: &Url, proxy_info: Option<&ProxyInfo>) -> Fault {
    let unreachable = |what: &str| Fault::Unreachable(wire::brief(what));
    let host = asked.host_str().unwrap_or_default();
    if let Some(what) = tls(error, host) {
        return Fault::Tls(wire::brief(&what));
    }
    if let Some(proxy_info) = proxy_info.filter(|_| error.is_connect()) {
        return Fault::Proxy(wire::brief(&proxy(error, proxy_info, host)));
    }
    if error.is_connect() && error.is_timeout() {
        return unreachable(&format!("{host} does not answer"));
    }
    if error.is_timeout() {
        return Fault::TimedOut;
    }
    if error.is_dns() {
        return unreachable(&format!("the name {host} is not known"));
    }
    if let Some(fault) = io_errors(error).find_map(io) {
        return fault;
    }
    let last = causes(error).last().map(ToString::to_string).unwrap_or_default();
    if error.is_connect() {
        unreachable(&last)
    } else if last.starts_with("invalid HTTP") {
        // The library tells it by these words only.
        Fault::NotTheApi("it is not HTTP".into())
    } else {
        Fault::ConnectionClosed
    }
}

/// The errors below the outermost one, which alone knows the URL.
///
/// What an I/O error wraps comes next: its own `source` leaves that one out.
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
            "no way there: is the network up?"
        }
        // Where TLS is not to blame, it is the decompression.
        ErrorKind::InvalidData => return Some(Fault::Damaged("its compression is broken".into())),
        _ => return None,
    };
    Some(Fault::Unreachable(what.into()))
}

/// The operating system's errors among the causes.
fn io_errors(error: &reqwest::Error) -> impl Iterator<Item = &std::io::Error> {
    causes(error).filter_map(|cause| cause.downcast_ref())
}

/// Why a proxy did not let us through, in words that follow its name.
fn proxy(error: &reqwest::Error, proxy_info: &ProxyInfo, host: &str) -> String {
    // The library tells a tunnel that was refused from others by its words only.
    let unauthorised = || causes(error).any(|cause| cause.to_string().contains("authorization required"));
    let name = &proxy_info.name;
    if error.is_timeout() {
        format!("{name} does not answer")
    } else if error.is_dns() {
        format!("{name} is not known by that name")
    } else if io_errors(error).any(|error| error.kind() == ErrorKind::ConnectionRefused) {
        format!("{name} refuses the connection")
    } else if unauthorised() && proxy_info.signed_in {
        format!("{name} does not accept the user name and password (407)")
    } else if unauthorised() {
        format!("{name} wants a user name and password (407)")
    } else {
        format!("{name} gives no way to {host}")
    }
}

/// What is wrong with TLS, in words that follow "no secure connection: ".
fn tls(error: &reqwest::Error, host: &str) -> Option<String> {
    let day = |at: &UnixTime| {
        let at = i64::try_from(at.as_secs()).ok().and_then(|at| Timestamp::from_second(at).ok());
        at.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
    };
    let Some(refused) = causes(error).find_map(|cause| cause.downcast_ref()) else {
        let broke_off = || io_errors(error).any(|error| error.kind() == ErrorKind::UnexpectedEof);
        return (error.is_connect() && broke_off()).then(|| "the handshake broke off".to_owned());
    };
    Some(match refused {
        rustls::Error::InvalidCertificate(refused) => match refused {
            CertificateError::ExpiredContext { not_after, .. } => {
                format!("its certificate expired on {}; is this computer's clock right?", day(not_after))
            }
            CertificateError::Expired => {
                "its certificate has expired; is this computer's clock right?".to_owned()
            }
            CertificateError::NotValidYetContext { not_before, .. } => {
                format!(
                    "its certificate is valid from {} on; is this computer's clock right?",
                    day(not_before)
                )
            }
            CertificateError::NotValidYet => {
                "its certificate is not valid yet; is this computer's clock right?".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("its certificate is for another name than {host}")
            }
            // The second by somebody who only has the name of one that is trusted.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "its certificate is signed by nobody this system trusts; if your \
                 company's proxy re-signs TLS, name its certificate with --ca-file"
                    .to_owned()
            }
            _ => "its certificate is refused".to_owned(),
        },
        rustls::Error::InvalidMessage(_) => "it does not speak TLS; is the port right?".to_owned(),
        _ => "the handshake failed".to_owned(),
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
        let asked = Url::parse("https://api.example/import?secret=1").unwrap();
        let token = Token::new("12|s3cret").unwrap();
        let (headers, now) = (headers(pairs), NOW.parse().unwrap());
        Refusal { status, headers: &headers, body: body.as_bytes(), asked: &asked, now }.fault(&token)
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
            let told = wait(&headers(pairs), NOW.parse().unwrap());
            assert_eq!(told, seconds.map(Duration::from_secs), "{pairs:?}");
        }
    }

    #[test]
    fn every_refusal_is_told_in_words() {
        let json =
            r#"{"message": "The given data was invalid.", "errors": {"sort": ["The sort is invalid."]}}"#;
        let table = [
            (fault(401, &[], json), "Plannr does not accept the token (401)"),
            (fault(403, &[], r#"{"message": "No."}"#), "Plannr does not allow this (403): No."),
            (fault(403, &[], "<html>"), "Plannr does not allow this (403)"),
            (fault(404, &[], "<html>"), "not found (404)"),
            (fault(408, &[], ""), "the server did not answer in time"),
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
                "the answer is not Plannr's API: a redirect to other.example (302)",
            ),
            (
                fault(301, &[("location", "/elsewhere")], ""),
                "the answer is not Plannr's API: a redirect to api.example (301)",
            ),
            (fault(304, &[], ""), "the answer is not Plannr's API: an answer without content (304)"),
        ];
        for (fault, words) in table {
            assert_eq!(fault.to_string(), words);
        }
        assert_eq!(fault(503, &[("retry-after", "3")], "").retry_after(), Some(Duration::from_secs(3)));
        let long = format!(r#"{{"message": "{}"}}"#, "é".repeat(10_000));
        assert!(fault(422, &[], &long).to_string().chars().count() < 400);
    }
}
