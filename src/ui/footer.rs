//! The last line: a notice, or else the keys of the current screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::write::Write as _;
use super::{Scene, ViewState, format};
use crate::app::event::Target;
use crate::app::event_log::Severity;
use crate::app::keymap::{Action, Bound, Mode};
use crate::app::report_fetch::ReportDownload;
use crate::app::save::SaveContent;
use crate::app::{App, Popup};
use crate::domain::snapshot::LinkState;

/// Draws the line: a notice, a fault, or the keys. A click on a message opens the log, one on a
/// key does what the key does.
pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let (app, theme) = (scene.app, scene.theme);
    let standing = match &app.snapshot.health.link {
        // In the table's place stands all of it.
        _ if app.snapshot.imports.is_empty() => None,
        LinkState::Stopped { fault } => {
            let text = fault.with_advice(app.redaction());
            Some(format!("{text}; {} retries", app.key_for(Action::Refresh)))
        }
        LinkState::Retrying { fault, .. } => Some(fault.describe(app.redaction())),
        _ => None,
    };
    let message = if let Some((severity, text)) = app.event_log.notice(app.now, app.redaction()) {
        Some((severity, text.to_string()))
    } else if let Some(report) = app.reports.requested() {
        Some((Severity::Info, report_download(app, report)))
    } else {
        standing.filter(|_| app.screens.mode() != Mode::Filter).map(|text| (Severity::Error, text))
    };
    match message {
        Some((severity, text)) => {
            let text =
                format::truncate(&text, usize::from(area.width.saturating_sub(2)), theme.glyphs.ellipsis);
            buf.write_line(
                area.x + 1,
                area.y,
                &Line::styled(text, theme.severity(severity)),
                area.width.saturating_sub(2),
            );
            if app.screens.mode() == app.screens.top() {
                view_state.clickable(area, Target::Key(Action::Log));
            }
        }
        None => keys(area, buf, scene, view_state),
    }
}

/// The progress of a download.
fn report_download(app: &App, report_download: &ReportDownload) -> String {
    let ReportDownload { transfer, meter, .. } = report_download;
    let cancel = app.key_for(Action::Back);
    if let Some(waiting) = &transfer.waiting {
        let wait = format::duration(waiting.wait);
        let fault = waiting.fault.describe(app.redaction());
        return format!("report: {fault}; retrying in {wait}; {cancel} cancels");
    }
    let mut text = format!("fetching report: {}", format::bytes(transfer.received));
    if let Some(total) = transfer.total.filter(|total| *total > 0) {
        let percent = u128::from(transfer.received) * 100 / u128::from(total);
        text.push_str(&format!(" of {} ({percent}%)", format::bytes(total)));
    }
    if let Some(rate) = meter.rate(app.now.up).filter(|rate| *rate >= 1.0) {
        text.push_str(&format!(", {}/s", format::bytes(rate as u64)));
    }
    if let Some(eta) = meter.eta(app.now.up, transfer) {
        text.push_str(&format!(", {} left", format::duration(eta)));
    }
    text + &format!("; {cancel} cancels")
}

fn keys(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let theme = scene.theme;
    let mut x = area.x + 1;
    let (shown, gap) = fitting(scene, area.width.saturating_sub(2));
    for Shown { bound, key, label, .. } in shown {
        let line =
            Line::from(vec![Span::styled(key, theme.key), Span::styled(format!(" {label}"), theme.dim)]);
        let width = buf.write_line(x, area.y, &line, area.right().saturating_sub(x));
        view_state.clickable(Rect { x, width, ..area }, Target::Key(bound.action));
        x += width + gap;
    }
}

/// Cells between two keys, and fewer if they would not fit otherwise.
const GAPS: [u16; 2] = [3, 2];

/// A binding that can act now.
struct Shown<'a> {
    bound: &'a Bound,
    key: &'a str,
    label: &'static str,
    /// The highest goes first when space runs out.
    priority: u8,
    /// In cells.
    width: usize,
}

fn shown<'a>(bound: &'a Bound, app: &App) -> Option<Shown<'a>> {
    let (priority, label) = bound.footer.filter(|_| app.refusal(bound.action).is_none())?;
    // Of fixes the key decides what becomes of the other rows.
    let is_of_fixes =
        matches!(&app.screens.popup, Some(Popup::Save(save)) if matches!(save.what, SaveContent::Fixes(_)));
    let label = if bound.action == Action::ToggleReasons && is_of_fixes { "others" } else { label };
    let key = bound.keys.first()?;
    Some(Shown { bound, key, label, priority, width: format::width(key) + 1 + format::width(label) })
}

/// The footer's bindings that can act now and fit, in the table's order, and the cells between two.
fn fitting(scene: Scene<'_>, width: u16) -> (Vec<Shown<'_>>, u16) {
    let bindings = scene.app.preferences.config.keymap.bindings(scene.app.screens.mode());
    let mut fitting: Vec<_> = bindings.filter_map(|bound| shown(bound, scene.app)).collect();
    loop {
        let gaps = fitting.len().saturating_sub(1);
        let keys: usize = fitting.iter().map(|shown| shown.width).sum();
        if let Some(gap) = GAPS.into_iter().find(|gap| keys + gaps * usize::from(*gap) <= usize::from(width))
        {
            return (fitting, gap);
        }
        let rank = |(_, shown): &(usize, &Shown<'_>)| shown.priority;
        let Some((last, _)) = fitting.iter().enumerate().max_by_key(rank) else { return (fitting, 0) };
        fitting.remove(last);
    }
}
