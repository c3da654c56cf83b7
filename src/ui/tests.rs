//! What a frame costs, in look-ups of cells, names and messages: it depends on what is visible.

use std::sync::Arc;

use crossterm::event::KeyCode;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::theme::Theme;
use super::{Scene, ViewState, draw};
use crate::app::event::Event;
use crate::app::{App, Identity};
use crate::domain::failure::{Cells, FailedRow, Problem};
use crate::domain::import::{Failures, Kind, Mode, Person};
use crate::domain::page::Page;
use crate::domain::snapshot::Snapshot;
use crate::domain::snapshot::tests::{import, now};
use crate::domain::text::SafeText;
use crate::report::steps;
use crate::run::canvas::Canvas;

/// A screen opened by keys, over 25 failed rows with this many columns and rejected fields each.
struct Fixture {
    app: App,
    view_state: ViewState,
    terminal: Terminal<TestBackend>,
}

impl Fixture {
    fn new(columns: usize, problems: usize, keys: &[KeyCode]) -> Self {
        let rows = (0..25).map(|row| FailedRow {
            cells: (0..columns)
                .map(|column| {
                    (SafeText::new(&format!("Column {column}")), format!("value {column} of row {row}"))
                })
                .collect::<Cells>(),
            problems: (0..problems)
                .map(|column| Problem {
                    field: format!("column_{column}").as_str().into(),
                    messages: vec![format!("The column {column} is not a valid date.").as_str().into()],
                })
                .collect(),
        });
        let mut import = import("a", 60, "completed", (25, 0, 25));
        import.failures = Some(Failures { rows: Arc::new(rows.collect()) });
        let page = Page { imports: vec![import], ..Page::default() };
        let mut app = App::new(now(1), TimeZone::UTC, Identity::default(), "");
        app.update(now(1), Event::Snapshot(Arc::new(Snapshot::default().absorb(page, now(1)))));
        for key in keys {
            app.update(now(1), Event::Key((*key).into()));
        }
        let terminal = Terminal::new(TestBackend::new(200, 50)).unwrap();
        Self { app, view_state: ViewState::default(), terminal }
    }

    /// The look-ups of a frame. The first one prepares what later ones use.
    fn frame(&mut self) -> usize {
        let theme = Theme::new(true, false);
        let scene = Scene { app: &self.app, theme: &theme };
        steps::of(|| {
            Canvas::draw(&mut self.terminal, false, |buf| draw(buf, scene, &mut self.view_state)).unwrap();
        })
    }

    fn shows(&self, text: &str) -> bool {
        let cells = self.terminal.backend().buffer().content();
        cells.iter().map(|cell| cell.symbol()).collect::<String>().contains(text)
    }
}

#[test]
fn a_frame_of_failed_rows_looks_only_at_what_it_shows() {
    use KeyCode::{Char, Enter};
    for keys in [&[Enter][..], &[Enter, Char('v')], &[Enter, Char('v'), Enter]] {
        let [narrow, wide] = [100, 1_000].map(|columns| {
            let mut fixture = Fixture::new(columns, 50, keys);
            fixture.frame();
            let steps = fixture.frame();
            assert!(fixture.shows("Column 1 "), "{keys:?}");
            assert!(fixture.shows("is not a valid date"), "{keys:?}");
            steps
        });
        assert!(narrow > 50, "something was counted: {narrow}");
        assert_eq!(narrow, wide, "columns, after {keys:?}");
        let [few, many] = [90, 900].map(|problems| {
            let mut fixture = Fixture::new(1_000, problems, keys);
            fixture.frame();
            fixture.frame()
        });
        assert_eq!(few, many, "problems, after {keys:?}");
    }
}

#[test]
fn the_count_of_a_short_filter_is_whole_where_there_is_room() {
    let imports = (0..1_500).map(|nth| import(&format!("i{nth}"), nth, "completed", (9, 0, 0)));
    let snapshot = Snapshot::of(imports, now(0));
    for width in [60, 80, 120, 160] {
        let mut app = App::new(now(1), TimeZone::UTC, Identity::default(), "is:done");
        app.update(now(1), Event::Snapshot(Arc::new(snapshot.clone())));
        let mut terminal = Terminal::new(TestBackend::new(width, 24)).unwrap();
        let theme = Theme::new(true, false);
        let scene = Scene { app: &app, theme: &theme };
        Canvas::draw(&mut terminal, false, |buf| draw(buf, scene, &mut ViewState::default())).unwrap();
        let line = terminal.backend().buffer().content().chunks(usize::from(width)).nth(1).unwrap();
        let line: String = line.iter().map(|cell| cell.symbol()).collect();
        assert!(line.trim_end().ends_with("/ is:done   1,500 of 1,500"), "{width}: {line}");
    }
}

/// What the line of an import says of each of these texts at a terminal's width: how many of its characters.
fn said(width: u16, texts: &[&str]) -> Vec<usize> {
    let mut snapshot = Snapshot::default();
    for poll in 0..12 {
        let mut import = import("a", 60, "processing", (1_234, 1_000 - 20 * poll, 117));
        import.kind = Kind::new("provider_statement");
        import.mode = Mode::Validate;
        import.started_by = Some(Person { name: "Bartholomew Wren".into(), ..Person::default() }.into());
        let page = Page { imports: vec![import], ..Page::default() };
        snapshot = snapshot.absorb(page, now(2 * poll));
    }
    let mut app = App::new(now(23), TimeZone::UTC, Identity::default(), "");
    app.update(now(23), Event::Snapshot(Arc::new(snapshot)));
    let mut terminal = Terminal::new(TestBackend::new(width, 40)).unwrap();
    let theme = Theme::new(true, false);
    let scene = Scene { app: &app, theme: &theme };
    Canvas::draw(&mut terminal, false, |buf| draw(buf, scene, &mut ViewState::default())).unwrap();
    let cells = terminal.backend().buffer().content().chunks(usize::from(width));
    let lines = cells.map(|cells| cells.iter().map(|cell| cell.symbol()).collect::<String>());
    let line = lines.into_iter().find(|line| line.contains('▌')).unwrap();
    let line = line.split('│').next().unwrap();
    let longest = |text: &str| {
        let ends = (1..=text.len()).rev().filter(|end| text.is_char_boundary(*end));
        ends.filter(|end| line.contains(&text[..*end])).max().filter(|end| *end > 2 || *end == text.len())
    };
    texts.iter().map(|text| longest(text).unwrap_or(0)).collect()
}

#[test]
fn a_wider_terminal_never_says_less_of_an_import() {
    // Type, mode, state, per cent, failed rows with their share, all rows, tried rows, pace, ETA, age, person.
    let texts = [
        "provider statement",
        "validate",
        "running",
        "46%",
        "117 20%",
        "1,234",
        "571/1,234",
        "10/s",
        "1m06s",
        "ago",
        "Bartholomew Wren",
    ];
    let mut before = said(40, &texts);
    for width in 41..=300 {
        let now = said(width, &texts);
        for ((text, before), now) in texts.iter().zip(&before).zip(&now) {
            assert!(now >= before, "{width} columns: {now} of {text:?}, {before} on a narrower terminal");
        }
        before = now;
    }
    let whole: Vec<usize> = texts.iter().map(|text| text.len()).collect();
    assert_eq!(before[2..], whole[2..], "everything is said at last");
}
