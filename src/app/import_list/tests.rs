use std::collections::HashSet;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::domain::import::{Import, Kind, Person};
use crate::domain::page::Page;
use crate::domain::snapshot::tests::{id, import, now};
use crate::query::SortKey;

const FILTERS: [&str; 8] = ["", "cli", "ann,bob", "-plans", "is:running", "failed:>3", "i1 pl", "age:<1m"];

/// Name, age, status word, counts.
type ImportSpec = (u8, i64, usize, (u64, u64, u64));

/// Something that happens to the list.
#[derive(Debug, Clone)]
enum Step {
    Answer(Vec<ImportSpec>),
    Gone(u8),
    Filter(usize),
    View(usize),
    Sort(usize, bool),
    Go(u8),
    /// `Start` begins the next job, `Finish` ends the running one, `CatchUp` does all outstanding work now.
    Start,
    Finish,
    CatchUp,
}

fn step() -> impl Strategy<Value = Step> {
    let answer = (0..40u8, 0..90i64, 0..4usize, (0..20u64, 0..20u64, 0..9u64));
    prop_oneof![
        4 => proptest::collection::vec(answer, 0..9).prop_map(Step::Answer),
        1 => (0..40u8).prop_map(Step::Gone),
        1 => (0..FILTERS.len()).prop_map(Step::Filter),
        1 => (0..View::ALL.len()).prop_map(Step::View),
        1 => (0..SortKey::ALL.len(), any::<bool>()).prop_map(|(key, reversed)| Step::Sort(key, reversed)),
        1 => (0..40u8).prop_map(Step::Go),
        2 => Just(Step::Start),
        1 => Just(Step::Finish),
        1 => Just(Step::CatchUp),
    ]
}

fn answer(imports: Vec<ImportSpec>) -> Page {
    let imports = imports.into_iter().map(|(name, age, word, counts)| {
        let word = ["processing", "completed", "queued", "sleeping"][word];
        let mut import = import(&format!("i{name}"), age, word, counts);
        import.kind = Kind::new(["clients", "plans", "provider_statement"][usize::from(name) % 3]);
        let person = ["Ann", "Bob", "Zoë"][usize::from(name) % 5 % 3];
        import.started_by = Some(Person { name: person.into(), ..Person::default() }.into());
        import
    });
    Page { imports: imports.collect(), ..Page::default() }
}

fn query(at: usize) -> Query {
    Query::parse(FILTERS[at], &TimeZone::UTC).unwrap()
}

/// The ids of the visible imports, and the counts.
fn shown(list: &ImportList) -> (Vec<&ImportId>, [usize; 4]) {
    (list.visible().map(|watched| &watched.import.id).collect(), View::ALL.map(|view| list.count(view)))
}

/// A list after a number of steps, filtered at once or in the background.
#[derive(Default)]
struct Harness {
    list: ImportList,
    snapshot: Snapshot,
    seconds: u64,
    started: Option<FilterJob>,
}

impl Harness {
    fn new(sync_limit: usize) -> Self {
        Self { list: ImportList { sync_limit, ..ImportList::default() }, ..Self::default() }
    }

    fn take(&mut self, step: Step) {
        let Self { list, snapshot, started, .. } = self;
        self.seconds += 3;
        let now = now(self.seconds);
        match step {
            Step::Answer(imports) => *snapshot = snapshot.absorb(answer(imports), now),
            Step::Gone(name) => *snapshot = snapshot.without(&HashSet::from([id(&format!("i{name}"))])),
            Step::Filter(at) => list.set_query(query(at)),
            Step::View(at) => list.set_view(View::ALL[at]),
            Step::Sort(key, reversed) => list.set_sort(Sort { key: SortKey::ALL[key], reversed }),
            Step::Go(line) => list.select(&id(&format!("i{line}"))),
            Step::Start => *started = list.next_job(now).or(started.take()),
            Step::Finish => started.take().into_iter().for_each(|filter_job| list.take(filter_job.run())),
            Step::CatchUp => list.catch_up(snapshot, now),
        }
    }

    fn refresh(&mut self) {
        self.list.refresh(&self.snapshot, now(self.seconds));
    }

    /// The same list built from scratch.
    fn rebuilt(&self) -> ImportList {
        let mut list = ImportList { settings: self.list.settings.clone(), ..ImportList::default() };
        list.refresh(&self.snapshot, now(self.seconds));
        list
    }
}

proptest! {
    #[test]
    fn whatever_happens_the_list_is_as_if_made_anew_and_the_selection_is_in_it(
        steps in proptest::collection::vec(step(), 0..40),
    ) {
        let mut harness = Harness::new(SYNC_LIMIT);
        for step in steps {
            let before = harness.list.selected().cloned();
            let sorts = matches!(step, Step::Sort(..));
            harness.take(step);
            let chosen = harness.list.selected().cloned();
            harness.refresh();
            let (list, rebuilt) = (&harness.list, harness.rebuilt());
            prop_assert_eq!(shown(list), shown(&rebuilt));
            for watched in list.visible() {
                let latest = harness.snapshot.get(&watched.import.id).unwrap();
                prop_assert!(Arc::ptr_eq(watched, latest), "an old version");
            }
            prop_assert_eq!(list.selected().is_none(), list.is_empty());
            prop_assert_eq!(list.selected_line().is_none(), list.is_empty());
            let kept = chosen.or(before).filter(|id| list.visible().any(|w| w.import.id == *id));
            let expected = if sorts { list.line(0).map(|first| first.import.id.clone()) } else { kept };
            prop_assert!(
                expected.is_none() || expected.as_ref() == list.selected(),
                "the selection moved for no reason"
            );
            prop_assert!(harness.list.next_job(now(harness.seconds)).is_none());
        }
    }

    #[test]
    fn what_is_worked_out_elsewhere_is_shown_meanwhile_as_it_was_and_then_as_if_made_anew(
        steps in proptest::collection::vec(step(), 0..40),
    ) {
        let mut harness = Harness::new(0);
        for step in steps {
            harness.take(step);
            harness.refresh();
            let list = &harness.list;
            for watched in list.visible() {
                let latest = harness.snapshot.get(&watched.import.id).unwrap();
                prop_assert!(Arc::ptr_eq(watched, latest), "an old version");
            }
            prop_assert_eq!(list.count(View::All) >= list.len(), true);
            prop_assert_eq!(list.selected().is_none(), list.is_empty());
            prop_assert_eq!(list.selected_line().is_none(), list.is_empty());
        }
        // The running job finishes, then the next one.
        harness.seconds += 3;
        let mut rounds = 0;
        while let Some(filter_job) = harness.started.take().or_else(|| harness.list.next_job(now(harness.seconds))) {
            harness.list.take(filter_job.run());
            rounds += 1;
        }
        prop_assert!(rounds <= 2, "{} pieces of work", rounds);
        if !harness.list.settings.query.depends_on_time() {
            let rebuilt = harness.rebuilt();
            prop_assert_eq!(shown(&harness.list), shown(&rebuilt));
        }
        harness.refresh();
        harness.list.catch_up(&harness.snapshot, now(harness.seconds));
        let rebuilt = harness.rebuilt();
        prop_assert_eq!(shown(&harness.list), shown(&rebuilt));
        prop_assert!(!harness.list.is_stale());
    }
}

#[test]
fn what_a_filter_hides_leaves_the_selection_to_the_import_below() {
    let imports = |word: &'static str| {
        (0..9i64).map(move |nth| {
            import(&format!("i{nth}"), nth, if nth % 4 == 0 { "processing" } else { word }, (9, 5, 0))
        })
    };
    let snapshot = Snapshot::of(imports("completed"), now(0));
    let mut list = ImportList::default();
    list.set_sort(Sort { key: SortKey::Created, reversed: false });
    list.refresh(&snapshot, now(0));
    for (selected, expected) in [("i4", "i4"), ("i5", "i8"), ("i1", "i4")] {
        list.set_query(Query::default());
        list.refresh(&snapshot, now(0));
        list.select(&id(selected));
        list.set_query(query(4));
        list.refresh(&snapshot, now(0));
        assert_eq!(list.selected(), Some(&id(expected)), "{selected}");
    }
    let snapshot = snapshot.without(&HashSet::from([id("i4"), id("i8")]));
    list.refresh(&snapshot, now(2));
    assert_eq!(list.selected(), Some(&id("i0")), "nothing is below");
}

/// However many imports there are, a poll makes the list test what it changed, and a tick makes it test nothing.
#[test]
fn work_follows_what_changed() {
    let imports = (0..5000u64).map(|nth| import(&format!("i{nth}"), nth as i64, "processing", (900, 500, 0)));
    let mut snapshot = Snapshot::of(imports, now(0));
    let mut list = ImportList::default();
    list.set_query(query(1));
    list.set_sort(Sort { key: SortKey::Progress, reversed: true });
    list.refresh(&snapshot, now(0));
    let mut tried = list.matching.tried();
    assert_eq!(tried, 5000);
    for poll in 1..20 {
        let moved = (0..5u64).map(|nth| {
            import(&format!("i{}", nth * 900), nth as i64 * 900, "processing", (900, 500 - poll, 0))
        });
        snapshot = snapshot.absorb(Page { imports: moved.collect(), ..Page::default() }, now(poll * 2));
        list.refresh(&snapshot, now(poll * 2));
        assert_eq!(list.matching.tried() - tried, 10, "before and after, for each that moved");
        tried = list.matching.tried();
        list.refresh(&snapshot, now(poll * 2 + 1));
        assert_eq!(list.matching.tried(), tried);
    }
}

/// Two cores give what one gives.
#[test]
fn a_job_over_many_imports_shows_what_the_list_would_show() {
    let person =
        |nth: u64| Person { name: ["Ann", "bob", "Zoë"][nth as usize % 3].into(), ..Person::default() };
    let imports = (0..9_000u64).map(|nth| Import {
        started_by: Some(person(nth).into()),
        ..import(
            &format!("i{nth}"),
            nth as i64 / 4,
            if nth % 7 == 0 { "processing" } else { "completed" },
            (900, 0, nth % 5),
        )
    });
    let snapshot = Snapshot::of(imports, now(0));
    for (filter, typed) in FILTERS.iter().enumerate() {
        let lists = [true, false].map(|elsewhere| {
            let mut list = ImportList::default();
            list.set_query(query(filter));
            list.set_view(View::Done);
            list.set_sort(Sort { key: SortKey::By, reversed: filter % 2 == 0 });
            list.refresh(&snapshot, now(1));
            if elsewhere {
                let job = list.next_job(now(1)).unwrap();
                list.refresh(&snapshot, now(1));
                list.take(job.run());
            } else {
                list.catch_up(&snapshot, now(1));
            }
            list
        });
        assert_eq!(shown(&lists[0]), shown(&lists[1]), "{typed}");
        assert!(lists[0].len() < 9_000);
    }
}
