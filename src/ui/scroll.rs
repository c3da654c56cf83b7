//! Scroll bars for lists and texts that are longer than their pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Scrollbar, ScrollbarOrientation, ScrollbarState, StatefulWidget};

use super::{Scene, ViewState};
use crate::app::event::{Pane, Target};

/// Which part of a list or text is visible.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// The first visible line.
    pub first: usize,
    /// Lines in total.
    pub length: usize,
}

/// Draws a bar in the last column of an area if not all lines fit; clicking or dragging it scrolls.
pub(super) fn bar(
    area: Rect,
    extent: Extent,
    pane: Pane,
    buf: &mut Buffer,
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    view_state.pane(area, pane);
    let height = usize::from(area.height);
    if extent.length <= height || area.width == 0 || height < 2 {
        return;
    }
    let column = Rect { x: area.right() - 1, width: 1, ..area };
    let mut state = ScrollbarState::new(extent.length + 1 - height)
        .position(extent.first)
        .viewport_content_length(height);
    Scrollbar::new(ScrollbarOrientation::VerticalRight)
        .begin_symbol(None)
        .end_symbol(None)
        .track_symbol(None)
        .thumb_symbol(scene.theme.glyphs.thumb)
        .thumb_style(scene.theme.line)
        .render(column, buf, &mut state);
    view_state.clickable(column, Target::Scroll(pane, 0, height));
}
