//! Addresses, postcodes, National Insurance and telephone numbers.

/// What is wrong with a rejected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::report) enum Flaw {
    NoAt,
    SeveralAddresses,
    BlankInAddress,
    NoDomain,
    NoAddress,
    Postcode,
    /// `O` for `0` or `I` for `1`, or the other way round.
    Mistyped,
    NationalInsurance,
    NoSuffix,
    Prefix,
    LostZero,
    TooFewDigits,
    TooManyDigits,
    Letters,
}

impl Flaw {
    pub(super) fn describe(self) -> (&'static str, &'static str) {
        match self {
            Self::NoAt => ("has no @", "have no @"),
            Self::SeveralAddresses => ("contains more than one address", "contain more than one address"),
            Self::BlankInAddress => ("contains a space", "contain a space"),
            Self::NoDomain => ("has an incomplete domain", "have an incomplete domain"),
            Self::NoAddress => ("is malformed", "are malformed"),
            Self::Postcode => ("is not a valid UK postcode", "are not valid UK postcodes"),
            Self::Mistyped => ("mixes up O and 0 or I and 1", "mix up O and 0 or I and 1"),
            Self::NationalInsurance => (
                "is not two letters, six digits and a final letter",
                "are not two letters, six digits and a final letter",
            ),
            Self::NoSuffix => ("is missing its final letter", "are missing their final letter"),
            Self::Prefix => {
                ("starts with a prefix that is never issued", "start with a prefix that is never issued")
            }
            Self::LostZero => ("has lost its leading 0", "have lost their leading 0"),
            Self::TooFewDigits => ("has too few digits", "have too few digits"),
            Self::TooManyDigits => ("has too many digits", "have too many digits"),
            Self::Letters => ("contains letters", "contain letters"),
        }
    }
}

/// What keeps a text from being one address.
pub(in crate::report) fn email(text: &str) -> Option<Flaw> {
    let (local, domain) = match text.split_once('@') {
        None => return Some(Flaw::NoAt),
        Some(parts) => parts,
    };
    if domain.contains('@') {
        return Some(Flaw::SeveralAddresses);
    }
    if text.contains(char::is_whitespace) {
        return Some(Flaw::BlankInAddress);
    }
    let label = |label: &str| {
        let fits = |c: char| c.is_alphanumeric() || c == '-';
        !label.is_empty() && label.chars().all(fits)
    };
    if !domain.contains('.') || domain.ends_with('.') {
        return Some(Flaw::NoDomain);
    }
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    let strange = |c: char| matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '"' | '\\');
    let fits = !local.is_empty() && !dots && !local.contains(strange) && domain.split('.').all(label);
    (!fits).then_some(Flaw::NoAddress)
}

/// What keeps a text from being a postcode: `A9 9AA`, `A99 9AA`, `AA9 9AA`, `AA99 9AA`, `A9A 9AA`, `AA9A 9AA`.
pub(in crate::report) fn postcode(text: &str) -> Option<Flaw> {
    let code = compact(text);
    if is_postcode(&code) {
        return None;
    }
    // Each letter that may have been meant as a digit, in the place where a digit belongs, and the other way.
    let inward = code.len().saturating_sub(3);
    let repaired: String = code
        .char_indices()
        .map(|(at, c)| match c {
            'O' if at > 0 && at <= inward => '0',
            'I' if at > 0 && at <= inward => '1',
            '0' if at == 0 || at > inward => 'O',
            '1' if at == 0 || at > inward => 'I',
            _ => c,
        })
        .collect();
    Some(if is_postcode(&repaired) { Flaw::Mistyped } else { Flaw::Postcode })
}

/// What keeps a text from being a National Insurance number.
pub(in crate::report) fn national_insurance(text: &str) -> Option<Flaw> {
    let number = compact(text);
    let shape = shape(&number);
    if shape == "AA999999" {
        return Some(Flaw::NoSuffix);
    }
    if shape != "AA999999A" || !number.ends_with(['A', 'B', 'C', 'D']) {
        let digits: String = number
            .char_indices()
            .map(|(at, c)| match c {
                'O' if (2..8).contains(&at) => '0',
                'I' if (2..8).contains(&at) => '1',
                _ => c,
            })
            .collect();
        let mistyped = digits != number && self::shape(&digits) == "AA999999A";
        return Some(if mistyped { Flaw::Mistyped } else { Flaw::NationalInsurance });
    }
    // HMRC's manual, NIM39110.
    let prefix = number.get(..2).unwrap_or_default();
    let first = prefix.starts_with(['D', 'F', 'I', 'Q', 'U', 'V']);
    let second = prefix.ends_with(['D', 'F', 'I', 'O', 'Q', 'U', 'V']);
    let never = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].contains(&prefix);
    (first || second || never).then_some(Flaw::Prefix)
}

/// What keeps a text from being a telephone number of Britain or, with its `+`, of anywhere.
pub(super) fn phone(text: &str) -> Option<Flaw> {
    if text.chars().any(char::is_alphabetic) {
        return Some(Flaw::Letters);
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let international = text.starts_with('+') || digits.starts_with("00");
    match digits.len() {
        0..=8 => Some(Flaw::TooFewDigits),
        9 | 10 if !international && !digits.starts_with('0') => Some(Flaw::LostZero),
        16.. => Some(Flaw::TooManyDigits),
        12.. if !international && digits.starts_with('0') => Some(Flaw::TooManyDigits),
        _ => None,
    }
}

fn is_postcode(code: &str) -> bool {
    let shape = shape(code);
    let outward = shape.strip_suffix("9AA");
    outward.is_some_and(|outward| ["A9", "A99", "AA9", "AA99", "A9A", "AA9A"].contains(&outward))
}

/// Without blanks, in capitals.
pub(in crate::report) fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

/// `A` for a letter, `9` for a digit.
pub(in crate::report) fn shape(text: &str) -> String {
    let sign = |c: char| match c {
        'A'..='Z' => 'A',
        '0'..='9' => '9',
        other => other,
    };
    text.chars().map(sign).collect()
}
