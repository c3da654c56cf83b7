//! Text that strangers wrote, in every field that the server sends: nothing of it reaches the terminal but
//! what a cell can hold.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plannr_tui::domain::Now;
use plannr_tui::domain::snapshot::Snapshot;
use plannr_tui::monitor::app::{App, Identity};
use plannr_tui::monitor::event::{Answer, Event};
use plannr_tui::plannr;
use plannr_tui::ui::theme::Theme;
use plannr_tui::ui::{self, Memory, Scene};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;
use url::Url;

/// What a terminal would act on, what takes no room or twice the room, and anything at all.
fn text() -> impl Strategy<Value = String> {
    let nasty = prop_oneof![
        Just("\u{1b}[2J\u{1b}]0;owned\u{7}".to_owned()),
        Just("\u{9b}31m\r\n\t\u{8}".to_owned()),
        Just("\u{202e}gpj.exe\u{2066}\u{200b}\u{feff}".to_owned()),
        Just("Z\u{300}\u{301}\u{302}\u{303}\u{304}".repeat(9)),
        Just("👩\u{200d}👩\u{200d}👧日本語ｆｕｌｌ".to_owned()),
        Just("\u{2028}\u{2029}\u{85}\u{ad}".to_owned()),
        Just("\u{e0041}\u{fe0f}\u{1f1ec}\u{1f1e7}".to_owned()),
        Just(String::new()),
    ];
    let piece = prop_oneof![nasty, any::<String>(), "[a-zA-Z_ ]{1,40}"];
    prop::collection::vec(piece, 1..3).prop_map(|pieces| pieces.concat())
}

/// An import in which every text is somebody's own.
fn import(texts: &[String]) -> Value {
    let t = |at: usize| texts[at % texts.len()].clone();
    json!({
        "uuid": "065680d5-6407-42c6-8544-da5fb975ebfe",
        "type": t(0), "mode": t(1), "status": t(2),
        "total_jobs": 9, "jobs_remaining": 4, "failed_jobs": 2, "progress": 44,
        "created_at": "2026-11-23T11:00:00+00:00", "updated_at": t(3),
        "account": { "name": t(4), "email": t(5), "uuid": t(6) },
        "error_report": { "filename": t(7), "size": "12", "status": t(8), "download_url": t(9) },
        "headers": [t(10), t(11)],
        "mapping": { t(10): t(12) },
        "errors": [
            { "client": { t(10): t(13), t(11): t(14) }, "errors": { t(12): [t(15), t(16)], t(17): t(18) } },
            { "client": [t(19)], "errors": { "x": [t(20)] } },
        ],
    })
}

/// The keys that lead from screen to screen; a frame is drawn after each.
const KEYS: [KeyCode; 14] = [
    KeyCode::Char('i'),
    KeyCode::Esc,
    KeyCode::Enter,
    KeyCode::Char('v'),
    KeyCode::Enter,
    KeyCode::Char('n'),
    KeyCode::Char('y'),
    KeyCode::Esc,
    KeyCode::Char('o'),
    KeyCode::Char('L'),
    KeyCode::Esc,
    KeyCode::Char('?'),
    KeyCode::Esc,
    KeyCode::Char('/'),
];

fn watch(texts: &[String], filter: &str, (width, height): (u16, u16)) {
    let now = Now { up: Duration::from_secs(60), wall: Timestamp::constant(1_795_433_400, 0) };
    let url = Url::parse("http://localhost/api/v1/import").unwrap();
    let body = json!({ "data": [import(texts)] }).to_string();
    let page = plannr::read_page(body.as_bytes(), &url).unwrap();
    let [read] = &page.imports[..] else { panic!("the import was lost") };
    let answer = plannr::read_import(import(texts).to_string().as_bytes(), &read.id, &url).unwrap();

    let identity =
        Identity { firm: "Firm".into(), person: "Person".into(), host: "host".into(), demo: false };
    let mut app = App::new(now, TimeZone::UTC, identity, "");
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut memory = Memory::default();
    let theme = Theme::new(true, false);
    let snapshot = Arc::new(Snapshot::default().absorb(page.clone(), now));
    let details = Answer::Import { id: read.id.clone(), result: Box::new(Ok(answer)) };
    let typed = filter.chars().filter(|c| !c.is_control()).map(KeyCode::Char);
    let keys = KEYS.into_iter().chain(typed);
    let keys = keys.map(|code| Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    for event in [Event::Snapshot(snapshot), Event::Answer(details)].into_iter().chain(keys) {
        app.update(now, event);
        terminal.draw(|frame| ui::draw(frame, Scene { app: &app, theme: &theme }, &mut memory)).unwrap();
        let buffer = terminal.backend().buffer();
        for y in 0..height {
            let mut x = 0;
            while x < width {
                let symbol = buffer[(x, y)].symbol();
                let unsafe_in = |c: char| {
                    c.is_control()
                        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
                };
                assert!(!symbol.contains(unsafe_in), "{symbol:?} at {x},{y}");
                x += u16::try_from(symbol.width().max(1)).unwrap();
            }
            assert_eq!(x, width, "line {y} is pushed out of the frame");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]
    #[test]
    fn no_text_reaches_beyond_its_cells(
        texts in prop::collection::vec(text(), 21),
        filter in text(),
        size in prop_oneof![Just((40, 10)), Just((80, 24)), Just((121, 33)), Just((200, 50)), (1u16..60, 1u16..20)],
    ) {
        watch(&texts, &filter, size);
    }
}
