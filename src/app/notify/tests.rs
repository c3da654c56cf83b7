use super::*;
use crate::domain::import::Import;
use crate::domain::page::Page;
use crate::domain::snapshot::tests::{id, import, now};
use proptest::prelude::*;

type Counts = (u64, u64, u64);

/// A notifier and what it looks at.
#[derive(Default)]
struct Play {
    notifier: Notifier,
    snapshot: Snapshot,
}

impl Play {
    /// A poll brings these imports; what is told at once.
    fn poll(&mut self, seconds: u64, imports: impl IntoIterator<Item = Import>) -> Vec<Effect> {
        let page = Page { imports: imports.into_iter().collect(), ..Page::default() };
        let old = std::mem::take(&mut self.snapshot);
        self.snapshot = old.absorb(page, now(seconds));
        for notice in notices(&old, &self.snapshot) {
            self.notifier.take_in(now(seconds), &notice);
        }
        self.tick(seconds)
    }

    /// Time went by; what is told now.
    fn tick(&mut self, seconds: u64) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.notifier.look(&self.snapshot, "plannr");
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
fn what_happened_is_told_with_counts_and_only_of_what_was_watched() {
    type Seen = (&'static str, Counts);
    let table: [(Seen, Seen, Option<&str>); 8] = [
        (
            ("processing", (1216, 600, 0)),
            ("completed", (1216, 12, 12)),
            Some("clients (Create) finished: 1,204 ok, 12 failed"),
        ),
        (("waiting", (9, 9, 0)), ("completed", (9, 0, 0)), Some("clients (Create) finished: 9 ok")),
        (
            ("processing", (100, 50, 0)),
            ("failed", (100, 50, 0)),
            Some("clients (Create) ended as failed: 50 ok"),
        ),
        (
            ("processing", (100, 50, 0)),
            ("processing", (100, 50, 1)),
            Some("clients (Create): first failed row, 1 of 51 so far"),
        ),
        (
            ("processing", (100, 50, 0)),
            ("processing", (100, 40, 3)),
            Some("clients (Create): first failed rows, 3 of 63 so far"),
        ),
        (("processing", (100, 50, 1)), ("processing", (100, 40, 2)), None),
        (("processing", (100, 50, 0)), ("processing", (100, 40, 0)), None),
        (("completed", (100, 0, 0)), ("completed", (100, 2, 2)), None),
    ];
    for (before, after, told) in table {
        let mut play = Play::default();
        let first = play.poll(0, [import("a", 60, before.0, before.1)]);
        assert_eq!(texts(&first), [""; 0], "{before:?}");
        let effects = play.poll(2, [import("a", 60, after.0, after.1)]);
        assert_eq!(texts(&effects), Vec::from_iter(told), "{before:?} {after:?}");
    }
    // First seen when it was over: at the start, or loaded later.
    let mut play = Play::default();
    for (seconds, name) in [(0, "a"), (20, "b")] {
        assert_eq!(texts(&play.poll(seconds, [done(name)])), [""; 0]);
    }
}

#[test]
fn a_stall_is_told_once() {
    let mut play = Play::default();
    let told: Vec<_> = (0..240).flat_map(|minute| play.poll(minute * 60, [running("a")])).collect();
    assert_eq!(texts(&told), ["clients (Create) stalled at 50%"]);
}

#[test]
fn a_flood_becomes_one_notification_every_ten_seconds() {
    let mut play = Play::default();
    let names: Vec<_> = (0..50).map(|n| format!("i{n}")).collect();
    play.poll(0, names.iter().map(|name| running(name)));
    let mut told = Vec::new();
    for (second, name) in (1..).zip(&names) {
        let effects = play.poll(second, [done(name)]);
        told.extend(texts(&effects).into_iter().map(|text| (second, text.to_owned())));
        let due = play.notifier.due_in(now(second)).unwrap();
        assert!(due > Duration::ZERO && due <= Notifier::PAUSE, "{due:?}");
    }
    let last = play.tick(61);
    told.extend(texts(&last).into_iter().map(|text| (61, text.to_owned())));
    let ten = "Imports: 10 finished";
    let wanted = [
        (1, "clients (Create) finished: 100 ok"),
        (11, ten),
        (21, ten),
        (31, ten),
        (41, ten),
        (61, "Imports: 9 finished"),
    ];
    assert_eq!(told, wanted.map(|(at, text)| (at, text.to_owned())));
    assert_eq!(play.notifier.due_in(now(61)), None);
}

#[test]
fn different_things_at_once_are_one_sentence_and_the_latest_of_each_import_counts() {
    let mut play = Play::default();
    play.poll(0, ["a", "b", "c", "d", "e"].map(running));
    play.poll(1, [done("e")]);
    let failing = |name, counts| import(name, 60, "processing", counts);
    play.poll(2, [failing("a", (100, 50, 1)), failing("b", (100, 50, 1))]);
    play.poll(3, [import("a", 60, "completed", (100, 3, 3)), done("c")]);
    assert_eq!(texts(&play.tick(11)), ["Imports: 2 finished (1 with failures), 1 with first failed rows"]);
}

#[test]
fn only_what_is_wanted_is_told_and_only_to_who_looks_elsewhere() {
    let usual = Choices::default;
    let table = [
        ("no word of focus, no key", usual(), None, None, false, true),
        ("a key just now", usual(), None, Some(99), false, false),
        ("a key a while ago", usual(), None, Some(39), false, true),
        ("in focus", usual(), Some(true), None, false, false),
        ("out of focus", usual(), Some(false), Some(99), false, true),
        ("always", Choices { always: true, ..usual() }, Some(true), Some(99), false, true),
        ("muted", usual(), Some(false), None, true, false),
        ("muted, always", Choices { always: true, ..usual() }, None, None, true, false),
        (
            "other occasions",
            Choices { on: [NotifyEvent::Stalled].into(), ..usual() },
            None,
            None,
            false,
            false,
        ),
        ("neither", Choices { desktop: false, ..usual() }, Some(false), None, false, false),
        ("the bell", Choices { desktop: false, bell: true, ..usual() }, Some(false), None, false, true),
    ];
    for (case, choices, focused, key, muted, told) in table {
        let mut play = Play::default();
        play.notifier.set_choices(choices.clone());
        play.poll(0, [running("a")]);
        if let Some(at) = key {
            play.notifier.touched(now(at));
        }
        if let Some(focused) = focused {
            play.notifier.focus(focused);
        }
        play.notifier.mute(&id("a"), muted);
        let effects = play.poll(100, [done("a")]);
        let found = effects.iter().find_map(|effect| match effect {
            Effect::Notify(notification) => Some((notification.bell, notification.desktop)),
            _ => None,
        });
        assert_eq!(found, told.then_some((choices.bell, choices.desktop)), "{case}");
    }
}

#[test]
fn what_waits_is_dropped_when_it_is_muted_or_seen() {
    let waiting = || {
        let mut play = Play::default();
        play.notifier.focus(false);
        play.poll(0, ["a", "b"].map(running));
        assert_eq!(texts(&play.poll(1, [done("a")])).len(), 1);
        assert_eq!(texts(&play.poll(2, [done("b")])).len(), 0);
        play
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
    let mut play = Play::default();
    let at = |remaining| import("a", 60, "processing", (100, remaining, 0));
    let first = play.poll(0, [at(42), import("q", 60, "waiting", (9, 9, 0))]);
    assert_eq!(first, [title("1 running, 1 queued, 58% - plannr"), Effect::Taskbar(Taskbar::Running(58))]);
    assert_eq!(play.poll(2, [at(42)]), [], "nothing changed");
    assert_eq!(play.poll(4, [at(40)]), [], "too early");
    assert_eq!(play.notifier.due_in(now(4)), Some(Duration::from_secs(1)));
    let later = play.tick(5);
    assert_eq!(later, [title("1 running, 1 queued, 60% - plannr"), Effect::Taskbar(Taskbar::Running(60))]);
    assert_eq!(play.tick(14), []);
    assert_eq!(play.tick(15), [Effect::Taskbar(Taskbar::Running(60))], "a reminder");

    let failing = play.poll(20, [import("b", 60, "processing", (100, 100, 20))]);
    let two = [title("2 running, 1 queued, 40% - plannr"), Effect::Taskbar(Taskbar::Failing(40))];
    assert_eq!(failing, two);
    play.notifier.mute(&id("b"), true);
    assert_eq!(play.tick(25), later);

    play.notifier.set_choices(Choices { title: false, taskbar: false, ..Choices::default() });
    assert_eq!(play.tick(30), [Effect::Title(None), Effect::Taskbar(Taskbar::Empty)]);
    assert_eq!(play.tick(60), []);
    assert_eq!(play.notifier.due_in(now(60)), None);
}

proptest! {
    #[test]
    fn whatever_happens_it_is_never_a_flood(
        polls in proptest::collection::vec((0..5u64, 0..4u8, 0..4usize), 1..80),
    ) {
        let mut play = Play::default();
        play.notifier.set_choices(Choices { always: true, ..Choices::default() });
        let mut seconds = 0;
        let mut last: [Option<u64>; 2] = [None; 2];
        for (step, which, kind) in polls {
            seconds += step;
            let name = format!("i{which}");
            let kinds = [running(&name), done(&name), import(&name, 60, "processing", (100, 50, 2))];
            for effect in play.poll(seconds, kinds.get(kind).cloned()) {
                let (place, pause) = match effect {
                    Effect::Notify(_) => (0, Notifier::PAUSE),
                    Effect::Title(_) => (1, Notifier::COARSE),
                    _ => continue,
                };
                let before = last[place].replace(seconds);
                prop_assert!(before.is_none_or(|before| seconds - before >= pause.as_secs()));
            }
        }
    }
}
