//! Servers with certificates of every kind, from an authority that nobody knows.

use std::io::Write;
use std::sync::Arc;

use plannr_tui::api::{Network, Roots};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::servers::{head, server};

/// The name of the server behind proxies; it is in no DNS.
pub const NAME: &str = "plannr.example";

/// Signs certificates, as a company's proxy does.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

/// The years in which a certificate is good.
pub const LONG: (i32, i32) = (2000, 4000);

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// What `--ca-file` gives.
    pub fn trusted(&self) -> Network {
        Network { roots: Roots::from_pem(self.pem.as_bytes()).unwrap(), ..Network::default() }
    }

    /// A server whose certificate is for this name, good from the first of these years to the second; its port.
    pub fn serve(&self, name: &str, (from, until): (i32, i32)) -> u16 {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config =
            config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key.into());
        let config = Arc::new(config.unwrap());
        server(move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            if head(&mut stream).starts_with("GET /api/v1/import?") {
                let body = r#"{"data": [], "meta": {"total": 0}}"#;
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        })
    }
}
