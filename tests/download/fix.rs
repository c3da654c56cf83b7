//! `plannr-tui fix`, the built program: what it writes, what it says, and with which code it ends.

use std::fs;

use plannr_tui::simulator::{Canned, Response};
use serde_json::Value;

use crate::command::Stage;

const DATE: &str = "The dob does not match the format Y-m-d.";

/// What was printed, what was said, and the exit code.
fn fix(stage: &Stage, more: &str) -> (String, String, Option<i32>) {
    let output = stage.program(&format!("fix {} {more}", stage.import.id)).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

/// A server whose import has this report.
fn stage(report: String) -> Stage {
    let stage = Stage::new();
    let failed = report.lines().count() - 1;
    stage.simulator.on_request(move |request| {
        let show = r#"{"uuid":"UUID","type":"clients","mode":"store","status":"finished","total_jobs":COUNT,
            "jobs_remaining":COUNT,"failed_jobs":COUNT,"error_report":{"filename":"x.csv","status":"available",
            "download_url":"/file/x/download"},"headers":["Name","DOB","Sum"],
            "mapping":{"Name":"name","DOB":"dob","Sum":"amount"}}"#;
        let path = request.path().to_owned();
        match path.rsplit_once("/import/") {
            _ if path.ends_with("/download") => {
                Some(Canned::Answer(Response::new(200, "text/csv", report.as_str())))
            }
            Some((_, uuid)) => {
                let show = show.replace("UUID", uuid).replace("COUNT", &failed.to_string());
                Some(Canned::Answer(Response::json(200, show)))
            }
            None => None,
        }
    });
    stage
}

fn three_rows() -> Stage {
    stage(format!(
        "Name,DOB,Sum,errors\nAnn Fair,19/01/1975,\"1,5\",{DATE}\n\"Bob\",20/01/1975,£5,\"{DATE}, The amount must be a number.\"\nCy,soon,5,{DATE}\n"
    ))
}

#[test]
fn the_fixed_rows_are_written_and_the_others_counted() {
    let stage = three_rows();
    let (path, words, code) = fix(&stage, "");
    assert_eq!((path.as_str(), code), ("clients-create-fixed-2-of-3.csv\n", Some(3)), "{words}");
    assert!(words.contains("2 of 3 rows fixed; 1 left out"), "{words}");
    let file = fs::read_to_string(stage.folder.path().join(path.trim())).unwrap();
    assert_eq!(file, "Name,DOB,Sum\nAnn Fair,1975-01-19,\"1,5\"\n\"Bob\",1975-01-20,5\n");

    let (out, words, code) = fix(&stage, "-o - --all");
    assert!(
        out.starts_with("Name,DOB,Sum,errors\n") && out.ends_with(&format!("Cy,soon,5,{DATE}\n")),
        "{out}"
    );
    assert!(words.contains("1 not fixed, with their messages") && code == Some(3), "{words}");

    let (out, words, code) = fix(&stage, "-o - --only dates --column dob");
    assert_eq!((out.as_str(), code), ("Name,DOB,Sum\nAnn Fair,1975-01-19,\"1,5\"\n", Some(3)), "{words}");
}

#[test]
fn all_fixed_ends_with_0_and_a_file_is_not_replaced_unasked() {
    let stage = stage(format!("Name,DOB,Sum,errors\nAnn,19/01/1975,5,{DATE}\n"));
    let (path, words, code) = fix(&stage, "-o fixed.csv");
    assert_eq!((path.as_str(), code), ("fixed.csv\n", Some(0)), "{words}");
    let (_, words, code) = fix(&stage, "-o fixed.csv");
    assert!(words.contains("already exists") && code == Some(1), "{words}");
    let (_, _, code) = fix(&stage, "-o fixed.csv --force");
    assert_eq!(code, Some(0));
}

#[test]
fn a_dry_run_shows_examples_and_writes_nothing() {
    let stage = three_rows();
    let (out, _, code) = fix(&stage, "-o fixed.csv --all --dry-run");
    assert_eq!(
        out,
        "DOB: 2 cells: DD/MM/YYYY → YYYY-MM-DD\n    row 1: 19/01/1975 → 1975-01-19\n    row 2: 20/01/1975 → 1975-01-20\n\
         Sum: 1 cell: currency removed\n    row 2: £5 → 5\n\
         DOB: 1 cell left: not a date that can be read in one way only\n    row 3: soon\n"
    );
    assert_eq!((code, fs::read_dir(stage.folder.path()).unwrap().count()), (Some(3), 0));

    let (masked, _, _) = fix(&stage, "--dry-run --redact");
    assert!(
        masked.contains("row 3: s•••\n") && !masked.contains("soon") && !masked.contains("1975"),
        "{masked}"
    );
}

#[test]
fn json_stands_beside_the_file() {
    let stage = three_rows();
    fs::write(
        stage.folder.path().join("source.csv"),
        "Id,DOB,Name,Sum\n1,20/01/1975,Bob,£5\n2,19/01/1975,Ann Fair,\"1,5\"\n",
    )
    .unwrap();
    let (json, words, code) = fix(&stage, "--json -o fixed.csv --source source.csv --whole");
    let proposals: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!((proposals.len(), code), (3, Some(3)), "{words}");
    assert_eq!(proposals[0]["column"], "DOB");
    assert_eq!(proposals[0]["kind"], "dates");
    assert_eq!((&proposals[0]["cells"], &proposals[0]["left"]), (&Value::from(2), &Value::from(0)));
    let example =
        serde_json::json!({ "row": 1, "before": "19/01/1975", "after": "1975-01-19", "source_line": 3 });
    assert_eq!(proposals[0]["examples"][0], example);
    assert_eq!(proposals[2]["examples"][0]["after"], Value::Null);
    assert!(words.contains("wrote fixed.csv"), "{words}");
    let file = fs::read_to_string(stage.folder.path().join("fixed.csv")).unwrap();
    assert_eq!(file, "Id,DOB,Name,Sum\n1,1975-01-20,Bob,5\n2,1975-01-19,Ann Fair,\"1,5\"\n");
}

#[test]
fn wrong_usage_ends_with_2() {
    let stage = three_rows();
    for (more, says) in [
        ("--only numbers", "possible values"),
        ("--column Nowhere", "no such column; use Name, DOB, Sum"),
        ("--whole", "--source"),
        ("--json -o -", "give the rows a file"),
    ] {
        let (out, words, code) = fix(&stage, more);
        assert!(words.contains(says) && code == Some(2) && out.is_empty(), "{more}: {words}");
    }
}

#[test]
fn a_sample_is_never_taken_for_all() {
    let stage = Stage::new();
    stage.simulator.on_request(|request| {
        let gone = || Canned::Answer(Response::error(410, "Gone."));
        request.path().ends_with("/download").then(gone)
    });
    let (_, words, code) = fix(&stage, "--dry-run");
    assert!(words.contains("failed rows: 25 of ") && words.contains(" of 25 rows fixed"), "{words}");
    assert_eq!(code, Some(3));
}
