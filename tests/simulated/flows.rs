//! What a user does, from key to screen.

use std::collections::BTreeSet;
use std::time::Duration;

use plannr_tui::app::named_filters::NamedFilter;
use plannr_tui::domain::fault::Fault;
use plannr_tui::simulator::{Options, World};
use ratatui::style::Color;
use serde_json::Value;

use crate::screen::Screen;
use crate::session::{Setup, play};

const SIZE: (u16, u16) = (120, 40);

#[test]
fn the_server_goes_and_comes_back() {
    let played = play(SIZE, "<wait:20s><lost><wait:40s><shot>?<shot><esc><found><wait:70s>");
    let [lost, help] = &played.shots[..] else { panic!() };
    assert!(lost.line(0).contains("offline"), "{}", lost.text());
    assert!(lost.line(0).contains("retrying in"));
    assert!(lost.line_with("▌").contains("clients"), "rows and selection stay");
    assert!(help.contains("Keys: Imports"), "keys act without the server");
    assert!(played.screen.line(0).contains("● live"));
    assert!(played.screen.line_with("▌").contains("clients"));
}

#[test]
fn from_an_import_to_one_row_and_back() {
    let played = play(SIZE, "/is:done failed:>0<enter><enter><shot>l<shot>l<shot>n<shot>hhh<shot>");
    let [reasons, rows, row, next, back] = &played.shots[..] else { panic!() };
    assert!(reasons.contains("REASON") && reasons.contains("failed rows"));
    assert!(rows.cell_of("#").modifier.contains(ratatui::style::Modifier::BOLD));
    assert!(row.line(2).contains("  1 of "));
    assert!(next.line(2).contains("  2 of "));
    assert_eq!(next.cell_of("✗").fg, Color::Red, "what was refused is marked");
    assert!(back.contains("1 All"));
}

#[test]
fn a_mistake_in_the_filter_is_marked_and_restricts_nothing() {
    let played = play(SIZE, "/type:clients<shot> failed:many<shot><enter><shot><esc><shot>");
    let [good, wrong, kept, cleared] = &played.shots[..] else { panic!() };
    let shown = |screen: &crate::screen::Screen| {
        screen.text().lines().filter(|line| line.contains(" clients ")).count()
    };
    assert!(shown(good) > 2);
    assert_eq!(shown(good), shown(wrong));
    assert!(wrong.cell_of("many").modifier.contains(ratatui::style::Modifier::UNDERLINED));
    assert!(wrong.line(3).contains("number") && wrong.line(3).contains("ignored"), "{}", wrong.line(3));
    assert!(kept.line(1).contains("failed:many") && kept.line(2).contains("number"), "{}", kept.line(2));
    assert!(!cleared.line(1).contains("failed:"));
}

#[test]
fn a_type_that_no_import_has_leads_to_those_there_are() {
    let played = play(SIZE, "<wait:5s>/type:zzz<shot>");
    let hint = played.shots[0].line_with("Types here: ");
    assert!(hint.contains(" clients, "), "{hint}");
}

#[test]
fn esc_brings_the_cursor_back_from_a_filter() {
    let played = play(SIZE, "<wait:5s>jjj<shot>/is:trouble<esc><shot>/is:done<enter>j<esc><shot>");
    let chosen = |at: usize| played.shots[at].line_with("▌").to_owned();
    assert_eq!([chosen(1), chosen(2)], [chosen(0), chosen(0)]);
}

#[test]
fn a_filter_is_completed_and_an_earlier_one_recalled() {
    let keys =
        "/-mo<tab><shot>v<tab><shot> s<tab><tab><shot><backtab><shot><enter>/<esc>/<up><shot><down><shot>";
    let played = play(SIZE, keys);
    let [field, value, second, first, earlier, empty] = &played.shots[..] else { panic!() };
    assert!(field.line(2).starts_with(" / -mode:") && field.line(3).contains("create  update  validate"));
    assert!(value.line(2).starts_with(" / -mode:validate "), "{}", value.line(2));
    let chosen =
        |screen: &crate::screen::Screen| screen.line(2).split("  ").next().unwrap_or_default().to_owned();
    assert_eq!(chosen(second), " / -mode:validate succeeded:");
    assert_eq!(chosen(first), " / -mode:validate status:");
    assert_eq!(chosen(earlier), " / -mode:validate status:");
    assert_eq!(chosen(empty), " /");
}

#[test]
fn the_help_is_searched_and_its_line_run() {
    let played = play((120, 60), ":<shot>order<shot><down><up><down><enter><shot>?nothing so<enter><shot>");
    let [all, found, run, none] = &played.shots[..] else { panic!() };
    for group in ["Open and go back", "Filter, order, mark", "Move", "This program"] {
        assert!(all.contains(group), "{group}\n{}", all.text());
    }
    assert!(found.contains("1 of 2") && found.contains("choose the order"), "{}", found.text());
    assert!(run.contains("in trouble last") && !run.contains("Keys:"), "{}", run.text());
    let by_label = &play((120, 60), ":sort<shot>").shots[0];
    assert!(by_label.contains("choose the order"), "the footer calls it so\n{}", by_label.text());
    assert!(none.line(59).contains("no key matches") && none.contains("Keys:"));
}

#[test]
fn filters_of_the_configuration_are_tabs() {
    let named = |name: &str, filter: &str| NamedFilter { name: name.to_owned(), filter: filter.to_owned() };
    let filters = vec![named("mine", "by:me"), named("stuck", "is:stalled")];
    let keys = "<wait:5s>5<shot><tab><shot><tab><shot>4<backtab><backtab><backtab><backtab><shot>1<shot>7<shot><on:stuck><shot>";
    let played = Setup { filters, ..Setup::default() }.play(keys);
    let [mine, stuck, all, back, one, none, clicked] = &played.shots[..] else { panic!() };
    let chosen = |screen: &Screen| {
        let line = screen.line(1);
        let is_chosen =
            |text: &&str| screen.cell_of(text).modifier.contains(ratatui::style::Modifier::UNDERLINED);
        let tabs = ["mine", "stuck", "All ", "Done "].into_iter().filter(|text| line.contains(text));
        tabs.filter(is_chosen).map(str::trim).collect::<Vec<_>>().join(",")
    };
    assert_eq!(
        [mine, stuck, all, back, one, clicked].map(chosen),
        ["mine", "stuck", "All", "stuck", "All", "stuck"]
    );
    assert!(mine.line(1).contains("/ by:me") && !one.line(1).contains('/'), "{}", mine.line(1));
    let count = |screen: &Screen| {
        screen.line(1).split("All ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok())
    };
    let (some, every): (Option<u32>, Option<u32>) = (count(mine), count(all));
    assert!(some > Some(0) && some < every, "{some:?} {every:?}");
    assert!(none.line(39).contains("[filters]"), "{}", none.line(39));
}

#[test]
fn tab_switches_the_lists_and_j_goes_to_the_next_row() {
    let keys =
        "/is:done failed:>3<enter><enter><tab><shot><tab><shot>l<enter>j<shot>k<shot><down>h<shot>b<shot>";
    let played = play(SIZE, keys);
    let [rows, reasons, second, first, back, unknown] = &played.shots[..] else { panic!() };
    let bold = |screen: &Screen| screen.cell_of("#").modifier.contains(ratatui::style::Modifier::BOLD);
    assert!(bold(rows) && !bold(reasons));
    assert!(second.line(2).contains("  2 of ") && first.line(2).contains("  1 of "), "{}", second.line(2));
    assert!(bold(back) && back.line(1).trim_end().ends_with("Failed rows"));
    assert!(unknown.line(39).contains("b does nothing here: ? help, Enter open"), "{}", unknown.line(39));
}

#[test]
fn a_report_is_opened_or_it_is_said_why_not() {
    let keys = "/is:done failed:>0 has:report<enter>o<wait:1s><shot>";
    let played = play(SIZE, keys);
    let [url] = &played.outside.opened[..] else { panic!("{:?}", played.outside) };
    assert!(url.ends_with("/download"), "{url}");
    assert!(played.shots[0].line(39).contains("opened in the browser"));

    let shown = Setup { no_browser: Some("there is no desktop"), ..Setup::default() }.play(keys);
    assert!(shown.shots[0].contains("Not opened: there is no desktop"));
    assert_eq!(shown.outside.copied, shown.outside.linked[..1]);

    let none = play(SIZE, "/is:done failed:0<enter>o<shot>");
    assert!(none.shots[0].line(39).contains("no failed rows"));
}

#[test]
fn the_selection_stays_with_its_import() {
    // Imports keep starting above it; it is the one with 860 rows throughout.
    let setup = Setup::default();
    let options = plannr_tui::simulator::Options { keep_starting: true, ..setup.options };
    let played = Setup { options, ..setup }.play("sn<wait:1s>jj<shot><wait:5m><shot>");
    let [before, after] = &played.shots[..] else { panic!() };
    assert!(before.line_with("▌").contains("/860"));
    assert!(after.line_with("▌").contains("/860"));
    assert_ne!(
        before.text().lines().position(|l| l.contains("▌")),
        after.text().lines().position(|l| l.contains("▌"))
    );
}

#[test]
fn the_mouse_selects_and_the_wheel_moves() {
    let played = play(SIZE, "<click:10,6><shot><wheel:1><shot><click:20,1><shot>");
    let [clicked, wheeled, view] = &played.shots[..] else { panic!() };
    assert!(clicked.line(6).starts_with(" ▌"));
    assert!(wheeled.line(9).starts_with(" ▌"));
    assert!(view.cell_of("Running").modifier.contains(ratatui::style::Modifier::BOLD));
}

#[test]
fn q_and_ctrl_c_leave_and_esc_never_does() {
    assert_eq!(play(SIZE, "<esc><esc>q<wait:1h>").code, 0);
    assert_eq!(play(SIZE, "?<ctrl-c><wait:1h>").code, 130);
    assert!(play(SIZE, "<esc><esc><esc><shot>").shots[0].contains("q quits"));
}

#[test]
fn x_masks_what_clients_gave_and_nothing_else() {
    let played = play(SIZE, "<wait:5s><enter>v<shot>x<shot><enter><shot>y<enter>");
    let [plain, masked, row] = &played.shots[..] else { panic!() };
    assert!(plain.contains("Hazelton") && plain.contains("01632 960436"));
    for screen in [masked, row] {
        assert!(!screen.text().to_lowercase().contains("hazelton"), "{}", screen.text());
        assert!(screen.contains("0••• 9•••"));
        assert!(screen.contains("first_name") && screen.text().contains("email"), "{}", screen.text());
        assert!(screen.line(0).contains("masked"));
    }
    assert!(!played.outside.copied[0].contains("Hazelton"), "{:?}", played.outside.copied);
}

#[test]
fn the_whole_report_is_listed_filtered_sorted_and_written() {
    let keys = "/is:done failed:>30 has:report<enter>e<wait:1s><shot>v<shot>v>>s<shot>/cl-9<enter><shot>w<tab><ctrl-t><shot><enter>";
    let played = play(SIZE, keys);
    let [all, reasons, sorted, filtered, asked] = &played.shots[..] else {
        panic!("{}", played.screen.text())
    };
    assert!(all.contains("all 41, from the report"), "{}", all.text());
    assert!(reasons.contains("REASON"));
    assert!(sorted.text().contains("↑"), "{}", sorted.text());
    assert!(filtered.contains("match the filter"));
    assert!(asked.contains("[x] add a last column with the reasons"), "{}", asked.text());
    let [written] = &played.outside.written[..] else { panic!() };
    assert!(written.why && written.spreadsheet_safe && written.to.contains("safe"), "{}", written.to);
}

#[test]
fn files_are_spreadsheet_safe_where_the_option_says_so() {
    for (keys, safe) in [("", true), ("<ctrl-t>", false)] {
        let setup = Setup { spreadsheet_safe: true, ..Setup::default() };
        let played = setup.play(&format!("/is:done failed:>30 has:report<enter>e<wait:1s>w{keys}<enter>"));
        let [written] = &played.outside.written[..] else { panic!() };
        assert_eq!((written.spreadsheet_safe, written.to.contains("safe")), (safe, safe), "{}", written.to);
    }
}

#[test]
fn a_summary_tells_the_whole_story() {
    let played = play(SIZE, "<wait:30s><enter>yG<enter>");
    let [text] = &played.outside.copied[..] else { panic!() };
    let expected = [
        "**clients · Create**, running, Fairweather Wealth",
        "ok, ",
        "started by Isla",
        "rows a second",
        "| field |",
    ];
    for part in expected {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn fetching_a_report_can_be_cancelled() {
    let setup = Setup { transfer: std::time::Duration::from_secs(60), ..Setup::default() };
    let played =
        setup.play("/is:done failed:>30 has:report<enter>e<wait:1s><shot>e<shot><esc><shot><wait:2m><shot>");
    let [way, again, cancelled, later] = &played.shots[..] else { panic!() };
    assert!(way.line(39).contains("50%") && way.line(39).contains("Esc"), "{}", way.line(39));
    assert!(again.line(39).contains("is being fetched"));
    assert!(cancelled.line(39).contains("cancelled"));
    assert!(later.contains("1 All"), "nothing is listed later");
}

#[test]
fn a_create_run_is_compared_with_the_validate_run_before_it() {
    let world = World::new(&Setup::default().options);
    let pairs = repeated_runs(&world);
    assert_eq!(pairs.len(), 2);
    for (before, now) in pairs {
        let uuid = now["uuid"].as_str().unwrap();
        let keys = format!("/uuid:{uuid}<enter><enter>c<wait:2s><shot>v<wait:1s><shot>/is:gone<enter><shot>");
        let played = play(SIZE, &keys);
        let [compared, by_row, gone] = &played.shots[..] else { panic!() };
        // A row that fails still is the same line in both reports, reasons and all.
        let (before, now) = (report_lines(&world, &before), report_lines(&world, &now));
        let still = now.intersection(&before).count();
        let expected = format!(
            "{} fixed, {still} still failing, {} new (matched by ",
            before.len() - still,
            now.len() - still
        );
        assert!(still > 0 && compared.contains(&expected), "{expected}\n{}", compared.text());
        // In the words of the sentence above, and what is new first.
        let header = by_row.position_of("CHANGE");
        let change =
            |nth: u16| by_row.line(header.y + nth).chars().skip(header.x.into()).take(13).collect::<String>();
        let is_new = |nth| change(nth).trim() == "new";
        let new = (1..=now.len() as u16).take_while(|nth| is_new(*nth)).count();
        assert_eq!(new, now.len() - still, "{}", by_row.text());
        assert_eq!(change(1 + new as u16).trim(), "still failing", "{}", by_row.text());
        let fixed = before.len() - still;
        assert!(fixed == 0 || gone.contains(&format!("{fixed} only in the other run")), "{}", gone.text());
        let narrow = play((80, 24), &keys).shots[0].text();
        let words: Vec<&str> = narrow.split_whitespace().collect();
        assert!(words.join(" ").contains(&expected), "{expected}\n{narrow}");
    }
}

#[test]
fn the_details_tell_what_happened_and_how_earlier_runs_of_the_file_went() {
    let world = World::new(&Setup::default().options);
    for (before, now) in repeated_runs(&world) {
        let uuid = now["uuid"].as_str().unwrap();
        let played = play(SIZE, &format!("/uuid:{uuid}<enter><wait:1s>i<wait:1s><shot>"));
        let earlier = played.shots[0].line_with("earlier");
        let failed = format!("{} failed", before["failed_jobs"]);
        assert!(earlier.contains("Validate ") && earlier.contains(&failed), "{earlier}");
    }
    let played = play(SIZE, "<wait:1m>/type:valuations mode:validate is:running<enter>i<shot>");
    let screen = &played.shots[0];
    let line = |text: &str| screen.position_of(text).y;
    assert!(line("Timeline") + 1 < line("first failed rows, "), "{}", screen.text());
    assert!(line("first rows tried") < line("first failed rows, "), "{}", screen.text());
    let played = play(SIZE, "<wait:3m>1<enter>i<shot>");
    assert!(played.shots[0].contains("failed/min"), "{}", played.shots[0].text());
}

/// Every Create run with the Validate run of the same file before it, as the list has them.
fn repeated_runs(world: &World) -> Vec<(Value, Value)> {
    let list = world.get("/api/v1/import?per_page=500&include=initiatedBy");
    let list: Value = serde_json::from_slice(&world.answer(&list, Duration::ZERO).body).unwrap();
    let imports = list["data"].as_array().unwrap();
    let of_mode = |mode: &'static str| imports.iter().filter(move |import| import["mode"] == mode);
    let same =
        |a: &Value, b: &Value| ["type", "account", "total_jobs"].iter().all(|field| a[field] == b[field]);
    let first_of = |now: &Value| of_mode("validate").find(|before| same(before, now)).cloned();
    of_mode("store").filter_map(|now| Some((first_of(now)?, now.clone()))).collect()
}

/// The lines of an import's error report below its headers.
fn report_lines(world: &World, import: &Value) -> BTreeSet<Vec<String>> {
    let link = import["error_report"]["download_url"].as_str().unwrap();
    let report = world.answer(&world.get(&link.replacen("http://localhost", "", 1)), Duration::ZERO).body;
    let records = csv::Reader::from_reader(&report[..]).into_records();
    records.map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn a_few_lines_show_what_runs_and_what_is_in_trouble() {
    let keys = "<wait:60s><size:60x3><shot>!<shot><enter><shot>x<shot><wait:1m>pr<shot>\
                <size:20x2><shot><size:1x1><shot><size:40x10><shot>";
    let setup = Setup { size: SIZE, ..Setup::default() };
    let played = setup.play(keys);
    let [three, next, enter, wrong, paused, tiny, _, screen] = &played.shots[..] else { panic!() };
    assert!(
        three.line(0).starts_with("▌ clients · Create ") && three.line(0).contains('%'),
        "{}",
        three.text()
    );
    assert!(
        three.line(2).contains("5 to watch of 40") && three.line(2).contains("● live"),
        "{}",
        three.text()
    );
    assert!(next.line(0).contains("▌") || next.line(1).contains("▌"), "{}", next.text());
    assert!(enter.line(2).contains("needs 40 columns and 10 rows"), "{}", enter.text());
    assert!(wrong.line(2).contains("! r p q work here: too small for more"), "{}", wrong.text());
    assert!(paused.line(2).contains("paused"), "{}", paused.text());
    assert!(tiny.line(0).contains("▌ ") && tiny.line(0).contains(" · "), "{}", tiny.text());
    assert!(screen.contains("IMPORT") && screen.line(0).contains("plannr"), "{}", screen.text());
}

#[test]
fn why_nothing_is_polled_is_said_whatever_is_typed() {
    let played = |fault, keys| Setup { fault, ..Setup::default() }.play(keys).shots;
    let stopped = played(Fault::Unauthenticated, "<wait:5s><lost>r<wait:5s>p<shot><found>r<wait:5s><shot>");
    let [tried, live] = &stopped[..] else { panic!() };
    assert!(tried.line(0).contains("stopped") && !tried.line(0).contains("paused"), "{}", tried.line(0));
    assert!(tried.line(39).contains("polling has stopped: r tries again"), "{}", tried.line(39));
    assert!(live.line(0).contains("● live"), "it was not paused: {}", live.line(0));
    let limited = played(Fault::RateLimited(None), "<wait:5s><lost>r<wait:5s><shot>");
    assert!(limited[0].line(0).contains("rate limit, data "), "{}", limited[0].line(0));
    let paused = played(Fault::TimedOut, "<wait:5s>p<wait:7s><shot><wait:5s><shot>");
    let age = |at: usize| {
        let line = paused[at].line(0);
        let (_, age) = line.split_once("data ").unwrap();
        age.split(' ').next().unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(age(1) - age(0), 5, "it counts on");
}

#[test]
fn the_line_whose_key_is_searched_for_is_the_one_that_enter_runs() {
    let played = Setup::default().play("<wait:2s>?t<shot><enter><shot>");
    let [help, themes] = &played.shots[..] else { panic!() };
    assert!(
        help.line_with("search t").contains(" of 33"),
        "other lines have the letter too: {}",
        help.text()
    );
    assert!(themes.contains("┌ Theme "), "{}", themes.text());
}

#[test]
fn what_the_period_hides_is_told_at_the_end_of_the_list_and_loaded_on_request() {
    let played = |imports, since: &str, keys| {
        let options = Options { imports, keep_starting: false, ..Options::default() };
        Setup { size: (110, 30), options, since: Some(since.parse().unwrap()), ..Setup::default() }.play(keys)
    };
    let session = played(1500, "2026-11-18", "<wait:5s>G<shot>O<wait:5s>G<shot>O<shot>");
    let texts: Vec<String> = session.shots.iter().map(|shot| shot.text()).collect();
    assert!(texts[0].contains("not shown; O loads imports since 2026-10-19"));
    assert!(texts[0].contains("since 2026-11-18"));
    assert!(!texts[1].contains("not shown") && texts[1].contains("All 1,500"));
    assert!(texts[2].contains("no imports were created before 2026-10-19"));
    let filtered = played(1500, "2026-11-18", "<wait:5s>/nobody at all<enter><shot>");
    assert!(
        filtered.screen.text().contains("O loads imports since 2026-10-19"),
        "{}",
        filtered.screen.text()
    );
    let empty = played(30, "2026-11-24", "<wait:5s><shot>O<wait:5s>");
    assert!(empty.shots[0].text().contains("No imports in this period."));
    assert!(empty.screen.text().contains("All 30"));
}

/// Beyond five thousand imports, what a filter, a view or an order makes of them is worked out off the loop.
#[test]
fn a_long_list_is_filtered_and_sorted_by_the_same_keys() {
    let options = Options { imports: 5_100, running: Some(3), keep_starting: false, ..Options::default() };
    let setup = Setup { options, ..Setup::default() };
    let played = setup.play("<wait:60s>/is:running<wait:1s><shot><esc><tab>sn<wait:1s><shot>");
    let [filtered, sorted] = &played.shots[..] else { panic!("two frames") };
    assert!(filtered.contains("All 2   2 Running 2   3 Failed rows 2   4 Done 0"));
    assert!(sorted.contains("All 5,100   2 Running 2   3 Failed rows"));
    let types = |screen: &Screen, lines: [u16; 2]| {
        lines.map(|y| {
            screen.line(y).trim_start_matches(['▌', ' ']).split(' ').next().unwrap_or_default().to_owned()
        })
    };
    assert_eq!(
        (types(filtered, [5, 6]), types(sorted, [3, 4])),
        (["plans".into(), "notes".into()], ["notes".into(), "plans".into()])
    );
}

/// Which columns failed is known from the mapping, which the list does not have.
#[test]
fn rows_opened_before_their_mapping_is_known_have_their_columns_once_it_is() {
    let open = "/is:done failed:>3<enter><click:10,4>";
    let slowly = play(SIZE, &format!("{open}<wait:5s><enter><wait:5s>v<enter>")).screen;
    assert!(!slowly.contains("(not a column of the row)"), "{}", slowly.text());
    for keys in
        ["<enter><wait:5s>v<enter>", "<enter>v<enter><wait:5s>", "<enter>f<wait:5s><esc><wait:1s>v<enter>"]
    {
        let quickly = play(SIZE, &format!("{open}{keys}")).screen;
        let below = |screen: &Screen| screen.text().lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(below(&quickly), below(&slowly), "{keys}");
    }
}

#[test]
fn two_imports_that_cannot_be_compared_stay_in_the_table_with_the_reason() {
    // The first one runs and has no report; finished ones of two types have one each.
    for (keys, why) in [
        ("  c", "has no error report before it finishes"),
        ("/is:done has:report<enter> G c", "are of different files"),
    ] {
        let played = play(SIZE, &format!("<wait:5s>{keys}<shot>"));
        let screen = &played.shots[0];
        assert!(
            screen.line(39).contains("not compared: ") && screen.line(39).contains(why),
            "{}",
            screen.text()
        );
        assert!(screen.line(1).contains("1 All"), "{}", screen.text());
    }
}

#[test]
fn a_key_that_does_nothing_in_a_popup_is_not_promised_below_it() {
    let played = play(SIZE, "<wait:5s><enter>Lw<shot>");
    let footer = played.shots[0].line(39);
    assert!(footer.contains("does nothing here") && !footer.contains("works in"), "{footer}");
}

#[test]
fn details_are_wrapped_where_they_are_too_long_for_a_line() {
    for size in [(40, 30), (60, 15), (80, 24)] {
        let screen = play(size, "<wait:3m>/is:stalled<enter>i<shot>").shots.remove(0).text();
        let words: Vec<&str> = screen.split_whitespace().filter(|word| *word != "┃").collect();
        assert!(words.join(" ").contains("monitoring started; last change on the server 1h ago"), "{screen}");
    }
}

#[test]
fn masked_headers_are_all_alike() {
    let screen = play(SIZE, "<wait:5s>xi<wait:1s><shot>").shots.remove(0);
    let columns = (2..40).filter(|y| screen.line(*y).contains("column ")).count();
    let headers = (2..40).filter(|y| screen.line(*y).contains(" → ")).count();
    assert!(columns > 5 && columns == headers, "{}", screen.text());
}

#[test]
fn a_running_import_without_a_report_is_not_offered_to_compare_with() {
    let played = play(
        SIZE,
        "<wait:5s>/is:running type:clients<enter><shot>/<ctrl-u>is:done type:clients has:report<enter><enter><wait:1s>C<shot>",
    );
    let [running, offered] = &played.shots[..] else { panic!() };
    let count = running.text().matches("▸ running").count();
    assert!(count > 0 && offered.contains("Compare with"), "{}", offered.text());
    // When it began.
    assert!(!offered.contains(" 11:26 ("), "{}", offered.text());
}
