//! What one event costs with 100, 10,000 and 100,000 imports: a poll taken in, the list brought up to date, a letter
//! of a filter, a frame. What follows what changed costs the same in all three columns.
//!
//! `cargo bench --bench scale`; `-- --quick` leaves out the largest and measures each twice. Times are the best of
//! several runs.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement that cannot be made has failed"
)]
#![expect(clippy::print_stdout, reason = "figures are the whole purpose")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use plannr_tui::domain::Now;
use plannr_tui::domain::import::{Import, ImportId};
use plannr_tui::domain::page::Page;
use plannr_tui::domain::snapshot::Snapshot;
use plannr_tui::monitor::app::list::List;
use plannr_tui::monitor::app::{App, Identity};
use plannr_tui::monitor::event::Event;
use plannr_tui::monitor::keymap::Motion;
use plannr_tui::query::{Query, Sort, SortKey, View};
use plannr_tui::simulator::{Options, World};
use plannr_tui::ui::theme::Theme;
use plannr_tui::ui::{self, Memory, Scene};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use url::Url;

/// Imports in each column.
const SIZES: [usize; 3] = [100, 10_000, 100_000];
const MOVING: usize = 5;
/// Filters that are typed letter by letter; a text before `|` stands there from the start.
const TYPED: [&str; 7] = [
    "|gareth",
    "|clients",
    "|provst",
    "|fairweather",
    "|4f2a9c",
    "|type:clients by:priya",
    "is:failed failed:>10 |clients",
];

fn main() {
    let quick = std::env::args().any(|arg| arg == "--quick");
    let sizes = if quick { &SIZES[..2] } else { &SIZES[..] };
    let columns: Vec<Vec<(String, Duration)>> =
        sizes.iter().map(|size| Case::new(*size, quick).measure()).collect();
    print!("{:<44}", "µs with so many imports");
    sizes.iter().for_each(|size| print!(" {size:>11}"));
    println!("   last/first");
    for (at, (name, first)) in columns[0].iter().enumerate() {
        print!("{name:<44}");
        columns.iter().for_each(|column| print!(" {:>11.1}", column[at].1.as_secs_f64() * 1e6));
        let last = columns[columns.len() - 1][at].1;
        println!(" {:>12.1}", last.as_secs_f64() / first.as_secs_f64());
    }
}

/// One moment, so many seconds after the start.
fn at(seconds: u64) -> Now {
    let up = Duration::from_secs(seconds);
    Now { up, wall: Options::default().start + up }
}

struct Case {
    snapshot: Arc<Snapshot>,
    runs: usize,
}

impl Case {
    fn new(imports: usize, quick: bool) -> Self {
        let snapshot =
            pages(imports).fold(Snapshot::default(), |snapshot, page| snapshot.absorb(page, at(1)));
        assert_eq!(snapshot.imports.len(), imports);
        Self { snapshot: Arc::new(snapshot), runs: if quick { 2 } else { (400_000 / imports).clamp(4, 15) } }
    }

    fn measure(&self) -> Vec<(String, Duration)> {
        let mut figures = self.polls();
        figures.extend(self.lists());
        figures.extend(TYPED.map(|typed| self.keystrokes(typed)));
        figures.extend([(80, 24), (300, 80)].map(|size| self.frame(size)));
        figures
    }

    fn polls(&self) -> Vec<(String, Duration)> {
        let (snapshot, runs) = (&self.snapshot, self.runs);
        let absorb = |name: &str, page: &Page| {
            let time = best(runs, || (), |()| snapshot.absorb(page.clone(), at(3)));
            (name.to_owned(), time)
        };
        let middle = snapshot.imports.len() / 2;
        let known = snapshot.imports.iter().skip(middle).take(25).map(|watched| watched.import.clone());
        vec![
            absorb("poll: 5 imports moved", &moved(snapshot, 1)),
            absorb("poll: 1 import is new", &page(vec![newcomer(snapshot)])),
            absorb("poll: 25 known ones of a full pass", &page(known.collect())),
        ]
    }

    fn lists(&self) -> Vec<(String, Duration)> {
        let (snapshot, runs) = (&self.snapshot, self.runs);
        let fresh = |sort: Sort| {
            let mut list = List::default();
            list.set_sort(sort);
            list.refresh(snapshot, at(3));
            list
        };
        let by_state = Sort { key: SortKey::State, reversed: false };
        let next = snapshot.absorb(moved(snapshot, 1), at(3));
        let longer = snapshot.absorb(page(vec![newcomer(snapshot)]), at(3));
        let refreshed = |sort, next: &Snapshot| {
            best(
                runs,
                || fresh(sort),
                |mut list| {
                    list.refresh(next, at(5));
                    list
                },
            )
        };
        let set = |change: fn(&mut List)| {
            best(
                runs,
                || fresh(Sort::default()),
                |mut list| {
                    change(&mut list);
                    list.refresh(snapshot, at(3));
                    list
                },
            )
        };
        vec![
            ("list: from nothing".into(), best(runs, || (), |()| fresh(Sort::default()))),
            ("list: 5 imports moved".into(), refreshed(Sort::default(), &next)),
            ("list: 5 imports moved, sorted by state".into(), refreshed(by_state, &next)),
            ("list: 1 import is new".into(), refreshed(Sort::default(), &longer)),
            ("list: tick".into(), refreshed(Sort::default(), snapshot)),
            ("list: another view".into(), set(|list| list.set_view(View::FailedRows))),
            (
                "list: sorted by who started it".into(),
                set(|list| list.set_sort(Sort { key: SortKey::By, reversed: false })),
            ),
            (
                "list: one line down, half way".into(),
                best(
                    runs,
                    || {
                        let mut list = fresh(Sort::default());
                        let id = list.visible()[list.len() / 2].import.id.clone();
                        list.select(&id);
                        list
                    },
                    |mut list| {
                        list.go(Motion::Down, 20);
                        list
                    },
                ),
            ),
        ]
    }

    /// The slowest letter of a filter that is typed.
    fn keystrokes(&self, typed: &str) -> (String, Duration) {
        let (before, letters) = typed.split_once('|').unwrap();
        let texts: Vec<_> = (0..=letters.len()).map(|end| format!("{before}{}", &letters[..end])).collect();
        let mut slowest = vec![Duration::MAX; letters.len()];
        for _ in 0..self.runs {
            let mut list = List::default();
            list.set_query(Query::parse(&texts[0], &TimeZone::UTC).unwrap());
            list.refresh(&self.snapshot, at(3));
            for (slowest, text) in slowest.iter_mut().zip(&texts[1..]) {
                let started = Instant::now();
                if let Ok(query) = Query::parse(text, &TimeZone::UTC) {
                    list.set_query(query);
                    list.refresh(&self.snapshot, at(3));
                }
                *slowest = started.elapsed().min(*slowest);
            }
        }
        (format!("slowest letter of /{typed}"), slowest.into_iter().max().unwrap())
    }

    fn frame(&self, (width, height): (u16, u16)) -> (String, Duration) {
        let identity = Identity { firm: "Fairweather Wealth".into(), ..Identity::default() };
        let mut app = App::new(at(3), TimeZone::UTC, identity, "");
        app.update(at(3), Event::Snapshot(Arc::clone(&self.snapshot)));
        let theme = Theme::new(true, false);
        let mut memory = Memory::default();
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let scene = Scene { app: &app, theme: &theme };
        let time = best(
            self.runs * 10,
            || (),
            |()| {
                terminal.draw(|frame| ui::draw(frame, scene, &mut memory)).unwrap();
            },
        );
        (format!("frame of {width}x{height}"), time)
    }
}

/// The least time that it took, with what it made still there.
fn best<S, T>(runs: usize, mut prepare: impl FnMut() -> S, mut run: impl FnMut(S) -> T) -> Duration {
    let times = (0..runs).map(|_| {
        let prepared = prepare();
        let started = Instant::now();
        let made = black_box(run(prepared));
        let time = started.elapsed();
        drop(made);
        time
    });
    times.min().unwrap()
}

fn page(imports: Vec<Import>) -> Page {
    Page { imports, ..Page::default() }
}

/// An answer in which the unfinished imports have gone on.
fn moved(snapshot: &Snapshot, rows: u64) -> Page {
    let mut imports: Vec<_> = snapshot.unfinished().map(|watched| watched.import.clone()).collect();
    assert_eq!(imports.len(), MOVING);
    for import in &mut imports {
        import.counts.remaining = import.counts.remaining.map(|left| left.saturating_sub(rows));
        import.counts.total = import.counts.total.map(|total| total + rows);
    }
    page(imports)
}

fn newcomer(snapshot: &Snapshot) -> Import {
    let mut import = snapshot.unfinished().next().unwrap().import.clone();
    import.id = ImportId::new("00000000-0000-4000-8000-000000000000").unwrap();
    import.created_at = Some(at(2).wall);
    import
}

/// The simulated server's list, page by page.
fn pages(imports: usize) -> impl Iterator<Item = Page> {
    let options = Options { imports, running: Some(MOVING), keep_starting: false, ..Options::default() };
    let world = World::new(&options);
    let base = Url::parse("https://api.plannrcrm.com").unwrap();
    (1..=imports.div_ceil(500)).map(move |nth| {
        let path = format!("/api/v1/import?include=initiatedBy&sort=-created_at&per_page=500&page={nth}");
        let answer = world.answer(&world.get(&path), Duration::from_secs(1));
        let mut page = plannr_tui::plannr::read_page(&answer.body, &base).unwrap();
        // What the program has not made itself costs it nothing: no page is kept.
        page.oddities.clear();
        page
    })
}
