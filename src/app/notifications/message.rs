//! The texts of notices and notifications.

use super::Notice;
use crate::app::event_log::Severity;
use crate::app::runtime_config::NotifyEvent;
use crate::domain::snapshot::Watched;
use crate::domain::tally::{Verdict, grouped};

/// One notice: `clients (Create) finished: 1,204 ok, 12 failed`.
pub(super) fn text(event: NotifyEvent, watched: &Watched) -> String {
    let (import, tally) = (&watched.import, &watched.tally);
    let what = match import.mode.label() {
        "" => import.kind.label(),
        mode => format!("{} ({mode})", import.kind.label()),
    };
    let [ok, failed, _] = tally.describe();
    let counts: Vec<String> = ok.into_iter().chain(failed.filter(|_| tally.failed() > 0)).collect();
    let counts = counts.join(", ");
    match event {
        NotifyEvent::Finished if watched.verdict == Verdict::Failed => {
            format!("{what} ended as {}: {counts}", import.status.as_str().to_lowercase())
        }
        NotifyEvent::Finished if watched.verdict == Verdict::Cancelled => {
            let counts = if counts.is_empty() { counts } else { format!(": {counts}") };
            format!("{what} cancelled{counts}")
        }
        NotifyEvent::Finished => format!("{what} finished: {counts}"),
        NotifyEvent::FailedRow => {
            let rows = if tally.failed() == 1 { "row" } else { "rows" };
            let (failed, settled) = (grouped(tally.failed()), grouped(tally.settled()));
            format!("{what}: first failed {rows}, {failed} of {settled} so far")
        }
        NotifyEvent::Stalled => format!("{what} stalled at {}%", tally.percent()),
    }
}

/// Several notices as one sentence; a single one unchanged.
pub(super) fn combined<'a>(notices: impl ExactSizeIterator<Item = &'a Notice> + Clone) -> String {
    if let (1, Some(only)) = (notices.len(), notices.clone().next()) {
        return only.text.clone();
    }
    let count = |counts: &dyn Fn(&Notice) -> bool| notices.clone().filter(|notice| counts(notice)).count();
    let number_of = |event| count(&|notice: &Notice| notice.event == event);
    let well =
        count(&|notice: &Notice| notice.event == NotifyEvent::Finished && notice.severity == Severity::Good);
    let finished = number_of(NotifyEvent::Finished);
    let mut parts = Vec::new();
    if finished > 0 {
        let how = match finished - well {
            0 => String::new(),
            failing => format!(" ({failing} with failures)"),
        };
        parts.push(format!("{finished} finished{how}"));
    }
    for (event, noun) in
        [(NotifyEvent::FailedRow, "with first failed rows"), (NotifyEvent::Stalled, "stalled")]
    {
        match number_of(event) {
            0 => {}
            number => parts.push(format!("{number} {noun}")),
        }
    }
    format!("Imports: {}", parts.join(", "))
}
