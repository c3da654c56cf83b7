//! Proxies on the way: what goes through them, and the messages when they refuse.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use plannr_tui::api::{Network, Proxies, Timeouts};
use plannr_tui::domain::fault::Fault;
use plannr_tui::domain::page::{Criteria, ListRequest};

use crate::rig::Rig;
use crate::servers::{self, head, server};
use crate::tls::{Authority, LONG, NAME};

/// Everything that a proxy received.
type Received = Arc<Mutex<Vec<u8>>>;

/// A proxy that connects every tunnel to a local port; returns its own port and what it receives.
pub fn proxy_to(port: u16) -> (u16, Received) {
    let received = Received::default();
    let recorder = Arc::clone(&received);
    let own = server(move |mut stream| {
        let asked = head(&mut stream);
        recorder.lock().unwrap().extend_from_slice(asked.as_bytes());
        let Ok(mut there) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return };
        let _ = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
        let (mut back, mut to) = (there.try_clone().unwrap(), stream.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut back, &mut to));
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut piece) {
            recorder.lock().unwrap().extend_from_slice(&piece[..read]);
            if there.write_all(&piece[..read]).is_err() {
                return;
            }
        }
    });
    (own, received)
}

fn newest() -> ListRequest {
    ListRequest::newest(Criteria::default(), 5)
}

#[test]
fn a_tunnel_hides_everything_from_its_proxy() {
    let rig = Rig::new();
    let authority = Authority::new("The company");
    let (port, received) = proxy_to(authority.serve(NAME, LONG));
    let proxies = Proxies::Only(format!("http://ann:s3cret@127.0.0.1:{port}"));
    let client = rig.client(&format!("https://{NAME}"), Network { proxies, ..authority.trusted() });
    let page = rig.requests.block_on(client.list(&newest())).unwrap();
    assert_eq!(page.total, Some(0));
    let received = String::from_utf8_lossy(&received.lock().unwrap()).into_owned();
    assert!(received.starts_with(&format!("CONNECT {NAME}:443 HTTP/1.1\r\n")), "{received}");
    assert!(received.to_lowercase().contains("proxy-authorization: basic yw5uonmzy3jlda=="));
    for secret in [rig.simulator.token(), "authorization: bearer", "/api/v1/import"] {
        assert!(!received.to_lowercase().contains(&secret.to_lowercase()), "{secret}");
    }
}

#[test]
fn a_server_on_this_machine_is_asked_without_a_proxy() {
    let rig = Rig::new();
    let network = Network {
        proxies: Proxies::Only(format!("http://127.0.0.1:{}", servers::nobody())),
        ..Network::default()
    };
    let client = rig.client(&rig.simulator.base_url(), network);
    assert!(rig.requests.block_on(client.list(&newest())).is_ok());
}

#[test]
fn a_proxy_in_the_way_is_named_without_its_password() {
    let rig = Rig::new();
    let says = |answer: &'static str| servers::raw(format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n"));
    let table = [
        ("", servers::nobody(), "the proxy HERE refused the connection"),
        (
            "",
            says("407 Proxy Authentication Required"),
            "the proxy HERE requires a user name and password (407)",
        ),
        (
            "ann:s3cret@",
            says("407 Proxy Authentication Required"),
            "the proxy HERE rejected the user name and password (407)",
        ),
        ("ann:s3cret@", says("403 Forbidden"), "the proxy HERE refused to connect to plannr.example"),
        ("", says("502 Bad Gateway"), "the proxy HERE refused to connect to plannr.example"),
        ("", servers::raw(""), "the proxy HERE refused to connect to plannr.example"),
        ("", servers::silent(), "the proxy HERE does not respond"),
    ];
    for (user, port, message) in table {
        // A short timeout only for the silent one, so that a busy machine fails no other.
        let hurried = message.ends_with("does not respond");
        let connect = Duration::from_millis(if hurried { 200 } else { 60_000 });
        let network = Network {
            proxies: Proxies::Only(format!("http://{user}127.0.0.1:{port}")),
            timeouts: Timeouts { connect, ..Timeouts::default() },
            ..Network::default()
        };
        let client = rig.client(&format!("https://{NAME}"), network);
        let fault = rig.requests.block_on(client.list(&newest())).unwrap_err();
        assert_eq!(fault.to_string(), message.replace("HERE", &format!("127.0.0.1:{port}")));
        assert!(matches!(fault, Fault::Proxy(_)) && !format!("{fault:?} {client:?}").contains("s3cret"));
    }
}
