//! A handful of imports that differ in everything a filter can ask for.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::domain::Now;
use crate::domain::import::{Counts, Import, ImportId, Kind, Link, Mode, Person, Report, Status};
use crate::domain::snapshot::Watched;
use crate::domain::tally::{Counting, Tally, Verdict};

/// A Thursday.
pub(super) fn now() -> Now {
    Now { up: Duration::from_secs(3600), wall: time("2026-11-12T12:30:00Z") }
}

pub(super) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Six imports, named A to F in the tests.
pub(super) fn imports() -> Vec<Arc<Watched>> {
    use Verdict as V;
    let gareth = Some(("2026-11-12T12:03:00Z", "Gareth Turner", "gareth@fairweather.example"));
    let priya = Some(("2026-11-11T23:30:00Z", "Priya Sharma", "priya@fairweather.example"));
    let priya_before = Some(("2026-11-09T10:12:00Z", "Priya Sharma", ""));
    let moore = Some(("2026-11-12T12:00:00Z", "Christopher Moore", ""));
    let zoe = Some(("2026-10-12T09:00:00Z", "Zoë O'Brien", ""));
    let done = (V::DoneWithFailures, priya_before);
    let mut all = vec![
        import("aaaa0656-1", "clients", "store", "processing", (2104, 900, 12), (V::Running, gareth)),
        import("bbbb0656-2", "plans", "update", "processing", (1000, 790, 0), (V::Stalled, priya)),
        import("cccc0656-3", "valuations", "validate", "completed", (9950, 412, 412), done),
        import("dddd0656-4", "provider_statement", "store", "queued", (0, 0, 0), (V::Queued, moore)),
        import("eeee0656-5", "notes", "merge", "in progress", (100, 0, 0), (V::Done, None)),
        import("ffff0656-6", "clients", "update", "cancelled", (10, 10, 0), (V::Failed, zoe)),
    ];
    let link =
        Link::new("https://api.plannrcrm.com/file/1", &Url::parse("https://api.plannrcrm.com").unwrap());
    let report = Report { name: "errors.csv".into(), size: None, status: "uploaded".into(), link };
    all[2].import.report = Some(Some(Box::new(report)));
    all.into_iter().map(Arc::new).collect()
}

fn import(
    id: &str,
    kind: &str,
    mode: &str,
    status: &str,
    (total, remaining, failed): (u64, u64, u64),
    (verdict, started): (Verdict, Option<(&str, &str, &str)>),
) -> Watched {
    let counts =
        Counts { total: Some(total), remaining: Some(remaining), failed: Some(failed), progress: None };
    let import = Import {
        id: ImportId::new(id).unwrap(),
        kind: Kind::new(kind),
        mode: Mode::new(mode),
        status: Status::new(status),
        counts,
        created_at: started.map(|(created, ..)| time(created)),
        updated_at: None,
        started_by: started.map(|(_, name, email)| {
            let uuid = "5eb1c3a0-77".into();
            Arc::new(Person { name: name.into(), email: email.into(), uuid })
        }),
        failures: None,
        report: None,
        mapping: None,
        seen_by: None,
    };
    let tally = Tally::new(&counts, Counting::Batch);
    let now = crate::domain::Now::default();
    let mut watched = Watched::at_first_sight(import, now);
    (watched.tally, watched.verdict) = (tally, verdict);
    watched.in_trouble = verdict == Verdict::Stalled;
    watched
}
