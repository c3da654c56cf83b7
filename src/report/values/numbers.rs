//! Amounts as people write them.

/// What is wrong with a rejected number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Flaw {
    Pound,
    Currency,
    Percent,
    Brackets,
    Thousands,
    DecimalComma,
    Blanks,
    NotWhole,
    Letters,
    NoNumber,
}

impl Flaw {
    pub(super) fn describe(self) -> (&'static str, &'static str) {
        match self {
            Self::Pound => ("has a £ sign", "have a £ sign"),
            Self::Currency => ("has a $ or € sign", "have a $ or € sign"),
            Self::Percent => ("has a % sign", "have a % sign"),
            Self::Brackets => ("is in brackets", "are in brackets"),
            Self::Thousands => ("has thousands separators", "have thousands separators"),
            Self::DecimalComma => ("has a decimal comma", "have a decimal comma"),
            Self::Blanks => ("has spaces between the digits", "have spaces between the digits"),
            Self::NotWhole => ("is not a whole number", "are not whole numbers"),
            Self::Letters => ("contains letters as well as digits", "contain letters as well as digits"),
            Self::NoNumber => ("is not a number", "are not numbers"),
        }
    }
}

/// What keeps a text from being a plain number, or a whole one.
pub(super) fn flaw(text: &str, whole: bool) -> Option<Flaw> {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (integer, part) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        Some(Flaw::NoNumber)
    } else if (digits(integer) || integer.is_empty()) && digits(part) {
        (whole && part.bytes().any(|b| b != b'0')).then_some(Flaw::NotWhole)
    } else if text.contains('£') {
        Some(Flaw::Pound)
    } else if text.contains(['$', '€']) {
        Some(Flaw::Currency)
    } else if text.ends_with('%') {
        Some(Flaw::Percent)
    } else if text.starts_with('(') && text.ends_with(')') {
        Some(Flaw::Brackets)
    } else if is_grouped(integer) && (part.is_empty() || digits(part)) {
        Some(Flaw::Thousands)
    } else if unsigned
        .split_once(',')
        .is_some_and(|(a, b)| digits(b) && a.bytes().all(|c| c.is_ascii_digit() || c == b'.'))
    {
        Some(Flaw::DecimalComma)
    } else if text.chars().any(char::is_alphabetic) {
        Some(Flaw::Letters)
    } else if unsigned.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | ','))
        && text.contains(' ')
    {
        Some(Flaw::Blanks)
    } else {
        None
    }
}

/// `1,234,567`.
fn is_grouped(integer: &str) -> bool {
    let mut groups = integer.split(',');
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let head = groups.next().is_some_and(|head| (1..=3).contains(&head.len()) && digits(head));
    let mut rest = groups.peekable();
    head && rest.peek().is_some() && rest.all(|group| group.len() == 3 && digits(group))
}
