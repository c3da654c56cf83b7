//! What the user waits for and what the terminal is given: cold start, key to paint, bytes of a frame.
//!
//! `cargo bench --bench terminal` runs the built program in a pseudo-terminal against a simulated server in this
//! process. The floor is a bare ratatui program in the same terminal, which fills as many cells and moves a highlighted
//! line: this file itself, started as a child ([`floor`]). Both take turns, so that a busy machine slows both alike. So do
//! the requests that the first rows wait for, sent by hand.
#![cfg_attr(
    unix,
    expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a measurement that cannot be made fails"
    )
)]
#![expect(clippy::print_stdout, reason = "figures are the whole purpose")]

#[cfg(unix)]
#[path = "common/figures.rs"]
#[expect(dead_code, reason = "benches/decode.rs uses the rest")]
mod figures;
#[cfg(unix)]
#[path = "terminal/floor.rs"]
mod floor;
#[cfg(unix)]
#[path = "../tests/common/pty.rs"]
#[expect(dead_code, clippy::panic, reason = "tests/pty.rs uses the rest")]
mod pty;

#[cfg(not(unix))]
fn main() {
    println!("not measured: it takes a Unix pseudo-terminal");
}

#[cfg(unix)]
fn main() {
    if std::env::args().any(|arg| arg == floor::PLAY) {
        return floor::play().unwrap();
    }
    measured::cold_start();
    measured::key_to_paint();
    measured::bytes_of_frames();
}

#[cfg(unix)]
mod measured {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use jiff::Timestamp;
    use plannr_tui::simulator::{Options, Simulator};
    use portable_pty::CommandBuilder;

    use crate::figures::{Times, head, in_turns, ratio, row, time};
    use crate::floor;
    use crate::pty::{Pty, plannr_tui};

    /// The smallest terminal that people use, a usual large one, and a whole large screen.
    const SIZES: [(u16, u16); 3] = [(80, 24), (200, 50), (300, 80)];
    /// A word that only imports that are over have: the list is there.
    const LOADED: &str = "done";
    /// The details of the selected import are asked for, notices pass.
    const SETTLING: Duration = Duration::from_secs(2);
    /// Between two keys: whoever types fast, and less than it takes the details to be asked for.
    const TYPING: Duration = Duration::from_millis(30);

    const STARTS: usize = 15;
    const KEYS: usize = 200;

    /// A server with so many imports, standing still.
    fn simulator(imports: usize, running: usize) -> Simulator {
        let options = Options {
            imports,
            running: Some(running),
            keep_starting: false,
            start: Timestamp::now(),
            ..Options::default()
        };
        let simulator = Simulator::start(options).unwrap();
        simulator.set_time(Duration::from_secs(1));
        simulator
    }

    /// The monitor of that server.
    fn monitor(simulator: &Simulator) -> CommandBuilder {
        let mut command = plannr_tui();
        command.env("PLANNR_BASE_URL", simulator.base_url());
        command.env("PLANNR_ACCESS_TOKEN", simulator.token());
        command
    }

    fn demo() -> CommandBuilder {
        let mut command = plannr_tui();
        command.arg("demo");
        command
    }

    /// How long from starting a program until its screen shows a text.
    fn until_shown(command: CommandBuilder, size: (u16, u16), text: &str) -> Duration {
        let began = Instant::now();
        let mut pty = Pty::start(command, size.0, size.1);
        let shown = pty.shows(text).arrived() - began;
        pty.keys("q").end();
        shown
    }

    /// How long it takes to connect and to be answered what the monitor waits for before it has rows, one after the other.
    fn round_trips(simulator: &Simulator, requests: &[String]) -> Duration {
        let began = Instant::now();
        for request in requests {
            let mut server = TcpStream::connect(simulator.base_url().trim_start_matches("http://")).unwrap();
            let (token, account) = (simulator.token(), simulator.account());
            let headers = [
                "host: localhost",
                &format!("authorization: Bearer {token}"),
                &format!("x-plannr-account-uuid: {account}"),
                "accept: application/json",
                "content-type: application/json",
                "accept-encoding: gzip",
                "connection: close",
            ];
            let asked = format!("{request} HTTP/1.1\r\n{}\r\n\r\n", headers.join("\r\n"));
            server.write_all(asked.as_bytes()).unwrap();
            let mut answer = Vec::new();
            server.read_to_end(&mut answer).unwrap();
            assert!(answer.starts_with(b"HTTP/1.1 200"), "{request}");
        }
        began.elapsed()
    }

    pub(crate) fn cold_start() {
        head([
            "cold start",
            "first frame",
            "first rows",
            "floor",
            "round trips",
            "first frame ÷ floor",
            "first rows beyond the round trips",
        ]);
        for size in SIZES {
            let simulator = simulator(40, 5);
            until_shown(monitor(&simulator), size, LOADED);
            let requests: Vec<_> = simulator.traffic().last.into_iter().take(2).collect();
            assert!(requests[0].contains("/logins") && requests[1].contains("/import?"), "{requests:?}");
            let starts = in_turns(
                STARTS,
                [
                    &mut || round_trips(&simulator, &requests),
                    &mut || until_shown(floor::command(), size, floor::TEXT),
                    &mut || until_shown(monitor(&simulator), size, "plannr"),
                    &mut || until_shown(monitor(&simulator), size, LOADED),
                    &mut || until_shown(demo(), size, "plannr demo"),
                    &mut || until_shown(demo(), size, LOADED),
                ],
            );
            let [round_trips, floor, of_monitor @ .., _, _] = &starts;
            let [.., first, rows] = &starts;
            let beyond = time(of_monitor[1].median() - round_trips.median());
            for (name, [first, rows], beyond) in [
                ("monitor", [&of_monitor[0], &of_monitor[1]], beyond.as_str()),
                ("`demo`, server and all", [first, rows], "–"),
            ] {
                row([
                    &format!("{name}, {}×{}", size.0, size.1),
                    &time(first.median()),
                    &time(rows.median()),
                    &time(floor.median()),
                    &time(round_trips.median()),
                    &ratio(first.median(), floor.median()),
                    beyond,
                ]);
            }
        }
    }

    /// Presses a key and waits until the screen has changed.
    fn painted(pty: &mut Pty, key: &str) -> Duration {
        sleep(TYPING);
        let before = pty.screen();
        let pressed = Instant::now();
        pty.keys(key).until("another screen", |screen| screen.contents() != before);
        pty.arrived() - pressed
    }

    /// Down as long as it goes further, and up again: with many imports most keys scroll.
    fn keys() -> impl FnMut(&mut Pty) -> Duration {
        let mut pressed = 0;
        move |pty| {
            let key = if pressed / 30 % 2 == 0 { "j" } else { "k" };
            pressed += 1;
            painted(pty, key)
        }
    }

    pub(crate) fn key_to_paint() {
        head(["key to paint (`j`, `k`)", "median", "99 %", "floor", "floor, 99 %", "median ÷ floor"]);
        for imports in [40, 10_000] {
            let simulator = simulator(imports, 0);
            for size in SIZES {
                let mut monitor = Pty::start(monitor(&simulator), size.0, size.1);
                monitor.shows(LOADED).shows("live");
                let mut floor = Pty::start(floor::command(), size.0, size.1);
                floor.shows(floor::TEXT);
                sleep(SETTLING);
                monitor.bytes();
                let (mut on_monitor, mut on_floor) = (keys(), keys());
                let [ours, bare]: [Times; 2] =
                    in_turns(KEYS, [&mut || on_monitor(&mut monitor), &mut || on_floor(&mut floor)]);
                row([
                    &format!("{imports} imports, {}×{}", size.0, size.1),
                    &time(ours.median()),
                    &time(ours.p99()),
                    &time(bare.median()),
                    &time(bare.p99()),
                    &ratio(ours.median(), bare.median()),
                ]);
                monitor.keys("q").end();
                floor.keys("q").end();
            }
        }
    }

    /// How many bytes the monitor wrote, and how many a bare program would have written for the same cells.
    type Written = (usize, usize);

    /// What is written until the screen is as wanted; `met` gets the screen before and the screen now.
    fn written(
        pty: &mut Pty,
        act: impl FnOnce(&mut Pty) -> &mut Pty,
        met: impl Fn(&str, &str) -> bool,
    ) -> Written {
        sleep(SETTLING);
        let bytes = pty.bytes().len();
        let (text, before) = (pty.screen(), pty.picture().clone());
        act(pty).until("what was wanted", |screen| met(&text, &screen.contents()));
        (pty.bytes_seen() - bytes, floor::bytes(&before, pty.picture()))
    }

    pub(crate) fn bytes_of_frames() {
        let sizes =
            SIZES.map(|(width, height)| [format!("{width}×{height}"), "floor".to_owned(), "÷".to_owned()]);
        let of_sizes: Vec<_> = sizes.iter().flatten().map(String::as_str).collect();
        head([&["bytes written"], &of_sizes[..]].concat());
        let figures = SIZES.map(frames);
        for (at, (name, _)) in figures[0].iter().enumerate() {
            let of_sizes = figures.each_ref().map(|figures| {
                let (_, (ours, floor)) = figures[at];
                [ours.to_string(), floor.to_string(), ratio(ours as f64, floor as f64)]
            });
            let of_sizes: Vec<_> = of_sizes.iter().flatten().map(String::as_str).collect();
            row([&[*name], &of_sizes[..]].concat());
        }
    }

    fn frames(size: (u16, u16)) -> [(&'static str, Written); 6] {
        const VIEWS: &str = "1 All";
        let simulator = simulator(40, 5);
        let mut pty = Pty::start(monitor(&simulator), size.0, size.1);
        let empty = pty.picture().clone();
        pty.shows(LOADED);
        let first = (pty.bytes_seen(), floor::bytes(&empty, pty.picture()));
        // Not just any change: ages grow meanwhile.
        let cursor = |screen: &str| screen.lines().position(|line| line.contains('▌'));
        let moved_on = |before: &str, now: &str| cursor(now) != cursor(before);
        let changed_lines =
            |before: &str, now: &str| before.lines().zip(now.lines()).filter(|(a, b)| a != b).count();
        let figures = [
            ("start to first rows", first),
            ("`j`", written(&mut pty, |pty| pty.keys("j"), moved_on)),
            (
                "a poll that moved 5 gauges",
                written(
                    &mut pty,
                    |pty| {
                        simulator.set_time(Duration::from_secs(20));
                        pty
                    },
                    |before, now| changed_lines(before, now) >= 5,
                ),
            ),
            ("failed rows opened", written(&mut pty, |pty| pty.keys("3\r"), |_, now| !now.contains(VIEWS))),
            ("and left", written(&mut pty, |pty| pty.keys("h"), |_, now| now.contains(VIEWS))),
            (
                "resized",
                written(&mut pty, |pty| pty.resize(size.0 - 1, size.1), |_, now| now.contains(VIEWS)),
            ),
        ];
        pty.keys("q").end();
        figures
    }
}
