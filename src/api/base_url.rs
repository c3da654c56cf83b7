//! The server's address.

use std::fmt;

use url::{Host, Position, Url};

use crate::domain::text::SafeText;

/// https, or http on this machine; may have a path before `/api/v1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why an address is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidBaseUrl {
    /// Not a URL, for instance because `https://` is missing.
    Malformed,
    /// Neither https nor http; carries the scheme.
    Scheme(SafeText),
    /// http to another machine, which would send the token and client data unencrypted; carries the host.
    Unencrypted(SafeText),
    /// It contains a user name or password.
    Credentials,
    /// It has a query or a fragment.
    Query,
}

impl BaseUrl {
    /// Plannr's own server.
    pub const DEFAULT: &str = "https://api.plannrcrm.com";

    /// Ignores slashes at the end.
    ///
    /// # Errors
    /// Why the address is rejected.
    pub fn new(raw: &str) -> Result<Self, InvalidBaseUrl> {
        let mut url = Url::parse(raw.trim()).map_err(|_| InvalidBaseUrl::Malformed)?;
        match url.scheme() {
            "https" => {}
            "http" if leads_here(&url) => {}
            "http" => return Err(InvalidBaseUrl::Unencrypted(url.host_str().unwrap_or_default().into())),
            // `localhost:8080` is read as a scheme and a path.
            _ if url.cannot_be_a_base() => return Err(InvalidBaseUrl::Malformed),
            scheme => return Err(InvalidBaseUrl::Scheme(scheme.into())),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidBaseUrl::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidBaseUrl::Query);
        }
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(Self(url))
    }

    /// Ends with exactly one slash.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// The host for display, with the port unless it is the default one.
    pub fn host(&self) -> &str {
        &self.0[Position::BeforeHost..Position::AfterPort]
    }

    /// Whether the server runs on this machine.
    pub fn is_loopback(&self) -> bool {
        leads_here(&self.0)
    }

    /// Whether a URL is on this server: same scheme, host and port. The token is only sent to such URLs.
    pub fn owns(&self, url: &Url) -> bool {
        url.origin() == self.0.origin()
    }

    /// The URL of a route, for instance `api/v1/import`, with its query.
    pub(super) fn route<'a>(&self, path: &str, query: impl IntoIterator<Item = (&'a str, String)>) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path()));
        let mut query = query.into_iter().peekable();
        if query.peek().is_some() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

/// Changes http to https in a URL on `server`: behind a proxy that terminates TLS a server often believes that it is
/// reached by http. Leaves any other URL unchanged.
pub(super) fn upgraded(mut url: Url, server: &Url) -> Url {
    let downgraded = server.scheme() == "https"
        && url.scheme() == "http"
        && (url.host(), url.port()) == (server.host(), server.port());
    if downgraded {
        // Never fails between these two.
        let _ = url.set_scheme("https");
    }
    url
}

/// Whether a URL is on this machine.
pub(super) fn leads_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Display for InvalidBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => {
                write!(f, "not a valid URL; it should look like {}", BaseUrl::DEFAULT)
            }
            Self::Scheme(scheme) => write!(f, "{scheme}: is not https"),
            Self::Unencrypted(host) => write!(
                f,
                "http:// would send the token to {host} unencrypted; use https:// (http:// only works for servers \
                 on this machine)"
            ),
            Self::Credentials => {
                write!(f, "the URL contains a user name or password; only the token is used")
            }
            Self::Query => write!(f, "the URL must end after the path, without `?` or `#`"),
        }
    }
}

impl std::error::Error for InvalidBaseUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_keeps_the_token_safe_is_accepted() {
        use InvalidBaseUrl::{Credentials, Malformed, Query, Scheme, Unencrypted};
        let table = [
            (BaseUrl::DEFAULT, Ok("https://api.plannrcrm.com/api/v1/import")),
            (" https://proxy.example/plannr// ", Ok("https://proxy.example/plannr/api/v1/import")),
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080/api/v1/import")),
            ("http://[::1]:80/", Ok("http://[::1]/api/v1/import")),
            ("http://LOCALHOST:1/x", Ok("http://localhost:1/x/api/v1/import")),
            ("http://api.plannrcrm.com", Err(Unencrypted("api.plannrcrm.com".into()))),
            ("http://127.0.0.1.evil.example", Err(Unencrypted("127.0.0.1.evil.example".into()))),
            ("http://localhost.evil.example", Err(Unencrypted("localhost.evil.example".into()))),
            ("http://u@127.0.0.1", Err(Credentials)),
            ("https://u:p@api.plannrcrm.com", Err(Credentials)),
            ("https://api.plannrcrm.com/?a=b", Err(Query)),
            ("ftp://api.plannrcrm.com", Err(Scheme("ftp".into()))),
            ("api.plannrcrm.com", Err(Malformed)),
            ("localhost:8080", Err(Malformed)),
            ("https://", Err(Malformed)),
            ("", Err(Malformed)),
        ];
        for (raw, expected) in table {
            let url = BaseUrl::new(raw).map(|base| base.route("api/v1/import", []).to_string());
            assert_eq!(url, expected.map(str::to_owned), "{raw:?}");
        }
    }

    #[test]
    fn the_token_goes_to_the_same_scheme_host_and_port_only() {
        let base = BaseUrl::new("https://api.plannrcrm.com/x").unwrap();
        for (url, owned) in [
            ("https://api.plannrcrm.com/other", true),
            ("https://api.plannrcrm.com:443/", true),
            ("http://api.plannrcrm.com/", false),
            ("https://api.plannrcrm.com:8443/", false),
            ("https://api.plannrcrm.com.evil.example/", false),
        ] {
            assert_eq!(base.owns(&Url::parse(url).unwrap()), owned, "{url}");
        }
    }
}
