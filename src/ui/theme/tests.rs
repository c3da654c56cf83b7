use super::depth::channels;
use super::palette::FAMILIES;
use super::*;
use crate::app::event::Background;

const DARK_BACKGROUNDS: [u32; 5] = [0x000000, 0x121212, 0x1e1e1e, 0x282c34, 0x002b36];
const LIGHT_BACKGROUNDS: [u32; 3] = [0xffffff, 0xfafafa, 0xfdf6e3];

/// WCAG 2 luminance, from 0 to 1.
fn luminance(rgb: [f64; 3]) -> f64 {
    0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]
}

/// Linear red, green and blue, from 0 to 1.
fn light(colour: Color) -> [f64; 3] {
    channels(colour).unwrap().map(|channel| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    })
}

fn contrast(a: Color, b: Color) -> f64 {
    let (a, b) = (luminance(light(a)), luminance(light(b)));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Every theme with known colours, on its backgrounds, in all colours and in 256.
fn known() -> Vec<(String, Theme, &'static [u32])> {
    let mut themes = Vec::new();
    for family in FAMILIES.iter().filter(|family| family.name != "ansi16") {
        for (background, backgrounds) in
            [(Background::Dark, &DARK_BACKGROUNDS[..]), (Background::Light, &LIGHT_BACKGROUNDS[..])]
        {
            let other = if background == Background::Dark { "light" } else { "dark" };
            if family.name == other {
                continue;
            }
            for depth in [Depth::All, Depth::Many] {
                let mut theme = family.palette(Some(background), false).theme(Glyphs::new(false));
                depth.fit(&mut theme);
                themes.push((format!("{} {background:?} {depth:?}", family.name), theme, backgrounds));
            }
        }
    }
    themes
}

#[test]
fn text_has_contrast_enough_on_every_usual_background_and_on_the_selection() {
    assert_eq!(known().len(), 12);
    let mut poor = Vec::new();
    for (name, mut theme, backgrounds) in known() {
        let (selected, high) = (theme.selected, name.starts_with("high-contrast"));
        let text = if high { 7.0 } else { 4.5 };
        let firms = theme.firms.map(|style| ("firms", style));
        let styles = theme.styles_mut().map(|(role, style)| (role, *style));
        for (role, style) in styles.into_iter().chain(firms) {
            let least = if role == "line" { 3.0 } else { text };
            let Some(colour) = style.fg.or(selected.fg) else { panic!("{name}: {role} has no colour") };
            let own = backgrounds
                .iter()
                .map(|background| Color::from_u32(*background))
                .filter(|_| role != "selected");
            let backgrounds = own.chain(selected.bg.filter(|_| role != "line"));
            for background in backgrounds {
                let found = contrast(colour, background);
                if found < least {
                    poor.push(format!("{name}: {role} {colour} on {background}: {found:.2} < {least}"));
                }
            }
        }
    }
    assert!(poor.is_empty(), "{}", poor.join("\n"));
}

#[test]
fn good_warning_and_bad_differ_for_eyes_without_red_or_green_cones() {
    // Machado, Oliveira and Fernandes 2009, full severity.
    const PROTAN: [[f64; 3]; 3] =
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]];
    const DEUTAN: [[f64; 3]; 3] =
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]];
    /// CIE L*a*b* at D65.
    fn lab(rgb: [f64; 3]) -> [f64; 3] {
        let xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]];
        let white = [0.9505, 1.0, 1.089];
        let [x, y, z] = [0, 1, 2].map(|at| {
            let t: f64 = xyz[at].iter().zip(rgb).map(|(a, b)| a * b).sum::<f64>() / white[at];
            if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 }
        });
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }
    let seen = |matrix: &[[f64; 3]; 3], colour| {
        let light = light(colour);
        lab(matrix.map(|row| row.iter().zip(light).map(|(a, b)| a * b).sum::<f64>().clamp(0.0, 1.0)))
    };
    for (name, theme, _) in known().into_iter().filter(|(name, ..)| name.starts_with("colour-blind")) {
        for (a, b) in [(theme.good, theme.bad), (theme.good, theme.warning), (theme.warning, theme.bad)] {
            for matrix in [&PROTAN, &DEUTAN] {
                let (a, b) = (seen(matrix, a.fg.unwrap()), seen(matrix, b.fg.unwrap()));
                let difference = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                assert!(difference > 20.0, "{name}: {a:?} {b:?} {difference}");
            }
        }
    }
}

/// Only a theme named for one background may have colours that vanish on the other.
#[test]
fn on_an_unknown_background_no_theme_has_colours_made_for_another() {
    let themes = Themes::new(Depth::All, true, false, &[]);
    for name in Themes::built_in().filter(|name| !["dark", "light"].contains(name)) {
        let mut theme = *themes.theme(themes.find(name).unwrap(), None);
        for (role, style) in theme.styles_mut() {
            for colour in [style.fg, style.bg].into_iter().flatten() {
                let own = !matches!(colour, Color::Rgb(..) | Color::Indexed(_) | Color::White | Color::Black);
                assert!(own, "{name}: {role} {colour}");
            }
        }
    }
}

#[test]
fn the_background_is_the_terminals_own_but_for_the_selection() {
    for name in Themes::built_in() {
        for depth in [Depth::All, Depth::Many, Depth::Sixteen, Depth::None] {
            let themes = Themes::new(depth, true, false, &[]);
            let at = themes.find(name).unwrap();
            for background in [None, Some(Background::Dark), Some(Background::Light)] {
                let mut theme = *themes.theme(at, background);
                for (role, style) in theme.styles_mut() {
                    assert!(style.bg.is_none() || role == "selected", "{name}: {role}");
                    let few = [style.fg, style.bg].into_iter().flatten().all(|colour| match depth {
                        Depth::None => false,
                        Depth::Sixteen => !matches!(colour, Color::Rgb(..) | Color::Indexed(16..)),
                        Depth::Many => !matches!(colour, Color::Rgb(..)),
                        Depth::All => true,
                    });
                    assert!(few, "{name}: {role} {style:?} with {depth:?}");
                }
            }
        }
    }
}

#[test]
fn a_selected_line_keeps_the_colours_that_mean_something() {
    let theme = *Themes::new(Depth::All, true, false, &[]).theme(1, None);
    let mut buf = Buffer::with_lines(["ab"]);
    buf[(1, 0)].set_style(theme.bad);
    theme.select(Rect::new(0, 0, 9, 9), &mut buf);
    assert_eq!(buf[(0, 0)].fg, theme.selected.fg.unwrap());
    assert_eq!(buf[(1, 0)].fg, theme.bad.fg.unwrap());
    assert!(buf.content.iter().all(|cell| Some(cell.bg) == theme.selected.bg));
}

#[test]
fn a_reversed_line_has_no_blocks_of_colour() {
    let theme = *Themes::new(Depth::Sixteen, true, false, &[]).theme(0, None);
    let mut buf = Buffer::with_lines(["ab"]);
    buf[(1, 0)].set_style(theme.bad);
    theme.select(Rect::new(0, 0, 9, 9), &mut buf);
    assert!(
        buf.content.iter().all(|cell| cell.modifier.contains(Modifier::REVERSED) && cell.fg == Color::Reset)
    );
}

#[test]
fn a_selected_line_is_seen_with_any_number_of_colours() {
    for name in Themes::built_in() {
        for depth in [Depth::All, Depth::Many, Depth::Sixteen, Depth::None] {
            let themes = Themes::new(depth, true, false, &[]);
            for background in [None, Some(Background::Dark), Some(Background::Light)] {
                let selected = themes.theme(themes.find(name).unwrap(), background).selected;
                let seen = selected.bg.is_some() || selected.add_modifier.contains(Modifier::REVERSED);
                assert!(seen, "{name} {depth:?} {background:?}: {selected:?}");
            }
        }
    }
}

#[test]
fn auto_follows_the_background_and_own_themes_change_another() {
    let colour = |text| Some(ConfigColor::read(text).unwrap());
    let own = CustomTheme {
        name: "mine".into(),
        base: None,
        changes: vec![
            (
                "bad",
                StyleChange {
                    fg: colour("208"),
                    modifiers: vec![("underline", true)],
                    ..StyleChange::default()
                },
            ),
            ("selected", StyleChange { fg: colour("#004400"), ..StyleChange::default() }),
        ],
    };
    let light = CustomTheme { name: "light".into(), base: Some("light".into()), changes: Vec::new() };
    let themes = Themes::new(Depth::All, true, false, &[own, light]);
    let theme = |name, background| *themes.theme(themes.find(name).unwrap(), background);
    assert_eq!(theme(AUTO, Some(Background::Light)).dim, theme("light", None).dim);
    assert_eq!(theme(AUTO, Some(Background::Dark)).dim, theme("dark", Some(Background::Light)).dim);
    assert_eq!(theme(AUTO, None).good.fg, Some(Color::Green));
    let mine = theme("mine", Some(Background::Light));
    assert_eq!(mine.bad, Style::new().fg(Color::Indexed(208)).add_modifier(Modifier::UNDERLINED));
    assert_eq!(mine.selected.bg, Some(Color::Rgb(0, 0x44, 0)));
    assert_eq!(mine.dim, theme("light", None).dim, "without a base it follows the background");
    assert_eq!(themes.choices().iter().filter(|choice| choice.name.as_str() == "light").count(), 1);
    assert_eq!(themes.theme(99, None).good.fg, Some(Color::Green));
    let none = Themes::new(Depth::All, false, false, &[]);
    assert_eq!(none.theme(0, Some(Background::Dark)).bad.fg, None, "NO_COLOR");
    assert!(none.theme(1, None).bad.fg.is_some(), "a theme that was asked for has its colours");
}
