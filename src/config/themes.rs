//! The themes to choose from, custom ones included, and the one to start with.

use crate::app::theme_state::ThemeState;
use crate::config::file::{ConfigError, Document, Line, Mistake, Showing, Spanned, Value};
use crate::config::{Settings, SettingsError, Source, Sourced};
use crate::domain::text::SafeText;
use crate::exit::Failure;
use crate::suggest::nearest;
use crate::ui::theme::{AUTO, ConfigColor, CustomTheme, MODIFIERS, StyleChange, Themes, roles};

/// The themes for this terminal, and which of them is in use.
///
/// # Errors
/// A custom theme is invalid, or the theme that was asked for does not exist.
pub(crate) fn themes(settings: &Settings) -> Result<(Themes, ThemeState), Failure> {
    let custom = custom_themes(settings)?;
    let terminal = &settings.terminal;
    let themes = Themes::new(terminal.depth(), settings.colour.value, settings.ascii.value, &custom);
    let choices = themes.choices();
    let chosen = match &settings.theme {
        None => 0,
        Some(theme) => themes.find(&theme.value).ok_or_else(|| unknown(settings, theme, &themes))?,
    };
    let file = settings.file.as_ref().map(|path| SafeText::new(&path.to_string_lossy()));
    Ok((themes, ThemeState { choices, chosen, background: terminal.background(), file }))
}

fn unknown(settings: &Settings, theme: &Sourced<String>, themes: &Themes) -> Failure {
    let choices = themes.choices();
    let names: Vec<_> = choices.iter().map(|choice| choice.name.as_str()).collect();
    let near = nearest(&theme.value, names.iter().copied());
    let hint = near.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
    let problem = format!("unknown theme (available: {}){hint}", names.join(", "));
    let place = settings.theme_place.as_ref().zip(settings.document.as_ref());
    if let (Source::File { .. }, Some((span, document))) = (&theme.source, place) {
        return ConfigError::from(document.mistake(span, problem, Showing::Line)).into();
    }
    SettingsError { source: theme.source.clone(), given: Some(SafeText::new(&theme.value)), problem }.into()
}

fn custom_themes(settings: &Settings) -> Result<Vec<CustomTheme>, ConfigError> {
    let Some(document) = &settings.document else { return Ok(Vec::new()) };
    let mut reader = Reader { document, mistakes: Vec::new() };
    let themes: Vec<_> =
        settings.sections.themes.iter().map(|(name, lines)| reader.theme(name, lines)).collect();
    if reader.mistakes.is_empty() { Ok(themes) } else { Err(ConfigError(reader.mistakes)) }
}

struct Reader<'a> {
    document: &'a Document,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn wrong<T>(&mut self, at: &Spanned<T>, problem: impl Into<String>) {
        self.mistakes.push(self.document.mistake(&at.span, problem, Showing::Line));
    }

    fn theme(&mut self, name: &Spanned<String>, lines: &[Line]) -> CustomTheme {
        if name.value == AUTO {
            self.wrong(name, "auto is reserved for matching the terminal: choose another name");
        }
        let mut own = CustomTheme { name: name.value.clone(), ..CustomTheme::default() };
        for Line { key, value } in lines {
            if key.value == "base" {
                own.base = self.base(value);
                continue;
            }
            match roles().into_iter().find(|role| *role == key.value) {
                Some(role) => {
                    let change = self.change(value);
                    own.changes.push((role, change));
                }
                None => self.unknown(key, &[&["base"], &roles()[..]].concat(), "theme key"),
            }
        }
        own
    }

    fn base(&mut self, value: &Spanned<Value>) -> Option<String> {
        let names: Vec<_> = Themes::built_in().collect();
        match &value.value {
            Value::Text(name) if names.contains(&name.as_str()) => {
                Some(name.clone()).filter(|name| name != AUTO)
            }
            Value::Text(name) => {
                let name = Spanned { value: name.clone(), span: value.span.clone() };
                self.unknown(&name, &names, "built-in theme");
                None
            }
            other => {
                self.wrong(
                    value,
                    format!("{} is not valid here: use the name of a theme, like \"dark\"", other.kind()),
                );
                None
            }
        }
    }

    /// A colour for the text, or `{ fg, bg, bold, … }`.
    fn change(&mut self, value: &Spanned<Value>) -> StyleChange {
        let Value::Table(lines) = &value.value else {
            return StyleChange { fg: self.color(value), ..StyleChange::default() };
        };
        let mut change = StyleChange::default();
        for Line { key, value } in lines {
            let name = key.value.as_str();
            match (name, MODIFIERS.iter().find(|modifier| **modifier == name), &value.value) {
                ("fg", ..) => change.fg = self.color(value),
                ("bg", ..) => change.bg = self.color(value),
                (_, Some(modifier), Value::Switch(on)) => change.modifiers.push((modifier, *on)),
                (_, Some(_), other) => {
                    self.wrong(value, format!("{} is not valid here: use true or false", other.kind()));
                }
                (_, None, _) => self.unknown(key, &[&["fg", "bg"], &MODIFIERS[..]].concat(), "style key"),
            }
        }
        change
    }

    fn color(&mut self, value: &Spanned<Value>) -> Option<ConfigColor> {
        let color = match &value.value {
            Value::Text(text) => ConfigColor::read(text),
            Value::Number(number) => ConfigColor::number(*number),
            other => Err(format!(
                "{} is not valid here: use a colour, like \"#62c7d4\", \"cyan\" or 80",
                other.kind()
            )),
        };
        color.map_err(|problem| self.wrong(value, problem)).ok()
    }

    fn unknown(&mut self, name: &Spanned<String>, valid: &[&str], what: &str) {
        let hint = match nearest(&name.value, valid.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("available: {}", valid.join(", ")),
        };
        self.wrong(name, format!("unknown {what} `{}`; {hint}", SafeText::new(&name.value)));
    }
}
