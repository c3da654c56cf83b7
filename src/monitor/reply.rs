//! What a terminal answers when it is asked for its ground, taken out of the keys that it comes among.
//!
//! The answer is `ESC ] 11 ; rgb:RRRR/GGGG/BBBB` and BEL or `ESC \` (OSC 11), which the input stream takes for typed
//! keys. Reading it before the stream is there would cost a wait wherever no answer comes, would eat what is typed
//! meanwhile, and an answer after the wait would act as keys. Here nobody waits: whenever the answer comes it is
//! known for what it is, every time, and whatever is not an answer passes as it came.

use crossterm::event::Event as Input;

use super::event::Ground;
use super::keymap::name_of;

/// Before the colour.
const HEADS: [&str; 2] = ["11;rgb:", "11;rgba:"];
/// The longest answer, without beginning and end.
const LONGEST: usize = 28;
/// A grey of half the lightness to the eye (L* 50), in light.
const MIDDLE: f64 = 0.184;

/// Keys that may be an answer.
#[derive(Debug, Default)]
pub(super) struct Replies {
    held: Vec<Input>,
    text: String,
}

/// What came in.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Heard {
    /// What is no answer, in its order.
    pub(super) inputs: Vec<Input>,
    /// What an answer says.
    pub(super) ground: Option<Ground>,
}

impl Replies {
    /// Takes the next input in.
    pub(super) fn hear(&mut self, input: Input) -> Heard {
        let name = match &input {
            Input::Key(key) if key.is_press() => name_of(key),
            _ => None,
        };
        let begins = name.as_deref() == Some("alt-]");
        if self.held.is_empty() && !begins {
            return Heard { inputs: vec![input], ground: None };
        }
        if begins {
            let inputs = self.let_go();
            self.held.push(input);
            return Heard { inputs, ground: None };
        }
        if let Some("ctrl-g" | "alt-\\") = name.as_deref()
            && let Some(ground) = ground(&self.text)
        {
            self.let_go();
            return Heard { inputs: Vec::new(), ground: Some(ground) };
        }
        self.held.push(input);
        match name {
            Some(name) if name.chars().count() == 1 => self.text.push_str(&name),
            _ => return Heard { inputs: self.let_go(), ground: None },
        }
        let inputs = if may_become_one(&self.text) { Vec::new() } else { self.let_go() };
        Heard { inputs, ground: None }
    }

    /// Whether what came last may be the beginning of an answer: the rest can come a moment later.
    pub(super) fn may_go_on(&self) -> bool {
        !self.held.is_empty() && self.text.is_empty()
    }

    /// Nothing more has come: a beginning with nothing behind it is a key.
    pub(super) fn settle(&mut self) -> Vec<Input> {
        if self.text.is_empty() { self.let_go() } else { Vec::new() }
    }

    fn let_go(&mut self) -> Vec<Input> {
        self.text.clear();
        std::mem::take(&mut self.held)
    }
}

fn may_become_one(text: &str) -> bool {
    let begun = |head: &&'static str| match text.strip_prefix(*head) {
        Some(colour) => colour.chars().all(|c| c.is_ascii_hexdigit() || c == '/'),
        None => head.starts_with(text),
    };
    text.len() <= LONGEST && HEADS.iter().any(begun)
}

/// What `11;rgb:R/G/B` says; each of them has one to four digits, and an opacity may follow.
fn ground(text: &str) -> Option<Ground> {
    let colour = HEADS.iter().find_map(|head| text.strip_prefix(head))?;
    let mut channels = colour.split('/').map(|digits| {
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() <= 4)?;
        let most = 16_u32.pow(u32::try_from(digits.len()).ok()?) - 1;
        Some((f64::from(number) / f64::from(most)).powf(2.2))
    });
    let mut next = || channels.next().flatten();
    let (red, green, blue) = (next()?, next()?, next()?);
    let light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    Some(if light > MIDDLE { Ground::Light } else { Ground::Dark })
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyEvent, KeyModifiers};

    use super::*;
    use crate::monitor::keymap::read;

    /// Keys as the input stream tells them.
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

    fn heard(names: &str) -> (Vec<Input>, Vec<Ground>) {
        let mut replies = Replies::default();
        let (mut inputs, mut grounds) = (Vec::new(), Vec::new());
        for input in keys(names) {
            let heard = replies.hear(input);
            inputs.extend(heard.inputs);
            grounds.extend(heard.ground);
        }
        inputs.extend(replies.settle());
        (inputs, grounds)
    }

    #[test]
    fn an_answer_is_no_key_and_keys_around_it_stay() {
        use Ground::{Dark, Light};
        let table: &[(&str, &str, &[Ground])] = &[
            ("<alt-]>11;rgb:0000/2b2b/3636<ctrl-g>", "", &[Dark]),
            ("<alt-]>11;rgb:fdfd/F6F6/e3e3<alt-\\>", "", &[Light]),
            ("<alt-]>11;rgb:ff/ff/ff<alt-\\>", "", &[Light]),
            ("<alt-]>11;rgba:1e1e/1e1e/1e1e/ffff<ctrl-g>", "", &[Dark]),
            ("j/<alt-]>11;rgb:0000/0000/0000<ctrl-g>k", "j/k", &[Dark]),
            ("<alt-]>11;rgb:0000/0000/0000<ctrl-g><alt-]>11;rgb:ffff/ffff/ffff<ctrl-g>", "", &[Dark, Light]),
            ("<alt-]>", "<alt-]>", &[]),
            ("<alt-]><alt-]>", "<alt-]><alt-]>", &[]),
            ("<alt-]>j", "<alt-]>j", &[]),
            ("<alt-]>11;rq", "<alt-]>11;rq", &[]),
            ("<alt-]>11;rgb:00<enter>", "<alt-]>11;rgb:00<enter>", &[]),
            ("<alt-]>11;rgb:<ctrl-g>", "<alt-]>11;rgb:<ctrl-g>", &[]),
            ("<alt-]>11;rgb:/0/0<ctrl-g>", "<alt-]>11;rgb:/0/0<ctrl-g>", &[]),
        ];
        for (typed, left, grounds) in table {
            assert_eq!(heard(typed), (keys(left), grounds.to_vec()), "{typed}");
        }
        let long = format!("<alt-]>11;rgb:{}", "0".repeat(60));
        assert_eq!(heard(&long), (keys(&long), vec![]), "nothing is held for ever");
    }
}
