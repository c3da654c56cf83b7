//! `plannr-tui config`: the path of the configuration file, a template, and the settings in effect.

use std::fs::DirBuilder;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use tokio::runtime::Builder;

use crate::config::Settings;
use crate::config::file::{ConfigLocation, commented};
use crate::config::show::{Row, rows};
use crate::config::themes::themes;
use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};
use crate::files::{Existing, Target};
use crate::output::formats::array;
use crate::output::stdout::print;
use crate::ui::format::width;

/// Prints the path of the file, whether or not it exists.
pub(super) fn path(location: Option<ConfigLocation>) -> color_eyre::Result<ExitCode> {
    print_now(line(&located(location)?.path))
}

/// Writes the template and prints its path.
pub(super) fn init(location: Option<ConfigLocation>) -> color_eyre::Result<ExitCode> {
    let path = located(location)?.path;
    let failed = |message: String| Failure { message, exit: Exit::Unexpected };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let written = runtime.block_on(async {
        create_folder(&path).map_err(|error| {
            let folder = path.parent().unwrap_or(&path);
            failed(format!("cannot create the folder {}: {error}", SafeText::new(&folder.to_string_lossy())))
        })?;
        let mut file = Target::at(&path).create().await.map_err(|error| failed(error.to_string()))?;
        file.write(commented().as_bytes()).await.map_err(|error| failed(error.to_string()))?;
        file.finish("config.toml", Existing::Refuse).await.map_err(|error| failed(error.to_string()))
    })?;
    print_now(line(&written))
}

/// Prints every setting in effect: as JSON, or as a table on a terminal and tab-separated elsewhere.
pub(super) fn show(settings: &Settings, as_json: bool) -> color_eyre::Result<ExitCode> {
    themes(settings)?;
    let rows = rows(settings);
    let text = match as_json {
        true => json(&rows),
        false if io::stdout().is_terminal() => table(&rows),
        false => tab_separated(&rows),
    };
    print_now(text.into_bytes())
}

fn located(location: Option<ConfigLocation>) -> Result<ConfigLocation, Failure> {
    location.ok_or_else(|| Failure {
        message: "cannot determine the config directory: HOME is not set; give --config PATH".to_owned(),
        exit: Exit::Usage,
    })
}

/// Creates the folder of a file and its parents, readable only by the user.
fn create_folder(path: &Path) -> io::Result<()> {
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

fn print_now(bytes: Vec<u8>) -> color_eyre::Result<ExitCode> {
    let runtime = Builder::new_current_thread().build()?;
    runtime.block_on(print(bytes))?;
    Ok(Exit::Success.into())
}

fn table(rows: &[Row]) -> String {
    let widest =
        |column: fn(&Row) -> &str| rows.iter().map(|row| width(column(row))).max().unwrap_or_default();
    let (keys, values) = (widest(|row| &row.key), widest(|row| cell(row)));
    let padded = |text: &str, to: usize| format!("{text}{}", " ".repeat(to.saturating_sub(width(text))));
    let line =
        |row: &Row| format!("{}  {}  {}\n", padded(&row.key, keys), padded(cell(row), values), row.source);
    rows.iter().map(line).collect()
}

fn cell(row: &Row) -> &str {
    if row.value.is_empty() { "-" } else { &row.value }
}

fn json(rows: &[Row]) -> String {
    let value = |row: &Row| (!row.value.is_empty()).then(|| row.value.clone());
    let record = |row: &Row| json!({ "key": row.key, "value": value(row), "source": row.source.to_string() });
    array(&rows.iter().map(record).collect::<Vec<_>>())
}

fn tab_separated(rows: &[Row]) -> String {
    rows.iter().map(|row| format!("{}\t{}\t{}\n", row.key, row.value, row.source)).collect()
}
