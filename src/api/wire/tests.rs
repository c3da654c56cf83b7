use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::failure::{Cells, FailedRow, Problem};
use crate::domain::import::{Counts, Failures, Kind, Link, LinkError, Mapping, Mode, Person, Report, Status};

const FIXTURE: &[u8] = include_bytes!("../../../tests/fixtures/list-imports.example.json");

fn requested() -> Url {
    Url::parse("https://api.plannrcrm.com/api/v1/import?per_page=2").unwrap()
}

fn page_of(answer: &Value) -> Page {
    page(answer.to_string().as_bytes(), &requested(), Samples::All).unwrap()
}

/// A correct import as the index route sends it.
fn good(uuid: &str) -> Value {
    json!({
        "uuid": uuid, "type": "clients", "mode": "store", "status": "processing",
        "total_jobs": 4, "jobs_remaining": 1, "failed_jobs": 1, "progress": 75,
        "created_at": "2025-12-24T11:02:58+00:00", "updated_at": "2025-12-24T11:02:58+00:00",
        "errors": [{"client": {"email": "a@example.com"}, "errors": {"email": ["Taken."]}}],
        "error_report": {"uuid": "r-1", "filename": "report.csv", "size": "10", "status": "uploaded",
            "download_url": "https://api.plannrcrm.com/file/1/download"},
        "account": {"name": "Gareth Thompson", "email": "g@example.com", "uuid": "p-1"},
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut import = good("i-1");
    import[field] = value;
    import
}

fn without(field: &str) -> Value {
    let mut import = good("i-1");
    import.as_object_mut().unwrap().remove(field);
    import
}

/// The only import of a page, and the page's unexpected data.
fn read(import: Value) -> (Import, Vec<String>) {
    let mut page = page_of(&json!({ "data": [import] }));
    let unexpected = page.unexpected.iter().map(|note| note.what.to_string()).collect();
    (page.imports.remove(0), unexpected)
}

const INDEX: Route = Route::Index(Samples::All);

#[test]
fn the_references_own_example_is_read_in_full() {
    let page = page(FIXTURE, &requested(), Samples::All).unwrap();
    let moment = Some("2025-12-24T11:02:58Z".parse().unwrap());
    let column = |header: &str, field: &str| (header.into(), Some(field.into()));
    let import = Import {
        id: ImportId::new("065680d5-6407-42c6-8544-da5fb975ebfe").unwrap(),
        kind: Kind::new("clients"),
        mode: Mode::Store,
        status: Status::new("processing"),
        counts: Counts { total: Some(4), remaining: Some(1), failed: Some(1), progress: Some(100.0) },
        created_at: moment,
        updated_at: moment,
        started_by: Some(
            Person {
                name: "Gareth Thompson".into(),
                email: "gareth@codepotato.co.uk".into(),
                uuid: "cfff9049-96fb-49a4-b1ec-603528905b8c".into(),
            }
            .into(),
        ),
        failures: Some(Failures {
            rows: vec![FailedRow {
                cells: Cells::default(),
                problems: vec![Problem {
                    field: "send_welcome_email".into(),
                    messages: vec!["The send welcome email field is required.".into()],
                }],
            }]
            .into(),
        }),
        report: Some(Some(Box::new(Report {
            name: "Welcome to Plannr.pdf".into(),
            size: Some(21_691_783),
            status: "uploaded".into(),
            link: Link::new(
                "https://api.plannrcrm.com/file/b55c4979-b676-48e9-bc03-815b40d595a4/download",
                &requested(),
            ),
        }))),
        mapping: Some(
            Mapping {
                columns: vec![
                    column("fname", "first_name"),
                    column("lname", "last_name"),
                    column("email", "email"),
                ],
            }
            .into(),
        ),
        seen_by: None,
    };
    let single = UnexpectedData { what: "errors is one row instead of a list".into(), times: 1 };
    assert_eq!(page, Page { imports: vec![import], unexpected: vec![single], ..Page::default() });
}

#[test]
fn an_unexpected_field_affects_only_itself_and_is_counted() {
    let (import, unexpected) = read(good("i-1"));
    assert_eq!(unexpected, [""; 0]);
    let base = || import.clone();
    let counted = |counts| Import { counts, ..base() };
    let counts = import.counts;
    let table = [
        (with("total_jobs", json!("4")), base(), "total_jobs is a string"),
        (with("total_jobs", json!(4.0)), base(), "total_jobs is not a whole number"),
        (
            with("total_jobs", json!(null)),
            counted(Counts { total: None, ..counts }),
            "total_jobs is null instead of a number",
        ),
        (without("total_jobs"), counted(Counts { total: None, ..counts }), "total_jobs is missing"),
        (
            with("jobs_remaining", json!(-2)),
            counted(Counts { remaining: Some(0), ..counts }),
            "jobs_remaining is negative",
        ),
        (
            with("progress", json!("most")),
            counted(Counts { progress: None, ..counts }),
            "progress is text instead of a number",
        ),
        (with("created_at", json!("2025-12-24 11:02:58")), base(), "created_at has no UTC offset"),
        (with("created_at", json!(["x"])), Import { created_at: None, ..base() }, "created_at is not a date"),
        (with("status", json!({})), Import { status: Status::default(), ..base() }, "status is not a string"),
        (with("status", json!("brewing")), Import { status: Status::new("brewing"), ..base() }, ""),
        (with("mode", json!("merge")), Import { mode: Mode::new("merge"), ..base() }, ""),
        (without("type"), Import { kind: Kind::default(), ..base() }, "type is missing"),
        (
            with("account", json!("App\\Http\\Resources\\AccountResource")),
            Import { started_by: None, ..base() },
            "account is not an object",
        ),
        (with("account", json!(null)), Import { started_by: None, ..base() }, ""),
        (
            with("error_report", json!("none")),
            Import { report: None, ..base() },
            "error_report is not an object",
        ),
        (with("headers", json!([])), base(), ""),
        (with("mapping", json!([])), base(), ""),
    ];
    for (json, expected, note) in table {
        let (import, unexpected) = read(json);
        assert_eq!(import, expected, "{note}");
        assert_eq!(unexpected.join(", "), note);
    }
}

#[test]
fn fields_that_a_route_omits_are_not_read_as_empty() {
    let present = |route: Route, failed: u64, value: Value| {
        let mut import = with("errors", value.clone());
        import["error_report"] = value.clone();
        import["mapping"] = value;
        import["failed_jobs"] = json!(failed);
        let text = import.to_string();
        let mut unexpected = Unexpected::default();
        let import = import::import(&text, route, &requested(), &mut unexpected).unwrap();
        (import.failures.is_some(), import.report.is_some(), import.mapping.is_some())
    };
    for value in [json!(null), json!([])] {
        assert_eq!(present(INDEX, 3, value.clone()), (false, false, false), "{value}");
        assert_eq!(present(INDEX, 0, value.clone()), (true, true, false), "{value}");
        assert_eq!(present(Route::Show, 3, value.clone()), (true, true, true), "{value}");
    }
    let (import, _) = read(without("errors"));
    assert_eq!(import.failures, None);
}

#[test]
fn a_report_is_recognised_by_any_of_its_names() {
    let report = |value: Value| read(with("error_report", value)).0.report.flatten();
    let link = |value: Value| report(json!({"name": "n", "download_url": value})).map(|report| report.link);
    assert_eq!(report(json!({})), None);
    assert_eq!(report(json!({"uuid": null, "status": "pending"})), None);
    assert_eq!(
        report(json!({"uuid": "r", "name": "a name", "size": 5})).map(|r| (r.name, r.size)),
        Some(("a name".into(), Some(5)))
    );
    assert_eq!(link(json!(null)), Some(Err(LinkError::Missing)));
    assert_eq!(link(json!("")), Some(Err(LinkError::Missing)));
    assert_eq!(link(json!(["x"])), Some(Err(LinkError::Malformed)));
    assert_eq!(link(json!("javascript:alert(1)")), Some(Err(LinkError::Scheme("javascript".into()))));
    let relative = link(json!("/file/1/download")).unwrap().unwrap();
    assert_eq!(
        (relative.as_str(), relative.is_foreign()),
        ("https://api.plannrcrm.com/file/1/download", false)
    );
}

#[test]
fn an_unexpected_import_never_costs_the_page() {
    let answer = json!({
        "data": [null, "x", 7, [], {}, {"uuid": null}, {"uuid": "../logins"}, good("i-1")],
        "links": {"next": "https://api.plannrcrm.com/api/v1/import?per_page=2&page=2"},
        "meta": {"total": "9"},
    });
    let page = page_of(&answer);
    assert_eq!(page.imports.len(), 1);
    assert_eq!(page.next, Some(Cursor(requested().join("?per_page=2&page=2").unwrap())));
    assert_eq!(page.total, Some(9));
    let unexpected: Vec<_> = page.unexpected.iter().map(|o| (o.what.as_str(), o.times)).collect();
    assert_eq!(
        unexpected,
        [
            ("data has an import that is not an object", 4),
            ("meta.total is a string", 1),
            ("uuid is missing or invalid: import skipped", 3),
        ]
    );
}

#[test]
fn a_page_without_links_is_the_only_one() {
    for rest in [json!({}), json!({"links": null, "meta": null}), json!({"links": [], "meta": []})] {
        let mut answer = rest;
        answer["data"] = json!([good("i-1")]);
        assert_eq!(page_of(&answer), Page { imports: vec![read(good("i-1")).0], ..Page::default() });
    }
}

#[test]
fn anything_but_an_api_response_is_named() {
    for (body, message) in [
        ("", "an empty body"),
        (" \n", "an empty body"),
        ("<!DOCTYPE html>", "a web page"),
        ("{\"data\": [}", "not JSON"),
        ("OK", "not JSON"),
        ("[]", "JSON that is not an object"),
        ("{}", "JSON without a `data` list"),
        ("{\"data\": null}", "JSON without a `data` list"),
        ("{\"data\": {}}", "JSON without a `data` list"),
    ] {
        assert_eq!(page(body.as_bytes(), &requested(), Samples::All), Err(not_the_api(message)), "{body:?}");
        assert!(logins(body.as_bytes(), &requested()).is_err(), "{body:?}");
        let id = ImportId::new("i-1").unwrap();
        assert!(import(body.as_bytes(), &id, &requested()).is_err(), "{body:?}");
    }
    let cut_off = Fault::Damaged("truncated JSON".into());
    assert_eq!(page(b"{\"data\": [", &requested(), Samples::All), Err(cut_off));
}

#[test]
fn only_the_samples_that_are_asked_for_are_read() {
    let of = |day: u8, errors: Value, failed: u64| {
        let mut import = good(&format!("i-{day}"));
        import["created_at"] = json!(format!("2026-03-{day:02}T10:00:00Z"));
        (import["errors"], import["failed_jobs"]) = (errors, json!(failed));
        import
    };
    let rows = || json!([{"client": {"a": 1}, "errors": {"a": ["x"]}}]);
    let mut dateless = of(4, rows(), 1);
    dateless["created_at"] = json!(null);
    let body =
        json!({ "data": [of(3, rows(), 1), of(2, rows(), 1), of(1, json!([]), 0), dateless] }).to_string();
    let read = |samples| {
        let page = page(body.as_bytes(), &requested(), samples).unwrap();
        page.imports.iter().map(|import| import.failures.as_ref().map(|of| of.rows.len())).collect::<Vec<_>>()
    };
    assert_eq!(read(Samples::All), [Some(1), Some(1), Some(0), Some(1)]);
    assert_eq!(
        read(Samples::Since("2026-03-03T10:00:00Z".parse().unwrap())),
        [Some(1), None, Some(0), Some(1)]
    );
    assert_eq!(read(Samples::None), [None, None, Some(0), None]);
}

/// The page, and the most bytes that were kept of it while it arrived.
fn arriving(body: &str) -> (Page, usize) {
    let mut reader = PageReader::new(requested(), Samples::All);
    let mut most = 0;
    for piece in body.as_bytes().chunks(4_096) {
        reader.push(piece);
        most = most.max(reader.unread());
        if reader.is_worth_reading() {
            reader.read();
        }
    }
    (reader.finish().unwrap(), most)
}

#[test]
fn only_a_portion_of_a_page_is_kept_while_it_arrives() {
    for (imports, padding, bound) in [(2_000, 10, 80_000), (20, 200_000, 500_000)] {
        let import = |number| {
            let mut import = good(&format!("i-{number}"));
            import["notes"] = json!("x".repeat(padding));
            import
        };
        let body = json!({ "data": (0..imports).map(import).collect::<Vec<_>>() }).to_string();
        let (page, most) = arriving(&body);
        assert!(most < bound && body.len() > 2 * bound, "{most} of {}", body.len());
        assert_eq!(page.imports.len(), imports);
    }
}

#[test]
fn a_list_is_cut_at_as_many_items_however_it_arrives() {
    let good = good("i-1").to_string();
    for (items, kept) in [
        (format!("{}{good}", "{},".repeat(4_999)), 1),
        (format!("{}{good}", "{},".repeat(5_000)), 0),
        (format!("{}null,{good}", "{},".repeat(4_999)), 0),
        (format!("null,{}{good}", "{},".repeat(4_999)), 0),
    ] {
        let (page, _) = arriving(&format!(r#"{{"data": [{items}]}}"#));
        assert_eq!(page.imports.len(), kept);
        let cut = page.unexpected.iter().find(|data| data.what.as_str().contains("more members"));
        assert_eq!(cut.map(|data| data.times), (kept == 0).then_some(1));
    }
}

#[test]
fn of_several_lists_the_last_counts() {
    let [a, b] = ["i-1", "i-2"].map(|uuid| good(uuid).to_string());
    let (page, _) = arriving(&format!(r#"{{"data": [{a}], "data": [{b}]}}"#));
    assert_eq!(page.imports.iter().map(|import| import.id.as_str()).collect::<Vec<_>>(), ["i-2"]);
}

#[test]
fn stray_bytes_cost_only_themselves() {
    let mut body = b"\xef\xbb\xbf".to_vec();
    body.extend(json!({"data": [with("status", json!("caf~"))]}).to_string().bytes());
    let at = body.iter().position(|&b| b == b'~').unwrap();
    body[at] = 0xe9;
    let page = page(&body, &requested(), Samples::All).unwrap();
    assert_eq!(page.imports[0].status.as_str(), "caf\u{fffd}");
}

#[test]
fn an_import_is_shown_bare_or_wrapped() {
    let id = ImportId::new("I-1").unwrap();
    let shown = |answer: Value| import(answer.to_string().as_bytes(), &id, &requested());
    let mut bare = good("i-1");
    bare["headers"] = json!(["f", "l"]);
    bare["mapping"] = json!({"f": "first_name"});
    let (import, unexpected) = shown(bare.clone()).unwrap();
    assert_eq!(import.mapping.as_ref().map(|m| (m.columns.len(), m.mapped())), Some((2, 1)));
    assert_eq!(unexpected, []);
    assert_eq!(shown(json!({ "data": bare })), Ok((import, unexpected)));
    assert_eq!(shown(good("i-2")), Err(not_the_api("another import than the requested one")));
}

#[test]
fn logins_are_accounts_not_logins() {
    let answer = json!({
        "data": [
            {"uuid": "login-1", "account": {"uuid": "a-1", "name": "J. Okafor", "role": "adviser", "type": "employee"},
             "firm": {"name": "Fairweather Wealth"}},
            {"uuid": "login-2", "account": {"uuid": "a-2", "first_name": "Jo", "last_name": "Okafor", "role": "client",
             "firm": "Harbour Street"}},
            {"uuid": "login-3"}, null, {"account": {"uuid": 7}},
        ],
        "preferred_account_uuid": "a-2",
    });
    let (logins, next, unexpected) = logins(answer.to_string().as_bytes(), &requested()).unwrap();
    let accounts: Vec<_> = logins
        .accounts
        .iter()
        .map(|a| format!("{} {} {} {} {}", a.id, a.firm, a.name, a.role, a.kind))
        .collect();
    assert_eq!(
        accounts,
        [
            "a-1 Fairweather Wealth J. Okafor adviser employee",
            "a-2 Harbour Street Jo Okafor client ",
            "7    "
        ]
    );
    assert_eq!(logins.choose().first().map(|a| a.id.as_str()), Some("a-2"));
    assert_eq!(next, None);
    assert_eq!(unexpected.iter().map(|o| o.times).sum::<u64>(), 2);
}

#[test]
fn the_largest_documented_page_is_read_whole() {
    let columns: serde_json::Map<_, _> =
        (0..20).map(|n| (format!("Column {n}"), json!("some value of it"))).collect();
    let rows = vec![json!({"client": columns, "errors": {"column_1": ["The column 1 is invalid."]}}); 25];
    let imports: Vec<_> = (0..500)
        .map(|n| {
            let mut import = good(&format!("i-{n}"));
            import["errors"] = json!(rows);
            import
        })
        .collect();
    let body = json!({ "data": imports }).to_string();
    let page = page(body.as_bytes(), &requested(), Samples::All).unwrap();
    assert_eq!(page.imports.iter().map(|i| i.failed_rows().len()).sum::<usize>(), 12_500);
}

/// Failed rows of tiny cells, as JSON.
fn tiny(rows: usize, columns: usize) -> Value {
    let cells: serde_json::Map<_, _> = (0..columns).map(|n| (n.to_string(), json!(""))).collect();
    json!(vec![json!({"client": cells, "errors": {"0": ["Bad."]}}); rows])
}

#[test]
fn what_is_kept_of_failed_rows_is_bounded_whatever_comes() {
    let cells = |import: &Import| import.failed_rows().iter().map(|row| row.cells.len()).sum::<usize>();
    let shown = |rows, columns| {
        let body = with("errors", tiny(rows, columns)).to_string();
        let id = ImportId::new("i-1").unwrap();
        let (import, unexpected) = super::import(body.as_bytes(), &id, &requested()).unwrap();
        (import.failed_rows().len(), cells(&import), !unexpected.is_empty())
    };
    assert_eq!(shown(25, 1_000), (25, 25_000, false), "what is documented");
    assert_eq!(shown(5_000, 3), (101, 303, true), "those that are listed, and one more");
    assert_eq!(shown(90, 5_000), (20, 100_000, true));

    // In the list a far larger sample is not kept.
    let listed = |rows, columns| {
        let (import, unexpected) = read(with("errors", tiny(rows, columns)));
        (import.failures.is_some(), cells(&import), !unexpected.is_empty())
    };
    assert_eq!(listed(25, 200), (true, 5_000, false));
    assert_eq!(listed(26, 200), (false, 0, true));
    assert_eq!(listed(1_000, 3), (true, 303, true));
    assert_eq!(listed(5_000, 3), (false, 0, true));
    assert_eq!(listed(100, 5_000), (false, 0, true));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "(https?|ftp|file):/{0,2}[a-z@:/.]{0,12}".prop_map(Value::from),
        "[0-9-]{0,10}[ T]?[0-9:]{0,8}".prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("client".to_owned()),
        Just("errors".to_owned()),
        Just("example".to_owned()),
        Just("data".to_owned()),
        Just("next".to_owned()),
        Just("name".to_owned()),
        "[0-9]{1,2}",
        ".{0,6}"
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

const FIELDS: [&str; 15] = [
    "uuid",
    "type",
    "mode",
    "status",
    "total_jobs",
    "jobs_remaining",
    "failed_jobs",
    "progress",
    "created_at",
    "updated_at",
    "errors",
    "error_report",
    "account",
    "headers",
    "mapping",
];

/// Items of a list of imports, as a server might write them.
const ITEMS: [&str; 8] = [
    r#"{"uuid": "i-1", "status": "caf\u00e9 ]}\"{[", "errors": [{"client": {"a": "é"}}]}"#,
    r#"{"uuid":"i-2","failed_jobs":0,"errors":[]}"#,
    r#"{"uuid": null}"#,
    "{}",
    "[{}, []]",
    "null",
    "1e9",
    r#""x, {""#,
];

proptest! {
    #[test]
    fn any_value_in_any_field_leaves_the_other_imports(
        values in prop::collection::vec((0..FIELDS.len(), any_json()), 1..6),
        stray in any_json(), links in any_json(), meta in any_json(),
    ) {
        let mut unexpected = good("i-1");
        for (field, value) in values {
            unexpected[FIELDS[field]] = value;
        }
        let page = page_of(&json!({
            "data": [good("i-0"), unexpected, stray, good("i-2")], "links": links, "meta": meta
        }));
        let good = |uuid: &str| read(good(uuid)).0;
        prop_assert_eq!(page.imports.first(), Some(&good("i-0")));
        prop_assert_eq!(page.imports.last(), Some(&good("i-2")));
        let finite = |import: &Import| import.counts.progress.is_none_or(f64::is_finite);
        prop_assert!(page.imports.iter().all(finite));
        prop_assert!(page.next.is_none_or(|next| next.0.origin() == requested().origin()));
    }

    /// Where something precedes the list, it is read at the end: that says what is right.
    #[test]
    fn a_page_is_the_same_in_whatever_pieces_it_arrives(
        items in prop::collection::vec(0..ITEMS.len(), 0..6), bent in any::<(prop::sample::Index, u8)>(),
        bends in any::<bool>(), space in "[ \n]{0,2}", mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let items: Vec<_> = items.iter().map(|item| ITEMS[*item]).collect();
        let between = format!("{space},{space}");
        let list = format!(r#"[{space}{}{space}], "meta": {{"total": 7}}}}{space}"#, items.join(&between));
        let mut list = list.into_bytes();
        if bends {
            let at = bent.0.index(list.len());
            list[at] = bent.1;
        }
        let at_the_end = [b"{\"links\": {}, \"data\":", list.as_slice()].concat();
        let body = [format!("{space}{{{space}\"data\"{space}:{space}").as_bytes(), &list].concat();
        cuts.sort_by_key(|cut| cut.index(body.len()));
        let mut reader = PageReader::new(requested(), Samples::All);
        let mut start = 0;
        for end in cuts.iter().map(|cut| cut.index(body.len())).chain([body.len()]) {
            reader.push(&body[start..end]);
            reader.read();
            start = end;
        }
        prop_assert_eq!(reader.finish(), page(&at_the_end, &requested(), Samples::All));
    }

    #[test]
    fn any_bytes_are_survived(
        body in prop::collection::vec(any::<u8>(), 0..200),
        cut in 0..FIXTURE.len(), at in 0..FIXTURE.len(), byte in any::<u8>(),
    ) {
        let id = ImportId::new("i-1").unwrap();
        let mut bent = FIXTURE.to_vec();
        bent[at] = byte;
        for body in [&body, &FIXTURE[..cut], &bent] {
            let _ = (page(body, &requested(), Samples::All), import(body, &id, &requested()), logins(body, &requested()), message(body));
        }
    }
}

#[test]
fn warnings_before_good_json_are_read_past_and_counted() {
    let asked = Url::parse("https://api.example/api/v1/import").unwrap();
    let json = json!({ "data": [good("i-1")] }).to_string();
    let html =
        "<br />\n<b>Warning</b>:  Undefined array key \"x{y}\" in <b>/srv/a.php</b> on line <b>7</b><br />\n";
    for before in [html, "PHP Deprecated:  {closure}(): Implicitly nullable\n", "\n\n<pre>{ not JSON }</pre>"]
    {
        let page = page(format!("{before}{json}").as_bytes(), &asked, Samples::All).unwrap();
        assert_eq!(page.imports.len(), 1, "{before}");
        let notes: Vec<_> = page.unexpected.iter().map(|note| note.what.as_str()).collect();
        assert_eq!(notes, ["response has text before the JSON"], "{before}");
    }
    for no_json in ["<html><script>\n{\"a\": 1};</script></html>", "<b>Fatal error</b><br />\n{\"data\": ["] {
        assert!(page(no_json.as_bytes(), &asked, Samples::All).is_err(), "{no_json}");
    }
}
