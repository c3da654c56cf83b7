use proptest::prelude::*;

use super::*;

fn diagnosis(expected: Expected, values: &[&str]) -> Option<Diagnosis> {
    let failing: Vec<_> = values.iter().copied().enumerate().collect();
    judge(expected, &failing, &failing)
}

fn sentence(expected: Expected, values: &[&str]) -> String {
    diagnosis(expected, values).map(|diagnosis| diagnosis.sentence).unwrap_or_default()
}

#[test]
fn the_sentence_says_what_most_values_have_in_common() {
    use Expected::*;
    let british = Expected::of("x", "The x must match the format d/m/Y.");
    let short = Characters { least: 0, most: 3 };
    for (expected, values, diagnosis) in [
        (
            IsoDate,
            &["31/01/1970", "01/02/1971", "1.2.72"][..],
            "2 of 3 rejected dates are DD/MM/YYYY; 1 is DD.MM.YY.",
        ),
        (IsoDate, &["01/13/1970", "01/02/1971"], "Both rejected dates are MM/DD/YYYY."),
        (IsoDate, &["01/02/1971"], "The rejected date is DD/MM/YYYY or MM/DD/YYYY."),
        (IsoDate, &["1970-02-30", "31/02/1970"], "Neither rejected date is a real calendar date."),
        (
            IsoDate,
            &["1970-1-3", "25569", "1970"],
            "1 of 3 rejected dates has a single-digit month or day; 1 is an Excel serial number; 1 is only a year.",
        ),
        (
            IsoDate,
            &["1970-1-3", "1970-1-4", "1970-1-5"],
            "All 3 rejected dates have single-digit months or days.",
        ),
        (
            IsoDate,
            &["3 Apr 1970", "1970-04-03 00:00:00", "19700403", "soon"],
            "1 of 4 rejected dates spells out the month; 1 includes a time; 1 has no separators.",
        ),
        (
            IsoDate,
            &["1970-02-30", "31/02/1970", "0/0/70"],
            "None of the 3 rejected dates is a real calendar date.",
        ),
        (IsoDate, &["soon", "later"], "Neither rejected value is a date."),
        (
            IsoDate,
            &["1970-01-01 ", "1971-01-01\u{a0}"],
            "1 of 2 rejected dates has leading or trailing spaces; 1 contains a non-breaking space.",
        ),
        (british, &["1970-01-31", "31/01/1970", "01/02/1970"], "1 of 3 rejected dates is YYYY-MM-DD."),
        (
            Number,
            &["£1,234.50", "1,234.50", "12,5", "5%", "(5)", "5 GBP", "n/a", "x"],
            "1 of 8 rejected numbers has a £ sign; 1 has thousands separators; 1 has a decimal comma.",
        ),
        (
            Number,
            &["£1", "£2", "1 000"],
            "2 of 3 rejected numbers have a £ sign; 1 has spaces between the digits.",
        ),
        (Number, &["5%"], "The rejected number has a % sign."),
        (Number, &["x", "y"], "Neither rejected value is a number."),
        (Whole, &["1.5", "2.5"], "Neither rejected number is a whole number."),
        (
            Email,
            &["ann", "a@b@c", "a b@c.uk", "a@b", "a..b@c.uk"],
            "1 of 5 rejected e-mail addresses has no @; 1 contains more than one address; 1 contains a space.",
        ),
        (
            Email,
            &["a@b", "a..b@c.uk"],
            "1 of 2 rejected e-mail addresses has an incomplete domain; 1 is malformed.",
        ),
        (
            Postcode,
            &["SN1 IAA", "SNI 1AA", "SN1"],
            "2 of 3 rejected postcodes mix up O and 0 or I and 1; 1 is not a valid UK postcode.",
        ),
        (
            NationalInsurance,
            &["QQ123456C", "AB123456", "AB12345C", "AB1234S6C"],
            "2 of 4 rejected National Insurance numbers are not two letters, six digits and a final letter; 1 starts with a prefix that is never issued; 1 is missing its final letter.",
        ),
        (
            Phone,
            &["7700900123", "1.23E+05", "Ask"],
            "1 of 3 rejected phone numbers has lost its leading 0; 1 was converted to scientific notation by a spreadsheet; 1 contains letters.",
        ),
        (short, &["abcd", "abcde"], "Both rejected values are longer than 3 characters."),
        (
            Anything,
            &["Аnn", "a\u{200b}b", "x\ny", "caf\u{c3}\u{a9}", "#N/A", " ", ""],
            "1 of 7 rejected values contains a Greek or Cyrillic letter that looks like a Latin one; 1 contains an invisible character; 1 contains a line break, tab or control character.",
        ),
        (
            Anything,
            &["???", "unknown", "TBC", "Ann"],
            "3 of 4 rejected values are placeholders such as N/A or unknown.",
        ),
        (
            Anything,
            &["#N/A", "caf\u{c3}\u{a9}"],
            "1 of 2 rejected values is a spreadsheet error; 1 is garbled (wrong encoding).",
        ),
        (Filled, &["", " ", "\u{a0}"], "2 of 3 rejected values contain only spaces or invisible characters."),
        (Unique, &["a@x.uk", "A@x.uk ", "b"], "2 of 3 rejected values also appear in another row."),
    ] {
        assert_eq!(sentence(expected, values), diagnosis);
    }
}

/// Laravel's messages, old and new, each with values that it refused: a sentence that is true and about the rule, or none.
#[test]
fn the_rule_decides_what_is_said_and_not_the_field_s_name() {
    const YES_NO: &str = "All 3 rejected values are words for yes or no.";
    let yes_no = &["yes", "no", "Y"][..];
    let mails = &["ann", "bob"][..];
    let days = &["31/01/2024", "30/01/2024"][..];
    let british = "Both rejected dates are DD/MM/YYYY.";
    for (field, message, values, diagnosis) in [
        // True or false, accepted.
        ("send_welcome_email", "The send welcome email field must be true or false.", yes_no, YES_NO),
        ("email_opt_in", "The email opt in must be true or false.", yes_no, YES_NO),
        (
            "mobile_consent",
            "The mobile consent field must be true or false.",
            &["TRUE", "false", "t"],
            YES_NO,
        ),
        ("direct_debit_mandate", "The direct debit mandate field must be true or false.", &["ja", "2"], ""),
        (
            "national_insurance_exempt",
            "The national insurance exempt field must be true or false.",
            yes_no,
            YES_NO,
        ),
        ("email_consent", "The email consent must be accepted.", &["no", "0"], ""),
        ("update", "The update field must be accepted.", &["no", "0", "off"], ""),
        ("phone_optout", "The phone optout field must be declined.", &["yes"], ""),
        // What only calls a value invalid is judged by the field's last word.
        ("phone_type", "The phone type field format is invalid.", &["Home", "mobile", "Work"], ""),
        ("premium_frequency", "The premium frequency format is invalid.", &["Monthly", "yearly"], ""),
        ("postcode_area", "The postcode area format is invalid.", &["BN1", "W1A"], ""),
        ("ni_category", "The ni category field format is invalid.", &["AB"], ""),
        ("amount_type", "The amount type is invalid.", &["Gross"], ""),
        ("last_update", "The last update format is invalid.", &["full"], ""),
        ("price_basis", "The price basis is not valid.", &["mid-price"], ""),
        ("email_verified", "The email verified is invalid.", &["maybe"], ""),
        ("date_format", "The date format format is invalid.", &["US"], ""),
        (
            "postcode",
            "The postcode field format is invalid.",
            &["SN1", "BN"],
            "Neither rejected postcode is a valid UK postcode.",
        ),
        (
            "homePostCode",
            "The home post code format is invalid.",
            &["SN1"],
            "The rejected postcode is not a valid UK postcode.",
        ),
        ("work_email_2", "The work email 2 is invalid.", &["ann"], "The rejected e-mail address has no @."),
        (
            "mobile_phone",
            "The mobile phone format is invalid.",
            &["7700900123"],
            "The rejected phone number has lost its leading 0.",
        ),
        (
            "phone_number",
            "The phone number is invalid.",
            &["0770"],
            "The rejected phone number has too few digits.",
        ),
        (
            "ni_number",
            "The ni number field format is invalid.",
            &["AB123456"],
            "The rejected National Insurance number is missing its final letter.",
        ),
        (
            "date_of_birth",
            "The date of birth is invalid.",
            &["31/01/1970"],
            "The rejected date is DD/MM/YYYY.",
        ),
        ("start_date", "Invalid value.", &["31/01/1970"], "The rejected date is DD/MM/YYYY."),
        ("salary", "The salary is invalid.", &["£5"], "The rejected number has a £ sign."),
        // Lengths.
        (
            "last_update",
            "The last update field must not be greater than 3 characters.",
            &["full", "partial", "none"],
            "All 3 rejected values are longer than 3 characters.",
        ),
        (
            "title",
            "The title may not be greater than 3 characters.",
            &["Miss"],
            "The rejected value is longer than 3 characters.",
        ),
        (
            "notes",
            "The notes field must be between 3 and 30 characters.",
            &["hi", "no", "a"],
            "All 3 rejected values are shorter than 3 characters.",
        ),
        (
            "notes",
            "The notes must be at least 3 characters.",
            &["hi"],
            "The rejected value is shorter than 3 characters.",
        ),
        (
            "ni_category",
            "The ni category field must be 1 characters.",
            &["AB", "A1"],
            "Both rejected values are longer than 1 character.",
        ),
        ("email", "The email must not be greater than ‹…› characters.", &["ann"], ""),
        (
            "email",
            "The email field must not be greater than 5 characters.",
            &["ann@x.uk"],
            "The rejected value is longer than 5 characters.",
        ),
        (
            "mobile_phone",
            "The mobile phone field must be between 10 and 12 digits.",
            &["07700 900123", "+447700900123", "0770"],
            "2 of 3 rejected values contain characters other than digits; 1 has fewer than 10 digits.",
        ),
        (
            "account",
            "The account must be 8 digits.",
            &["1234567", "123456789"],
            "1 of 2 rejected values has fewer than 8 digits; 1 has more than 8 digits.",
        ),
        (
            "email_code",
            "The email code field must have at least 6 digits.",
            &["123"],
            "The rejected value has fewer than 6 digits.",
        ),
        ("files", "The files field must not be greater than 5 kilobytes.", &["x"], ""),
        ("emails", "The emails field must have at least 2 items.", &["x"], ""),
        // Formats of dates.
        ("meeting_time", "The meeting time field must match the format H:i.", &["9am", "14.30", "2pm"], ""),
        ("tax_year", "The tax year field must match the format Y.", &["2023/24", "23-24"], ""),
        ("seen_date", "The seen date does not match the format Y-m-d H:i:s.", &["31/01/2024"], ""),
        (
            "paid_on",
            "The paid on field must match the format d-m-Y.",
            &["2024-01-31", "31/01/2024", "1-2-2024"],
            "1 of 3 rejected dates is YYYY-MM-DD; 1 is DD/MM/YYYY.",
        ),
        (
            "us_date",
            "The us date field must match the format m/d/Y.",
            &["31/01/2024", "01/31/2024"],
            "1 of 2 rejected dates is DD/MM/YYYY.",
        ),
        (
            "us_date",
            "The us date field must match the format m/d/Y.",
            &["13/13/2024"],
            "The rejected date is not a real calendar date.",
        ),
        ("dob", "The dob does not match the format Y-m-d.", days, british),
        ("dob", "The dob field must match the format d/m/Y.", days, ""),
        ("dob", "The dob is not a valid date.", days, british),
        ("dob", "The dob field must be a valid date.", days, british),
        ("end_date", "The end date field must be a date after start date.", &["2020-01-31"], ""),
        ("end_date", "The end date must be a date before or equal to today.", days, british),
        // Letters, case, kinds.
        ("reference", "The reference field must only contain letters and numbers.", &["A-1", "B/2"], ""),
        ("price_basis", "The price basis must only contain letters.", &["bid/offer", "n.a."], ""),
        ("postcode_area", "The postcode area may only contain letters.", &["BN1"], ""),
        ("email", "The email field must be lowercase.", &["ANN@x.uk"], ""),
        ("amount_type", "The amount type field must be lowercase.", &["Gross", "NET"], ""),
        ("postcode", "The postcode field must be uppercase.", &["bn1"], ""),
        ("groups", "The groups field must be an array.", &["a", "b"], ""),
        ("email", "The email field must be a string.", mails, ""),
        ("website", "The website field must be a valid URL.", &["x"], ""),
        ("email", "The email field must end with one of the following: .uk.", &["ann"], ""),
        ("mobile", "The mobile field confirmation does not match.", &["1"], ""),
        ("salary", "The salary field is prohibited.", &["£5"], ""),
        // Numbers.
        (
            "email_count",
            "The email count field must be an integer.",
            &["two", "1.5", "many"],
            "2 of 3 rejected values are not numbers; 1 is not a whole number.",
        ),
        ("premium", "The premium field must have 2 decimal places.", &["100", "1.5"], ""),
        ("premium", "The premium must be a number.", &["£5", "£6"], "Both rejected numbers have a £ sign."),
        ("age", "The age field must be between 18 and 120.", &["17", "121"], ""),
        ("salary_date", "The salary date field must be between 1 and 31.", &["0", "32", "99"], ""),
        (
            "annual_income_amount",
            "The annual income amount field must not be greater than 1000.",
            &["1001", "5000"],
            "",
        ),
        ("end_date", "The end date field must be greater than or equal to ‹…›.", &["30", "31"], ""),
        ("fee", "The fee must be at least 0.", &["£5"], "The rejected number has a £ sign."),
        // Others.
        (
            "email",
            "The email field must be a valid email address.",
            mails,
            "Both rejected e-mail addresses have no @.",
        ),
        (
            "email",
            "The email ‹…› has already been taken.",
            &["a@x.uk", "a@x.uk"],
            "Both rejected values also appear in another row.",
        ),
        ("email", "The email field has a duplicate value.", &["ann"], ""),
        ("email", "The email field is required when phone type is Home.", &["", ""], ""),
        ("email", "The email must be unique.", mails, ""),
        ("phone_type", "The selected phone type is invalid.", &["Home", "Work"], ""),
        (
            "email_plan",
            "The selected email plan is invalid.",
            &["???"],
            "The rejected value is a placeholder such as N/A or unknown.",
        ),
        ("adviser_email", "The adviser email does not exist.", mails, ""),
        (
            "address",
            "The address must be a valid UK postcode.",
            &["SN1"],
            "The rejected postcode is not a valid UK postcode.",
        ),
        ("is_required_mobile", "The is required mobile field must be true or false.", yes_no, YES_NO),
        (
            "already_been_taken",
            "The already been taken field must be a number.",
            &["£5"],
            "The rejected number has a £ sign.",
        ),
        ("email", "Something went wrong", mails, ""),
        ("", "", mails, ""),
    ] {
        assert_eq!(sentence(Expected::of(field, message), values), diagnosis, "{field}: {message}");
    }
}

#[test]
fn the_rest_of_the_column_tells_more() {
    let column = ["00123", "00456", "07890", "123", "ISA", "isa ", "Bond"];
    let column: Vec<_> = column.into_iter().enumerate().collect();
    let of = |expected, rows: std::ops::Range<usize>| judge(expected, &column[rows], &column);
    assert_eq!(of(Expected::Known, 3..4).unwrap().sentence, "The rejected value has lost its leading zeros.");
    let variant = of(Expected::Known, 5..6).unwrap();
    assert_eq!(variant.sentence, "The rejected value has leading or trailing spaces.");
    let column = [(0, "ISA"), (1, "Isa"), (2, "Bond")];
    let diagnosis = judge(Expected::Known, &column[1..], &column).unwrap();
    assert_eq!(
        diagnosis.sentence,
        "1 of 2 rejected values differs from an accepted value only in spaces or capitals."
    );
    assert_eq!((diagnosis.findings[0].examples[0].row, diagnosis.refused), (1, 2));
    let column = [(0, "Term Assurance"), (1, "Term Asurance"), (2, "Annuity"), (3, "Bond")];
    let diagnosis = judge(Expected::Known, &column[1..2], &column).unwrap();
    assert_eq!(diagnosis.sentence, "The rejected value is one letter away from an accepted value.");
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
        ("x", "The x field must match the format H:i.", Expected::Shape),
        ("x", "The x is not a valid date.", Expected::IsoDate),
        ("email", "The email field is required.", Expected::Filled),
        ("email", "The email ‹…› has already been taken.", Expected::Unique),
        ("email", "The email must be a valid email address.", Expected::Email),
        (
            "title",
            "The title must not be greater than 255 characters.",
            Expected::Characters { least: 0, most: 255 },
        ),
        (
            "title",
            "The title must be at least 3 characters.",
            Expected::Characters { least: 3, most: usize::MAX },
        ),
        ("fee", "The fee must be an integer.", Expected::Whole),
        ("plan", "The selected plan is invalid.", Expected::Known),
        ("Post Code", "The post code format is invalid.", Expected::Postcode),
        ("ni_number", "The ni number format is invalid.", Expected::NationalInsurance),
        ("mobile_phone", "Invalid.", Expected::Phone),
        ("mobile_phone", "Bad.", Expected::Anything),
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

const EVERY: [Expected; 15] = [
    Expected::Shape,
    Expected::IsoDate,
    Expected::Boolean,
    Expected::Digits { least: 2, most: 4 },
    Expected::Number,
    Expected::Whole,
    Expected::Email,
    Expected::Postcode,
    Expected::NationalInsurance,
    Expected::Phone,
    Expected::Unique,
    Expected::Known,
    Expected::Characters { least: 2, most: 5 },
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
            if let Some(diagnosis) = judge(expected, failing, &column) {
                prop_assert!(diagnosis.findings.iter().all(|finding| finding.count > 0 && !finding.examples.is_empty()));
                prop_assert!(diagnosis.findings.iter().map(|finding| finding.count).sum::<usize>() <= failing.len());
                prop_assert_eq!(diagnosis.refused, failing.len());
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
            (Expected::of("x", "The x must match the format d/m/Y."), &format!("{day:02}/{month:02}/{year}")),
            (Expected::Number, &amount),
            (Expected::Whole, &number.to_string()),
            (Expected::Email, &email),
            (Expected::NationalInsurance, &ni.replace("GB", "AB").replace("BG", "AB")),
            (Expected::Postcode, &postcode),
            (Expected::Phone, &phone),
            (Expected::Unique, &email),
            (Expected::Known, &name),
            (Expected::Characters { least: 1, most: 255 }, &name),
            (Expected::Filled, &name),
            (Expected::Anything, &name),
        ] {
            prop_assert_eq!(judge(expected, &[(0, value)], &[(0, value), (1, "other")]), None, "{:?}", expected);
        }
    }
}
