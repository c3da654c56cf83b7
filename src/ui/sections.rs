//! The sections of an import's details, as lines for the panes to arrange.

use std::ops::Range;
use std::sync::Arc;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::failures_screen::run_name;
use super::format::{self, Align};
use super::{Scene, gauge, sparklines, verdict_label};
use crate::app::details::ImportView;
use crate::app::event_log::Severity;
use crate::app::keymap::Action;
use crate::app::preferences::TimeFormat;
use crate::domain::evidence::Basis;
use crate::domain::redact::Redaction;
use crate::domain::snapshot::Watched;
use crate::domain::tally::Verdict;
use crate::domain::text::SafeText;
use crate::report::FailedRows;
use crate::report::reasons::{Reason, short};

/// The widest useful gauge.
const GAUGE: usize = 60;
/// The most reasons listed; the failed-rows screen has all of them.
pub(super) const MOST_REASONS: usize = 100;
/// The most diagnoses listed below the reasons.
const MOST_FINDINGS: usize = 2;
/// How many earlier runs the pane names.
const EARLIER_IN_SHORT: usize = 2;

/// Gauge, counts and what to expect: one to three lines.
pub(super) fn progress(view: &ImportView<'_>, width: usize, scene: Scene<'_>) -> Vec<Line<'static>> {
    let (theme, watched) = (scene.theme, view.watched);
    let tally = &watched.tally;
    let [ok, failed, rest] = tally.describe();
    let rest = rest.or_else(|| {
        (watched.verdict.is_unfinished() && tally.pending().is_some()).then(|| "0 left".to_owned())
    });
    let parts = [
        (ok, theme.good),
        (failed, if tally.failed() > 0 { theme.bad } else { theme.dim }),
        (rest, theme.text),
    ];
    let mut counts = Vec::new();
    for (text, style) in parts {
        if let Some(text) = text {
            let before = if counts.is_empty() { "  ".into() } else { format!(" {} ", theme.glyphs.dot) };
            counts.extend([Span::styled(before, theme.dim), Span::styled(text, style)]);
        }
    }
    let percent = format::progress(tally).unwrap_or_else(|| theme.glyphs.none.to_owned());
    let percent = format!(" {percent:>4}");
    let counts_width: usize = counts.iter().map(Span::width).sum();
    let percent_width = format::width(&percent);
    let beside = width.saturating_sub(counts_width + percent_width);
    let mut lines = Vec::new();
    let gauge_width = if beside >= 16 { beside } else { width.saturating_sub(percent_width) }.min(GAUGE);
    let mut first = gauge::spans(tally, watched.verdict, gauge_width, theme);
    first.push(Span::styled(percent, theme.heading));
    if beside >= 16 {
        first.extend(counts);
        lines.push(Line::from(first));
    } else {
        lines.push(Line::from(first));
        lines.push(Line::from(counts));
    }
    lines.extend(forecast(view, scene).map(Line::from));
    lines
}

/// How fast rows go and fail, and earlier runs of the file, of which at most so many: a line each.
pub(super) fn trend(
    view: &ImportView<'_>,
    (width, earlier_runs): (usize, usize),
    scene: Scene<'_>,
) -> Vec<Line<'static>> {
    let mut lines =
        vec![Line::from(sparklines::speed(view, scene)), Line::from(sparklines::failures(view, scene))];
    lines.retain(|line| format::line_width(line) > 0);
    for line in &mut lines {
        // The peak goes first.
        while format::line_width(line) > width && line.spans.len() > 2 {
            line.spans.pop();
        }
    }
    lines.extend(earlier(view, (width, earlier_runs), scene));
    lines
}

/// What happened to the import, as far as it was watched.
pub(super) fn timeline(view: &ImportView<'_>, width: usize, scene: Scene<'_>) -> Vec<Line<'static>> {
    let (app, theme) = (scene.app, scene.theme);
    let import = &view.watched.import;
    let created = import.created_at.map(|at| (at, Severity::Info, "started"));
    let seen = app.event_log.timeline(&import.id).next().is_some();
    let ended = import.updated_at.filter(|_| !seen && !view.watched.verdict.is_unfinished());
    let ended = ended.map(|at| (at, Severity::Info, "last change, by the server's dates"));
    let events = created.into_iter().chain(app.event_log.timeline(&import.id)).chain(ended);
    let line = |(at, severity, what): (jiff::Timestamp, Severity, &str)| {
        let clock = format::day_and_clock(at, &app.zone, app.now.wall);
        let room = width.saturating_sub(format::width(&clock) + 2);
        let style = if severity == Severity::Info { theme.text } else { theme.severity(severity) };
        let what = format::truncate(what, room, theme.glyphs.ellipsis).into_owned();
        Line::from(vec![Span::styled(clock, theme.dim), Span::raw("  "), Span::styled(what, style)])
    };
    std::iter::once(heading("Timeline", "since monitoring started", scene)).chain(events.map(line)).collect()
}

/// Earlier runs of the same file, newest first, in `most` lines.
fn earlier(view: &ImportView<'_>, (width, most): (usize, usize), scene: Scene<'_>) -> Vec<Line<'static>> {
    let runs = view.earlier.iter().filter_map(|id| scene.app.snapshot.get(id)).take(most);
    let line = |(nth, watched): (usize, &Arc<Watched>)| {
        let [ok, failed, _] = watched.tally.describe();
        let counts: Vec<String> = ok.into_iter().chain(failed).collect();
        let text = format!("{}: {}", run_name(watched, scene), counts.join(", "));
        fact(if nth == 0 { "earlier" } else { "" }, &text, width, scene)
    };
    runs.enumerate().map(line).collect()
}

/// What to expect next, as a sentence.
fn forecast(view: &ImportView<'_>, scene: Scene<'_>) -> Option<Span<'static>> {
    let (theme, watched, app) = (scene.theme, view.watched, scene.app);
    let (text, style) = match watched.verdict {
        Verdict::Running => {
            let eta = watched.pace.eta(watched.tally.pending()?)?;
            let end = app.now.wall.checked_add(eta.latest).unwrap_or(app.now.wall);
            let clock = format::clock(end, &app.zone, app.now.wall);
            (format!("done in {} (about {clock})", format::eta(eta, theme.glyphs.dash)), theme.text)
        }
        Verdict::Stalled => {
            let quiet = format::duration(watched.pace.quiet_for());
            let quiet_text = match watched.pace.has_moved() {
                _ if watched.is_stall_guessed() => "no progress seen yet, so probably stalled".to_owned(),
                true => format!("no progress for {quiet}"),
                // The import may have been quiet for longer than we know.
                false => format!("no progress for {} {quiet}, since monitoring started", theme.glyphs.least),
            };
            let touched = watched.import.updated_at.map(|at| format::ago(app.now.age_of(at)));
            let by_server = touched.map_or_else(
                || "the server responds".to_owned(),
                |ago| format!("last change on the server {ago}"),
            );
            (format!("{quiet_text}; {by_server}"), theme.warning)
        }
        Verdict::Finishing => ("every row was tried; waiting for Plannr to finish".to_owned(), theme.text),
        Verdict::Queued => ("waiting for its first row".to_owned(), theme.dim),
        _ => return None,
    };
    Some(Span::styled(text, style))
}

/// Times, people and the server's own numbers: a label and a value per line.
pub(super) fn facts(view: &ImportView<'_>, width: usize, scene: Scene<'_>) -> Vec<Line<'static>> {
    let (theme, app) = (scene.theme, scene.app);
    let (import, counts) = (&view.watched.import, &view.watched.import.counts);
    let none = theme.glyphs.none;
    let when = |date: Option<jiff::Timestamp>| {
        date.map_or_else(
            || none.to_owned(),
            |at| match app.preferences.times {
                TimeFormat::Relative => {
                    let clock = format::day_and_clock(at, &app.zone, app.now.wall);
                    let zone = at.to_zoned_datetime(app.zone.clone()).strftime("%Z").to_string();
                    format!("{clock} {zone} ({})", format::ago(app.now.age_of(at)))
                }
                TimeFormat::Absolute => format::date(at, &app.zone),
            },
        )
    };
    let moved = view.watched.pace.has_moved().then(|| {
        let ago = jiff::SignedDuration::try_from(app.now.since(view.watched.changed_at)).unwrap_or_default();
        app.now.wall.checked_sub(ago).ok()
    });
    let firm = app.firm_of(import);
    let firm = (!firm.is_empty()).then(|| ("firm", firm.to_owned()));
    let mut facts: Vec<_> = firm.into_iter().chain([("started", when(import.created_at))]).collect();
    facts.extend(moved.map(|at| ("last row", format!("{}, seen here", when(at)))));
    let by_server = if moved.is_some() && import.updated_at.is_some() { ", on the server" } else { "" };
    facts.push(("updated", format!("{}{by_server}", when(import.updated_at))));
    if let Some(person) = view.started_by() {
        facts.push(("by", app.redaction().value(&person.name).to_string()));
        if !person.email.is_empty() {
            facts.push(("", app.redaction().value(&person.email).to_string()));
        }
    }
    let number = |n: Option<u64>| n.map_or_else(|| none.to_owned(), format::count);
    let progress = counts.progress.map_or_else(|| none.to_owned(), |p| format!("{p}%"));
    let (total, remaining, failed) = (number(counts.total), number(counts.remaining), number(counts.failed));
    facts.push(("server", format!("{}, {progress}", import.status.as_str())));
    facts.push(("jobs", format!("{total} total")));
    facts.push(("", format!("{remaining} remaining, {failed} failed")));
    let tally = &view.watched.tally;
    let stay = counts.remaining.zip(tally.pending()).is_some_and(|(remaining, pending)| remaining > pending);
    if tally.failed() > 0 && (stay || tally.is_retrying()) {
        facts.push(("", "failed rows stay in remaining, and lower its %".to_owned()));
    }
    facts.extend(caveat(view.watched).map(|caveat| ("counting", caveat.to_owned())));
    facts.push(("uuid", import.id.to_string()));
    facts.into_iter().map(|(label, value)| fact(label, &value, width, scene)).collect()
}

/// Why the counts may be inaccurate.
fn caveat(watched: &Watched) -> Option<&'static str> {
    if watched.evidence.is_pruned() {
        Some("last known, since deleted")
    } else if watched.basis == Basis::Assumed {
        Some("assumed, two readings fit")
    } else {
        None
    }
}

fn fact(label: &str, value: &str, width: usize, scene: Scene<'_>) -> Line<'static> {
    labelled((label, value, scene.theme.text), width, scene)
}

fn labelled((label, value, style): (&str, &str, Style), width: usize, scene: Scene<'_>) -> Line<'static> {
    let label = format!("{label:<8} ");
    let room = width.saturating_sub(format::width(&label));
    let value = format::truncate_middle(value, room, scene.theme.glyphs.ellipsis).into_owned();
    Line::from(vec![Span::styled(label, scene.theme.dim), Span::styled(value, style)])
}

/// A heading, then up to `most` lines of reasons, each with its position, count and bar; the message is whole where there
/// is room.
pub(super) fn reasons_for_failure(
    view: &ImportView<'_>,
    (width, most): (usize, usize),
    scene: Scene<'_>,
) -> Vec<(Line<'static>, Option<usize>)> {
    let theme = scene.theme;
    let rows = view.rows();
    let failed = view.watched.tally.failed();
    let note = if rows.is_empty() { String::new() } else { view.completeness().short() };
    let mut lines = vec![(heading("Why rows fail", &note, scene), None)];
    let reasons = rows.reasons();
    let most = if reasons.len() > most { most.saturating_sub(1) } else { most }.min(MOST_REASONS);
    let shown = reasons.get(..most).unwrap_or(reasons);
    let label = |reason: &Reason| {
        let field = rows.text(reason.field.as_str(), scene.app.redaction());
        format::width(field.as_str()) + 1 + format::width(&reason_text(rows, reason, scene))
    };
    let widest = shown.iter().map(label).max().unwrap_or(0);
    // The message before the bar, where there is not room for both.
    let least_bar = (width / PART_OF_BAR).clamp(LEAST_BAR, BAR);
    let bar_width = width.saturating_sub(widest + COUNT).clamp(least_bar, BAR);
    let label_width = widest.min(width.saturating_sub(bar_width + COUNT));
    let most_rows = reasons.first().map_or(1, |reason| reason.rows.len().max(1));
    for (at, reason) in shown.iter().enumerate() {
        let count = reason.rows.len();
        let mut spans = reason_label(rows, reason, label_width, scene);
        spans.push(Span::styled(format!("{:>5} ", format::count_short(count as u64)), theme.text));
        let bar = bar_length(count, most_rows, bar_width);
        spans.push(Span::styled(theme.glyphs.failed.repeat(bar), theme.bad));
        lines.push((Line::from(spans), Some(at)));
    }
    if reasons.len() > shown.len() {
        let more = reasons.len() - shown.len();
        let noun = if more == 1 { "reason" } else { "reasons" };
        lines.push((Line::styled(format!("{} more {noun}", format::count(more as u64)), theme.dim), None));
    }
    if reasons.is_empty() {
        let text = match (failed, view.knows_rows() || view.is_complete()) {
            (0, _) => "no failed rows",
            (_, false) => "loading…",
            (_, true) => "not sent by Plannr yet",
        };
        lines.push((Line::styled(text, theme.dim), None));
    }
    lines
}

/// A reason's bar: every row shows, and fewer rows than the most never look like the most.
fn bar_length(count: usize, most: usize, width: usize) -> usize {
    let rounded = (count * width + most / 2) / most.max(1);
    let longest = if count < most { width.saturating_sub(1) } else { width };
    rounded.min(longest).max(usize::from(count > 0))
}

/// The part of the width that a bar has at least.
const PART_OF_BAR: usize = 12;
/// Cells of a reason's bar, and of its count.
const BAR: usize = 10;
const LEAST_BAR: usize = 3;
const COUNT: usize = 6;

/// What the rejected values of each field have in common, the field with the most failures first: whole
/// sentences, in `most` lines.
pub(super) fn findings(
    view: &ImportView<'_>,
    (width, most): (usize, usize),
    scene: Scene<'_>,
) -> Vec<Line<'static>> {
    let rows = view.rows();
    let mut found: Vec<(&str, &str)> = Vec::new();
    for (at, reason) in rows.reasons().iter().enumerate().take(MOST_REASONS) {
        let field = reason.field.as_str();
        let diagnosis = rows.diagnosis(at).filter(|_| found.iter().all(|(other, _)| *other != field));
        found.extend(diagnosis.map(|diagnosis| (field, diagnosis.sentence.as_str())));
        if found.len() == MOST_FINDINGS {
            break;
        }
    }
    let mut lines = Vec::new();
    for (field, sentence) in found {
        // "values" does not say which.
        let sentence = match sentence.contains("rejected value") && !field.is_empty() {
            true => format!("{}: {sentence}", rows.text(field, scene.app.redaction())),
            false => sentence.to_owned(),
        };
        let sentence = format::wrap(&sentence, width);
        if lines.len() + sentence.len() <= most {
            lines.extend(sentence.into_iter().map(|line| Line::styled(line, scene.theme.text)));
        }
    }
    lines
}

/// Pace, headers that are not mapped, report, person and uuid, a line each.
pub(super) fn facts_in_short(view: &ImportView<'_>, width: usize, scene: Scene<'_>) -> Vec<Line<'static>> {
    let app = scene.app;
    let mut lines = trend(view, (width, EARLIER_IN_SHORT), scene);
    let unmapped = view.mapping().map(|mapping| {
        let headers = mapping.columns.iter().enumerate().filter(|(_, (_, field))| field.is_none());
        headers.map(|(at, (header, _))| mapped_header(at, header, app.redaction())).collect::<Vec<_>>()
    });
    if let Some(headers) = unmapped.filter(|headers| !headers.is_empty()) {
        lines.push(labelled(("unmapped", &headers.join(", "), scene.theme.warning), width, scene));
    }
    let mut fact = |label, value: &str| lines.push(fact(label, value, width, scene));
    fact("report", &report_in_short(view));
    if let Some(person) = view.started_by() {
        let [name, email] = [&person.name, &person.email].map(|text| app.redaction().value(text).to_string());
        let both = format!("{name}, {email}");
        if email.is_empty() {
            fact("by", &name);
        } else if format::width(&both) + 9 <= width {
            fact("by", &both);
        } else {
            fact("by", &name);
            fact("", &email);
        }
    }
    if let Some(caveat) = caveat(view.watched) {
        fact("counting", caveat);
    }
    fact("uuid", view.watched.import.id.as_str());
    lines
}

/// The report's size and state, or why there is none.
fn report_in_short(view: &ImportView<'_>) -> String {
    match view.report() {
        Some(report) => {
            let size = report.size.map_or_else(|| "size unknown".to_owned(), format::bytes);
            match &report.link {
                Ok(_) => format!("{size}, {}", report.status),
                Err(refusal) => refusal.to_string(),
            }
        }
        None => no_report(view).to_owned(),
    }
}

fn no_report(view: &ImportView<'_>) -> &'static str {
    match (view.watched.tally.failed(), view.watched.verdict.is_unfinished()) {
        (0, _) => "none: no failed rows",
        (_, true) => "not written yet",
        (_, false) => "none",
    }
}

/// A reason's message as it may be shown, without repeating its field.
pub(super) fn reason_text(of: &FailedRows, reason: &Reason, scene: Scene<'_>) -> String {
    let message = of.text(reason.message.as_str(), scene.app.redaction());
    short(reason.field.as_str(), message.as_str()).to_owned()
}

/// A reason's field and message in exactly `width` cells. The field is truncated first, since the message repeats it.
pub(super) fn reason_label(
    of: &FailedRows,
    reason: &Reason,
    width: usize,
    scene: Scene<'_>,
) -> Vec<Span<'static>> {
    let (theme, mark) = (scene.theme, scene.theme.glyphs.ellipsis);
    let text = reason_text(of, reason, scene);
    let message_width = format::width(&text);
    let room = width.saturating_sub(message_width + 1).max((width / 4).max(8));
    let field = format::truncate(of.text(reason.field.as_str(), scene.app.redaction()).as_str(), room, mark)
        .into_owned();
    let left = width.saturating_sub(format::width(&field));
    let message = format::fit(&format!(" {text}"), left, Align::Left, mark);
    vec![Span::styled(field, theme.heading), Span::styled(message, theme.text)]
}

/// The client's header. Masked it is a number, all alike: in a file without a header line, values take the place of headers.
fn mapped_header(at: usize, header: &SafeText, redaction: Redaction) -> String {
    if redaction.enabled { format!("column {}", at + 1) } else { header.to_string() }
}

/// How many lines [`mapping`] has in total.
pub(super) fn mapping_length(view: &ImportView<'_>) -> usize {
    1 + view.mapping().map_or(1, |mapping| mapping.columns.len().max(1))
}

/// The column mapping, unmapped headers first, since those are what users look for. Makes only the requested lines: a
/// file may have a thousand columns.
pub(super) fn mapping(
    view: &ImportView<'_>,
    width: usize,
    lines: Range<usize>,
    scene: Scene<'_>,
) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let shown = |head: Line<'static>, rest: Line<'static>| {
        let lines = lines.clone();
        [head, rest].into_iter().skip(lines.start).take(lines.len()).collect()
    };
    let Some(mapping) = view.mapping() else {
        let text = match view.fault {
            Some(fault) => format!("could not be loaded: {}", fault.describe(scene.app.redaction())),
            None if view.is_complete() => "not provided".to_owned(),
            None => "loading…".to_owned(),
        };
        return shown(heading("Mapping", "", scene), Line::styled(text, theme.dim));
    };
    let note = format!("{} of {}", mapping.mapped(), mapping.columns.len());
    let heading = heading("Mapping", &note, scene);
    if mapping.columns.is_empty() {
        return shown(heading, Line::styled("no headers", theme.dim));
    }
    let redaction = scene.app.redaction();
    let widest = mapping.columns.iter().enumerate();
    let widest = widest.map(|(at, (header, _))| format::width(&mapped_header(at, header, redaction)));
    let widest = widest.max().unwrap_or(0);
    let header_width = widest.clamp(1, (width / 2).max(4));
    let (mapped, unmapped): (Vec<_>, Vec<_>) =
        mapping.columns.iter().enumerate().partition(|(_, (_, field))| field.is_some());
    let columns = unmapped.into_iter().chain(mapped).map(|(at, (header, field))| {
        let header = mapped_header(at, header, redaction);
        let header = format::fit(&header, header_width, Align::Left, theme.glyphs.ellipsis);
        let (field, style) = match field {
            Some(field) => (field.as_str(), theme.text),
            None => ("unmapped !", theme.warning),
        };
        let arrow = format!(" {} ", theme.glyphs.arrow);
        let left = width.saturating_sub(header_width + arrow.chars().count());
        let field = format::truncate(field, left, theme.glyphs.ellipsis).into_owned();
        Line::from(vec![
            Span::styled(header, style),
            Span::styled(arrow, theme.dim),
            Span::styled(field, style),
        ])
    });
    std::iter::once(heading).chain(columns).skip(lines.start).take(lines.len()).collect()
}

/// The error report: name, size, state, and the keys for it.
pub(super) fn report(view: &ImportView<'_>, width: usize, scene: Scene<'_>) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let mut lines = vec![heading("Error report", "", scene)];
    let fitted = |text: String| format::truncate(&text, width, theme.glyphs.ellipsis).into_owned();
    match view.report() {
        Some(report) => {
            let name = scene.app.redaction().value(&report.name);
            let name = format::truncate_middle(name.as_str(), width, theme.glyphs.ellipsis).into_owned();
            lines.push(Line::styled(name, theme.text));
            let size = report.size.map_or_else(|| "size unknown".to_owned(), format::bytes);
            lines.push(Line::styled(
                fitted(format!("{size} {} {}", theme.glyphs.dot, report.status)),
                theme.dim,
            ));
            match &report.link {
                Ok(_) => {
                    let key = scene.app.key_for(Action::OpenReport);
                    lines.push(Line::from(vec![
                        Span::styled(key, theme.key),
                        Span::styled(" opens it in the browser", theme.dim),
                    ]));
                    let all = scene.app.key_for(Action::FetchReport);
                    let file = scene.app.key_for(Action::Download);
                    lines.push(Line::from(vec![
                        Span::styled(all, theme.key),
                        Span::styled(" fetches its rows, ", theme.dim),
                        Span::styled(file, theme.key),
                        Span::styled(" downloads it", theme.dim),
                    ]));
                }
                Err(refusal) => lines.push(Line::styled(fitted(refusal.to_string()), theme.warning)),
            }
        }
        None => lines.push(Line::styled(no_report(view), theme.dim)),
    }
    lines
}

/// A heading with a dimmed note after it.
pub(super) fn heading(title: &'static str, note: &str, scene: Scene<'_>) -> Line<'static> {
    let mut spans = vec![Span::styled(title, scene.theme.heading)];
    if !note.is_empty() {
        spans.push(Span::styled(format!("  {note}"), scene.theme.dim));
    }
    Line::from(spans)
}

/// An import's name and state on a horizontal rule.
pub(super) fn title(view: &ImportView<'_>, width: usize, scene: Scene<'_>) -> Line<'static> {
    let theme = scene.theme;
    let import = &view.watched.import;
    let rule = theme.glyphs.rule;
    let mut name = format!(" {} ", import.name());
    match scene.app.firm_of(import) {
        "" => {}
        firm => name.push_str(&format!("{} {firm} ", theme.glyphs.dot)),
    }
    let state = format!("{} ", verdict_label::label(view.watched, theme));
    let used = 1 + format::width(&name) + format::width(&state);
    Line::from(vec![
        Span::styled(rule, theme.line),
        Span::styled(name, theme.heading),
        Span::styled(state, theme.verdict(view.watched.verdict)),
        Span::styled(rule.repeat(width.saturating_sub(used)), theme.line),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_of_different_numbers_differ_where_there_is_room() {
        for (count, most, width, length) in [
            (11, 11, 10, 10),
            (10, 11, 10, 9),
            (1, 7, 10, 1),
            (1, 900, 10, 1),
            (899, 900, 3, 2),
            (0, 0, 9, 0),
        ] {
            assert_eq!(bar_length(count, most, width), length, "{count} of {most} in {width}");
        }
    }
}
