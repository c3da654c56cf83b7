//! The first line: account, activity, and the state of the connection.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::write::Write as _;
use super::{Scene, ViewState, format};
use crate::app::event::Target;
use crate::app::keymap::Action;
use crate::domain::snapshot::{AccountState, LinkState};
use crate::domain::tally::Verdict;

/// Draws the line. If space is short the person goes first, then the firm. A click on the account opens the accounts.
pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let right = link(scene);
    let right_width = u16::try_from(format::line_width(&right)).unwrap_or(area.width).min(area.width);
    let room = usize::from(area.width.saturating_sub(right_width + 1));
    let mut counts = counts(scene);
    let identities = identities(scene);
    let left = loop {
        let middle = width_of(&counts);
        let fits = |left: &&Line<'_>| format::line_width(left) + 3 + middle <= room;
        match identities.iter().find(fits) {
            None if counts.pop().is_some() => {}
            found => break found,
        }
    };
    let used = left.map_or(0, |left| buf.write_line(area.x, area.y, left, area.width));
    view_state.clickable(Rect { width: used, ..area }, Target::Key(Action::Accounts));
    let left_over = u16::try_from(room).unwrap_or(0).saturating_sub(used + 3);
    let middle = Rect { x: area.x + used + 3, width: left_over, ..area };
    render_counts(middle, buf, &counts, scene, view_state);
    buf.write_line(area.right() - right_width, area.y, &right, right_width);
}

/// The account, the fullest form first.
fn identities(scene: Scene<'_>) -> Vec<Line<'static>> {
    let (theme, identity) = (scene.theme, &scene.app.identity);
    let name = || Span::styled(if identity.demo { " plannr demo" } else { " plannr" }, theme.accent);
    let name_of_firm = identity.firm();
    let name_of_firm = format::truncate(&name_of_firm, FIRM, theme.glyphs.ellipsis);
    let firm = || Span::styled(format!("  {name_of_firm}"), theme.text);
    let mut ways = Vec::new();
    if name_of_firm.is_empty() && !identity.host.is_empty() && !identity.demo {
        let host = Span::styled(format!("  {}", identity.host), theme.dim);
        ways.push(Line::from(vec![name(), host]));
    }
    if !name_of_firm.is_empty() {
        if let Some(person) = identity.person() {
            let person = Span::styled(format!(" {} {person}", theme.glyphs.dot), theme.dim);
            ways.push(Line::from(vec![name(), firm(), person]));
        }
        ways.push(Line::from(vec![name(), firm()]));
    }
    ways.push(Line::from(name()));
    ways
}

/// The most cells of a firm's name.
const FIRM: usize = 44;

/// A number, its word and style, and the filter that lists what it counts.
type Count = (Span<'static>, &'static str);

/// How many imports are in trouble, run and wait, and how many rows fail; the most important first.
fn counts(scene: Scene<'_>) -> Vec<Count> {
    let theme = scene.theme;
    let imports = &scene.app.snapshot.imports;
    let active: usize = [Verdict::Stalled, Verdict::Running, Verdict::Finishing]
        .map(|verdict| imports.count(verdict))
        .iter()
        .sum();
    let failing = imports.failing();
    let rows = if failing == 1 { "row failing" } else { "rows failing" };
    let parts = [
        (imports.in_trouble() as u64, "in trouble", theme.warning, "is:trouble"),
        (active as u64, "running", theme.text, "is:running"),
        (failing, rows, theme.bad, "is:running failed:>0"),
        (imports.count(Verdict::Queued) as u64, "queued", theme.dim, "is:queued"),
    ];
    let counted = parts.into_iter().filter(|(number, ..)| *number > 0);
    let counts: Vec<Count> = counted
        .map(|(number, word, style, filter)| {
            (Span::styled(format!("{} {word}", format::count(number)), style), filter)
        })
        .collect();
    if counts.is_empty() && !imports.is_empty() {
        return vec![(Span::styled("nothing is running", theme.dim), "")];
    }
    counts
}

/// Draws the counts, separated by dots. A click on one lists what it counts.
fn render_counts(
    area: Rect,
    buf: &mut Buffer,
    counts: &[Count],
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let mut x = area.x;
    for (at, (count, filter)) in counts.iter().enumerate() {
        if at > 0 {
            let dot = format!(" {} ", scene.theme.glyphs.dot);
            buf.write_within(x, area.y, &dot, area.right().saturating_sub(x), scene.theme.dim);
            x = x.saturating_add(DOT);
        }
        let width = buf.write_span(x, area.y, count, area.right().saturating_sub(x));
        if !filter.is_empty() {
            view_state.clickable(Rect { x, width, ..area }, Target::Show(filter));
        }
        x = x.saturating_add(width);
    }
}

/// The width of a dot between two counts.
const DOT: u16 = 3;

fn width_of(counts: &[Count]) -> usize {
    let dots = counts.len().saturating_sub(1) * usize::from(DOT);
    counts.iter().map(|(count, _)| format::width(&count.content)).sum::<usize>() + dots
}

/// The state of the connection: live, or for how long not, and when it is retried.
pub(super) fn link(scene: Scene<'_>) -> Line<'static> {
    let (app, theme) = (scene.app, scene.theme);
    let (health, known) = (&app.snapshot.health, app.snapshot.imports.len());
    let glyphs = theme.glyphs;
    let age = health.last_answer.map(|then| format!(", data {} old", format::age(app.now.since(then))));
    let old = |word: &str| format!("{word}{}", age.clone().unwrap_or_default());
    let (sign, word, style) = match &health.link {
        LinkState::Stopped { .. } => (glyphs.lost, old("stopped"), theme.bad),
        _ if health.paused => (glyphs.lost, old("paused"), theme.warning),
        LinkState::Connecting => match app.accounts.signing_in(app.now).map(|waited| waited.as_secs()) {
            None | Some(0) => (glyphs.lost, "connecting".to_owned(), theme.dim),
            Some(seconds) => (glyphs.lost, format!("connecting for {seconds} s"), theme.dim),
        },
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
            None => match health.claimed(known) {
                Some(total) => {
                    let known = format::count(known as u64);
                    (glyphs.live, format!("{known} of {} imports", format::count(total)), theme.warning)
                }
                None => (glyphs.live, "live".to_owned(), theme.good),
            },
        },
        LinkState::Retrying { fault, again_at, .. } => {
            let left = again_at.saturating_sub(app.now.up).as_secs();
            let again = if left == 0 { "trying now".to_owned() } else { format!("retrying in {left} s") };
            (glyphs.lost, format!("{}, {again}", old(fault.in_short())), theme.warning)
        }
    };
    let mut spans = Vec::new();
    if app.redaction().enabled {
        spans.push(Span::styled("masked  ", theme.heading));
    }
    spans.push(Span::styled(format!("{sign} {word}"), style));
    for lost in lost_firms(scene).into_iter().chain(missing_profiles(scene)) {
        spans.push(Span::styled(format!(", {lost}"), theme.warning));
    }
    if budget_is_short(scene)
        && let Some(budget) = health.budget
    {
        spans.push(Span::styled(format!("  {budget}/min left"), theme.dim));
    }
    spans.push(Span::raw(" "));
    Line::from(spans)
}

/// How many of several firms cannot be reached; the firm where it is one.
fn lost_firms(scene: Scene<'_>) -> Option<String> {
    let is_shown = scene.app.snapshot.health.link == LinkState::Live && scene.app.identity.is_of_several();
    let listed = || scene.app.snapshot.listed().filter(|_| is_shown);
    let lost = |state: &&AccountState| !matches!(state.link, LinkState::Live | LinkState::Connecting);
    match listed().filter(lost).count() {
        0 => None,
        1 => listed().find(lost).map(|state| format!("not {}", state.account.firm_or_id())),
        several => Some(format!("not {several} of {} firms", listed().count())),
    }
}

/// How many profiles no account is known of; the profile where it is one.
fn missing_profiles(scene: Scene<'_>) -> Option<String> {
    match scene.app.accounts.missing() {
        [] => None,
        [one] => Some(format!("not {}", one.name)),
        several => Some(format!("not {} profiles", several.len())),
    }
}

/// Whether the rest of the request budget is worth showing.
fn budget_is_short(scene: Scene<'_>) -> bool {
    scene.app.snapshot.health.budget.is_some_and(|budget| budget < 100)
}
