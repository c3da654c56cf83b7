use serde_json::json;

use super::*;
use crate::domain::import::{Counts, Person};
use crate::domain::snapshot::Snapshot;
use crate::domain::snapshot::tests::{import as made_up, now};

const COLUMNS: &[&str] = &["uuid", "total", "account.name"];

#[test]
fn hostile_values_stay_in_their_cell() {
    let records = [
        json!({ "uuid": "a", "total": 4, "account": { "name": "x\ty\r\n\"z\", \u{1b}[31m" } }),
        json!({ "uuid": "=1+1", "total": null, "account": null }),
    ];
    let text = |format: Format| format.header(COLUMNS) + &format.records(COLUMNS, &records);
    assert_eq!(text(Format::Tabs), "uuid\ttotal\taccount.name\na\t4\tx␉y␊\"z\", ␛[31m\n=1+1\t\t\n");
    let csv = |spreadsheet_safe| text(Format::Csv { spreadsheet_safe });
    assert_eq!(csv(false), "uuid,total,account.name\na,4,\"x\ty\r\n\"\"z\"\", \u{1b}[31m\"\n=1+1,,\n");
    assert!(csv(true).ends_with("\n'=1+1,,\n"));
    let lines = text(Format::Ndjson);
    let back: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(back, records);
    assert!(!lines.contains('\u{1b}'));
    assert_eq!(serde_json::from_str::<Vec<Value>>(&text(Format::Json)).unwrap(), records);
    assert_eq!(Format::Json.records(COLUMNS, &[]), "[]\n");
}

#[test]
fn an_import_has_the_apis_names_and_null_for_missing_values() {
    let mut bare = made_up("bare", 0, "", (0, 0, 0));
    bare.counts = Counts::default();
    (bare.created_at, bare.updated_at) = (None, None);
    let mut full = made_up("full", 60, "completed", (4, 1, 1));
    full.counts.progress = Some(75.0);
    full.started_by = Some(Person { name: "Ann Weaver".into(), ..Person::default() }.into());
    let snapshot = Snapshot::of([full, bare], now(0));
    let records: Vec<Value> = snapshot.imports.iter().map(|watched| import(watched)).collect();
    let [full, bare] = &records[..] else { panic!("{records:?}") };
    assert_eq!(full["progress"].to_string(), "75");
    assert_eq!(
        [&full["succeeded"], &full["failed"], &full["pending"], &full["verdict"]],
        [&json!(3), &json!(1), &json!(0), &json!("done_with_failures")]
    );
    assert_eq!(full["created_at"], "2027-01-15T07:59:00Z");
    let present: Vec<&str> = bare
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(present, ["uuid", "type", "mode", "verdict", "counting"]);
    // Every column is a member of a record.
    for column in IMPORT {
        assert!(full.get(column.split('.').next().unwrap()).is_some(), "{column}");
    }
    let masked = import(&masked(snapshot.imports.iter().next().unwrap()));
    assert_eq!(masked["account"]["name"], "A••• W•••");
}
