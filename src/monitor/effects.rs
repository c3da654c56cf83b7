//! Carrying out effects: each is started here and answers with an event when it is done.

use std::future::Future;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::console::Console;
use super::event::{Answer, Effect};
use crate::domain::fault::Fault;
use crate::domain::import::{Import, ImportId, Link};
use crate::poller::Wish;

/// What effects reach outside the terminal.
pub trait Outside {
    /// Passes a wish to the poller. Never waits: a wish that finds no room is dropped.
    fn wish(&self, wish: Wish);

    /// Asks the server for one import.
    fn import(&self, id: &ImportId) -> impl Future<Output = Result<Import, Fault>> + Send + 'static;

    /// Opens a link in the browser, or says why it cannot be.
    fn open(&self, link: Link) -> impl Future<Output = Answer> + Send + 'static;
}

/// Carries out effects.
#[derive(Debug)]
pub struct Effects<O, C> {
    outside: O,
    console: C,
    answers: mpsc::Sender<Answer>,
    asking: Option<AbortHandle>,
    lost: bool,
}

impl<O: Outside, C: Console> Effects<O, C> {
    /// Effects that reach so far, answering on a channel.
    pub fn new(outside: O, console: C, answers: mpsc::Sender<Answer>) -> Self {
        Self { outside, console, answers, asking: None, lost: false }
    }

    /// Carries one effect out; an exit code when the program is to end.
    pub fn perform(&mut self, effect: Effect) -> Option<u8> {
        match effect {
            Effect::Quit(code) => return Some(code),
            Effect::Refresh => self.outside.wish(Wish::Refresh),
            Effect::Pause(paused) => self.outside.wish(Wish::Pause(paused)),
            Effect::Focus(focused) => self.outside.wish(Wish::Focus(focused)),
            Effect::AskImport { id, rest } => {
                let asked = self.outside.import(&id);
                let task = self.answer_later(async move {
                    tokio::time::sleep(rest).await;
                    Answer::Import { result: Box::new(asked.await), id }
                });
                // The newest wish wins: the selection has moved on.
                if let Some(before) = self.asking.replace(task) {
                    before.abort();
                }
            }
            Effect::Open(link) => {
                let opened = self.outside.open(link);
                self.answer_later(opened);
            }
            Effect::Copy(text) => {
                let result = self.console.copy(&text);
                self.report("the clipboard", result);
            }
            Effect::Mouse(on) => {
                let result = self.console.mouse(on);
                self.report("the mouse", result);
            }
            Effect::Suspend => {
                let result = self.console.suspend();
                self.lost = true;
                self.report("suspending", result);
            }
        }
        None
    }

    /// Whether the screen was given away since the last question and must be drawn afresh.
    pub fn terminal_was_lost(&mut self) -> bool {
        std::mem::take(&mut self.lost)
    }
}

impl<O, C> Effects<O, C> {
    /// The terminal's other abilities.
    pub fn console(&mut self) -> &mut C {
        &mut self.console
    }

    fn answer_later(&self, work: impl Future<Output = Answer> + Send + 'static) -> AbortHandle {
        let answers = self.answers.clone();
        let task = tokio::spawn(async move {
            let answer = work.await;
            // The loop is gone when this fails; nobody waits any more.
            let _ = answers.send(answer).await;
        });
        task.abort_handle()
    }

    fn report(&self, what: &str, result: std::io::Result<()>) {
        if let Err(error) = result {
            let _ = self.answers.try_send(Answer::Trouble(format!("{what}: {error}")));
        }
    }
}
