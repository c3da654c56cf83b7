use super::*;
use proptest::prelude::*;
use ratatui::layout::Rect;
use ratatui::{TerminalOptions, Viewport};
use url::Url;

/// Records each write separately.
#[derive(Debug, Default, Clone)]
struct Writes(std::sync::Arc<std::sync::Mutex<Vec<String>>>);

impl Write for Writes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Writes {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// What `act` writes to the terminal, write by write.
fn written(tmux: bool, act: impl FnOnce(&mut Tty<Writes>)) -> Vec<String> {
    let writes = Writes::default();
    act(&mut Tty::new(Output::new(writes.clone()), Options { tmux, ..Options::default() }));
    writes.take()
}

fn link() -> Link {
    Link::new("/file/1?a;b", &Url::parse("https://api.plannrcrm.com").unwrap()).unwrap()
}

/// What each of these frames writes: a text, the cursor position, whether a link is over the text.
fn frames(frames: &[(&str, Option<Position>, bool)]) -> Vec<String> {
    let writes = Writes::default();
    let output = Output::new(writes.clone());
    let mut tty = Tty::new(output.clone(), Options::default());
    let viewport = Viewport::Fixed(Rect::new(0, 0, 12, 2));
    let backend = DedupBackend::new(CrosstermBackend::new(output));
    let mut screen = ratatui::Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
    let draw = |&(text, cursor, linked): &(&str, Option<Position>, bool)| {
        tty.frame_begins().unwrap();
        screen
            .draw(|frame| {
                frame.render_widget(text, frame.area());
                if let Some(cursor) = cursor {
                    frame.set_cursor_position(cursor);
                }
            })
            .unwrap();
        if linked {
            tty.link(Position::ORIGIN, text, &link()).unwrap();
        }
        tty.frame_ends().unwrap();
        let written = writes.take();
        assert!(written.len() <= 1, "a frame is one write at most: {written:?}");
        written.concat()
    };
    frames.iter().map(draw).collect()
}

#[test]
fn a_frame_that_shows_what_the_last_one_showed_writes_nothing() {
    let cursor = Some(Position::new(3, 0));
    let each = frames(&[
        ("rows", None, false),
        ("rows", None, false),
        ("rows", cursor, false),
        ("rows", cursor, false),
        ("rows", cursor, true),
        ("rows", cursor, true),
    ]);
    let silent: Vec<_> = each.iter().map(String::is_empty).collect();
    assert_eq!(silent, [false, true, false, true, false, true], "{each:?}");
    assert_eq!(each[2], "\x1b[?2026h\x1b[?25h\x1b[1;4H\x1b[?2026l");
}

#[test]
fn one_changed_cell_costs_a_few_bytes_in_one_write() {
    let cursor = Some(Position::new(3, 0));
    let each = frames(&[
        ("rows", None, false),
        ("rowz", None, false),
        ("rowx", cursor, false),
        ("row!", cursor, true),
    ]);
    for (frame, begins, ends) in [
        (&each[1], "\x1b[?2026h\x1b[1;4Hz\x1b[", "m\x1b[?2026l"),
        // Drawing moved the cursor, so it is moved back.
        (&each[2], "\x1b[?2026h\x1b[1;4Hx\x1b[", "m\x1b[?25h\x1b[1;4H\x1b[?2026l"),
    ] {
        assert!(frame.starts_with(begins) && frame.ends_with(ends) && frame.len() < 60, "{frame:?}");
    }
    // And drawing removed the link.
    assert!(each[3].contains("]8;;https://"), "{each:?}");
}

#[test]
fn a_link_holds_its_address_and_only_safe_text() {
    let writes = written(false, |tty| tty.link(Position::ORIGIN, "a\x1b]b", &link()).unwrap());
    let wanted = "\x1b]8;;https://api.plannrcrm.com/file/1?a;b\x1b\\\x1b[4ma␛]b\x1b[24m\x1b]8;;\x1b\\";
    assert_eq!(writes, [format!("\x1b7\x1b[1;1H{wanted}\x1b8")]);
}

#[test]
fn a_copy_goes_through_tmux_as_well_where_there_is_one() {
    let plain = "\x1b]52;c;aGk=\x1b\\";
    assert_eq!(written(false, |tty| tty.copy("hi").unwrap()), [plain]);
    let passed_on = "\x1bPtmux;\x1b\x1b]52;c;aGk=\x1b\x1b\\\x1b\\";
    assert_eq!(written(true, |tty| tty.copy("hi").unwrap()), [format!("{plain}{passed_on}")]);
    let none = written(false, |tty| assert!(tty.copy(&"x".repeat(74_995)).is_err()));
    assert!(none.is_empty());
}

#[test]
fn title_and_taskbar_are_shown_until_they_are_restored() {
    let all = Abilities { title: true, desktop: Some(Desktop::Osc99), taskbar: true };
    let played = |abilities, tmux| {
        let writes = Writes::default();
        let options = Options { abilities, tmux, ..Options::default() };
        let mut tty = Tty::new(Output::new(writes.clone()), options);
        tty.title(Some("one")).unwrap();
        tty.title(Some("two")).unwrap();
        tty.taskbar(Taskbar::Stalled(58)).unwrap();
        let notification = Notification { text: "a; b".to_owned(), bell: true, desktop: true };
        tty.notify(&notification).unwrap();
        tty.taskbar(Taskbar::Empty).unwrap();
        tty.title(None).unwrap();
        writes.take()
    };
    let body = "\x1b]99;i=plannr:d=0;plannr\x1b\\\x1b]99;i=plannr:p=body;a, b\x1b\\";
    let plain = [
        "\x1b[22;2t\x1b]2;one\x1b\\",
        "\x1b]2;two\x1b\\",
        "\x1b]9;4;4;58\x1b\\",
        &format!("{body}\x07"),
        "\x1b]9;4;0;0\x1b\\",
        "\x1b]2;Terminal\x1b\\\x1b[23;2t",
    ];
    assert_eq!(played(all, false), plain);
    // tmux has titles and bells of its own; the rest is for the terminal around it.
    let wrapped = |text: &str| format!("\x1bPtmux;{}\x1b\\", text.replace('\x1b', "\x1b\x1b"));
    let passed_on = [
        plain[0].to_owned(),
        plain[1].to_owned(),
        wrapped(plain[2]),
        wrapped(body) + "\x07",
        wrapped(plain[4]),
        plain[5].to_owned(),
    ];
    assert_eq!(played(all, true), passed_on);
    assert_eq!(played(Abilities::default(), false), ["\x07"], "the bell alone");
}

proptest! {
    #[test]
    fn whatever_is_notified_is_one_sequence_of_ours(text: String, ascii: bool) {
        let bytes_of = |act: &dyn Fn(&mut Vec<u8>) -> io::Result<()>| {
            let mut bytes = Vec::new();
            act(&mut bytes).unwrap();
            String::from_utf8(bytes).unwrap()
        };
        let text = &*text;
        let notification = |desktop| bytes_of(&|out| escapes::notification(out, desktop, text, ascii, false));
        let forms = [
            (bytes_of(&|out| escapes::title(out, text, ascii)), "\x1b]2;"),
            (notification(Desktop::Osc9), "\x1b]9;plannr: "),
            (notification(Desktop::Osc777), "\x1b]777;notify;plannr;"),
            (notification(Desktop::Osc99), "\x1b]99;i=plannr:d=0;plannr\x1b\\\x1b]99;i=plannr:p=body;"),
        ];
        for (bytes, begins) in forms {
            let inner = bytes.strip_prefix(begins).and_then(|rest| rest.strip_suffix("\x1b\\")).unwrap();
            prop_assert!(!inner.contains(|c: char| c.is_control() || c == ';'), "{:?}", inner);
            prop_assert!(inner.chars().count() <= 200);
            prop_assert!(!ascii || inner.is_ascii(), "{:?}", inner);
        }
    }

    #[test]
    fn whatever_is_linked_or_copied_is_one_sequence_of_ours(to: String, text: String, tmux: bool) {
        let base = Url::parse("https://api.plannrcrm.com").unwrap();
        let links = [Link::new(&to, &base), Link::new(&format!("/file/{to}"), &base)];
        for link in links.into_iter().flatten() {
            let bytes = written(tmux, |tty| tty.link(Position::ORIGIN, &text, &link).unwrap()).concat();
            let inner = bytes.strip_prefix("\x1b7\x1b[1;1H\x1b]8;;").unwrap();
            let inner = inner.strip_suffix("\x1b[24m\x1b]8;;\x1b\\\x1b8").unwrap();
            let (address, shown) = inner.split_once("\x1b\\\x1b[4m").unwrap();
            prop_assert!(address.bytes().all(|b| b.is_ascii_graphic()), "{:?}", address);
            prop_assert!(!shown.contains(char::is_control), "{:?}", shown);
        }
        let bytes = written(tmux, |tty| tty.copy(&text).unwrap()).concat();
        let inner = bytes.strip_prefix("\x1b]52;c;").unwrap();
        let (payload, rest) = inner.split_once("\x1b\\").unwrap();
        prop_assert!(payload.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b)), "{:?}", payload);
        let passed_on = format!("\x1bPtmux;\x1b\x1b]52;c;{payload}\x1b\x1b\\\x1b\\");
        prop_assert_eq!(rest, if tmux { passed_on } else { String::new() });
    }
}

#[test]
fn nothing_reaches_a_terminal_that_was_restored() {
    let writes = written(false, |tty| {
        let mut other = tty.output.clone();
        drop(std::mem::replace(tty, Tty::new(Output::new(Writes::default()), tty.options)));
        other.begin().unwrap();
        other.write_all(b"late").unwrap();
        other.end().unwrap();
        other.flush().unwrap();
    });
    assert_eq!(writes, [""; 0]);
}

#[test]
fn a_terminal_that_is_not_ours_is_left_alone() {
    assert!(!restore());
}

#[test]
fn signals_end_the_program_as_a_shell_expects() {
    for (signal, code) in
        [(Signal::HangUp, 129), (Signal::Interrupt, 130), (Signal::Other(3), 131), (Signal::Terminate, 143)]
    {
        assert_eq!(Exit::from(signal).code(), code);
    }
}
