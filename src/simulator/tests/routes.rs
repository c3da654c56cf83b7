use std::collections::BTreeSet;

use serde_json::Value;

use super::{at, json, number, still, uuids};
use crate::simulator::{Options, Phase, Request, World};

const LIST: &str = "/api/v1/import";

fn strings<'a>(page: &'a Value, field: &str) -> Vec<&'a str> {
    page["data"].as_array().unwrap().iter().map(|import| import[field].as_str().unwrap()).collect()
}

#[test]
fn the_same_options_give_the_same_answers_in_any_order() {
    let options = Options::default();
    let (one, other) = (World::new(&options), World::new(&options));
    let answer = |world: &World, seconds| {
        world.answer(&world.get("/api/v1/import?include=initiatedBy&per_page=500"), at(seconds)).body
    };
    let forth: Vec<_> = [0.0, 3.2, 400.0, 90_000.0, 91_000.0].iter().map(|t| answer(&one, *t)).collect();
    let back: Vec<_> = [91_000.0, 90_000.0, 400.0, 3.2, 0.0].iter().map(|t| answer(&other, *t)).collect();
    assert!(forth.iter().eq(back.iter().rev()));
    let different = World::new(&Options { seed: 8, ..options });
    assert_ne!(answer(&different, 0.0), forth[0]);
}

#[test]
fn who_asks_wrongly_is_told_so() {
    let world = World::new(&still(3));
    let good = || world.get(LIST);
    let post = Request { method: "POST".to_owned(), ..good() };
    let table = [
        (good(), 200),
        (post, 405),
        (good().without("authorization"), 401),
        (good().with("authorization", "Bearer other"), 401),
        (good().without("accept"), 406),
        (good().with("accept", "text/html"), 406),
        (good().without("content-type"), 415),
        (good().without("x-plannr-account-uuid"), 400),
        (good().with("x-plannr-account-uuid", "0b8f0e0a-0000-4000-8000-000000000000"), 403),
        (world.get("/api/v1/logins").without("x-plannr-account-uuid"), 200),
        (world.get("/api/v1/import/none"), 404),
        (world.get("/api/v1/imports"), 404),
        (world.get("/file/none/download"), 404),
        (world.get("/api/v1/import?filter[status]=x"), 400),
        (world.get("/api/v1/import?sort=uuid"), 400),
        (world.get("/api/v1/import?include=rows"), 400),
        (world.get("/api/v1/import?per_page=501"), 422),
        (world.get("/api/v1/import?filter%5Bdate_from%5D=01/11/2026"), 422),
    ];
    for (request, status) in table {
        let response = world.answer(&request, at(0.0));
        assert_eq!(response.status, status, "{request:?}");
        if status != 200 {
            let body: Value = serde_json::from_slice(&response.body).unwrap();
            assert!(!body["message"].as_str().unwrap().is_empty());
        }
    }
}

#[test]
fn logins_name_the_preferred_account() {
    let world = World::new(&still(3));
    let logins = json(&world, "/api/v1/logins", 0.0);
    assert_eq!(logins["preferred_account_uuid"], world.account());
    let roles: Vec<_> =
        logins["data"].as_array().unwrap().iter().map(|login| &login["account"]["type"]).collect();
    assert_eq!(roles, ["client", "employee", "employee"]);
    assert_ne!(logins["data"][1]["uuid"], logins["data"][1]["account"]["uuid"]);
}

#[test]
fn pages_have_every_import_once_in_order() {
    let world = World::new(&Options::default());
    let moment = 5_000.0;
    for (query, per_page) in [
        ("", 15),
        ("per_page=7&sort=-created_at&filter%5Bmodes%5D=store", 7),
        ("per_page=100&sort=-updated_at", 100),
    ] {
        let (mut seen, mut times) = (Vec::new(), Vec::new());
        let mut next = Some(format!("{LIST}?{query}"));
        while let Some(path) = next {
            let page = json(&world, &path, moment);
            assert_eq!(page["meta"]["per_page"], per_page);
            let field = if query.contains("updated") { "updated_at" } else { "created_at" };
            times.extend(strings(&page, field).iter().map(|time| time.replace(' ', "T")[..19].to_owned()));
            seen.extend(uuids(&page));
            assert_eq!(page["meta"]["to"], seen.len());
            next = page["links"]["next"].as_str().map(|link| link.replacen("http://localhost", "", 1));
            if next.is_none() {
                assert_eq!(
                    (&page["meta"]["total"], &page["meta"]["last_page"]),
                    (&seen.len().into(), &page["meta"]["current_page"])
                );
            }
        }
        let once: BTreeSet<_> = seen.iter().collect();
        assert_eq!(once.len(), seen.len());
        assert!(seen.len() > 20);
        assert!(if query.contains('-') { times.is_sorted_by(|a, b| a >= b) } else { times.is_sorted() });
    }
    let past_the_end = json(&world, &format!("{LIST}?page=99"), moment);
    assert!(uuids(&past_the_end).is_empty() && past_the_end["meta"]["from"].is_null());
}

#[test]
fn filters_leave_what_they_say() {
    let world = World::new(&still(200));
    let all = json(&world, "/api/v1/import?per_page=500&include=initiatedBy", 0.0);
    let by = |keep: &dyn Fn(&Value) -> bool| -> Vec<String> {
        let kept = all["data"].as_array().unwrap().iter().filter(|import| keep(import));
        kept.map(|import| import["uuid"].as_str().unwrap().to_owned()).collect()
    };
    let day = |import: &Value| import["created_at"].as_str().unwrap()[..10].to_owned();
    let first = &all["data"][100];
    let employee = first["account"]["uuid"].as_str().unwrap();
    let table: [(String, Vec<String>); 7] = [
        ("filter[types]=clients,plans".into(), by(&|i| i["type"] == "clients" || i["type"] == "plans")),
        ("filter%5Bexclude_types%5D=clients".into(), by(&|i| i["type"] != "clients")),
        ("filter[modes]=validate".into(), by(&|i| i["mode"] == "validate")),
        (
            "filter[statuses]=failed,processing".into(),
            by(&|i| i["status"] == "failed" || i["status"] == "processing"),
        ),
        (
            "filter[date_from]=2026-11-10&filter[date_to]=2026-11-16".into(),
            by(&|i| ("2026-11-10".to_owned()..="2026-11-16".to_owned()).contains(&day(i))),
        ),
        (format!("filter[initiated_by]={employee}"), by(&|i| i["account"]["uuid"] == employee)),
        (
            format!("filter[uuid]={},{}", uuids(&all)[3], uuids(&all)[150]),
            vec![uuids(&all)[3].clone(), uuids(&all)[150].clone()],
        ),
    ];
    for (query, expected) in table {
        assert!(!expected.is_empty() && expected.len() < 200, "{query} proves nothing");
        assert_eq!(uuids(&json(&world, &format!("{LIST}?per_page=500&{query}"), 0.0)), expected, "{query}");
    }
}

#[test]
fn headers_and_mapping_are_only_on_the_show_route_and_errors_may_be() {
    for list_errors in [true, false] {
        let world = World::new(&Options { list_errors, ..still(60) });
        let list = json(&world, "/api/v1/import?per_page=500", 0.0);
        for import in list["data"].as_array().unwrap() {
            assert!(import.get("headers").is_none() && import.get("mapping").is_none());
            assert!(import.get("account").is_none());
            assert_eq!(import.get("errors").is_some(), list_errors);
            assert_eq!(import.get("error_report").is_some(), list_errors);
            let shown = json(
                &world,
                &format!("{LIST}/{}?include=initiatedBy", import["uuid"].as_str().unwrap()),
                0.0,
            );
            assert!(
                shown["headers"].is_array() && shown.get("mapping").is_some() && shown["errors"].is_array()
            );
            assert!(shown["account"]["name"].is_string() && shown.get("error_report").is_some());
        }
    }
}

#[test]
fn fields_are_those_of_the_reference() {
    let reference = include_str!("reference.json");
    let reference: Value = serde_json::from_str(reference).unwrap();
    let reference = &reference["data"][0];
    let world = World::new(&still(40));
    let list = json(&world, "/api/v1/import?per_page=500", 0.0);
    let ended =
        list["data"].as_array().unwrap().iter().find(|import| !import["error_report"].is_null()).unwrap();
    let path = format!("{LIST}/{}?include=initiatedBy", ended["uuid"].as_str().unwrap());
    let shown = json(&world, &path, 0.0);
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&shown), keys(reference));
    assert_eq!(keys(&shown["account"]), keys(&reference["account"]));
    assert_eq!(keys(&shown["error_report"]), keys(&reference["error_report"]));
}

#[test]
fn a_report_has_every_failed_row_and_the_size_it_says() {
    let world = World::new(&still(120));
    let list = json(&world, "/api/v1/import?per_page=500", 0.0);
    let mut reports = 0;
    for import in list["data"].as_array().unwrap() {
        let Some(link) = import["error_report"]["download_url"].as_str() else { continue };
        reports += 1;
        let path = link.replacen("http://localhost", "", 1);
        let response =
            world.answer(&world.get(&path).without("x-plannr-account-uuid").without("accept"), at(0.0));
        assert_eq!(response.status, 200);
        assert!(response.header("content-disposition").unwrap().contains(".csv"));
        assert_eq!(response.body.len().to_string(), import["error_report"]["size"].as_str().unwrap());
        let lines = csv_lines(std::str::from_utf8(&response.body).unwrap());
        assert_eq!(lines - 1, number(&import["failed_jobs"]), "{import}");
        assert_eq!(world.answer(&world.get(&path).without("authorization"), at(0.0)).status, 401);
    }
    assert!(reports > 20);
}

/// Line ends outside quotes.
fn csv_lines(text: &str) -> u64 {
    let mut quoted = false;
    text.chars().fold(0, |lines, c| {
        quoted ^= c == '"';
        lines + u64::from(c == '\n' && !quoted)
    })
}

#[test]
fn the_record_stands_still_while_rows_settle() {
    let world = World::new(&Options { running: Some(6), ..still(6) });
    for uuid in world.unfinished(at(0.0)) {
        let truth = world.truth(&uuid, at(0.0)).unwrap();
        if truth.phase == Phase::Running {
            let (a, b) =
                (json(&world, &format!("{LIST}/{uuid}"), 0.0), json(&world, &format!("{LIST}/{uuid}"), 9.0));
            assert_eq!(a["updated_at"], b["updated_at"]);
            assert_ne!(a["jobs_remaining"], b["jobs_remaining"]);
        }
    }
}

#[test]
fn a_part_of_a_report_is_given_to_who_knows_its_version() {
    let world = World::new(&still(60));
    let list = json(&world, "/api/v1/import?per_page=60", 0.0);
    let link =
        list["data"].as_array().unwrap().iter().find_map(|i| i["error_report"]["download_url"].as_str());
    let path = link.unwrap().trim_start_matches("http://localhost").to_owned();
    let ask = |range: &str, known: &str| {
        world.answer(&world.get(&path).with("range", range).with("if-range", known), at(0.0))
    };
    let whole = world.answer(&world.get(&path), at(0.0));
    let (body, size) = (whole.body.clone(), whole.body.len());
    let tag = whole.header("etag").unwrap();
    let table = [
        ("bytes=5-", tag, 206, &body[5..]),
        ("bytes=5-9", tag, 206, &body[5..10]),
        ("bytes=-5", tag, 206, &body[size - 5..]),
        ("bytes=5-999999999", tag, 206, &body[5..]),
        ("bytes=5-", "\"another\"", 200, &body),
        ("lines=5-", tag, 200, &body),
    ];
    for (range, known, status, part) in table {
        let answer = ask(range, known);
        assert_eq!((answer.status, answer.body.as_slice()), (status, part), "{range} {known}");
    }
    let range = format!("bytes 5-9/{size}");
    assert_eq!(ask("bytes=5-9", tag).header("content-range"), Some(range.as_str()));
    assert_eq!(ask("bytes=999999999-", tag).status, 416);
}
