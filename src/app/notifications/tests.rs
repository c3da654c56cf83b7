use super::*;
use crate::domain::import::Import;
use crate::domain::page::Page;
use crate::domain::snapshot::tests::{id, import, now};
use proptest::prelude::*;

type Counts = (u64, u64, u64);

/// A notifier with the snapshot that it follows.
#[derive(Default)]
struct Harness {
    notifier: Notifier,
    snapshot: Snapshot,
}

impl Harness {
    /// Polls these imports and returns what is sent at once.
    fn poll(&mut self, seconds: u64, imports: impl IntoIterator<Item = Import>) -> Vec<Effect> {
        let page = Page { imports: imports.into_iter().collect(), ..Page::default() };
        let old = std::mem::take(&mut self.snapshot);
        self.snapshot = old.absorb(page, now(seconds));
        for notice in notices(&old, &self.snapshot, now(seconds)) {
            self.notifier.queue(now(seconds), &notice);
        }
        self.tick(seconds)
    }

    /// Lets time pass and returns what is sent now.
    fn tick(&mut self, seconds: u64) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.notifier.update(&self.snapshot, "plannr");
        self.notifier.due(now(seconds), &mut effects);
        effects
    }
}

fn texts(effects: &[Effect]) -> Vec<&str> {
    let mut texts = Vec::new();
    for effect in effects {
        if let Effect::Notify(notification) = effect {
            texts.push(notification.text.as_str());
        }
    }
    texts
}

fn running(name: &str) -> Import {
    import(name, 60, "processing", (100, 50, 0))
}

fn done(name: &str) -> Import {
    import(name, 60, "completed", (100, 0, 0))
}

#[test]
fn only_watched_imports_are_notified_with_counts() {
    type Seen = (&'static str, Counts);
    let table: [(Seen, Seen, Option<&str>); 8] = [
        (
            ("processing", (1216, 600, 0)),
            ("completed", (1216, 12, 12)),
            Some("clients · Create finished: 1,204 ok, 12 failed"),
        ),
        (("waiting", (9, 9, 0)), ("completed", (9, 0, 0)), Some("clients · Create finished: 9 ok")),
        (
            ("processing", (100, 50, 0)),
            ("failed", (100, 50, 0)),
            Some("clients · Create ended as failed: 50 ok, 50 not tried"),
        ),
        (
            ("processing", (100, 50, 0)),
            ("processing", (100, 50, 1)),
            Some("clients · Create: first failed row, 1 of 51 so far"),
        ),
        (
            ("processing", (100, 50, 0)),
            ("processing", (100, 40, 3)),
            Some("clients · Create: first failed rows, 3 of 63 so far"),
        ),
        (("processing", (100, 50, 1)), ("processing", (100, 40, 2)), None),
        (("processing", (100, 50, 0)), ("processing", (100, 40, 0)), None),
        (("completed", (100, 0, 0)), ("completed", (100, 2, 2)), None),
    ];
    for (before, after, expected) in table {
        let mut harness = Harness::default();
        let first = harness.poll(0, [import("a", 60, before.0, before.1)]);
        assert_eq!(texts(&first), [""; 0], "{before:?}");
        let effects = harness.poll(2, [import("a", 60, after.0, after.1)]);
        assert_eq!(texts(&effects), Vec::from_iter(expected), "{before:?} {after:?}");
    }
    // First seen when finished: at the start, or loaded later.
    let mut harness = Harness::default();
    for (seconds, name) in [(0, "a"), (20, "b")] {
        assert_eq!(texts(&harness.poll(seconds, [done(name)])), [""; 0]);
    }
}

#[test]
fn a_stall_is_notified_once() {
    let mut harness = Harness::default();
    let expected: Vec<_> = (0..240).flat_map(|minute| harness.poll(minute * 60, [running("a")])).collect();
    assert_eq!(texts(&expected), ["clients · Create stalled at 50%"]);
}

#[test]
fn a_flood_becomes_one_notification_every_ten_seconds() {
    let mut harness = Harness::default();
    let names: Vec<_> = (0..50).map(|n| format!("i{n}")).collect();
    harness.poll(0, names.iter().map(|name| running(name)));
    let mut expected = Vec::new();
    for (second, name) in (1..).zip(&names) {
        let effects = harness.poll(second, [done(name)]);
        expected.extend(texts(&effects).into_iter().map(|text| (second, text.to_owned())));
        let due = harness.notifier.due_in(now(second)).unwrap();
        assert!(due > Duration::ZERO && due <= Notifier::PAUSE, "{due:?}");
    }
    let last = harness.tick(61);
    expected.extend(texts(&last).into_iter().map(|text| (61, text.to_owned())));
    let ten = "Imports: 10 finished";
    let wanted = [
        (1, "clients · Create finished: 100 ok"),
        (11, ten),
        (21, ten),
        (31, ten),
        (41, ten),
        (61, "Imports: 9 finished"),
    ];
    assert_eq!(expected, wanted.map(|(at, text)| (at, text.to_owned())));
    assert_eq!(harness.notifier.due_in(now(61)), None);
}

#[test]
fn different_things_at_once_are_one_sentence_and_the_latest_of_each_import_counts() {
    let mut harness = Harness::default();
    harness.poll(0, ["a", "b", "c", "d", "e"].map(running));
    harness.poll(1, [done("e")]);
    let failing = |name, counts| import(name, 60, "processing", counts);
    harness.poll(2, [failing("a", (100, 50, 1)), failing("b", (100, 50, 1))]);
    harness.poll(3, [import("a", 60, "completed", (100, 3, 3)), done("c")]);
    assert_eq!(texts(&harness.tick(11)), ["Imports: 2 finished (1 with failures), 1 with first failed rows"]);
}

#[test]
fn only_what_is_wanted_is_notified_and_only_to_users_who_look_elsewhere() {
    let usual = NotifySettings::default;
    let table = [
        ("no word of focus, no key", usual(), None, None, false, true),
        ("a key just now", usual(), None, Some(99), false, false),
        ("a key a while ago", usual(), None, Some(39), false, true),
        ("in focus", usual(), Some(true), None, false, false),
        ("out of focus", usual(), Some(false), Some(99), false, true),
        ("always", NotifySettings { always: true, ..usual() }, Some(true), Some(99), false, true),
        ("muted", usual(), Some(false), None, true, false),
        ("muted, always", NotifySettings { always: true, ..usual() }, None, None, true, false),
        (
            "other occasions",
            NotifySettings { on: [NotifyEvent::Stalled].into(), ..usual() },
            None,
            None,
            false,
            false,
        ),
        ("neither", NotifySettings { desktop: false, ..usual() }, Some(false), None, false, false),
        (
            "the bell",
            NotifySettings { desktop: false, bell: true, ..usual() },
            Some(false),
            None,
            false,
            true,
        ),
    ];
    for (case, choices, focused, key, muted, expected) in table {
        let mut harness = Harness::default();
        harness.notifier.set_settings(choices.clone());
        harness.poll(0, [running("a")]);
        if let Some(at) = key {
            harness.notifier.key_pressed(now(at));
        }
        if let Some(focused) = focused {
            harness.notifier.focus(focused);
        }
        harness.notifier.mute(&id("a"), muted);
        let effects = harness.poll(100, [done("a")]);
        let found = effects.iter().find_map(|effect| match effect {
            Effect::Notify(notification) => Some((notification.bell, notification.desktop)),
            _ => None,
        });
        assert_eq!(found, expected.then_some((choices.bell, choices.desktop)), "{case}");
    }
}

#[test]
fn what_waits_is_dropped_when_it_is_muted_or_seen() {
    let waiting = || {
        let mut harness = Harness::default();
        harness.notifier.focus(false);
        harness.poll(0, ["a", "b"].map(running));
        assert_eq!(texts(&harness.poll(1, [done("a")])).len(), 1);
        assert_eq!(texts(&harness.poll(2, [done("b")])).len(), 0);
        harness
    };
    let mut left_alone = waiting();
    assert_eq!(texts(&left_alone.tick(11)).len(), 1);
    let mut muted = waiting();
    muted.notifier.mute(&id("b"), true);
    assert_eq!(texts(&muted.tick(11)).len(), 0);
    let mut seen = waiting();
    seen.notifier.focus(true);
    seen.notifier.focus(false);
    assert_eq!(texts(&seen.tick(11)).len(), 0);
}

#[test]
fn title_and_taskbar_follow_the_state_coarsely_and_leave_out_what_is_muted() {
    let title = |text: &str| Effect::Title(Some(text.to_owned()));
    let mut harness = Harness::default();
    let at = |remaining| import("a", 60, "processing", (100, remaining, 0));
    let first = harness.poll(0, [at(42), import("q", 60, "waiting", (9, 9, 0))]);
    assert_eq!(first, [title("1 running, 1 queued, 58% - plannr"), Effect::Taskbar(Taskbar::Running(58))]);
    assert_eq!(harness.poll(2, [at(42)]), [], "nothing changed");
    assert_eq!(harness.poll(4, [at(40)]), [], "too early");
    assert_eq!(harness.notifier.due_in(now(4)), Some(Duration::from_secs(1)));
    let later = harness.tick(5);
    assert_eq!(later, [title("1 running, 1 queued, 60% - plannr"), Effect::Taskbar(Taskbar::Running(60))]);
    assert_eq!(harness.tick(14), []);
    assert_eq!(harness.tick(15), [Effect::Taskbar(Taskbar::Running(60))], "a reminder");

    let failing = harness.poll(20, [import("b", 60, "processing", (100, 100, 20))]);
    let two = [title("2 running, 1 queued, 40% - plannr"), Effect::Taskbar(Taskbar::Failing(40))];
    assert_eq!(failing, two);
    harness.notifier.mute(&id("b"), true);
    assert_eq!(harness.tick(25), later);

    harness.notifier.set_settings(NotifySettings {
        title: false,
        taskbar: false,
        ..NotifySettings::default()
    });
    assert_eq!(harness.tick(30), [Effect::Title(None), Effect::Taskbar(Taskbar::Empty)]);
    assert_eq!(harness.tick(60), []);
    assert_eq!(harness.notifier.due_in(now(60)), None);
}

proptest! {
    #[test]
    fn whatever_happens_it_is_never_a_flood(
        polls in proptest::collection::vec((0..5u64, 0..4u8, 0..4usize), 1..80),
    ) {
        let mut harness = Harness::default();
        harness.notifier.set_settings(NotifySettings { always: true, ..NotifySettings::default() });
        let mut seconds = 0;
        let mut last: [Option<u64>; 2] = [None; 2];
        for (step, which, kind) in polls {
            seconds += step;
            let name = format!("i{which}");
            let kinds = [running(&name), done(&name), import(&name, 60, "processing", (100, 50, 2))];
            for effect in harness.poll(seconds, kinds.get(kind).cloned()) {
                let (place, pause) = match effect {
                    Effect::Notify(_) => (0, Notifier::PAUSE),
                    Effect::Title(_) => (1, Notifier::UPDATE_PAUSE),
                    _ => continue,
                };
                let before = last[place].replace(seconds);
                prop_assert!(before.is_none_or(|before| seconds - before >= pause.as_secs()));
            }
        }
    }
}
