//! Separates the terminal's replies from the keys that they arrive among.
//!
//! The program sends one query: the background colour, with the reply `ESC ] 11 ; rgb:RRRR/GGGG/BBBB` and BEL or `ESC \`
//! (OSC 11). The input stream takes the reply for typed keys. Reading it before the stream starts would cost a wait
//! wherever no reply comes, would swallow keys typed meanwhile, and a late reply would act as keys. Here nothing waits:
//! a reply is recognised whenever it comes.
//!
//! Other replies come unasked, to a program that ran before and has ended: other colours (OSC 4, OSC 10), settings and
//! versions (DCS), graphics (APC), or our own query echoed. They are not keys either, and are ignored.

use std::time::Duration;

use crossterm::event::Event as Input;

use crate::app::event::Background;
use crate::app::keymap::name_of;

/// What comes before the colour.
const HEADS: [&str; 2] = ["11;rgb:", "11;rgba:"];
/// The longest useful reply, without start and end. No more of a longer one is kept.
const LONGEST: usize = 28;
/// A grey of half the perceived lightness (L* 50), as linear luminance.
const MIDDLE: f64 = 0.184;
/// How long a possible start of a reply is held back after ESC, which is also a key: too short to be felt.
const AFTER_ESC: Duration = Duration::from_millis(30);
/// The longest pause within a reply.
const BETWEEN_PIECES: Duration = Duration::from_millis(100);

/// Keys that may belong to a reply.
#[derive(Debug, Default)]
pub(super) struct Replies {
    phase: Phase,
    /// Keys, unless they turn out to be a reply.
    held: Vec<Input>,
    /// The reply so far.
    text: String,
    /// When the last key came.
    last: Duration,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    Keys,
    /// ESC, separate from what follows.
    Escape,
    /// The start, with nothing after it yet.
    Begun(SequenceKind),
    /// Inside a reply.
    Within,
    /// ESC again, perhaps the start of `ESC \`.
    Ending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SequenceKind {
    Osc,
    Dcs,
    Apc,
}

impl SequenceKind {
    /// Whether a reply of this kind can start with this character.
    fn may_begin_with(self, c: char) -> bool {
        match self {
            // A number, or the start of an XTWINOPS reply.
            Self::Osc => c.is_ascii_digit() || "lL".contains(c),
            Self::Dcs => c.is_ascii_digit() || ">!$+{".contains(c),
            Self::Apc => c.is_ascii_graphic(),
        }
    }
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Parsed {
    /// What belongs to no reply, in order.
    pub(super) inputs: Vec<Input>,
    /// The background that a reply reported.
    pub(super) background: Option<Background>,
}

impl Replies {
    /// Takes in the next event, at a time of the program's clock.
    pub(super) fn feed(&mut self, input: Input, at: Duration) -> Parsed {
        let Input::Key(key) = &input else {
            // A change of size or a click between two pieces.
            return Parsed { inputs: vec![input], background: None };
        };
        if !key.is_press() {
            return Parsed { inputs: vec![input], background: None };
        }
        let name = name_of(key).unwrap_or_default();
        self.last = at;
        let mut parsed = Parsed::default();
        if let Some(kind) = beginning(&name, matches!(self.phase, Phase::Escape | Phase::Ending)) {
            if name.chars().count() > 1 {
                parsed.inputs = self.release();
            }
            self.text.clear();
            self.held.push(input);
            self.phase = Phase::Begun(kind);
            return parsed;
        }
        match (self.phase, typed(&name)) {
            (Phase::Begun(kind), Some(c)) if kind.may_begin_with(c) => {
                self.held.clear();
                self.text.push(c);
                self.phase = Phase::Within;
            }
            (Phase::Within, Some(c)) => {
                if self.text.len() <= LONGEST {
                    self.text.push(c);
                }
            }
            (Phase::Within, None) if ["ctrl-g", "alt-\\"].contains(&name.as_str()) => {
                parsed.background = background(&self.text);
                self.release();
            }
            (Phase::Ending, Some('\\')) => {
                parsed.background = background(&self.text);
                self.held.clear();
                self.release();
            }
            (Phase::Within, None) if name == "esc" => {
                self.held.push(input);
                self.phase = Phase::Ending;
            }
            _ => {
                parsed.inputs = self.release();
                if name == "esc" {
                    self.held.push(input);
                    self.phase = Phase::Escape;
                } else {
                    parsed.inputs.push(input);
                }
            }
        }
        parsed
    }

    /// Until when to wait for the rest of a possible reply.
    pub(super) fn due(&self) -> Option<Duration> {
        let wait = match self.phase {
            Phase::Keys => return None,
            Phase::Escape => AFTER_ESC,
            Phase::Begun(_) | Phase::Within | Phase::Ending => BETWEEN_PIECES,
        };
        Some(self.last + wait)
    }

    /// Nothing more has come: a start that is due is a key after all.
    pub(super) fn settle(&mut self, at: Duration) -> Vec<Input> {
        if self.due().is_some_and(|due| due <= at) { self.release() } else { Vec::new() }
    }

    fn release(&mut self) -> Vec<Input> {
        self.text.clear();
        self.phase = Phase::Keys;
        std::mem::take(&mut self.held)
    }
}

/// The kind of reply that a key can start: a key with Alt, which is ESC and a character at once, or the character alone
/// right after ESC.
fn beginning(name: &str, after_escape: bool) -> Option<SequenceKind> {
    let character = match name.strip_prefix("alt-") {
        Some(character) => character,
        None if after_escape => name,
        None => return None,
    };
    match character {
        "]" => Some(SequenceKind::Osc),
        "P" => Some(SequenceKind::Dcs),
        "_" => Some(SequenceKind::Apc),
        _ => None,
    }
}

/// The character that a key types.
fn typed(name: &str) -> Option<char> {
    let mut characters = name.chars();
    match (characters.next(), characters.next()) {
        _ if name == "space" => Some(' '),
        (Some(c), None) => Some(c),
        _ => None,
    }
}

/// Parses `11;rgb:R/G/B`: each channel has one to four hexadecimal digits, and an opacity may follow.
fn background(text: &str) -> Option<Background> {
    let colour = HEADS.iter().find_map(|head| text.strip_prefix(head))?;
    let mut channels = colour.split('/').map(|digits| {
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() <= 4)?;
        let most = 16_u32.pow(u32::try_from(digits.len()).ok()?) - 1;
        Some((f64::from(number) / f64::from(most)).powf(2.2))
    });
    let mut next = || channels.next().flatten();
    let (red, green, blue) = (next()?, next()?, next()?);
    let light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    Some(if light > MIDDLE { Background::Light } else { Background::Dark })
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyEvent, KeyModifiers};

    use super::*;
    use crate::app::keymap::read;

    /// Keys as the input stream reports them.
    fn keys(names: &str) -> Vec<Input> {
        let mut keys = Vec::new();
        let mut rest = names;
        while let Some(c) = rest.chars().next() {
            let (key, after) = match rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
                Some((name, after)) => (read(name).unwrap(), after),
                None => (read(&c.to_string()).unwrap(), &rest[c.len_utf8()..]),
            };
            let shifted = if c.is_ascii_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
            keys.push(Input::Key(KeyEvent { modifiers: key.modifiers | shifted, ..key }));
            rest = after;
        }
        keys
    }

    /// What remains of keys that come this far apart.
    fn heard_apart(names: &str, apart: Duration) -> (Vec<Input>, Vec<Background>) {
        let mut replies = Replies::default();
        let (mut inputs, mut backgrounds) = (Vec::new(), Vec::new());
        let mut now = Duration::ZERO;
        for input in keys(names) {
            inputs.extend(replies.settle(now));
            let parsed = replies.feed(input, now);
            inputs.extend(parsed.inputs);
            backgrounds.extend(parsed.background);
            now += apart;
        }
        inputs.extend(replies.settle(now + BETWEEN_PIECES));
        assert_eq!(replies.due(), None, "nothing is held for ever: {names}");
        (inputs, backgrounds)
    }

    fn parsed(names: &str) -> (Vec<Input>, Vec<Background>) {
        heard_apart(names, Duration::from_millis(1))
    }

    #[test]
    fn an_answer_is_no_key_and_keys_around_it_stay() {
        use Background::{Dark, Light};
        let table: &[(&str, &str, &[Background])] = &[
            ("<alt-]>11;rgb:0000/2b2b/3636<ctrl-g>", "", &[Dark]),
            ("<alt-]>11;rgb:fdfd/F6F6/e3e3<alt-\\>", "", &[Light]),
            ("<alt-]>11;rgb:ff/ff/ff<alt-\\>", "", &[Light]),
            ("<alt-]>11;rgba:1e1e/1e1e/1e1e/ffff<ctrl-g>", "", &[Dark]),
            ("j/<alt-]>11;rgb:0000/0000/0000<ctrl-g>k", "j/k", &[Dark]),
            ("<alt-]>11;rgb:0000/0000/0000<ctrl-g><alt-]>11;rgb:ffff/ffff/ffff<ctrl-g>", "", &[Dark, Light]),
            ("<alt-]>", "<alt-]>", &[]),
            ("<alt-]><alt-]>", "<alt-]><alt-]>", &[]),
            ("<alt-]>j", "<alt-]>j", &[]),
            // Interrupted, but still not keys.
            ("<alt-]>11;rq", "", &[]),
            ("<alt-]>11;rgb:00<enter>j", "<enter>j", &[]),
            ("<alt-]>11;rgb:00<alt-]>11;rgb:ff/ff/ff<ctrl-g>", "", &[Light]),
            ("<alt-]>11;rgb:<ctrl-g>", "", &[]),
            ("<alt-]>11;rgb:/0/0<ctrl-g>", "", &[]),
            // Split around each ESC.
            ("j<esc>]11;rgb:ff/ff/ff<esc>\\k", "jk", &[Light]),
            ("<esc>", "<esc>", &[]),
            ("<esc><esc>", "<esc><esc>", &[]),
            ("<esc>j", "<esc>j", &[]),
            ("<esc>]j", "<esc>]j", &[]),
            ("<alt-]>11;rgb:00<esc>j", "<esc>j", &[]),
            // Our own query, and those of others.
            ("<alt-]>11;?<ctrl-g>", "", &[]),
            ("<alt-]>10;rgb:ffff/ffff/ffff<alt-\\>", "", &[]),
            ("q<alt-]>4;1;rgb:cdcd/0000/0000<ctrl-g>q", "qq", &[]),
            ("<alt-P>>|kitty(0.32.2)<alt-\\>", "", &[]),
            ("<alt-P>1$r0<space>q<alt-\\>", "", &[]),
            ("<esc>P1+r544e=78<esc>\\", "", &[]),
            ("<alt-_>Gi=31;OK<alt-\\>", "", &[]),
            ("<alt-P>j", "<alt-P>j", &[]),
            // Whatever else is going on, this quits the program.
            ("<ctrl-c>", "<ctrl-c>", &[]),
            ("<esc><ctrl-c>", "<esc><ctrl-c>", &[]),
            ("<alt-]><ctrl-c>", "<alt-]><ctrl-c>", &[]),
            ("<alt-P>1$r<ctrl-c>", "<ctrl-c>", &[]),
        ];
        for (typed, left, backgrounds) in table {
            assert_eq!(parsed(typed), (keys(left), backgrounds.to_vec()), "{typed}");
        }
        let long = format!("<alt-P>{}<alt-\\>j", "0".repeat(6000));
        assert_eq!(parsed(&long), (keys("j"), vec![]));
    }

    #[test]
    fn pieces_count_as_one_answer_when_they_come_soon_enough() {
        let answer = "<alt-]>11;rgb:ff/ff/ff<esc>\\";
        assert_eq!(heard_apart(answer, Duration::from_millis(99)), (vec![], vec![Background::Light]));
        let apart = heard_apart("<alt-]>11", Duration::from_millis(100));
        assert_eq!(apart, (keys("<alt-]>11"), vec![]), "a key, and what is typed after it");
        assert_eq!(heard_apart("<esc>]4;", Duration::from_millis(29)), (vec![], vec![]));
        assert_eq!(heard_apart("<esc>]4;", Duration::from_millis(30)), (keys("<esc>]4;"), vec![]));
    }
}
