//! Remapped keys and chosen columns, from the configuration to the screen.

use plannr_tui::app::columns::Column;
use plannr_tui::app::keymap::{Action, Keymap, Mode, actions};

use crate::session::Setup;

/// Every action on Alt with a letter, digit or function key of its own.
fn elsewhere() -> (Keymap, impl Fn(&str) -> String) {
    let letters = ('a'..='z').chain('A'..='Z').chain('0'..='9').map(|letter| format!("alt-{letter}"));
    let letters = letters.chain((1..=24).map(|number| format!("alt-f{number}")));
    let keys: Vec<(&str, String)> =
        actions().zip(letters).map(|(action, letter)| (action.name, letter)).collect();
    let keymap = Keymap::remapped(keys.iter().map(|(name, key)| (*name, vec![key.as_str()]))).unwrap();
    let key = move |name: &str| keys.iter().find(|(other, _)| *other == name).unwrap().1.clone();
    (keymap, key)
}

#[test]
fn help_footer_and_sentences_follow_the_keys_in_force() {
    let (keymap, key) = elsewhere();
    let expected: Vec<_> = keymap
        .bindings(Mode::Imports)
        .filter(|b| !matches!(b.action, Action::NamedFilter(_)))
        .map(|b| (b.keys[0].clone(), b.help))
        .collect();
    let script = format!(
        "<wait:2s>?<shot><{back}><shot><{help}><shot><{back}><{filter}>nobody at all<{keep}><wait:7s><shot>",
        back = key("back"),
        help = key("help"),
        filter = key("filter"),
        keep = key("keep_filter"),
    );
    let played = Setup { size: (120, 60), keymap, ..Setup::default() }.play(&script);
    let [silent, first, help, nothing] = &played.shots[..] else { panic!() };
    assert!(!silent.contains("Keys: Imports"), "the usual key means nothing now");
    assert!(silent.contains(&format!("? does nothing here: A{} help", &key("help")[1..])));
    assert!(first.contains(&format!("A{} quits", &key("quit")[1..])), "{}", first.text());
    for (name, text) in expected {
        let line = help.text().lines().any(|line| line.contains(&format!("{name} ")) && line.contains(text));
        assert!(line, "{name} {text}\n{}", help.text());
    }
    assert!(nothing.contains(&format!("A{} clears it", &key("back")[1..])), "{}", nothing.text());
    assert!(nothing.line(59).contains(&format!("{} help", key("help"))));
}

#[test]
fn columns_are_those_that_were_chosen_in_their_order() {
    let columns = Column::chosen(["uuid", "failed", "updated", "type"]).unwrap();
    let played = Setup { columns, ..Setup::default() }.play("<wait:2s>");
    let heads: Vec<_> = played.screen.line(2).split_whitespace().map(str::to_owned).collect();
    assert_eq!(heads, ["UUID", "FAILED", "UPDATED", "TYPE"]);
}

#[test]
fn times_are_relative_or_by_the_clock() {
    let played = Setup::default().play("<wait:5s>i<shot>T<shot><esc><wait:7s><shot>");
    let [ages, clock, table] = &played.shots[..] else { panic!() };
    assert!(ages.line_with("started").contains(" UTC (") && ages.contains(" ago)"));
    let started = clock.line_with("started ");
    assert!(started.contains(" UTC") && !started.contains("ago"), "{started}");
    assert!(!table.contains(" ago"), "{}", table.text());
}
