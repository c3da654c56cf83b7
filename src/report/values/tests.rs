use proptest::prelude::*;

use super::*;

fn verdict(expected: Expected, values: &[&str]) -> Option<Verdict> {
    let failing: Vec<_> = values.iter().copied().enumerate().collect();
    judge(expected, &failing, &failing)
}

fn sentence(expected: Expected, values: &[&str]) -> String {
    verdict(expected, values).map(|verdict| verdict.sentence).unwrap_or_default()
}

#[test]
fn the_sentence_says_what_most_values_have_in_common() {
    use Expected::*;
    for (expected, values, said) in [
        (
            IsoDate,
            &["31/01/1970", "01/02/1971", "1.2.72"][..],
            "2 of 3 rejected dates are DD/MM/YYYY; 1 is DD.MM.YY.",
        ),
        (IsoDate, &["01/13/1970", "01/02/1971"], "All 2 rejected dates are MM/DD/YYYY."),
        (IsoDate, &["01/02/1971"], "The rejected date is DD/MM/YYYY or MM/DD/YYYY."),
        (IsoDate, &["1970-02-30", "31/02/1970"], "All 2 rejected dates are no day of any calendar."),
        (
            IsoDate,
            &["1970-1-3", "25569", "1970"],
            "1 of 3 rejected dates has a month or day of one digit; 1 is a spreadsheet's count of days; 1 is a year alone.",
        ),
        (
            IsoDate,
            &["3 Apr 1970", "1970-04-03 00:00:00", "19700403", "soon"],
            "1 of 4 rejected dates has the month in words; 1 has a time after the date; 1 has nothing between year, month and day.",
        ),
        (
            IsoDate,
            &["1970-01-01 ", "1971-01-01\u{a0}"],
            "1 of 2 rejected dates has a blank before or after it; 1 has a non-breaking space.",
        ),
        (BritishDate, &["1970-01-31", "31/01/1970", "01/02/1970"], "1 of 3 rejected dates is YYYY-MM-DD."),
        (
            Number,
            &["£1,234.50", "1,234.50", "12,5", "5%", "(5)", "5 GBP", "n/a", "x"],
            "1 of 8 rejected numbers has a £ sign; 1 has thousands separators; 1 has a decimal comma.",
        ),
        (
            Number,
            &["£1", "£2", "1 000"],
            "2 of 3 rejected numbers have a £ sign; 1 has blanks between the digits.",
        ),
        (Whole, &["1.5", "2.5"], "All 2 rejected numbers are not whole."),
        (
            Email,
            &["ann", "a@b@c", "a b@c.uk", "a@b", "a..b@c.uk"],
            "1 of 5 rejected e-mail addresses has no @; 1 is more than one address; 1 has a blank in it.",
        ),
        (
            Postcode,
            &["SN1 IAA", "SNI 1AA", "SN1"],
            "2 of 3 rejected postcodes have O for 0 or I for 1; 1 is no British postcode.",
        ),
        (
            NationalInsurance,
            &["QQ123456C", "AB123456", "AB12345C", "AB1234S6C"],
            "2 of 4 rejected National Insurance numbers are not two letters, six digits and a letter; 1 begins with letters that are never issued; 1 lacks the last letter.",
        ),
        (
            Phone,
            &["7700900123", "1.23E+05", "Ask"],
            "1 of 3 rejected phone numbers has lost its leading 0; 1 was turned into scientific notation by a spreadsheet; 1 has words beside the digits.",
        ),
        (AtMost(3), &["abcd", "abcde"], "All 2 rejected values are longer than 3 characters."),
        (
            Anything,
            &["Аnn", "a\u{200b}b", "x\ny", "caf\u{c3}\u{a9}", "#N/A", " ", ""],
            "1 of 7 rejected values has a Greek or Cyrillic letter that looks Latin; 1 has an invisible character; 1 has a line end, tab or control character.",
        ),
        (
            Filled,
            &["", " ", "\u{a0}"],
            "2 of 3 rejected values have nothing but blanks or invisible characters.",
        ),
        (Unique, &["a@x.uk", "A@x.uk ", "b"], "2 of 3 rejected values stand in another row too."),
    ] {
        assert_eq!(sentence(expected, values), said);
    }
}

#[test]
fn the_rest_of_the_column_tells_more() {
    let column = ["00123", "00456", "07890", "123", "ISA", "isa ", "Bond"];
    let column: Vec<_> = column.into_iter().enumerate().collect();
    let of = |expected, rows: std::ops::Range<usize>| judge(expected, &column[rows], &column);
    assert_eq!(of(Expected::Known, 3..4).unwrap().sentence, "The rejected value has lost its leading zeros.");
    let variant = of(Expected::Known, 5..6).unwrap();
    assert_eq!(variant.sentence, "The rejected value has a blank before or after it.");
    let column = [(0, "ISA"), (1, "Isa"), (2, "Bond")];
    let verdict = judge(Expected::Known, &column[1..], &column).unwrap();
    assert_eq!(
        verdict.sentence,
        "1 of 2 rejected values differs from one in use only in blanks or capitals."
    );
    assert_eq!((verdict.findings[0].examples[0].row, verdict.refused), (1, 2));
    let column = [(0, "Term Assurance"), (1, "Term Asurance"), (2, "Annuity"), (3, "Bond")];
    let verdict = judge(Expected::Known, &column[1..2], &column).unwrap();
    assert_eq!(verdict.sentence, "The rejected value is one letter away from one in use.");
    assert_eq!(judge(Expected::Known, &[(2, "PM00012")], &[(1, "PM00013"), (2, "PM00012")]), None);
    let twins = judge(Expected::Unique, &[(7, "a")], &[(3, "A"), (7, "a")]).unwrap();
    assert_eq!(twins.findings[0].examples[0].twin, Some(3));
    let many: Vec<_> = ["£1", "£1", "£2", "£3", "£4"].into_iter().enumerate().collect();
    let examples = &judge(Expected::Number, &many, &[]).unwrap().findings[0].examples;
    assert_eq!(examples.iter().map(|example| example.value.raw()).collect::<Vec<_>>(), ["£1", "£2", "£3"]);
}

#[test]
fn what_was_expected_is_told_by_message_and_field() {
    for (field, message, expected) in [
        ("x", "The x does not match the format Y-m-d.", Expected::IsoDate),
        ("x", "The x field must match the format d/m/Y.", Expected::BritishDate),
        ("x", "The x is not a valid date.", Expected::IsoDate),
        ("email", "The email field is required.", Expected::Filled),
        ("email", "The email ‹…› has already been taken.", Expected::Unique),
        ("email", "The email must be a valid email address.", Expected::Email),
        ("title", "The title must not be greater than 255 characters.", Expected::AtMost(255)),
        ("title", "The title must be at least 3 characters.", Expected::Anything),
        ("fee", "The fee must be an integer.", Expected::Whole),
        ("plan", "The selected plan is invalid.", Expected::Known),
        ("Post Code", "The post code format is invalid.", Expected::Postcode),
        ("ni_number", "The ni number format is invalid.", Expected::NationalInsurance),
        ("mobile_phone", "Bad.", Expected::Phone),
        ("", "", Expected::Anything),
    ] {
        assert_eq!(Expected::of(field, message), expected, "{message}");
    }
}

#[test]
fn one_letter_more_less_or_other_is_one_letter_away() {
    for (a, b, near) in [
        ("annuity", "anuity", true),
        ("annuity", "annnuity", true),
        ("annuity", "annuitx", true),
        ("annuity", "nnuity", true),
        ("annuity", "annuity", true),
        ("annuity", "anuitty", false),
        ("annuity", "annu", false),
        ("zoë", "zoe", true),
        ("", "a", true),
        ("", "ab", false),
    ] {
        assert_eq!(pattern::one_letter_away(a, b), near, "{a} {b}");
        assert_eq!(pattern::one_letter_away(b, a), near, "{b} {a}");
    }
}

const EVERY: [Expected; 13] = [
    Expected::IsoDate,
    Expected::BritishDate,
    Expected::Number,
    Expected::Whole,
    Expected::Email,
    Expected::Postcode,
    Expected::NationalInsurance,
    Expected::Phone,
    Expected::Unique,
    Expected::Known,
    Expected::AtMost(5),
    Expected::Filled,
    Expected::Anything,
];

proptest! {
    #[test]
    fn whatever_the_values_the_counts_add_up(
        values in prop::collection::vec(".{0,12}|\\PC{0,6}|[0-9/.,£%@ -]{0,10}|[OI0-9A-Z ]{0,9}", 0..20),
        refused in 0_usize..20,
    ) {
        let column: Vec<_> = values.iter().map(String::as_str).enumerate().collect();
        let failing = &column[..refused.min(column.len())];
        for expected in EVERY {
            if let Some(verdict) = judge(expected, failing, &column) {
                prop_assert!(verdict.findings.iter().all(|finding| finding.count > 0 && !finding.examples.is_empty()));
                prop_assert!(verdict.findings.iter().map(|finding| finding.count).sum::<usize>() <= failing.len());
                prop_assert_eq!(verdict.refused, failing.len());
            }
        }
    }

    #[test]
    fn there_is_nothing_to_say_about_clean_values(
        (year, month, day) in (1930_u16..2030, 1_u8..13, 1_u8..29),
        number in -99_999_i32..99_999,
        name in "[A-Z][a-zéïø]{2,9}( [A-Z][a-z]{2,9})?",
        local in "[a-z]{1,8}(\\.[a-z]{1,8})?",
        ni in "[ABCEGHJ][ABCEGHJ] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]",
        postcode in "[A-Z]{1,2}[0-9]{1,2} ?[0-9][A-Z]{2}",
        phone in "0[1-37][0-9]{3} ?[0-9]{6}|\\+44 ?[1-37][0-9]{9}",
    ) {
        let iso = format!("{year}-{month:02}-{day:02}");
        let amount = format!("{}.{:02}", number, number.unsigned_abs() % 100);
        let email = format!("{local}@example.com");
        for (expected, value) in [
            (Expected::IsoDate, &iso),
            (Expected::BritishDate, &format!("{day:02}/{month:02}/{year}")),
            (Expected::Number, &amount),
            (Expected::Whole, &number.to_string()),
            (Expected::Email, &email),
            (Expected::NationalInsurance, &ni.replace("GB", "AB").replace("BG", "AB")),
            (Expected::Postcode, &postcode),
            (Expected::Phone, &phone),
            (Expected::Unique, &email),
            (Expected::Known, &name),
            (Expected::AtMost(255), &name),
            (Expected::Filled, &name),
            (Expected::Anything, &name),
        ] {
            prop_assert_eq!(judge(expected, &[(0, value)], &[(0, value), (1, "other")]), None, "{:?}", expected);
        }
    }
}
