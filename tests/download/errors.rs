//! `plannr-tui errors`, the built program: every format, from the whole report or the API's sample.

use std::fs;

use plannr_tui::simulator::{Canned, Response};
use serde_json::Value;

use crate::command::Stage;

/// What was printed, what was said, and the exit code.
fn errors(stage: &Stage, more: &str) -> (String, String, Option<i32>) {
    let output = stage.program(&format!("errors {} {more}", stage.import.id)).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn every_format_tells_every_row() {
    let stage = Stage::new();
    let failed = usize::try_from(stage.import.counts.failed.unwrap()).unwrap();
    assert!(failed > 25, "no more than the API tells");

    let (grouped, words, code) = errors(&stage, "");
    assert_eq!((words.as_str(), code), ("", Some(0)));
    let counts = grouped.lines().map(|line| line.split('\t').next().unwrap().parse::<usize>().unwrap());
    assert!(counts.sum::<usize>() >= failed, "{grouped}");

    let (json, _, _) = errors(&stage, "--json");
    let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(rows.len(), failed);
    assert!(rows.iter().all(|row| row["row"].is_object() && !row["errors"].as_object().unwrap().is_empty()));

    let (csv, _, _) = errors(&stage, "--csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let own: Vec<&String> = rows[0]["row"].as_object().unwrap().keys().collect();
    assert_eq!(headers.iter().collect::<Vec<_>>()[..own.len()], own);
    assert_eq!(headers[own.len()..], ["error_field", "error_message"]);
    assert_eq!(reader.records().map(Result::unwrap).count(), failed);

    let (listed, _, _) = errors(&stage, "--rows");
    assert_eq!(listed.lines().filter(|line| line.starts_with("row ")).count(), failed);

    let (_, words, code) = errors(&stage, "--json --csv");
    assert!(words.contains("cannot be used with") && code == Some(2), "{words}");
}

#[test]
fn a_source_gives_lines_and_redact_masks_values() {
    let stage = Stage::new();
    let (csv, _, _) = errors(&stage, "--csv");
    fs::write(stage.folder.path().join("source.csv"), &csv).unwrap();
    let (json, _, _) = errors(&stage, "--json --source source.csv");
    let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
    let lines: Vec<u64> = rows.iter().filter_map(|row| row["source_line"].as_u64()).collect();
    assert!(lines.len() * 10 > rows.len() * 9 && lines[0] == 2 && lines.is_sorted(), "{lines:?}");

    let (masked, _, _) = errors(&stage, "--json --redact");
    let masked: Vec<Value> = serde_json::from_str(&masked).unwrap();
    for (plain, masked) in rows.iter().zip(&masked) {
        let masked = masked["row"].as_object().unwrap();
        assert!(masked.contains_key("due_date") && !masked.contains_key("Due"), "{masked:?}");
        for (value, (column, masked)) in plain["row"].as_object().unwrap().values().zip(masked) {
            let value = value.as_str().unwrap();
            let tells = value.split(|c: char| !c.is_alphanumeric()).any(|word| word.chars().count() > 1);
            assert!(!tells || masked != value, "{column} is not masked");
        }
    }
}

#[test]
fn redacted_a_client_is_named_in_no_format_whatever_the_server_says() {
    let stage = Stage::new();
    // Without a header line the first client is the headers; messages and fields quote clients.
    let report = "Zqx Jkvw,zqx@jkvw.example,errors\n\
        Wvkj Xqz,wvkj@xqz.example,\"The name 'WVKJ XQZ' is taken. wvkj: xqz is unknown\"\n\
        Qzx Vjk,,\"{\"\"qzx\"\":[\"\"The q z x vjk is invalid.\"\"]}\"\n";
    stage.simulator.on_request(move |request| {
        let show = r#"{"uuid":"UUID","type":"clients","mode":"store","status":"finished","total_jobs":2,
            "jobs_remaining":2,"failed_jobs":2,"error_report":{"filename":"zqx.csv","status":"available",
            "download_url":"/file/zqx/download"}}"#;
        let path = request.path().to_owned();
        match path.rsplit_once("/import/") {
            _ if path.ends_with("/download") => Some(Canned::Answer(Response::new(200, "text/csv", report))),
            Some((_, uuid)) => Some(Canned::Answer(Response::json(200, show.replace("UUID", uuid)))),
            None => None,
        }
    });
    for format in ["", "--rows", "--json", "--csv"] {
        let (plain, _, _) = errors(&stage, format);
        let (out, words, code) = errors(&stage, &format!("{format} --redact"));
        let said = format!("{out}{words}").to_lowercase();
        for name in ["zqx", "jkv", "wvk", "xqz", "qzx", "vjk"] {
            assert!(!said.contains(name), "{format}: {said}");
        }
        assert!(plain.to_lowercase().contains("vjk") && code == Some(0), "{plain}{words}");
    }
}

#[test]
fn without_a_report_that_can_be_read_the_sample_is_told_and_so_is_why() {
    let stage = Stage::new();
    stage.simulator.on_request(|request| {
        let pdf = || Canned::Answer(Response::new(200, "application/pdf", "%PDF-1.7 not rows"));
        request.path().ends_with("/download").then(pdf)
    });
    let (json, words, code) = errors(&stage, "--json");
    let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!((rows.len(), code), (25, Some(0)));
    assert!(words.contains("failed rows: 25 of ") && words.contains("PDF"), "{words}");
}

#[test]
fn a_report_that_cannot_be_fetched_never_hides_the_api_s_rows() {
    for (answer, why) in [
        (Canned::Answer(Response::error(403, "No.")), "403"),
        (Canned::Answer(Response::error(404, "Gone?")), "404"),
        (Canned::Answer(Response::error(410, "Gone.")), "410"),
        (Canned::Answer(Response::error(500, "Oops.")), "500"),
        (Canned::Drop, "connection"),
        (Canned::DropMidBody, "connection"),
        (Canned::Answer(Response::new(200, "text/html", "<html>Log in</html>")), "web page"),
    ] {
        let stage = Stage::new();
        let shown = format!("{answer:?}");
        stage
            .simulator
            .on_request(move |request| request.path().ends_with("/download").then(|| answer.clone()));
        let (csv, words, code) = errors(&stage, "--csv --retry-for 0s");
        assert_eq!((csv.lines().count(), code), (26, Some(0)), "{shown}: {words}");
        assert!(
            words.contains("failed rows: 25 of ") && words.contains("cannot fetch the report"),
            "{shown}: {words}"
        );
        assert!(words.contains(why), "{shown}: {words}");
    }
}

#[test]
fn a_report_is_judged_by_its_bytes_and_not_by_what_the_server_calls_them() {
    let stage = Stage::new();
    // What Laravel's streamDownload() sends.
    stage.simulator.on_request(|request| {
        let body = "Zzz,errors\nCL-1,The client reference is invalid.\n";
        let csv = Response::new(200, "text/html; charset=UTF-8", body)
            .with("content-disposition", "attachment; filename=\"errors.csv\"");
        request.path().ends_with("/download").then_some(Canned::Answer(csv))
    });
    let (_, words, code) = errors(&stage, "");
    // Read, and found wanting: it is of another file.
    assert!(words.contains("the report belongs to another file"), "{words}");
    assert_eq!(code, Some(0));
}

#[test]
fn an_import_is_named_by_the_beginning_of_its_uuid_or_as_the_latest() {
    let stage = Stage::new();
    let run = |line: &str| {
        let output = stage.program(line).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr), output.status.code())
    };
    let (whole, _, _) = errors(&stage, "");
    let id = stage.import.id.as_str();
    assert_eq!(run(&format!("errors {}", &id[..13])), (whole, String::new(), Some(0)));

    let (list, _, _) = run("list --json --sort started");
    let all: Vec<Value> = serde_json::from_str(&list).unwrap();
    let newest = all.iter().max_by_key(|import| import["created_at"].as_str().unwrap().to_owned()).unwrap();
    let (waited, words, _) = run("wait latest --timeout 1s --json");
    assert!(waited.contains(newest["uuid"].as_str().unwrap()), "{waited}{words}");

    let (_, words, code) = run("errors ffffffff");
    assert!(words.contains("no import of the period begins with ffffffff") && code == Some(1), "{words}");
    let (_, words, code) = run("errors latest --since 1m --types circles");
    assert!(words.contains("there is no import in the period") && code == Some(1), "{words}");
    assert_eq!(run("report 065").2, Some(1), "an id like any other");
}
