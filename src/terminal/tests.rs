use super::*;
use url::Url;

/// Remembers each write by itself.
#[derive(Debug, Default)]
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

/// What `act` writes to the terminal, write by write.
fn written(tmux: bool, act: impl FnOnce(&mut Tty<Writes>, &mut Output<Writes>)) -> Vec<String> {
    let writes = Writes::default();
    let shared = Writes(std::sync::Arc::clone(&writes.0));
    let mut output = Output::new(writes);
    let mut tty = Tty { output: output.clone(), options: Options { mouse: false, tmux } };
    act(&mut tty, &mut output);
    drop((tty, output));
    std::mem::take(&mut *shared.0.lock().unwrap())
}

fn link() -> Link {
    Link::new("/file/1?a;b", &Url::parse("https://api.plannrcrm.com").unwrap()).unwrap()
}

#[test]
fn a_frame_is_one_write_between_the_marks_of_synchronized_output() {
    let writes = written(false, |tty, backend| {
        tty.frame_begins().unwrap();
        backend.write_all(b"cells").unwrap();
        backend.flush().unwrap();
        tty.link(Position::new(4, 2), "report", &link()).unwrap();
        tty.frame_ends().unwrap();
        backend.write_all(b"later").unwrap();
        backend.flush().unwrap();
    });
    assert_eq!(writes.len(), 2, "{writes:?}");
    assert!(writes[0].starts_with("\x1b[?2026hcells\x1b7\x1b[3;5H"), "{writes:?}");
    assert!(writes[0].ends_with("\x1b8\x1b[?2026l"), "{writes:?}");
    assert_eq!(writes[1], "later");
}

#[test]
fn a_link_holds_its_address_and_only_safe_text() {
    let writes = written(false, |tty, _| tty.link(Position::ORIGIN, "a\x1b]b", &link()).unwrap());
    let wanted = "\x1b]8;;https://api.plannrcrm.com/file/1?a;b\x1b\\\x1b[4ma␛]b\x1b[24m\x1b]8;;\x1b\\";
    assert_eq!(writes, [format!("\x1b7\x1b[1;1H{wanted}\x1b8")]);
}

#[test]
fn a_copy_goes_through_tmux_as_well_where_there_is_one() {
    let plain = "\x1b]52;c;aGk=\x1b\\";
    assert_eq!(written(false, |tty, _| tty.copy("hi").unwrap()), [plain]);
    let passed_on = "\x1bPtmux;\x1b\x1b]52;c;aGk=\x1b\x1b\\\x1b\\";
    assert_eq!(written(true, |tty, _| tty.copy("hi").unwrap()), [format!("{plain}{passed_on}")]);
    let none = written(false, |tty, _| assert!(tty.copy(&"x".repeat(74_995)).is_err()));
    assert!(none.is_empty());
}

#[test]
fn a_terminal_that_is_not_ours_is_left_alone() {
    assert!(!restore());
}

#[test]
fn signals_end_the_program_as_a_shell_expects() {
    for (signal, code) in [(Signal::HangUp, 129), (Signal::Interrupt, 130), (Signal::Terminate, 143)] {
        assert_eq!(Exit::from(signal).code(), code);
    }
}
