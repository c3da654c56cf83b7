//! The first line: account, activity, and the state of the connection.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Scene, ViewState, format};
use crate::app::event::Target;
use crate::app::keymap::Action;
use crate::domain::snapshot::LinkState;
use crate::domain::tally::Verdict;

/// Draws the line. If space is short the person goes first, then the firm. A click on the account opens the accounts.
pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let right = link(scene);
    let room = usize::from(area.width).saturating_sub(right.width() + 1);
    let mut counts = counts(scene);
    let (left, middle) = loop {
        let middle = joined(&counts, scene);
        let fits = |left: &Line<'_>| left.width() + 3 + middle.width() <= room;
        match identities(scene).into_iter().find(fits) {
            Some(left) => break (left, middle),
            None if counts.pop().is_none() => break (Line::default(), middle),
            None => {}
        }
    };
    let used = u16::try_from(left.width()).unwrap_or(area.width);
    buf.set_line(area.x, area.y, &left, area.width);
    view_state.clickable(Rect { width: used, ..area }, Target::Key(Action::Accounts));
    let left_over = u16::try_from(room).unwrap_or(0).saturating_sub(used + 3);
    buf.set_line(area.x + used + 3, area.y, &middle, left_over);
    let right_width = u16::try_from(right.width()).unwrap_or(area.width).min(area.width);
    buf.set_line(area.right() - right_width, area.y, &right, right_width);
}

/// The account, the fullest form first.
fn identities(scene: Scene<'_>) -> Vec<Line<'static>> {
    let (theme, identity) = (scene.theme, &scene.app.identity);
    let name = || Span::styled(if identity.demo { " plannr demo" } else { " plannr" }, theme.accent);
    let firm = || Span::styled(format!("  {}", identity.firm), theme.text);
    let person = || Span::styled(format!(" {} {}", theme.glyphs.dot, identity.person), theme.dim);
    let mut ways = Vec::new();
    if !identity.firm.is_empty() {
        if !identity.person.is_empty() {
            ways.push(Line::from(vec![name(), firm(), person()]));
        }
        ways.push(Line::from(vec![name(), firm()]));
    }
    ways.push(Line::from(name()));
    ways
}

/// How many imports run and stall, and how many of their rows failed; the most important first.
fn counts(scene: Scene<'_>) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let imports = &scene.app.snapshot.imports;
    let with = |verdict| imports.count(verdict) as u64;
    let failing = imports.failing();
    let rows = if failing == 1 { "row failing" } else { "rows failing" };
    let parts = [
        (with(Verdict::Stalled), "stalled", theme.warning),
        (with(Verdict::Running) + with(Verdict::Finishing), "running", theme.text),
        (failing, rows, theme.bad),
        (with(Verdict::Queued), "queued", theme.dim),
    ];
    let counted = parts.into_iter().filter(|(number, ..)| *number > 0);
    let spans: Vec<_> = counted
        .map(|(number, word, style)| Span::styled(format!("{} {word}", format::count(number)), style))
        .collect();
    if spans.is_empty() && !imports.is_empty() {
        return vec![Span::styled("nothing is running", theme.dim)];
    }
    spans
}

/// The parts, separated by dots.
fn joined(parts: &[Span<'static>], scene: Scene<'_>) -> Line<'static> {
    let dot = Span::styled(format!(" {} ", scene.theme.glyphs.dot), scene.theme.dim);
    let spans =
        parts.iter().enumerate().flat_map(|(at, part)| [(at > 0).then(|| dot.clone()), Some(part.clone())]);
    Line::from_iter(spans.flatten())
}

/// The state of the connection: live, or for how long not, and when it is retried.
fn link(scene: Scene<'_>) -> Line<'static> {
    let (app, theme) = (scene.app, scene.theme);
    let health = &app.snapshot.health;
    let glyphs = theme.glyphs;
    let age = health.last_answer.map(|then| format!(", data {} old", format::age(app.now.since(then))));
    let old = |word: &str| format!("{word}{}", age.clone().unwrap_or_default());
    let (sign, word, style) = match &health.link {
        _ if health.paused => (glyphs.lost, old("paused"), theme.warning),
        LinkState::Connecting => (glyphs.lost, "connecting".to_owned(), theme.dim),
        LinkState::Live => match health.loading {
            Some((loaded, Some(total))) => (
                glyphs.live,
                format!("loading {} of {}", format::count(loaded as u64), format::count(total)),
                theme.good,
            ),
            Some((0, None)) => (glyphs.live, "loading".to_owned(), theme.good),
            Some((loaded, None)) => {
                (glyphs.live, format!("loading {}", format::count(loaded as u64)), theme.good)
            }
            None => match health.missing {
                Some(total) => {
                    let known = format::count(app.snapshot.imports.len() as u64);
                    (glyphs.live, format!("{known} of {} imports", format::count(total)), theme.warning)
                }
                None => (glyphs.live, "live".to_owned(), theme.good),
            },
        },
        LinkState::Retrying { fault, again_at, .. } => {
            let left = again_at.saturating_sub(app.now.up).as_secs();
            let again = if left == 0 { "trying now".to_owned() } else { format!("retrying in {left} s") };
            let word = if fault.server_answered() { "server error" } else { "offline" };
            (glyphs.lost, format!("{}, {again}", old(word)), theme.warning)
        }
        LinkState::Stopped { .. } => (glyphs.lost, old("stopped"), theme.bad),
    };
    let mut spans = Vec::new();
    if app.redaction().enabled {
        spans.push(Span::styled("masked  ", theme.heading));
    }
    spans.push(Span::styled(format!("{sign} {word}"), style));
    if budget_is_short(scene)
        && let Some(budget) = health.budget
    {
        spans.push(Span::styled(format!("  {budget}/min left"), theme.dim));
    }
    spans.push(Span::raw(" "));
    Line::from(spans)
}

/// Whether the rest of the request budget is worth showing.
fn budget_is_short(scene: Scene<'_>) -> bool {
    scene.app.snapshot.health.budget.is_some_and(|budget| budget < 100)
}
