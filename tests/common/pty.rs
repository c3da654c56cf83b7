//! A program in a pseudo-terminal: what it writes, and what a person would see of it.
//!
//! Nothing here sleeps: a test waits for something to show, and fails with the screen when it does not.

use std::io::{Read as _, Write};
use std::mem;
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtyPair, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// Long enough for a busy machine; no test passes by waiting for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Synchronized output: a person sees nothing of it before its end.
const FRAME_BEGINS: &[u8] = b"\x1b[?2026h";
const FRAME_ENDS: &[u8] = b"\x1b[?2026l";

/// The built program with a fixed environment, so that its output does not depend on who runs the tests.
pub(crate) fn plannr_tui() -> CommandBuilder {
    hermetic(env!("CARGO_BIN_EXE_plannr-tui"))
}

/// A program in the same environment.
pub(crate) fn hermetic(program: impl AsRef<Path>) -> CommandBuilder {
    let mut command = CommandBuilder::new(program.as_ref());
    command.env_clear();
    for (name, value) in ENVIRONMENT {
        command.env(name, value);
    }
    command.cwd(env!("CARGO_MANIFEST_DIR"));
    command
}

/// The variables of that environment.
pub(crate) const ENVIRONMENT: [(&str, &str); 5] = [
    ("PATH", "/usr/bin:/bin"),
    ("HOME", "/nonexistent"),
    ("TERM", "xterm-256color"),
    ("LANG", "C.UTF-8"),
    ("TZ", "Europe/London"),
];

/// A running program and its terminal.
pub(crate) struct Pty {
    master: Box<dyn MasterPty + Send>,
    /// Held until the end: without it the terminal's modes cannot be asked.
    slave: Option<Box<dyn SlavePty + Send>>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<(Instant, Vec<u8>)>,
    /// When the last of them came.
    arrived: Instant,
    /// While somebody holds it nothing is taken from the terminal.
    gate: Arc<Mutex<()>>,
    /// Has come, but lies behind the frame that was waited for.
    unseen: Vec<u8>,
    seen: Vec<u8>,
    in_frame: bool,
    parser: vt100::Parser,
    modes: String,
}

/// What is left when the program has ended.
pub(crate) struct Left {
    /// The exit code, or the signal that killed it.
    pub(crate) code: Result<u32, String>,
    pub(crate) screen: String,
    /// Everything that it wrote.
    pub(crate) bytes: Vec<u8>,
}

impl Pty {
    /// Starts a program in a terminal of so many columns and rows.
    pub(crate) fn start(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let PtyPair { master, slave } = native_pty_system().openpty(size(columns, rows)).unwrap();
        let modes = modes(&*master);
        let child = slave.spawn_command(command).unwrap();
        let mut reader = master.try_clone_reader().unwrap();
        let keys = master.take_writer().unwrap();
        let (send, bytes) = channel();
        let gate = Arc::new(Mutex::new(()));
        let open = Arc::clone(&gate);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                drop(open.lock());
                if send.send((Instant::now(), buffer[..count].to_vec())).is_err() {
                    break;
                }
            }
        });
        let parser = vt100::Parser::new(cells(rows), cells(columns), 0);
        let slave = Some(slave);
        Self {
            master,
            slave,
            child,
            keys,
            bytes,
            arrived: Instant::now(),
            gate,
            unseen: Vec::new(),
            seen: Vec::new(),
            in_frame: false,
            parser,
            modes,
        }
    }

    pub(crate) fn id(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.process_id().unwrap()).unwrap()).unwrap()
    }

    /// What the screen shows.
    pub(crate) fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    /// The screen itself, cell by cell.
    pub(crate) fn picture(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// How many bytes it took to make the screen what was waited for.
    pub(crate) fn bytes_seen(&self) -> usize {
        self.seen.len()
    }

    /// When the bytes came that made the screen what was waited for.
    pub(crate) fn arrived(&self) -> Instant {
        self.arrived
    }

    /// Everything written so far.
    pub(crate) fn bytes(&mut self) -> &[u8] {
        self.unseen.extend(self.bytes.try_iter().flat_map(|(_, bytes)| bytes));
        self.look(|_| false);
        &self.seen
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) -> &mut Self {
        self.until(text, |screen| screen.contents().contains(text))
    }

    /// Waits until the screen does not show a text.
    #[track_caller]
    pub(crate) fn hides(&mut self, text: &str) -> &mut Self {
        self.until(text, |screen| !screen.contents().contains(text))
    }

    /// Waits until the screen is as wanted, looking after every frame.
    #[track_caller]
    pub(crate) fn until(&mut self, wanted: &str, met: impl Fn(&vt100::Screen) -> bool) -> &mut Self {
        let end = Instant::now() + PATIENCE;
        while !self.look(&met) {
            let ended = self.child.try_wait().unwrap().is_some() || Instant::now() > end;
            // What it wrote last may still be on its way.
            match self.bytes.recv_timeout(Duration::from_millis(100)) {
                Ok((arrived, bytes)) => (self.arrived, self.unseen) = (arrived, bytes),
                Err(_) if !ended => {}
                Err(_) => panic!("waited for {wanted:?}:\n{}", self.screen()),
            }
        }
        self
    }

    /// Takes in what has come, up to the first frame that is as wanted.
    fn look(&mut self, met: impl Fn(&vt100::Screen) -> bool) -> bool {
        let unseen = mem::take(&mut self.unseen);
        let mut rest = &*unseen;
        while let Some(last) = rest.iter().position(|byte| b"hl".contains(byte)) {
            let (part, after) = rest.split_at(last + 1);
            self.take_in(part);
            rest = after;
            if self.seen.ends_with(FRAME_ENDS) && met(self.parser.screen()) {
                self.unseen = rest.to_vec();
                return true;
            }
        }
        self.take_in(rest);
        !self.in_frame && met(self.parser.screen())
    }

    fn take_in(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.seen.extend_from_slice(bytes);
        self.in_frame |= self.seen.ends_with(FRAME_BEGINS);
        self.in_frame &= !self.seen.ends_with(FRAME_ENDS);
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        self
    }

    /// How many bytes the program has written in its life, to anywhere; 0 where the system does not count them.
    pub(crate) fn written(&self) -> u64 {
        let counts = std::fs::read_to_string(format!("/proc/{}/io", self.id().as_raw_nonzero()));
        let counts = counts.unwrap_or_default();
        let written = counts.lines().find_map(|line| line.strip_prefix("wchar: "));
        written.map_or(0, |count| count.parse().unwrap())
    }

    /// Gives the program half a second to write more than this, and returns how much it is then.
    pub(crate) fn grows_beyond(&self, before: u64) -> u64 {
        let end = Instant::now() + Duration::from_millis(500);
        while self.written() == before && Instant::now() < end {
            let _ = self.bytes.recv_timeout(Duration::from_millis(10));
        }
        self.written()
    }

    /// What to hold so that the terminal takes nothing, as after Ctrl-S.
    pub(crate) fn gate(&self) -> Arc<Mutex<()>> {
        Arc::clone(&self.gate)
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.parser.set_size(cells(rows), cells(columns));
        // What shows from now on was drawn for this size.
        self.parser.process(b"\x1b[2J");
        self.master.resize(size(columns, rows)).unwrap();
        self
    }

    /// Reports a size to the program that nothing here could show.
    pub(crate) fn claim(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.master.resize(size(columns, rows)).unwrap();
        self
    }

    /// The most memory that the program has had, in bytes; 0 if the system does not report it.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id().as_raw_nonzero()));
        let status = status.unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak.map_or(0, |kilobytes| kilobytes.parse::<u64>().unwrap() * 1024)
    }

    pub(crate) fn kill(&mut self, signal: Signal) -> &mut Self {
        kill_process(self.id(), signal).unwrap();
        self
    }

    /// Waits for the end of a program whose terminal takes nothing.
    #[track_caller]
    pub(crate) fn ends_unread(&mut self) -> Result<u32, String> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.signal().map_or(Ok(status.exit_code()), |signal| Err(signal.to_owned()));
            }
            assert!(Instant::now() < end, "it did not end");
            // Nothing comes: a wait that is not busy.
            let _ = self.bytes.recv_timeout(Duration::from_millis(20));
        }
    }

    /// Waits for the program's end; whatever it was, the terminal must be as before.
    #[track_caller]
    pub(crate) fn end(&mut self) -> Left {
        let end = Instant::now() + PATIENCE;
        let status = loop {
            // Read meanwhile: a program cannot end while nobody takes what it writes.
            let came = self.bytes.recv_timeout(Duration::from_millis(10));
            self.unseen.extend(came.into_iter().flat_map(|(_, bytes)| bytes));
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if Instant::now() < end => {}
                None => panic!("it did not end:\n{}", self.screen()),
            }
        };
        assert_eq!(modes(&*self.master), self.modes, "the terminal's modes");
        self.slave = None;
        self.unseen.extend(self.bytes.iter().flat_map(|(_, bytes)| bytes));
        self.look(|_| false);
        let screen = self.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is left");
        assert!(!screen.hide_cursor(), "the cursor is shown");
        let left_on = [
            ("?1000", "the mouse"),
            ("?1002", "the mouse"),
            ("?1003", "the mouse"),
            ("?1006", "the mouse"),
            ("?1004", "focus"),
            ("?2004", "pastes"),
            ("?2026", "frames"),
        ];
        for (mode, what) in left_on {
            assert!(!is_on(&self.seen, mode), "{what}: {mode} is left on");
        }
        let code = status.signal().map_or(Ok(status.exit_code()), |signal| Err(signal.to_owned()));
        Left { code, screen: self.screen(), bytes: mem::take(&mut self.seen) }
    }
}

/// How a terminal treats what is typed and written.
fn modes(master: &dyn MasterPty) -> String {
    let modes = master.get_termios().unwrap();
    // Not the rest: some of it is nobody's.
    format!("{:?}", (modes.input_flags, modes.output_flags, modes.control_flags, modes.local_flags))
}

/// Whether the last word on a mode was to turn it on.
fn is_on(bytes: &[u8], mode: &str) -> bool {
    let last = |sequence: String| bytes.windows(sequence.len()).rposition(|part| part == sequence.as_bytes());
    last(format!("\x1b[{mode}h")) > last(format!("\x1b[{mode}l"))
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, ..PtySize::default() }
}

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}
