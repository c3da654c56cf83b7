//! The configuration file that `config init` writes: every key explained, nothing set.

use super::super::notify;
use super::keys::KEYS;
use crate::app::columns::Column;
use crate::app::keymap::actions;

const HEAD: &str = "\
# The configuration of plannr-tui: TOML (https://toml.io).
#
# A flag wins over its environment variable, that over this file, this file over the default.
# `plannr-tui config show` shows every value and where it came from.
# To set something, take the # in front of it away. Paths: ~/ is your own folder; one that does not begin
# with / counts from the folder of this file.
";

const KEYS_HEAD: &str = r#"
# Other keys for any action: a key or a list of keys, in place of all that it has; [] takes them away. A key is
# the character that it types ("G" with Shift), or enter, esc, tab, space, up, pgdn, f5, ctrl-r, alt-x and the like.
#[keys]
"#;

const BEFORE_NOTIFY: &str = r##"
# Colours of your own; theme = "mine" chooses them. They are those of `base` (without it: as the terminal is dark or
# light) but for what is said here: text, dim, line, accent, heading, selected, good, warning, bad, key. A colour is
# "#rrggbb", a number from 0 to 255, or a name: red, bright-blue, default; or, for more than the text's colour,
# { fg = "white", bg = "#303050", bold = true }, with bold, dim, italic, underline and reverse.
#[themes.mine]
#base = "dark"
#good = "#56b4e9"
#bad = { fg = "bright-red", bold = true }
#selected = { bg = 236 }

# Notifications outside the screen when an import finishes, fails its first row or stalls.
#[notify]
"##;

const AFTER_NOTIFY: &str = r#"
# Another firm or server: --profile test or PLANNR_PROFILE=test. A profile may set every key from above; what it
# does not set is as above.
#
# A token goes to no server but the one it was given for. A profile with another base_url needs a token_command or a
# token_file of its own: the ones above are not sent there, nor is PLANNR_ACCESS_TOKEN. Nor is a token of this file
# sent to a server that --base-url or PLANNR_BASE_URL names; give --token-file along with it.
#[profiles.test]
#base_url = "https://plannr.test.example"
#token_command = ["pass", "show", "plannr-test"]
"#;

/// The whole text, all of it comments. A line that could be set begins with `#` and no space.
pub fn commented() -> String {
    let mut text = HEAD.to_owned();
    for key in KEYS {
        text.push('\n');
        for line in key.about.lines() {
            text.push_str(&format!("# {line}\n"));
        }
        if key.name == "columns" {
            let names: Vec<_> = Column::ALL.into_iter().map(Column::name).collect();
            text.push_str(&format!("# There are: {}.\n", names.join(", ")));
        }
        text.push_str(&format!("#{} = {}\n", key.name, key.example));
    }
    text.push_str(KEYS_HEAD);
    for action in actions() {
        text.push_str(&format!("# {}\n#{} = {:?}\n", action.doc, action.name, action.keys));
    }
    text.push_str(BEFORE_NOTIFY);
    text.push_str(&notify::commented());
    text.push_str(AFTER_NOTIFY);
    text
}
