//! The columns of the imports table: what each holds, how wide it is, and which go first when space is short.

use ratatui::text::{Line, Span};

use super::format::{self, Align};
use super::{Scene, gauge, state};
use crate::domain::snapshot::Watched;
use crate::domain::tally::Verdict;
use crate::query::SortKey;

/// One column.
#[derive(Debug)]
pub(super) struct Column {
    /// What it holds, and what a click on its heading sorts by.
    pub key: SortKey,
    /// Its heading.
    pub title: &'static str,
    /// Which side its cells are flush with.
    pub align: Align,
    /// The least width at which it makes sense at all, in cells: only where not even three columns fit otherwise.
    least: u16,
    /// The width from which it reads well.
    min: u16,
    /// The width beyond which it gains nothing.
    max: u16,
    /// 1 is kept longest.
    priority: u8,
}

const fn column(key: SortKey, title: &'static str, align: Align, min: u16, max: u16, priority: u8) -> Column {
    Column { key, title, align, least: min, min, max, priority }
}

impl Column {
    const fn at_least(mut self, least: u16) -> Self {
        self.least = least;
        self
    }
}

/// From left to right.
const COLUMNS: &[Column] = &[
    column(SortKey::Type, "TYPE", Align::Left, 14, 22, 1).at_least(12),
    column(SortKey::Mode, "MODE", Align::Left, 8, 9, 7),
    column(SortKey::State, "STATE", Align::Left, 12, 16, 2),
    column(SortKey::Progress, "PROGRESS", Align::Left, 15, 34, 3).at_least(10),
    column(SortKey::Done, "DONE", Align::Right, 13, 17, 5),
    column(SortKey::Failed, "FAILED", Align::Right, 7, 7, 4),
    column(SortKey::Rate, "RATE", Align::Right, 7, 7, 8),
    column(SortKey::Eta, "ETA", Align::Right, 7, 9, 6),
    column(SortKey::Created, "STARTED", Align::Right, 8, 9, 9),
    column(SortKey::By, "BY", Align::Left, 12, 20, 10),
];

/// Cells of the percentage behind a gauge, with the space before it.
const PERCENT: usize = 5;

/// The columns that fit into so many cells, each with its width; one cell is left between two.
pub(super) fn fitting(width: u16) -> Vec<(&'static Column, u16)> {
    let well = kept(width, |column| column.min);
    if well.len() >= 3 { grown(well, width) } else { grown(kept(width, |column| column.least), width) }
}

/// The most important columns that fit with these widths.
fn kept(width: u16, wanted: fn(&Column) -> u16) -> Vec<(SortKey, u16)> {
    let mut by_priority: Vec<&Column> = COLUMNS.iter().collect();
    by_priority.sort_by_key(|column| column.priority);
    let mut left = width;
    let mut kept = Vec::new();
    for column in by_priority {
        let needed = wanted(column) + u16::from(!kept.is_empty());
        if needed > left {
            break;
        }
        left -= needed;
        kept.push((column.key, wanted(column)));
    }
    kept
}

/// The columns in their order, with what is left over.
fn grown(mut kept: Vec<(SortKey, u16)>, width: u16) -> Vec<(&'static Column, u16)> {
    let gaps = u16::try_from(kept.len().saturating_sub(1)).unwrap_or(0);
    let taken = kept.iter().map(|(_, width)| width).sum::<u16>() + gaps;
    let mut left = width.saturating_sub(taken);
    // What is left over goes to the most important columns first.
    for (key, width) in &mut kept {
        let max = COLUMNS.iter().find(|column| column.key == *key).map_or(*width, |column| column.max);
        let more = (max - *width).min(left);
        *width += more;
        left -= more;
    }
    COLUMNS
        .iter()
        .filter_map(|column| {
            kept.iter().find(|(key, _)| *key == column.key).map(|(_, width)| (column, *width))
        })
        .collect()
}

/// One cell, exactly `width` wide.
pub(super) fn cell<'a>(column: &Column, watched: &'a Watched, width: u16, scene: Scene<'_>) -> Line<'a> {
    let theme = scene.theme;
    let width = usize::from(width);
    let (import, tally) = (&watched.import, &watched.tally);
    let unfinished = watched.verdict.is_unfinished();
    let body = if unfinished || tally.failed() > 0 { theme.text } else { theme.dim };
    let none = theme.glyphs.none;
    let fitted = |text: &str| format::fit(text, width, column.align, theme.glyphs.ellipsis);
    match column.key {
        SortKey::Type => Line::styled(fitted(&import.kind.label()), theme.text),
        SortKey::Mode => Line::styled(fitted(import.mode.label()), body),
        SortKey::State => Line::styled(fitted(&state::label(watched, theme)), theme.verdict(watched.verdict)),
        SortKey::Progress => progress(watched, width, scene),
        SortKey::Done => {
            let (settled, total) = (tally.settled(), tally.total());
            let whole = format!("{}/{}", format::count(settled), format::count(total));
            let text = if format::width(&whole) > width {
                format!("{}/{}", format::count_short(settled), format::count_short(total))
            } else {
                whole
            };
            Line::styled(fitted(&text), body)
        }
        SortKey::Failed if tally.failed() == 0 => Line::styled(fitted("0"), theme.dim),
        SortKey::Failed => Line::styled(fitted(&format::count_short(tally.failed())), theme.bad),
        SortKey::Rate => {
            let rate = watched.pace.rate().filter(|_| watched.verdict == Verdict::Running);
            let style = if rate.is_some() { theme.text } else { theme.dim };
            Line::styled(fitted(&rate.map_or_else(|| none.to_owned(), format::rate)), style)
        }
        SortKey::Eta => {
            let eta = watched.pace.eta(tally.pending()).filter(|_| watched.verdict == Verdict::Running);
            let style = if eta.is_some() { theme.text } else { theme.dim };
            Line::styled(
                fitted(&eta.map_or_else(|| none.to_owned(), |eta| format::eta(eta, theme.glyphs.dash))),
                style,
            )
        }
        SortKey::Created => {
            let text =
                import.created_at.map_or_else(|| none.to_owned(), |at| format::ago(scene.app.now.age_of(at)));
            Line::styled(fitted(&text), theme.dim)
        }
        SortKey::By => {
            let name = import.started_by.as_ref().map_or(none, |person| person.name.as_str());
            Line::styled(fitted(name), theme.dim)
        }
    }
}

fn progress(watched: &Watched, width: usize, scene: Scene<'_>) -> Line<'static> {
    let theme = scene.theme;
    let mut spans = gauge::spans(&watched.tally, watched.verdict, width.saturating_sub(PERCENT), theme);
    let percent = format!("{}%", watched.tally.percent());
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
        fitting(width).iter().map(|(column, _)| column.title).collect()
    }

    #[test]
    fn columns_go_by_priority_as_the_terminal_narrows() {
        assert_eq!(titles(11), [""; 0]);
        assert_eq!(titles(30), ["TYPE", "STATE"]);
        assert_eq!(titles(36), ["TYPE", "STATE", "PROGRESS"]);
        assert_eq!(titles(76), ["TYPE", "STATE", "PROGRESS", "DONE", "FAILED", "ETA"]);
        assert_eq!(titles(200).len(), COLUMNS.len());
    }

    #[test]
    fn they_never_take_more_than_there_is() {
        for width in 0..300 {
            let taken: usize = fitting(width).iter().map(|(_, w)| usize::from(*w)).sum();
            let gaps = fitting(width).len().saturating_sub(1);
            assert!(taken + gaps <= usize::from(width), "{width}");
        }
    }
}
