//! The failed rows of a reason, or all of them, as a table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::format::{self, Align};
use super::scroll::{self, Extent};
use super::view_state::follow;
use super::write::Write as _;
use super::{Scene, ViewState, row};
use crate::app::event::{Pane, Target};
use crate::app::failures::{FailuresScreen, Side};
use crate::domain::redact::Redaction;
use crate::domain::text::SafeText;
use crate::report::FailedRows;
use crate::report::filter::Change;
use crate::report::fix::RowState;
use crate::report::reasons::short;

/// The widest cell while there are other columns to show.
const CELL: usize = 24;
/// How many characters of a value are looked at: some take no cell.
const LOOKED_AT: usize = 16 * CELL;

struct TableColumn {
    kind: ColumnKind,
    width: usize,
}

/// What a column shows. Not identified by its title, which may be the client's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ColumnKind {
    Number,
    /// Its line in the client's own file.
    Line,
    /// What became of it since the other run.
    Change,
    /// How much of it is fixed.
    Fix,
    Why,
    /// One of the client's columns: its position, and whether the chosen reason is about it.
    Cell {
        at: usize,
        failing: bool,
    },
}

pub(super) fn render(
    area: Rect,
    buf: &mut Buffer,
    of: &FailedRows,
    failures: &FailuresScreen,
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let (theme, redaction, listing) = (scene.theme, scene.app.redaction(), failures.listing());
    let focused = failures.side() == Side::Rows;
    let lines = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if focused {
        view_state.set_viewport(lines.height, listing.rows.len());
    }
    follow(&mut view_state.rows, listing.row, usize::from(lines.height), listing.rows.len());
    let window = listing.rows.iter().copied().enumerate().skip(view_state.rows);
    let shown: Vec<(usize, usize)> = window.take(usize::from(lines.height)).collect();
    let columns = columns(&shown, of, failures, usize::from(area.width.saturating_sub(4)), scene);
    let mut x = area.x + 3;
    for column in &columns {
        let (title, failing) = match column.kind {
            ColumnKind::Number => ("#".to_owned(), false),
            ColumnKind::Line => ("LINE".to_owned(), false),
            ColumnKind::Change => ("CHANGE".to_owned(), false),
            ColumnKind::Fix => ("FIX".to_owned(), false),
            ColumnKind::Why => ("WHY".to_owned(), false),
            ColumnKind::Cell { at, failing } => (of.title(at, redaction).to_string(), failing),
        };
        let at = match column.kind {
            ColumnKind::Cell { at, .. } => Some(at),
            _ => None,
        };
        let style = if failing || focused { theme.heading } else { theme.dim };
        let order = failures.order().filter(|order| Some(order.column) == at);
        let [up, down] = theme.glyphs.order;
        let sign = order.map_or("", |order| if order.descending { down } else { up });
        let text = format::fit(&format!("{sign}{title}"), column.width, Align::Left, theme.glyphs.ellipsis);
        buf.write_within(x, area.y, text, column.width, style);
        let width = u16::try_from(column.width).unwrap_or(0);
        if let Some(at) = at {
            view_state.clickable(Rect { x, width, height: 1, ..area }, Target::RowColumn(at));
        }
        x += width + 2;
    }
    let compared = scene.app.comparison();
    let by_row = listing.group.is_none();
    for (y, (at, row)) in (lines.y..lines.bottom()).zip(shown) {
        let line = Rect { y, height: 1, ..lines };
        let mut x = line.x + 3;
        for column in &columns {
            let (text, style) = match column.kind {
                ColumnKind::Number if of.table().is_broken(row) => (format!("{}!", row + 1), theme.warning),
                ColumnKind::Number => ((row + 1).to_string(), theme.dim),
                ColumnKind::Line => (row::line_number(of.place(row)), theme.dim),
                ColumnKind::Change => match compared.and_then(|compared| compared.change(row)) {
                    Some(change @ Change::New) => (change.label().to_owned(), theme.warning),
                    Some(change @ Change::Still) => (change.label().to_owned(), theme.dim),
                    Some(change @ Change::Gone) => (change.label().to_owned(), theme.good),
                    None => ("?".to_owned(), theme.dim),
                },
                ColumnKind::Fix => match failures.states.as_ref().and_then(|states| states.get(row)) {
                    Some(RowState::Fixed) => ("fixed".to_owned(), theme.good),
                    Some(RowState::Partly) => ("partly".to_owned(), theme.warning),
                    Some(RowState::Unfixed) | None => (String::new(), theme.dim),
                },
                ColumnKind::Why => (why(of, row, column.width, scene), theme.bad),
                ColumnKind::Cell { at, failing } => {
                    // In the list of all rows each row marks its own rejected cells.
                    let own = of.own().get(at).copied();
                    let rejected = || own.is_some_and(|_| of.problems_of(row, own).next().is_some());
                    let failing = failing || (by_row && rejected());
                    let value = own.map(|column| beginning(of, row, column, redaction));
                    let text = value.map_or_else(String::new, |value| value.to_string());
                    let blank = failing && text.trim().is_empty();
                    let text = if blank { "(empty)".to_owned() } else { text };
                    (text, if failing { theme.bad } else { theme.text })
                }
            };
            let text = format::fit(&text, column.width, Align::Left, theme.glyphs.ellipsis);
            buf.write_within(x, y, text, line.right().saturating_sub(x), style);
            x += u16::try_from(column.width + 2).unwrap_or(0);
        }
        cursor(line, buf, at == listing.row, focused, scene);
        view_state.clickable(line, Target::Row(at));
    }
    let shown = Extent { first: view_state.rows, length: listing.rows.len() };
    scroll::bar(lines, shown, Pane::Rows, buf, scene, view_state);
}

/// Marks the chosen line, more strongly if it has the focus.
pub(super) fn cursor(line: Rect, buf: &mut Buffer, chosen: bool, focused: bool, scene: Scene<'_>) {
    if !chosen {
        return;
    }
    let theme = scene.theme;
    if focused {
        theme.select(line, buf);
    }
    buf.write(line.x + 1, line.y, theme.glyphs.cursor, theme.cursor(focused));
}

/// The messages of a row in one line, as far as they fit.
fn why(of: &FailedRows, row: usize, width: usize, scene: Scene<'_>) -> String {
    let mut why = String::new();
    for problem in of.problems(row) {
        if !why.is_empty() {
            why.push_str(", ");
        }
        if format::width(&why) > width {
            break;
        }
        let message = of.text(problem.message, scene.app.redaction());
        let field = of.text(problem.field.as_str(), scene.app.redaction());
        why.push_str(&format!("{field} {}", short(field.as_str(), message.as_str())));
    }
    why
}

/// As much of a value as a cell can show.
fn beginning(of: &FailedRows, row: usize, column: usize, redaction: Redaction) -> SafeText {
    redaction.value(of.cell_begins(row, column, LOOKED_AT))
}

/// The row's number, the reasons or the rejected value, then the client's columns as far as they fit.
fn columns(
    shown: &[(usize, usize)],
    of: &FailedRows,
    failures: &FailuresScreen,
    width: usize,
    scene: Scene<'_>,
) -> Vec<TableColumn> {
    let listing = failures.listing();
    let group = listing.chosen_group();
    let failing = group.and_then(|group| {
        let field = || of.fields().get(group.of_field);
        let reason = group.reason.or_else(|| field()?.reasons.first().copied())?;
        let column = of.reasons().get(reason)?.column?;
        of.own().binary_search(&column).ok()
    });
    let numbers =
        shown.iter().map(|(_, row)| (row + 1).to_string().len() + usize::from(of.table().is_broken(*row)));
    let number = numbers.max().unwrap_or(0).max(3);
    let mut left = width.saturating_sub(number);
    let mut columns = vec![TableColumn { kind: ColumnKind::Number, width: number }];
    let mut fixed = |kind, width: usize, left: &mut usize| {
        columns.push(TableColumn { kind, width });
        *left = left.saturating_sub(width + 2);
    };
    if of.place(0).is_some() {
        fixed(ColumnKind::Line, 7, &mut left);
    }
    if scene.app.comparison().is_some() && !listing.from_other_run {
        fixed(ColumnKind::Change, Change::Still.label().len(), &mut left);
    }
    if failures.states.as_ref().is_some_and(|states| !states.is_empty()) && !listing.from_other_run {
        fixed(ColumnKind::Fix, 6, &mut left);
    }
    if group.is_none() {
        let share = (left * 2 / 5).max(12).min(left);
        fixed(ColumnKind::Why, share, &mut left);
    }
    let order = failures.column_order();
    let others = order.into_iter().skip(failures.shift()).filter(|at| Some(*at) != failing);
    // What each would take, were there no limit.
    let mut whole = Vec::new();
    for at in failing.into_iter().chain(others) {
        let Some(column) = of.own().get(at).copied() else { continue };
        let failing = Some(at) == failing;
        let value = |row: usize| format::width(beginning(of, row, column, scene.app.redaction()).as_str());
        let widest = shown.iter().map(|(_, row)| value(*row)).max().unwrap_or(0);
        let least = if failing { 7 } else { 3 };
        let sign = usize::from(failures.order().is_some_and(|order| order.column == at));
        let title = format::width(of.title(at, scene.app.redaction()).as_str()) + sign;
        let wanted = widest.max(title).clamp(least, CELL);
        if left < wanted.min(8) + 2 {
            break;
        }
        let width = wanted.min(left - 2);
        columns.push(TableColumn { kind: ColumnKind::Cell { at, failing }, width });
        whole.push(widest.max(title));
        left -= width + 2;
    }
    // Cells that were cut take what the others leave.
    let first = columns.len() - whole.len();
    for (column, whole) in columns.iter_mut().skip(first).zip(whole) {
        let more = whole.saturating_sub(column.width).min(left);
        column.width += more;
        left -= more;
    }
    columns
}
