//! What a terminal on Unix sends, byte by byte, as events.
//!
//! Pastes are handled before the parser, which would wait for the end of one for ever and buffer all of it. A paste whose
//! end mark is lost (an interrupted connection, `cat` of a file with half of one) ends a second after its last byte. For a
//! while after that, input is still treated as its rest, not as keys.

use std::time::Duration;

use crossterm::event::Event;
use terminput_crossterm::to_crossterm;

const BEGINS: &[u8] = b"\x1b[200~";
const ENDS: &[u8] = b"\x1b[201~";
const ESC: u8 = 0x1b;
const CTRL_C: u8 = 0x03;
/// How long after its last byte a paste without end is over.
const PASTE_RESTS: Duration = Duration::from_secs(1);
/// How long what comes behind such a paste is taken for the rest of it.
const AFTERMATH: Duration = Duration::from_secs(2);
/// The most bytes of a paste that are kept: a filter is shorter.
const MOST_PASTED: usize = 64 * 1024;
/// No sequence that means something is longer.
const LONGEST: usize = 64;

/// Bytes on their way to events.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    phase: Phase,
    /// A sequence that is not complete, or, within a paste, what may become its end mark.
    partial: Vec<u8>,
    pasted: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    Keys,
    /// Within a paste, until this time if nothing more comes.
    Paste(Duration),
    /// Behind a paste that did not end, until this time.
    Aftermath(Duration),
}

impl Bytes {
    /// Takes in what was read at a time of the program's clock; `more` where there may be more already.
    pub(super) fn feed(&mut self, bytes: &[u8], more: bool, at: Duration) -> Vec<Event> {
        let mut events = self.settle(at);
        for (place, byte) in bytes.iter().enumerate() {
            let more = more || place + 1 < bytes.len();
            match self.phase {
                Phase::Keys => self.key(*byte, more, at, &mut events),
                Phase::Paste(_) | Phase::Aftermath(_) => self.within(*byte, more, at, &mut events),
            }
        }
        events
    }

    /// When [`Bytes::settle`] is due.
    pub(super) fn due(&self) -> Option<Duration> {
        match self.phase {
            Phase::Keys => None,
            Phase::Paste(until) | Phase::Aftermath(until) => Some(until),
        }
    }

    /// Time has gone by.
    pub(super) fn settle(&mut self, at: Duration) -> Vec<Event> {
        let mut events = Vec::new();
        if let Phase::Paste(until) = self.phase
            && until <= at
        {
            events.push(self.paste());
            self.phase = Phase::Aftermath(until.saturating_add(AFTERMATH));
        }
        if let Phase::Aftermath(until) = self.phase
            && until <= at
        {
            self.partial.clear();
            self.phase = Phase::Keys;
        }
        events
    }

    fn key(&mut self, byte: u8, more: bool, at: Duration, events: &mut Vec<Event>) {
        // Whatever has begun: this one ends the program.
        if byte == CTRL_C {
            events.extend((self.partial == [ESC]).then(|| event(&[ESC])).flatten());
            self.partial.clear();
        }
        self.partial.push(byte);
        if self.partial == [ESC, ESC] {
            events.extend(event(&[ESC]));
            self.partial.pop();
        }
        if self.partial == BEGINS {
            self.partial.clear();
            self.phase = Phase::Paste(at.saturating_add(PASTE_RESTS));
        } else if self.partial != [ESC] || !more {
            match terminput::Event::parse_from(&self.partial) {
                Ok(None) if self.partial.len() < LONGEST => return,
                Ok(event) => events.extend(event.and_then(|event| to_crossterm(event).ok())),
                Err(_) => {}
            }
            self.partial.clear();
        }
    }

    /// A byte of a paste, or of what comes behind one that did not end.
    fn within(&mut self, byte: u8, more: bool, at: Duration, events: &mut Vec<Event>) {
        let lost = matches!(self.phase, Phase::Aftermath(_));
        if !lost {
            self.phase = Phase::Paste(at.saturating_add(PASTE_RESTS));
        }
        self.partial.push(byte);
        if !ENDS.starts_with(&self.partial) {
            // Never the first byte of a mark but ESC, so the mark can begin with the last byte only.
            self.partial.pop();
            self.keep();
            self.partial.push(byte);
            if byte != ESC {
                self.keep();
            }
        }
        if byte == CTRL_C {
            events.extend(event(&[CTRL_C]));
        } else if self.partial == ENDS {
            self.partial.clear();
            if !lost {
                events.push(self.paste());
            }
            self.phase = Phase::Keys;
        } else if lost && !more && self.partial == [ESC] {
            events.extend(event(&[ESC]));
        }
    }

    /// What was partial is no end mark: it is pasted.
    fn keep(&mut self) {
        let room = MOST_PASTED.saturating_sub(self.pasted.len());
        if matches!(self.phase, Phase::Paste(_)) {
            self.pasted.extend(self.partial.iter().filter(|byte| **byte != CTRL_C).take(room));
        }
        self.partial.clear();
    }

    fn paste(&mut self) -> Event {
        Event::Paste(String::from_utf8_lossy(&std::mem::take(&mut self.pasted)).into_owned())
    }
}

/// What these bytes alone are.
fn event(bytes: &[u8]) -> Option<Event> {
    to_crossterm(terminput::Event::parse_from(bytes).ok()??).ok()
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;

    /// What comes in pieces at times in milliseconds, as events: keys by their code, pastes in `«»`.
    fn events_of(pieces: &[(u64, &str)]) -> String {
        let mut bytes = Bytes::default();
        let mut events = Vec::new();
        for (at, piece) in pieces {
            let at = Duration::from_millis(*at);
            events.extend(if piece.is_empty() {
                bytes.settle(at)
            } else {
                bytes.feed(piece.as_bytes(), false, at)
            });
            assert!(bytes.partial.len() <= LONGEST && bytes.pasted.len() <= MOST_PASTED);
        }
        let described = events.into_iter().map(|event| match event {
            Event::Key(key) if key.modifiers == KeyModifiers::CONTROL => format!("^{} ", key.code),
            Event::Key(key) if key.modifiers == KeyModifiers::ALT => format!("M-{} ", key.code),
            Event::Key(key) => format!("{} ", key.code),
            Event::Paste(text) => format!("«{text}» "),
            other => format!("{other:?} "),
        });
        described.collect::<String>().trim_end().to_owned()
    }

    #[test]
    fn bytes_become_keys_as_crossterm_reads_them() {
        for (typed, keys) in [
            ("jé日", "j é 日"),
            ("\x1b", "Esc"),
            ("\x1b\x1b", "Esc Esc"),
            ("\x1b\x1b[A", "Esc Up"),
            ("\x1b[A\x1bOB\x1b[3~\x1b[15~\r\t\x7f", "Up Down Del F5 Enter Tab Backspace"),
            ("\x1bx\x1b]", "M-x M-]"),
            ("\x03\x1a", "^c ^z"),
            ("\x1b[I\x1b[O", "FocusGained FocusLost"),
            ("\x1b[200~a\x1b[Ab\r\x1b[201~k", "«a\x1b[Ab\r» k"),
            ("\x1b[200~\x1b[200~\x1b\x1b[201~k", "«\x1b[200~\x1b» k"),
            // Nothing that has begun keeps it from ending the program.
            ("\x1b[\x03\x1b\x03", "^c Esc ^c"),
            ("\x1b[200~a\x03b\x1b[201~", "^c «ab»"),
        ] {
            assert_eq!(events_of(&[(0, typed)]), keys, "{typed:?}");
        }
        assert_eq!(
            events_of(&[(0, "\x1b["), (5, "A"), (9, "\x1b[20"), (12, "0~a\x1b[2"), (15, "01~")]),
            "Up «a»"
        );
        assert!(events_of(&[(0, "\x1b[<0;3;4M")]).starts_with("Mouse"));
        // A sequence without end is dropped, whatever its length.
        assert_eq!(
            events_of(&[(0, &format!("\x1b[{}", "1".repeat(5_000))), (1, "\x03")]).split(' ').next_back(),
            Some("^c")
        );
    }

    #[test]
    fn a_paste_without_end_is_over_a_second_after_its_last_byte() {
        let begun = (0, "\x1b[200~ab");
        assert_eq!(events_of(&[begun, (999, "")]), "");
        assert_eq!(events_of(&[begun, (1_000, "")]), "«ab»");
        assert_eq!(events_of(&[begun, (900, "c"), (1_899, "")]), "");
        assert_eq!(events_of(&[begun, (900, "c"), (1_900, "")]), "«abc»");
        // Only these are keys until its end mark comes, or two seconds more.
        assert_eq!(events_of(&[begun, (2_000, "q\x03"), (2_100, "\x1b"), (2_200, "q")]), "«ab» ^c Esc");
        assert_eq!(events_of(&[begun, (2_000, "q\x1b[201~"), (2_100, "k")]), "«ab» k");
        assert_eq!(events_of(&[begun, (2_999, "q"), (3_000, "k")]), "«ab» k");
        // Of one that goes on and on no more is kept than fits.
        let long = "x".repeat(MOST_PASTED * 2);
        let kept = events_of(&[(0, "\x1b[200~"), (1, &long), (2, &long), (3, "\x1b[201~k")]);
        assert_eq!(kept.len(), MOST_PASTED + "«» k".len());
    }
}
