use std::collections::BTreeSet;

use serde_json::Value;

use super::{at, json, number, still};
use crate::simulator::kinds::KINDS;
use crate::simulator::{Life, Options, Phase, Shape, World};

#[test]
fn the_world_is_alive_from_the_first_moment_and_stays_so() {
    for seed in [7, 0, 1, 42, u64::MAX] {
        alive(&World::new(&Options { seed, ..Options::default() }));
    }
}

fn alive(world: &World) {
    let list = json(world, "/api/v1/import?per_page=500", 0.0);
    let distinct = |field: &str| -> BTreeSet<&str> {
        list["data"].as_array().unwrap().iter().map(|import| import[field].as_str().unwrap()).collect()
    };
    assert_eq!(list["data"].as_array().unwrap().len(), 40);
    assert_eq!(distinct("type").len(), KINDS.len());
    assert_eq!(distinct("mode").len(), 3);
    assert!(
        distinct("status").is_superset(&["pending", "processing", "completed", "failed", "cancelled"].into())
    );
    let truths: Vec<_> =
        world.unfinished(at(0.0)).iter().map(|uuid| world.truth(uuid, at(0.0)).unwrap()).collect();
    assert!((4..=6).contains(&truths.len()));
    assert!(truths.iter().any(|truth| truth.settled_at.unwrap() < 30.0 && truth.phase == Phase::Running));
    assert!(truths.iter().any(|truth| truth.phase == Phase::Outage && truth.moved_at < -180.0));
    assert!(truths.iter().any(|truth| truth.failed > 100));
    let unfinished = |minute: i32| world.unfinished(at(f64::from(minute) * 60.0 + 7.0)).len();
    let by_minute: Vec<usize> = (0..240).map(unfinished).collect();
    assert!(by_minute.iter().all(|count| *count <= 6), "{by_minute:?}");
    assert!(by_minute.iter().filter(|count| **count >= 2).count() > 228, "{by_minute:?}");
    let started = world.uuids(at(3_600.0)).len() - 40;
    assert!((80..240).contains(&started), "{started} in the first hour");
}

#[test]
fn some_files_are_validated_mended_and_created() {
    for seed in [7, 0, 1, 42, u64::MAX] {
        let world = World::new(&Options { seed, ..still(40) });
        let list = json(&world, "/api/v1/import?per_page=500&include=initiatedBy", 0.0);
        let imports = list["data"].as_array().unwrap();
        let shown = |import: &Value| {
            json(&world, &format!("/api/v1/import/{}", import["uuid"].as_str().unwrap()), 0.0)
        };
        let same = |a: &Value, b: &Value, field: &str| a[field] == b[field];
        let repeats = |first: &Value, second: &Value| {
            ["type", "account", "total_jobs"].iter().all(|field| same(first, second, field))
                && (&first["mode"], &second["mode"]) == (&"validate".into(), &"store".into())
                && ["headers", "mapping"].iter().all(|field| same(&shown(first), &shown(second), field))
        };
        let pairs = imports.iter().flat_map(|second| imports.iter().map(move |first| (first, second)));
        let pairs: Vec<_> = pairs.filter(|(first, second)| repeats(first, second)).collect();
        assert_eq!(pairs.len(), 2, "seed {seed}");
        for (first, second) in pairs {
            assert_ne!(first["error_report"]["uuid"], second["error_report"]["uuid"]);
            let (before, now) = (report_lines(&world, first), report_lines(&world, second));
            assert_eq!(before.len() as u64, number(&first["failed_jobs"]), "no two rows are the same");
            assert_eq!(now.len() as u64, number(&second["failed_jobs"]));
            let still = now.intersection(&before).count();
            assert_eq!(now.len() - still, 2);
            assert!(still >= 4 && still * 3 < before.len(), "{still} of {}", before.len());
        }
    }
}

/// The lines of an import's error report below its headers.
fn report_lines(world: &World, import: &Value) -> BTreeSet<Vec<String>> {
    let link = import["error_report"]["download_url"].as_str().unwrap();
    let path = link.replacen("http://localhost", "", 1);
    let body = world.answer(&world.get(&path), at(0.0)).body;
    let records = csv::Reader::from_reader(&body[..]).into_records();
    records.map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn exactly_as_many_run_as_asked_for() {
    for running in [0, 1, 5, 20] {
        let world = World::new(&Options { running: Some(running), ..still(1_000) });
        assert_eq!(world.unfinished(at(0.0)).len(), running);
        assert_eq!(world.uuids(at(0.0)).len(), 1_000);
        assert_eq!(world.uuids(at(90_000.0)).len(), 1_000);
    }
}

#[test]
fn what_starts_later_ends_in_time_and_little_is_kept() {
    let world = World::new(&Options::default());
    let month = 30.0 * 86_400.0;
    assert!(world.uuids(at(month)).len() < 20_000);
    assert!(world.unfinished(at(month)).len() <= 6);
}

#[test]
fn every_failed_row_says_why_in_the_validators_words() {
    let lives = (0..400).map(|seed| Life::new(seed, Shape::Steady, 60, 0.4, -500.0, 5.0)).collect();
    let world = World::with_lives(&Options::default(), lives);
    let list = json(&world, "/api/v1/import?per_page=500", 0.0);
    let mut reasons = BTreeSet::new();
    for import in list["data"].as_array().unwrap() {
        let kind = KINDS.iter().find(|kind| kind.name == import["type"]).unwrap();
        for failed in import["errors"].as_array().unwrap() {
            assert!(failed[kind.row_key].is_object() || failed[kind.row_key].is_array(), "{failed}");
            for (field, messages) in failed["errors"].as_object().unwrap() {
                let message = messages.as_str().or_else(|| messages[0].as_str()).unwrap();
                assert!(message.starts_with("The ") && message.ends_with('.'), "{message}");
                assert!(message.contains(&field.replace('_', " ")), "{message} of {field}");
                reasons.insert((import["type"].as_str().unwrap(), message));
            }
        }
    }
    let all_flaws: usize = KINDS.iter().map(|kind| kind.flaws.len()).sum();
    assert!(reasons.len() * 10 >= all_flaws * 9, "{} of {all_flaws}", reasons.len());
    for kind in &KINDS {
        for flaw in kind.flaws {
            let known = kind.columns.iter().any(|column| column.field == flaw.field);
            assert!(known, "{} has no column {}", kind.name, flaw.field);
        }
    }
}

#[test]
fn nothing_made_up_could_be_somebodys() {
    let lives = (0..300).map(|seed| Life::new(seed, Shape::Steady, 100, 0.4, -500.0, 5.0)).collect();
    let world = World::with_lives(&Options::default(), lives);
    let text = json(&world, "/api/v1/import?per_page=500&include=initiatedBy", 0.0).to_string();
    let allowed = ["example.com", "example.org", "example.net", ".example"];
    for (place, _) in text.match_indices('@') {
        let domain: String = text[place + 1..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || ".-".contains(*c))
            .collect();
        let domain = domain.trim_end_matches('.');
        assert!(domain.is_empty() || allowed.iter().any(|end| domain.ends_with(end)), "{domain}");
    }
    assert!(text.contains("07700 900") && text.contains("01632 960") && text.contains("\"QQ"));
}

#[test]
fn a_few_imports_have_each_quirk() {
    let world = World::new(&still(100));
    let list = json(&world, "/api/v1/import?per_page=500", 0.0);
    let imports = list["data"].as_array().unwrap();
    let count = |unusual: &dyn Fn(&Value) -> bool| imports.iter().filter(|import| unusual(import)).count();
    let unusual: [(&str, usize); 5] = [
        ("string counts", count(&|i| i["total_jobs"].is_string())),
        ("float counts", count(&|i| i["total_jobs"].is_f64())),
        ("plain times", count(&|i| i["created_at"].as_str().unwrap().contains(' '))),
        ("rows as lists", count(&|i| i["errors"][0]["client"].is_array())),
        (
            "message as a string",
            count(&|i| {
                i["errors"][0]["errors"]
                    .as_object()
                    .is_some_and(|errors| errors.values().all(Value::is_string))
            }),
        ),
    ];
    for (what, count) in unusual {
        assert!((1..=4).contains(&count), "{what}: {count}");
    }
}
