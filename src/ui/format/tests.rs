use jiff::tz::offset;
use proptest::prelude::*;

use super::*;
use crate::domain::import::Counts;
use crate::domain::tally::Counting;

fn seconds(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

#[test]
fn counts_have_commas_and_short_ones_five_cells() {
    for (number, long, short) in [
        (0, "0", "0"),
        (999, "999", "999"),
        (1_234, "1,234", "1,234"),
        (9_999, "9,999", "9,999"),
        (10_000, "10,000", "10.0k"),
        (12_399, "12,399", "12.3k"),
        (99_999, "99,999", "99.9k"),
        (999_999, "999,999", "999k"),
        (1_250_000, "1,250,000", "1.2M"),
        (u64::MAX, "18,446,744,073,709,551,615", "18.4E"),
    ] {
        assert_eq!((count(number).as_str(), count_short(number).as_str()), (long, short));
    }
}

#[test]
fn shares_never_claim_all_or_none_that_is_not_so() {
    for (part, whole, expected) in [
        (0, 0, "0%"),
        (0, 9, "0%"),
        (1, 1000, "<1%"),
        (1, 3, "33%"),
        (2, 3, "67%"),
        (999, 1000, ">99%"),
        (7, 7, "100%"),
        (u64::MAX, u64::MAX, "100%"),
    ] {
        assert_eq!(share(part, whole), expected, "{part}/{whole}");
    }
    let tried = |tried: u64| {
        let remaining = Some(1_000 - tried);
        progress(&Tally::new(&Counts { total: Some(1_000), remaining, ..Counts::default() }, Counting::Batch))
    };
    assert_eq!(
        [0, 1, 9, 10, 580, 1_000].map(|rows| tried(rows).unwrap()),
        ["0%", "<1%", "<1%", "1%", "58%", "100%"]
    );
}

#[test]
fn rates_are_in_the_unit_that_reads_best() {
    for (a_second, expected) in [
        (1204.4, "1,204/s"),
        (41.3, "41/s"),
        (9.96, "10/s"),
        (9.94, "9.9/s"),
        (8.2, "8.2/s"),
        (0.4, "0.4/s"),
        (0.2, "12/min"),
        (1.0 / 60.0, "1/min"),
        (0.5 / 60.0, "30/h"),
        (1.0 / 7200.0, "<1/h"),
        (0.0, "0/s"),
        (-1.0, "0/s"),
        (f64::NAN, "0/s"),
        (f64::INFINITY, "0/s"),
    ] {
        assert_eq!(rate(a_second), expected, "{a_second}");
    }
}

#[test]
fn durations_and_ages_are_short() {
    for (secs, long, age) in [
        (0, "0s", "just now"),
        (48, "48s", "48s ago"),
        (60, "1m00s", "1m ago"),
        (108, "1m48s", "1m ago"),
        (3599, "59m59s", "59m ago"),
        (11_239, "3h07m", "3h ago"),
        (86_400, "1d0h", "1d ago"),
        (187_200, "2d4h", "2d ago"),
        (u64::MAX, "213503982334601d7h", "213503982334601d ago"),
    ] {
        assert_eq!((duration(seconds(secs)).as_str(), ago(seconds(secs)).as_str()), (long, age));
    }
    assert_eq!(duration(Duration::from_millis(1999)), "1s");
}

#[test]
fn an_unsure_end_is_a_range_in_one_unit() {
    for (soonest, latest, expected) in [
        (108, 108, "1m48s"),
        (20, 50, "20–50s"),
        (40, 120, "1–2m"),
        (10, 120, "<2m"),
        (110, 130, "~2m"),
        (60, 89, "60–89s"),
        (3600, 5000, "60–83m"),
        (4200, 7200, "1–2h"),
        (86_400, 172_800, "1–2d"),
        (0, u64::MAX, "<213503982334601d"),
        (200, 100, "3m20s"),
    ] {
        let range = Eta { soonest: seconds(soonest), latest: seconds(latest) };
        assert_eq!(eta(range, '–'), expected, "{soonest} to {latest}");
    }
}

#[test]
fn the_clock_is_the_one_on_the_wall_of_the_zone() {
    let zone = TimeZone::fixed(offset(1));
    let now = "2026-11-12T12:30:00Z".parse().unwrap();
    for (time, expected, dated) in [
        ("2026-11-12T11:03:00Z", "12:03", "12:03"),
        ("2026-11-11T23:03:00Z", "00:03", "00:03"),
        ("2026-11-11T22:59:00Z", "Wed 23:59", "Wed 23:59"),
        ("2026-11-06T11:03:00Z", "Fri 12:03", "Fri 12:03"),
        ("2026-11-05T11:03:00Z", "5 Nov", "5 Nov 12:03"),
        ("2026-11-13T11:03:00Z", "13 Nov", "13 Nov 12:03"),
        ("2025-12-31T23:30:00Z", "1 Jan", "1 Jan 00:30"),
        ("2025-11-03T11:03:00Z", "3 Nov 2025", "3 Nov 2025 12:03"),
    ] {
        let at = time.parse().unwrap();
        assert_eq!(clock(at, &zone, now), expected, "{time}");
        assert_eq!(day_and_clock(at, &zone, now), dated, "{time}");
    }
}

#[test]
fn sizes_are_in_decimal_units() {
    for (size, expected) in [
        (0, "0 B"),
        (999, "999 B"),
        (1_500, "1.5 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (20_654_321, "20.7 MB"),
        (u64::MAX, "18.4 EB"),
    ] {
        assert_eq!(bytes(size), expected);
    }
}

#[test]
fn texts_are_cut_between_characters_and_filled_to_the_cell() {
    for (text, cells, end, middle, right) in [
        ("clients", 7, "clients", "clients", "clients"),
        ("clients", 6, "clien…", "cli…ts", "clien…"),
        ("clients", 9, "clients", "clients", "  clients"),
        ("clients", 1, "…", "…", "…"),
        ("clients", 0, "", "", ""),
        ("", 2, "", "", "  "),
        ("日本語", 5, "日本…", "日…語", "日本…"),
        ("日本語", 4, "日…", "日…", " 日…"),
        ("Zoe\u{308}lle", 4, "Zoe\u{308}…", "Zo…e", "Zoe\u{308}…"),
        ("👩👩👧", 3, "👩…", "…", "👩…"),
    ] {
        assert_eq!(truncate(text, cells, '…'), end, "{text} {cells}");
        assert_eq!(truncate_middle(text, cells, '…'), middle, "{text} {cells}");
        assert_eq!(fit(text, cells, Align::Right, '…'), right, "{text} {cells}");
    }
    assert_eq!(fit("abcdef", 4, Align::Left, '~'), "abc~");
}

#[test]
fn texts_are_wrapped_between_words_and_broken_only_where_they_must() {
    for (text, width, expected) in [
        ("", 5, vec![]),
        ("one two three", 7, vec!["one two", "three"]),
        ("does not match Y-m-d.", 16, vec!["does not match", "Y-m-d."]),
        ("abcdefgh ij", 3, vec!["abc", "def", "gh", "ij"]),
        ("日本語", 4, vec!["日本", "語"]),
        ("日", 1, vec!["日"]),
    ] {
        assert_eq!(wrap(text, width), expected, "{text} {width}");
    }
}

proptest! {
    #[test]
    fn short_counts_keep_to_five_cells(number: u64) {
        prop_assert!(count_short(number).len() <= 5);
        prop_assert_eq!(count(number).replace(',', ""), number.to_string());
    }

    #[test]
    fn fit_gives_exactly_the_width_and_cuts_never_more(
        text in prop_oneof!["\\PC*", any::<String>(), "[a日👩🏽\u{200d}\u{301} 🇬🇧]*"],
        cells in 0..30_usize,
        align in prop::sample::select(vec![Align::Left, Align::Right]),
        mark in prop::sample::select(vec!['…', '~']),
    ) {
        prop_assert_eq!(width(&fit(&text, cells, align, mark)), cells);
        prop_assert!(width(&truncate(&text, cells, mark)) <= cells);
        prop_assert!(width(&truncate_middle(&text, cells, mark)) <= cells);
    }

    #[test]
    fn an_eta_takes_few_cells(soonest in 0..200_000_u64, more in 0..200_000_u64) {
        let text = eta(Eta { soonest: seconds(soonest), latest: seconds(soonest + more) }, '-');
        prop_assert!(text.len() <= 6, "{}", text);
    }
}
