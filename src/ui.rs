//! Drawing: the state of the screen in, cells out.
//!
//! ```text
//!  plannr  Fairweather Wealth · J. Okafor       1 stalled · 3 running · 41 rows failing               ● live   header
//!  1 All 128   2 Running 4   3 Failed rows 9   4 Done 115                        / type:clients is:running   bar
//!    TYPE        STATE        PROGRESS                  DONE        FAILED  RATE    ETA     STARTED  BY      imports
//!  ▌ clients     ▸ running    ▆▆▆▆▆▆▆▆▆▆▆▅▄▁▁▁▁▁ 58%    1,216/2,104     12  8.2/s  1m48s    14m ago  Gareth  columns, state, gauge
//!  ─ clients · Create ────────────────────────────────────────────────────────────────────────────────────   detail
//!    ▆▆▆▆▆▆▆▆▆▆▆▅▄▁▁▁▁▁ 58%   1,204 ok · 12 failed · 888 left                                                 sections
//!  enter open   i details   o open report   / filter   ? help                                               footer
//! ```
//!
//! The failed rows (`failures_screen`), one row (`row`) and the full details replace table and pane;
//! help, copy menu, log and link open on top (`popup`). A pane reads the [`Scene`] and writes cells, and
//! into [`ViewState`] what the next frame and the mouse need: scroll positions, and what can be clicked where.

mod account_picker;
pub mod ascii;
mod bar;
mod column_layout;
mod cut;
mod details_pane;
mod failures_screen;
mod filter_line;
mod fix_screen;
mod footer;
pub mod format;
mod gauge;
mod header;
mod help;
mod imports;
mod mini;
mod picker;
pub mod plain_table;
mod popup;
mod row;
mod row_table;
mod run_picker;
mod scroll;
mod sections;
mod sparklines;
#[cfg(test)]
mod tests;
pub mod theme;
mod verdict_label;
mod view_state;
mod write;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use self::cut::Cut as _;
use self::details_pane::DetailsPane;
use self::theme::Theme;
pub use self::view_state::{LinkSpot, ViewState};
use self::write::Write as _;
use crate::app::event::LEAST;
use crate::app::keymap::Mode;
use crate::app::{App, PaneSize};

/// The width from which the details pane is beside the table, where the table has all the room that it can use.
const BESIDE: u16 = 54;
/// The least height of the table above an enlarged pane.
const STRIP: u16 = 5;
/// From this height of table and pane together there is a pane below the table.
const BELOW: u16 = 14;

#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub app: &'a App,
    pub theme: &'a Theme,
}

/// Draws a frame on a blank buffer; returns where the cursor is, if anywhere.
pub fn draw(buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) -> Option<Position> {
    view_state.begin_frame();
    let area = buf.area;
    if area.width < LEAST.0 || area.height < LEAST.1 {
        mini::render(area, buf, scene, view_state);
        ascii::only_where_wanted(buf, scene.theme);
        return None;
    }
    let (header, rest) = area.cut_below(1);
    let (bar, rest) = rest.cut_below(1);
    let (filter, rest) = rest.cut_below(filter_line::height(scene));
    let (body, footer) = rest.cut_below(rest.height.saturating_sub(1));
    header::render(header, buf, scene, view_state);
    bar::render(bar, buf, scene, view_state);
    filter_line::render(filter, buf, scene, view_state);
    match scene.app.screens.top() {
        Mode::Details => details_pane::full(body, buf, scene, view_state),
        Mode::Failures => failures_screen::render(body, buf, scene, view_state),
        Mode::Row => row::full(body, buf, scene, view_state),
        Mode::Fix => fix_screen::render(body, buf, scene, view_state),
        _ => table_and_pane(body, buf, scene, view_state),
    }
    footer::render(footer, buf, scene, view_state);
    popup::render(body, buf, scene, view_state);
    ascii::only_where_wanted(buf, scene.theme);
    view_state.cursor()
}

/// The table with the details pane beside or below it, depending on the shape of the terminal.
fn table_and_pane(body: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let size = scene.app.screens.pane;
    let table = imports::full_width(scene);
    if size == PaneSize::Hidden {
        imports::render(body, buf, scene, view_state);
    } else if size == PaneSize::Enlarged {
        // The pane takes what it needs, the table the rest.
        let most = body.height - STRIP.min(body.height / 2);
        let wanted = details_pane::full_height(scene, body.width).min(most);
        let (table, pane) = body.cut_below(body.height - wanted);
        imports::render(table, buf, scene, view_state);
        details_pane::enlarged(pane, buf, scene, view_state);
    } else if body.width > table + BESIDE {
        let (table, rest) = body.cut_beside(table);
        let (rule, pane) = rest.cut_beside(1);
        imports::render(table, buf, scene, view_state);
        for y in rule.top()..rule.bottom() {
            buf.write(rule.x, y, scene.theme.glyphs.bar, scene.theme.line);
        }
        DetailsPane::of(scene, (pane.width, pane.height)).render(pane, buf, scene, view_state);
    } else if body.height >= BELOW && (!scene.app.list.is_empty() || scene.app.is_loading()) {
        let most = body.height / 2;
        let details = DetailsPane::of(scene, (body.width, most));
        let (table, pane) = body.cut_below(body.height - details.height().min(most));
        imports::render(table, buf, scene, view_state);
        details.render(pane, buf, scene, view_state);
    } else {
        imports::render(body, buf, scene, view_state);
    }
}
