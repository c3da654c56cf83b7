//! The words that a redacted message may show: a validator's, a server's, and the names of Plannr's fields.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::domain::import::Mapping;

/// Words of Laravel's validation messages (`lang/en/validation.php`, 9 to 12), of refusals of an API and of a database.
const MESSAGES: &str = "
    a about above places address addresses account phone called did mean put quotes look accepted access account action active additional address after again against all allowed alpha already
    also an and another any appear appears are array as ascii at attempt attempts attribute authenticated authorised
    authorized available back be because been before below between boolean but by bytes calendar can cannot case character
    characters check choose code column combination confirmation confirmed conflict connection constraint contain
    contained contains correct could create created credentials currency current data database date dates day days decimal
    declined default define deleted denied different digit digits dimensions distinct do does doesn't doesnt don't double
    duplicate duplicated e each either email empty end ends entries entry enum equal error errors exactly exceed exceeds
    exist existing exists expected expired extension extensions fail failed fails false fewer field fields file files
    filled find first following for foreign forbidden format found from future given greater has have header headers hex
    http https if image import imports in inactive incorrect incorrectly indexes instead insufficient integer integrity
    invalid ip is isn't isnt it item items its json key kilobytes last least length less letter letters line list long
    longer lower lowercase mac mail malformed many mapping match matched matches matching maximum maybe method mime
    minimum minus mismatch missing mixed modified month more most multiple must need needs negative new no non none not
    nothing null number numbers numeric of off on one only optional or order other out overlap overlaps parse password past
    pattern permission permissions permitted please positive present previous prohibited prohibits provided range read
    recognised recognized record records reference refers regular rejected related required requires resource row rows
    rule same second see selected server set short shorter should since size some space spaces sqlstate start starts
    status string such support supported symbol symbols table taken text than that the their them there these they this
    those time times timezone title to today tomorrow too true try type types ulid unable unauthenticated unauthorised
    unauthorized unexpected unique unknown unrecognised unrecognized unsupported until update updated upload uploaded
    uppercase url used user using uuid valid validation value values violation was we weak week were what when where which
    while white whitespace whole with within without words would wrong year years yes yesterday you your zero";

/// Words of the names that CRMs give to columns and of the types of import, none of which is anybody's name.
const FIELDS: &str = "
    adviser advisers age amount annual area bank basis beneficiary benefit birth business category charge charges
    circle circles client clients commission consent contact contribution contributions count country county cover
    date debit dependant dependants description direct email employer employee end estimated expense expenses expiry fee
    fees firm frequency fund funds gender group gross home id income incomes insurance international joint key life
    city county dob house street tel town line mandate marital maturity member members method middle minor mobile mode name national net ni note notes
    number occupation opt owner paid payment payments percentage phone plan plans policy postcode premium premiums price
    priority product provider purchase rate reason reasons ref reference region relationship relationships renewal retirement risk role
    salary salutation scheme send sort source staff start statement status sum surname task tasks tax telephone
    term title total transfer type unit units valuation valuations value welcome withdrawal work year";

/// Formats of dates and times as PHP writes them: the letters that stand after "the format".
pub(super) const DATE_FORMATS: [&str; 14] = [
    "Y-m-d H:i:s",
    "Y-m-d H:i",
    "d/m/Y H:i",
    "Y-m-d",
    "d/m/Y",
    "m/d/Y",
    "d-m-Y",
    "d.m.Y",
    "Y/m/d",
    "d/m/y",
    "d-m-y",
    "H:i:s",
    "H:i",
    "Y",
];

/// What stands right before a number that is a rule's and not a client's.
pub(super) const BEFORE_BOUND: [&str; 16] = [
    "greater than",
    "less than",
    "more than",
    "fewer than",
    "longer than",
    "shorter than",
    "or equal to",
    "at least",
    "at most",
    "minimum of",
    "maximum of",
    "multiple of",
    "between",
    "exactly",
    "up to",
    "size",
];

/// What stands before a number that one of [`UNITS`] follows: "must be 6 digits", "must have 2 decimal places".
pub(super) const BEFORE_COUNT: [&str; 4] = ["must be", "must have", "must contain", "have"];

/// What such a number counts.
pub(super) const UNITS: [&str; 8] =
    ["digits", "digit", "characters", "character", "items", "kilobytes", "decimal", "bytes"];

/// Words that may be shown in any import.
static WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| MESSAGES.split_whitespace().chain(FIELDS.split_whitespace()).collect());

/// The names of Plannr's fields that one import is mapped to, word by word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldNames {
    words: HashSet<String>,
    /// A number with the word before it, `line 1`: alone it might be a client's.
    numbered: HashSet<String>,
}

impl FieldNames {
    /// The fields that a mapping names. Its headers are the client's and are left out.
    pub fn new(mapping: Option<&Mapping>) -> Self {
        let mut names = Self::default();
        for (_, field) in mapping.iter().flat_map(|mapping| &mapping.columns) {
            let name = field.as_ref().map(|field| field.as_str().to_lowercase()).unwrap_or_default();
            let mut before = None;
            for word in name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
                match before {
                    Some(before) if is_number(word) => {
                        names.numbered.insert(format!("{before} {word}"));
                    }
                    _ if is_number(word) => {}
                    _ => {
                        names.words.insert(word.to_owned());
                    }
                }
                before = Some(word);
            }
        }
        names
    }

    /// Whether a word may be shown; it is in lower case.
    pub(super) fn may_show(&self, word: &str) -> bool {
        WORDS.contains(word) || self.words.contains(word)
    }

    /// Whether a number is part of a field's name behind this word, which is in lower case.
    pub(super) fn numbers(&self, before: &str, number: &str) -> bool {
        self.numbered.contains(&format!("{before} {number}"))
    }
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit())
}
