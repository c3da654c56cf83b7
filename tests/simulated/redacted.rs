//! Redacted, nothing that a client or a colleague is called is on a screen, in a notice, in the log or in a copy.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plannr_tui::api;
use plannr_tui::app::event::{Answer, Copy, Effect, Event, Propose};
use plannr_tui::app::{App, Identity};
use plannr_tui::domain::Now;
use plannr_tui::domain::fault::Fault;
use plannr_tui::domain::import::Link;
use plannr_tui::domain::page::Samples;
use plannr_tui::domain::redact::Redactable;
use plannr_tui::domain::snapshot::{LinkState, Snapshot};
use plannr_tui::domain::text::{SafeText, UntrustedRef};
use plannr_tui::report::fix::Proposals;
use plannr_tui::report::{ApiView, Cancel, FailedRows, Limits};
use plannr_tui::run::canvas::Canvas;
use plannr_tui::ui::theme::Theme;
use plannr_tui::ui::{self, Scene, ViewState};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};
use url::Url;

/// Words of letters that no word of the program has side by side.
fn value() -> impl Strategy<Value = String> {
    prop::collection::vec("[qxzjkv]{2,9}", 1..4).prop_map(|words| words.join(" "))
}

/// An import of which the server says what it is, and in which everything else is somebody's.
fn import(values: &[String]) -> Value {
    let v = |at: usize| values[at % values.len()].clone();
    json!({
        "uuid": "065680d5-6407-42c6-8544-da5fb975ebfe",
        "type": "clients", "mode": "store", "status": "finished",
        "total_jobs": 9, "jobs_remaining": 2, "failed_jobs": 2, "progress": 78,
        "created_at": "2026-11-23T11:00:00+00:00",
        "account": { "name": v(0), "email": format!("{}@{}.example", v(1), v(2)), "uuid": "a" },
        "error_report": {
            "filename": format!("{}.csv", v(3)), "size": "12", "status": "available",
            "download_url": format!("https://files.example/{}.csv", v(3).replace(' ', "-")),
        },
        "headers": [v(4), v(5)],
        "mapping": { v(4): "first_name" },
        "errors": [
            {
                "client": { v(4): v(6), v(5): v(7) },
                "errors": {
                    "first_name": [format!("The first name {} is invalid.", v(6).to_uppercase())],
                    v(7): format!("'{}' is unknown", v(8)),
                },
            },
            { "client": { v(4): v(9), v(5): v(10) }, "errors": { "first_name": [v(9)] } },
        ],
    })
}

fn press(c: char) -> Event {
    let code = match c {
        '\u{1b}' => KeyCode::Esc,
        '\r' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        c => KeyCode::Char(c),
    };
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// Every event that carries them, and keys that lead to every screen; `x` masks before anything was seen.
fn events(values: &[String], now: Now) -> Vec<Event> {
    let v = |at: usize| values[at % values.len()].as_str();
    let url = Url::parse("http://localhost/api/v1/import").unwrap();
    let body = json!({ "data": [import(values)] }).to_string();
    let page = api::wire::page(body.as_bytes(), &url, Samples::All).unwrap();
    let id = page.imports[0].id.clone();
    let (import, _) = api::wire::import(import(values).to_string().as_bytes(), &id, &url).unwrap();
    let link = Link::new(&format!("/file/{}", v(3).replace(' ', "-")), &url).unwrap();

    let mut live = Snapshot::default().absorb(page, now);
    live.health.link = LinkState::Live;
    let mut stopped = live.clone();
    stopped.health.link = LinkState::Stopped { fault: Fault::Refused(422, SafeText::new(v(0))) };
    let mut away = live.clone();
    let fault = Fault::Forbidden(SafeText::new(v(1)));
    away.health.link = LinkState::Retrying { fault: fault.clone(), attempt: 1, again_at: now.up };

    let report =
        format!("{},{},errors\n{},{},{}\n{},{},{}\n", v(4), v(5), v(6), v(7), v(8), v(9), v(10), v(11));
    let api = ApiView { mapping: import.mapping.clone(), ..ApiView::default() };
    let rows = FailedRows::read(report.as_bytes(), &Limits::default(), &api);
    let rows = rows.map(Arc::new).map_err(|why| why.to_string().into());
    let saved = Redactable::new(|redaction| format!("saved {}", redaction.value(UntrustedRef::new(v(3)))));

    let snapshots = [&live, &away, &stopped, &live].map(|it| Event::Snapshot(Arc::new(it.clone())));
    let answers = [
        Answer::Import { id: id.clone(), result: Box::new(Err(fault)) },
        Answer::Import { id: id.clone(), result: Box::new(Ok(import)) },
        Answer::Saved(saved),
    ];
    let tour = "i\u{1b}\rv\rny\r\u{1b}oy\u{1b}L\u{1b}d\u{1b}w\u{1b}hhh\rd\u{1b}y\r";
    std::iter::once(press('x'))
        .chain(snapshots)
        .chain(answers.map(Event::Answer))
        .chain(tour.chars().map(press))
        .chain([Event::Answer(Answer::NotOpened { link, why: "no desktop".to_owned() })])
        .chain("\u{1b}\u{1b}\u{1b}\re".chars().map(press))
        .chain([Event::Answer(Answer::Report { id, result: rows })])
        .chain("v\ry\r\u{1b}\u{1b}vw\u{1b}/emial:a\r\u{1b}yj\r\u{1b}L\u{1b}".chars().map(press))
        .chain("fj\tj\raw\t\u{1b}q\u{1b}hh?".chars().map(press))
        .collect()
}

/// Three letters of a value that stand in a text, in either case.
fn shown<'a>(values: &'a [String], text: &str) -> Option<&'a str> {
    let text = text.to_lowercase();
    values
        .iter()
        .flat_map(|value| value.split(' '))
        .find(|word| (0..word.len().saturating_sub(2)).any(|at| text.contains(&word[at..at + 3])))
}

fn walk(values: &[String], (width, height): (u16, u16)) {
    let now = Now { up: Duration::from_secs(60), wall: Timestamp::constant(1_795_433_400, 0) };
    let identity = Identity { host: "localhost".into(), ..Identity::default() };
    let mut app = App::new(now, TimeZone::UTC, identity, "");
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let (mut view_state, theme) = (ViewState::default(), Theme::new(true, false));
    let mut copies = 0;
    for event in events(values, now) {
        let before = format!("{event:?}");
        for effect in app.update(now, event) {
            if let Effect::Propose(Propose { of, today }) = &effect {
                let proposals = Arc::new(Proposals::of(of, *today, &Cancel::default()));
                app.update(now, Event::Answer(Answer::Proposals { of: Arc::clone(of), proposals }));
            }
            if let Effect::Copy(Copy { text, what }) = effect {
                assert_eq!(shown(values, &what), None, "copied: {what}");
                copies += 1;
                assert_eq!(shown(values, &text), None, "copied: {text}");
            }
        }
        Canvas::draw(&mut terminal, false, |buf| {
            ui::draw(buf, Scene { app: &app, theme: &theme }, &mut view_state)
        })
        .unwrap();
        let screen = terminal.backend().to_string();
        assert_eq!(shown(values, &screen), None, "after {before}:\n{screen}");
        assert!(view_state.link().is_none(), "a link lies behind the text");
    }
    assert!(copies >= 3, "only {copies} copies were made");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::with_cases(24) })]
    #[test]
    fn nothing_of_a_client_or_a_colleague_is_seen_or_copied(
        values in prop::collection::vec(value(), 12),
        size in prop_oneof![Just((80, 24)), Just((120, 40)), Just((200, 50))],
    ) {
        walk(&values, size);
    }
}
