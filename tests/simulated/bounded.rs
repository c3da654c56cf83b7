//! How many requests are sent while something is wrong, and when clocks jump: the whole loop, an hour at a time.

use std::time::Duration;

use plannr_tui::domain::fault::Fault;
use plannr_tui::simulator::Options;

use crate::session::{Requests, Setup};

/// The requests in an hour of a fault, with an import selected whose details change.
fn in_an_hour(fault: &Fault, keys: &str) -> Requests {
    requests(fault, false, &format!("{keys}<wait:1h>"))
}

fn requests(fault: &Fault, list_works: bool, keys: &str) -> Requests {
    let usual = Setup::default();
    // As little to draw as can be: there are 3,600 frames and more.
    let options = Options { imports: 8, ..usual.options };
    let setup = Setup { size: (40, 10), fault: fault.clone(), list_works, options, ..usual };
    setup.play(&format!("<wait:17s>/is:running<enter><wait:1s><lost>{keys}")).outside.requests
}

#[test]
fn an_hour_of_a_fault_costs_so_many_requests_at_most() {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    // A wait is a minute at last, or three quarters of it by chance; before that it doubles from a second.
    let usual = 3600 / 45 + 7;
    let table = [
        (Fault::Unauthenticated, 1),
        (Fault::Forbidden("no".into()), 1),
        (Fault::NotFound, usual),
        (Fault::Refused(422, "no".into()), usual),
        (Fault::RateLimited(None), 61),
        (Fault::RateLimited(seconds(0)), usual),
        (Fault::RateLimited(seconds(7)), usual),
        (Fault::RateLimited(seconds(1800)), 3),
        (Fault::Server(500, None), usual),
        (Fault::Server(503, seconds(600)), 7),
        (Fault::Unreachable("refused".into()), usual),
        (Fault::Tls("expired".into()), usual),
        (Fault::Proxy("refuses".into()), usual),
        (Fault::TimedOut, usual),
        (Fault::NotTheApi("HTML".into()), usual),
    ];
    for (fault, most) in table {
        let Requests { lists, details } = in_an_hour(&fault, "");
        assert!((1..=most).contains(&lists), "{fault:?}: {lists} times, at most {most}");
        assert!(details <= 1, "{fault:?}: the details {details} times");
    }
}

#[test]
fn a_token_that_is_refused_is_tried_again_when_the_user_wants_it_and_only_then() {
    let requests_made = in_an_hour(&Fault::Unauthenticated, "<wait:10m>r<wait:10m>jjkk<enter><esc>r");
    assert_eq!(requests_made, Requests { lists: 3, details: 0 });
}

#[test]
fn a_wait_that_the_server_asked_for_is_kept_whatever_the_user_presses() {
    let hammer = "r<wait:1s>".repeat(600);
    let requests_made = in_an_hour(&Fault::RateLimited(None), &hammer);
    assert!(requests_made.lists <= 61 + 10, "{requests_made:?}");
}

#[test]
fn a_refresh_that_has_to_wait_says_for_what_and_until_when() {
    let fault = Fault::RateLimited(Some(Duration::from_secs(30)));
    let setup = Setup { fault, ..Setup::default() };
    let played = setup.play("<wait:17s><lost><wait:5s>r<shot>");
    let [screen] = &played.shots[..] else { panic!() };
    let text = "too many requests (429): refreshing in ";
    assert!(screen.text().contains(text), "{}", screen.text());
    let rest = screen.text().split_once(text).unwrap().1.to_owned();
    assert!(
        rest.split_once(" s, at ").is_some_and(|(seconds, _)| seconds.parse::<u8>().unwrap() <= 30),
        "{rest}"
    );
}

#[test]
fn details_that_fail_are_not_asked_for_in_a_loop() {
    // In ten minutes.
    for (fault, most) in [
        (Fault::Unauthenticated, 1),
        (Fault::NotFound, 12),
        (Fault::Server(500, None), 16),
        (Fault::RateLimited(None), 11),
    ] {
        let Requests { lists, details } = requests(&fault, true, "<enter><wait:10m>");
        assert!(lists > 150, "{fault:?}: the list goes on: {lists}");
        // The import that is selected, and the one that was before it.
        assert!((1..=most + 1).contains(&details), "{fault:?}: {details} times, at most {most}");
    }
}

#[test]
fn a_wall_clock_that_jumps_disturbs_nothing() {
    let calm = Setup::default().play("<wait:5m><shot>").outside.requests.lists;
    for jump in ["2h", "-3h", "-500h"] {
        let played = Setup::default().play(&format!("<wait:20s><clock:{jump}><wait:280s><shot>"));
        assert_eq!(played.outside.requests.lists, calm, "{jump}: as many requests as ever");
        let [screen] = &played.shots[..] else { panic!() };
        assert!(screen.line(0).contains("● live"), "{jump}: {}", screen.line(0));
        // A server whose clock is ahead of ours: its imports are new, not of the future.
        let ages = screen.text().lines().filter(|line| line.contains(" ago") || line.contains("now")).count();
        assert!(ages > 5 && !screen.text().contains(" -"), "{jump}:\n{}", screen.text());
    }
}
