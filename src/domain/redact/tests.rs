use proptest::prelude::*;

use super::*;
use crate::domain::import::Mapping;

fn fields() -> FieldNames {
    let fields = ["date_of_birth", "contact_email", "addresses.1.postcode", "address_line_1"];
    let columns = fields.iter().map(|field| ("Header Smith".into(), Some((*field).into()))).collect();
    FieldNames::new(Some(&Mapping { columns }))
}

fn masked(message: &str) -> String {
    Redaction { enabled: true }.message(message, &fields()).to_string()
}

#[test]
fn shape_stays_and_the_value_goes() {
    for (value, masked) in [
        ("gareth@codepotato.co.uk", "g•••@c•••.c•••.u•••"),
        ("gareth@potato.smith", "g•••@p•••.s•••"),
        ("Ann-Marie O'Neill", "A•••-M••• •••'N•••"),
        ("14/07/1985", "1•••/0•••/1•••"),
        ("QQ123456C", "Q•••"),
        ("07700 900123", "0••• 9•••"),
        ("£1,250.00", "£•••,2•••.0•••"),
        ("x", "•••"),
        ("", ""),
        ("Łukasz 日本", "Ł••• 日•••"),
        ("Zoe\u{308}", "Z•••"),
        ("e\u{301}", "•••"),
        ("किरण", "कि•••"),
    ] {
        assert_eq!(mask(value), masked, "{value}");
    }
}

#[test]
fn a_message_keeps_the_words_of_the_validator_and_nothing_else() {
    for (message, shown) in [
        ("The contact email field is required.", "The contact email field is required."),
        ("The addresses.1.postcode field is required.", "The addresses.1.postcode field is required."),
        ("The address line 1 field is required.", "The address line 1 field is required."),
        ("The selected plan type is invalid.", "The selected plan type is invalid."),
        ("The EMAIL does not match the format Y-m-d.", "The EMAIL does not match the format Y-m-d."),
        // Bounds of rules.
        ("The age must be at least 18.", "The age must be at least 18."),
        ("The amount must be between 1,000 and 2,000.5.", "The amount must be between 1,000 and 2,000.5."),
        (
            "The email must not be greater than 255 characters.",
            "The email must not be greater than 255 characters.",
        ),
        ("The postcode must be 6 digits.", "The postcode must be 6 digits."),
        ("The premium must have 2 decimal places.", "The premium must have 2 decimal places."),
        // Lookalikes.
        ("The phone must be at least 07700900123.", "The phone must be at least 0•••."),
        ("The date must be after 14/07/1985.", "The date must be after 1•••/0•••/1•••."),
        ("greater than 12/03/2024", "greater than 1•••/0•••/2•••"),
        ("at least \"77009\"", "at least \"7•••\""),
        ("The value 12345 is invalid.", "The value 1••• is invalid."),
        ("line 1 of address 1", "line 1 of address •••"),
        // Client values in any form.
        (
            "The email ann@example.com has already been taken.",
            "The email a•••@e•••.c••• has already been taken.",
        ),
        ("The value 'Ivor Novello' is invalid.", "The value 'I••• N•••' is invalid."),
        ("ivor novello, IVOR, iVor", "i••• n•••, I•••, i•••"),
        ("I\u{200b}v\u{200b}o\u{200d}r is unknown", "I••• is unknown"),
        ("Ai Wu is unknown", "A••• W••• is unknown"),
        ("Zoe\u{308} is unknown", "Z••• is unknown"),
        ("The Header Smith field is required.", "The Header S••• field is required."),
        ("O'Neill doesn't exist", "•••'N••• doesn't exist"),
        ("The email ‹…› is invalid.", "The email ‹…› is invalid."),
        ("the format Y-m-dave", "the format •••-•••-d•••"),
        (
            "Duplicate entry 'x@y.z' for key 'clients.email'",
            "Duplicate entry '•••@•••.•••' for key 'clients.email'",
        ),
    ] {
        // In a file without a header line the headers are values, not fields.
        assert_eq!(masked(message), shown, "{message}");
    }
}

#[test]
fn a_recorded_sentence_has_both_forms() {
    let text =
        Redactable::new(|redaction| format!("saved {}", redaction.value(UntrustedRef::new("ann.csv"))));
    let forms = [false, true].map(|enabled| text.text(Redaction { enabled }).to_string());
    assert_eq!(forms, ["saved ann.csv", "saved a•••.c•••"]);
    assert_eq!(Redactable::from("paused").text(Redaction { enabled: true }).as_str(), "paused");
}

/// A value as a server may quote it: as it is, in another case, in quotes, split, spelt otherwise.
fn quoted(value: &str, how: usize) -> String {
    match how % 6 {
        0 => value.to_owned(),
        1 => value.to_uppercase(),
        2 => value.to_lowercase(),
        3 => format!("'{value}'"),
        4 => value.chars().flat_map(|c| [c, '\u{200b}']).collect(),
        _ => value.replace(' ', "\u{2028}"),
    }
}

/// Sentences around a value: rules whose bounds are numbers, and others.
const SENTENCES: [&str; 8] = [
    "The {} has already been taken.",
    "The email {} is invalid.",
    "{}",
    "The amount must be between {} and 9.",
    "must be at least {}",
    "must be {} digits",
    "the format {}",
    "Duplicate entry '{}' for key 'clients.email'",
];

proptest! {
    #[test]
    fn no_word_of_two_letters_survives(value in "[a-zA-Z0-9 ./@-]{0,40}") {
        let masked = mask(&value);
        let longest = masked.split(|c: char| !c.is_alphanumeric()).map(str::len).max().unwrap_or(0);
        prop_assert!(longest <= 1, "{}", masked);
    }

    /// Whatever a message is made of, what is longer than a letter is of the vocabulary, of a field or a rule's number.
    #[test]
    fn every_word_of_a_message_is_of_the_vocabulary(
        value in "[a-zA-Z0-9 .'@-]{0,24}|\\PC{0,12}",
        sentence in 0usize..8,
        how in 0usize..6,
    ) {
        let message = SENTENCES[sentence].replace("{}", &quoted(&value, how));
        let masked = masked(&message);
        for piece in pieces(&masked) {
            let text = text_of(&piece);
            let may = match piece {
                Piece::Between(_) => true,
                Piece::Number(text) => {
                    text.len() == 1 || text.bytes().filter(u8::is_ascii_digit).count() <= LONGEST_BOUND
                        && sentence >= 3
                }
                Piece::Word(text) => {
                    text.graphemes(true).count() <= 1
                        || fields().may_show(&text.to_ascii_lowercase().replace('’', "'"))
                }
            };
            prop_assert!(may, "{:?} of {:?} -> {:?}", text, message, masked);
        }
    }

    #[test]
    fn any_message_can_be_masked_and_every_byte_is_covered(message: String) {
        let joined: String = pieces(&message).iter().map(text_of).collect();
        prop_assert_eq!(&joined, &message);
        masked(&message);
    }
}
