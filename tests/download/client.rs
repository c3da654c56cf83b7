//! The client: who is sent what, and what becomes of a connection that breaks.

use std::time::Duration;

use futures_util::future::join_all;
use plannr_tui::api::{Bounds, Client, Received, Timeouts};
use plannr_tui::domain::backoff::RetryBudget;
use plannr_tui::domain::fault::Fault;
use plannr_tui::domain::import::{Import, Link, LinkError};
use plannr_tui::domain::transfer::{DownloadFault, Sink, Transfer};
use plannr_tui::files::Target;
use plannr_tui::simulator::{Canned, Response, Simulator};
use tokio::sync::mpsc;

use crate::storage::{Storage, answer, unannounced};
use crate::{always, client, client_with, files, first, reported, simulator, whole};

/// No second try.
const AT_ONCE: Bounds = Bounds { retry_for: Duration::ZERO, ..Bounds::MEMORY };

fn link(import: &Import) -> &Link {
    import.report().unwrap().link.as_ref().unwrap()
}

async fn fetch(client: &Client, import: &Import, bounds: Bounds) -> Result<Vec<u8>, DownloadFault> {
    let mut bytes = Vec::new();
    let received = client.download(link(import), Some(&import.id), &mut bytes, bounds, drop).await?;
    assert_eq!(received.size, bytes.len() as u64);
    Ok(bytes)
}

/// Sends whoever asks for the report elsewhere.
fn redirect(to: &str) -> Canned {
    Canned::Answer(Response::new(302, "text/html", "").with("location", to))
}

#[tokio::test]
async fn a_report_arrives_byte_for_byte_and_reports_its_progress() {
    let simulator = simulator();
    let (import, expected) = reported(&simulator).await;
    let requests = first(&simulator, []);
    let (mut bytes, mut transfers) = (Vec::new(), Vec::new());
    let client = client(&simulator);
    let received = client
        .download(link(&import), Some(&import.id), &mut bytes, Bounds::MEMORY, |transfer| {
            transfers.push(transfer)
        })
        .await
        .unwrap();
    let size = expected.len() as u64;
    assert!(bytes == expected);
    let suggested_name = Some("tasks-errors.csv".to_owned());
    let media_type = Some("text/csv; charset=UTF-8".to_owned());
    assert_eq!(received, Received { size, suggested_name, media_type });
    assert_eq!(transfers.first(), Some(&Transfer { received: 0, total: Some(size), waiting: None }));
    assert_eq!(transfers.last(), Some(&Transfer { received: size, total: Some(size), waiting: None }));

    let requests = requests.lock().unwrap();
    let [request] = requests.as_slice() else { panic!("one request is enough: {requests:?}") };
    let bearer = format!("Bearer {}", simulator.token());
    assert_eq!((request.method.as_str(), request.header("authorization")), ("GET", Some(bearer.as_str())));
    assert_eq!(request.header("x-plannr-account-uuid"), Some(simulator.account()));
    assert_eq!((request.header("accept-encoding"), request.header("range")), (Some("identity"), None));
}

#[tokio::test]
async fn another_origin_is_sent_nothing_that_tells_who_asks() {
    let storage = Storage::start(|_| answer(200, &[("content-type", "text/csv")], "a,b\n1,2\n")).await;
    let simulator = simulator();
    let (import, _) = reported(&simulator).await;
    let client = client(&simulator);
    for status in [301, 302, 303, 307, 308] {
        let to = Response::new(status, "text/html", "")
            .with("location", &storage.url)
            .with("set-cookie", "session=5ec3e7; Path=/; Domain=127.0.0.1");
        first(&simulator, [Canned::Answer(to)]);
        assert_eq!(fetch(&client, &import, AT_ONCE).await.unwrap(), b"a,b\n1,2\n");
    }
    // The link itself leads there.
    let direct = Link::new(&storage.url, client.base().as_url()).unwrap();
    let mut bytes = Vec::new();
    client.download(&direct, None, &mut bytes, AT_ONCE, drop).await.unwrap();

    let seen = storage.seen();
    assert_eq!(seen.len(), 6);
    assert!(seen.iter().all(|(line, _)| line == "GET /bucket/report.csv?X-Amz-Signature=5ec3e7"), "{seen:?}");
    let names = storage.header_names();
    assert!(names.iter().eq(["accept", "accept-encoding", "host", "user-agent"]), "{names:?}");
    let all = format!("{seen:?}");
    for secret in [simulator.token(), simulator.account(), import.id.as_str()] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[tokio::test]
async fn who_was_sent_away_and_back_comes_back_as_a_stranger() {
    let simulator = simulator();
    let (import, _) = reported(&simulator).await;
    let home = link(&import).as_str().to_owned();
    let storage = Storage::start(move |_| answer(302, &[("location", &home)], "")).await;
    let requests = first(&simulator, [redirect(&storage.url)]);
    let mut bytes = Vec::new();
    let arrived = client(&simulator).download(link(&import), None, &mut bytes, AT_ONCE, drop).await;
    assert_eq!(arrived, Err(DownloadFault::Gone { host: "127.0.0.1".into(), status: 401 }));
    let authorised: Vec<_> =
        files(&requests).iter().map(|request| request.header("authorization").is_some()).collect();
    assert_eq!(authorised, [true, false]);
}

#[tokio::test]
async fn a_redirect_at_home_keeps_the_token_and_none_is_followed_for_ever() {
    let simulator = simulator();
    let (import, expected) = reported(&simulator).await;
    let client = client(&simulator);
    let path = link(&import).as_str().strip_prefix(&simulator.base_url()).unwrap().to_owned();
    let requests = first(&simulator, [redirect(&path), redirect("?again")]);
    assert!(fetch(&client, &import, AT_ONCE).await.unwrap() == expected);
    assert!(files(&requests).iter().all(|request| request.header("authorization").is_some()));

    let table = [
        (path.as_str(), "more than 5 redirects"),
        ("http://s3.example/x", "it leads to s3.example without encryption (http)"),
        ("https://user:pass@s3.example/x", "it contains a user name or password"),
        ("file:///etc/passwd", "its scheme is not https"),
    ];
    for (to, why) in table {
        always(&simulator, redirect(to));
        assert_eq!(
            fetch(&client, &import, AT_ONCE).await,
            Err(DownloadFault::NotFollowed(why.into())),
            "{to}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_drops_is_taken_up_where_it_broke_off() {
    let simulator = simulator();
    let (import, expected) = reported(&simulator).await;
    let requests = first(&simulator, [Canned::DropMidBody, Canned::DropMidBody]);
    let mut transfers = Vec::new();
    let mut bytes = Counting::default();
    client(&simulator)
        .download(link(&import), None, &mut bytes, Bounds::MEMORY, |transfer| transfers.push(transfer))
        .await
        .unwrap();
    assert!(bytes.bytes == expected && bytes.restarts == 0);
    let tag = whole(&simulator, &import).header("etag").unwrap().to_owned();
    let half = expected.len() / 2;
    let quarter = half + (expected.len() - half) / 2;
    let asked: Vec<_> = files(&requests)
        .iter()
        .map(|request| {
            (request.header("range").map(str::to_owned), request.header("if-range").map(str::to_owned))
        })
        .collect();
    let rest = |from: usize| (Some(format!("bytes={from}-")), Some(tag.clone()));
    assert_eq!(asked, [(None, None), rest(half), rest(quarter)]);
    let waits: Vec<_> = transfers.iter().filter_map(|transfer| transfer.waiting.as_ref()).collect();
    assert_eq!(waits.len(), 2);
    assert!(waits.iter().all(|wait| wait.attempt == 1 && wait.wait < Duration::from_secs(2)), "{waits:?}");
    assert_eq!(transfers.last().map(|transfer| transfer.received), Some(expected.len() as u64));
}

#[tokio::test]
async fn what_cannot_be_taken_up_starts_over() {
    // Knows no ranges; has another version by now; sends another part; has less than there was.
    type Then = fn(Response) -> Response;
    let table: [(&str, Then, usize); 4] = [
        ("no ranges", |whole| whole, 2),
        ("another version", |whole| whole.with("etag", "\"new\""), 2),
        ("another part", |whole| Response { status: 206, ..whole }.with("content-range", "bytes 0-1/2"), 3),
        ("less", |_| Response::error(416, "Requested Range Not Satisfiable"), 3),
    ];
    let rows = table.map(|(why, then, requests)| async move {
        let simulator = simulator();
        let (import, expected) = reported(&simulator).await;
        let then = then(Response::new(200, "text/csv", expected.clone()));
        let asked = first(&simulator, [Canned::DropMidBody, Canned::Answer(then)]);
        let mut sink = Counting::default();
        let client = client(&simulator);
        client.download(link(&import), None, &mut sink, Bounds::MEMORY, drop).await.unwrap();
        assert!(sink.bytes == expected, "{why}");
        assert_eq!((sink.restarts, files(&asked).len()), (1, requests), "{why}");
    });
    join_all(rows).await;
}

#[tokio::test]
async fn without_patience_the_first_fault_is_the_last() {
    let simulator = simulator();
    let (import, _) = reported(&simulator).await;
    let broke_off = Fault::ConnectionClosed;
    let html = Response::new(200, "Text/HTML; charset=utf-8", "<html>Log in</html>");
    let part = Response::new(206, "text/csv", "a").with("content-range", "bytes 0-0/9");
    let coded = Response::new(200, "text/csv", "a").with("content-encoding", "br");
    let foreign = |what: &str| Fault::NotTheApi(what.into());
    let short = Timeouts { read: Duration::from_millis(200), ..Timeouts::default() };
    let usual = Timeouts::default();
    let table = [
        (Canned::DropMidBody, usual, broke_off.clone()),
        (Canned::Drop, usual, broke_off),
        (Canned::Hang, short, Fault::TimedOut),
        (Canned::Answer(Response::error(503, "Down.")), usual, Fault::Server(503, None)),
        (Canned::Answer(Response::error(429, "Slow.")), usual, Fault::RateLimited(None)),
        (Canned::Answer(Response::error(422, "No.")), usual, Fault::Refused(422, "No.".into())),
        (Canned::Answer(html), usual, foreign("a web page")),
        (Canned::Answer(part), usual, foreign("a part of a file that was not requested")),
        (Canned::Answer(coded), usual, foreign("an encoding that was not requested")),
        (Canned::Answer(Response::new(204, "", "")), usual, foreign("a response without content (204)")),
    ];
    for (canned, timeouts, fault) in table {
        let case = format!("{canned:?}");
        let requests = always(&simulator, canned);
        // A connection that was kept may have been closed meanwhile: that is asked again on a new one.
        let asked = if case == "Drop" { 2 } else { 1 };
        let arrived = fetch(&client_with(&simulator, timeouts), &import, AT_ONCE).await;
        assert_eq!(arrived, Err(fault.into()), "{case}");
        assert_eq!(requests.lock().unwrap().len(), asked, "{case}");
    }
}

#[tokio::test]
async fn a_slow_server_is_waited_for_as_long_as_bytes_come() {
    let simulator = simulator();
    let (import, expected) = reported(&simulator).await;
    let rate = u32::try_from(expected.len()).unwrap();
    always(&simulator, Canned::SlowDrip { bytes_per_second: rate });
    let brief = Duration::from_millis(500);
    let timeouts = Timeouts { total: brief, read: brief, ..Timeouts::default() };
    assert!(fetch(&client_with(&simulator, timeouts), &import, AT_ONCE).await.unwrap() == expected);
}

#[tokio::test]
async fn no_more_is_taken_than_is_allowed() {
    let simulator = simulator();
    let (import, expected) = reported(&simulator).await;
    let client = client(&simulator);
    let size = expected.len() as u64;
    assert!(fetch(&client, &import, Bounds { size, ..AT_ONCE }).await.is_ok());
    let tight = Bounds { size: size - 1, ..AT_ONCE };
    assert_eq!(fetch(&client, &import, tight).await, Err(DownloadFault::TooLarge(size - 1)));
    // The same where nobody says how much will come.
    let storage = Storage::start(|_| answer(200, &[], unannounced(&[b"1234", b"5678", b"9"]))).await;
    always(&simulator, redirect(&storage.url));
    assert_eq!(fetch(&client, &import, Bounds { size: 9, ..AT_ONCE }).await.unwrap(), b"123456789");
    let mut bytes = Vec::new();
    let bounds = Bounds { size: 7, ..AT_ONCE };
    let arrived = client.download(link(&import), None, &mut bytes, bounds, drop).await;
    assert_eq!(arrived, Err(DownloadFault::TooLarge(7)));
    assert!(bytes.len() <= 7);
}

#[tokio::test]
async fn what_storage_keeps_compressed_arrives_as_it_was() {
    // `gzip` of the text below.
    const GZIP: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 75, 204, 77, 213, 73, 45, 42, 202, 47, 42, 230, 114, 215, 81,
        10, 201, 72, 85, 72, 205, 77, 204, 204, 81, 200, 44, 86, 40, 73, 204, 78, 205, 211, 83, 226, 2, 0,
        235, 157, 71, 3, 36, 0, 0, 0,
    ];
    let storage =
        Storage::start(|_| answer(200, &[("content-encoding", "gzip"), ("etag", "\"z\"")], GZIP)).await;
    let simulator = simulator();
    let (import, _) = reported(&simulator).await;
    always(&simulator, redirect(&storage.url));
    let arrived = fetch(&client(&simulator), &import, AT_ONCE).await.unwrap();
    assert_eq!(arrived, b"name,errors\nG,\"The email is taken.\"\n");
}

#[tokio::test]
async fn a_link_that_ran_out_is_replaced_by_a_fresh_one() {
    let simulator = simulator();
    let (import, expected) = reported(&simulator).await;
    let client = client(&simulator);
    for status in [401, 403, 404, 410] {
        let refused = Canned::Answer(Response::error(status, "Expired."));
        let requests = first(&simulator, [refused.clone()]);
        assert!(fetch(&client, &import, Bounds::MEMORY).await.unwrap() == expected, "{status}");
        let lines: Vec<_> =
            requests.lock().unwrap().iter().map(|request| request.path().to_owned()).collect();
        let file = format!("/file/{}", link(&import).as_str().rsplit_once("/file/").unwrap().1);
        let show = format!("/api/v1/import/{}", import.id);
        assert_eq!(lines, [file.as_str(), &show, &file], "{status}");

        // Where no fresh one helps, or none can be asked for, that is reported, without retrying for ever.
        let requests = always(&simulator, refused);
        let fault = fetch(&client, &import, Bounds::MEMORY).await.unwrap_err();
        let expected = match status {
            401 => Fault::Unauthenticated.into(),
            403 => Fault::Forbidden("Expired.".into()).into(),
            status => DownloadFault::Gone { host: "127.0.0.1".into(), status },
        };
        assert_eq!(fault, expected);
        assert_eq!(requests.lock().unwrap().len(), 3);
        let mut bytes = Vec::new();
        let alone = client.download(link(&import), None, &mut bytes, Bounds::MEMORY, drop).await;
        assert_eq!(alone, Err(expected));
    }
}

#[tokio::test]
async fn a_link_that_runs_out_in_the_middle_costs_nothing_of_what_is_there() {
    let simulator = simulator();
    let (import, expected) = reported(&simulator).await;
    let expired = Canned::Answer(Response::error(410, "Expired."));
    let requests = first(&simulator, [Canned::DropMidBody, expired]);
    let mut sink = Counting::default();
    let client = client(&simulator);
    client.download(link(&import), Some(&import.id), &mut sink, Bounds::MEMORY, drop).await.unwrap();
    assert!(sink.bytes == expected && sink.restarts == 0);
    let ranges: Vec<_> = files(&requests).iter().map(|request| request.header("range").is_some()).collect();
    assert_eq!(ranges, [false, true, true]);
}

#[tokio::test]
async fn a_signed_link_that_storage_refuses_is_not_taken_for_a_bad_token() {
    let storage = Storage::start(|_| answer(403, &[("content-type", "application/xml")], "<Error/>")).await;
    let simulator = simulator();
    let (import, _) = reported(&simulator).await;
    always(&simulator, redirect(&storage.url));
    let fault = fetch(&client(&simulator), &import, AT_ONCE).await.unwrap_err();
    assert_eq!(fault, DownloadFault::Gone { host: "127.0.0.1".into(), status: 403 });
    assert_eq!(storage.seen().len(), 2);
}

#[tokio::test]
async fn a_report_that_is_gone_by_then_is_told() {
    let simulator = simulator();
    let (import, _) = reported(&simulator).await;
    let body = format!(r#"{{"uuid": "{}", "error_report": null}}"#, import.id);
    simulator.on_request(move |request| {
        Some(Canned::Answer(match crate::is_file(request) {
            true => Response::error(410, "Gone."),
            false => Response::json(200, body.clone()),
        }))
    });
    let fault = fetch(&client(&simulator), &import, AT_ONCE).await.unwrap_err();
    assert_eq!(fault, DownloadFault::Link(LinkError::Missing));
}

#[tokio::test]
async fn a_cancelled_download_leaves_no_file() {
    let simulator = simulator();
    let (import, _) = reported(&simulator).await;
    let folder = tempfile::tempdir().unwrap();
    let left = || std::fs::read_dir(folder.path()).unwrap().count();
    always(&simulator, Canned::SlowDrip { bytes_per_second: 100 });
    let client = client(&simulator);
    let (sender, mut received) = mpsc::unbounded_channel();
    let download = tokio::spawn({
        let (client, import, target) = (client.clone(), import.clone(), Target::folder(folder.path()));
        async move {
            let mut file = target.create().await.unwrap();
            let on_progress = move |transfer: Transfer| {
                let _ = sender.send(transfer.received);
            };
            client.download(link(&import), Some(&import.id), &mut file, Bounds::FILE, on_progress).await
        }
    });
    while received.recv().await.unwrap() == 0 {}
    assert_eq!(left(), 1);
    download.abort();
    assert!(download.await.unwrap_err().is_cancelled());
    assert_eq!(left(), 0);

    // The same for one that fails.
    always(&simulator, Canned::DropMidBody);
    let mut file = Target::folder(folder.path()).create().await.unwrap();
    let bounds = Bounds { retry_for: Duration::ZERO, ..Bounds::FILE };
    assert!(client.download(link(&import), None, &mut file, bounds, drop).await.is_err());
    drop(file);
    assert_eq!(left(), 0);
}

#[tokio::test]
async fn a_sink_that_cannot_keep_the_bytes_ends_the_download() {
    struct Full;
    impl Sink for Full {
        async fn write(&mut self, _: &[u8]) -> Result<(), String> {
            Err("the disk is full".to_owned())
        }

        async fn restart(&mut self) -> Result<(), String> {
            Ok(())
        }
    }
    let simulator = simulator();
    let (import, _) = reported(&simulator).await;
    let requests = first(&simulator, []);
    let arrived = client(&simulator).download(link(&import), None, &mut Full, Bounds::FILE, drop).await;
    assert_eq!(arrived, Err(DownloadFault::Local("the disk is full".into())));
    assert_eq!(files(&requests).len(), 1);
}

#[tokio::test]
async fn a_stumbling_server_is_asked_again_and_a_long_wait_is_not_waited() {
    let simulator = simulator();
    let (import, expected) = reported(&simulator).await;
    let client = client(&simulator);
    let requests = first(&simulator, [Canned::Answer(Response::error(500, "Oops."))]);
    assert!(fetch(&client, &import, Bounds::MEMORY).await.unwrap() == expected);
    assert_eq!(files(&requests).len(), 2);
    let long = RetryBudget::DEFAULT + Duration::from_secs(1);
    let later = Response::error(429, "Slow.").with("retry-after", &long.as_secs().to_string());
    let requests = always(&simulator, Canned::Answer(later));
    let fault = fetch(&client, &import, Bounds::MEMORY).await.unwrap_err();
    assert_eq!(fault, Fault::RateLimited(Some(long)).into());
    assert_eq!(files(&requests).len(), 1);
}

#[tokio::test]
async fn the_token_is_never_said() {
    let simulator = simulator();
    let (import, _) = reported(&simulator).await;
    let echo = Response::error(403, &format!("No such token: {}", simulator.token()));
    always(&simulator, Canned::Answer(echo));
    let fault = fetch(&client(&simulator), &import, AT_ONCE).await.unwrap_err();
    assert!(!format!("{fault} {fault:?}").contains(Simulator::token(&simulator)), "{fault:?}");
}

/// Memory that counts how often it was emptied.
#[derive(Default)]
struct Counting {
    bytes: Vec<u8>,
    restarts: u32,
}

impl Sink for Counting {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.bytes.write(bytes).await
    }

    async fn restart(&mut self) -> Result<(), String> {
        self.restarts += 1;
        self.bytes.restart().await
    }
}
