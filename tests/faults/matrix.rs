//! The matrix: every fault, what is read of it on the screen, and when the server is asked again by itself.

use std::time::Duration;

use plannr_tui::api::{Network, Timeouts};
use plannr_tui::simulator::{Canned, Response};

use crate::rig::{Asked, Rig, Story};
use crate::servers;
use crate::tls::{Authority, LONG};

/// What goes wrong.
enum Cause {
    /// The good server does this instead of answering.
    Instead(Canned),
    /// The same, to a client that waits no longer than this for the next bytes, and for the whole.
    Hurried(Canned, Duration, Duration),
    /// Another server is asked.
    At(String, Network),
}

use Cause::{At, Hurried, Instead};

const CONTACT: &str = "server error";
const UNEXPECTED: &str = "unexpected answer";
const NO_CONTACT: &str = "offline";
const STOPPED: &str = "stopped";

#[test]
fn every_fault_is_told_asked_again_in_time_and_survived() {
    let rig = Rig::new();
    let authority = Authority::new("The company");
    let (quick, long) = (Duration::from_millis(150), Duration::from_secs(60));
    let answer = |response: Response| Instead(Canned::Answer(response));
    let json = |body: &str| answer(Response::json(200, body));
    let html = |status| Response::new(status, "text/html", "<html><h1>Bad Gateway</h1></html>");
    let retry_after =
        |status, wait: &str| answer(Response::error(status, "Slow down.").with("retry-after", wait));
    let http = |port: u16| At(format!("http://127.0.0.1:{port}"), Network::default());
    let patience =
        |network: Network| Network { timeouts: Timeouts { connect: quick, ..network.timeouts }, ..network };
    let tls = |port: u16, network: Network| At(format!("https://127.0.0.1:{port}"), network);
    let signed = |name, years| tls(authority.serve(name, years), authority.trusted());
    let (other, namesake) = (Authority::new("Somebody"), Authority::new("The company"));
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let invalid = r#"{"message": "Invalid.", "errors": {"per_page": ["The per page is too large."]}}"#;
    let away = rig.simulator.base_url().replace("127.0.0.1", "localhost");
    let moved = |to: &str| answer(Response::new(302, "text/html", "").with("location", to));

    let seconds =
        |from: f64, to: f64| Asked::Within(Duration::from_secs_f64(from), Duration::from_secs_f64(to));
    // With jitter, a quarter more or less; what the server asks for is kept to.
    let soon = || seconds(0.75, 1.25);
    let later = || seconds(11.25, 18.75);
    let exactly = |time: f64| seconds(time, time);

    // What happens, how it is done, what the header says, what the footer says, when it is asked again.
    #[rustfmt::skip]
    let table: Vec<(&str, Cause, &str, &str, Asked)> = vec![
        ("unknown name", At("https://plannr.invalid".into(), Network::default()), NO_CONTACT, "cannot reach the server: cannot resolve plannr.invalid", soon()),
        ("refused", http(servers::nobody()), NO_CONTACT, "cannot reach the server: connection refused", soon()),
        ("reset before an answer", http(servers::reset_after(b"")), NO_CONTACT, "connection closed unexpectedly", soon()),
        ("reset in the headers", http(servers::reset_after(b"HTTP/1.1 200 OK\r\ncontent-")), NO_CONTACT, "connection closed unexpectedly", soon()),
        ("closed before an answer", Instead(Canned::Drop), NO_CONTACT, "connection closed unexpectedly", soon()),
        ("reset in the body", Instead(Canned::DropMidBody), NO_CONTACT, "connection closed unexpectedly", soon()),
        ("hangs before the headers", Hurried(Canned::Hang, quick, long), NO_CONTACT, "the server did not respond in time", soon()),
        ("hangs until the whole takes too long", Hurried(Canned::Hang, long, quick), NO_CONTACT, "the server did not respond in time", soon()),
        ("slow drip", Hurried(Canned::SlowDrip { bytes_per_second: 100 }, long, quick), NO_CONTACT, "the server did not respond in time", soon()),
        ("no HTTP", http(servers::raw("SSH-2.0-OpenSSH_9.6\r\n")), UNEXPECTED, "not a Plannr API response: not HTTP", soon()),
        ("certificate expired", signed("127.0.0.1", (2000, 2020)), NO_CONTACT, "no secure connection: its certificate expired on 2020-01-01; check this computer's clock", soon()),
        ("certificate of the future", signed("127.0.0.1", (3000, 3001)), NO_CONTACT, "no secure connection: its certificate is not valid before 3000-01-01; check this computer's clock", soon()),
        ("certificate of another", signed("other.example", LONG), NO_CONTACT, "no secure connection: its certificate is not valid for 127.0.0.1", soon()),
        ("certificate signed by nobody known", tls(other.serve("127.0.0.1", LONG), authority.trusted()), NO_CONTACT, "no secure connection: its certificate is not signed by an authority that this system trusts; if your company's proxy re-signs TLS, pass its certificate with --ca-file", soon()),
        ("certificate signed by a namesake", tls(namesake.serve("127.0.0.1", LONG), authority.trusted()), NO_CONTACT, "no secure connection: its certificate is not signed by an authority that this system trusts; if your company's proxy re-signs TLS, pass its certificate with --ca-file", soon()),
        ("TLS without an end", tls(servers::silent(), patience(authority.trusted())), NO_CONTACT, "cannot reach the server: 127.0.0.1 does not respond", soon()),
        ("http on the port of https", tls(servers::deaf(b"HTTP/1.1 400 Bad Request\r\n\r\n"), authority.trusted()), NO_CONTACT, "no secure connection: it does not speak TLS; check the port", soon()),
        ("TLS broken off", tls(servers::deaf(b""), authority.trusted()), NO_CONTACT, "no secure connection: the TLS handshake was interrupted", soon()),
        ("400", answer(Response::error(400, "Bad.")), CONTACT, "Plannr refused the request (400): Bad", later()),
        ("401", answer(Response::error(401, "Unauthenticated.")), STOPPED, "Plannr does not accept the token (401); create a new token in Plannr: Settings → Account Details", Asked::Never),
        ("403", answer(Response::error(403, "Not yours.")), STOPPED, "Plannr does not allow this (403): Not yours; check the account (--account) and its permissions", Asked::Never),
        ("404", answer(Response::error(404, "Not Found")), CONTACT, "not found (404)", later()),
        ("404 of another server", answer(html(404)), CONTACT, "not found (404)", later()),
        ("408", answer(html(408)), NO_CONTACT, "the server did not respond in time", soon()),
        ("422 with messages", answer(Response::json(422, invalid)), CONTACT, "Plannr refused the request (422): Invalid. The per page is too large", later()),
        ("429 without a word", answer(Response::error(429, "Too Many Attempts.")), "rate limit", "too many requests (429)", exactly(60.0)),
        ("429, seconds", retry_after(429, "7"), "rate limit", "too many requests (429)", exactly(7.0)),
        ("429, a date", answer(Response::error(429, "").with("date", "Fri, 06 Nov 2026 08:49:37 GMT").with("retry-after", "Fri, 06 Nov 2026 08:50:07 GMT")), "rate limit", "too many requests (429)", exactly(30.0)),
        ("429, a week", retry_after(429, "604800"), "rate limit", "too many requests (429)", exactly(3600.0)),
        ("500", answer(Response::error(500, "Server Error")), CONTACT, "server error (500)", soon()),
        ("502", answer(html(502)), CONTACT, "server error (502)", soon()),
        ("503", answer(html(503)), CONTACT, "server error (503)", soon()),
        ("503, seconds", retry_after(503, "20"), CONTACT, "server error (503)", exactly(20.0)),
        ("504", answer(html(504)), CONTACT, "server error (504)", soon()),
        ("a web page", answer(html(200)), UNEXPECTED, "not a Plannr API response: a web page", soon()),
        ("nothing", json(""), UNEXPECTED, "not a Plannr API response: an empty body", soon()),
        ("no content", answer(Response::json(204, "")), UNEXPECTED, "not a Plannr API response: an empty body", soon()),
        ("JSON that breaks off", json(r#"{"data": [{"uuid": "#), CONTACT, "damaged response: truncated JSON", soon()),
        ("no JSON", json("once upon a time"), UNEXPECTED, "not a Plannr API response: not JSON", soon()),
        ("invalid UTF-8", answer(Response::json(200, b"\xff\xfe{\x00".to_vec())), UNEXPECTED, "not a Plannr API response: not JSON", soon()),
        ("10,000 deep", json(&deep), UNEXPECTED, "not a Plannr API response: JSON that is not an object", soon()),
        ("a gigabyte", http(servers::endless()), CONTACT, "damaged response: larger than 64 MiB", soon()),
        ("a gzip bomb", answer(Response::json(200, servers::bomb()).with("content-encoding", "gzip")), CONTACT, "damaged response: larger than 64 MiB", soon()),
        ("broken compression", answer(Response::json(200, "{}").with("content-encoding", "gzip")), CONTACT, "damaged response: invalid compression", soon()),
        ("redirect loop", moved("/api/v1/import"), UNEXPECTED, "not a Plannr API response: a redirect to 127.0.0.1 (302)", soon()),
        ("redirect to a login page", moved("/login"), UNEXPECTED, "redirected to a login page on 127.0.0.1", soon()),
        ("redirect to another origin", moved(&away), UNEXPECTED, "not a Plannr API response: a redirect to localhost (302)", soon()),
    ];
    let mut wrong = Vec::new();
    for (name, cause, header, message, asked) in table {
        let network = Network::default();
        let base = rig.simulator.base_url();
        let faulty = match &cause {
            Instead(_) => rig.client(&base, network),
            Hurried(_, read, total) => {
                let timeouts = Timeouts { read: *read, total: *total, ..Timeouts::default() };
                rig.client(&base, Network { timeouts, ..network })
            }
            At(base, network) => rig.client(base, network.clone()),
        };
        let canned = match cause {
            Instead(canned) | Hurried(canned, ..) => Some(canned),
            At(..) => None,
        };
        let story = rig.play(name, faulty, canned);
        let tolerance = Duration::from_millis(2);
        let in_time = match asked {
            Asked::Never => story.stopped,
            Asked::Within(from, to) => {
                !story.stopped && story.again + tolerance >= from && story.again <= to + tolerance
            }
        };
        let right = story.header.contains(header) && story.footer.contains(message) && in_time;
        if !right || story.footer.contains(rig.simulator.token()) {
            let Story { header, footer, again, .. } = story;
            wrong.push(format!("{name}: {}\n  {}\n  again in {again:?}", header.trim(), footer.trim()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
