//! The monitor: one loop that waits for events, lets [`App`] decide, and draws.
//!
//! Nothing here waits for the network: keys, clock, snapshots and answers arrive in one `select!`; effects run elsewhere
//! and answer with an event. The loop is generic over canvas and input, so that tests drive the same loop with scripted
//! keys and read the screen.

pub mod canvas;
pub mod console;
pub mod effects;
mod terminal_reply;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use color_eyre::Result;
use crossterm::event::{Event as Input, MouseButton, MouseEvent, MouseEventKind};
use futures_util::{Stream, StreamExt};
use ratatui::layout::Position;
use tokio::sync::{mpsc, watch};

use self::canvas::Canvas;
use self::console::Console;
use self::effects::{Effects, Services};
use self::terminal_reply::Replies;
use crate::app::App;
use crate::app::event::{Answer, Effect, Event, Pane, Target};
use crate::app::keymap::{Action, Mode};
use crate::domain::Now;
use crate::domain::account::AccountId;
use crate::domain::snapshot::Snapshot;
use crate::exit::Failure;
use crate::ui::theme::Themes;
use crate::ui::{self, Scene, ViewState};

/// Input events handled before a frame is drawn: a held key costs one frame, not fifty.
const BURST: usize = 64;
/// Lines per notch of the wheel.
const NOTCH: i16 = 3;

/// What the loop listens to besides the keys.
#[derive(Debug)]
pub struct Feeds {
    /// The poller's latest.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// The results of effects.
    pub answers: mpsc::Receiver<Answer>,
    /// Exit codes of signals that end the program.
    pub signals: mpsc::Receiver<u8>,
}

/// Runs the monitor until the user quits, a signal arrives or the input ends; returns the exit code.
///
/// # Errors
/// The terminal cannot be read or written, or nobody can be signed in ([`Failure`]).
pub async fn run<I, C, O>(
    canvas: &mut impl Canvas,
    input: I,
    mut feeds: Feeds,
    mut effects: Effects<O, C>,
    app: &mut App,
    themes: &Themes,
    clock: impl Fn() -> Now,
) -> Result<u8>
where
    I: Stream<Item = io::Result<Input>>,
    C: Console,
    O: Services,
{
    let mut view_state = ViewState::default();
    let mut replies = Replies::default();
    effects.console().query_background()?;
    let mut input = std::pin::pin!(input.ready_chunks(BURST));
    // A terminal that shrank and grew again has lost the cells that were cut off, though its size is the same.
    let mut lost = false;
    let mut screen_key = ScreenKey::of(app);
    // As below, answers first: why there is no token comes before the snapshot of a server that wants one.
    let answered = std::iter::from_fn(|| feeds.answers.try_recv().ok()).take(BURST);
    let mut happened: Vec<_> = answered.map(Event::Answer).collect();
    happened.push(Event::Snapshot(feeds.snapshots.borrow_and_update().clone()));
    loop {
        let mut wanted = Vec::new();
        let mut ends = false;
        for event in std::mem::take(&mut happened) {
            wanted.extend(app.update(clock(), event));
            ends = wanted.iter().any(|effect| matches!(effect, Effect::Quit(_) | Effect::Refused(_)));
            if ends {
                break;
            }
        }
        // Where the terminal measures a character differently, parts of it may stay when cells around it change. Redrawing
        // makes sure that they are never a masked value's, another firm's or another row's.
        let changed = std::mem::replace(&mut screen_key, ScreenKey::of(app)) != screen_key;
        let redraw = std::mem::take(&mut lost) || changed;
        if !ends {
            draw(canvas, effects.console(), (app, themes), &mut view_state, redraw)?;
        }
        // After the frame: waking the threads that do the work takes a good part of a frame's time.
        for effect in wanted {
            if let Some(end) = effects.perform(effect) {
                return end.map_err(|refusal| Failure::from(refusal).into());
            }
        }
        lost = effects.terminal_was_lost();
        happened.extend(view_state.viewport().map(Event::Viewport));
        // The screens and the keys are others in a small terminal.
        if lost || view_state.viewport().is_some_and(|viewport| viewport.mini != app.screens.is_mini()) {
            continue;
        }
        let answered = replies.due().map_or(Duration::MAX, |due| due.saturating_sub(clock().up));
        let tick = tokio::time::sleep(answered.min(app.next_tick()));
        tokio::select! {
            biased;
            Some(code) = feeds.signals.recv() => return Ok(code),
            Some(answer) = feeds.answers.recv() => happened.push(Event::Answer(answer)),
            Ok(()) = feeds.snapshots.changed() => {
                happened.push(Event::Snapshot(feeds.snapshots.borrow_and_update().clone()));
            }
            inputs = input.next() => match inputs {
                Some(inputs) => {
                    for input in inputs {
                        let input = input?;
                        lost |= matches!(input, Input::Resize(..));
                        let parsed = replies.feed(input, clock().up);
                        happened.extend(parsed.background.map(Event::Background));
                        happened.extend(parsed.inputs.into_iter().filter_map(|input| event_of(input, &mut view_state)));
                    }
                }
                None => return Ok(0),
            },
            () = tick => {
                happened.extend(replies.settle(clock().up).into_iter().filter_map(|input| event_of(input, &mut view_state)));
                happened.push(Event::Tick);
            }
        }
    }
}

/// When this changes, nothing of the previous screen may stay.
#[derive(PartialEq, Eq)]
struct ScreenKey {
    screen: Mode,
    masked: bool,
    accounts: Vec<AccountId>,
}

impl ScreenKey {
    fn of(app: &App) -> Self {
        Self {
            screen: app.screens.top(),
            masked: app.redaction().enabled,
            accounts: app.identity.accounts.iter().map(|account| account.id.clone()).collect(),
        }
    }
}

/// Draws a frame; with `redraw` every cell of it.
///
/// # Errors
/// The terminal cannot be read or written.
pub fn draw(
    canvas: &mut impl Canvas,
    console: &mut impl Console,
    (app, themes): (&App, &Themes),
    view_state: &mut ViewState,
    redraw: bool,
) -> Result<()> {
    let theme = themes.theme(app.theme_state.chosen, app.theme_state.background);
    console.frame_begins();
    canvas.draw(redraw, |buf| ui::draw(buf, Scene { app, theme }, view_state))?;
    if let Some(spot) = view_state.link() {
        console.link(spot.at, &spot.text, &spot.link)?;
    }
    console.frame_ends()?;
    Ok(())
}

/// The event for an input: keys unchanged, the mouse by what is under the pointer.
fn event_of(input: Input, view_state: &mut ViewState) -> Option<Event> {
    match input {
        Input::Key(key) if key.is_press() || key.is_repeat() => Some(Event::Key(key)),
        Input::Key(_) => None,
        Input::Paste(text) => Some(Event::Paste(text)),
        Input::FocusGained => Some(Event::Focus(true)),
        Input::FocusLost => Some(Event::Focus(false)),
        Input::Resize(..) => Some(Event::Resized),
        Input::Mouse(MouseEvent { kind, column, row, .. }) => {
            let at = Position { x: column, y: row };
            match kind {
                MouseEventKind::Down(MouseButton::Left) => view_state.press(at).map(Event::Click),
                MouseEventKind::Drag(MouseButton::Left) => view_state.drag(at).map(Event::Click),
                MouseEventKind::Up(MouseButton::Left) => {
                    view_state.release();
                    None
                }
                MouseEventKind::Down(MouseButton::Right) => Some(Event::Click(Target::Key(Action::Back))),
                MouseEventKind::ScrollDown => Some(Event::Wheel(NOTCH, view_state.pane_at(at))),
                MouseEventKind::ScrollUp => Some(Event::Wheel(-NOTCH, view_state.pane_at(at))),
                MouseEventKind::ScrollRight if view_state.pane_at(at) == Pane::Rows => {
                    Some(Event::Click(Target::Key(Action::ColumnsRight)))
                }
                MouseEventKind::ScrollLeft if view_state.pane_at(at) == Pane::Rows => {
                    Some(Event::Click(Target::Key(Action::ColumnsLeft)))
                }
                _ => None,
            }
        }
    }
}
