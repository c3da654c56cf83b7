//! The texts of notices and notifications.

use super::Notice;
use crate::app::event_log::Severity;
use crate::app::runtime_config::NotifyEvent;
use crate::domain::import_event::ImportEvent;
use crate::domain::snapshot::Watched;
use crate::domain::tally::{Verdict, grouped};

/// The import: `clients · Create`, and of which of several firms.
pub(super) fn name(watched: &Watched, of_several: bool) -> String {
    let import = &watched.import;
    let name = import.name();
    match &import.seen_by {
        Some(account) if of_several => format!("{name} of {}", account.firm_or_id()),
        _ => name,
    }
}

/// What happened: `finished: 1,204 ok, 12 failed`.
pub(super) fn what(event: ImportEvent, watched: &Watched) -> String {
    let tally = &watched.tally;
    let [ok, failed, _] = tally.describe();
    let counts: Vec<String> = ok.into_iter().chain(failed.filter(|_| tally.failed() > 0)).collect();
    let counts = counts.join(", ");
    match event {
        ImportEvent::Started => "first rows tried".to_owned(),
        ImportEvent::Resumed => format!("resumed at {}%", tally.percent()),
        ImportEvent::Retried => "retries its failed rows".to_owned(),
        ImportEvent::Settled if watched.verdict == Verdict::Failed => {
            format!("ended as {}: {counts}", watched.import.status.as_str().to_lowercase())
        }
        ImportEvent::Settled => format!("finished: {counts}"),
        ImportEvent::Cancelled if counts.is_empty() => "cancelled".to_owned(),
        ImportEvent::Cancelled => format!("cancelled: {counts}"),
        ImportEvent::FirstFailure => {
            let rows = if tally.failed() == 1 { "row" } else { "rows" };
            let (failed, settled) = (grouped(tally.failed()), grouped(tally.settled()));
            format!("first failed {rows}, {failed} of {settled} so far")
        }
        ImportEvent::Stalled => format!("stalled at {}%", tally.percent()),
        ImportEvent::Deleted => format!("was deleted at {}%", tally.percent()),
    }
}

/// Several notices as one sentence; a single one unchanged.
pub(super) fn combined<'a>(notices: impl ExactSizeIterator<Item = &'a Notice> + Clone) -> String {
    if let (1, Some(only)) = (notices.len(), notices.clone().next()) {
        return only.text();
    }
    let count = |counts: &dyn Fn(&Notice) -> bool| notices.clone().filter(|notice| counts(notice)).count();
    let number_of = |event| count(&|notice: &Notice| notice.notified_as() == Some(event));
    let well = count(&|notice: &Notice| notice.severity == Severity::Good);
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
