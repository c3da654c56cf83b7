//! The popup with the accounts that the token may use.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format::{self, Align};
use super::{Scene, ViewState, picker};
use crate::app::event::Target;
use crate::domain::account::Account;

/// Cells before a line: the cursor, and the mark of the active account.
const GUTTER: usize = 4;
const GAP: usize = 2;

/// Draws the accounts, the active one marked, and a note below them.
pub(super) fn render(
    body: Rect,
    buf: &mut Buffer,
    chosen: usize,
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let (app, theme) = (scene.app, scene.theme);
    let accounts = app.accounts.known();
    let lines: Vec<[String; 4]> = accounts.iter().map(cells).collect();
    let widths = widths(&lines, usize::from(body.width.saturating_sub(4)).saturating_sub(GUTTER));
    let note = note(scene);
    let wide = (GUTTER + wide(&widths)).max(format::width(&note)).max(44);
    let note = format::wrap(&note, wide.min(usize::from(body.width.saturating_sub(4))));
    let below = u16::try_from(note.len() + 1).unwrap_or(u16::MAX);
    let height = u16::try_from(accounts.len()).unwrap_or(u16::MAX).saturating_add(below);
    let size = (u16::try_from(wide).unwrap_or(u16::MAX), height);
    let inner = picker::open(body, buf, "Accounts", size, scene, view_state);
    let list = Rect { height: inner.height.saturating_sub(below), ..inner };
    let lines = accounts.iter().zip(&lines).map(|(account, cells)| {
        let mark = if app.is_in_use(account) { theme.glyphs.live } else { " " };
        let mut spans = vec![Span::styled(format!("{mark} "), theme.good)];
        for ((cell, width), style) in
            cells.iter().zip(widths).zip([theme.text, theme.text, theme.dim, theme.dim])
        {
            if width > 0 {
                let cell = format::fit(cell, width, Align::Left, theme.glyphs.ellipsis);
                spans.extend([Span::styled(cell, style), Span::raw(" ".repeat(GAP))]);
            }
        }
        Line::from(spans)
    });
    picker::list(list, buf, (lines.collect(), chosen), Target::Account, (scene, view_state));
    for (y, line) in (list.bottom() + 1..inner.bottom()).zip(note) {
        buf.set_line(inner.x, y, &Line::styled(line, theme.dim), inner.width);
    }
}

/// Column widths. If space is short the type goes first, then firms are truncated.
fn widths(lines: &[[String; 4]], room: usize) -> [usize; 4] {
    let mut widths: [usize; 4] = std::array::from_fn(|at| {
        lines.iter().filter_map(|line| line.get(at)).map(|cell| format::width(cell)).max().unwrap_or(0)
    });
    if wide(&widths) > room {
        widths[3] = 0;
    }
    widths[0] -= wide(&widths).saturating_sub(room).min(widths[0].saturating_sub(1));
    widths
}

/// The width of a line, in cells.
fn wide(widths: &[usize; 4]) -> usize {
    let columns = widths.iter().filter(|width| **width > 0).count();
    widths.iter().sum::<usize>() + columns.saturating_sub(1) * GAP
}

/// Firm, person, role and type.
fn cells(account: &Account) -> [String; 4] {
    let kind = if account.kind == account.role { String::new() } else { account.kind.to_string() };
    let firm = if account.firm.is_empty() { account.id.to_string() } else { account.firm.to_string() };
    [firm, account.name.to_string(), account.role.to_string(), kind]
}

/// The note below the list.
fn note(scene: Scene<'_>) -> String {
    let accounts = &scene.app.accounts;
    let ellipsis = scene.theme.glyphs.ellipsis;
    match (accounts.fault(), accounts.known()) {
        _ if accounts.is_loading() => {
            format!("requesting accounts from {}{ellipsis}", scene.app.identity.host)
        }
        (Some(fault), _) => fault.with_advice(scene.app.redaction()),
        (None, []) => "The token has no account in any firm.".to_owned(),
        (None, [_]) => "This is the token's only account.".to_owned(),
        (None, _) => format!("{} active", scene.theme.glyphs.live),
    }
}
