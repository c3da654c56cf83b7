//! The popup with the accounts that the token may use, and how each of them is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::format::{self, Align};
use super::theme::Theme;
use super::write::Write as _;
use super::{Scene, ViewState, picker};
use crate::app::account_switch::Choice;
use crate::app::event::Target;
use crate::domain::account::Account;
use crate::domain::fault::Fault;
use crate::domain::snapshot::{AccountState, LinkState};

/// Cells before a line: the cursor, and the mark of what is in use.
const GUTTER: usize = 4;
const GAP: usize = 2;
/// The most cells of a firm's name.
const FIRM: usize = 44;
/// Firm, person, role, type, how it is, how old that is.
const COLUMNS: usize = 6;
/// Cells of a firm's name that stay.
const LEAST_OF_FIRM: usize = 14;
/// The place of the state among the columns.
const STATE: usize = 4;
/// Which columns go first if space is short.
const SPARE: [usize; 4] = [3, 2, 1, 5];

/// Draws the accounts, those in use marked, and a note below them.
pub(super) fn render(
    body: Rect,
    buf: &mut Buffer,
    chosen: usize,
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let (app, theme) = (scene.app, scene.theme);
    let choices = app.accounts.choices();
    let lines: Vec<_> = choices.iter().map(|choice| cells(choice, scene)).collect();
    let widths = widths(&lines, usize::from(body.width.saturating_sub(4)).saturating_sub(GUTTER));
    let note = note(scene);
    let wide = (GUTTER + wide(&widths)).max(format::width(&note)).max(44);
    let note = format::wrap(&note, wide.min(usize::from(body.width.saturating_sub(4))));
    let below = u16::try_from(note.len() + 1).unwrap_or(u16::MAX);
    let height = u16::try_from(choices.len()).unwrap_or(u16::MAX).saturating_add(below);
    let size = (u16::try_from(wide).unwrap_or(u16::MAX), height);
    let inner = picker::open(body, buf, "Accounts", size, scene, view_state);
    let list = Rect { height: inner.height.saturating_sub(below), ..inner };
    let lines = choices.iter().zip(&lines).map(|(choice, cells)| {
        let mark = if app.is_marked(choice) { theme.glyphs.live } else { " " };
        let mut spans = vec![Span::styled(format!("{mark} "), theme.good)];
        for ((cell, style), width) in cells.iter().zip(widths) {
            if width > 0 {
                let cell = format::fit(cell, width, Align::Left, theme.glyphs.ellipsis);
                spans.extend([Span::styled(cell, *style), Span::raw(" ".repeat(GAP))]);
            }
        }
        Line::from(spans)
    });
    picker::list(list, buf, (lines.collect(), chosen), Target::Account, (scene, view_state));
    for (y, line) in (list.bottom() + 1..inner.bottom()).zip(note) {
        buf.write_line(inner.x, y, &Line::styled(line, theme.dim), inner.width);
    }
}

type Cells = [(String, Style); COLUMNS];

/// Column widths: columns go where there is no room for all, then firms are cut.
fn widths(lines: &[Cells], room: usize) -> [usize; COLUMNS] {
    let mut widths: [usize; COLUMNS] = std::array::from_fn(|at| {
        lines.iter().filter_map(|line| line.get(at)).map(|(cell, _)| format::width(cell)).max().unwrap_or(0)
    });
    let [firm, ..] = &mut widths;
    *firm = FIRM.min(*firm);
    for spare in SPARE {
        if wide(&widths) > room
            && let Some(width) = widths.get_mut(spare)
        {
            *width = 0;
        }
    }
    // What is known of a firm tells nothing without its name.
    for (at, least) in [(0, LEAST_OF_FIRM), (STATE, 1)] {
        let beyond = wide(&widths).saturating_sub(room);
        if let Some(width) = widths.get_mut(at) {
            *width -= beyond.min(width.saturating_sub(least));
        }
    }
    widths
}

/// The width of a line, in cells.
fn wide(widths: &[usize; COLUMNS]) -> usize {
    let columns = widths.iter().filter(|width| **width > 0).count();
    widths.iter().sum::<usize>() + columns.saturating_sub(1) * GAP
}

fn cells(choice: &Choice, scene: Scene<'_>) -> Cells {
    let (app, theme) = (scene.app, scene.theme);
    let text = |text: &dyn ToString, style| (text.to_string(), style);
    let none = || (String::new(), theme.dim);
    match choice {
        Choice::All => {
            let firms = app.accounts.known().iter().filter(|account| !account.is_client());
            let states: Vec<_> =
                firms.filter_map(|account| app.snapshot.account_state(&account.id)).collect();
            let state = (!states.is_empty()).then(|| counts(&states, theme));
            [("All firms".to_owned(), theme.text), none(), none(), none(), state.unwrap_or_else(none), none()]
        }
        Choice::One(account) => {
            let kind = if account.kind == account.role { String::new() } else { account.kind.to_string() };
            let known = app.snapshot.account_state(&account.id);
            let age = known.and_then(|state| state.last_answer);
            let age = age.map(|at| format::ago(app.now.since(at))).unwrap_or_default();
            [
                text(&account.firm_or_id(), theme.text),
                text(&account.name, theme.text),
                text(&account.role, theme.dim),
                (kind, theme.dim),
                state(account, known, theme),
                (age, theme.dim),
            ]
        }
    }
}

/// How an account is: what runs there, or why that is not known.
fn state(account: &Account, known: Option<&AccountState>, theme: &Theme) -> (String, Style) {
    if account.is_client() {
        return ("client: no imports of its own".to_owned(), theme.dim);
    }
    let Some(known) = known else { return (theme.glyphs.none.to_owned(), theme.dim) };
    match &known.link {
        LinkState::Connecting => (theme.glyphs.none.to_owned(), theme.dim),
        LinkState::Live => counts(&[known], theme),
        LinkState::Stopped { fault: Fault::Forbidden(_) } => ("may not list imports".to_owned(), theme.bad),
        LinkState::Retrying { fault, .. } => (fault.in_short().to_owned(), theme.warning),
        LinkState::Stopped { .. } => ("stopped".to_owned(), theme.bad),
    }
}

fn counts(states: &[&AccountState], theme: &Theme) -> (String, Style) {
    let sum = |of: fn(&AccountState) -> usize| states.iter().map(|state| of(state)).sum::<usize>();
    let (running, stalled) = (sum(|state| state.running), sum(|state| state.stalled));
    let failed = sum(|state| state.newly_failed);
    let number = |count: usize| format::count(count as u64);
    let runs = match stalled {
        0 => format!("{} running", number(running)),
        _ => format!("{} running ({} stalled)", number(running), number(stalled)),
    };
    let fails = format!("{} with new failures", number(failed));
    let parts: Vec<_> = [(running, runs), (failed, fails)]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|part| part.1)
        .collect();
    let style = match (running, stalled, failed) {
        (_, 1.., _) => theme.warning,
        (_, _, 1..) => theme.bad,
        (0, ..) => theme.dim,
        _ => theme.text,
    };
    if parts.is_empty() {
        return ("nothing is running".to_owned(), style);
    }
    (parts.join(&format!(" {} ", theme.glyphs.dot)), style)
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
        _ if !accounts.missing().is_empty() => {
            let missing = accounts.missing().iter().map(|profile| profile.describe(scene.app.redaction()));
            missing.collect::<Vec<_>>().join("; ")
        }
        (None, []) => "The token has no account in any firm.".to_owned(),
        (None, [_]) => "This is the token's only account.".to_owned(),
        (None, _) => format!("{} active", scene.theme.glyphs.live),
    }
}
