//! A rejected cell as one of the values that the server accepts.

use std::collections::HashMap;

/// Letters; in shorter words another letter may as well make another word.
const SHORTEST: usize = 5;
/// Of a column with more different values nobody keeps a list.
const MOST_WORDS: usize = 300;
/// Yes and no, as pairs that belong together.
const PAIRS: [(&str, &str); 6] =
    [("1", "0"), ("true", "false"), ("yes", "no"), ("y", "n"), ("on", "off"), ("t", "f")];

/// What two spellings of one value have in common: letters in whatever case, digits and signs. A dash, an underscore and
/// a blank between letters are the same.
fn word_key(text: &str) -> String {
    let mut key = String::new();
    let mut gap: Option<String> = None;
    for c in text.trim().chars().flat_map(char::to_lowercase) {
        if c.is_whitespace() || matches!(c, '-' | '_') {
            gap.get_or_insert_default().push(c);
            continue;
        }
        if let Some(gap) = gap.take() {
            let before = key.chars().next_back();
            let is_between = |is: fn(char) -> bool| before.is_some_and(is) && is(c);
            if is_between(char::is_alphabetic) {
                key.push(' ');
            } else if is_between(char::is_numeric) {
                key.push_str(&gap);
            } else {
                key.extend(gap.chars().filter(|c| !c.is_whitespace()));
            }
        }
        key.push(c);
    }
    key.extend(gap.iter().flat_map(|gap| gap.chars()).filter(|c| !c.is_whitespace()));
    key
}

/// Whether a word ends with a part that makes it another value of a list: `Class A`, `Growth II`, `Band 3`.
fn is_numbered(key: &str) -> bool {
    let last = key.rsplit(' ').next().unwrap_or(key);
    last.chars().count() == 1
        || last.chars().all(|c| matches!(c, 'i' | 'v' | 'x'))
        || key.chars().any(|c| !c.is_alphabetic() && c != ' ')
}

/// The values that are known to be accepted.
#[derive(Debug, Default)]
pub(super) struct Vocabulary<'a> {
    /// By [`word_key`]: the most frequent spelling, and how often the value was accepted.
    words: HashMap<String, (&'a str, usize)>,
    /// Every spelling.
    spellings: HashMap<&'a str, usize>,
    /// Whether the server itself lists them.
    listed: bool,
}

impl<'a> Vocabulary<'a> {
    /// Those that the server's message lists.
    pub(super) fn listed(words: impl Iterator<Item = &'a str>) -> Self {
        let mut listed = Self { listed: true, ..Self::default() };
        words.for_each(|word| listed.add(word));
        listed
    }

    /// Those of accepted cells.
    pub(super) fn accepted(cells: impl Iterator<Item = &'a str>) -> Self {
        let mut accepted = Self::default();
        cells.for_each(|cell| *accepted.spellings.entry(cell).or_default() += 1);
        let mut spellings: Vec<_> = accepted.spellings.iter().map(|(word, count)| (*word, *count)).collect();
        spellings.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        for (word, count) in spellings {
            accepted.words.entry(word_key(word)).or_insert((word, 0)).1 += count;
        }
        accepted
    }

    fn add(&mut self, word: &'a str) {
        *self.spellings.entry(word).or_default() += 1;
        self.words.entry(word_key(word)).or_insert((word, 0)).1 += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether the server itself lists them.
    pub(super) fn is_listed(&self) -> bool {
        self.listed
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.spellings.contains_key(word)
    }

    /// The accepted value that a text means: another spelling of it or, where the server lists all values, one letter
    /// away from one value alone. Of people's names (`is_name`) each letter counts.
    pub(super) fn nearest(&self, text: &str, is_name: bool) -> Option<(&'a str, &'static str)> {
        let key = word_key(text);
        if key.is_empty() {
            return None;
        }
        if let Some((word, _)) = self.words.get(&key) {
            return Some((word, "spelt as the server accepts it"));
        }
        let is_word = key.chars().count() >= SHORTEST && !is_numbered(&key) && !is_name;
        if !is_word || !self.listed || self.words.len() > MOST_WORDS {
            return None;
        }
        // Another first letter makes another word: mixed, fixed.
        let is_near = |other: &str| {
            !is_numbered(other) && other.chars().next() == key.chars().next() && one_letter_apart(other, &key)
        };
        let mut near = self.words.iter().filter(|(other, _)| is_near(other));
        let (_, (word, _)) = near.next()?;
        near.next().is_none().then_some((*word, "one letter corrected to a value that the server accepts"))
    }

    /// The most frequent spelling that passes.
    fn most(&self, passes: impl Fn(&str) -> bool) -> Option<&'a str> {
        let fitting = self.spellings.iter().filter(|(word, _)| passes(word));
        fitting.max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0))).map(|(word, _)| *word)
    }
}

/// Whether two different words are one letter put in, left out or replaced apart, or two neighbours swapped.
fn one_letter_apart(a: &str, b: &str) -> bool {
    let mut apart = (a.chars(), b.chars());
    let mut rest = apart.clone();
    while let (Some(x), Some(y)) = (rest.0.next(), rest.1.next()) {
        if x != y {
            break;
        }
        apart = rest.clone();
    }
    let mut rest = apart.clone();
    while let (Some(x), Some(y)) = (rest.0.next_back(), rest.1.next_back()) {
        if x != y {
            break;
        }
        apart = rest.clone();
    }
    let (mut a, mut b) = apart;
    match ((a.next(), a.next(), a.next()), (b.next(), b.next(), b.next())) {
        ((a, None, _), (b, None, _)) => a.is_some() || b.is_some(),
        ((a, Some(c), None), (b, Some(d), None)) => a == Some(d) && b == Some(c),
        _ => false,
    }
}

/// Yes or no, in whatever word.
pub(super) fn truth(text: &str) -> Option<bool> {
    let text = text.trim().to_lowercase();
    let text = text.strip_suffix(".0").unwrap_or(&text);
    PAIRS.iter().find_map(|(yes, no)| if text == *yes { Some(true) } else { (text == *no).then_some(false) })
}

/// The word for yes or no that the column's accepted cells use, 1 and 0 where there are none: Laravel refuses the
/// texts `true` and `yes`. `None` where accepted cells hold other words.
pub(super) fn boolean(text: &str, accepted: &Vocabulary<'_>) -> Option<String> {
    let truth_of_text = truth(text)?;
    if accepted.spellings.keys().any(|word| truth(word).is_none()) {
        return None;
    }
    if let Some(word) = accepted.most(|word| truth(word) == Some(truth_of_text)) {
        return Some(word.to_owned());
    }
    let Some(other) = accepted.most(|_| true) else {
        return Some(if truth_of_text { "1" } else { "0" }.to_owned());
    };
    // Only the other word was accepted so far.
    let lower = other.to_lowercase();
    let (yes, no) = PAIRS.iter().find(|(yes, no)| *yes == lower || *no == lower)?;
    let word = if truth_of_text { yes } else { no };
    let first = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    Some(
        if other.chars().count() > 1 && other.chars().all(char::is_uppercase)
            || (first(other) && word.len() == 1)
        {
            word.to_uppercase()
        } else if first(other) {
            let (head, rest) = word.split_at(1);
            format!("{}{rest}", head.to_uppercase())
        } else {
            (*word).to_owned()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_accepted_value_is_taken_only_where_it_is_the_only_one() {
        let cells = [
            "in_force", "in_force", "Paid up", "single", "Single", "Single", "monthly", "monthly", "annually",
        ];
        let accepted = Vocabulary::accepted(cells.into_iter());
        for (text, word) in [
            ("In Force", "in_force"),
            ("SINGLE", "Single"),
            ("in-force", "in_force"),
            ("monthyl", "-"),
            ("montly", "-"),
            ("monty", "-"),
            ("Other", "-"),
            ("-", "-"),
        ] {
            assert_eq!(accepted.nearest(text, false).map_or("-", |(word, _)| word), word, "{text}");
        }
        let words = ["Alpha", "Alphb", "Fixed", "Class A", "Growth II", "AA+", "15", "C#", "Frances"];
        let listed = Vocabulary::listed(words.into_iter());
        for (text, word) in [
            ("Alphc", "-"),
            ("Alphaa", "Alpha"),
            ("Fixeed", "Fixed"),
            ("Mixed", "-"),
            ("Class B", "-"),
            ("Growth I", "-"),
            ("growth ii", "Growth II"),
            ("aa+", "AA+"),
            ("AA-", "-"),
            ("AA", "-"),
            ("1.5", "-"),
            ("-15", "-"),
            ("1 5", "-"),
            ("C", "-"),
            ("c #", "C#"),
            ("Francis", "Frances"),
        ] {
            assert_eq!(listed.nearest(text, false).map_or("-", |(word, _)| word), word, "{text}");
        }
        assert_eq!(listed.nearest("Francis", true), None);
    }

    #[test]
    fn words_are_compared_letter_by_letter() {
        for (a, b, apart) in [
            ("married", "maried", true),
            ("married", "marryed", true),
            ("married", "marriedd", true),
            ("married", "amrried", true),
            ("é", "", true),
            ("married", "married", false),
            ("married", "mraired", false),
            ("married", "marred!!", false),
            ("", "ab", false),
        ] {
            assert_eq!((one_letter_apart(a, b), one_letter_apart(b, a)), (apart, apart), "{a} {b}");
        }
    }

    #[test]
    fn yes_and_no_are_1_and_0_unless_accepted_cells_say_otherwise() {
        for (accepted, text, word) in [
            (&[][..], "yes", "1"),
            (&[], "FALSE", "0"),
            (&[], "1.0", "1"),
            (&[], "Maybe", "-"),
            (&["1", "0"], "Y", "1"),
            (&["Yes", "No"], "y", "Yes"),
            (&["Yes"], "n", "No"),
            (&["TRUE"], "no", "FALSE"),
            (&["Y"], "no", "N"),
            (&["true"], "no", "false"),
            (&["1", "later"], "yes", "-"),
        ] {
            let vocabulary = Vocabulary::accepted(accepted.iter().copied());
            assert_eq!(boolean(text, &vocabulary).as_deref().unwrap_or("-"), word, "{accepted:?} {text}");
        }
    }
}
