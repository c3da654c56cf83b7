//! What goes wrong on purpose, now and then, and the rate limit.

use std::time::Duration;

use super::dice::dice;
use super::exchange::Response;

/// Requests a user may make in a minute.
pub(super) const LIMIT: u32 = 500;
const MINUTE: Duration = Duration::from_secs(60);

/// A fault of the server.
#[derive(Debug, PartialEq)]
pub(super) enum Fault {
    /// Answers with this instead.
    Instead(Response),
    /// Answers rightly, but so much later.
    Late(Duration),
}

/// What goes wrong with the `nth` request, if anything: about one in nine, the same ones for the same seed. Never the
/// first few, so that a start can be seen.
pub(super) fn fault(seed: u64, nth: u64) -> Option<Fault> {
    let mut dice = dice(seed, 0xfa17_0000 + nth);
    if nth < 3 {
        return None;
    }
    match dice.u8(0..100) {
        0..3 => {
            let seconds = dice.u8(2..9).to_string();
            Some(Fault::Instead(Response::error(429, "Too Many Attempts.").with("retry-after", &seconds)))
        }
        3..5 => Some(Fault::Instead(Response::error(500, "Server Error"))),
        5 => Some(Fault::Instead(Response::new(
            502,
            "text/html",
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\
             \r\n</body>\r\n</html>\r\n",
        ))),
        6..11 => Some(Fault::Late(Duration::from_millis(dice.u64(800..4_000)))),
        _ => None,
    }
}

/// Counts requests by the minute of real time.
#[derive(Debug, Default)]
pub(super) struct RateLimit {
    window: Option<Duration>,
    used: u32,
}

impl RateLimit {
    /// Counts one request, `now` since any fixed moment: how many are left, or how long to wait.
    pub(super) fn count(&mut self, now: Duration) -> Result<u32, Duration> {
        let open = self.window.filter(|began| now < *began + MINUTE);
        let began = open.unwrap_or_else(|| {
            self.used = 0;
            now
        });
        self.window = Some(began);
        if self.used >= LIMIT {
            return Err(began + MINUTE - now);
        }
        self.used += 1;
        Ok(LIMIT - self.used)
    }
}
