//! `plannr-tui config`: where the configuration file is, a commented one to begin with, and what is in force.

use std::fs::DirBuilder;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;

use tokio::runtime::Builder;

use crate::config::Settings;
use crate::config::file::{ConfigPlace, commented};
use crate::config::show::{Row, rows};
use crate::config::themes::themes;
use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};
use crate::files::{Existing, Target};
use crate::output::stdout::print;
use crate::ui::format::width;

/// Prints the path of the file, whether or not it exists.
pub(super) fn path(place: Option<ConfigPlace>) -> color_eyre::Result<ExitCode> {
    say(line(&place_of(place)?.path))
}

/// Writes the commented file and prints where it is.
pub(super) fn init(place: Option<ConfigPlace>) -> color_eyre::Result<ExitCode> {
    let path = place_of(place)?.path;
    let failed = |message: String| Failure { message, exit: Exit::Unexpected };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let written = runtime.block_on(async {
        folder(&path).map_err(|error| {
            let folder = path.parent().unwrap_or(&path);
            failed(format!("the folder {} cannot be made: {error}", SafeText::new(&folder.to_string_lossy())))
        })?;
        let mut file = Target::at(&path).create().await.map_err(|error| failed(error.to_string()))?;
        file.write(commented().as_bytes()).await.map_err(|error| failed(error.to_string()))?;
        file.finish("config.toml", Existing::Refuse).await.map_err(|error| failed(error.to_string()))
    })?;
    say(line(&written))
}

/// Prints every value that is in force: a table on a terminal, by tabs elsewhere.
pub(super) fn show(settings: &Settings) -> color_eyre::Result<ExitCode> {
    themes(settings)?;
    let rows = rows(settings);
    let text = if io::stdout().is_terminal() { table(&rows) } else { tabs(&rows) };
    say(text.into_bytes())
}

fn place_of(place: Option<ConfigPlace>) -> Result<ConfigPlace, Failure> {
    place.ok_or_else(|| Failure {
        message: "cannot determine the config directory: HOME is not set; give --config PATH".to_owned(),
        exit: Exit::Usage,
    })
}

/// Makes the folder of a file, for its user only, with those that it lies in.
fn folder(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn line(path: &Path) -> Vec<u8> {
    let mut line = path.as_os_str().as_encoded_bytes().to_owned();
    line.push(b'\n');
    line
}

fn say(bytes: Vec<u8>) -> color_eyre::Result<ExitCode> {
    let runtime = Builder::new_current_thread().build()?;
    runtime.block_on(print(bytes))?;
    Ok(Exit::Fine.into())
}

fn table(rows: &[Row]) -> String {
    let widest = |cell: fn(&Row) -> &str| rows.iter().map(|row| width(cell(row))).max().unwrap_or_default();
    let (keys, values) = (widest(|row| &row.key), widest(|row| shown(row)));
    let padded = |text: &str, to: usize| format!("{text}{}", " ".repeat(to.saturating_sub(width(text))));
    let line =
        |row: &Row| format!("{}  {}  {}\n", padded(&row.key, keys), padded(shown(row), values), row.source);
    rows.iter().map(line).collect()
}

/// The value as a table shows it.
fn shown(row: &Row) -> &str {
    if row.value.is_empty() { "-" } else { &row.value }
}

fn tabs(rows: &[Row]) -> String {
    rows.iter().map(|row| format!("{}\t{}\t{}\n", row.key, row.value, row.source)).collect()
}
