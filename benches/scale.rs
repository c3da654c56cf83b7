//! What one event costs with 100, 10,000 and 100,000 imports: a poll taken in, the list brought up to date, a letter
//! of a filter, a frame. What follows what changed costs the same in all three columns.
//!
//! `cargo bench --bench scale`; `-- --quick` leaves out the largest and measures each twice. Times are the best of
//! several runs. What a thread of its own works out for long lists stands in lines of its own, "elsewhere".
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
use plannr_tui::app::event::Event;
use plannr_tui::app::import_list::{FilterJob, ImportList};
use plannr_tui::app::keymap::Motion;
use plannr_tui::app::{App, Identity};
use plannr_tui::domain::Now;
use plannr_tui::domain::import::{Import, ImportId};
use plannr_tui::domain::page::{Page, Samples};
use plannr_tui::domain::snapshot::Snapshot;
use plannr_tui::query::{Query, Sort, SortKey, View};
use plannr_tui::run::canvas::Canvas;
use plannr_tui::simulator::{Options, World};
use plannr_tui::ui::theme::Theme;
use plannr_tui::ui::{self, Scene, ViewState};
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
        figures.extend(self.other(|list| list.set_view(View::FailedRows)).named("another view"));
        let by = Sort { key: SortKey::By, reversed: false };
        figures.extend(self.other(move |list| list.set_sort(by)).named("sorted by who started it"));
        figures.extend(
            TYPED
                .iter()
                .flat_map(|typed| self.keystrokes(typed).named(&format!("slowest letter of /{typed}"))),
        );
        figures.extend([(80, 24), (300, 80)].map(|size| self.frame(size)));
        figures.push(self.floor());
        figures
    }

    /// What any order costs on one core.
    fn floor(&self) -> (String, Duration) {
        let integers =
            (0..self.snapshot.imports.len() as u64).map(|nth| nth.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let integers: Vec<u64> = integers.collect();
        let time = best(
            self.runs,
            || integers.clone(),
            |mut integers| {
                integers.sort_unstable();
                integers
            },
        );
        ("  floor: as many integers sorted".to_owned(), time)
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
            let mut list = ImportList::default();
            list.set_sort(sort);
            list.refresh(snapshot, at(3));
            list.catch_up(snapshot, at(3));
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
        vec![
            ("list: from nothing".into(), best(runs, || (), |()| fresh(Sort::default()))),
            ("list: 5 imports moved".into(), refreshed(Sort::default(), &next)),
            ("list: 5 imports moved, sorted by state".into(), refreshed(by_state, &next)),
            ("list: 1 import is new".into(), refreshed(Sort::default(), &longer)),
            ("list: tick".into(), refreshed(Sort::default(), snapshot)),
            (
                "list: one line down, half way".into(),
                best(
                    runs,
                    || {
                        let mut list = fresh(Sort::default());
                        let id = list.line(list.len() / 2).unwrap().import.id.clone();
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

    /// Another wish, with the list as it is at first.
    fn other(&self, change: impl Fn(&mut ImportList)) -> Asked {
        let mut asked = Asked::NEVER;
        for _ in 0..self.runs {
            let mut list = ImportList::default();
            list.refresh(&self.snapshot, at(3));
            list.catch_up(&self.snapshot, at(3));
            asked = asked.min(self.ask(&mut list, &change));
        }
        asked
    }

    /// The slowest letter of a filter that is typed.
    fn keystrokes(&self, typed: &str) -> Asked {
        let (before, letters) = typed.split_once('|').unwrap();
        let texts: Vec<_> = (0..=letters.len()).map(|end| format!("{before}{}", &letters[..end])).collect();
        let mut slowest = vec![Asked::NEVER; letters.len()];
        for _ in 0..self.runs {
            let mut list = ImportList::default();
            list.set_query(Query::parse(&texts[0], &TimeZone::UTC).unwrap());
            list.refresh(&self.snapshot, at(3));
            list.catch_up(&self.snapshot, at(3));
            for (slowest, text) in slowest.iter_mut().zip(&texts[1..]) {
                let asked = self.ask(&mut list, |list| {
                    if let Ok(query) = Query::parse(text, &TimeZone::UTC) {
                        list.set_query(query);
                    }
                });
                *slowest = slowest.min(asked);
            }
        }
        let all = || slowest.iter().copied();
        Asked {
            here: all().map(|asked| asked.here).max().unwrap(),
            elsewhere: all().map(|asked| asked.elsewhere).max().unwrap(),
        }
    }

    /// Asks the list for something else as the loop does.
    fn ask(&self, list: &mut ImportList, change: impl Fn(&mut ImportList)) -> Asked {
        let started = Instant::now();
        change(list);
        list.refresh(&self.snapshot, at(3));
        let filter_job = list.next_job(at(3));
        let mut here = started.elapsed();
        let started = Instant::now();
        let filter_result = filter_job.map(FilterJob::run);
        let elsewhere = started.elapsed();
        let started = Instant::now();
        filter_result.into_iter().for_each(|filter_result| list.take(filter_result));
        here += started.elapsed();
        Asked { here, elsewhere }
    }

    fn frame(&self, (width, height): (u16, u16)) -> (String, Duration) {
        let mut app = App::new(at(3), TimeZone::UTC, Identity::default(), "");
        app.update(at(3), Event::Snapshot(Arc::clone(&self.snapshot)));
        let theme = Theme::new(true, false);
        let mut view_state = ViewState::default();
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let scene = Scene { app: &app, theme: &theme };
        let time = best(
            self.runs * 10,
            || (),
            |()| {
                Canvas::draw(&mut terminal, false, |buf| ui::draw(buf, scene, &mut view_state)).unwrap();
            },
        );
        (format!("frame of {width}x{height}"), time)
    }
}

/// What it costs to show something else.
#[derive(Clone, Copy)]
struct Asked {
    /// On the loop, between two frames.
    here: Duration,
    /// On a thread of its own; nothing where the imports are few.
    elsewhere: Duration,
}

impl Asked {
    const NEVER: Self = Self { here: Duration::MAX, elsewhere: Duration::MAX };

    fn min(self, other: Self) -> Self {
        Self { here: self.here.min(other.here), elsewhere: self.elsewhere.min(other.elsewhere) }
    }

    fn named(self, name: &str) -> [(String, Duration); 2] {
        [(name.to_owned(), self.here), (format!("  elsewhere, of {name}"), self.elsewhere)]
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
        let mut page = plannr_tui::api::wire::page(&answer.body, &base, Samples::All).unwrap();
        // What the program has not made itself costs it nothing: no page is kept.
        page.unexpected.clear();
        page
    })
}
