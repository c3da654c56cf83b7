//! Connections to a server: whom to trust, which proxy is in the way, how long to wait.

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
use super::faults;
use crate::domain::fault::Fault;
use crate::domain::text::SafeText;

/// How long a connection on which an answer is awaited may be silent before it is probed.
const PROBE: Duration = Duration::from_secs(10);

/// How a server is reached.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// How long is waited.
    pub timeouts: Timeouts,
    /// Who is trusted besides those that the system trusts.
    pub roots: Roots,
    /// What stands between us and the server.
    pub proxies: Proxies,
}

/// How long is waited for the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the next bytes.
    pub read: Duration,
    /// For the whole answer.
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

/// Certificates that are trusted in addition to the system's, for instance of a company's proxy that re-signs TLS.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Roots(Arc<[CertificateDer<'static>]>);

/// Why a file holds no certificates that could be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootsRefusal {
    /// Nothing is in it.
    Empty,
    /// It is not PEM: a DER file, a PKCS#12 store, something else.
    NotPem,
    /// A private key is in it, which nobody but its owner should have.
    PrivateKey,
    /// It is PEM without a certificate.
    NoCertificate,
    /// The nth certificate, counted from 1, cannot be read.
    Malformed(usize),
}

impl Roots {
    /// Reads one certificate or several from PEM; text around them does not matter.
    ///
    /// # Errors
    /// The reason why nothing of it is taken.
    pub fn from_pem(bytes: &[u8]) -> Result<Self, RootsRefusal> {
        if bytes.trim_ascii().is_empty() {
            return Err(RootsRefusal::Empty);
        }
        let text = String::from_utf8_lossy(bytes);
        if text.contains("PRIVATE KEY-----") {
            return Err(RootsRefusal::PrivateKey);
        }
        if !text.contains("-----BEGIN ") {
            return Err(RootsRefusal::NotPem);
        }
        let mut roots = Vec::new();
        // Does it like the connections later: whatever they would stumble over is told now.
        let mut trial = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(bytes) {
            let malformed = RootsRefusal::Malformed(roots.len() + 1);
            let certificate = certificate.map_err(|_| malformed)?;
            trial.add(certificate.clone()).map_err(|_| malformed)?;
            roots.push(certificate);
        }
        if roots.is_empty() { Err(RootsRefusal::NoCertificate) } else { Ok(Self(roots.into())) }
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roots({})", self.0.len())
    }
}

impl fmt::Display for RootsRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the file is empty; it should hold certificates as PEM"),
            Self::NotPem => write!(
                f,
                "this is not PEM; it should begin with -----BEGIN CERTIFICATE----- \
                 (from DER: openssl x509 -inform der -in FILE)"
            ),
            Self::PrivateKey => {
                write!(f, "a private key is in it; give a file that holds certificates only")
            }
            Self::NoCertificate => write!(f, "no certificate is in it; it should hold some as PEM"),
            Self::Malformed(nth) => write!(f, "certificate {nth} in it cannot be read"),
        }
    }
}

impl std::error::Error for RootsRefusal {}

/// Which proxy https goes through. Servers on this machine are always asked directly.
#[derive(Clone, Default)]
pub enum Proxies {
    /// What `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say, else the system's settings.
    #[default]
    System,
    /// This one, by its URL, for every server.
    Only(String),
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A URL may hold a password.
        f.write_str(match self {
            Self::System => "System",
            Self::Only(_) => "Only(…)",
        })
    }
}

/// A proxy as it is told to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProxyInfo {
    /// Host and port, never a user name or password.
    pub(super) name: SafeText,
    /// Whether it is told a user name and password.
    pub(super) signed_in: bool,
}

/// Connections to one server, or to any through the same proxy.
#[derive(Clone)]
pub(super) struct HttpClient {
    http: reqwest::Client,
    /// The same without connections that are kept, made when it is needed.
    fresh: Arc<OnceLock<reqwest::Client>>,
    settings: Arc<(Url, Network)>,
    proxy_info: Option<ProxyInfo>,
}

impl HttpClient {
    /// Connections to the server of a URL; they follow no redirect and know no cookie.
    pub(super) fn to(url: &Url, network: &Network) -> Result<Self, Fault> {
        Ok(Self {
            http: client(url, network, true)?,
            fresh: Arc::default(),
            settings: Arc::new((url.clone(), network.clone())),
            proxy_info: proxy_info(url, &network.proxies),
        })
    }

    /// Sends a request. A connection that was kept may have been closed meanwhile by the other side: where it ends before
    /// an answer begins, the request is repeated once, at once, on a new one. It only reads, so that does no harm.
    ///
    /// # Errors
    /// What broke before there was an answer.
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
        let fault = self.broken(&error, url);
        let Some(fresh) =
            Some(&fault).filter(|fault| **fault == Fault::ConnectionClosed).and_then(|_| self.fresh())
        else {
            return Err(fault);
        };
        tracing::debug!(path = url.path(), "connection closed, asking again on a new one");
        request(fresh).send().await.map_err(|error| self.broken(&error, url))
    }

    fn fresh(&self) -> Option<&reqwest::Client> {
        if self.fresh.get().is_none() {
            let (url, network) = &*self.settings;
            let _ = self.fresh.set(client(url, network, false).ok()?);
        }
        self.fresh.get()
    }

    /// What broke before there was an answer, or in the middle of it.
    pub(super) fn broken(&self, error: &reqwest::Error, asked: &Url) -> Fault {
        faults::broken(error, asked, self.proxy_info.as_ref())
    }
}

/// A client for the server of a URL; `keep` says whether it keeps connections for the next request.
fn client(url: &Url, network: &Network, keep: bool) -> Result<reqwest::Client, Fault> {
    // Fails where a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let timeouts = network.timeouts;
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("plannr-tui/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(timeouts.connect)
        .read_timeout(timeouts.read)
        .timeout(timeouts.total)
        // So that a dead link (a VPN that went away) is noticed while something is asked: HTTP/2, where the server
        // has it, keeps one connection for all requests.
        .tcp_keepalive(PROBE)
        .http2_keep_alive_interval(PROBE)
        .http2_keep_alive_timeout(timeouts.connect)
        .redirect(redirect::Policy::none())
        .referer(false)
        .gzip(true);
    let refused = |_| Fault::Tls("this system has no certificates to trust".into());
    if url.scheme() == "https" {
        let roots = network.roots.0.iter().map(|der| Certificate::from_der(der));
        let roots = roots.collect::<Result<Vec<_>, _>>().map_err(refused)?;
        builder = builder.https_only(true).tls_certs_merge(roots);
    } else {
        // Without TLS no certificates are needed, which not every container has.
        builder = builder.tls_certs_only([]);
    }
    if leads_here(url) {
        builder = builder.no_proxy();
    } else if let Proxies::Only(proxy) = &network.proxies {
        let unusable = |_| Fault::Proxy("has an address that cannot be used".into());
        // Only https: what is not encrypted must not go to another machine.
        builder = builder.proxy(Proxy::https(proxy.as_str()).map_err(unusable)?);
    }
    if !keep {
        builder = builder.pool_max_idle_per_host(0);
    }
    builder.build().map_err(refused)
}

/// The proxy that a URL is asked through, found out as the connections do.
fn proxy_info(url: &Url, proxies: &Proxies) -> Option<ProxyInfo> {
    if leads_here(url) {
        return None;
    }
    let matcher = match proxies {
        Proxies::System => Matcher::from_system(),
        Proxies::Only(proxy) => Matcher::builder().https(proxy.as_str()).build(),
    };
    let through = matcher.intercept(&url.as_str().parse().ok()?)?;
    let signed_in = through.basic_auth().is_some() || through.raw_auth().is_some();
    Some(ProxyInfo { name: SafeText::new(through.uri().authority()?.as_str()), signed_in })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_certificates_is_taken_whole_or_refused_with_the_reason() {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["plannr.example".to_owned()]).unwrap();
        let pem = certificate.self_signed(&key).unwrap().pem();
        let named = format!("# our proxy\r\n{pem}\nand another\n{pem}");
        assert_eq!(Roots::from_pem(named.as_bytes()).unwrap().0.len(), 2);
        let broken = pem.replace("MII", "AAA");
        let table = [
            (" \n".to_owned(), RootsRefusal::Empty),
            ("\u{30}\u{82}\u{1}".to_owned(), RootsRefusal::NotPem),
            (format!("{pem}{}", key.serialize_pem()), RootsRefusal::PrivateKey),
            (key.public_key_pem(), RootsRefusal::NoCertificate),
            (format!("{pem}{broken}"), RootsRefusal::Malformed(2)),
            (pem.replace("-----END", "----END"), RootsRefusal::Malformed(1)),
        ];
        for (text, refusal) in table {
            assert_eq!(Roots::from_pem(text.as_bytes()), Err(refusal), "{text}");
        }
    }

    #[test]
    fn a_proxy_is_named_without_its_password_and_never_stands_before_this_machine() {
        let named = |server: &str, proxy: &str| {
            let url = Url::parse(server).unwrap();
            proxy_info(&url, &Proxies::Only(proxy.to_owned())).map(|it| (it.name.to_string(), it.signed_in))
        };
        let found = |name: &str, signed_in| Some((name.to_owned(), signed_in));
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
