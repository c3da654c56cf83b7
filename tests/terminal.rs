//! The terminal is given back however the program ends: each ending is played in a pseudo-terminal.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

use std::env;
use std::io::Read as _;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use plannr_tui::exit::Exit;
use plannr_tui::terminal::{self, Options};
use portable_pty::{Child, CommandBuilder, PtyPair, PtySize, native_pty_system};
use rustix::process::{Pid, kill_process};

/// Says to the child which ending it is to play.
const ENDING: &str = "PLANNR_TEST_ENDING";
const READY: &str = "ready to end";

/// This same test program in a pseudo-terminal, playing one ending.
struct Play {
    pair: PtyPair,
    child: Box<dyn Child + Send + Sync>,
    bytes: Receiver<Vec<u8>>,
    seen: Seen,
    modes: String,
}

/// What the pseudo-terminal shows, and whether it ever showed that the program was ready.
struct Seen {
    parser: vt100::Parser,
    ready: bool,
}

/// What is left when it has ended.
struct Left {
    code: u32,
    screen: String,
    seen_ready: bool,
}

impl Play {
    fn start(ending: &str) -> Self {
        let pair =
            native_pty_system().openpty(PtySize { rows: 40, cols: 120, ..PtySize::default() }).unwrap();
        let modes = format!("{:?}", pair.master.get_termios());
        let mut command = CommandBuilder::new(env::current_exe().unwrap());
        command.args(["child", "--exact", "--ignored", "--nocapture"]);
        command.env(ENDING, ending);
        // A backtrace would push the rest off the screen.
        command.env_remove("RUST_BACKTRACE");
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (send, bytes) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if send.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let size = |cells| NonZero::new(cells).unwrap();
        let seen = Seen { parser: vt100::Parser::new(size(40), size(120), 0), ready: false };
        Self { pair, child, bytes, seen, modes }
    }

    fn until_ready(&mut self) {
        while !self.seen.ready {
            let bytes = self.bytes.recv().unwrap();
            self.seen.take_in(&bytes);
        }
    }

    fn kill(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits for the end; whatever it was, the terminal must be as before.
    fn end(self) -> Left {
        let Self { pair, mut child, bytes, mut seen, modes } = self;
        let code = child.wait().unwrap().exit_code();
        assert_eq!(format!("{:?}", pair.master.get_termios()), modes, "the terminal's modes");
        drop(pair.slave);
        bytes.iter().for_each(|bytes| seen.take_in(&bytes));
        let screen = seen.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is left");
        assert!(!screen.hide_cursor(), "the cursor is shown");
        assert!(!screen.bracketed_paste(), "pastes are plain again");
        assert_eq!(
            screen.mouse_protocol_mode(),
            vt100::MouseProtocolMode::None,
            "the mouse is the terminal's"
        );
        Left { code, screen: screen.contents(), seen_ready: seen.ready }
    }
}

impl Seen {
    /// Looks after every escape sequence that may end a frame: the next may already leave the screen.
    fn take_in(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|&byte| byte == b'l') {
            self.parser.process(part);
            let screen = self.parser.screen();
            self.ready |= screen.alternate_screen() && screen.contents().contains(READY);
        }
    }
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_report() {
    for ending in ["panic", "panic in another thread"] {
        let left = Play::start(ending).end();
        assert!(left.seen_ready, "{ending}: {}", left.screen);
        assert!(left.screen.contains("nobody planned this"), "{ending}: {}", left.screen);
        assert!(left.screen.contains("tests/terminal.rs"), "{ending}: {}", left.screen);
        assert_eq!(left.code, 1, "{ending}");
    }
}

#[test]
fn an_error_gives_the_terminal_back_before_it_is_told() {
    let left = Play::start("error").end();
    assert!(left.seen_ready && left.screen.contains("it went wrong"), "{}", left.screen);
    assert_eq!(left.code, 5);
}

#[test]
fn a_signal_gives_the_terminal_back_and_is_told_by_the_code() {
    use rustix::process::Signal;
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let mut play = Play::start("signal");
        play.until_ready();
        play.kill(signal);
        assert_eq!(play.end().code, code);
    }
}

#[test]
#[ignore = "one ending, played by the others in a pseudo-terminal"]
fn child() {
    let Ok(ending) = env::var(ENDING) else { return };
    terminal::install_hooks().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let exit = runtime.block_on(play(&ending));
    std::process::exit(exit.code().into());
}

async fn play(ending: &str) -> Exit {
    use plannr_tui::monitor::console::Console as _;
    let mut signals = terminal::signals().unwrap();
    let (mut screen, mut tty) = terminal::enter(Options { mouse: true, tmux: false }).unwrap();
    tty.frame_begins().unwrap();
    screen.draw(|frame| frame.render_widget(READY, frame.area())).unwrap();
    tty.frame_ends().unwrap();
    match ending {
        "panic" => panic!("nobody planned this"),
        "panic in another thread" => {
            thread::spawn(|| panic!("nobody planned this"));
            std::future::pending().await
        }
        "signal" => signals.next().await.into(),
        _ => {
            drop(tty);
            eprintln!("it went wrong");
            Exit::Unavailable
        }
    }
}
