//! Text that strangers wrote, in every field that the server sends: nothing of it reaches the terminal but
//! what a cell can hold.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plannr_tui::api;
use plannr_tui::app::event::{Answer, Event};
use plannr_tui::app::{App, Identity};
use plannr_tui::domain::Now;
use plannr_tui::domain::account::{Account, AccountId};
use plannr_tui::domain::fault::Fault;
use plannr_tui::domain::import::Link;
use plannr_tui::domain::page::Samples;
use plannr_tui::domain::snapshot::{LinkState, Snapshot};
use plannr_tui::domain::text::SafeText;
use plannr_tui::report::{ApiView, FailedRows, Limits};
use plannr_tui::run::canvas::Canvas as _;
use plannr_tui::terminal::{Output, Screen};
use plannr_tui::ui::theme::Theme;
use plannr_tui::ui::{self, Scene, ViewState};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
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
        Just("\u{e0041}\u{fe0f}\u{1f1ec}\u{1f1e7}👍🏽1\u{fe0f}\u{20e3}\u{1f1ec}".to_owned()),
        Just(
            "\u{1b}P1;2|\u{1b}\\\u{1b}_apc\u{1b}\\\u{1b}^pm\u{9c}\u{1b}Xsos\u{90}\u{9d}52;c;eA==\u{9c}"
                .to_owned()
        ),
        Just("क्षि ला لا กำ 한\u{1160}\u{1175} ကြ ខ្មែ\u{e000}\u{fdd0}\u{378}\u{10fffe}".to_owned()),
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
const TOUR: &str = "i\u{1b}\rv\rny\u{1b}oL\u{1b}?\u{1b}dw\u{1b}\u{1b}hhhe\rd\u{1b}L\u{1b}y\u{1b}hhh";

fn press(c: char) -> Event {
    let code = match c {
        '\u{1b}' => KeyCode::Esc,
        '\r' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        c => KeyCode::Char(c),
    };
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// What a stranger, a server or a paste can say, and how it is looked at.
#[derive(Debug, Clone)]
struct Hostile {
    texts: Vec<String>,
    /// Pressed after the tour.
    keys: String,
    pasted: String,
    size: (u16, u16),
}

/// One account or two, whose firm and person have such names.
fn accounts(texts: &[String]) -> Vec<Arc<Account>> {
    let text = |at: usize| SafeText::new(&texts[at % texts.len()]);
    let account =
        |id| Account { firm: text(13), name: text(14), ..Account::unnamed(AccountId::new(id).unwrap()) };
    ["a", "b"].into_iter().take(1 + texts.len() % 2).map(|id| Arc::new(account(id))).collect()
}

/// Every event that carries such text.
fn events(hostile: &Hostile, now: Now) -> Vec<Event> {
    let texts = &hostile.texts;
    let t = |at: usize| texts[at % texts.len()].as_str();
    let url = Url::parse("http://localhost/api/v1/import").unwrap();
    let body = json!({ "data": [import(texts)] }).to_string();
    let page = api::wire::page(body.as_bytes(), &url, Samples::All).unwrap();
    let [read] = &page.imports[..] else { panic!("the import was lost") };
    let id = read.id.clone();
    let (import, _) = api::wire::import(import(texts).to_string().as_bytes(), &id, &url).unwrap();
    let link = Link::new("/file/1", &url).unwrap();

    let mut live = Snapshot::default().of_accounts(&accounts(texts), now).absorb(page, now);
    live.health.link = LinkState::Live;
    let mut stopped = live.clone();
    stopped.health.link = LinkState::Stopped { fault: Fault::Refused(422, SafeText::new(t(0))) };
    let mut away = live.clone();
    let fault = Fault::NotTheApi(SafeText::new(t(1)));
    away.health.link = LinkState::Retrying { fault, attempt: 1, again_at: now.up };

    let mut report = csv::Writer::from_writer(Vec::new());
    report.write_record([t(2), t(3), "errors"]).unwrap();
    report.write_record([t(4), t(5), t(6)]).unwrap();
    report.write_record([t(7), t(8), t(6)]).unwrap();
    let bytes = report.into_inner().unwrap();
    let whole = FailedRows::read(&bytes, &Limits::default(), &ApiView::default());
    let whole = whole.map(Arc::new).map_err(|why| why.to_string().into());

    let snapshots = [&live, &away, &stopped, &live].map(|it| Event::Snapshot(Arc::new(it.clone())));
    let answers = [
        Answer::Import { id: id.clone(), result: Box::new(Ok(import)) },
        Answer::Saved(t(9).into()),
        Answer::NotSaved(t(10).into()),
        Answer::Failed(t(11).to_owned()),
    ];
    let screens = TOUR.chars().chain(hostile.keys.chars()).map(press);
    snapshots
        .into_iter()
        .chain(answers.map(Event::Answer))
        .chain(screens)
        .chain([Event::Answer(Answer::NotOpened { link, why: t(12).to_owned() })])
        .chain("\u{1b}\u{1b}\u{1b}\re".chars().map(press))
        .chain([Event::Answer(Answer::Report { id, result: whole })])
        .chain("v\ryv\u{1b}\ry\u{1b}\u{1b}\u{1b}\u{1b}/".chars().map(press))
        .chain([Event::Paste(hostile.pasted.clone())])
        .chain("\r?".chars().map(press))
        .chain([Event::Paste(hostile.pasted.clone())])
        .collect()
}

/// The bytes on their way to a terminal.
#[derive(Clone, Default)]
struct Wire(Rc<RefCell<Vec<u8>>>);

impl io::Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is left of the bytes without the sequences that drawing needs: moves, styles, clearing, the cursor.
fn without_our_sequences(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut pieces = text.split('\u{1b}');
    let mut left = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let body = piece.strip_prefix('[').unwrap_or_else(|| panic!("a foreign sequence: {piece:?}"));
        let end = body.find(|c: char| !c.is_ascii_digit() && !matches!(c, ';' | ':' | '?')).unwrap();
        let (parameters, rest) = body.split_at(end);
        let ours = match rest.chars().next() {
            Some('C' | 'H' | 'J' | 'K' | 'm') => !parameters.contains('?'),
            Some('h' | 'l') => matches!(parameters, "?25" | "?2026"),
            _ => false,
        };
        assert!(ours, "a foreign sequence: {piece:?}");
        left.push_str(&rest[1..]);
    }
    left
}

fn watch(hostile: &Hostile) {
    let now = Now { up: Duration::from_secs(60), wall: Timestamp::constant(1_795_433_400, 0) };
    let (width, height) = hostile.size;
    let text = |at: usize| SafeText::new(&hostile.texts[at % hostile.texts.len()]);
    let identity = Identity { accounts: accounts(&hostile.texts), host: text(15), ..Identity::default() };
    let mut app = App::new(now, TimeZone::UTC, identity, &hostile.pasted);
    let wire = Wire::default();
    let mut screen = Screen::new(Output::new(wire.clone()), move || Ok(Size { width, height }));
    let mut shown = vt100::Parser::new(height.try_into().unwrap(), width.try_into().unwrap(), 0);
    let mut view_state = ViewState::default();
    let theme = Theme::new(true, false);
    for event in events(hostile, now) {
        app.update(now, event);
        screen.draw(false, |buf| ui::draw(buf, Scene { app: &app, theme: &theme }, &mut view_state)).unwrap();
        let bytes = std::mem::take(&mut *wire.0.borrow_mut());
        let drawn = without_our_sequences(&bytes);
        // What is safe for a terminal is what `SafeText` lets through.
        for c in drawn.chars().collect::<BTreeSet<_>>() {
            let behind = format!("a{c}");
            assert_eq!(SafeText::new(&behind).as_str(), behind, "{drawn:?}");
        }
        shown.process(without_replacements(std::str::from_utf8(&bytes).unwrap()).as_bytes());
        same_cells(screen.shown(), shown.screen());
    }
}

/// The emulator takes U+FFFD for its own sign of broken UTF-8 and draws nothing; terminals draw it in one cell.
fn without_replacements(text: &str) -> String {
    text.replace(char::REPLACEMENT_CHARACTER, "?")
}

/// A terminal shows each cell where the program believes it to be, and nothing of what was there before.
fn same_cells(buffer: &Buffer, screen: &vt100::Screen) {
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            let wide = u16::try_from(symbol.width().max(1)).unwrap();
            let there: String =
                (x..x + wide).filter_map(|x| screen.cell(y, x)).map(vt100::Cell::contents).collect();
            assert_eq!(there.trim_end(), without_replacements(symbol).trim_end(), "at {x},{y}");
            x += wide;
        }
        assert_eq!(x, buffer.area.width, "line {y} is pushed out of the frame");
    }
}

fn hostile() -> impl Strategy<Value = Hostile> {
    let size = prop_oneof![
        Just((40, 10)),
        Just((80, 24)),
        Just((121, 33)),
        Just((200, 50)),
        (1u16..60, 1u16..20),
        (40u16..=200, 10u16..=50),
    ];
    let key = prop_oneof![
        prop::char::range('a', 'z'),
        prop::char::range('A', 'Z'),
        prop::char::range('0', '9'),
        prop::sample::select("\r\r\r\u{1b}\t /?<>*".chars().collect::<Vec<_>>()),
    ];
    let keys = prop::collection::vec(key, 0..30).prop_map(String::from_iter);
    let texts = prop::collection::vec(text(), 21);
    (texts, keys, text(), size).prop_map(|(texts, keys, pasted, size)| Hostile { texts, keys, pasted, size })
}

/// The same few cases in every run; with `PLANNR_FUZZ=1000` so many others.
fn config() -> ProptestConfig {
    let more = std::env::var("PLANNR_FUZZ").ok().map(|cases| cases.parse().unwrap());
    let rng_seed = more.map_or(RngSeed::Fixed(5), |_| RngSeed::Random);
    ProptestConfig { failure_persistence: None, rng_seed, ..ProptestConfig::with_cases(more.unwrap_or(32)) }
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn no_text_reaches_beyond_its_cells(hostile in hostile()) {
        watch(&hostile);
    }
}
