//! What a frame costs over wide rows: 25 failed rows of 100 and of 1,000 columns with 50 rejected fields each, on every
//! screen that shows them.
//!
//! `cargo bench --bench frame`. Times are the best of several frames. It fails where one takes longer than the 16 ms
//! that a screen of 60 Hz shows a frame for.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement that cannot be made has failed"
)]
#![expect(clippy::print_stdout, reason = "figures are the whole purpose")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::KeyCode::{self, Char, Enter};
use jiff::tz::TimeZone;
use plannr_tui::api::wire;
use plannr_tui::app::event::{Answer, Event};
use plannr_tui::app::{App, Identity};
use plannr_tui::domain::Now;
use plannr_tui::domain::page::Samples;
use plannr_tui::domain::snapshot::Snapshot;
use plannr_tui::run::canvas::Canvas;
use plannr_tui::simulator::Options;
use plannr_tui::ui::theme::Theme;
use plannr_tui::ui::{self, Scene, ViewState};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Map, Value, json};
use url::Url;

const MOST: Duration = Duration::from_millis(16);
const RUNS: usize = 30;
const SCREENS: [(&str, &[KeyCode]); 6] = [
    ("imports, details beside them", &[]),
    ("details", &[Char('i')]),
    ("by reason", &[Enter]),
    ("by row", &[Enter, Char('v')]),
    ("one row", &[Enter, Char('v'), Enter]),
    ("by row, masked", &[Enter, Char('v'), Char('x')]),
];

fn main() -> ExitCode {
    let mut slow = false;
    println!("{:<32} {:>12} {:>14}", "µs for a frame of 300x80", "100 columns", "1,000 columns");
    for (name, keys) in SCREENS {
        let [narrow, wide] = [100, 1_000].map(|columns| frame(columns, keys));
        println!("{name:<32} {:>12.0} {:>14.0}", narrow.as_secs_f64() * 1e6, wide.as_secs_f64() * 1e6);
        slow |= wide > MOST;
    }
    if slow { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// An import as the show route has it; the narrow one with 5,000 rows in place of the documented 25.
fn answer(columns: usize) -> Value {
    let headers: Vec<String> = (0..columns).map(|column| format!("Column {column}")).collect();
    let fields: Vec<String> = (0..columns).map(|column| format!("column_{column}")).collect();
    let rows: Vec<Value> = (0..if columns > 100 { 25 } else { 5_000 })
        .map(|row| {
            let cells: Map<_, _> =
                headers.iter().map(|header| (header.clone(), json!(format!("{header} of {row}")))).collect();
            let problem =
                |field: &String| (field.clone(), json!([format!("The {field} is not a valid date.")]));
            json!({ "client": cells, "errors": fields.iter().take(50).map(problem).collect::<Map<_, _>>() })
        })
        .collect();
    json!({
        "uuid": "00000000-0000-4000-8000-000000000000", "type": "clients", "mode": "store", "status": "completed",
        "total_jobs": 25, "jobs_remaining": 0, "failed_jobs": 25, "progress": 100.0, "errors": rows,
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        "headers": headers, "mapping": fields,
    })
}

/// The best time that a frame takes behind these keys.
fn frame(columns: usize, keys: &[KeyCode]) -> Duration {
    let now = Now { up: Duration::from_secs(1), wall: Options::default().start };
    let base = Url::parse("https://api.plannrcrm.com").unwrap();
    let answer = answer(columns);
    let page = wire::page(json!({ "data": [answer] }).to_string().as_bytes(), &base, Samples::All).unwrap();
    let id = page.imports[0].id.clone();
    let (import, _) = wire::import(answer.to_string().as_bytes(), &id, &base).unwrap();
    let mut app = App::new(now, TimeZone::UTC, Identity::default(), "");
    app.update(now, Event::Snapshot(Arc::new(Snapshot::default().absorb(page, now))));
    app.update(now, Event::Answer(Answer::Import { id, result: Box::new(Ok(import)) }));
    for key in keys {
        app.update(now, Event::Key((*key).into()));
    }
    let theme = Theme::new(true, false);
    let scene = Scene { app: &app, theme: &theme };
    let mut view_state = ViewState::default();
    let mut terminal = Terminal::new(TestBackend::new(300, 80)).unwrap();
    assert!(app.view().unwrap().rows().len() >= 25);
    let times = (0..RUNS).map(|_| {
        let started = Instant::now();
        Canvas::draw(&mut terminal, false, |buf| ui::draw(buf, scene, &mut view_state)).unwrap();
        started.elapsed()
    });
    times.min().unwrap()
}
