//! A panic or an error gives the terminal back: each is played in a pseudo-terminal. The other ends of the program,
//! which the program itself can be brought to, are in `tests/pty.rs`.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

#[path = "common/pty.rs"]
#[expect(dead_code, reason = "tests/pty.rs uses the rest")]
mod pty;

use std::{env, thread};

use plannr_tui::api::Token;
use plannr_tui::exit::Exit;
use plannr_tui::secrets;
use plannr_tui::terminal::{self, Options};
use ratatui::buffer::Buffer;
use ratatui::style::Style;

use self::pty::{Left, Pty, hermetic};

/// Says to the child which ending it is to play.
const ENDING: &str = "PLANNR_TEST_ENDING";
const READY: &str = "ready to end";

/// What is left when this same test program has played an ending.
fn play(ending: &str) -> Left {
    let mut command = hermetic(env::current_exe().unwrap());
    command.args(["child", "--exact", "--ignored", "--nocapture"]);
    command.env(ENDING, ending);
    let mut pty = Pty::start(command, 120, 40);
    pty.until("its screen", |screen| screen.alternate_screen() && screen.contents().contains(READY));
    pty.end()
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_report() {
    for ending in ["panic", "panic within a frame", "panic in another thread"] {
        let left = play(ending);
        assert!(left.screen.contains("nobody planned this"), "{ending}: {}", left.screen);
        assert!(left.screen.contains("tests/terminal.rs"), "{ending}: {}", left.screen);
        assert_eq!(left.code, Ok(1), "{ending}");
    }
}

#[test]
fn last_words_hold_no_token_and_nothing_that_a_terminal_acts_on() {
    let left = play("panic with the token");
    let output = String::from_utf8_lossy(&left.bytes);
    assert!(output.contains("it read: …␛[2J") && !output.contains("last-words"), "{output}");
    assert_eq!(left.code, Ok(1));
}

#[test]
fn an_error_gives_the_terminal_back_before_it_is_printed() {
    let left = play("error");
    assert!(left.screen.contains("it went wrong"), "{}", left.screen);
    assert_eq!(left.code, Ok(5));
}

#[test]
fn a_terminal_without_an_alternate_screen_shows_nothing_else_meanwhile_and_nothing_afterwards() {
    let bytes = play("error").bytes;
    let written = String::from_utf8_lossy(&bytes).replace("\x1b[?1049h", "").replace("\x1b[?1049l", "");
    let (drawn, _) = written.split_once("\x1b[?2026l").unwrap();
    let mut parser = vt100::Parser::default();
    parser.process(b"old text\r\n$ make\r\nmore old text\r\n$ plannr-tui\r\n");
    parser.process(drawn.as_bytes());
    assert_eq!(parser.screen().contents().trim(), READY);

    let mut parser = vt100::Parser::default();
    let (all, _) = written.split_once("it went wrong").unwrap();
    parser.process(all.as_bytes());
    assert_eq!(parser.screen().contents().trim(), "", "nothing stays behind");
    assert_eq!(parser.screen().cursor_position(), (23, 0), "the prompt comes on the last line");
}

#[test]
#[ignore = "one ending, played by the others in a pseudo-terminal"]
fn child() {
    let Ok(ending) = env::var(ENDING) else { return };
    terminal::install_hooks().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let exit = runtime.block_on(end(&ending));
    std::process::exit(exit.code().into());
}

async fn end(ending: &str) -> Exit {
    use plannr_tui::run::canvas::Canvas as _;
    use plannr_tui::run::console::Console as _;
    let (mut screen, mut tty) = terminal::enter(Options { mouse: true, ..Options::default() }).unwrap();
    tty.frame_begins();
    let ready = |buf: &mut Buffer| {
        buf.set_string(0, 0, READY, Style::new());
        None
    };
    screen.draw(false, ready).unwrap();
    tty.frame_ends().unwrap();
    match ending {
        "panic" => panic!("nobody planned this"),
        "panic within a frame" => {
            tty.frame_begins();
            screen.draw(false, |_| panic!("nobody planned this")).unwrap();
            Exit::Success
        }
        "panic with the token" => {
            let token = "12|last-words-of-a-token";
            secrets::keep(&Token::new(token).unwrap());
            panic!("it read: {token}\u{1b}[2J");
        }
        "panic in another thread" => {
            thread::spawn(|| panic!("nobody planned this"));
            std::future::pending().await
        }
        _ => {
            drop(tty);
            eprintln!("it went wrong");
            Exit::Unavailable
        }
    }
}
