//! The client over real HTTP, against the simulated server. What goes wrong is in `tests/faults`.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::tz::TimeZone;
use plannr_tui::api::{BaseUrl, Client, ListQuery, Sort, SortBy, Token};
use plannr_tui::domain::account::AccountId;
use plannr_tui::domain::fault::Fault;
use plannr_tui::domain::import::{Import, ImportId, Mode};
use plannr_tui::domain::page::{Criteria, Cursor, ListRequest};
use plannr_tui::report::FailedRows;
use plannr_tui::simulator::{Canned, Options, Request, Response, Simulator};

/// A server whose imports stand still.
fn simulator(imports: usize) -> Simulator {
    let simulator =
        Simulator::start(Options { imports, keep_starting: false, ..Options::default() }).unwrap();
    simulator.set_time(Duration::from_secs(600));
    simulator
}

/// A client of that server, before it knows its account.
fn stranger(simulator: &Simulator) -> Client {
    let base = BaseUrl::new(&simulator.base_url()).unwrap();
    Client::new(base, Token::new(simulator.token()).unwrap()).unwrap()
}

fn client(simulator: &Simulator) -> Client {
    stranger(simulator).with_account(AccountId::new(simulator.account()).unwrap())
}

fn newest(per_page: u16) -> ListRequest {
    ListRequest::newest(Criteria::default(), per_page)
}

async fn all_pages(client: &Client, per_page: u16) -> Vec<Import> {
    let mut imports = Vec::new();
    let mut ask = newest(per_page);
    loop {
        let page = client.list(&ask).await.unwrap();
        assert!(page.imports.len() <= usize::from(per_page));
        imports.extend(page.imports);
        match page.next {
            Some(next) => ask = ListRequest::next(next),
            None => return imports,
        }
    }
}

/// Writes down every request, and answers as usual.
fn record(simulator: &Simulator) -> Arc<Mutex<Vec<Request>>> {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let writer = Arc::clone(&requests);
    simulator.on_request(move |request| {
        writer.lock().unwrap().push(request.clone());
        None
    });
    requests
}

fn instead(simulator: &Simulator, answer: Response) {
    simulator.on_request(move |_| Some(Canned::Answer(answer.clone())));
}

#[tokio::test]
async fn following_the_pages_finds_every_import_once_and_in_order() {
    let simulator = simulator(128);
    let client = client(&simulator);
    let total = client.list(&newest(1)).await.unwrap().total;
    let imports = all_pages(&client, 25).await;
    let ids: BTreeSet<_> = imports.iter().map(|import| import.id.clone()).collect();
    assert_eq!((imports.len() as u64, ids.len()), (total.unwrap(), imports.len()));
    assert!(imports.len() >= 128);
    assert!(imports.is_sorted_by(|a, b| a.created_at >= b.created_at));
    assert!(imports.iter().all(|import| import.started_by.is_some()));
    let requests = simulator.traffic().requests;
    assert_eq!(requests, 1 + (imports.len() as u64).div_ceil(25));
}

#[tokio::test]
async fn every_request_is_a_get_that_carries_what_the_server_demands() {
    let simulator = simulator(20);
    let requests = record(&simulator);
    let client = client(&simulator);
    let first = client.list(&newest(5)).await.unwrap();
    let id = first.imports[0].id.clone();
    client.list(&ListRequest::next(first.next.unwrap())).await.unwrap();
    client.list(&ListRequest::These(vec![id.clone()])).await.unwrap();
    client.import(&id).await.unwrap();
    client.logins().await.unwrap();
    stranger(&simulator).logins().await.unwrap();
    let requests = requests.lock().unwrap();
    assert_eq!(requests.len(), 6);
    for (at, request) in requests.iter().enumerate() {
        let bearer = format!("Bearer {}", simulator.token());
        assert_eq!(request.method, "GET");
        assert_eq!(request.header("authorization"), Some(bearer.as_str()));
        assert_eq!(request.header("accept"), Some("application/json"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("x-plannr-account-uuid"), (at < 5).then(|| simulator.account()));
        assert_eq!(request.header("user-agent"), Some(concat!("plannr-tui/", env!("CARGO_PKG_VERSION"))));
        assert_eq!(request.header("accept-encoding"), Some("gzip"));
        assert!(!request.path_and_query.contains(simulator.token()));
    }
}

#[tokio::test]
async fn the_account_is_found_and_a_wrong_one_is_told() {
    let simulator = simulator(5);
    let logins = stranger(&simulator).logins().await.unwrap();
    let chosen = logins.choose()[0];
    assert_eq!(chosen.id.as_str(), simulator.account());
    assert!(!chosen.is_client() && !chosen.firm.is_empty() && !chosen.name.is_empty());
    assert!(logins.accounts.iter().any(|account| account.is_client()));
    let wrong = AccountId::new("00000000-0000-4000-8000-000000000000").unwrap();
    assert_eq!(logins.find(&wrong), None);
    let refused = stranger(&simulator).with_account(wrong).list(&newest(5)).await;
    assert!(matches!(refused, Err(Fault::Forbidden(message)) if !message.is_empty()));
}

#[tokio::test]
async fn the_server_understands_every_filter() {
    let simulator = simulator(120);
    let client = client(&simulator);
    let all = all_pages(&client, 500).await;
    let day = |import: &Import| import.created_at.map(|at| TimeZone::UTC.to_datetime(at).date());
    let by = |import: &Import| import.started_by.as_ref().map(|person| person.uuid.to_string());
    let sample = &all[all.len() / 2];
    let word = |word: &str| vec![word.to_owned()];
    type Admits<'a> = &'a dyn Fn(&Import) -> bool;
    let table: [(Criteria, Admits<'_>); 9] = [
        (Criteria { types: word("clients"), ..Criteria::default() }, &|i| i.kind.as_str() == "clients"),
        (Criteria { types: vec!["clients".into(), "plans".into()], ..Criteria::default() }, &|i| {
            ["clients", "plans"].contains(&i.kind.as_str())
        }),
        (Criteria { exclude_types: word("clients"), ..Criteria::default() }, &|i| {
            i.kind.as_str() != "clients"
        }),
        (Criteria { modes: word("validate"), ..Criteria::default() }, &|i| i.mode == Mode::Validate),
        (Criteria { statuses: word(sample.status.as_str()), ..Criteria::default() }, &|i| {
            i.status == sample.status
        }),
        (Criteria { since: day(sample), ..Criteria::default() }, &|i| day(i) >= day(sample)),
        (Criteria { until: day(sample), ..Criteria::default() }, &|i| day(i) <= day(sample)),
        (Criteria { initiated_by: by(sample), ..Criteria::default() }, &|i| by(i) == by(sample)),
        (
            Criteria { since: day(sample), until: day(sample), modes: word("store"), ..Criteria::default() },
            &|i| day(i) == day(sample) && i.mode == Mode::Store,
        ),
    ];
    for (criteria, wanted) in table {
        let case = format!("{criteria:?}");
        let page = client.list(&ListRequest::newest(criteria, 500)).await.unwrap();
        let expected: Vec<_> = all.iter().filter(|import| wanted(import)).collect();
        assert_eq!(page.imports.iter().collect::<Vec<_>>(), expected, "{case}");
        assert!(expected.len() < all.len(), "{case} narrows nothing");
    }
}

#[tokio::test]
async fn the_server_understands_sort_page_and_include() {
    let simulator = simulator(30);
    let client = client(&simulator);
    let ask = async |by, descending| {
        let query =
            ListQuery { sort: Some(Sort { by, descending }), per_page: Some(500), ..ListQuery::default() };
        client.list_by(&query).await.unwrap().imports
    };
    assert!(ask(SortBy::CreatedAt, false).await.is_sorted_by_key(|import| import.created_at));
    assert!(ask(SortBy::UpdatedAt, false).await.is_sorted_by_key(|import| import.updated_at));
    let latest = ask(SortBy::UpdatedAt, true).await;
    assert!(latest.is_sorted_by(|a, b| a.updated_at >= b.updated_at));
    let query = ListQuery {
        sort: Some(Sort { by: SortBy::UpdatedAt, descending: true }),
        per_page: Some(10),
        page: Some(2),
        ..ListQuery::default()
    };
    let second = client.list_by(&query).await.unwrap().imports;
    assert_eq!(second.iter().collect::<Vec<_>>(), latest.iter().skip(10).take(10).collect::<Vec<_>>());
    assert!(second.iter().all(|import| import.started_by.is_none()));
}

#[tokio::test]
async fn certain_imports_are_asked_for_by_their_ids() {
    let simulator = simulator(60);
    let client = client(&simulator);
    let all = all_pages(&client, 500).await;
    let wanted: BTreeSet<_> = all.iter().step_by(3).map(|import| import.id.clone()).collect();
    let page = client.list(&ListRequest::These(wanted.iter().cloned().collect())).await.unwrap();
    assert_eq!(page.imports.iter().map(|import| import.id.clone()).collect::<BTreeSet<_>>(), wanted);
    assert_eq!(page.next, None);
    assert!(page.budget.is_some_and(|left| left < 500));
    let before = simulator.traffic().requests;
    assert_eq!(client.list(&ListRequest::These(vec![])).await.unwrap().imports, []);
    assert_eq!(simulator.traffic().requests, before);
}

#[tokio::test]
async fn one_import_tells_its_mapping_and_its_failures() {
    let simulator = simulator(60);
    let client = client(&simulator);
    let failed = |import: &&Import| import.counts.failed > Some(0);
    let listed = all_pages(&client, 500).await.iter().find(failed).unwrap().clone();
    let (shown, unexpected) = client.import(&listed.id).await.unwrap();
    assert_eq!(unexpected, []);
    assert!(listed.mapping.is_none() && shown.mapping.as_ref().is_some_and(|mapping| mapping.mapped() > 0));
    assert_eq!(Import { mapping: None, ..shown.clone() }, listed);
    let row = &shown.failed_rows()[0];
    assert!(row.cells.len() > 1 && !row.problems.is_empty());
    let rows = FailedRows::of_sample(shown.failed_rows(), shown.mapping.as_deref());
    let problem = rows.problems(0).next().unwrap();
    assert!(problem.column.is_some(), "{} is in no column", problem.field);
    let nobody = ImportId::new("00000000-0000-4000-8000-000000000000").unwrap();
    assert_eq!(client.import(&nobody).await, Err(Fault::NotFound));
}

#[tokio::test]
async fn the_token_never_goes_to_another_server() {
    let (ours, theirs) = (simulator(5), simulator(5));
    let client = client(&ours);
    let away = format!("{}/api/v1/import?page=2", theirs.base_url());

    let answer = serde_json::json!({ "data": [], "links": { "next": away } });
    instead(&ours, Response::json(200, answer.to_string()));
    let page = client.list(&newest(5)).await.unwrap();
    let next = page.next.unwrap().0;
    assert!(
        next.as_str().starts_with(&ours.base_url()) && next.query().unwrap().contains("page=2"),
        "{next}"
    );
    assert_eq!(page.unexpected[0].what.as_str(), "links.next drops the query");
    assert_eq!(page.unexpected[1].what.as_str(), "links.next names another server: only its query is used");

    let forged = ListRequest::next(Cursor(away.parse().unwrap()));
    assert_eq!(client.list(&forged).await, Err(Fault::NotTheApi("the link leads to another server".into())));

    for status in [301, 302, 303, 307, 308] {
        instead(&ours, Response::new(status, "text/html", "").with("location", &away));
        let words = client.list(&newest(5)).await.unwrap_err().to_string();
        assert_eq!(words, format!("not a Plannr API response: a redirect to 127.0.0.1 ({status})"));
    }
    assert_eq!(theirs.traffic().requests, 0);
}

#[tokio::test]
async fn a_request_whose_connection_closes_before_an_answer_is_repeated_once() {
    let simulator = simulator(3);
    let client = client(&simulator);
    for (drops, requests, comes) in [(0, 1, true), (1, 2, true), (2, 2, false)] {
        let asked = Arc::new(Mutex::new(0));
        let count = Arc::clone(&asked);
        simulator.on_request(move |_| {
            let mut count = count.lock().unwrap();
            *count += 1;
            (*count <= drops).then_some(Canned::Drop)
        });
        let answer = client.list(&newest(5)).await;
        assert_eq!(*asked.lock().unwrap(), requests, "{drops} dropped");
        assert_eq!(answer.err(), (!comes).then_some(Fault::ConnectionClosed), "{drops} dropped");
    }
}

#[tokio::test]
async fn the_token_is_never_said() {
    let simulator = simulator(1);
    let client = client(&simulator);
    let echo = format!("No such token: {}", simulator.token());
    for status in [400, 403, 422, 500] {
        instead(&simulator, Response::error(status, &echo));
        let fault = client.list(&newest(5)).await.unwrap_err();
        assert!(!format!("{fault} {fault:?} {client:?}").contains(simulator.token()), "{fault:?}");
    }
}

#[tokio::test]
async fn http_2_is_offered_where_there_is_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = BaseUrl::new(&format!("https://{}", listener.local_addr().unwrap())).unwrap();
    // The ClientHello is not encrypted, and lists the protocols offered.
    let received = tokio::task::spawn_blocking(move || {
        let mut hello = vec![0; 4096];
        let read = std::io::Read::read(&mut listener.accept().unwrap().0, &mut hello).unwrap();
        hello.truncate(read);
        hello
    });
    let client = Client::new(base, Token::new("t").unwrap()).unwrap();
    assert!(matches!(client.logins().await, Err(Fault::Tls(_) | Fault::Unreachable(_))));
    let hello = received.await.unwrap();
    assert!(hello.windows(12).any(|bytes| bytes == b"\x02h2\x08http/1.1"));
}
