//! The fixes of failed rows: the proposals, and what each makes of its cells.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::format::{self, Align};
use super::row_table::cursor;
use super::scroll::{self, Extent};
use super::view_state::follow;
use super::write::Write as _;
use super::{Scene, ViewState, row};
use crate::app::event::{Pane, Target};
use crate::app::fix::{FixSide, FixState};
use crate::domain::text::{SafeText, Untrusted, UntrustedRef};
use crate::report::FailedRows;
use crate::report::fix::{First, Proposal};

/// From this width the cells are beside the proposals, else below them.
const BESIDE: u16 = 110;
/// The least of the width that the proposals and the cells take side by side, in per cent.
const LEAST_SHARE: [u16; 2] = [40, 42];
/// The least of the height that the cells take below the proposals: a part of this.
const PART: u16 = 3;
/// The least of the height of the cells that the row of the chosen one takes: a part of this.
const PREVIEW: u16 = 3;
/// How many characters of a value are looked at: some take no cell.
const LOOKED_AT: usize = 400;

pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let (app, theme) = (scene.app, scene.theme);
    let Some(fix) = app.fix() else {
        buf.write(area.x + 2, area.y, "These rows no longer exist.", theme.dim);
        return;
    };
    if fix.fixes().is_none() {
        buf.write(area.x + 2, area.y, "Looking for what can be fixed…", theme.dim);
        return;
    }
    let (summary, least) = (fix.summary(), fix.short_summary());
    let note = app.view().map(|view| (app.completeness_of(&view), view.completeness().short()));
    let (whole, short) = note.unwrap_or_default();
    // A number that is cut off is another number.
    let fits =
        |text: &str, note: &str| format::width(text) + format::width(note) + 4 <= usize::from(area.width);
    let shorter = [(&summary, &whole), (&summary, &short), (&least, &short)];
    let fitting = shorter.into_iter().find(|(text, note)| fits(text, note));
    let (text, note) = fitting.map_or((&least, None), |(text, note)| (text, Some(note)));
    let note = note.map(|note| Span::styled(format!(" {} {note}", theme.glyphs.dot), theme.dim));
    let text = Span::styled(format!(" {text}"), theme.heading);
    let top = Line::from_iter([text].into_iter().chain(note));
    buf.write_line(area.x, area.y, &top, area.width);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if fix.proposals().is_empty() {
        let room = usize::from(body.width.saturating_sub(4));
        for (y, line) in (body.y..body.bottom()).zip(format::wrap(&nothing_proposed(&fix.of), room)) {
            buf.write(body.x + 2, y, line, theme.dim);
        }
        return;
    }
    let count = u16::try_from(fix.proposals().len()).unwrap_or(u16::MAX);
    let (proposals, cells) = if body.width >= BESIDE {
        let [least, cells] = LEAST_SHARE.map(|share| body.width * share / 100);
        let left = u16::try_from(widest(fix, scene)).unwrap_or(u16::MAX).clamp(least, body.width - cells);
        let x = body.x + left + 1;
        (Rect { width: left, ..body }, Rect { x, width: body.right() - x, ..body })
    } else {
        let cells = cells_height(fix, body.width, scene).clamp(body.height / PART, body.height / 2);
        let height = count.saturating_add(1).min(body.height - cells);
        let y = body.y + height;
        (Rect { height, ..body }, Rect { y, height: body.bottom() - y, ..body })
    };
    list(proposals, buf, fix, scene, view_state);
    changes(cells, buf, fix, proposals.width, scene, view_state);
}

/// Characters before what differs, where what is before them is cut off.
const LEAD: usize = 2;
/// Cells of a proposal's line besides its text.
const BESIDE_TEXT: usize = 13;

/// A proposal on its line.
fn line_text(fix: &FixState, at: usize, proposal: &Proposal, scene: Scene<'_>) -> String {
    let title = fix.of.column_title(proposal.column, scene.app.redaction());
    format!("{} {title}: {}", mark(fix, at, proposal, scene).0, how(fix, at, proposal, scene))
}

/// The width in which no proposal is cut.
fn widest(fix: &FixState, scene: Scene<'_>) -> usize {
    let text = |(at, proposal)| format::width(&line_text(fix, at, proposal, scene));
    fix.proposals().iter().enumerate().map(text).max().unwrap_or(0) + BESIDE_TEXT
}

/// The chosen proposal's sentence, where its line is too short for it.
fn sentence(fix: &FixState, (width, list_width): (u16, u16), scene: Scene<'_>) -> Vec<String> {
    let Some((at, proposal)) = fix.chosen() else { return Vec::new() };
    let room = usize::from(list_width).saturating_sub(BESIDE_TEXT);
    if format::width(&line_text(fix, at, proposal, scene)) <= room {
        return Vec::new();
    }
    format::wrap(&how(fix, at, proposal, scene), usize::from(width.saturating_sub(6)))
}

/// The height in which the chosen proposal's cells are shown with the row of one of them.
fn cells_height(fix: &FixState, width: u16, scene: Scene<'_>) -> u16 {
    let Some((_, proposal)) = fix.chosen() else { return 0 };
    let room = Rect { x: 0, y: 0, width, height: u16::MAX };
    let row = proposal.row(fix.chosen_cell());
    let row =
        row.map_or(0, |row| row::preview_lines(&fix.of, row, Rect { height: 30, ..room }, scene).len() + 1);
    let lines = sentence(fix, (width, width), scene).len() + 1 + proposal.count() + row;
    u16::try_from(lines).unwrap_or(u16::MAX)
}

/// Why there is neither a proposal nor a cell to edit.
fn nothing_proposed(of: &FailedRows) -> String {
    let why = if of.reasons().is_empty() {
        "Plannr gives no reasons for these rows."
    } else if of.is_mapped() {
        "The reasons are about no column of these rows."
    } else {
        "The reasons name fields of Plannr, and which columns those are is not known: the import's mapping could not be loaded."
    };
    format!("Nothing to propose. {why}")
}

/// The proposals, each with whether it is taken and how many cells it is about.
fn list(area: Rect, buf: &mut Buffer, fix: &FixState, scene: Scene<'_>, view_state: &mut ViewState) {
    let theme = scene.theme;
    let focused = fix.side == FixSide::Proposals;
    let style = if focused { theme.heading } else { theme.dim };
    buf.write_within(area.x + 3, area.y, "PROPOSAL", area.width, style);
    let x = area.right().saturating_sub(8);
    buf.write(x, area.y, " CELLS", style);
    let lines = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let (chosen, length) = (fix.chosen().map_or(0, |(at, _)| at), fix.proposals().len());
    if focused {
        view_state.set_viewport(lines.height, length);
    }
    view_state.pane(lines, Pane::Reasons);
    follow(&mut view_state.proposals, chosen, usize::from(lines.height), length);
    let shown = fix.proposals().iter().enumerate().skip(view_state.proposals);
    for (y, (at, proposal)) in (lines.y..lines.bottom()).zip(shown) {
        let line = Rect { y, height: 1, ..lines };
        let (_, style) = mark(fix, at, proposal, scene);
        let count = format::count(proposal.count() as u64);
        let room = usize::from(line.width).saturating_sub(BESIDE_TEXT);
        let text = line_text(fix, at, proposal, scene);
        buf.write(line.x + 3, y, format::fit(&text, room, Align::Left, theme.glyphs.ellipsis), style);
        buf.write(x, y, format!("{count:>6}"), theme.dim);
        cursor(line, buf, at == chosen, focused, scene);
        view_state.clickable(line, Target::Proposal(at));
    }
    scroll::bar(lines, Extent { first: view_state.proposals, length }, Pane::Reasons, buf, scene, view_state);
}

fn mark(
    fix: &FixState,
    at: usize,
    proposal: &Proposal,
    scene: Scene<'_>,
) -> (&'static str, ratatui::style::Style) {
    let theme = scene.theme;
    let fixes = fix.fixes();
    let taken = fixes.is_some_and(|fixes| fixes.is_taken(at));
    let decided = fixes.is_some_and(|fixes| fixes.decided(at).is_some());
    match proposal.decision {
        Some(_) if decided && taken => ("[x]", theme.text),
        Some(_) => ("[?]", theme.warning),
        None if !proposal.changes_cells() => (" - ", theme.dim),
        None if taken => ("[x]", theme.text),
        None => ("[ ]", theme.dim),
    }
}

/// How the cells are changed, what was decided, or why they are left.
fn how(fix: &FixState, at: usize, proposal: &Proposal, scene: Scene<'_>) -> String {
    match (&proposal.decision, fix.fixes().and_then(|fixes| fixes.decided(at))) {
        (Some(decision), None) => format!("day or month first? {}", decision.evidence()),
        (Some(_), Some(First::Day)) => "day first, as you decided".to_owned(),
        (Some(_), Some(First::Month)) => "month first, as you decided".to_owned(),
        (None, _) => proposal.how.replace('→', scene.theme.glyphs.arrow),
    }
}

/// The chosen proposal in full, its cells before and after, and the row of the chosen one.
fn changes(
    area: Rect,
    buf: &mut Buffer,
    fix: &FixState,
    list_width: u16,
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let theme = scene.theme;
    let Some((at, proposal)) = fix.chosen() else { return };
    let focused = fix.side == FixSide::Cells;
    let style = if focused { theme.heading } else { theme.dim };
    let title = fix.of.column_title(proposal.column, scene.app.redaction());
    let mut sentence = sentence(fix, (area.width, list_width), scene);
    sentence.truncate(usize::from(area.height / 4));
    for (y, line) in (area.y..area.bottom()).zip(&sentence) {
        buf.write(area.x + 3, y, line, mark(fix, at, proposal, scene).1);
    }
    let above = u16::try_from(sentence.len()).unwrap_or(0);
    let area = Rect { y: area.y + above, height: area.height.saturating_sub(above), ..area };
    let rows = format!("{:>6}  ", "ROW");
    let heading =
        format::truncate(title.as_str(), usize::from(area.width / 2), theme.glyphs.ellipsis).into_owned();
    buf.write(area.x + 3, area.y, format!("{rows}{heading}"), style);
    let (chosen, length) = (fix.chosen_cell(), proposal.count());
    let room = area.height.saturating_sub(1);
    let wanted = u16::try_from(length).unwrap_or(u16::MAX);
    let below = room.saturating_sub(wanted).max(room / PREVIEW);
    let lines = Rect { y: area.y + 1, height: room - below, ..area };
    if focused {
        view_state.set_viewport(lines.height, length);
    }
    view_state.pane(lines, Pane::Rows);
    follow(&mut view_state.rows, chosen, usize::from(lines.height), length);
    for (y, at) in (lines.y..lines.bottom()).zip(view_state.rows..length) {
        let Some(row) = proposal.row(at) else { break };
        let line = Rect { y, height: 1, ..lines };
        buf.write(line.x + 3, y, format!("{:>6}", row + 1), theme.dim);
        let cells = Rect { x: line.x + 11, width: line.width.saturating_sub(14), ..line };
        match fix.editing.as_ref().filter(|cell| cell.row == row) {
            Some(cell) => edited(cells, buf, (fix, row, proposal.column, &cell.input), scene, view_state),
            None => change(cells, buf, fix, (row, proposal), scene),
        }
        cursor(line, buf, at == chosen, focused, scene);
        view_state.clickable(line, Target::Change(at));
    }
    scroll::bar(lines, Extent { first: view_state.rows, length }, Pane::Rows, buf, scene, view_state);
    if let Some(at) = proposal.row(chosen) {
        let under = Rect { y: lines.bottom(), height: below, ..area };
        let shown = Rect { height: below.saturating_sub(1), ..under };
        row::preview(under, buf, &row::preview_lines(&fix.of, at, shown, scene), scene);
    }
}

/// A cell before and after, with what differs marked.
fn change(
    area: Rect,
    buf: &mut Buffer,
    fix: &FixState,
    (row, proposal): (usize, &Proposal),
    scene: Scene<'_>,
) {
    let (theme, redaction) = (scene.theme, scene.app.redaction());
    let before = fix.of.cell_begins(row, proposal.column, LOOKED_AT);
    let changed = fix.fixes().and_then(|fixes| fixes.cell(row, proposal.column));
    let after = changed.map(|text| Untrusted::new(&text.chars().take(LOOKED_AT).collect::<String>()));
    let breaks = fix.fixes().is_some_and(|fixes| fixes.still_breaks(&fix.of, row, proposal.column));
    let shown = |value: UntrustedRef<'_>| redaction.value(value);
    let before = shown(before);
    let after = after.as_ref().map(|after| shown(after.into()));
    // What one does not need the other has.
    let note = if breaks { "  still rejected".len() } else { 0 };
    let room = usize::from(area.width).saturating_sub(4 + note);
    let widths = [&before, after.as_ref().unwrap_or(&before)].map(|text| format::width(text.as_str()).max(7));
    let half = (room / 2).max(room.saturating_sub(widths[1]));
    let other = (room / 2).max(room.saturating_sub(widths[0]));
    let spans = match (&after, undecided(proposal, row)) {
        // Masked, both may look the same.
        (Some(after), _) if redaction.enabled && *after == before => {
            let note = if breaks { "  changed, still rejected" } else { "  changed" };
            let style = if breaks { theme.warning } else { theme.good };
            let room = usize::from(area.width).saturating_sub(note.len());
            vec![Span::styled(cut(&before, room, scene), theme.text), Span::styled(note, style)]
        }
        (Some(after), _) => {
            let (mut left, right) = (
                marked(&before, after, theme.bad, half, scene),
                marked(after, &before, if breaks { theme.warning } else { theme.good }, other, scene),
            );
            left.push(Span::styled(format!(" {} ", theme.glyphs.arrow), theme.dim));
            left.extend(right);
            if breaks {
                left.push(Span::styled("  still rejected", theme.warning));
            }
            left
        }
        (None, Some((day, month))) => {
            let [day, month] = [day, month].map(|text| redaction.value(&Untrusted::new(text)));
            vec![
                Span::styled(cut(&before, half, scene), theme.text),
                Span::styled(format!("  {day} or {month}?"), theme.warning),
            ]
        }
        (None, None) => vec![Span::styled(cut(&before, usize::from(area.width), scene), theme.text)],
    };
    buf.write_line(area.x, area.y, &Line::from(spans), area.width);
}

/// The two readings of a cell that is not decided.
fn undecided(proposal: &Proposal, row: usize) -> Option<(&str, &str)> {
    let cells = &proposal.decision.as_ref()?.cells;
    let at = cells.binary_search_by_key(&row, |cell| cell.row).ok()?;
    let cell = cells.get(at)?;
    Some((cell.after(First::Day), cell.after(First::Month)))
}

fn cut(text: &SafeText, room: usize, scene: Scene<'_>) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    format::truncate(text.as_str(), room, scene.theme.glyphs.ellipsis).into_owned()
}

/// A text with the part marked that the other does not share.
fn marked(
    text: &SafeText,
    other: &SafeText,
    style: ratatui::style::Style,
    room: usize,
    scene: Scene<'_>,
) -> Vec<Span<'static>> {
    let whole = cut(text, room, scene);
    let same = |(a, b): &(char, char)| a == b;
    let start = text.as_str().chars().zip(other.as_str().chars()).take_while(same).count();
    if text.is_empty() || whole != text.as_str() {
        let differs_at = format::width(&text.as_str().chars().take(start).collect::<String>());
        let from = if differs_at + 1 < room { 0 } else { start.saturating_sub(LEAD) };
        if from == 0 {
            return vec![Span::styled(whole, style)];
        }
        // What differs would be cut off, and both would look the same.
        let ellipsis = scene.theme.glyphs.ellipsis;
        let rest: String = [ellipsis].into_iter().chain(text.as_str().chars().skip(from)).collect();
        return vec![Span::styled(format::truncate(&rest, room, ellipsis).into_owned(), style)];
    }
    let text = text.as_str();
    let most = text.chars().count().min(other.as_str().chars().count()) - start;
    let end = text.chars().rev().zip(other.as_str().chars().rev()).take(most).take_while(same).count();
    let length = text.chars().count();
    // Where little is shared, what is shared is chance.
    if (start + end) * 2 < length {
        return vec![Span::styled(whole, style)];
    }
    let part =
        |from: usize, to: usize| text.chars().skip(from).take(to.saturating_sub(from)).collect::<String>();
    vec![
        Span::styled(part(0, start), scene.theme.text),
        Span::styled(part(start, length - end), style.add_modifier(Modifier::UNDERLINED)),
        Span::styled(part(length - end, length), scene.theme.text),
    ]
}

/// The cell as it came, and the field in which it is edited.
fn edited(
    area: Rect,
    buf: &mut Buffer,
    (fix, row, column, input): (&FixState, usize, usize, &Input),
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let before = scene.app.redaction().value(fix.of.cell_begins(row, column, LOOKED_AT));
    let before =
        format!("{} {} ", cut(&before, usize::from(area.width / 3), scene), scene.theme.glyphs.arrow);
    buf.write_within(area.x, area.y, &before, area.width, scene.theme.dim);
    let used = u16::try_from(format::width(&before)).unwrap_or(area.width).min(area.width);
    let area = Rect { x: area.x + used, width: area.width - used, ..area };
    let room = usize::from(area.width);
    let scroll = input.visual_scroll(room.saturating_sub(1));
    let mut x = 0;
    // What cannot be drawn takes no cell.
    let safe = scene.app.redaction().value(&Untrusted::new(input.value()));
    for c in safe.as_str().chars() {
        let wide = format::width(c.encode_utf8(&mut [0; 4]));
        if x >= scroll && x + wide <= scroll + room {
            let at = area.x + u16::try_from(x - scroll).unwrap_or(area.width);
            buf.write(at, area.y, c.encode_utf8(&mut [0; 4]), scene.theme.accent);
        }
        x += wide;
    }
    let cursor = u16::try_from(input.visual_cursor().saturating_sub(scroll)).unwrap_or(0);
    view_state.place_cursor(Position { x: area.x + cursor.min(area.width.saturating_sub(1)), y: area.y });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::import::Mapping;
    use crate::report::{ApiView, Limits};

    #[test]
    fn why_nothing_is_proposed() {
        let read = |csv: &str, mapping| {
            let api = ApiView { mapping, ..ApiView::default() };
            nothing_proposed(&FailedRows::read(csv.as_bytes(), &Limits::default(), &api).unwrap())
        };
        let mapping = || Some(Mapping { columns: vec![("Nr".into(), Some("number".into()))] }.into());
        let whole_row = "Nr,Errors\n1,The row could not be saved.\n";
        for (csv, mapping, why) in [
            ("Nr\n1\n", None, "Plannr gives no reasons"),
            (whole_row, mapping(), "about no column"),
            (whole_row, None, "mapping could not be loaded"),
        ] {
            let text = read(csv, mapping);
            assert!(text.starts_with("Nothing to propose. ") && text.contains(why), "{csv}: {text}");
        }
    }
}
