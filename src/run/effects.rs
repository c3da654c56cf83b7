//! Carries out effects: each is started here and answers with an event when it is done.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::console::Console;
use crate::app::event::{Answer, Compare, Copy, CountFixes, Effect, Propose, WriteRows};
use crate::domain::account::{AccountId, Logins, Refusal};
use crate::domain::fault::Fault;
use crate::domain::import::{Import, ImportId, Link};
use crate::domain::redact::Redactable;
use crate::poller::PollerCommand;
use crate::report::compare::compare;
use crate::report::fix::Proposals;
use crate::report::{ApiView, Cancel, FailedRows};

/// What effects need besides the terminal.
pub trait Services {
    /// Sends a command to the poller. Never waits: a command that finds no room is dropped.
    fn command(&self, command: PollerCommand);

    /// Requests the accounts that the token may use.
    fn logins(&self) -> impl Future<Output = Result<Logins, Fault>> + Send + 'static;

    /// Requests an import as the account that sees it.
    fn import(
        &self,
        account: Option<&AccountId>,
        id: &ImportId,
    ) -> impl Future<Output = Result<Import, Fault>> + Send + 'static;

    /// Fetches a report into memory and reads it; reports its progress. Without a link it requests the import first.
    fn report(
        &self,
        account: Option<&AccountId>,
        id: &ImportId,
        link: Option<Link>,
        api: ApiView,
        progress: mpsc::Sender<Answer>,
    ) -> impl Future<Output = Result<Arc<FailedRows>, Redactable>> + Send + 'static;

    /// Downloads a report to a file; reports its progress.
    fn download(
        &self,
        account: Option<&AccountId>,
        id: &ImportId,
        link: Link,
        to: String,
        progress: mpsc::Sender<Answer>,
    ) -> impl Future<Output = Answer> + Send + 'static;

    fn write(&self, rows: WriteRows) -> impl Future<Output = Answer> + Send + 'static;

    /// Reads the configuration file if it has changed; `None` where there is none.
    fn settings(&self) -> Option<impl Future<Output = Answer> + Send + 'static> {
        None::<std::future::Ready<Answer>>
    }

    /// Copies with a program, and says with which; `None` where there is none.
    fn copy(&self, _: &str) -> Option<impl Future<Output = Option<&'static str>> + Send + 'static> {
        None::<std::future::Ready<_>>
    }

    /// Opens a link in the browser, or says why it cannot.
    fn open(&self, link: Link) -> impl Future<Output = Answer> + Send + 'static;
}

#[derive(Debug)]
pub struct Effects<O, C> {
    services: O,
    console: C,
    answers: mpsc::Sender<Answer>,
    import_request: Option<AbortHandle>,
    transfer: Option<AbortHandle>,
    reading: Option<AbortHandle>,
    proposing: Option<AbortHandle>,
    lost: bool,
}

impl<O: Services, C: Console> Effects<O, C> {
    fn copy_by_terminal(&mut self, copy: Copy) {
        let answer = match self.console.copy(&copy.text) {
            Ok(()) => Answer::Copied { what: copy.what, by: None },
            Err(error) => Answer::Failed(format!("could not copy: {error}")),
        };
        self.spawn(std::future::ready(answer));
    }

    pub fn new(services: O, console: C, answers: mpsc::Sender<Answer>) -> Self {
        Self {
            services,
            console,
            answers,
            import_request: None,
            transfer: None,
            reading: None,
            proposing: None,
            lost: false,
        }
    }

    /// Carries out one effect; returns an exit code, or why nobody is signed in, when the program should end.
    pub fn perform(&mut self, effect: Effect) -> Option<Result<u8, Refusal>> {
        match effect {
            Effect::Quit(code) => return Some(Ok(code)),
            Effect::Refused(refusal) => return Some(Err(refusal)),
            Effect::Refresh => self.services.command(PollerCommand::Refresh),
            Effect::Opened(id) => self.services.command(PollerCommand::Opened(id)),
            Effect::Pause(paused) => self.services.command(PollerCommand::Pause(paused)),
            Effect::Focus(focused) => self.services.command(PollerCommand::Focus(focused)),
            Effect::FetchImport { id, account, delay } => {
                let asked = self.services.import(account.as_ref(), &id);
                let task = self.spawn(async move {
                    tokio::time::sleep(delay).await;
                    Answer::Import { result: Box::new(asked.await), id }
                });
                // The selection has moved on: the latest request wins.
                if let Some(before) = self.import_request.replace(task) {
                    before.abort();
                }
            }
            Effect::CancelImport => self.cancel_import(),
            Effect::FilterJob(filter_job) => {
                let work = tokio::task::spawn_blocking(move || filter_job.run());
                self.spawn(async move {
                    match work.await {
                        Ok(filter_result) => Answer::FilterResult(Box::new(filter_result)),
                        Err(_) => Answer::Failed("the list could not be filtered".to_owned()),
                    }
                });
            }
            Effect::FetchLogins => {
                let asked = self.services.logins();
                self.spawn(async move { Answer::Logins(asked.await) });
            }
            Effect::UseAccounts { listed, others } => {
                self.cancel_import();
                self.services.command(PollerCommand::Accounts { listed, others });
            }
            Effect::AccountsInSight(in_sight) => {
                self.services.command(PollerCommand::AccountsInSight(in_sight));
            }
            Effect::Interval(interval) => self.services.command(PollerCommand::Interval(interval)),
            Effect::CheckConfig => {
                if let Some(read) = self.services.settings() {
                    let task = self.spawn(read);
                    // The file has changed again.
                    if let Some(before) = self.reading.replace(task) {
                        before.abort();
                    }
                }
            }
            Effect::LookBack(since) => self.services.command(PollerCommand::LookBack(since)),
            Effect::Open(link) => {
                let opened = self.services.open(link);
                self.spawn(opened);
            }
            Effect::FetchReport { id, account, link, api } => {
                let fetched =
                    self.services.report(account.as_ref(), &id, Some(link), api, self.answers.clone());
                let task = self.spawn(async move { Answer::Report { result: fetched.await, id } });
                self.transfer = Some(task);
            }
            Effect::Download { id, account, link, to } => {
                let downloaded =
                    self.services.download(account.as_ref(), &id, link, to, self.answers.clone());
                self.transfer = Some(self.spawn(downloaded));
            }
            Effect::Compare(Compare { id, now, other, account, link, api }) => {
                let fetched = self.services.report(account.as_ref(), &other, link, api, self.answers.clone());
                let task = self.spawn(async move {
                    let compared = async {
                        let before = fetched.await?;
                        let mine = now.clone();
                        let work = move || {
                            let comparison = compare(&before, &mine);
                            (before, comparison)
                        };
                        tokio::task::spawn_blocking(work)
                            .await
                            .map_err(|_| Redactable::from("the runs could not be compared"))
                    };
                    let result = compared.await;
                    Answer::Compared { id, now, with: other, result }
                });
                self.transfer = Some(task);
            }
            Effect::WriteRows(rows) => {
                let fixes = rows.fixes.clone().filter(|_| rows.has_all_fixed);
                let written = self.services.write(rows);
                self.spawn(async move {
                    match (written.await, fixes) {
                        (Answer::Saved(text), Some(fixes)) => Answer::FixesSaved { fixes, text },
                        (answer, _) => answer,
                    }
                });
            }
            Effect::CountFixes(CountFixes { of, fixes }) => {
                self.spawn(async move {
                    let counted = Arc::clone(&fixes);
                    match tokio::task::spawn_blocking(move || counted.states(&of)).await {
                        Ok(states) => Answer::FixStates { of: fixes, states },
                        Err(_) => Answer::Failed("the fixed rows could not be counted".to_owned()),
                    }
                });
            }
            Effect::Propose(Propose { of, today }) => {
                let task = self.spawn(async move {
                    let cancel = Cancel::default();
                    // If nobody waits any more, it stops at the next row.
                    let _gone = cancel.on_drop();
                    let (rows, cancelled) = (Arc::clone(&of), cancel.clone());
                    let work = tokio::task::spawn_blocking(move || Proposals::of(&rows, today, &cancelled));
                    match work.await {
                        Ok(proposals) => Answer::Proposals { of, proposals: Arc::new(proposals) },
                        Err(_) => Answer::Failed("the failed rows could not be looked at".to_owned()),
                    }
                });
                if let Some(before) = self.proposing.replace(task) {
                    before.abort();
                }
            }
            Effect::CancelTransfer => {
                if let Some(transfer) = self.transfer.take() {
                    transfer.abort();
                }
            }
            Effect::Copy(copy) => match self.services.copy(&copy.text) {
                None => self.copy_by_terminal(copy),
                Some(copied) => {
                    self.spawn(async move {
                        match copied.await {
                            Some(program) => Answer::Copied { what: copy.what, by: Some(program) },
                            None => Answer::NotCopied(copy),
                        }
                    });
                }
            },
            Effect::CopyByTerminal(copy) => self.copy_by_terminal(copy),
            Effect::Notify(notification) => {
                let result = self.console.notify(&notification);
                self.report("could not send a notification", result);
            }
            Effect::Title(title) => {
                let result = self.console.title(title.as_deref());
                self.report("could not set the window title", result);
            }
            Effect::Taskbar(progress) => {
                let result = self.console.taskbar(progress);
                self.report("could not update the taskbar", result);
            }
            Effect::Mouse(on) => {
                let result = self.console.mouse(on);
                self.report("could not switch mouse capture", result);
            }
            Effect::Redraw => self.lost = true,
            Effect::Suspend => {
                let result = self.console.suspend();
                self.lost = true;
                self.report("could not suspend", result);
            }
        }
        None
    }

    /// Whether everything must be redrawn: the terminal was released since the last call, or the user asked for it.
    pub fn terminal_was_lost(&mut self) -> bool {
        std::mem::take(&mut self.lost)
    }
}

impl<O, C> Effects<O, C> {
    fn cancel_import(&mut self) {
        if let Some(import_request) = self.import_request.take() {
            import_request.abort();
        }
    }

    pub fn console(&mut self) -> &mut C {
        &mut self.console
    }

    fn spawn(&self, work: impl Future<Output = Answer> + Send + 'static) -> AbortHandle {
        let answers = self.answers.clone();
        let task = tokio::spawn(async move {
            let answer = work.await;
            // Fails once the loop has ended; nobody is waiting then.
            let _ = answers.send(answer).await;
        });
        task.abort_handle()
    }

    fn report(&self, what: &str, result: std::io::Result<()>) {
        if let Err(error) = result {
            let _ = self.answers.try_send(Answer::Failed(format!("{what}: {error}")));
        }
    }
}
