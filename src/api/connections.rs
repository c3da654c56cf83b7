//! HTTP connections: trusted certificates, proxies, timeouts.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::HeaderMap;
use reqwest::{Certificate, Proxy, Response, redirect};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use url::Url;

use super::base_url::leads_here;
use super::faults::{self, ProxyInfo};
use crate::domain::fault::Fault;
use crate::domain::text::SafeText;

/// How long a connection may be silent during a request before it is probed.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// How a server is reached.
#[derive(Debug, Clone, Default)]
pub struct Network {
    pub timeouts: Timeouts,
    /// Certificates trusted besides the system's.
    pub roots: Roots,
    pub proxies: Proxies,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect.
    pub connect: Duration,
    /// Without receiving anything.
    pub read: Duration,
    /// For the whole response.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(20),
            total: Duration::from_secs(60),
        }
    }
}

/// Certificates trusted besides the system's, for instance of a company proxy that re-signs TLS.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Roots(Arc<[CertificateDer<'static>]>);

/// Why a file of certificates is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidRoots {
    Empty,
    /// Not PEM: a DER file, a PKCS#12 store, something else.
    NotPem,
    /// It contains a private key, which only its owner should have.
    PrivateKey,
    /// PEM without a certificate.
    NoCertificate,
    /// The nth certificate, from 1, cannot be parsed.
    Malformed(usize),
}

impl Roots {
    /// Parses one or more certificates; ignores text around them.
    ///
    /// # Errors
    /// Why the file is rejected.
    pub fn from_pem(bytes: &[u8]) -> Result<Self, InvalidRoots> {
        if bytes.trim_ascii().is_empty() {
            return Err(InvalidRoots::Empty);
        }
        let text = String::from_utf8_lossy(bytes);
        if text.contains("PRIVATE KEY-----") {
            return Err(InvalidRoots::PrivateKey);
        }
        if !text.contains("-----BEGIN ") {
            return Err(InvalidRoots::NotPem);
        }
        let mut roots = Vec::new();
        // Parses as the connections do later, so that errors show now.
        let mut trial = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(bytes) {
            let malformed = InvalidRoots::Malformed(roots.len() + 1);
            let certificate = certificate.map_err(|_| malformed)?;
            trial.add(certificate.clone()).map_err(|_| malformed)?;
            roots.push(certificate);
        }
        if roots.is_empty() { Err(InvalidRoots::NoCertificate) } else { Ok(Self(roots.into())) }
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roots({})", self.0.len())
    }
}

impl fmt::Display for InvalidRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the file is empty; it should contain certificates as PEM"),
            Self::NotPem => write!(
                f,
                "not a PEM file; it should begin with -----BEGIN CERTIFICATE----- \
                 (from DER: openssl x509 -inform der -in FILE)"
            ),
            Self::PrivateKey => {
                write!(f, "the file contains a private key; use a file that contains only certificates")
            }
            Self::NoCertificate => {
                write!(f, "the file contains no certificate; it should contain certificates as PEM")
            }
            Self::Malformed(nth) => write!(f, "certificate {nth} in the file cannot be read"),
        }
    }
}

impl std::error::Error for InvalidRoots {}

/// Which proxy https goes through. Servers on this machine are always reached directly.
#[derive(Clone, Default)]
pub enum Proxies {
    /// `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, else the system's settings.
    #[default]
    System,
    /// The proxy with this URL, for every server.
    Only(String),
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may contain a password.
        f.write_str(match self {
            Self::System => "System",
            Self::Only(_) => "Only(…)",
        })
    }
}

/// HTTP connections to one server.
#[derive(Clone)]
pub(super) struct HttpClient {
    http: reqwest::Client,
    /// Without kept-alive connections; created when first needed.
    fresh: Arc<OnceLock<reqwest::Client>>,
    settings: Arc<(Url, Network)>,
    proxy_info: Option<ProxyInfo>,
}

impl HttpClient {
    /// A client for the server of a URL, without redirects and cookies.
    pub(super) fn new(url: &Url, network: &Network) -> Result<Self, Fault> {
        Ok(Self {
            http: client(url, network, true)?,
            fresh: Arc::default(),
            settings: Arc::new((url.clone(), network.clone())),
            proxy_info: proxy_info(url, &network.proxies),
        })
    }

    /// Sends a GET request. The server may have closed a kept-alive connection meanwhile: if the connection ends before a
    /// response begins, the request is retried once on a new connection, which is safe because it only reads.
    ///
    /// # Errors
    /// Why there was no response.
    pub(super) async fn get(
        &self,
        url: &Url,
        headers: HeaderMap,
        limit: Option<Duration>,
    ) -> Result<Response, Fault> {
        let request = |http: &reqwest::Client| {
            let request = http.get(url.clone()).headers(headers.clone());
            if let Some(limit) = limit { request.timeout(limit) } else { request }
        };
        let error = match request(&self.http).send().await {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        let fault = self.fault(&error, url);
        let Some(fresh) =
            Some(&fault).filter(|fault| **fault == Fault::ConnectionClosed).and_then(|_| self.fresh())
        else {
            return Err(fault);
        };
        tracing::debug!(path = url.path(), "connection closed, retrying on a new one");
        request(fresh).send().await.map_err(|error| self.fault(&error, url))
    }

    fn fresh(&self) -> Option<&reqwest::Client> {
        if self.fresh.get().is_none() {
            let (url, network) = &*self.settings;
            let _ = self.fresh.set(client(url, network, false).ok()?);
        }
        self.fresh.get()
    }

    /// Why a response did not start or did not finish.
    pub(super) fn fault(&self, error: &reqwest::Error, requested: &Url) -> Fault {
        faults::from_transport(error, requested, self.proxy_info.as_ref())
    }
}

/// `keep_alive`: whether connections are reused.
fn client(url: &Url, network: &Network, keep_alive: bool) -> Result<reqwest::Client, Fault> {
    // Fails if a provider is installed already, which is fine too.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let timeouts = network.timeouts;
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("plannr-tui/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(timeouts.connect)
        .read_timeout(timeouts.read)
        .timeout(timeouts.total)
        // To notice a dead connection (a VPN that went away) during a request: HTTP/2 uses one connection for all
        // requests.
        .tcp_keepalive(KEEPALIVE)
        .http2_keep_alive_interval(KEEPALIVE)
        .http2_keep_alive_timeout(timeouts.connect)
        .redirect(redirect::Policy::none())
        .referer(false)
        .gzip(true);
    let refused = |_| Fault::Tls("this system has no trusted certificates".into());
    if url.scheme() == "https" {
        let roots = network.roots.0.iter().map(|der| Certificate::from_der(der));
        let roots = roots.collect::<Result<Vec<_>, _>>().map_err(refused)?;
        builder = builder.https_only(true).tls_certs_merge(roots);
    } else {
        // Not every container has certificates, and without TLS none are needed.
        builder = builder.tls_certs_only([]);
    }
    if leads_here(url) {
        builder = builder.no_proxy();
    } else if let Proxies::Only(proxy) = &network.proxies {
        let unusable = |_| Fault::Proxy("has an invalid address".into());
        // Only https: what is not encrypted must not go to another machine.
        builder = builder.proxy(Proxy::https(proxy.as_str()).map_err(unusable)?);
    }
    if !keep_alive {
        builder = builder.pool_max_idle_per_host(0);
    }
    builder.build().map_err(refused)
}

/// The proxy for a URL, determined as the connections do.
fn proxy_info(url: &Url, proxies: &Proxies) -> Option<ProxyInfo> {
    if leads_here(url) {
        return None;
    }
    let matcher = match proxies {
        Proxies::System => Matcher::from_system(),
        Proxies::Only(proxy) => Matcher::builder().https(proxy.as_str()).build(),
    };
    let through = matcher.intercept(&url.as_str().parse().ok()?)?;
    let has_credentials = through.basic_auth().is_some() || through.raw_auth().is_some();
    Some(ProxyInfo { name: SafeText::new(through.uri().authority()?.as_str()), has_credentials })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_certificates_is_accepted_whole_or_rejected_with_the_reason() {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["plannr.example".to_owned()]).unwrap();
        let pem = certificate.self_signed(&key).unwrap().pem();
        let named = format!("# our proxy\r\n{pem}\nand another\n{pem}");
        assert_eq!(Roots::from_pem(named.as_bytes()).unwrap().0.len(), 2);
        let broken = pem.replace("MII", "AAA");
        let table = [
            (" \n".to_owned(), InvalidRoots::Empty),
            ("\u{30}\u{82}\u{1}".to_owned(), InvalidRoots::NotPem),
            (format!("{pem}{}", key.serialize_pem()), InvalidRoots::PrivateKey),
            (key.public_key_pem(), InvalidRoots::NoCertificate),
            (format!("{pem}{broken}"), InvalidRoots::Malformed(2)),
            (pem.replace("-----END", "----END"), InvalidRoots::Malformed(1)),
        ];
        for (text, refusal) in table {
            assert_eq!(Roots::from_pem(text.as_bytes()), Err(refusal), "{text}");
        }
    }

    #[test]
    fn a_proxy_is_named_without_its_password_and_never_used_for_this_machine() {
        let named = |server: &str, proxy: &str| {
            let url = Url::parse(server).unwrap();
            proxy_info(&url, &Proxies::Only(proxy.to_owned()))
                .map(|it| (it.name.to_string(), it.has_credentials))
        };
        let found = |name: &str, has_credentials| Some((name.to_owned(), has_credentials));
        let (server, plain) = ("https://plannr.example/api", "http://plannr.example");
        assert_eq!(named(server, "http://proxy.example:3128"), found("proxy.example:3128", false));
        assert_eq!(named(server, "http://ann:s3cret@proxy.example:3128/"), found("proxy.example:3128", true));
        assert_eq!(
            named(server, "socks5h://ann:s3cret@proxy.example:1080"),
            found("proxy.example:1080", true)
        );
        assert_eq!(named(plain, "http://proxy.example:3128"), None, "nothing unencrypted goes there");
        for here in ["https://localhost", "https://127.0.0.1:8443", "http://[::1]:80"] {
            assert_eq!(named(here, "http://proxy.example:3128"), None, "{here}");
        }
        let network =
            Network { proxies: Proxies::Only("http://ann:s3cret@p".to_owned()), ..Network::default() };
        assert!(!format!("{network:?}").contains("s3cret"));
    }
}
