//! The columns of the imports table: their cells and widths, and which go first when space is short.

use std::time::Duration;

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
use crate::domain::snapshot::{AccountState, LinkState, Watched};
use crate::domain::tally::{Tally, Verdict};
use crate::domain::text::SafeText;

/// How the columns grow with the width of the table: a column appears when its first width fits, and no step is given anything
/// before all steps above it have what they want. So a wider table never shows fewer columns, nor narrower ones.
const STEPS: &[(Column, u16)] = &[
    (Column::Import, 14),
    (Column::Type, 12),
    (Column::Firm, 10),
    (Column::State, 12),
    (Column::Progress, PERCENT),
    (Column::Failed, 9),
    (Column::When, STARTED),
    (Column::Eta, 9),
    (Column::Import, 18),
    (Column::Type, 14),
    (Column::Progress, 15),
    (Column::Firm, 14),
    (Column::Done, 6),
    (Column::Mode, 8),
    (Column::Done, TRIED_OF_ALL),
    (Column::Rate, 7),
    (Column::When, ETA_AND_STARTED),
    (Column::Started, STARTED),
    (Column::By, 12),
    (Column::Updated, STARTED),
    (Column::Total, 7),
    (Column::Succeeded, 7),
    (Column::Pending, 7),
    (Column::Status, 10),
    (Column::Uuid, 8),
    (Column::Firm, 24),
    (Column::Import, 26),
    (Column::Type, 22),
    (Column::By, 20),
    (Column::Progress, 22),
    (Column::State, 16),
    (Column::Firm, 36),
    (Column::Status, 16),
    (Column::Uuid, 36),
];

/// The width of a percentage, with the space before it.
const PERCENT: u16 = 5;
/// The cells of a type that stay beside its mode.
const LEAST_OF_TYPE: usize = 6;
/// From this width of its column the rows are told as tried of all, below it all of them.
const TRIED_OF_ALL: u16 = 13;
/// What is older of a firm is said to be.
const FRESH: Duration = Duration::from_secs(30);
/// Room for `just now` and for `3 Nov 2025`.
const STARTED: u16 = 10;
/// At this width the column that `ETA` and `STARTED` share is parted.
const ETA_AND_STARTED: u16 = 9 + 1 + STARTED;

/// The columns that fit into `width` cells, each with its own width; one cell is left between two.
///
/// Where there is no room for both, `ETA` and `STARTED` share a column, which says whichever tells more.
pub(super) fn fitting(columns: &[Column], width: u16) -> Vec<(Column, u16)> {
    let both = columns.contains(&Column::Eta) && columns.contains(&Column::Started);
    let is_wanted = |column: Column, wanted: u16| match column {
        Column::Eta | Column::Started if both => false,
        Column::When => both || (columns.contains(&column) && wanted < ETA_AND_STARTED),
        _ => columns.contains(&column),
    };
    let mut fitted: Vec<(Column, u16)> = Vec::new();
    let mut left = width;
    for &(column, wanted) in STEPS.iter().filter(|(column, wanted)| is_wanted(*column, *wanted)) {
        if let Some((_, has)) = fitted.iter_mut().find(|(other, _)| *other == column) {
            let more = wanted.saturating_sub(*has).min(left);
            *has += more;
            left -= more;
        } else {
            let needed = wanted + u16::from(!fitted.is_empty());
            let Some(rest) = left.checked_sub(needed) else { break };
            left = rest;
            fitted.push((column, wanted));
        }
    }
    let parted = |(column, width)| match column {
        Column::When if width >= ETA_AND_STARTED => {
            [Some((Column::Eta, width - STARTED - 1)), Some((Column::Started, STARTED))]
        }
        _ => [Some((column, width)), None],
    };
    let mut fitted: Vec<_> = fitted.into_iter().flat_map(parted).flatten().collect();
    fitted.sort_by_key(|(column, _)| {
        let place = if both && *column == Column::When { Column::Started } else { *column };
        columns.iter().position(|other| *other == place)
    });
    fitted
}

/// The width at which every column has all the room that it can use.
pub(super) fn full_width(columns: &[Column]) -> u16 {
    let fitted = fitting(columns, u16::MAX);
    let gaps = u16::try_from(fitted.len().saturating_sub(1)).unwrap_or(u16::MAX);
    fitted.iter().map(|(_, width)| width).sum::<u16>().saturating_add(gaps)
}

/// The heading of a column of this width.
pub(super) fn title(column: Column, width: u16) -> &'static str {
    match column {
        Column::Import => "IMPORT",
        Column::Firm => "FIRM",
        Column::Type => "TYPE",
        Column::Mode => "MODE",
        Column::State => "STATE",
        Column::Status => "STATUS",
        Column::Progress if width <= PERCENT => "%",
        Column::Progress => "PROGRESS",
        Column::Done if width < TRIED_OF_ALL => "ROWS",
        Column::Done => "DONE",
        Column::Total => "TOTAL",
        Column::Succeeded => "OK",
        Column::Failed => "FAILED",
        Column::Pending => "LEFT",
        Column::Rate => "RATE",
        Column::Eta => "ETA",
        Column::When => "WHEN",
        Column::Started => "STARTED",
        Column::Updated => "UPDATED",
        Column::By => "BY",
        Column::Uuid => "UUID",
    }
}

pub(super) fn align(column: Column) -> Align {
    match column {
        Column::Import
        | Column::Firm
        | Column::Type
        | Column::Mode
        | Column::State
        | Column::Status
        | Column::By
        | Column::Uuid => Align::Left,
        Column::Progress
        | Column::Done
        | Column::Total
        | Column::Succeeded
        | Column::Failed
        | Column::Pending
        | Column::Rate
        | Column::Eta
        | Column::When
        | Column::Started
        | Column::Updated => Align::Right,
    }
}

/// What a cell depends on besides the import.
#[derive(Debug, Clone, Copy)]
pub(super) struct CellContext<'a> {
    pub theme: &'a Theme,
    pub now: Now,
    pub times: TimeFormat,
    pub zone: &'a TimeZone,
    pub redaction: Redaction,
    /// The accounts whose imports are listed, where there are several.
    pub accounts: &'a [AccountState],
}

impl<'a> From<Scene<'a>> for CellContext<'a> {
    fn from(Scene { app, theme }: Scene<'a>) -> Self {
        Self {
            theme,
            now: app.now,
            times: app.preferences.times,
            zone: &app.zone,
            redaction: app.redaction(),
            accounts: &app.snapshot.accounts,
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
    let rows_tried = width >= TRIED_OF_ALL;
    let width = usize::from(width);
    let (import, tally) = (&watched.import, &watched.tally);
    let unfinished = watched.verdict.is_unfinished();
    let body = if unfinished || tally.failed() > 0 { theme.text } else { theme.dim };
    let none = theme.glyphs.none;
    let fitted = |text: &str| format::fit(text, width, align(column), theme.glyphs.ellipsis);
    let number = |number: Option<u64>| {
        Line::styled(fitted(&number.map_or_else(|| none.to_owned(), format::count_short)), body)
    };
    let current = || watched.verdict == Verdict::Running && !is_lost(state_of(watched, context));
    let eta = || watched.pace.eta(tally.pending()?).filter(|_| current());
    match column {
        Column::Import => import_name(watched, width, theme),
        Column::Firm => firm(watched, width, context),
        Column::Type => Line::styled(fitted(&import.kind.label()), theme.text),
        Column::Mode => Line::styled(fitted(import.mode.label()), body),
        Column::State => {
            Line::styled(fitted(&verdict_label::label(watched, theme)), theme.verdict(watched.verdict))
        }
        Column::Progress => progress(watched, width, theme),
        Column::Done if !rows_tried => number(Some(tally.total())),
        Column::Done => {
            let of_total = |count: fn(u64) -> String| {
                format!("{}/{}", tally.settled().map_or_else(|| none.to_owned(), count), count(tally.total()))
            };
            let whole = of_total(format::count);
            let text = if format::width(&whole) > width { of_total(format::count_short) } else { whole };
            Line::styled(fitted(&text), body)
        }
        Column::Failed if tally.failed() == 0 => Line::styled(fitted("0"), theme.dim),
        Column::Failed => {
            let share = tally.succeeded().map_or_else(|| none.to_owned(), |_| failed_share(tally));
            let text = format!("{} {share:>3}", format::count_short(tally.failed()));
            let style = if tally.is_failing() { theme.bad } else { theme.text };
            Line::styled(fitted(&text), style)
        }
        Column::Rate => {
            let rate = watched.pace.rate().filter(|_| current());
            let style = if rate.is_some() { theme.text } else { theme.dim };
            Line::styled(fitted(&rate.map_or_else(|| none.to_owned(), format::rate)), style)
        }
        Column::Eta => match eta() {
            Some(eta) => Line::styled(fitted(&format::eta(eta, theme.glyphs.dash)), theme.text),
            None => Line::styled(fitted(none), theme.dim),
        },
        Column::When => match eta() {
            Some(eta) => {
                Line::styled(fitted(&format!("in {}", format::eta(eta, theme.glyphs.dash))), theme.text)
            }
            None => Line::styled(fitted(&time(import.created_at, context)), theme.dim),
        },
        Column::Started => Line::styled(fitted(&time(import.created_at, context)), theme.dim),
        Column::Updated => Line::styled(fitted(&time(import.updated_at, context)), theme.dim),
        Column::By => {
            let name = import.started_by.as_ref().map(|person| context.redaction.value(&person.name));
            Line::styled(fitted(name.as_ref().map_or(none, SafeText::as_str)), theme.dim)
        }
        Column::Status => Line::styled(fitted(import.status.as_str()), body),
        Column::Total => number(Some(tally.total())),
        Column::Succeeded => number(tally.succeeded()),
        Column::Pending => number(tally.pending()),
        Column::Uuid if width < import.id.as_str().len() / 2 => {
            let start: String = import.id.as_str().chars().take(width).collect();
            Line::styled(fitted(&start), theme.dim)
        }
        Column::Uuid => {
            let uuid = format::truncate_middle(import.id.as_str(), width, theme.glyphs.ellipsis);
            Line::styled(fitted(&uuid), theme.dim)
        }
    }
}

/// Type and mode: the type is shortened first, as the mode tells a dry run from an import.
fn import_name<'a>(watched: &'a Watched, width: usize, theme: &Theme) -> Line<'a> {
    let mode = format!(" {} {}", theme.glyphs.dot, watched.import.mode.label());
    let room = width.saturating_sub(format::width(&mode)).max(LEAST_OF_TYPE).min(width);
    let kind = format::truncate(&watched.import.kind.label(), room, theme.glyphs.ellipsis).into_owned();
    let mode = format::fit(&mode, width - format::width(&kind), Align::Left, theme.glyphs.ellipsis);
    Line::from(vec![Span::styled(kind, theme.text), Span::styled(mode, theme.dim)])
}

/// The share of the tried rows that failed: `0%` and `100%` only where that is exact, else `<1%` and `99%`.
fn failed_share(tally: &Tally) -> String {
    let percent = tally.failed_of_tried() * 100.0;
    match percent {
        ..1.0 => "<1%".to_owned(),
        100.0.. => "100%".to_owned(),
        _ => format!("{}%", percent.floor()),
    }
}

/// Of several listed accounts, the state of the one that sees an import, and its place among them.
fn state_of<'a>(watched: &Watched, context: CellContext<'a>) -> Option<(usize, &'a AccountState)> {
    let listed = || context.accounts.iter().filter(|state| state.listed);
    listed().nth(1)?;
    listed().enumerate().find(|(_, state)| Some(&state.account.id) == watched.import.account_id())
}

fn is_lost(state: Option<(usize, &AccountState)>) -> bool {
    state.is_some_and(|(_, state)| !matches!(state.link, LinkState::Live | LinkState::Connecting))
}

/// The firm, and how old what is known of it is, where that is not new.
fn firm(watched: &Watched, width: usize, context: CellContext<'_>) -> Line<'static> {
    let theme = context.theme;
    let name = watched.import.seen_by.as_ref().map_or(theme.glyphs.none, |account| account.firm_or_id());
    let state = state_of(watched, context);
    let age = state.and_then(|(_, state)| state.last_answer).map(|at| context.now.since(at));
    let age = age.filter(|age| is_lost(state) || *age > FRESH).map(format::duration_short);
    let (text, style) = match (age, is_lost(state)) {
        (Some(age), true) => (format!("{} {age} {name}", theme.glyphs.lost), theme.warning),
        (None, true) => (format!("{} {name}", theme.glyphs.lost), theme.warning),
        (Some(age), false) => (format!("{age} {name}"), theme.dim),
        (None, false) => (name.to_owned(), state.map_or(theme.text, |(nth, _)| theme.firm(nth))),
    };
    Line::styled(format::fit(&text, width, Align::Left, theme.glyphs.ellipsis), style)
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
    let mut spans =
        gauge::spans(&watched.tally, watched.verdict, width.saturating_sub(PERCENT.into()), theme);
    let percent = format::progress(&watched.tally).unwrap_or_else(|| theme.glyphs.none.to_owned());
    let style = if watched.verdict.is_unfinished() { theme.text } else { theme.dim };
    spans.push(Span::styled(
        format::fit(&percent, usize::from(PERCENT).min(width), Align::Right, theme.glyphs.ellipsis),
        style,
    ));
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(width: u16) -> Vec<&'static str> {
        fitting(&Column::DEFAULT, width).iter().map(|(column, width)| title(*column, *width)).collect()
    }

    #[test]
    fn columns_come_one_by_one_as_the_table_widens() {
        let table: [(u16, &[&str]); 8] = [
            (13, &[]),
            (35, &["IMPORT", "STATE", "%"]),
            (45, &["IMPORT", "STATE", "%", "FAILED"]),
            (75, &["IMPORT", "STATE", "PROGRESS", "ROWS", "FAILED", "WHEN"]),
            (82, &["IMPORT", "STATE", "PROGRESS", "DONE", "FAILED", "WHEN"]),
            (90, &["IMPORT", "STATE", "PROGRESS", "DONE", "FAILED", "RATE", "WHEN"]),
            (100, &["IMPORT", "STATE", "PROGRESS", "DONE", "FAILED", "RATE", "ETA", "STARTED"]),
            (113, &["IMPORT", "STATE", "PROGRESS", "DONE", "FAILED", "RATE", "ETA", "STARTED", "BY"]),
        ];
        for (width, expected) in table {
            assert_eq!(titles(width), expected, "{width}");
        }
    }

    #[test]
    fn a_wider_table_never_has_fewer_columns_nor_narrower_ones() {
        let chosen = [Column::Uuid, Column::Started, Column::Failed, Column::Type, Column::When];
        for columns in [&Column::ALL[..], &Column::DEFAULT, &chosen, &chosen[..1]] {
            let mut before: Vec<(Column, u16)> = Vec::new();
            for width in 0..300 {
                let fitted = fitting(columns, width);
                let taken: u16 = fitted.iter().map(|(_, width)| width).sum();
                assert!(taken + (fitted.len() as u16).saturating_sub(1) <= width, "{width}");
                for (column, had) in before {
                    let has =
                        |column| fitted.iter().find(|(other, _)| *other == column).map(|(_, width)| *width);
                    let kept = match column {
                        Column::When => has(column).or(has(Column::Started)),
                        _ => has(column),
                    };
                    assert!(
                        kept.is_some_and(|has| has >= had.min(STARTED) || has >= had),
                        "{column:?} at {width}"
                    );
                }
                before = fitted;
            }
            let places = before.iter().map(|(column, _)| columns.iter().position(|other| other == column));
            assert!(places.is_sorted(), "{before:?}");
        }
    }
}
