//! What can go wrong outside, and how it is reported to the user.

use std::fmt;
use std::time::Duration;

use super::redact::Redaction;
use super::text::SafeText;

/// Why a request gave no usable response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// 401: the token is missing, wrong or expired.
    Unauthenticated,
    /// 403: the token is good, the account may not do this. Carries the server's message.
    Forbidden(SafeText),
    /// 404 for one import, or for the whole path (the base URL is not a Plannr server).
    NotFound,
    /// 422 and other client errors: status and message.
    Refused(u16, SafeText),
    /// 429: how long to wait, if the server says.
    RateLimited(Option<Duration>),
    /// 5xx: status, and how long to wait, if the server says.
    Server(u16, Option<Duration>),
    /// No connection, for instance DNS or the network. Carries what failed, in a few words.
    Unreachable(SafeText),
    /// The connection ended before the response did.
    ConnectionClosed,
    /// No secure connection, because of a certificate or the handshake. Carries what is wrong, and what can be done.
    Tls(SafeText),
    /// A proxy did not let the request through. Carries its name, without any password, and what it did.
    Proxy(SafeText),
    /// No response in time.
    TimedOut,
    /// A redirect to a page where people sign in. Carries its host.
    LoginPage(SafeText),
    /// A response that did not arrive as it was sent: cut off, badly compressed, too large. Carries which.
    Damaged(SafeText),
    /// A response that is not the API's: HTML from a proxy, other JSON. Carries what it is.
    NotTheApi(SafeText),
}

impl Fault {
    /// Masks the server's message if redaction is on.
    #[must_use]
    pub fn redacted(self, redaction: Redaction) -> Self {
        match self {
            Self::Forbidden(message) => Self::Forbidden(redaction.server_message(message.as_str())),
            Self::Refused(status, message) => {
                Self::Refused(status, redaction.server_message(message.as_str()))
            }
            fault => fault,
        }
    }

    /// The sentence that may be shown.
    pub fn describe(&self, redaction: Redaction) -> String {
        // What follows decides how the sentence ends; a server's message brings its own full stop.
        self.clone().redacted(redaction).to_string().trim_end_matches('.').to_owned()
    }

    /// The sentence, and what the user can do about it.
    pub fn with_advice(&self, redaction: Redaction) -> String {
        match self.advice() {
            Some(advice) => format!("{}; {advice}", self.describe(redaction)),
            None => self.describe(redaction),
        }
    }

    /// Whether a retry may help without anybody doing anything.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Unauthenticated | Self::Forbidden(_) | Self::NotFound | Self::Refused(..) => false,
            Self::RateLimited(_)
            | Self::Server(..)
            | Self::Unreachable(_)
            | Self::ConnectionClosed
            | Self::Tls(_)
            | Self::Proxy(_)
            | Self::TimedOut
            | Self::LoginPage(_)
            | Self::Damaged(_)
            | Self::NotTheApi(_) => true,
        }
    }

    /// Whether the server answered at all.
    pub fn server_answered(&self) -> bool {
        !matches!(
            self,
            Self::Unreachable(_) | Self::ConnectionClosed | Self::Tls(_) | Self::Proxy(_) | Self::TimedOut
        )
    }

    /// Why there is no contact, in two words.
    pub fn in_short(&self) -> &'static str {
        match self {
            Self::NotTheApi(_) | Self::LoginPage(_) => "unexpected answer",
            Self::RateLimited(_) => "rate limit",
            fault if fault.server_answered() => "server error",
            _ => "offline",
        }
    }

    /// Whether the user must do something about the token or the account.
    pub fn is_authentication(&self) -> bool {
        matches!(self, Self::Unauthenticated | Self::Forbidden(_))
    }

    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited(after) | Self::Server(_, after) => *after,
            _ => None,
        }
    }

    /// What the user can do about it, where there is something.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Unauthenticated => Some("create a new token in Plannr: Settings → Account Details"),
            Self::Forbidden(_) => Some("check the account (--account) and its permissions"),
            Self::NotFound | Self::NotTheApi(_) => Some("check the base URL (--base-url)"),
            Self::Unreachable(_) | Self::TimedOut => Some("check the network and the base URL"),
            Self::Proxy(_) => Some("check HTTPS_PROXY and NO_PROXY"),
            Self::LoginPage(_) => Some("check the token and the base URL (--base-url)"),
            Self::Refused(..)
            | Self::RateLimited(_)
            | Self::Server(..)
            | Self::ConnectionClosed
            | Self::Damaged(_)
            | Self::Tls(_) => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix =
            |message: &SafeText| if message.is_empty() { String::new() } else { format!(": {message}") };
        match self {
            Self::Unauthenticated => write!(f, "Plannr does not accept the token (401)"),
            Self::Forbidden(message) => write!(f, "Plannr does not allow this (403){}", suffix(message)),
            Self::NotFound => write!(f, "not found (404)"),
            Self::Refused(status, message) => {
                write!(f, "Plannr refused the request ({status}){}", suffix(message))
            }
            Self::RateLimited(_) => write!(f, "too many requests (429)"),
            Self::Server(status, _) => write!(f, "server error ({status})"),
            Self::Unreachable(what) => write!(f, "cannot reach the server{}", suffix(what)),
            Self::ConnectionClosed => write!(f, "connection closed unexpectedly"),
            Self::Tls(what) => write!(f, "no secure connection{}", suffix(what)),
            Self::Proxy(what) => write!(f, "the proxy {what}"),
            Self::TimedOut => write!(f, "the server did not respond in time"),
            Self::LoginPage(host) => write!(f, "redirected to a login page on {host}"),
            Self::Damaged(what) => write!(f, "damaged response: {what}"),
            Self::NotTheApi(what) => write!(f, "not a Plannr API response{}", suffix(what)),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_full_stop_ends_no_clause() {
        let fault = Fault::Forbidden("This action is unauthorized.".into());
        let text = fault.describe(Redaction::default());
        assert_eq!(text, "Plannr does not allow this (403): This action is unauthorized");
        assert!(fault.with_advice(Redaction::default()).starts_with(&format!("{text}; check ")));
    }
}
