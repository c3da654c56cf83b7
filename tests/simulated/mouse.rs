//! What keys do, the mouse does too: clicks on what the screen shows, the wheel, the scroll bar.

use ratatui::style::Modifier;

use crate::screen::Screen;
use crate::session::play;

const SIZE: (u16, u16) = (120, 40);

#[test]
fn a_click_chooses_and_a_second_one_opens_all_the_way_and_back() {
    let keys = "/is:done failed:>3<enter><click:10,4><shot><click:10,4><shot>\
        <click:10,6><click:10,6><click:80,6><click:80,6><shot><on:Failed rows><shot><on:Imports><shot>";
    let played = play(SIZE, keys);
    let [chosen, opened, row, back, table] = &played.shots[..] else { panic!() };
    assert!(chosen.line(4).starts_with(" ▌") && chosen.line(1).contains("1 All"));
    assert!(opened.line(1).trim_end().ends_with("› Failed rows"), "{}", opened.line(1));
    assert!(row.line(1).contains("› Failed rows › Row "), "{}", row.text());
    assert!(back.line(1).trim_end().ends_with("› Failed rows") && back.contains("REASON"));
    assert!(table.line(1).contains("1 All"));
}

#[test]
fn a_click_on_a_reason_opens_its_rows() {
    for keys in ["<wait:60s>", "<wait:60s>i"] {
        let shots = play(SIZE, &format!("{keys}<on:email must be><shot>")).shots;
        assert!(shots[0].line(1).trim_end().ends_with("› Failed rows"), "{}", shots[0].text());
        assert!(shots[0].contains("▌   must be a valid email"), "{}", shots[0].text());
    }
}

#[test]
fn headings_filter_footer_help_and_menus_take_clicks() {
    let sorted = play(SIZE, "<on:FAILED><shot><on:FAILED><shot>").shots;
    assert!(sorted[0].contains("↓FAILED") && sorted[1].contains("↑FAILED"));

    let all = |screen: &Screen| -> Option<usize> {
        screen.line(1).trim_start_matches(" 1 All ").split(' ').next()?.parse().ok()
    };
    let counted =
        play(SIZE, "<wait:60s><on:in trouble><shot><on:in trouble><shot>s<on:rows done><shot>").shots;
    let header = counted[0].line(0);
    let trouble = header.split(" in trouble").next().and_then(|left| left.split(' ').next_back());
    assert_eq!(trouble.and_then(|number| number.parse().ok()), all(&counted[0]), "{}", counted[0].text());
    assert_eq!(all(&counted[1]), Some(40), "once more shows everything again");
    assert!(counted[2].contains("↓DONE"), "{}", counted[2].text());

    let typing = play(SIZE, "/plans<enter><on:/ plans><shot>x<shot><backspace><click:10,6><shot>").shots;
    assert!(typing[0].line(39).contains("enter keep"), "{}", typing[0].line(39));
    assert!(typing[1].line(2).contains("/ plansx"));
    assert!(typing[2].line(39).contains("? help"), "a click beside the field keeps the filter");

    let help = play(SIZE, "<on:? help><shot><on:reverse the order><shot>").shots;
    assert!(help[0].contains("Keys: Imports"));
    assert!(help[1].contains("in trouble last") && !help[1].contains("Keys: Imports"), "{}", help[1].text());

    let closed = play(SIZE, "?<click:1,20><shot>L<right:60,20><shot>").shots;
    assert!(closed.iter().all(|screen| !screen.contains("Keys:") && !screen.contains("┌ Log")));

    let copied = play(SIZE, "y<on:uuid>");
    assert_eq!(copied.outside.copied.len(), 1);
    assert_eq!(copied.outside.copied[0].len(), 36, "{:?}", copied.outside.copied);

    let rows = play(SIZE, "/is:done failed:>30 has:report<enter>e<wait:1s><on:Client Ref><shot>").shots;
    assert!(rows[0].contains("↑Client Ref"), "{}", rows[0].text());
}

#[test]
fn the_scroll_bar_follows_the_pointer_and_the_wheel_what_lies_under_it() {
    let dragged = play((80, 24), "<click:79,3><drag:70,23><release><shot><drag:79,3><shot>");
    let last = dragged.shots[0].position_of("▌");
    assert_eq!(dragged.shots[0].text(), dragged.shots[1].text(), "nothing holds the bar any more");
    assert!(last.y > 8, "{}", dragged.shots[0].text());
    assert!(dragged.shots[0].contains("┃"));

    let keys =
        "/is:done failed:>30 has:report<enter>e<wait:1s>v<shot><wheel:1@90,8><shot><wheel:1@10,8><shot>";
    let wheeled = play(SIZE, keys).shots;
    let cursors = |at: usize| -> Vec<u16> {
        let buffer = wheeled[at].buffer();
        (3..30).filter(|y| (0..120).any(|x| buffer[(x, *y)].symbol() == "▌")).collect()
    };
    assert_ne!(cursors(0), cursors(1), "{}", wheeled[1].text());
    let bold = |at: usize| wheeled[at].cell_of("REASON").modifier.contains(Modifier::BOLD);
    assert_eq!([bold(1), bold(2)], [false, true], "the keys follow the wheel");
}
