//! The failed rows of one import: reasons on the left, the rows of the chosen one on the right, one row in full below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::cut::Cut as _;
use super::format::{self, Align};
use super::scroll::{self, Extent};
use super::view_state::follow;
use super::write::Write as _;
use super::{Scene, ViewState, row, row_table, sections};
use crate::app::comparison::ComparedRun;
use crate::app::details::ImportView;
use crate::app::event::{Pane, Target};
use crate::app::failures::{FailuresScreen, Group, Grouping, Listing, Side};
use crate::app::keymap::Action;
use crate::report::FailedRows;
use crate::report::reasons::Values;
use crate::report::values::Diagnosis;

/// Below this width only one of reasons and rows is shown: the one that has the focus.
const BOTH: u16 = 70;
/// From this height the chosen row is shown below.
const WITH_ROW: u16 = 12;
/// The most of the width that the reasons take beside their rows, in per cent.
const MOST_SHARE: u16 = 55;
/// From this width reasons show their share.
const WITH_SHARE: u16 = 44;
/// How many reasons are checked for how many lines their values need.
const CHECKED: usize = 40;
/// Below this height a reason's values get one line, else three with what they have in common.
const ROOMY: u16 = 30;
/// What stands before values.
const REJECTED: &str = "rejected: ";
/// The most lines above the lists, besides the first.
const MOST_ABOVE: usize = 5;

pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let app = scene.app;
    let (Some(view), Some(failures)) = (app.view(), app.screens.failures()) else { return };
    let listing = failures.listing();
    let Some(of) = &listing.of else { return };
    // On a short screen the lists come first.
    let most = if area.height < ROOMY { 1 } else { 3 };
    let mut lines = above(of, listing, (area.width, most), scene);
    lines.truncate(MOST_ABOVE.min(usize::from(area.height / 5)));
    let height = 2 + u16::try_from(lines.len()).unwrap_or(0);
    let (top, body) = area.cut_below(height);
    buf.write_line(top.x, top.y, &summary(&view, of, listing, top.width, scene), top.width);
    for (y, line) in (top.y + 1..top.bottom()).zip(lines) {
        buf.write_line(top.x + 1, y, &line, top.width.saturating_sub(1));
    }
    if listing.rows.is_empty() {
        empty(body, buf, &view, listing, scene);
        return;
    }
    let chosen = listing.chosen();
    // The lists take what they need; the row takes the rest, and at least a third.
    let wanted = u16::try_from(listing.groups.len().max(listing.rows.len()) + 1).unwrap_or(u16::MAX);
    let room = match area.height {
        ..WITH_ROW => 0,
        _ => body.height.saturating_sub(wanted).max(body.height / 3),
    };
    let below =
        chosen.map(|at| row::preview_lines(of, at, Rect { height: room.saturating_sub(1), ..body }, scene));
    let preview = below.as_ref().map_or(0, |lines| u16::try_from(lines.len() + 1).unwrap_or(room)).min(room);
    let lists = Rect { height: body.height - preview, ..body };
    let under = Rect { y: lists.bottom(), height: preview, ..body };
    let both = failures.grouping == Grouping::Reason && lists.width >= BOTH;
    let show_reasons = failures.grouping == Grouping::Reason && (both || failures.side() == Side::Reasons);
    let [least, most] = if lists.width < 100 { [50, 50] } else { [40, MOST_SHARE] };
    let wanted = u16::try_from(reasons_width(of, listing, scene)).unwrap_or(u16::MAX);
    let share = |percent| lists.width * percent / 100;
    let left = if both { wanted.clamp(share(least), share(most)) } else { lists.width };
    if show_reasons {
        reasons(Rect { width: left, ..lists }, buf, &view, of, failures, scene, view_state);
    }
    if both || !show_reasons {
        let x = if both { lists.x + left + 1 } else { lists.x };
        let area = Rect { x, width: lists.right() - x, ..lists };
        row_table::render(area, buf, of, failures, scene, view_state);
    }
    if let Some(below) = below {
        row::preview(under, buf, &below, scene);
        view_state.pane(under, Pane::Static);
    }
}

/// What is listed, and how complete it is; less of it on a narrow screen.
fn summary(
    view: &ImportView<'_>,
    of: &FailedRows,
    listing: &Listing,
    width: u16,
    scene: Scene<'_>,
) -> Line<'static> {
    let theme = scene.theme;
    let failed = if listing.from_other_run {
        of.len() as u64
    } else {
        view.watched.tally.failed().max(of.len() as u64)
    };
    let noun = if failed == 1 { "failed row" } else { "failed rows" };
    let complete = view.completeness();
    let style = if complete.is_all() { theme.good } else { theme.warning };
    let text = match listing.from_other_run {
        true => vec![format!("{} only in the other run", format::count(listing.passing as u64))],
        false => vec![scene.app.completeness_of(view), complete.describe(of.origin(), ""), complete.short()],
    };
    let mut parts = Vec::new();
    if listing.reasons > 0 {
        let noun = if listing.reasons == 1 { "reason" } else { "reasons" };
        parts.push((format!("{} {noun}", format::count(listing.reasons as u64)), theme.text));
    }
    if listing.passing < of.len() && !listing.from_other_run {
        let count = format::count(listing.passing as u64);
        let verb = if listing.passing == 1 { "matches" } else { "match" };
        parts.insert(0, (format!("{count} {verb} the filter"), theme.text));
    }
    let line = |parts: &[(String, Style)], text: &str| {
        let mut spans = vec![Span::styled(format!(" {} {noun}", format::count(failed)), theme.bad)];
        for (part, style) in parts.iter().cloned().chain([(text.to_owned(), style)]) {
            spans.push(Span::styled(format!(" {} ", theme.glyphs.dot), theme.dim));
            spans.push(Span::styled(part, style));
        }
        Line::from(spans)
    };
    // The number of reasons goes before the wording gets shorter.
    let lines = text.iter().flat_map(|text| (0..=parts.len()).rev().map(move |kept| (kept, text)));
    let lines = lines.map(|(kept, text)| (parts.get(..kept).unwrap_or_default(), text));
    let mut lines = lines.map(|(parts, text)| line(parts, text)).peekable();
    let widest = lines.peek().cloned().unwrap_or_default();
    lines.find(|line| format::line_width(line) <= usize::from(width)).unwrap_or(widest)
}

/// The lines above the lists: the chosen reason's values, the other run, notes on the report.
fn above(
    of: &FailedRows,
    listing: &Listing,
    (width, most): (u16, usize),
    scene: Scene<'_>,
) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let reason = listing.chosen_group().and_then(|group| {
        let reason = group.reason.or_else(|| reason_with_diagnosis(of, group))?;
        // What all rejected values have in common says nothing of those that a filter leaves.
        let whole = of.reasons().get(reason).is_some_and(|all| all.rows.len() == group.rows.len());
        whole.then_some(reason)
    });
    let diagnosis = reason.and_then(|reason| of.diagnosis(reason));
    let rejected =
        reason.map(|reason| rejected_values(of.values(reason), (width, most), scene)).unwrap_or_default();
    let mut lines: Vec<Line<'static>> = Vec::new();
    lines
        .extend(diagnosis.map(|diagnosis| common(diagnosis, rejected.is_empty() || most == 1, width, scene)));
    lines.extend(rejected);
    lines.truncate(most);
    // The lists must not jump when another reason is chosen.
    let reserved = listing.groups.iter().take(CHECKED).filter_map(|group| group.reason);
    let lines_for = |at: usize| {
        let values = rejected_values(of.values(at), (width, most), scene).len();
        usize::from(of.diagnosis(at).is_some()) + values
    };
    if listing.group.is_some() {
        let kept = reserved.map(lines_for).max().unwrap_or(0).min(most);
        lines.resize(kept.max(lines.len()), Line::default());
    }
    let wrapped = |text: &str, style: Style| -> Vec<Line<'static>> {
        format::wrap(text, usize::from(width.saturating_sub(2)))
            .into_iter()
            .map(|line| Line::styled(line, style))
            .collect()
    };
    if let Some(compared) = scene.app.comparison() {
        lines.extend(wrapped(&comparison_line(compared, scene), theme.text).into_iter().take(2));
    }
    if !of.notes().is_empty() {
        lines.extend(wrapped(&of.notes().join("; "), theme.warning).into_iter().take(2));
    }
    lines
}

/// A field's first reason that has a diagnosis and hit all of the field's rows.
fn reason_with_diagnosis(of: &FailedRows, group: &Group) -> Option<usize> {
    let count = of.fields().get(group.of_field)?;
    let whole =
        |at: &usize| of.reasons().get(*at).is_some_and(|reason| reason.rows.len() == count.rows.len());
    count.reasons.iter().copied().find(|at| whole(at) && of.diagnosis(*at).is_some())
}

/// The other run, and what changed.
fn comparison_line(compared: &ComparedRun, scene: Scene<'_>) -> String {
    let run = scene.app.snapshot.get(&compared.with).map(|watched| run_name(watched, scene));
    format!(
        "compared with {}: {}",
        run.unwrap_or_else(|| compared.with.to_string()),
        compared.summary.text(scene.app.redaction())
    )
}

/// `Validate 20:48 (Gareth Turner)`.
pub(super) fn run_name(watched: &crate::domain::snapshot::Watched, scene: Scene<'_>) -> String {
    let (app, import) = (scene.app, &watched.import);
    let mut name = import.mode.label().to_owned();
    if let Some(at) = import.created_at {
        name.push_str(&format!(" {}", format::clock(at, &app.zone, app.now.wall)));
    }
    if let Some(person) = &import.started_by {
        name.push_str(&format!(" ({})", app.redaction().value(&person.name)));
    }
    name
}

/// The values that a reason rejected, with counts, in at most one line less than `most`; nothing if all are blank.
fn rejected_values(
    values: Option<&Values>,
    (width, most): (u16, usize),
    scene: Scene<'_>,
) -> Vec<Line<'static>> {
    let Some(values) = values else { return Vec::new() };
    let listed = values.listed.iter().filter(|(value, _)| !value.is_blank()).map(|(value, times)| {
        let value = scene.app.redaction().value(value);
        if *times > 1 { format!("{value} ({times}×)") } else { value.to_string() }
    });
    let listed: Vec<String> = listed.collect();
    if listed.is_empty() {
        return Vec::new();
    }
    let mut text = listed.join(", ");
    if values.distinct > values.listed.len() {
        text.push_str(&format!(", … {} distinct", format::count(values.distinct as u64)));
    }
    let room = usize::from(width).saturating_sub(REJECTED.len() + 2);
    let mark = scene.theme.glyphs.ellipsis;
    let most = most.saturating_sub(1).max(1);
    let mut lines = format::wrap(&text, room);
    if lines.len() > most {
        // What is cut is said to be cut.
        let last = lines.drain(most - 1..).collect::<Vec<_>>().join(" ");
        lines.push(format::truncate(&last, room, mark).into_owned());
    }
    let label = |nth| if nth == 0 { REJECTED.to_owned() } else { " ".repeat(REJECTED.len()) };
    let line = |(nth, text): (usize, String)| {
        Line::from(vec![Span::styled(label(nth), scene.theme.dim), Span::styled(text, scene.theme.text)])
    };
    lines.into_iter().enumerate().map(line).collect()
}

/// The diagnosis of the rejected values, with examples unless they are listed anyway.
fn common(diagnosis: &Diagnosis, with_examples: bool, width: u16, scene: Scene<'_>) -> Line<'static> {
    let room = usize::from(width.saturating_sub(2));
    let mark = scene.theme.glyphs.ellipsis;
    let examples: Vec<String> = diagnosis
        .findings
        .iter()
        .flat_map(|finding| finding.examples.iter().take(2))
        .map(|example| scene.app.redaction().value(&example.value).to_string())
        .filter(|value| !value.trim().is_empty())
        .take(3)
        .collect();
    let sentence = format::truncate(&diagnosis.sentence, room, mark).into_owned();
    let left = room.saturating_sub(format::width(&sentence) + 2);
    let mut spans = vec![Span::styled(sentence, scene.theme.text)];
    if with_examples && !examples.is_empty() && left > 8 + REJECTED.len() {
        let examples = format!("{REJECTED}{}", examples.join(", "));
        let examples = format::truncate(&examples, left, mark);
        spans.push(Span::styled(format!("  {examples}"), scene.theme.dim));
    }
    Line::from(spans)
}

fn empty(area: Rect, buf: &mut Buffer, view: &ImportView<'_>, listing: &Listing, scene: Scene<'_>) {
    let app = scene.app;
    let text = if listing.of.as_ref().is_some_and(|of| !of.is_empty()) {
        format!("No rows match the filter. {} clears it.", app.key_for(Action::Back))
    } else if let Some(fault) = view.fault {
        let fault = fault.describe(app.redaction());
        format!("The failed rows could not be loaded: {fault}. {} retries.", app.key_for(Action::Refresh))
    } else if app.reports.is_fetching(&view.watched.import.id) {
        "Fetching the error report…".to_owned()
    } else if !view.knows_rows() && !view.is_complete() {
        "Loading the failed rows…".to_owned()
    } else if view.watched.tally.failed() == 0 {
        format!("No failed rows. {} goes back.", app.key_for(Action::Leave))
    } else if app.refusal(Action::FetchReport).is_none() {
        let key = app.key_for(Action::FetchReport);
        format!("Plannr sent no failed rows. {key} fetches the error report.")
    } else {
        "Plannr has sent no failed rows yet. They appear as soon as it does.".to_owned()
    };
    for (y, part) in
        (area.y..area.bottom()).zip(format::wrap(&text, usize::from(area.width.saturating_sub(4))))
    {
        buf.write_line(area.x + 2, y, &Line::styled(part, scene.theme.dim), area.width.saturating_sub(4));
    }
}

fn reasons(
    area: Rect,
    buf: &mut Buffer,
    view: &ImportView<'_>,
    of: &FailedRows,
    failures: &FailuresScreen,
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let listing = failures.listing();
    let focused = failures.side() == Side::Reasons;
    let lines = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let style = if focused { scene.theme.heading } else { scene.theme.dim };
    buf.write_line(area.x + 3, area.y, &Line::styled("FIELD / REASON", style), area.width.saturating_sub(3));
    let with_share = area.width >= WITH_SHARE;
    let heads = if with_share { "  ROWS  SHARE" } else { "  ROWS" };
    let heads_width = u16::try_from(heads.len()).unwrap_or(0);
    let x = area.right().saturating_sub(heads_width + 1);
    buf.write_line(x, area.y, &Line::styled(heads, scene.theme.dim), heads_width);
    let chosen = listing.group.unwrap_or(0);
    if focused {
        view_state.set_viewport(lines.height, listing.groups.len());
    }
    follow(&mut view_state.reasons, chosen, usize::from(lines.height), listing.groups.len());
    // Shares of a sample are estimates.
    let about = if listing.from_other_run || view.completeness().is_all() { "" } else { "~" };
    let shown = listing.groups.iter().enumerate().skip(view_state.reasons);
    for (y, (at, group)) in (lines.y..lines.bottom()).zip(shown) {
        let line = Rect { y, height: 1, ..lines };
        let count = group.rows.len();
        let mut numbers = format!("{:>6}", format::count(count as u64));
        if with_share {
            let share = format::share(count as u64, listing.passing as u64);
            numbers.push_str(&format!("{:>7}", format!("{about}{share}")));
        }
        let label_width = usize::from(line.width.saturating_sub(4)).saturating_sub(numbers.len());
        let mut text = Line::from(label(of, group, label_width, scene));
        text.push_span(Span::styled(numbers, scene.theme.text));
        buf.write_line(line.x + 3, y, &text, line.width.saturating_sub(3));
        row_table::cursor(line, buf, at == chosen, focused, scene);
        view_state.clickable(line, Target::Reason(at));
    }
    let shown = Extent { first: view_state.reasons, length: listing.groups.len() };
    scroll::bar(lines, shown, Pane::Reasons, buf, scene, view_state);
}

/// The width in which no reason is cut.
fn reasons_width(of: &FailedRows, listing: &Listing, scene: Scene<'_>) -> usize {
    let redaction = scene.app.redaction();
    let text = |group: &Group| {
        let field = format::width(of.text(group.field.as_str(), redaction).as_str());
        match group.reason.and_then(|at| of.reasons().get(at)) {
            None => field,
            Some(reason) if group.nested => format::width(&sections::reason_text(of, reason, scene)) + 2,
            Some(reason) => field + 1 + format::width(&sections::reason_text(of, reason, scene)),
        }
    };
    listing.groups.iter().take(CHECKED).map(text).max().unwrap_or(0) + "  ROWS  SHARE".len() + 4
}

/// A field with its reason, a field alone, or a reason indented below its field.
fn label(of: &FailedRows, group: &Group, width: usize, scene: Scene<'_>) -> Vec<Span<'static>> {
    let (theme, mark) = (scene.theme, scene.theme.glyphs.ellipsis);
    let Some(reason) = group.reason.and_then(|at| of.reasons().get(at)) else {
        let field = of.text(group.field.as_str(), scene.app.redaction());
        let name = if field.is_empty() { "(no field)" } else { field.as_str() };
        return vec![Span::styled(format::fit(name, width, Align::Left, mark), theme.heading)];
    };
    if group.nested {
        let text = sections::reason_text(of, reason, scene);
        return vec![Span::styled(format::fit(&format!("  {text}"), width, Align::Left, mark), theme.text)];
    }
    sections::reason_label(of, reason, width, scene)
}
