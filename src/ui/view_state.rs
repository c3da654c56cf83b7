//! What drawing keeps between frames, and what it reports to the loop.

use ratatui::layout::{Position, Rect};

use super::row::MeasuredRow;
use crate::app::event::{Pane, Target, Viewport};
use crate::domain::import::Link;

/// Scroll positions, what can be clicked where, and the positions of cursor and link.
#[derive(Debug, Default)]
pub struct ViewState {
    /// First visible line of the imports table.
    pub imports: usize,
    /// First visible line of the reasons.
    pub reasons: usize,
    /// First visible line of the failed rows.
    pub rows: usize,
    /// Which lines each column of the open row takes.
    pub(super) measured: Option<MeasuredRow>,
    targets: Vec<(Rect, Target)>,
    panes: Vec<(Rect, Pane)>,
    /// The scroll bar being dragged.
    dragged: Option<(Rect, Pane)>,
    /// The first visible proposal.
    pub(super) proposals: usize,
    viewport: Option<Viewport>,
    cursor: Option<Position>,
    link: Option<LinkSpot>,
}

/// A link on the screen, for terminals that can open links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSpot {
    pub at: Position,
    /// The text as drawn, one line.
    pub text: String,
    pub link: Link,
}

impl ViewState {
    /// Clears what belongs to the previous frame.
    pub(super) fn begin_frame(&mut self) {
        self.targets.clear();
        self.panes.clear();
        self.viewport = None;
        self.cursor = None;
        self.link = None;
    }

    /// Registers a click target. Later ones are on top.
    pub(super) fn clickable(&mut self, area: Rect, target: Target) {
        self.targets.push((area, target));
    }

    /// The button was pressed: the target there. A scroll bar is dragged until [`ViewState::release`].
    pub fn press(&mut self, at: Position) -> Option<Target> {
        let (area, target) = self.targets.iter().rev().find(|(area, _)| area.contains(at))?;
        if let Target::Scroll(pane, ..) = target {
            self.dragged = Some((*area, *pane));
            return self.drag(at);
        }
        Some(target.clone())
    }

    /// The pointer moved with the button down: the new position on the scroll bar.
    pub fn drag(&self, at: Position) -> Option<Target> {
        let (area, pane) = self.dragged?;
        let y = at.y.clamp(area.top(), area.bottom().saturating_sub(1)) - area.top();
        Some(Target::Scroll(pane, usize::from(y), usize::from(area.height)))
    }

    pub fn release(&mut self) {
        self.dragged = None;
    }

    /// Registers what the wheel scrolls over an area.
    pub(super) fn pane(&mut self, area: Rect, pane: Pane) {
        self.panes.push((area, pane));
    }

    /// What the wheel scrolls at a position.
    pub fn pane_at(&self, at: Position) -> Pane {
        let pane = self.panes.iter().rev().find(|(area, _)| area.contains(at));
        pane.map(|(_, pane)| *pane).unwrap_or_default()
    }

    /// Sets how much of the focused list or text is visible.
    pub(super) fn set_viewport(&mut self, page: u16, length: usize) {
        self.viewport = Some(Viewport { page: usize::from(page), length, mini: false });
    }

    /// Sets how much is visible where the terminal is too small for the screens.
    pub(super) fn set_mini(&mut self, page: u16, length: usize) {
        self.viewport = Some(Viewport { page: usize::from(page), length, mini: true });
    }

    /// How much of the focused list or text is visible.
    pub fn viewport(&self) -> Option<Viewport> {
        self.viewport
    }

    pub(super) fn place_cursor(&mut self, at: Position) {
        self.cursor = Some(at);
    }

    /// The cursor's position, if it is shown.
    pub fn cursor(&self) -> Option<Position> {
        self.cursor
    }

    pub(super) fn set_link(&mut self, spot: LinkSpot) {
        self.link = Some(spot);
    }

    pub fn link(&self) -> Option<&LinkSpot> {
        self.link.as_ref()
    }
}

/// Scrolls a list just far enough to show the chosen line, and not beyond the end.
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
