//! The columns of the imports table: their cells and widths, and which go first when space is short.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::text::{Line, Span};

use super::format::{self, Align};
use super::theme::Theme;
use super::{Scene, gauge, verdict_label};
use crate::app::columns::Column;
use crate::app::preferences::TimeFormat;
use crate::domain::Now;
use crate::domain::redact::Redaction;
use crate::domain::snapshot::Watched;
use crate::domain::tally::Verdict;
use crate::domain::text::SafeText;

#[derive(Debug)]
pub(super) struct ColumnLayout {
    pub title: &'static str,
    pub align: Align,
    /// The smallest usable width, in cells: used only if otherwise not even three columns would fit.
    least: u16,
    /// The width from which it reads well.
    min: u16,
    /// The largest width of any use.
    max: u16,
    /// 1 is kept longest.
    priority: u8,
}

const fn column_of(title: &'static str, align: Align, min: u16, max: u16, priority: u8) -> ColumnLayout {
    ColumnLayout { title, align, least: min, min, max, priority }
}

impl ColumnLayout {
    const fn at_least(mut self, least: u16) -> Self {
        self.least = least;
        self
    }
}

pub(super) const fn layout(column: Column, times: TimeFormat) -> ColumnLayout {
    let (short, long) = match times {
        TimeFormat::Relative => (8, 9),
        TimeFormat::Absolute => (9, 11),
    };
    match column {
        Column::Type => column_of("TYPE", Align::Left, 14, 22, 1).at_least(12),
        Column::Mode => column_of("MODE", Align::Left, 8, 9, 7),
        Column::State => column_of("STATE", Align::Left, 12, 16, 2),
        Column::Status => column_of("STATUS", Align::Left, 10, 16, 15),
        Column::Progress => column_of("PROGRESS", Align::Left, 15, 34, 3).at_least(10),
        Column::Done => column_of("DONE", Align::Right, 13, 17, 5),
        Column::Total => column_of("TOTAL", Align::Right, 7, 9, 12),
        Column::Succeeded => column_of("OK", Align::Right, 7, 9, 13),
        Column::Failed => column_of("FAILED", Align::Right, 7, 7, 4),
        Column::Pending => column_of("LEFT", Align::Right, 7, 9, 14),
        Column::Rate => column_of("RATE", Align::Right, 7, 7, 8),
        Column::Eta => column_of("ETA", Align::Right, 7, 9, 6),
        Column::Started => column_of("STARTED", Align::Right, short, long, 9),
        Column::Updated => column_of("UPDATED", Align::Right, short, long, 11),
        Column::By => column_of("BY", Align::Left, 12, 20, 10),
        Column::Uuid => column_of("UUID", Align::Left, 13, 36, 16),
    }
}

/// The width of the percentage after a gauge, with the space before it.
const PERCENT: usize = 5;

/// The columns that fit into `width` cells, each with its own width; one cell is left between two.
pub(super) fn fitting(columns: &[Column], times: TimeFormat, width: u16) -> Vec<(Column, u16)> {
    let well = kept(columns, times, width, |layout| layout.min);
    let kept = if well.len() >= columns.len().min(3) {
        well
    } else {
        kept(columns, times, width, |layout| layout.least)
    };
    grown(columns, times, kept, width)
}

/// The most important columns that fit at these widths, the most important first.
fn kept(
    columns: &[Column],
    times: TimeFormat,
    width: u16,
    wanted: fn(&ColumnLayout) -> u16,
) -> Vec<(Column, u16)> {
    let mut by_priority: Vec<Column> = columns.to_vec();
    by_priority.sort_by_key(|column| layout(*column, times).priority);
    let mut left = width;
    let mut kept = Vec::new();
    for column in by_priority {
        let wide = wanted(&layout(column, times));
        let needed = wide + u16::from(!kept.is_empty());
        if needed > left {
            break;
        }
        left -= needed;
        kept.push((column, wide));
    }
    kept
}

/// The columns in display order, widened by the space left over.
fn grown(
    columns: &[Column],
    times: TimeFormat,
    mut kept: Vec<(Column, u16)>,
    width: u16,
) -> Vec<(Column, u16)> {
    let gaps = u16::try_from(kept.len().saturating_sub(1)).unwrap_or(0);
    let taken = kept.iter().map(|(_, width)| width).sum::<u16>() + gaps;
    let mut left = width.saturating_sub(taken);
    // The most important columns grow first.
    for (column, width) in &mut kept {
        let more = layout(*column, times).max.saturating_sub(*width).min(left);
        *width += more;
        left -= more;
    }
    kept.sort_by_key(|(column, _)| columns.iter().position(|other| other == column));
    kept
}

/// What a cell depends on besides the import.
#[derive(Debug, Clone, Copy)]
pub(super) struct CellContext<'a> {
    pub theme: &'a Theme,
    pub now: Now,
    pub times: TimeFormat,
    pub zone: &'a TimeZone,
    pub redaction: Redaction,
}

impl<'a> From<Scene<'a>> for CellContext<'a> {
    fn from(Scene { app, theme }: Scene<'a>) -> Self {
        Self {
            theme,
            now: app.now,
            times: app.preferences.times,
            zone: &app.zone,
            redaction: app.redaction(),
        }
    }
}

/// One cell, exactly `width` wide.
pub(super) fn cell<'a>(
    column: Column,
    watched: &'a Watched,
    width: u16,
    context: CellContext<'_>,
) -> Line<'a> {
    let theme = context.theme;
    let width = usize::from(width);
    let (import, tally) = (&watched.import, &watched.tally);
    let unfinished = watched.verdict.is_unfinished();
    let body = if unfinished || tally.failed() > 0 { theme.text } else { theme.dim };
    let none = theme.glyphs.none;
    let fitted =
        |text: &str| format::fit(text, width, layout(column, context.times).align, theme.glyphs.ellipsis);
    let number = |number: u64| Line::styled(fitted(&format::count_short(number)), body);
    match column {
        Column::Type => Line::styled(fitted(&import.kind.label()), theme.text),
        Column::Mode => Line::styled(fitted(import.mode.label()), body),
        Column::State => {
            Line::styled(fitted(&verdict_label::label(watched, theme)), theme.verdict(watched.verdict))
        }
        Column::Progress => progress(watched, width, theme),
        Column::Done if tally.known_succeeded().is_none() => {
            Line::styled(fitted(&format!("{none}/{}", format::count_short(tally.total()))), body)
        }
        Column::Done => {
            let (settled, total) = (tally.settled(), tally.total());
            let whole = format!("{}/{}", format::count(settled), format::count(total));
            let text = if format::width(&whole) > width {
                format!("{}/{}", format::count_short(settled), format::count_short(total))
            } else {
                whole
            };
            Line::styled(fitted(&text), body)
        }
        Column::Failed if tally.failed() == 0 => Line::styled(fitted("0"), theme.dim),
        Column::Failed => Line::styled(fitted(&format::count_short(tally.failed())), theme.bad),
        Column::Rate => {
            let rate = watched.pace.rate().filter(|_| watched.verdict == Verdict::Running);
            let style = if rate.is_some() { theme.text } else { theme.dim };
            Line::styled(fitted(&rate.map_or_else(|| none.to_owned(), format::rate)), style)
        }
        Column::Eta => {
            let eta = watched.pace.eta(tally.pending()).filter(|_| watched.verdict == Verdict::Running);
            let style = if eta.is_some() { theme.text } else { theme.dim };
            Line::styled(
                fitted(&eta.map_or_else(|| none.to_owned(), |eta| format::eta(eta, theme.glyphs.dash))),
                style,
            )
        }
        Column::Started => Line::styled(fitted(&time(import.created_at, context)), theme.dim),
        Column::Updated => Line::styled(fitted(&time(import.updated_at, context)), theme.dim),
        Column::By => {
            let name = import.started_by.as_ref().map(|person| context.redaction.value(&person.name));
            Line::styled(fitted(name.as_ref().map_or(none, SafeText::as_str)), theme.dim)
        }
        Column::Status => Line::styled(fitted(import.status.as_str()), body),
        Column::Total => number(tally.total()),
        Column::Succeeded => number(tally.succeeded()),
        Column::Pending => number(tally.pending()),
        Column::Uuid => {
            let uuid = format::truncate_middle(import.id.as_str(), width, theme.glyphs.ellipsis);
            Line::styled(fitted(&uuid), theme.dim)
        }
    }
}

/// A time in the user's format.
fn time(at: Option<Timestamp>, context: CellContext<'_>) -> String {
    match (at, context.times) {
        (None, _) => context.theme.glyphs.none.to_owned(),
        (Some(time), TimeFormat::Relative) => format::ago(context.now.age_of(time)),
        (Some(time), TimeFormat::Absolute) => format::clock(time, context.zone, context.now.wall),
    }
}

fn progress(watched: &Watched, width: usize, theme: &Theme) -> Line<'static> {
    let mut spans = gauge::spans(&watched.tally, watched.verdict, width.saturating_sub(PERCENT), theme);
    let percent = match watched.tally.known_succeeded() {
        Some(_) => format!("{}%", watched.tally.percent()),
        None => theme.glyphs.none.to_owned(),
    };
    let style = if watched.verdict.is_unfinished() { theme.text } else { theme.dim };
    spans.push(Span::styled(
        format::fit(&percent, PERCENT.min(width), Align::Right, theme.glyphs.ellipsis),
        style,
    ));
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(width: u16) -> Vec<&'static str> {
        let fitted = fitting(&Column::DEFAULT, TimeFormat::Relative, width);
        fitted.iter().map(|(column, _)| layout(*column, TimeFormat::Relative).title).collect()
    }

    #[test]
    fn columns_go_by_priority_as_the_terminal_narrows() {
        assert_eq!(titles(11), [""; 0]);
        assert_eq!(titles(30), ["TYPE", "STATE"]);
        assert_eq!(titles(36), ["TYPE", "STATE", "PROGRESS"]);
        assert_eq!(titles(76), ["TYPE", "STATE", "PROGRESS", "DONE", "FAILED", "ETA"]);
        assert_eq!(titles(200).len(), Column::DEFAULT.len());
    }

    #[test]
    fn chosen_columns_keep_their_order_and_never_take_more_than_there_is() {
        let chosen = [Column::Uuid, Column::Started, Column::Failed, Column::Type];
        let kept = |width| {
            let fitted = fitting(&chosen, TimeFormat::Absolute, width);
            fitted.into_iter().map(|(column, _)| column).collect::<Vec<_>>()
        };
        assert_eq!(kept(200), chosen);
        assert_eq!(kept(34), chosen[1..]);
        for columns in [&Column::ALL[..], &Column::DEFAULT, &chosen, &chosen[..1]] {
            for width in 0..300 {
                let fitted = fitting(columns, TimeFormat::Relative, width);
                let taken: usize = fitted.iter().map(|(_, w)| usize::from(*w)).sum();
                assert!(taken + fitted.len().saturating_sub(1) <= usize::from(width), "{width}");
            }
        }
    }
}
