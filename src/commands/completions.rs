//! `plannr-tui completions`: from the same definition as the arguments.

use clap::builder::PossibleValuesParser;
use clap::{Command, ValueEnum as _};
use clap_complete::Shell;

use crate::app::columns::Column;
use crate::cli::{CompletionsArgs, definition};
use crate::ui::theme::Themes;

const PROGRAM: &str = "plannr-tui";
/// The documented modes, by the web app's words.
const MODES: [&str; 3] = ["create", "update", "validate"];

pub(super) fn script(args: CompletionsArgs) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut with_values(definition()), PROGRAM, &mut script);
    match args.shell {
        Shell::Bash => return with_one_name(&script).into_bytes(),
        Shell::Fish => script.extend(missing_in_fish().bytes()),
        _ => {}
    }
    script
}

/// What clap_complete leaves out for fish: the values of arguments, and those of options before any command.
fn missing_in_fish() -> String {
    let shells: Vec<_> = Shell::value_variants().iter().map(ToString::to_string).collect();
    let themes: Vec<_> = Themes::built_in().collect();
    let (shells, themes, modes) = (shells.join(" "), themes.join(" "), MODES.join(" "));
    format!(
        "complete -c {PROGRAM} -n \"__fish_plannr_tui_using_subcommand completions\" -f -a \"{shells}\"\n\
         complete -c {PROGRAM} -l theme -x -a \"{themes}\"\n\
         complete -c {PROGRAM} -l modes -x -a \"{modes}\"\n"
    )
}

/// The arguments with the values to suggest where others are valid too: custom themes, modes yet unknown, lists.
fn with_values(definition: Command) -> Command {
    let columns = PossibleValuesParser::new(Column::ALL.map(Column::name));
    definition
        .mut_arg("theme", |arg| arg.value_parser(PossibleValuesParser::new(Themes::built_in())))
        .mut_arg("modes", |arg| arg.value_parser(PossibleValuesParser::new(MODES)))
        .mut_subcommand("list", |list| list.mut_arg("columns", |arg| arg.value_parser(columns)))
}

/// clap_complete writes the program's hyphen in one way where it finds the subcommand and in another where it completes
/// behind it, so that bash would complete nothing there.
fn with_one_name(script: &[u8]) -> String {
    let [found, completed] = ["__", "__subcmd__"].map(|hyphen| PROGRAM.replace('-', hyphen));
    String::from_utf8_lossy(script).replace(&completed, &found)
}
