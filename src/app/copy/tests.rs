use std::sync::Arc;

use crossterm::event::KeyCode;
use jiff::tz::TimeZone;

use crate::app::event::{Effect, Event};
use crate::app::{App, Identity, Popup};
use crate::domain::account::{Account, AccountId};
use crate::domain::failure::{Cells, FailedRow, Problem};
use crate::domain::import::{Failures, Kind, Person};
use crate::domain::page::Page;
use crate::domain::snapshot::Snapshot;
use crate::domain::snapshot::tests::{import, now};

/// The copies of an import by the ends of their labels, and the notice when its row is copied as CSV.
fn copies(value: &str) -> (impl Fn(&str) -> String + use<>, String) {
    let mut import = import("a", 60, "completed", (1, 0, 1));
    import.kind = Kind::new("![pixel](https://evil.example)");
    let name = "<img src=//evil.example>".into();
    import.started_by = Some(Person { name, ..Person::default() }.into());
    let row = FailedRow {
        cells: Cells::from_iter([("Name", value)]),
        problems: vec![Problem {
            field: "# | name".into(),
            messages: vec!["[Sign in](https://evil.example)".into()],
        }],
    };
    import.failures = Some(Failures { rows: vec![row].into() });
    let page = Page { imports: vec![import], ..Page::default() };
    let account = Account::unnamed(AccountId::new("a").unwrap());
    let account = Arc::new(Account { firm: "**Firm**".into(), ..account });
    let identity = Identity { accounts: vec![Arc::clone(&account)], ..Identity::default() };
    let mut app = App::new(now(1), TimeZone::UTC, identity, "");
    let empty = Snapshot::default().of_accounts(&[account], now(0));
    app.update(now(1), Event::Snapshot(Arc::new(empty.absorb(page, now(1)))));
    let press = |code: KeyCode, app: &mut App| app.update(now(1), Event::Key(code.into()));
    press(KeyCode::Enter, &mut app);
    press(KeyCode::Char('y'), &mut app);
    let Some(Popup::Copy(menu)) = &app.screens.popup else { panic!() };
    let items: Vec<_> = menu.items.iter().map(|item| (item.label, item.text.clone())).collect();
    assert_eq!(items[0].0, "row as CSV");
    let effects = press(KeyCode::Enter, &mut app);
    let Some(Effect::Copy(copy)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(copy.text, items[0].1);
    let notice = copy.what.clone();
    (move |label| items.iter().find(|(known, _)| known.starts_with(label)).unwrap().1.clone(), notice)
}

#[test]
fn nothing_that_a_stranger_wrote_is_markdown() {
    let (copy, _) = copies("Ann");
    let table = copy("reasons");
    let row = table.lines().nth(2).unwrap();
    assert_eq!(row, r"| \# \| name | \[Sign in\](https\://evil.example) | 1 |");
    let summary = copy("summary");
    assert!(
        summary.starts_with(
            r"**\!\[pixel\](https\://evil.example) · Create**, done with failures, \*\*Firm\*\*"
        ),
        "{summary}"
    );
    assert!(summary.contains("\n- started by \\<img src=//evil.example\\>\n"), "{summary}");
    assert!(summary.ends_with(&table), "{summary}");
}

#[test]
fn a_row_with_control_characters_is_copied_with_a_caution() {
    let (copy, notice) = copies("Ann");
    assert_eq!((copy("row as CSV").as_str(), notice.as_str()), ("Name\nAnn\n", "row as CSV (9 characters)"));
    for control in ["\n", "\u{1b}", "\u{9b}", "\u{7f}"] {
        let (copy, notice) = copies(&format!("Ann{control}rm -r"));
        assert!(copy("row as CSV").contains(control), "exactly as it came");
        assert!(
            notice.ends_with("; the row contains control characters: do not paste it into a terminal"),
            "{notice}"
        );
    }
}
