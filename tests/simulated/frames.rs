//! What goes to the terminal: the cells that changed, and nothing where nothing did.

use std::io::{self, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::tz::TimeZone;
use plannr_tui::app::event::Event;
use plannr_tui::app::{App, Identity};
use plannr_tui::domain::Now;
use plannr_tui::domain::page::{Criteria, ListRequest};
use plannr_tui::domain::snapshot::Snapshot;
use plannr_tui::run::canvas::Canvas as _;
use plannr_tui::simulator::{Options, World};
use plannr_tui::terminal::{Output, Screen};
use plannr_tui::ui::theme::Theme;
use plannr_tui::ui::{self, Scene, ViewState};
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Size;

use crate::offline;

const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// What was written and not looked at yet.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The monitor in front of a terminal that remembers every byte.
struct Watching {
    world: World,
    snapshot: Snapshot,
    app: App,
    view_state: ViewState,
    theme: Theme,
    output: Output<Written>,
    written: Written,
    screen: Screen<Written>,
    parser: vt100::Parser,
}

impl Watching {
    fn new((width, height): (u16, u16)) -> Self {
        let world = World::new(&Options { keep_starting: false, ..Options::default() });
        let written = Written::default();
        let output = Output::new(written.clone());
        let screen = Screen::new(output.clone(), move || Ok(Size { width, height }));
        let [rows, columns] = [height, width].map(|cells| NonZero::new(cells).unwrap());
        let parser = vt100::Parser::new(rows, columns, 0);
        Self {
            world,
            snapshot: Snapshot::default(),
            app: App::new(at(1), TimeZone::UTC, Identity::default(), ""),
            view_state: ViewState::default(),
            theme: Theme::new(true, false),
            output,
            written,
            screen,
            parser,
        }
    }

    /// Polls at one time what the server had at another.
    fn poll(&mut self, seconds: u64, server_time: u64) {
        let ask = ListRequest::newest(Criteria::default(), 100);
        let page = offline::list(&self.world, None, &ask, Duration::from_secs(server_time)).unwrap();
        self.snapshot = self.snapshot.absorb(page, at(seconds));
        self.app.update(at(seconds), Event::Snapshot(Arc::new(self.snapshot.clone())));
    }

    /// Draws a frame as the loop does; what reached the terminal, and how many bytes ratatui would have written.
    fn frame(&mut self) -> (String, usize) {
        let shown = self.screen.shown().clone();
        self.output.begin();
        let scene = Scene { app: &self.app, theme: &self.theme };
        self.screen.draw(false, |buf| ui::draw(buf, scene, &mut self.view_state)).unwrap();
        self.output.end().unwrap();
        let bytes = std::mem::take(&mut *self.written.0.lock().unwrap());
        let mut ratatui = Vec::new();
        if shown.area == self.screen.shown().area {
            let changed = shown.diff(self.screen.shown());
            CrosstermBackend::new(&mut ratatui).draw(changed.into_iter()).unwrap();
        }
        self.parser.process(&bytes);
        let width = self.screen.shown().area.width;
        let there = self.parser.screen().rows(0, width).map(|row| row.trim_end().to_owned());
        assert_eq!(there.collect::<Vec<_>>(), lines(self.screen.shown()));
        (String::from_utf8(bytes).unwrap(), ratatui.len())
    }
}

fn at(seconds: u64) -> Now {
    let up = Duration::from_secs(seconds);
    Now { up, wall: Options::default().start + up }
}

fn lines(buffer: &Buffer) -> Vec<String> {
    let line = |cells: &[Cell]| cells.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned();
    buffer.content.chunks(buffer.area.width.into()).map(line).collect()
}

#[test]
fn a_poll_writes_the_cells_that_it_moved_and_one_that_moved_nothing_writes_nothing() {
    for size in [(80, 24), (120, 40), (200, 50)] {
        let mut watching = Watching::new(size);
        watching.poll(1, 1);
        let (first, _) = watching.frame();
        assert!(first.starts_with(BEGIN) && first.ends_with(END), "{size:?}");
        assert_eq!(watching.frame().0, "", "{size:?}: drawn again");
        watching.poll(1, 1);
        assert_eq!(watching.frame().0, "", "{size:?}: the same answer");

        watching.poll(4, 4);
        let (moved, ratatui) = watching.frame();
        assert!(moved.starts_with(BEGIN) && moved.ends_with(END) && moved.matches(BEGIN).count() == 1);
        println!("{size:?}: {} bytes, ratatui {ratatui}; {} at first", moved.len(), first.len());
        assert!(moved.len() > 5, "{size:?}: something moves");
        assert!(moved.len() < ratatui, "{size:?}: {} bytes, ratatui {ratatui}", moved.len());
        assert!(moved.len() * 3 < first.len(), "{size:?}: {} bytes of {}", moved.len(), first.len());
    }
}
