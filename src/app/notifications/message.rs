//! The texts of notices and notifications.

use super::Notice;
use crate::app::event_log::Severity;
use crate::app::runtime_config::NotifyEvent;

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
