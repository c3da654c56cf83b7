//! The popups: copy menu, log, themes, saving, and links. What they have in common is here too.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::failures_screen::run_name;
use super::format::{self, Align};
use super::picker::{self, open};
use super::write::Write as _;
use super::{LinkSpot, Scene, ViewState, account_picker, help, run_picker};
use crate::app::Popup;
use crate::app::copy::CopyMenu;
use crate::app::event::Target;
use crate::app::fix::FixState;
use crate::app::keymap::Action;
use crate::app::preferences::TimeFormat;
use crate::app::save::{Others, Save, SaveContent};
use crate::domain::import::Link;
use crate::domain::text::{SafeText, UntrustedRef};

/// Draws the popup over the body, if one is open.
pub(super) fn render(body: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    if scene.app.screens.popup.is_some() {
        view_state.clickable(Rect { y: 0, height: body.bottom(), ..body }, Target::OutsidePopup);
    }
    match &scene.app.screens.popup {
        None => {}
        Some(Popup::Help(search, chosen)) => help::render(body, buf, (search, *chosen), scene, view_state),
        Some(Popup::Copy(menu)) => copy(body, buf, menu, scene, view_state),
        Some(Popup::Accounts(chosen)) => account_picker::render(body, buf, *chosen, scene, view_state),
        Some(Popup::Log(scroll)) => log(body, buf, *scroll, scene, view_state),
        Some(Popup::Themes(_)) => themes(body, buf, scene, view_state),
        Some(Popup::Orders(chosen)) => picker::orders(body, buf, *chosen, scene, view_state),
        Some(Popup::Runs(ids, chosen)) => run_picker::render(body, buf, (ids, *chosen), scene, view_state),
        Some(Popup::Save(save)) => where_to_save(body, buf, save, scene, view_state),
        Some(Popup::Unsaved(..)) => unsaved(body, buf, scene, view_state),
        Some(Popup::ForeignLink(link)) => foreign_link(body, buf, link, scene, view_state),
        Some(Popup::Link(link, why)) => show_link(body, buf, link, why, scene, view_state),
    }
}

/// The cells of what can be copied.
const LABEL: usize = 20;

fn copy(body: Rect, buf: &mut Buffer, menu: &CopyMenu, scene: Scene<'_>, view_state: &mut ViewState) {
    let theme = scene.theme;
    // Beside the label, the cursor and the margins.
    let room = usize::from(body.width).saturating_sub(LABEL + 2 + usize::from(picker::CURSOR) + 6);
    let lines = menu.items.iter().map(|item| {
        let label = format::fit(item.label, LABEL, Align::Left, theme.glyphs.ellipsis);
        let sample = SafeText::new(item.about.as_deref().unwrap_or(item.text.trim_end()));
        let sample = format::truncate_middle(sample.as_str(), room, theme.glyphs.ellipsis).into_owned();
        Line::from(vec![Span::styled(label, theme.text), Span::raw("  "), Span::styled(sample, theme.dim)])
    });
    let lines = (lines.collect(), menu.chosen);
    picker::popup(body, buf, "Copy", lines, Target::CopyItem, (scene, view_state));
}

/// The list of themes. The screen around it is the preview.
fn themes(body: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let (state, theme) = (&scene.app.theme_state, scene.theme);
    let names = state.choices.iter().map(|choice| format::width(choice.name.as_str())).max().unwrap_or(0);
    let lines = state.choices.iter().map(|choice| {
        let name = format::fit(choice.name.as_str(), names, Align::Left, theme.glyphs.ellipsis);
        Line::from(vec![
            Span::styled(name, theme.text),
            Span::styled(format!("  {}", choice.about), theme.dim),
        ])
    });
    let lines = (lines.collect(), state.chosen);
    picker::popup(body, buf, "Theme", lines, Target::Theme, (scene, view_state));
}

/// The log, the latest entry first: it is the reason for opening the log.
fn log(body: Rect, buf: &mut Buffer, chosen: usize, scene: Scene<'_>, view_state: &mut ViewState) {
    let (app, theme) = (scene.app, scene.theme);
    let entries = app.event_log.entries();
    let height = u16::try_from(entries.len().max(1)).unwrap_or(u16::MAX);
    let width = body.width.saturating_sub(8).min(110);
    let inner = open(body, buf, "Log", (width, height), scene, view_state);
    if entries.is_empty() {
        buf.write_line(inner.x, inner.y, &Line::styled("nothing yet", theme.dim), inner.width);
    }
    let lines = entries.iter().rev().map(|entry| {
        let time = match app.preferences.times {
            TimeFormat::Relative => {
                let clock = entry.at.to_zoned_datetime(app.zone.clone()).strftime("%H:%M:%S").to_string();
                format!("{clock} {:>9}", format::ago(app.now.age_of(entry.at)))
            }
            TimeFormat::Absolute => format::date(entry.at, &app.zone),
        };
        let times = if entry.times > 1 { format!(" (×{})", entry.times) } else { String::new() };
        let left = usize::from(inner.width.saturating_sub(picker::CURSOR)).saturating_sub(time.len() + 2);
        let text = format!("{}{times}", entry.text.text(app.redaction()));
        let text = format::truncate(&text, left, theme.glyphs.ellipsis).into_owned();
        Line::from(vec![
            Span::styled(time, theme.dim),
            Span::raw("  "),
            Span::styled(text, theme.severity(entry.severity)),
        ])
    });
    let chosen = entries.len().saturating_sub(chosen + 1);
    picker::list(inner, buf, (lines.collect(), chosen), Target::LogEntry, (scene, view_state));
}

/// The link itself: to open from the terminal, or to read.
fn show_link(
    body: Rect,
    buf: &mut Buffer,
    link: &Link,
    why: &str,
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let theme = scene.theme;
    let masked = scene.app.redaction().enabled;
    let mut said = format!("Not opened: {}.", SafeText::new(why));
    if masked {
        said.push_str(&format!(
            " The link is masked; {} shows client values.",
            scene.app.key_for(Action::Redact)
        ));
    }
    let link_text = link_text(link, scene);
    let room = usize::from(body.width.saturating_sub(4)).max(1);
    let said = format::wrap(&said, room.min(76));
    // The whole link, to be selected where nothing else works.
    let parts: Vec<String> =
        link_text.chars().collect::<Vec<_>>().chunks(room).map(|part| part.iter().collect()).collect();
    let lines = said.iter().chain([&String::new()]).chain(&parts).cloned().collect::<Vec<_>>();
    let widest = lines.iter().map(|line| format::width(line)).max().unwrap_or(0);
    let size = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    let inner = open(body, buf, "Error report", (size(widest).max(60), size(lines.len())), scene, view_state);
    for (y, (at, line)) in (inner.y..inner.bottom()).zip(lines.iter().enumerate()) {
        let style = if at > said.len() { theme.key } else { theme.text };
        buf.write_line(inner.x, y, &Line::styled(line.clone(), style), inner.width);
    }
    let at = Position { x: inner.x, y: inner.y + size(said.len() + 1) };
    if !masked && parts.len() == 1 && at.y < inner.bottom() {
        view_state.set_link(LinkSpot { at, text: link_text, link: link.clone() });
    }
}

/// The link as it may be shown: the host says where it leads, but its path may contain a client's name.
fn link_text(link: &Link, scene: Scene<'_>) -> String {
    match scene.app.redaction().enabled {
        true => format!("{}/{}", link.origin(), scene.app.redaction().value(UntrustedRef::new("path"))),
        false => link.as_str().to_owned(),
    }
}

/// Asks before fixes that were not written are left behind.
fn unsaved(body: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let (app, theme) = (scene.app, scene.theme);
    let summary = app.unsaved_fixes().map(FixState::summary).unwrap_or_default();
    let import = app.fixed_import().map(|watched| {
        let import = &watched.import;
        format!("{} {} {}", import.kind.label(), theme.glyphs.dot, run_name(watched, scene))
    });
    let lines = [
        (import.unwrap_or_default(), theme.heading),
        (format!("{summary}. No file has them yet."), theme.text),
        (String::new(), theme.text),
        (format!("{} writes them to a CSV first", app.key_for(Action::WriteUnsaved)), theme.dim),
        (format!("{} leaves without them", app.key_for(Action::DropFixes)), theme.dim),
        (format!("{} stays here", app.key_for(Action::Back)), theme.dim),
    ];
    let widest = lines.iter().map(|(text, _)| format::width(text)).max().unwrap_or(0);
    let size = (u16::try_from(widest).unwrap_or(u16::MAX).max(40), 6);
    let inner = open(body, buf, "Fixes not written", size, scene, view_state);
    for (y, (text, style)) in (inner.y..inner.bottom()).zip(lines) {
        buf.write_line(inner.x, y, &Line::styled(text, style), inner.width);
    }
}

/// Asks before opening a link to a server other than the configured one.
fn foreign_link(body: Rect, buf: &mut Buffer, link: &Link, scene: Scene<'_>, view_state: &mut ViewState) {
    let (app, theme) = (scene.app, scene.theme);
    let than = if app.identity.is_of_profiles() { "that of its import" } else { app.identity.host.as_str() };
    let intro = format!("This link leads to another server than {than}:");
    let (host, link_text) = (link.host(), link_text(link, scene));
    let width = [intro.as_str(), &host, &link_text].map(format::width).into_iter().max();
    let width = u16::try_from(width.unwrap_or(0)).unwrap_or(u16::MAX).max(40);
    let inner = open(body, buf, "Open the error report?", (width, 3), scene, view_state);
    let cut = |text| format::truncate(text, usize::from(inner.width), theme.glyphs.ellipsis).into_owned();
    let lines = [(intro.as_str(), theme.text), (&host, theme.warning), (&link_text, theme.dim)];
    for (y, (text, style)) in (inner.y..inner.bottom()).zip(lines) {
        buf.write_line(inner.x, y, &Line::styled(cut(text), style), inner.width);
    }
}

const NEUTRALISE: &str = "neutralise cells that a spreadsheet would run";

/// The path, and what will be in the file.
fn where_to_save(body: Rect, buf: &mut Buffer, save: &Save, scene: Scene<'_>, view_state: &mut ViewState) {
    let theme = scene.theme;
    let path = scene.app.preferences.folders.absolute(save.to.value());
    let path = SafeText::new(&path.display().to_string());
    let plain = |text: String| (None, Line::styled(text, theme.dim));
    let switch = |on: bool, text: &str, action| {
        let (sign, key) = (if on { "[x] " } else { "[ ] " }, scene.app.key_for(action));
        let style = if on { theme.text } else { theme.dim };
        (Some(action), Line::styled(format!("{sign}{text} ({key})"), style))
    };
    let (title, mut lines) = match &save.what {
        SaveContent::Report(..) => {
            ("Download the error report", vec![plain("The complete report, unchanged.".to_owned())])
        }
        SaveContent::Fixes(chosen) => {
            let (fixed, left) = (chosen.fixed.len(), chosen.left.len());
            let all = fixed + left;
            let mut lines = vec![
                (None, Line::styled(format!("{fixed} of {all} rows fixed"), theme.text)),
                plain("all columns, original headers; every other cell as it was".to_owned()),
            ];
            let room = usize::from(body.width.saturating_sub(4));
            let warnings = chosen.warnings.iter().flat_map(|text| format::wrap(text, room));
            lines.extend(warnings.map(|text| (None, Line::styled(text, theme.warning))));
            let partly = match chosen.partly {
                0 => " as they are".to_owned(),
                partly => format!(", {partly} of them partly fixed"),
            };
            let others = match chosen.others {
                Others::LeftOut => format!("{left} left out"),
                Others::Written => format!("{left} written{partly}"),
                Others::WithReasons => {
                    format!("{left} written{partly}; a last column says what is left to do")
                }
            };
            let key = scene.app.key_for(Action::ToggleReasons);
            if left > 0 {
                let line = Line::styled(format!("others: {others} ({key} changes that)"), theme.text);
                lines.push((Some(Action::ToggleReasons), line));
            }
            lines.push(switch(save.spreadsheet_safe, NEUTRALISE, Action::ToggleSafe));
            ("Write fixed rows", lines)
        }
        SaveContent::Rows(chosen) => {
            let mut lines = vec![
                (None, Line::styled(chosen.description.clone(), theme.text)),
                plain("all columns, original headers".to_owned()),
            ];
            // What is missing from the file stands at the end of a sentence: it is wrapped, not cut.
            let room = usize::from(body.width.saturating_sub(4));
            let warnings = chosen.warnings.iter().flat_map(|text| format::wrap(text, room));
            lines.extend(warnings.map(|text| (None, Line::styled(text, theme.warning))));
            lines.push(switch(save.why, "add a last column with the reasons", Action::ToggleReasons));
            lines.push(switch(save.spreadsheet_safe, NEUTRALISE, Action::ToggleSafe));
            ("Write failed rows", lines)
        }
    };
    lines.insert(0, plain(format!("to {path}")));
    let height = u16::try_from(lines.len()).unwrap_or(3) + 2;
    let widest = lines.iter().map(|(_, line)| format::line_width(line)).max().unwrap_or(0);
    let width = u16::try_from(widest).unwrap_or(u16::MAX).max(64);
    let inner = open(body, buf, title, (width, height), scene, view_state);
    let room = usize::from(inner.width);
    let scroll = save.to.visual_scroll(room.saturating_sub(1));
    let shown: String = save.to.value().chars().skip(scroll).collect();
    let shown = format::fit(&shown, room, Align::Left, ' ');
    buf.write_line(inner.x, inner.y, &Line::styled(shown, theme.heading), inner.width);
    let cursor = u16::try_from(save.to.visual_cursor().saturating_sub(scroll)).unwrap_or(0);
    view_state.place_cursor(Position { x: inner.x + cursor.min(inner.width.saturating_sub(1)), y: inner.y });
    for (y, (action, line)) in (inner.y + 2..inner.bottom()).zip(lines) {
        buf.write_cut(inner.x, y, &line, inner.width, theme.glyphs.ellipsis);
        if let Some(action) = action {
            view_state.clickable(Rect { y, height: 1, ..inner }, Target::Key(action));
        }
    }
}
