//! Unexpected responses that are no fault: the list stays correct, and nothing breaks.

use std::sync::{Arc, Mutex};

use crossterm::event::KeyCode;
use plannr_tui::domain::snapshot::LinkState;
use plannr_tui::simulator::{Canned, Response};
use serde_json::{Value, json};

use crate::rig::Rig;

const RUNNING: &str = "065680d5-6407-42c6-8544-da5fb975ebfe";
const DONE: &str = "165680d5-6407-42c6-8544-da5fb975ebfe";
const LAST: &str = "265680d5-6407-42c6-8544-da5fb975ebfe";

fn import(uuid: &str, (total, remaining, failed): (u64, u64, u64)) -> Value {
    let status = if remaining > failed { "processing" } else { "completed" };
    json!({
        "uuid": uuid, "type": "clients", "mode": "store", "status": status, "total_jobs": total,
        "jobs_remaining": remaining, "failed_jobs": failed, "created_at": "2026-11-23T11:00:00+00:00",
    })
}

fn page(imports: &[Value], next: Option<String>) -> Option<Canned> {
    let body = json!({ "data": imports, "links": { "next": next } });
    // Not what the documentation says it is, and read all the same.
    Some(Canned::Answer(Response::new(200, "text/plain", body.to_string())))
}

#[test]
fn an_import_on_two_pages_is_listed_once() {
    let rig = Rig::new();
    let next = format!("{}/api/v1/import?page=2", rig.simulator.base_url());
    let imports = [RUNNING, DONE, LAST].map(|uuid| import(uuid, (10, 0, 0)));
    rig.simulator.on_request(move |request| {
        if request.path_and_query.contains("?page=2") {
            page(&imports[1..], None)
        } else {
            page(&imports[..2], Some(next.clone()))
        }
    });
    rig.run(Arc::new(Mutex::new(rig.good())), async |mut watching| {
        watching.until(|snapshot| snapshot.health.full_passes == 1).await;
        assert_eq!(watching.rows().len(), 3);
        watching
    });
}

#[test]
fn numbers_that_go_back_grow_or_vanish_are_shown_as_they_come() {
    let rig = Rig::new();
    let counts =
        [(100, 50, 2), (100, 60, 2), (200, 160, 2), (0, 0, 0), (10, 4, 9), (u64::MAX, 7, 0), (100, 40, 3)];
    let counts_now = Arc::new(Mutex::new(counts[0]));
    let served = Arc::clone(&counts_now);
    rig.simulator.on_request(move |_| {
        // Over by itself, or the poller would not ask again.
        let mut running = import(RUNNING, *served.lock().unwrap());
        running["status"] = json!("processing");
        page(&[running], None)
    });
    rig.run(Arc::new(Mutex::new(rig.good())), async |mut watching| {
        watching.until(|snapshot| snapshot.health.full_passes == 1).await;
        for (total, remaining, failed) in counts {
            *counts_now.lock().unwrap() = (total, remaining, failed);
            let so = |snapshot: &plannr_tui::domain::snapshot::Snapshot| {
                snapshot.imports.iter().next().is_some_and(|watched| {
                    let counts = watched.import.counts;
                    let came = (counts.total, counts.remaining) == (Some(total), Some(remaining));
                    came || (total == 0 && watched.evidence.is_pruned())
                })
            };
            let snapshot = watching.until(so).await;
            assert_eq!(snapshot.health.link, LinkState::Live);
            let (screen, tally) = (watching.screen(), &snapshot.imports.iter().next().unwrap().tally);
            let shares: u64 =
                [tally.succeeded(), Some(tally.failed()), tally.pending()].iter().flatten().sum();
            assert!(shares <= tally.total().max(total), "{tally:?}");
            assert!(!screen[3].contains("NaN") && !screen[3].contains('-'), "{}", screen[3]);
        }
        watching
    });
}

#[test]
fn an_import_that_is_deleted_while_it_is_open_leads_back_to_the_list() {
    let rig = Rig::new();
    let gone = Arc::new(Mutex::new(false));
    let deleted = Arc::clone(&gone);
    rig.simulator.on_request(move |request| {
        // By id or all of them.
        let asked =
            |uuid: &str| !request.path_and_query.contains("uuid") || request.path_and_query.contains(uuid);
        let there = |uuid: &str| asked(uuid) && !(uuid == RUNNING && *deleted.lock().unwrap());
        let imports = [import(RUNNING, (100, 50, 0)), import(DONE, (10, 0, 0))];
        let left = imports.into_iter().filter(|import| there(import["uuid"].as_str().unwrap()));
        page(&left.collect::<Vec<_>>(), None)
    });
    rig.run(Arc::new(Mutex::new(rig.good())), async |mut watching| {
        watching.until(|snapshot| snapshot.health.full_passes == 1).await;
        if watching.app.list.selected().is_some_and(|id| id.as_str() != RUNNING) {
            watching.press(KeyCode::Char('j'));
        }
        watching.press(KeyCode::Enter);
        assert_eq!(watching.app.screens.trail.len(), 1);
        *gone.lock().unwrap() = true;
        watching.until(|snapshot| snapshot.imports.len() == 1).await;
        assert!(watching.app.screens.trail.is_empty());
        let screen = watching.screen();
        assert!(screen.concat().contains("the open import no longer exists on the server"), "{screen:#?}");
        watching
    });
}
