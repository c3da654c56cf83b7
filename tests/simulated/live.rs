//! The configuration file changes while the monitor runs.

use std::time::Duration;

use plannr_tui::app::columns::Column;
use plannr_tui::app::keymap::Keymap;
use plannr_tui::app::runtime_config::RuntimeConfig;
use plannr_tui::poller::PollerCommand;
use ratatui::style::Color;

use crate::session::Setup;

#[test]
fn keys_columns_and_rhythm_follow_a_changed_file() {
    let keymap = Keymap::remapped([("refresh", vec!["f5"]), ("log", vec!["Z"])]).unwrap();
    let columns = Column::chosen(["uuid", "type"]).unwrap();
    let interval = Some(Duration::from_secs(7));
    let live =
        RuntimeConfig { keymap, columns, interval, redact: true, mouse: false, ..RuntimeConfig::default() };
    let setup = Setup { settings: vec![Ok(live)], ..Setup::default() };
    let played = setup.play("<wait:5s><settings><focus><wait:1s><shot>r<shot>Z<shot>");
    let [read, refused, log] = &played.shots[..] else { panic!() };
    let heads: Vec<_> =
        read.line(2).split('│').next().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    assert_eq!(heads, ["UUID", "TYPE"], "{}", read.text());
    assert!(read.contains("configuration reloaded"), "{}", read.text());
    assert!(refused.contains("r does nothing here"), "{}", refused.line(39));
    assert!(log.contains("configuration reloaded") && log.contains("connected"), "{}", log.text());
    assert!(
        played.outside.commands.contains(&PollerCommand::Interval(interval)),
        "{:?}",
        played.outside.commands
    );
}

#[test]
fn the_files_theme_is_followed_until_the_user_chooses_one() {
    let theme = |name: &str| Ok(RuntimeConfig { theme: Some(name.to_owned()), ..RuntimeConfig::default() });
    let setup = Setup { settings: vec![theme("dark"), theme("light")], ..Setup::default() };
    let change = "<settings><focus><wait:1s><shot>";
    let played = setup.play(&format!("<wait:5s>{change}t<on:no-colour><on:no-colour>{change}"));
    let [dark, chosen] = &played.shots[..] else { panic!() };
    assert!(matches!(dark.cell_of("live").fg, Color::Rgb(..)));
    assert_eq!(chosen.cell_of("live").fg, Color::Reset, "the file does not take it back");
}

#[test]
fn a_wrong_file_keeps_what_was_and_says_where_it_is_wrong() {
    let wrong = vec!["config.toml:12:3: unknown key `x`".to_owned(), "config.toml:14:1: another".to_owned()];
    let keymap = Keymap::remapped([("refresh", vec!["f5"])]).unwrap();
    let setup = Setup {
        keymap: keymap.clone(),
        settings: vec![Err(wrong), Ok(RuntimeConfig { keymap, ..RuntimeConfig::default() })],
        ..Setup::default()
    };
    let played = setup
        .play("<wait:5s><settings><focus><wait:1s><shot>r<shot>L<shot><esc><settings><focus><wait:1s><shot>");
    let [refused, kept, log, good] = &played.shots[..] else { panic!() };
    let notice = "config.toml:12:3: unknown key `x`; keeping the previous settings; L lists 1 more";
    assert!(refused.contains(notice), "{}", refused.text());
    assert!(kept.contains("r does nothing here"), "{}", kept.text());
    assert!(log.contains("config.toml:14:1: another"), "{}", log.text());
    assert!(good.contains("configuration reloaded"), "{}", good.text());
}

#[test]
fn what_the_user_switched_stays_and_what_waits_for_the_next_start_is_named_once() {
    let live = |redact, at_next_start: &[&'static str]| {
        Ok(RuntimeConfig { redact, at_next_start: at_next_start.to_vec(), ..RuntimeConfig::default() })
    };
    let settings = vec![
        live(true, &["base_url"]),
        live(false, &["base_url", "since", "account"]),
        live(true, &[]),
        live(false, &[]),
    ];
    let change = "<settings><focus><wait:1s><shot>";
    let keys = format!("<wait:5s>{change}{change}x{change}{change}");
    let played = Setup { settings, ..Setup::default() }.play(&keys);
    let [masked, shown, switched, still] = &played.shots[..] else { panic!() };
    assert!(masked.contains("base_url changed in config.toml: restart to apply"));
    assert!(shown.contains("since, account changed in config.toml: restart to apply"));
    let is_masked = [masked, shown, switched, still].map(|screen| screen.line(0).contains("masked"));
    assert_eq!(is_masked, [true, false, true, true]);
}

#[test]
fn the_file_is_looked_at_whenever_something_ticks_anyway() {
    let columns = Column::chosen(["uuid", "eta"]).unwrap();
    let setup = Setup {
        settings: vec![Ok(RuntimeConfig { columns, ..RuntimeConfig::default() })],
        ..Setup::default()
    };
    let played = setup.play("<wait:5s><settings><wait:10s>");
    assert!(played.screen.line(2).contains("UUID"), "{}", played.screen.text());
}
