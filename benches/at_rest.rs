//! What the monitor costs while nobody touches it: processor time, wake-ups, and bytes for the terminal to draw.
//!
//! `cargo bench --bench at_rest` runs the built program in a pseudo-terminal against a simulated server, waits until
//! the list is loaded, and reads for half a minute what Linux counts for it. It fails where the monitor at rest
//! misses its target.
#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a measurement that cannot be made fails"
    )
)]
#![expect(clippy::print_stdout, reason = "what is measured is printed")]

use std::process::ExitCode;

#[cfg(target_os = "linux")]
#[path = "../tests/common/pty.rs"]
#[expect(dead_code, reason = "tests/pty.rs uses the rest")]
mod pty;

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    println!("not measured: only Linux has the counters (/proc)");
    ExitCode::SUCCESS
}

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    println!("{:<20} {:>13} {:>11} {:>9} {:>8}", "", "CPU of 1 core", "wake-ups/s", "frames/s", "bytes/s");
    let at_rest = linux::cost(0);
    println!("{:<20} {at_rest}", "nothing running");
    println!("{:<20} {}", "5 imports running", linux::cost(5));
    if at_rest.processor < 0.01 && at_rest.wake_ups < 2.0 {
        ExitCode::SUCCESS
    } else {
        println!("at rest it must stay under 1 % and 2 wake-ups a second");
        ExitCode::FAILURE
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::fmt;
    use std::fs;
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use jiff::Timestamp;
    use plannr_tui::simulator::{Options, Simulator};

    use crate::pty::{Pty, plannr_tui};

    /// After the list is there: the details of the selected import are asked for, notices pass.
    const SETTLING: Duration = Duration::from_secs(5);
    const MEASURED: Duration = Duration::from_secs(30);
    /// Often enough to see every thread: those of tokio that have nothing to do live on for 10 s.
    const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
    /// The unit of processor time in /proc: `USER_HZ`, the same on every architecture that Rust runs on.
    const TICKS_PER_SECOND: f64 = 100.0;

    /// Per second.
    pub(crate) struct Cost {
        /// Seconds of one core.
        pub(crate) processor: f64,
        /// Context switches of all threads, voluntary and not.
        pub(crate) wake_ups: f64,
        frames: f64,
        bytes: f64,
    }

    impl fmt::Display for Cost {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let Self { processor, wake_ups, frames, bytes } = self;
            write!(f, "{:>11.2} % {wake_ups:>11.2} {frames:>9.2} {bytes:>8.0}", processor * 100.0)
        }
    }

    /// What the monitor costs while so many imports run, none starts, and the terminal has the focus.
    pub(crate) fn cost(running: usize) -> Cost {
        let options = Options {
            running: Some(running),
            keep_starting: false,
            start: Timestamp::now(),
            ..Options::default()
        };
        let simulator = Simulator::start(options).unwrap();
        let mut command = plannr_tui();
        command.env("PLANNR_BASE_URL", simulator.base_url());
        command.env("PLANNR_ACCESS_TOKEN", simulator.token());
        let mut pty = Pty::start(command, 120, 40);
        pty.keys("\x1b[I").shows("done");
        sleep(SETTLING);

        let id = pty.id().as_raw_nonzero().get();
        let mut switches = Switches::default();
        switches.look(id);
        let (began, ticks, switched, written) =
            (Instant::now(), ticks(id), switches.sum(), written(&mut pty));
        while began.elapsed() < MEASURED {
            sleep(BETWEEN_LOOKS);
            switches.look(id);
        }
        let seconds = began.elapsed().as_secs_f64();
        let written_since = self::written(&mut pty);
        let cost = Cost {
            processor: (self::ticks(id) - ticks) / TICKS_PER_SECOND / seconds,
            wake_ups: (switches.sum() - switched) / seconds,
            frames: (written_since.0 - written.0) / seconds,
            bytes: (written_since.1 - written.1) / seconds,
        };
        assert_eq!(pty.keys("q").end().code, Ok(0));
        cost
    }

    /// Frames and bytes so far.
    fn written(pty: &mut Pty) -> (f64, f64) {
        let bytes = pty.bytes();
        let begins = b"\x1b[?2026h";
        let frames = bytes.windows(begins.len()).filter(|part| part == begins).count();
        (frames as f64, bytes.len() as f64)
    }

    /// Processor time of all threads so far, also of those that ended, in ticks.
    fn ticks(id: i32) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        // After the program's name, which may hold anything: state, …, and as 12th and 13th utime and stime.
        let (_, fields) = stat.rsplit_once(')').unwrap();
        fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap()).sum()
    }

    /// The context switches of each thread ever seen.
    #[derive(Default)]
    struct Switches(HashMap<String, f64>);

    impl Switches {
        fn look(&mut self, id: i32) {
            for thread in fs::read_dir(format!("/proc/{id}/task")).unwrap() {
                let thread = thread.unwrap();
                // It may have ended since it was listed.
                let Ok(status) = fs::read_to_string(thread.path().join("status")) else { continue };
                let switches = status.lines().filter(|line| line.contains("ctxt_switches:"));
                let sum =
                    switches.map(|line| line.rsplit('\t').next().unwrap().parse::<f64>().unwrap()).sum();
                self.0.insert(thread.file_name().to_string_lossy().into_owned(), sum);
            }
        }

        fn sum(&self) -> f64 {
            self.0.values().sum()
        }
    }
}
