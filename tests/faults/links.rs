//! Links are opened when they are safe, and named before when they lead elsewhere.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plannr_tui::api;
use plannr_tui::app::event::{Copy, Effect, Event};
use plannr_tui::app::{App, Identity};
use plannr_tui::browser::{self, BrowserEnv, Opening};
use plannr_tui::domain::Now;
use plannr_tui::domain::import::Link;
use plannr_tui::domain::page::Samples;
use plannr_tui::domain::snapshot::Snapshot;
use proptest::prelude::*;
use serde_json::json;
use url::Url;

use crate::rig::screen;

const BASE: &str = "https://api.plannrcrm.com";

/// A monitor of one import whose report is there.
fn monitor(report: &str) -> App {
    let now = Now { up: Duration::from_secs(60), wall: Timestamp::UNIX_EPOCH };
    let import = json!({
        "uuid": "065680d5-6407-42c6-8544-da5fb975ebfe", "type": "clients", "mode": "store", "status": "completed",
        "total_jobs": 9, "jobs_remaining": 2, "failed_jobs": 2,
        "error_report": { "filename": "errors.csv", "download_url": report },
    });
    let asked = Url::parse(BASE).unwrap().join("api/v1/import").unwrap();
    let page =
        api::wire::page(json!({ "data": [import] }).to_string().as_bytes(), &asked, Samples::All).unwrap();
    let identity = Identity { host: "api.plannrcrm.com".into(), ..Identity::default() };
    let mut app = App::new(now, TimeZone::UTC, identity, "");
    app.update(now, Event::Snapshot(Arc::new(Snapshot::default().absorb(page, now))));
    app
}

/// Presses keys; what leaves the program.
fn press(app: &mut App, keys: &[KeyCode]) -> Vec<Effect> {
    let effects = keys.iter().flat_map(|code| {
        let key = KeyEvent::new(*code, KeyModifiers::NONE);
        app.update(app.now, Event::Key(key))
    });
    effects.filter(|effect| matches!(effect, Effect::Open(_) | Effect::Copy(_))).collect()
}

#[test]
fn another_host_is_named_before_it_is_opened() {
    let (ours, theirs) = (format!("{BASE}/file/1/download"), "https://storage.example.com/x?sig=1");
    let (open, yes, copy) = (KeyCode::Char('o'), KeyCode::Enter, KeyCode::Char('y'));
    let opens = |url: &str| vec![Effect::Open(Link::new(url, &Url::parse(BASE).unwrap()).unwrap())];
    let copies =
        |url: &str| vec![Effect::Copy(Copy { text: url.to_owned(), what: "report link".to_owned() })];
    let table = [
        (ours.as_str(), vec![open], opens(&ours)),
        ("/file/1/download", vec![open], opens(&ours)),
        (theirs, vec![open], vec![]),
        (theirs, vec![open, yes], opens(theirs)),
        (theirs, vec![open, copy], copies(theirs)),
        (theirs, vec![open, KeyCode::Esc, copy], vec![]),
        ("http://api.plannrcrm.com/file/1", vec![open], vec![]),
        ("https://api.plannrcrm.com.example/file/1", vec![open], vec![]),
        ("javascript:alert(1)", vec![open, yes], vec![]),
        ("file:///etc/passwd", vec![open, yes], vec![]),
        ("https://api.plannrcrm.com@evil.example/", vec![open, yes], vec![]),
    ];
    for (url, keys, effects) in table {
        assert_eq!(press(&mut monitor(url), &keys), effects, "{url} {keys:?}");
    }
    let mut app = monitor(theirs);
    press(&mut app, &[open]);
    let screen = screen(&app, (70, 12)).join("\n");
    for line in
        ["This link leads to another server than api.plannrcrm.com:", "│ storage.example.com  ", theirs]
    {
        assert!(screen.contains(line), "{screen}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    /// Whatever the server sends and whatever `$BROWSER` is: one argument more or less is never made of a link, none
    /// that is a link's is an option, and nothing in it is for a shell, a terminal or another scheme.
    #[test]
    fn a_link_is_one_harmless_argument(
        raw in prop_oneof![".{0,60}", "[a-z]{0,5}[-:/]{1,3}[ -~]{0,40}", "(https?:|//|/)?[-\\x00-\\x7f]{0,40}"],
        browser in prop_oneof!["[a-z]{1,8}", "[a-z]{1,8} -[a-z]", "[a-z]{1,8} %s"],
    ) {
        let base = Url::parse(BASE).unwrap();
        let Ok(link) = Link::new(&raw, &base) else { return Ok(()) };
        prop_assert!(link.as_str().starts_with("http://") || link.as_str().starts_with("https://"));
        prop_assert!(link.as_str().bytes().all(|byte| byte.is_ascii_graphic()), "{link:?}");
        prop_assert!(!raw.chars().any(|c| c.is_control() && !c.is_whitespace()));
        let url = Url::parse(link.as_str()).unwrap();
        prop_assert!(url.username().is_empty() && url.password().is_none());
        prop_assert_eq!(link.is_foreign(), url.origin() != base.origin());
        let surroundings = BrowserEnv { browser: Some(browser.clone()), ..BrowserEnv::default() };
        let Opening::Commands(launches) = browser::plan(&surroundings, &link) else { panic!("{browser}") };
        let words: Vec<&str> = browser.split(' ').collect();
        let own = words.iter().skip(1).filter(|word| **word != "%s").count();
        prop_assert_eq!(launches[0].program.as_str(), words[0]);
        prop_assert_eq!(launches[0].args.len(), own + 1);
        prop_assert_eq!(launches[0].args.last().map(String::as_str), Some(link.as_str()));
    }
}
