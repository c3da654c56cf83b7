//! Watch Plannr imports from the terminal.
//!
//! # The screen, and the file that draws each part
//!
//! ```text
//!  plannr  Fairweather Wealth · Joan Okaforth   2 in trouble · 5 running · 353 rows failing  ● live   ui/header.rs
//!  1 All 40   2 Running 5   3 Failed rows 30   4 Done 35                         / is:running         ui/bar.rs
//!    IMPORT             STATE        PROGRESS              DONE    FAILED    RATE    ETA    STARTED    ui/imports.rs, ui/column_layout.rs
//!  ▌ clients · Create   ▸ running    ▆▆▆▆▆▆▄▄▁▁  83%    721/860   246 34%   2.4/s    59s     5m ago    ui/verdict_label.rs, ui/gauge.rs
//!    plans · Update     ‖ stalled 1m ▆▆▆▆▄▁▁▁▁▁  41%  410/1,000     4 <1%       –      –    10m ago
//!    circles · Create   ! done       ━━━━━━━━━╍ 100%    975/975    12  1%       –      –    30m ago
//! ─ clients · Create ▸ running ──────────────────────────────────────────────────────────────────     ui/details_pane.rs
//!   ▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▄▄▄▄▄▄▄▄▄▁▁▁▁▁▁  83%  475 ok · 246 failed · 139 left                         ui/sections.rs
//!   Why rows fail  25 of 246               Mapping  12 of 12               Error report
//!   email has already been taken  3 ▄▄▄    DOB  → date_of_birth            not written yet
//!  enter open   i details   / filter   tab view   y copy   ? help   q quit                            ui/footer.rs
//! ```
//!
//! Failed rows (`ui/failures_screen.rs`), one row (`ui/row.rs`) and all details (`ui/details_pane.rs`) take the middle's place;
//! help, log, copy menu and link (`ui/popup.rs`) lie on top. `ui/theme.rs` says what everything looks like.
//!
//! # Where data flows
//!
//! An **event** is a fact: a key, a snapshot, an answer, time. An **action** is what the user wants: what a key
//! means here. An **effect** is something to be done outside. [`app::App::update`] turns events into effects and owns
//! all state of the screen; it does no I/O and never waits.
//!
//! ```text
//!        the server                       keys, mouse     a signal     time
//!          ^    | JSON                         |             |           |
//!          |    v                              | input       | mpsc      | App::next_tick
//!       api::Client                            |             |           |
//!          ^    |                              v             v           v
//! ListRequest   | Page                     +------------------------------------+
//!          |    v                          |                                    |  mpsc<Answer>
//!   +---> poller -- watch<Arc<Snapshot>> ->|      run::run: one select!         |<---------------+
//!   |                                      |                                    |                |
//!   |                                      +------------------------------------+                |
//!   |                                                  | Event                                   |
//!   |                                                  v                                         |
//!   |                                  App::update(Now, Event) -> Vec<Effect>                    |
//!   |                                      |                         |                           |
//!   |                                      | &App                    | Effect                    |
//!   |                                      v                         v                           |
//!   |                                  ui::draw                run::effects                      |
//!   |                                      |                         |                           |
//!   |                                      | cells                   +-- one import: Client -----+
//!   |                                      v                         +-- a link: browser::open --+
//!   |                                  terminal <-- copy, mouse -----+
//!   +-- refresh, pause, focus - mpsc<PollerCommand> -----------------+
//! ```
//!
//! The loop has the main thread to itself. Poller and requests are on a second one, keys are read on a third, signals heard
//! on a fourth, and what takes long (a large response, a report, another order of many imports) is worked out on a thread
//! of its own, some of it on one more.
//!
//! # The map
//!
//! This library is the program, cut so that tests can drive it: it is no API, and nothing in it is stable.
//!
//! ```text
//! src/
//!   main.rs             the last word: an error on standard error, the exit code
//!   lib.rs              this page
//!   domain.rs           what the program is about: plain values, pure functions
//!     account.rs        logins, and which account to use
//!     import.rs         an import as the server describes it; its error report; links that may be opened
//!     import_event.rs   what happens to imports, by what changed between two snapshots
//!     event_kind.rs     what can happen, by name: to imports, and to the connection
//!     import_name.rs    how an import is named on a command line: uuid, beginning, latest
//!     evidence.rs       how a server counts failures, by what it was seen to do
//!     digest.rs         what a few numbers say of an import's texts, for filters and orders
//!     tally.rs          the server's counts -> succeeded, failed, pending; the verdict
//!     pace.rs           counts over time -> rows per second, ETA, stalled
//!     failure.rs        the API's sample of failed rows, as it came
//!     fault.rs          what can go wrong outside, in words for the user
//!     backoff.rs        how long to wait after a fault
//!     transfer.rs       a download: how far, how fast, what can keep it from arriving
//!     file_name.rs      file names from a server, made harmless
//!     page.rs           a request for a page of imports, and the page
//!     snapshot.rs       all imports with verdict and pace, and the state of the connection; absorbs pages, shares what stays
//!     redact.rs         client values masked for a shared screen; the words that a message may show
//!     text.rs           text from outside made safe for a terminal: the only place where untrusted text is sanitised
//!   api.rs              Plannr over HTTP: read-only, one origin, bounded; the only room that speaks HTTP
//!     base_url.rs       the address of the server: https, or this machine
//!     token.rs          the token, which nothing prints
//!     connections.rs    certificates, proxies, timeouts
//!     list_query.rs     every parameter of the import list
//!     budget.rs         how much of the rate limit is left, by priority; pure
//!     rate_limiter.rs   one budget for all requests
//!     request_counts.rs how many were sent, by how they were answered
//!     download.rs       reports, streamed; resumed after an interruption; their names
//!     wire.rs           the JSON, read leniently, into domain; a page while it arrives
//!     faults.rs         error responses and transport errors -> faults
//!   poller.rs           polls again and again; the only writer of the snapshot
//!     account_poller.rs one account: what is known of it, and its plan
//!     job.rs            the requests, and what each is for
//!     plan.rs           what to request next, and when; pure
//!     sweep.rs          one pass over all pages, several at a time where it is hurried
//!     poll_interval.rs  how often: quick while something runs, slow when nobody looks
//!   query.rs            the filter language, the orders and the views; pure
//!     fields.rs         the fields and the words of `is:`, as a table
//!     scan.rs           text -> terms
//!     parse.rs          terms -> tests, and the first mistake
//!     complete.rs       what may stand at the cursor
//!     value.rs          comparisons, numbers, durations, days
//!     matcher.rs        whether an import passes
//!     listed.rs         an import with what filters, views and orders ask of all of them beside it
//!     memo.rs           what was found in texts that many imports share
//!     sort.rs           the orders
//!     view.rs           All, Running, Failed rows, Done
//!   report.rs           an error report's bytes -> all failed rows, and back into a CSV; pure
//!     failed_rows.rs    the failed rows of an import, from report or sample: the one type that everything reads
//!     cancel.rs         the flag that ends a reader nobody waits for
//!     completeness.rs   all of them, or how many of how many, in words
//!     filter.rs         the filter of failed rows
//!     read.rs           bytes into a table
//!     header.rs         which row of a file is its headers
//!     recognise.rs      CSV, workbook or something else, by content
//!     delimited.rs      CSV in every dialect and encoding
//!     workbook.rs       XLSX
//!     sample.rs         the API's sample as a table
//!     table.rs          headers and cells exactly as they came
//!     titles.rs         what the client's columns are called, redacted or not
//!     read_error.rs     why bytes are no table, and the limits
//!     errors.rs         which columns say why, and what they say of each row
//!     reasons.rs        rows grouped by reason, the values taken out
//!     values.rs         what the rejected values of a column have in common: the diagnosis
//!     compare.rs        two runs of a file: fixed, still failing, new
//!     source.rs         failed rows found in the client's own file, by line
//!     fix.rs            corrections: proposals, and what is taken of them
//!     matching.rs       when two rows are the same
//!     fixup.rs          chosen rows as a CSV that only needs the fixes
//!   app.rs              the state of the screen and the one function that changes it; no terminal, no I/O
//!     event.rs          events, answers and effects
//!     keymap.rs         every key, with its help text and footer label
//!     act.rs            what actions do
//!     account_switch.rs the accounts: signing in, and switching to another
//!     columns.rs        the columns of the imports table
//!     comparison.rs     comparing with another run
//!     copy.rs           the copy menu, and what each line copies
//!     details.rs        what only the show route has, and when to request it
//!     event_log.rs      the notice, and the log behind it
//!     fix.rs            fixing failed rows: proposals taken, cells edited, what is not written yet
//!     failures.rs       failed rows: which, in which order, grouped by what
//!     filter_typing.rs  completing a filter while it is typed, and the filters kept before
//!     help.rs           the lines of the help, and running them
//!     import_list.rs    the imports that are listed: filter, order, selection, marks
//!     mouse.rs          clicks and the wheel
//!     named_filters.rs  the filters of the configuration, tabs after the views
//!     notifications.rs  notifications, window title and taskbar: what they say, and when
//!     period.rs         imports older than the period
//!     preferences.rs    the settings in force: the configuration's, and what the user chose instead
//!     report_fetch.rs   error reports: when to fetch one, and what becomes of it
//!     runtime_config.rs the part of the configuration that applies at once when its file changes
//!     save.rs           downloading reports and writing rows
//!     theme_state.rs    the themes to choose from, and the one in use
//!     typing.rs         filters and searches as they are typed
//!     while_away.rs     what happened while the program was not running: the greeting, and marks until it was seen
//!   ui.rs               one frame: which panes, where
//!     header.rs         firm, person, what runs, the state of the connection
//!     bar.rs            views, named filters, kept filter; breadcrumbs
//!     filter_line.rs    the filter while it is typed, what completes it, a mistake in it
//!     imports.rs        the imports table
//!     column_layout.rs  its columns: their cells, widths, and which of them fit
//!     plain_table.rs    the same table as printed lines, for `list` and `wait`
//!     verdict_label.rs  a verdict in a word
//!     scroll.rs         scroll bars
//!     gauge.rs          succeeded, failed and pending rows as a bar
//!     details_pane.rs   the details of an import, beside, below or alone
//!     sections.rs       the parts of the details
//!     sparklines.rs     how fast rows go and fail
//!     failures_screen.rs failed rows by reason or one by one
//!     row_table.rs      their table: the program's columns, then the client's
//!     fix_screen.rs     the fixes: proposals, and their cells before and after
//!     row.rs            one failed row
//!     picker.rs         the box of a popup; lists to choose from; the orders of the table
//!     run_picker.rs     the runs that failed rows can be compared with
//!     account_picker.rs the accounts that the token may use
//!     help.rs           the keys of a screen, by group
//!     popup.rs          log, copy menu, a link
//!     mini.rs           a terminal too small for the screens: a line an import
//!     footer.rs         the keys that matter here, or a notice
//!     format.rs         counts, durations, dates; cutting and wrapping by cells
//!     write.rs          text into cells
//!     cut.rs            areas into parts
//!     theme.rs          styles and glyphs by meaning; the themes, and how many colours there are, in theme/
//!     ascii.rs          ASCII in place of everything else, where the terminal shows no more
//!     view_state.rs     what drawing remembers: scroll positions, what can be clicked
//!   events.rs           what happened, as a stream, for `events` and the programs it runs; pure
//!     happened.rs       one event: in words, and as JSON
//!     observer.rs       from snapshots to events, each once, with an id
//!     metrics.rs        the state of the imports in Prometheus' text format
//!     contact.rs        offline and online, of one account or of all
//!   hooks.rs            programs that run when something happens: a queue, a few at once
//!     program.rs        one run: the event on its standard input and in variables; its end
//!   run.rs              the loop: wait, update, draw, perform; the same in tests
//!     terminal_reply.rs the terminal's replies, taken out of the keys
//!     effects.rs        carries effects out
//!     canvas.rs         what the loop draws on: the terminal, or a test's cells
//!     console.rs        what the loop does to the terminal besides drawing cells
//!   terminal.rs         taking the terminal over, and restoring it however the program ends
//!     input.rs          keys, pastes and the mouse; on Unix byte by byte, in input/
//!     output.rs         one frame, one write, between synchronized-output marks
//!     screen.rs         compares a frame with what the terminal shows
//!     paint.rs          cells as the bytes that draw them; whole rows where terminals dispute a width
//!     escapes.rs        links, copies and the mouse, as escape sequences
//!     signals.rs        the signals that end the program
//!   config.rs           flag over environment over file over default, each with where it came from
//!     file.rs           the configuration file, read and checked line by line; its keys as a table, [notify] and [[hooks]], in file/
//!     layers.rs         the file, overridden by the chosen profile
//!     parse.rs          from what was typed to a value, or to what is valid
//!     inputs.rs         the flag and the variable of a setting, and the environment
//!     server.rs         the server, and which token may be sent to it
//!     profiles.rs       several profiles at once: a server for each
//!     show.rs           every setting as text, with where it came from
//!     terminal_env.rs   locale, colours, browser, SSH: what the environment shows about terminal and desktop
//!     themes.rs         the themes to choose from, [themes] included
//!     token.rs          where the access token comes from, a command perhaps; prints nothing
//!     ca_file.rs        certificates to trust besides the system's, from a file
//!   cli.rs              the arguments, and nothing else
//!     headless.rs       the arguments of the commands that print and end
//!     placement.rs      which options each command takes: others are refused
//!   commands.rs         one file for each command
//!     monitor.rs        the monitor against a server: puts poller, loop and terminal together
//!     demo.rs           the same against the simulated server
//!     recording.rs      keeping what happens in the journal, for the monitor and events
//!     gather.rs         the imports that match, of one account or of several, for list and wait
//!     list.rs           the imports, printed once
//!     events.rs         a line for each thing that happens; the lines, and serving metrics, in events/
//!     observed.rs       what happens between snapshots, as they come: for events, and for the monitor's hooks
//!     wait.rs           blocks until imports have settled: what to request, progress as bars or lines in wait/
//!     errors.rs         the failed rows of an import, printed; its formats in errors/
//!     fix.rs            the failed rows, corrected; what is proposed, printed, in fix/
//!     report.rs         the error report, downloaded
//!     accounts.rs       the accounts that the token can see
//!     config.rs         the configuration file: its path, a template, the settings in effect
//!     completions.rs    completions for shells
//!     man.rs            the man page
//!   session.rs          what commands share on their way to the server
//!     access.rs         the token in use, and renewing it when the server rejects it
//!     connect.rs        from the configuration to a client; signing in, for commands that print and end
//!     connections.rs    the client of every server, and all their accounts as one list
//!     once.rs           sign in, do the work, end at a signal: commands that run once
//!     retry.rs          retrying server errors, for commands that run once
//!     resolve.rs        from how imports are named to their uuids
//!     pages.rs          the whole list, page after page
//!     source.rs         the client's own file, read once
//!     transfer.rs       reports and rows saved to files, and described
//!   output.rs           standard output: data, and nothing else
//!     stdout.rs         writing to it; a reader that closed it
//!     printer.rs        imports as a table, or in a format for programs
//!     formats.rs        records as JSON, NDJSON, CSV, tab-separated; an import's in formats/
//!   browser.rs          opening a link, away from our terminal
//!   child.rs            a program that was started, killed with everything that it starts
//!   clipboard.rs        copying with the programs of tmux and the desktop
//!   clock.rs            the real clock
//!   files.rs            writing client data where the user says: complete or not at all, never over a file
//!     leftovers.rs      what a killed run left of a file
//!     error.rs          why a file cannot be written, and what to do
//!   exit.rs             exit codes, and which error leads to which
//!   journal.rs          what happened, kept on disk if asked for: events and counts, no name
//!     line.rs           its lines as JSON
//!     contents.rs       what the lines of a journal add up to
//!     recorder.rs       which lines to write, and when
//!     file.rs           the file: shared by several programs, bounded
//!   private_file.rs     files of our own that grow, readable only by the user
//!   whole_write.rs      everything written, also where another program made standard output non-blocking
//!   logging.rs          a log into a file, never to the terminal
//!   parallel.rs         long work on two cores
//!   suggest.rs          did you mean: the valid name nearest to a wrong one
//!   secrets.rs          tokens in use, removed from the log and from error messages
//!   simulator.rs        a simulated Plannr over real HTTP; its own map inside
//! ```
//!
//! # The rules
//!
//! `tests/architecture.rs` reads the sources and fails where one is broken.
//!
//! 1. [`domain`] imports nothing of ours but itself, [`query`] nothing but [`domain`]; neither knows a runtime,
//!    HTTP or a terminal. No room leads back to itself.
//! 2. Only [`api`] speaks HTTP to the server. [`poller`] is given a fetch function, never the client, so that its timing is
//!    tested on a paused clock.
//! 3. [`app`] knows no runtime, no HTTP and no drawing. [`ui`] reads it and writes cells; it knows no clock, no
//!    environment and no I/O.
//! 4. Time is passed in as [`domain::Now`]: only [`clock`] reads the clock, and the rate limit in `api/rate_limiter.rs`,
//!    which no caller should have to pass a time. The environment is passed in as a function: only [`config`] reads it.
//! 5. [`simulator`] shares no type with the rest: it writes the API's JSON on its own, so that a wrong belief of
//!    the client cannot hide. Only the demo and tests start it.
//! 6. Only [`ui::theme`] names a colour (and `terminal/paint.rs` writes it), only [`app::keymap`] names a key.
//! 7. One writer for shared state, and a channel to the readers; every queue is bounded; no lock of ours around
//!    state.
//! 8. `foo.rs` beside `foo/`, no `mod.rs`; a file holds one thing, in 600 lines at most.
pub mod api;
pub mod app;
pub mod browser;
mod child;
pub mod cli;
pub mod clipboard;
pub mod clock;
pub mod commands;
pub mod config;
pub mod domain;
pub mod events;
pub mod exit;
pub mod files;
pub mod hooks;
pub mod journal;
pub mod logging;
mod output;
mod parallel;
pub mod poller;
mod private_file;
pub mod query;
pub mod report;
pub mod run;
pub mod secrets;
mod session;
pub mod simulator;
pub mod suggest;
pub mod terminal;
pub mod ui;
mod whole_write;

#[cfg(target_env = "musl")]
#[global_allocator]
static MEMORY: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;
