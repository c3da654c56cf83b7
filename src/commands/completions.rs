//! `plannr-tui completions`: from the same definition as the arguments.

use crate::cli::{CompletionsArgs, definition};

pub(super) fn script(args: CompletionsArgs) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut definition(), "plannr-tui", &mut script);
    script
}
