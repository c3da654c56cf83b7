use super::*;
use crate::run::canvas::Canvas as _;
use proptest::prelude::*;
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
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
    let mut screen = Screen::new(output, || Ok(Size { width: 12, height: 2 }));
    let draw = |&(text, cursor, linked): &(&str, Option<Position>, bool)| {
        tty.frame_begins();
        let fill = |buf: &mut Buffer| {
            buf.set_string(0, 0, text, Style::new());
            cursor
        };
        screen.draw(false, fill).unwrap();
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
fn what_was_not_flushed_is_written_with_the_next_frame_before_its_mark() {
    let asked = written(false, |tty| {
        tty.query_background().unwrap();
        tty.frame_begins();
        assert!(tty.output.is_silent());
        tty.output.write_all(b"rows").unwrap();
        tty.frame_ends().unwrap();
        // Also where the frame has nothing to write.
        tty.query_background().unwrap();
        tty.frame_begins();
        tty.frame_ends().unwrap();
    });
    let query = "\x1b]11;?\x07";
    assert_eq!(asked, [&format!("{query}\x1b[?2026hrows\x1b[?2026l"), query]);
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
        (&each[1], "\x1b[?2026h\x1b[1;4Hz", "\x1b[?2026l"),
        // Drawing moved the cursor, so it is moved back.
        (&each[2], "\x1b[?2026h\x1b[1;4Hx", "\x1b[?25h\x1b[1;4H\x1b[?2026l"),
    ] {
        assert_eq!(*frame, format!("{begins}{ends}"));
    }
    // And drawing removed the link.
    assert!(each[3].contains("]8;;https://"), "{each:?}");
}

#[test]
fn only_what_can_be_seen_is_written() {
    let size = Size::new(12, 1);
    let line = |spans: &[(&str, Style)]| {
        let mut buf = Buffer::empty(Rect::from((Position::ORIGIN, size)));
        let mut x = 0;
        for (text, style) in spans {
            (x, _) = buf.set_stringn(x, 0, text, 12, *style);
        }
        buf
    };
    let (red, bold) = (Style::new().fg(Color::Red), Style::new().fg(Color::Red).bold());
    let reversed = Style::new().reversed();
    let frames = [
        // Bold is not to make the colour brighter, so that it is no longer chosen by its own code.
        line(&[("a", red), (" ", Style::new()), ("b", red), ("c", bold), ("d", red)]),
        line(&[("a", red), (" ", bold), ("b", red), ("c", bold), ("d", red), ("       ", bold)]),
        line(&[("a", red), (" ", reversed), ("b", red), ("c", bold), ("d", red.bg(Color::White))]),
    ];
    let (_, written) = emulated(size, &frames);
    assert!(written[0].contains("\x1b[31ma b\x1b[1;38;5;1mc\x1b[22md"), "{written:?}");
    assert_eq!(written[1], "");
    assert!(written[2].contains("\x1b[1;2H\x1b[7m \x1b[2C\x1b[27;31;48;5;15md"), "{written:?}");
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

/// What an emulator shows of these frames, each drawn in place of the one before; with what each wrote.
fn emulated(size: Size, frames: &[Buffer]) -> (vt100::Parser, Vec<String>) {
    let writes = Writes::default();
    let mut screen = Screen::new(Output::new(writes.clone()), move || Ok(size));
    let mut parser = vt100::Parser::new(size.height.try_into().unwrap(), size.width.try_into().unwrap(), 0);
    let written = frames.iter().map(|frame| {
        screen
            .draw(false, |buf| {
                buf.content.clone_from_slice(&frame.content);
                None
            })
            .unwrap();
        let written = writes.take().concat();
        parser.process(written.as_bytes());
        written
    });
    let written = written.collect();
    (parser, written)
}

/// What an emulator shows after drawing each of these lines in place of the previous one, above a full one.
fn shown(lines: &[&str]) -> String {
    let frame = |line: &&str| {
        let mut buf = Buffer::empty(Rect::new(0, 0, 40, 2));
        buf.set_string(0, 0, line, Style::new());
        buf.set_string(0, 1, "-".repeat(40), Style::new());
        buf
    };
    let frames: Vec<_> = lines.iter().map(frame).collect();
    let (parser, _) = emulated(Size::new(40, 2), &frames);
    parser.screen().rows(0, 40).next().unwrap().trim_end().to_owned()
}

#[test]
fn nothing_of_a_name_stays_on_the_row_of_the_next_in_any_script() {
    let names = [
        ("Devanagari", "श्रीनिवास कृष्णमूर्ति"),
        ("Bengali", "শ্রীনিবাস চৌধুরী"),
        ("Gujarati", "નિતીશ ગુજરાતી"),
        ("Telugu", "శ్రీనివాసులు రెడ్డి"),
        ("Tamil", "ஸ்ரீநிவாசன் கோபால்"),
        ("Thai", "กำธร น้ำใจดี"),
        ("Chinese", "王小明 李四"),
        ("Hangul in parts", "한국 사람"),
        ("emoji", "👩‍👩‍👧 👍🏽 ❤️"),
        ("combining marks", "e\u{301}a\u{308}o\u{302}"),
    ];
    for (script, name) in names {
        for next in ["", " Jo", "x", "Fairweather Wealth"] {
            let after = shown(&[name, next]);
            assert_eq!(after, next, "{script}: {after:?}");
        }
        // A change far to the right of it, and one next to it.
        let after = shown(&[&format!("{name}  1"), "  1", &format!("{name}  2"), "ab  2"]);
        assert_eq!(after, "ab  2", "{script}");
    }
}

fn cell() -> impl Strategy<Value = Cell> {
    let symbol = prop::sample::select(vec![" ", " ", " ", "a", "b", "▁", "é", "…"]);
    let colour = || {
        prop::sample::select(vec![
            Color::Reset,
            Color::Reset,
            Color::Red,
            Color::White,
            Color::Indexed(200),
            Color::Rgb(1, 20, 255),
        ])
    };
    let modifier = prop::sample::select(vec![
        Modifier::empty(),
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::DIM,
        Modifier::REVERSED,
        Modifier::BOLD | Modifier::UNDERLINED,
    ]);
    (symbol, colour(), colour(), modifier).prop_map(|(symbol, fg, bg, modifier)| {
        let mut cell = Cell::EMPTY;
        cell.set_symbol(symbol).set_style(Style { fg: Some(fg), bg: Some(bg), ..Style::new() });
        cell.modifier = modifier;
        cell
    })
}

/// Frames in which most cells are as they were, and styles come in runs.
fn frames_of(size: Size) -> impl Strategy<Value = Vec<Buffer>> {
    let cells = usize::from(size.width * size.height);
    let change = (0..cells, 1..30usize, cell());
    let changes = prop::collection::vec(prop::collection::vec(change, 0..12), 1..6);
    changes.prop_map(move |changes| {
        let mut buf = Buffer::empty(Rect::from((Position::ORIGIN, size)));
        let frames = changes.into_iter().map(|changes| {
            for (at, length, cell) in changes {
                buf.content.iter_mut().skip(at).take(length).for_each(|place| *place = cell.clone());
            }
            buf.clone()
        });
        frames.collect()
    })
}

/// The colour as the emulator knows it.
fn emulators(colour: Color) -> vt100::Color {
    match colour {
        Color::Red => vt100::Color::Idx(1),
        Color::White => vt100::Color::Idx(15),
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        _ => vt100::Color::Default,
    }
}

proptest! {
    #[test]
    fn a_terminal_shows_every_cell_as_it_was_drawn(frames in frames_of(Size::new(37, 5))) {
        let (parser, written) = emulated(Size::new(37, 5), &frames);
        let last = frames.last().unwrap();
        for (at, cell) in last.content.iter().enumerate() {
            let (x, y) = (u16::try_from(at % 37).unwrap(), u16::try_from(at / 37).unwrap());
            let there = parser.screen().cell(y, x).unwrap();
            let symbol = if there.has_contents() { there.contents() } else { " " };
            let lines = (there.underline(), there.inverse());
            let modifiers = [Modifier::BOLD, Modifier::DIM, Modifier::UNDERLINED, Modifier::REVERSED];
            let [bold, dim, underlined, reversed] = modifiers.map(|one| cell.modifier.contains(one));
            prop_assert_eq!(symbol, cell.symbol(), "at {},{} of {:?}", x, y, written);
            prop_assert_eq!(lines, (underlined, reversed), "at {},{} of {:?}", x, y, written);
            prop_assert_eq!(there.bgcolor(), emulators(cell.bg), "at {},{} of {:?}", x, y, written);
            if symbol != " " || underlined || reversed {
                let look = (there.bold(), there.dim(), there.fgcolor());
                prop_assert_eq!(look, (bold, dim, emulators(cell.fg)), "at {},{} of {:?}", x, y, written);
            }
        }
        for (pair, written) in frames.windows(2).zip(&written[1..]) {
            let [was, is] = pair else { unreachable!() };
            let mut ratatui = Vec::new();
            CrosstermBackend::new(&mut ratatui).draw(was.diff(is).into_iter()).unwrap();
            prop_assert!(written.len() <= ratatui.len(), "{:?} where ratatui writes {:?}", written, String::from_utf8_lossy(&ratatui));
        }
    }
}
