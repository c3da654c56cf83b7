//! The template that `config init` writes: every setting explained, none set.

use super::keys::KEYS;
use super::{hooks, notify};
use crate::app::columns::Column;
use crate::app::keymap::actions;

const HEAD: &str = "\
# The configuration of plannr-tui: TOML (https://toml.io).
#
# Precedence: flag, environment variable, this file, default.
# `plannr-tui config show` prints every setting and where it came from.
# To set something, remove the # in front of it. In paths, ~/ is your home folder; a relative path starts at the
# folder of this file.
";

const KEYS_HEAD: &str = r#"
# Other keys for any action: a key or a list of keys, replacing its default keys; [] unbinds it. A key is the
# character that it types ("G" with Shift), or enter, esc, tab, space, up, pgdn, f5, ctrl-r, alt-x and the like.
#[keys]
"#;

const BEFORE_NOTIFY: &str = r##"
# Filters with a name: tabs after Done, on the keys 5 to 9.
#[filters]
#mine = "by:me is:trouble"

# A custom theme, chosen with theme = "mine". It overrides parts of `base` (without one: dark or light, to match the
# terminal): text, dim, line, accent, heading, selected, good, warning, bad, key. A colour is "#rrggbb", a number from
# 0 to 255, or a name: red, bright-blue, default; to set more than the text colour,
# { fg = "white", bg = "#303050", bold = true }, with bold, dim, italic, underline and reverse.
#[themes.mine]
#base = "dark"
#good = "#56b4e9"
#bad = { fg = "bright-red", bold = true }
#selected = { bg = 236 }

# How to notify you when an import finishes, has its first failed row or stalls.
#[notify]
"##;

const AFTER_NOTIFY: &str = r#"
# Another firm or server: --profile test or PLANNR_PROFILE=test. A profile may override any setting above the
# sections.
#
# A token is only sent to the server that it was given for. A profile with another base_url needs its own token_command
# or token_file: the ones above are not sent there, nor is PLANNR_ACCESS_TOKEN. A token from this file is not sent to a
# server given by --base-url or PLANNR_BASE_URL either; give --token-file along with it.
#[profiles.test]
#base_url = "https://plannr.test.example"
#token_command = ["pass", "show", "plannr-test"]
"#;

/// The whole text, all of it comments. A line that sets something begins with `#` and no space.
pub fn commented() -> String {
    let mut text = HEAD.to_owned();
    for key in KEYS {
        text.push('\n');
        for line in key.about.lines() {
            text.push_str(&format!("# {line}\n"));
        }
        if key.name == "columns" {
            let names: Vec<_> = Column::ALL.into_iter().map(Column::name).collect();
            text.push_str(&format!("# Available: {}.\n", names.join(", ")));
        }
        text.push_str(&format!("#{} = {}\n", key.name, key.example));
    }
    text.push_str(KEYS_HEAD);
    for action in actions() {
        text.push_str(&format!("# {}\n#{} = {:?}\n", action.doc, action.name, action.keys));
    }
    text.push_str(BEFORE_NOTIFY);
    text.push_str(&notify::commented());
    text.push('\n');
    text.push_str(&hooks::commented());
    text.push_str(AFTER_NOTIFY);
    text
}
