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
use plannr_tui::simulator::{Options, World};
use plannr_tui::terminal::{DedupBackend, Output};
use plannr_tui::ui::theme::Theme;
use plannr_tui::ui::{self, Scene, ViewState};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

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
    terminal: Terminal<DedupBackend<CrosstermBackend<Output<Written>>>>,
    parser: vt100::Parser,
}

impl Watching {
    fn new((width, height): (u16, u16)) -> Self {
        let world = World::new(&Options { keep_starting: false, ..Options::default() });
        let written = Written::default();
        let output = Output::new(written.clone());
        let backend = DedupBackend::new(CrosstermBackend::new(output.clone()));
        let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
        let terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
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
            terminal,
            parser,
        }
    }

    /// Polls at one time what the server had at another.
    fn poll(&mut self, seconds: u64, server_time: u64) {
        let ask = ListRequest::Newest { criteria: Criteria::default(), per_page: 100 };
        let page = offline::list(&self.world, None, &ask, Duration::from_secs(server_time)).unwrap();
        self.snapshot = self.snapshot.absorb(page, at(seconds));
        self.app.update(at(seconds), Event::Snapshot(Arc::new(self.snapshot.clone())));
    }

    /// Draws a frame as the loop does; what reached the terminal, and how many cells are others than before.
    fn frame(&mut self) -> (String, usize) {
        self.output.begin().unwrap();
        let scene = Scene { app: &self.app, theme: &self.theme };
        self.terminal.draw(|frame| ui::draw(frame, scene, &mut self.view_state)).unwrap();
        self.output.end().unwrap();
        let bytes = std::mem::take(&mut *self.written.0.lock().unwrap());
        let before = self.parser.screen().clone();
        self.parser.process(&bytes);
        let after = self.parser.screen();
        let (height, width) = after.size();
        let cells = (0..height.get()).flat_map(|y| (0..width.get()).map(move |x| (y, x)));
        let changed = cells.filter(|(y, x)| before.cell(*y, *x) != after.cell(*y, *x)).count();
        (String::from_utf8(bytes).unwrap(), changed)
    }
}

fn at(seconds: u64) -> Now {
    let up = Duration::from_secs(seconds);
    Now { up, wall: Options::default().start + up }
}

/// How many characters are left when every escape sequence is taken out.
fn characters(written: &str) -> usize {
    let mut count = 0;
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        if c == '\x1b' {
            assert_eq!(rest.next(), Some('['), "{written:?}");
            rest.find(char::is_ascii_alphabetic);
        } else {
            count += 1;
        }
    }
    count
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
        let (moved, changed) = watching.frame();
        assert!(moved.starts_with(BEGIN) && moved.ends_with(END) && moved.matches(BEGIN).count() == 1);
        let shown = characters(&moved);
        println!(
            "{size:?}: {changed} cells, {shown} characters, {} bytes; {} at first",
            moved.len(),
            first.len()
        );
        assert!(changed > 5, "{size:?}: something moves");
        assert_eq!(shown, changed, "{size:?}: a cell was written that is as it was");
        assert!(moved.len() * 3 < first.len(), "{size:?}: {} bytes of {}", moved.len(), first.len());
    }
}
