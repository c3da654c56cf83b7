use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::still;
use crate::simulator::faults::{Fault, RateLimit, fault};
use crate::simulator::{Canned, Options, Response, Simulator};

/// The connection on which a request was sent.
pub(super) fn send(simulator: &Simulator, path: &str, more: &str) -> TcpStream {
    let mut stream = TcpStream::connect(simulator.base_url().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: plannr.test\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Accept: application/json\r\nContent-Type: application/json\r\nX-Plannr-Account-Uuid: {}\r\n{more}\r\n",
        simulator.token(),
        simulator.account()
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// All bytes the server sends to one request before it closes the connection.
pub(super) fn ask(simulator: &Simulator, path: &str, more: &str) -> Vec<u8> {
    let mut stream = send(simulator, path, more);
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        _ => bytes,
    }
}

fn split(bytes: &[u8]) -> (String, &[u8]) {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase(), &bytes[end + 4..])
}

#[test]
fn the_world_is_served_over_http() {
    let simulator = Simulator::start(still(30)).unwrap();
    simulator.set_time(Duration::from_secs(5));
    let path = "/api/v1/import?per_page=10&filter%5Bmodes%5D=store";
    let bytes = ask(&simulator, path, "");
    let (head, body) = split(&bytes);
    assert!(head.starts_with("http/1.1 200") && head.contains("x-ratelimit-remaining: 499"), "{head}");
    let asked = simulator.world().get(path).with("host", "plannr.test");
    assert_eq!(body, simulator.world().answer(&asked, Duration::from_secs(5)).body);
    assert!(String::from_utf8_lossy(body).contains("http://plannr.test/api/v1/import?per_page=10"));
    let zipped = ask(&simulator, path, "Accept-Encoding: gzip\r\n");
    assert!(split(&zipped).0.contains("content-encoding: gzip") && zipped.len() * 3 < bytes.len());
    let traffic = simulator.traffic();
    assert_eq!((traffic.requests, traffic.bytes_sent), (2, (bytes.len() + zipped.len()) as u64));
    assert_eq!(traffic.last, [format!("GET {path}"), format!("GET {path}")]);
}

#[test]
fn a_test_can_put_anything_in_place_of_an_answer() {
    let simulator = Simulator::start(still(30)).unwrap();
    simulator.set_time(Duration::ZERO);
    let path = "/api/v1/import?per_page=3";
    let whole = ask(&simulator, path, "");
    let body = split(&whole).1.to_vec();
    let canned = |canned: Canned| {
        let mut once = Some(canned);
        simulator.on_request(move |_| once.take());
        ask(&simulator, path, "Accept-Encoding: gzip\r\n")
    };
    assert!(canned(Canned::Drop).is_empty());
    let half = canned(Canned::DropMidBody);
    assert_eq!(split(&half).1, &body[..body.len() / 2]);
    assert!(split(&half).0.contains(&format!("content-length: {}", body.len())));
    let rate = u32::try_from(body.len()).unwrap() * 20;
    assert_eq!(split(&canned(Canned::SlowDrip { bytes_per_second: rate })).1, body);
    let teapot = canned(Canned::Answer(Response::new(418, "text/html", "<p>no")));
    assert!(split(&teapot).0.starts_with("http/1.1 418") && split(&teapot).1 == b"<p>no");
    assert!(split(&canned(Canned::Late(Duration::from_millis(1)))).0.starts_with("http/1.1 200"));
    assert!(split(&ask(&simulator, path, "")).0.starts_with("http/1.1 200"), "asked for once only");
}

#[test]
fn it_stops_while_a_request_hangs() {
    let simulator = Simulator::start(still(3)).unwrap();
    simulator.on_request(|_| Some(Canned::Hang));
    let mut stream = TcpStream::connect(simulator.base_url().trim_start_matches("http://")).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    while simulator.traffic().requests == 0 {
        std::thread::yield_now();
    }
    drop(simulator);
    let mut bytes = Vec::new();
    assert!(stream.read_to_end(&mut bytes).is_err() || bytes.is_empty());
}

#[test]
fn faults_are_served_when_asked_for() {
    let refused =
        |seed: &u64| matches!(fault(*seed, 3), Some(Fault::Instead(response)) if response.status == 429);
    let seed = (0..).find(refused).unwrap();
    for faults in [false, true] {
        let simulator = Simulator::start(Options { faults, seed, ..still(3) }).unwrap();
        let statuses: Vec<u16> = (0..4)
            .map(|_| split(&ask(&simulator, "/api/v1/logins", "")).0[9..12].parse::<u16>().unwrap())
            .collect();
        assert_eq!(statuses, [200, 200, 200, if faults { 429 } else { 200 }]);
    }
}

#[test]
fn faults_are_few_and_of_every_sort() {
    let faults: Vec<Fault> = (0..1_000).filter_map(|nth| fault(7, nth)).collect();
    assert!((70..150).contains(&faults.len()), "{}", faults.len());
    let status =
        |status| faults.iter().any(|f| matches!(f, Fault::Instead(response) if response.status == status));
    assert!([429, 500, 502].into_iter().all(status));
    assert!(faults.iter().any(|f| matches!(f, Fault::Late(late) if *late < Duration::from_secs(5))));
}

#[test]
fn more_than_the_limit_in_a_minute_has_to_wait() {
    let mut limit = RateLimit::default();
    for left in (0..500).rev() {
        assert_eq!(limit.count(Duration::from_secs(3)), Ok(left));
    }
    assert_eq!(limit.count(Duration::from_secs(13)), Err(Duration::from_secs(50)));
    assert_eq!(limit.count(Duration::from_secs(63)), Ok(499));
}
