//! The themes to choose from, as this terminal can show them.

use super::palette::{ANSI, FAMILIES, Family};
use super::{CustomTheme, Depth, Glyphs, Theme};
use crate::app::event::Background;
use crate::app::theme_state::ThemeChoice;

/// The theme that follows the terminal's background.
pub const AUTO: &str = "auto";
pub const NO_COLOUR: &str = "no-colour";

/// The themes to choose from, adapted to one terminal.
#[derive(Debug, Clone)]
pub struct Themes {
    auto: ThemeEntry,
    others: Vec<ThemeEntry>,
}

#[derive(Debug, Clone)]
struct ThemeEntry {
    choice: ThemeChoice,
    /// For an unknown, a dark and a light background.
    variants: [Theme; 3],
}

/// The order of [`ThemeEntry::variants`].
const BACKGROUNDS: [Option<Background>; 3] = [None, Some(Background::Dark), Some(Background::Light)];

impl Themes {
    /// The built-in and custom themes, `auto` first; of two with the same name the later wins.
    /// If `colour` is false `auto` has no colours.
    pub fn new(depth: Depth, colour: bool, ascii: bool, own: &[CustomTheme]) -> Self {
        let glyphs = Glyphs::new(ascii);
        let entry = |name: &str, about: &str, theme_for: &dyn Fn(Option<Background>) -> Theme| {
            let fitted = |background| {
                let mut theme =
                    if depth == Depth::None { Theme::plain(glyphs) } else { theme_for(background) };
                depth.fit(&mut theme);
                theme
            };
            ThemeEntry {
                choice: ThemeChoice { name: name.into(), about: about.into() },
                variants: BACKGROUNDS.map(fitted),
            }
        };
        let of = |family: &Family, background: Option<Background>| {
            family.palette(background, depth == Depth::Sixteen).theme(glyphs)
        };
        let [dark, light, ..] = &FAMILIES;
        let auto = |background| match background {
            _ if !colour => Theme::plain(glyphs),
            // Colours made for one background may vanish on the other; the terminal's own suit its background.
            None => of(&ANSI, None),
            Some(Background::Dark) => of(dark, background),
            Some(Background::Light) => of(light, background),
        };
        let based =
            |base: Option<&str>, background| match FAMILIES.iter().find(|family| Some(family.name) == base) {
                Some(family) => of(family, background),
                None if base == Some(NO_COLOUR) => Theme::plain(glyphs),
                None => auto(background),
            };
        let mut others: Vec<_> = FAMILIES
            .iter()
            .map(|family| entry(family.name, family.about, &|background| of(family, background)))
            .collect();
        others.push(entry(NO_COLOUR, "bold, dim and reversed text only", &|_| Theme::plain(glyphs)));
        for own in own {
            let theme_for = |background| {
                let mut theme = based(own.base.as_deref(), background);
                own.apply(&mut theme);
                theme
            };
            let about =
                own.base.as_ref().map_or("custom".to_owned(), |base| format!("custom, based on {base}"));
            others.retain(|entry| entry.choice.name.as_str() != own.name);
            others.push(entry(&own.name, &about, &theme_for));
        }
        let about =
            if colour { "dark or light, following the terminal" } else { "no colours: NO_COLOR is set" };
        Self { auto: entry(AUTO, about, &auto), others }
    }

    /// A single theme.
    pub fn only(theme: Theme) -> Self {
        let choice = ThemeChoice { name: AUTO.into(), about: "the only one".into() };
        Self { auto: ThemeEntry { choice, variants: [theme; 3] }, others: Vec::new() }
    }

    /// The names of the built-in themes.
    pub fn built_in() -> impl Iterator<Item = &'static str> {
        std::iter::once(AUTO).chain(FAMILIES.iter().map(|family| family.name)).chain([NO_COLOUR])
    }

    pub fn choices(&self) -> Vec<ThemeChoice> {
        self.entries().map(|entry| entry.choice.clone()).collect()
    }

    /// A theme's position among the choices.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.entries().position(|entry| entry.choice.name.as_str() == name)
    }

    /// A theme by its position; `auto` if there is none.
    pub fn theme(&self, at: usize, background: Option<Background>) -> &Theme {
        let ThemeEntry { variants: [unknown, dark, light], .. } =
            self.entries().nth(at).unwrap_or(&self.auto);
        match background {
            None => unknown,
            Some(Background::Dark) => dark,
            Some(Background::Light) => light,
        }
    }

    fn entries(&self) -> impl Iterator<Item = &ThemeEntry> {
        std::iter::once(&self.auto).chain(&self.others)
    }
}
