//! The last line: what just happened, else the keys that matter here.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Memory, Scene, format};
use crate::domain::snapshot::LinkState;
use crate::monitor::app::journal::Tone;
use crate::monitor::app::{App, UnderWay};
use crate::monitor::event::Target;
use crate::monitor::keymap::{Binding, Mode, bindings};

/// Draws the line: a mistake in the filter, a notice, a standing fault, or the keys.
pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, memory: &mut Memory) {
    let (app, theme) = (scene.app, scene.theme);
    let standing = match &app.snapshot.health.link {
        LinkState::Stopped { fault } => {
            let advice = fault.advice().map(|advice| format!("; {advice}")).unwrap_or_default();
            Some(format!("{fault}{advice}; r tries again"))
        }
        LinkState::Retrying { fault, .. } => Some(fault.to_string()),
        _ => None,
    };
    let mistake = app.mistake.as_ref().filter(|_| app.mode() == Mode::Filter && app.trail().is_empty());
    let said = if let Some(mistake) = mistake {
        Some((Tone::Warning, mistake.to_string()))
    } else if let Some((tone, text)) = app.journal.notice(app.now) {
        Some((tone, text.to_owned()))
    } else if let Some(report) = &app.under_way {
        Some((Tone::Info, under_way(app, report)))
    } else {
        standing.filter(|_| app.mode() != Mode::Filter).map(|text| (Tone::Error, text))
    };
    match said {
        Some((tone, text)) => {
            let text =
                format::truncate(&text, usize::from(area.width.saturating_sub(2)), theme.glyphs.ellipsis);
            buf.set_line(
                area.x + 1,
                area.y,
                &Line::styled(text, theme.tone(tone)),
                area.width.saturating_sub(2),
            );
        }
        None => keys(area, buf, scene, memory),
    }
}

/// How far a report is on its way.
fn under_way(app: &App, under_way: &UnderWay) -> String {
    let UnderWay { transfer, meter, .. } = under_way;
    if let Some(waiting) = &transfer.waiting {
        let wait = format::duration(waiting.wait);
        return format!("the report: {}; trying again in {wait}; Esc gives it up", waiting.fault);
    }
    let mut text = format!("fetching the report: {}", format::bytes(transfer.received));
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
    text + "; Esc gives it up"
}

fn keys(area: Rect, buf: &mut Buffer, scene: Scene<'_>, memory: &mut Memory) {
    let theme = scene.theme;
    let mut x = area.x + 1;
    for binding in fitting(scene, usize::from(area.width.saturating_sub(2))) {
        let Some((key, label)) = parts(binding) else { continue };
        let line =
            Line::from(vec![Span::styled(key, theme.key), Span::styled(format!(" {label}"), theme.dim)]);
        let width = u16::try_from(line.width()).unwrap_or(0);
        buf.set_line(x, area.y, &line, area.right().saturating_sub(x));
        memory.hit(Rect { x, width, ..area }, Target::Key(binding.action));
        x += width + GAP;
    }
}

/// Cells between two keys.
const GAP: u16 = 3;

fn parts(binding: &Binding) -> Option<(&'static str, &'static str)> {
    Some((binding.keys.first().copied()?, binding.footer?.1))
}

/// The bindings worth showing that can act now and fit, in the table's order.
fn fitting(scene: Scene<'_>, width: usize) -> Vec<&'static Binding> {
    let mode = scene.app.mode();
    let mut shown: Vec<&Binding> = bindings(mode)
        .filter(|binding| binding.footer.is_some() && scene.app.refusal(binding.action).is_none())
        .collect();
    let wide = |shown: &[&Binding]| {
        let texts = shown.iter().filter_map(|binding| parts(binding));
        texts
            .map(|(key, label)| format::width(key) + 1 + format::width(label) + usize::from(GAP))
            .sum::<usize>()
    };
    while wide(&shown) > width + usize::from(GAP) {
        let Some(last) = shown.iter().enumerate().max_by_key(|(_, b)| b.footer.map(|(priority, _)| priority))
        else {
            break;
        };
        let at = last.0;
        shown.remove(at);
    }
    shown
}
