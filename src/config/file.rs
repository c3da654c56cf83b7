//! The configuration file: found, read within bounds, and checked line by line.
//!
//! ```text
//!   location --> load --> Document --> tree (TOML) --> Config: Values of the file and of each profile, sections
//!                                        |               |
//!                                        +---------------+--> ConfigError: every mistake with its line and column
//! ```

mod default;
mod document;
mod hooks;
mod keymap;
mod keys;
mod location;
pub mod notify;
mod tree;
mod values;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;

pub use self::default::commented;
pub use self::document::{ConfigError, Document, Mistake, Position, Showing, Spanned};
pub(super) use self::document::{display_path, quoted};
pub use self::hooks::Hook;
pub(super) use self::keys::{KEYS, Reading};
pub use self::location::ConfigLocation;
pub(super) use self::location::{find, home, journal};
pub use self::tree::{Line, Section, Value};
pub use self::values::TokenCommand;
pub(super) use self::values::Values;

use self::keys::{Problem, texts};
use self::notify::NotifyValues;
use super::reason;
use crate::app::keymap::Keymap;
use crate::app::named_filters::NamedFilter;
use crate::domain::text::SafeText;
use crate::query::Query;
use crate::suggest::nearest;

/// The largest file that is read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// Everything that a configuration file sets; by default nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    pub(super) document: Option<Arc<Document>>,
    pub(super) values: Values,
    pub(super) profiles: Vec<(Spanned<String>, Values)>,
    pub(super) keymap: Keymap,
    pub(super) notify: NotifyValues,
    /// `[[hooks]]`, in the order of the file.
    pub(super) hooks: Vec<Spanned<Hook>>,
    pub(super) sections: Sections,
}

/// The sections with their positions. Themes are checked elsewhere; [`Document::mistake`] reports what is wrong with
/// them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sections {
    /// `[keys]` as written; [`Settings::keymap`](crate::config::Settings::keymap) is what it means.
    pub keys: Vec<KeyLine>,
    /// `[filters]`, in the order of the file.
    pub filters: Vec<Spanned<NamedFilter>>,
    pub themes: Vec<(Spanned<String>, Section)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct KeyLine {
    pub action: Spanned<String>,
    /// Its new keys; none unbinds it.
    pub keys: Vec<Spanned<String>>,
}

/// Who can write to a file, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(any(unix, test)), expect(dead_code, reason = "only Unix shows who can write to a file"))]
pub(super) enum Trust {
    /// Only its owner, who is the user or the administrator.
    Good,
    /// Others too; carries its mode bits.
    Writable(u32),
    /// It belongs to somebody else.
    Foreign,
}

/// Reads the file; `None` if it does not exist and was not named.
///
/// # Errors
/// It is named and missing; it cannot be read, is too large or not text.
pub(super) fn load(location: &ConfigLocation) -> Result<Option<(Document, Trust)>, ConfigError> {
    let path = &location.path;
    let refuse = |problem: String| ConfigError::from(Mistake::of_file(path, problem));
    let unreadable = |error: io::Error| refuse(format!("cannot be read: {}", reason(&error)));
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !location.is_named() => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(refuse(format!(
                "does not exist, though {} names it; plannr-tui config init writes a template",
                location.source
            )));
        }
        Err(error) => return Err(unreadable(error)),
    };
    // Of the open file, so that nobody can swap it in between.
    let about = file.metadata().map_err(unreadable)?;
    if about.is_dir() {
        return Err(refuse("is a folder, not a file".to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > LARGEST {
        return Err(refuse("is larger than 1 MiB, so not a configuration file".to_owned()));
    }
    Ok(Some((text(path, bytes)?, trust(&about))))
}

/// The bytes as text, without a byte order mark.
fn text(path: &Path, bytes: Vec<u8>) -> Result<Document, ConfigError> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let document = Document::new(path, String::from_utf8_lossy(before).into_owned());
        let problem = "not valid UTF-8 text from here on; save it as UTF-8";
        document.mistake(&(good..good), problem, Showing::Key)
    })?;
    Ok(Document::new(path, text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned)))
}

#[cfg(unix)]
fn trust(about: &std::fs::Metadata) -> Trust {
    use std::os::unix::fs::MetadataExt as _;
    let mode = about.mode() & 0o777;
    let me = rustix::process::geteuid().as_raw();
    match about.uid() {
        _ if mode & 0o022 != 0 => Trust::Writable(mode),
        owner if owner == me || owner == 0 => Trust::Good,
        _ => Trust::Foreign,
    }
}

/// Elsewhere a new file is private unless somebody shares it.
#[cfg(not(unix))]
fn trust(_: &std::fs::Metadata) -> Trust {
    Trust::Good
}

impl Config {
    /// The default keys with its `[keys]` applied.
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// Checks the whole file: every profile, whether chosen or not.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn read(document: Document, trust: Trust, reading: &Reading<'_>) -> Result<Self, ConfigError> {
        let document = Arc::new(document);
        let lines = tree::read(&document, keys::is_public)?;
        let mut reader = Reader { document: &document, trust, reading, mistakes: Vec::new() };
        let mut config = Self { document: Some(Arc::clone(&document)), ..Self::default() };
        config.values = reader.values(&lines, None, |reader, line| reader.section(&mut config, line));
        let mut mistakes = reader.mistakes;
        mistakes.sort_by_key(|mistake| mistake.position);
        if mistakes.is_empty() { Ok(config) } else { Err(ConfigError(mistakes)) }
    }

    /// The values of that profile; if there is none, the names of all profiles.
    pub(super) fn profile(&self, name: &str) -> Result<&Values, Vec<&str>> {
        let found = self.profiles.iter().find(|(profile, _)| profile.value == name);
        found
            .map(|(_, values)| values)
            .ok_or_else(|| self.profiles.iter().map(|(profile, _)| profile.value.as_str()).collect())
    }
}

const SECTIONS: &[&str] = &["profiles", "keys", "filters", "themes", "notify", hooks::NAME];

struct Reader<'a> {
    document: &'a Document,
    trust: Trust,
    reading: &'a Reading<'a>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn wrong(&mut self, span: &std::ops::Range<usize>, problem: impl Into<String>, showing: Showing) {
        let mistake = self.document.mistake(span, problem, showing);
        self.mistakes.push(mistake);
    }

    /// The values of the file or of a profile; lines with other keys go to `other`.
    fn values(
        &mut self,
        lines: &[Line],
        profile: Option<&str>,
        mut other: impl FnMut(&mut Self, &Line) -> bool,
    ) -> Values {
        let mut values = Values::default();
        for line in lines {
            let key = KEYS.iter().find(|key| key.name == line.key.value);
            match key {
                Some(key) if profile.is_some() && !key.in_profiles => {
                    let problem =
                        format!("`{}` cannot be set in a profile; write it above all sections", key.name);
                    self.wrong(&line.key.span, problem, Showing::Key);
                }
                Some(key) => {
                    self.guarded(key.guards, line);
                    self.value(key, &mut values, line);
                }
                None if other(self, line) => {}
                None => self.unknown(line, profile),
            }
        }
        self.token(&values);
        values
    }

    fn value(&mut self, key: &keys::Key, values: &mut Values, line: &Line) {
        let Err(problem) = key.read(values, &line.value, self.reading) else { return };
        let of_key = if key.secret { Showing::Key } else { Showing::Line };
        match problem {
            Problem::Kind => {
                let kind = line.value.value.kind();
                let problem =
                    format!("{kind} is not valid here: write it like `{} = {}`", key.name, key.example);
                self.wrong(&line.value.span, problem, of_key);
            }
            Problem::Value(problem, showing) => {
                let showing = if key.secret { Showing::Key } else { showing };
                self.wrong(&line.value.span, problem, showing);
            }
            Problem::Inside(Spanned { value: problem, span }) => self.wrong(&span, problem, of_key),
        }
    }

    /// Refuses a key that is dangerous in a file which others can write.
    fn guarded(&mut self, guards: Option<&'static str>, line: &Line) {
        let Some(chosen) = guards else { return };
        let path = quoted(self.document.path());
        let problem = match self.trust {
            Trust::Good => return,
            Trust::Writable(mode) => format!(
                "not used: others can write this file (mode {mode:03o}) and so decide {chosen}; make it private: \
                 chmod 600 {path}"
            ),
            Trust::Foreign => format!(
                "not used: this file belongs to another user, who could decide {chosen}; take it over: \
                 sudo chown \"$(id -u)\" {path}"
            ),
        };
        self.wrong(&line.key.span, problem, Showing::Key);
    }

    fn token(&mut self, values: &Values) {
        if let (Some(_), Some(file)) = (&values.token_command, &values.token_file) {
            self.wrong(&file.span, "token_command is set too; keep only one of the two", Showing::Line);
        }
    }

    /// Reads one of the sections; false if the line is not one.
    fn section(&mut self, config: &mut Config, line: &Line) -> bool {
        if !SECTIONS.contains(&line.key.value.as_str()) {
            return false;
        }
        if line.key.value == hooks::NAME {
            self.guarded(Some("what is run"), line);
            let (hooks, mistakes) = hooks::read(self.document, line, self.reading);
            config.hooks = hooks;
            self.mistakes.extend(mistakes);
            return true;
        }
        let Value::Table(lines) = &line.value.value else {
            let problem = format!("not a section; write [{}] on a line of its own", line.key.value);
            self.wrong(&line.key.span, problem, Showing::Key);
            return true;
        };
        match line.key.value.as_str() {
            "keys" => {
                config.sections.keys = lines.iter().filter_map(|line| self.key_line(line)).collect();
                let (keymap, mistakes) = keymap::resolve(&config.sections.keys);
                config.keymap = keymap;
                for (span, problem) in mistakes {
                    self.wrong(&span, problem, Showing::Line);
                }
            }
            "filters" => {
                config.sections.filters = lines.iter().filter_map(|line| self.filter(line)).collect();
            }
            "notify" => {
                let (values, mistakes) = notify::read(self.document, lines);
                config.notify = values;
                self.mistakes.extend(mistakes);
            }
            "themes" => {
                let named = self.named("themes", lines);
                config.sections.themes =
                    named.into_iter().map(|(name, lines)| (name, lines.to_vec())).collect();
            }
            _ => {
                for (name, lines) in self.named("profiles", lines) {
                    let values = self.values(lines, Some(&name.value), |_, _| false);
                    config.profiles.push((name, values));
                }
            }
        }
        true
    }

    /// The sections within a section: `[profiles.NAME]`.
    fn named<'l>(&mut self, of: &str, lines: &'l [Line]) -> Vec<(Spanned<String>, &'l [Line])> {
        let mut named = Vec::new();
        for line in lines {
            match &line.value.value {
                Value::Table(inner) => named.push((line.key.clone(), inner.as_slice())),
                _ => {
                    let problem = format!("must be in a named section: write [{of}.NAME] above it");
                    self.wrong(&line.key.span, problem, Showing::Key);
                }
            }
        }
        named
    }

    fn filter(&mut self, line: &Line) -> Option<Spanned<NamedFilter>> {
        let problem = match &line.value.value {
            Value::Text(filter) => match Query::parse(filter, &TimeZone::UTC) {
                Ok(query) if query.is_empty() => "filters nothing; leave the line out".to_owned(),
                Ok(_) => {
                    let safe = |text: &str| SafeText::new(text).to_string();
                    let value = NamedFilter { name: safe(&line.key.value), filter: safe(filter) };
                    return Some(Spanned { value, span: line.key.span.clone() });
                }
                Err(mistake) => mistake.message,
            },
            other => format!("not {}: give a filter in quotes, like \"by:me is:trouble\"", other.kind()),
        };
        self.wrong(&line.value.span, problem, Showing::Line);
        None
    }

    fn key_line(&mut self, line: &Line) -> Option<KeyLine> {
        let keys = match &line.value.value {
            Value::Text(key) => Ok(vec![Spanned { value: key.clone(), span: line.value.span.clone() }]),
            Value::List(keys) => texts(keys),
            _ => Err(Problem::Kind),
        };
        match keys {
            Ok(keys) => return Some(KeyLine { action: line.key.clone(), keys }),
            Err(Problem::Inside(Spanned { value, span })) => self.wrong(&span, value, Showing::Line),
            Err(_) => {
                let kind = line.value.value.kind();
                let problem = format!(
                    "{kind} is not valid here: use a key or a list of keys, like \"q\" or [\"q\", \"ctrl-q\"]"
                );
                self.wrong(&line.value.span, problem, Showing::Line);
            }
        }
        None
    }

    fn unknown(&mut self, line: &Line, profile: Option<&str>) {
        let name = &line.key.value;
        let names = KEYS.iter().map(|key| key.name);
        let sections = SECTIONS.iter().copied().filter(|_| profile.is_none());
        let hint = if ["token", "access_token", "password", "api_key"].contains(&name.as_str()) {
            "; a token is never kept in this file: set token_command or token_file".to_owned()
        } else {
            match nearest(name, names.chain(sections)) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => "; plannr-tui config init writes a template of every setting".to_owned(),
            }
        };
        let name = crate::domain::text::SafeText::new(name);
        self.wrong(&line.key.span, format!("unknown key `{name}`{hint}"), Showing::Key);
    }
}

/// What is wrong with the name of a key or an event of a section, and what was meant.
fn unknown<'a>(name: &str, valid: impl Iterator<Item = &'a str> + Clone, of: &str, what: &str) -> String {
    let hint = match nearest(name, valid.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{of} has: {}", valid.collect::<Vec<_>>().join(", ")),
    };
    format!("unknown {what} `{}`; {hint}", SafeText::new(name))
}

#[cfg(test)]
mod tests;
