//! What drawing must remember between frames, and what it reports back.

use ratatui::layout::{Position, Rect};

use super::row::MeasuredRow;
use crate::app::event::{Pane, Target, Viewport};
use crate::domain::import::Link;

/// Scroll positions, what can be clicked where, and where the cursor and a hyperlink go.
#[derive(Debug, Default)]
pub struct ViewState {
    /// First line shown of the imports table.
    pub imports: usize,
    /// First line shown of the list of reasons.
    pub reasons: usize,
    /// First line shown of the list of failed rows.
    pub rows: usize,
    /// Where each column of the row shown is among its lines.
    pub(super) measured: Option<MeasuredRow>,
    targets: Vec<(Rect, Target)>,
    panes: Vec<(Rect, Pane)>,
    /// The scroll bar that the pointer holds.
    dragged: Option<(Rect, Pane)>,
    viewport: Option<Viewport>,
    cursor: Option<Position>,
    link: Option<LinkSpot>,
}

/// A link on the screen, for terminals that open links themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSpot {
    /// Where its text begins.
    pub at: Position,
    /// The text as drawn, one line.
    pub text: String,
    /// Where it leads.
    pub link: Link,
}

impl ViewState {
    /// Forgets what belongs to the frame before.
    pub(super) fn begin_frame(&mut self) {
        self.targets.clear();
        self.panes.clear();
        self.viewport = None;
        self.cursor = None;
        self.link = None;
    }

    /// Notes that something can be clicked. What is noted later lies on top.
    pub(super) fn clickable(&mut self, area: Rect, target: Target) {
        self.targets.push((area, target));
    }

    /// The button goes down: what lies there. A scroll bar is dragged until [`ViewState::release`].
    pub fn press(&mut self, at: Position) -> Option<Target> {
        let (area, target) = self.targets.iter().rev().find(|(area, _)| area.contains(at))?;
        if let Target::Scroll(pane, ..) = target {
            self.dragged = Some((*area, *pane));
            return self.drag(at);
        }
        Some(target.clone())
    }

    /// The pointer moves with the button down: where on the scroll bar that it holds.
    pub fn drag(&self, at: Position) -> Option<Target> {
        let (area, pane) = self.dragged?;
        let y = at.y.clamp(area.top(), area.bottom().saturating_sub(1)) - area.top();
        Some(Target::Scroll(pane, usize::from(y), usize::from(area.height)))
    }

    /// The button goes up.
    pub fn release(&mut self) {
        self.dragged = None;
    }

    /// Notes what the wheel scrolls over an area.
    pub(super) fn pane(&mut self, area: Rect, pane: Pane) {
        self.panes.push((area, pane));
    }

    /// What the wheel scrolls at a position.
    pub fn pane_at(&self, at: Position) -> Pane {
        let pane = self.panes.iter().rev().find(|(area, _)| area.contains(at));
        pane.map(|(_, pane)| *pane).unwrap_or_default()
    }

    /// Notes how much of the list or text in focus is shown.
    pub(super) fn set_viewport(&mut self, page: u16, length: usize) {
        self.viewport = Some(Viewport { page: usize::from(page), length });
    }

    /// How much of the list or text in focus is shown.
    pub fn viewport(&self) -> Option<Viewport> {
        self.viewport
    }

    /// Puts the cursor somewhere.
    pub(super) fn place_cursor(&mut self, at: Position) {
        self.cursor = Some(at);
    }

    /// Where the cursor is, if it is shown.
    pub fn cursor(&self) -> Option<Position> {
        self.cursor
    }

    /// Notes a link.
    pub(super) fn set_link(&mut self, spot: LinkSpot) {
        self.link = Some(spot);
    }

    /// The link on the screen.
    pub fn link(&self) -> Option<&LinkSpot> {
        self.link.as_ref()
    }
}

/// Moves a list's first line just as far as it takes to show the chosen one, and no further than the end.
pub(super) fn follow(first: &mut usize, chosen: usize, height: usize, length: usize) {
    *first = (*first).min(chosen).min(length.saturating_sub(height));
    if height > 0 && chosen >= *first + height {
        *first = chosen + 1 - height;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_scrolls_only_as_far_as_it_must() {
        let mut first = 0;
        for (chosen, expected) in [(4, 0), (5, 1), (9, 5), (8, 5), (5, 5), (4, 4), (0, 0)] {
            follow(&mut first, chosen, 5, 10);
            assert_eq!(first, expected, "chosen {chosen}");
        }
        first = 9;
        follow(&mut first, 2, 5, 3);
        assert_eq!(first, 0);
        follow(&mut first, 0, 0, 0);
    }
}
