use std::cell::Cell;

use super::*;

thread_local! {
    /// Bytes looked at so far.
    pub(super) static STEPS: Cell<usize> = const { Cell::new(0) };
}

fn split_cell(cell: &str) -> Vec<(String, String)> {
    messages(cell)
        .into_iter()
        .map(|parsed| (parsed.field.unwrap_or_default().into_owned(), parsed.message.into_owned()))
        .collect()
}

fn bare(cell: &str) -> Vec<String> {
    split_cell(cell)
        .into_iter()
        .map(|(field, message)| {
            assert_eq!(field, "", "{cell}");
            message
        })
        .collect()
}

#[test]
fn tags_of_a_page_join_messages_as_line_ends_do() {
    let (required, taken) = ("The email field is required.", "The phone has already been taken.");
    for joint in [
        "<br>",
        "<br/>",
        "<br />",
        "<BR>",
        "<br>\n",
        " <br> ",
        "<br><br>",
        "</p><p>",
        "</li><li>",
        "</div>\n<div class=\"e\">",
    ] {
        assert_eq!(bare(&format!("{required}{joint}{taken}")), [required, taken], "{joint}");
    }
    assert_eq!(bare(&format!("<ul><li>{required}</li><li>{taken}</li></ul>")), [required, taken]);
    assert_eq!(bare(&format!("<p><strong>{required}</strong></p>")), [required]);
    assert_eq!(bare("Email invalid<br>Phone missing<br>"), ["Email invalid", "Phone missing"]);
    assert_eq!(
        bare(
            "The name &quot;O&#039;Brien &amp; Co&quot; is invalid.<br/>The fee must be &gt;&nbsp;0 &#xa3;."
        ),
        ["The name \"O'Brien & Co\" is invalid.", "The fee must be > 0 £."]
    );
    // What only speaks of tags or references, or quotes them.
    for whole in [
        "The note field must not contain <br> tags.",
        "The bio field must not contain <p> or <div> tags.",
        "The note \"a<br>B\" is invalid.",
        "The name AT&amp;T is invalid.",
        "The age must be < 18 & > 5",
        "1 < 2",
        "<b>bold</b> is not allowed",
    ] {
        assert_eq!(bare(whole), [whole]);
    }
}

#[test]
fn a_numbered_list_is_its_items_without_numbers() {
    let (required, taken) = ("The email field is required.", "The phone has already been taken.");
    for list in [
        format!("1. {required} 2. {taken}"),
        format!("1) {required} 2) {taken}"),
        format!("(1) {required} (2) {taken}"),
        format!("1. {required}\n2. {taken}\n"),
        format!("1. {required}\r\n\r\n2. {taken}"),
        format!("1.{required}, 2.{taken}"),
        format!("1. {required}<br>2. {taken}"),
        format!("1) {required}; 2) {taken}"),
    ] {
        assert_eq!(bare(&list), [required, taken], "{list}");
    }
    assert_eq!(
        bare("1. Email invalid 2. Phone missing 3. No plan"),
        ["Email invalid", "Phone missing", "No plan"]
    );
    assert_eq!(bare(&format!("1. {required}")), [required]);
    assert_eq!(
        split_cell("1. email: The email is invalid. 2. The fee is invalid."),
        [
            ("email".to_owned(), "The email is invalid.".to_owned()),
            (String::new(), "The fee is invalid.".to_owned())
        ]
    );
    for whole in [
        "1.5 is not a whole number",
        "The count must be at least 1. The rest is fine",
        "The title \"1. The 2. The\" is invalid.",
        "2. The Elms: unknown",
        "Address line 1. unknown",
    ] {
        assert_eq!(bare(whole), [whole]);
    }
    let twice = "1. The count must be at least 2. The note is odd 3. x";
    assert_eq!(bare(twice).len(), 1, "{:?}", bare(twice));
}

#[test]
fn an_sql_exception_is_one_message_about_its_column_and_without_its_statement() {
    let violation = "SQLSTATE[23000]: Integrity constraint violation: ";
    let tail = " (Connection: mysql, SQL: insert into `clients` (`email`, `note`) values (a@b.c, The note must be. The x is required., 1))";
    for (message, field) in [
        ("1062 Duplicate entry 'a@b.c' for key 'clients_email_unique'", "email"),
        ("1062 Duplicate entry 'a, b; c' for key 'clients.clients_last_name_unique'", "last_name"),
        ("1062 Duplicate entry '1' for key 'PRIMARY'", ""),
        ("1048 Column 'last_name' cannot be null", "last_name"),
        ("1406 Data too long for column 'title' at row 1", "title"),
        ("1292 Incorrect date value: '31/01/1970' for column 'dob' at row 1", "dob"),
        ("1292 Incorrect date value: '31/01/1970' for column `crm`.`clients`.`dob` at row 1", "dob"),
        ("1264 Out of range value for column 'fee' at row 1", "fee"),
        ("1364 Field 'uuid' doesn't have a default value", "uuid"),
        ("1136 Column count doesn't match value count at row 1", ""),
        (
            "1452 Cannot add or update a child row: a foreign key constraint fails (`crm`.`plans`, CONSTRAINT `plans_client_id_foreign` FOREIGN KEY (`client_id`) REFERENCES `clients` (`id`))",
            "client_id",
        ),
        (
            "7 ERROR:  duplicate key value violates unique constraint \"clients_email_unique\"\nDETAIL:  Key (email)=(a@b.c) already exists.",
            "email",
        ),
        (
            "7 ERROR:  duplicate key value violates unique constraint \"clients_a_b_unique\"\nDETAIL:  Key (a, b)=(1, 2) already exists.",
            "a_b",
        ),
        (
            "7 ERROR:  null value in column \"last_name\" of relation \"clients\" violates not-null constraint\nDETAIL:  Failing row contains (1, Ann, null).",
            "last_name",
        ),
        ("19 NOT NULL constraint failed: strict_clients.last_name", "last_name"),
        ("19 UNIQUE constraint failed: clients.email", "email"),
        ("19 UNIQUE constraint failed: clients.email, clients.firm", ""),
        (
            "Cannot insert the value NULL into column 'dob', table 'crm.dbo.clients'; column does not allow nulls.",
            "dob",
        ),
    ] {
        let exception = format!("{violation}{message}");
        let expected = [(field.to_owned(), exception.clone())];
        for cell in [
            format!("{exception}{tail}"),
            format!("Import failed: {exception}{tail}"),
            format!("Illuminate\\Database\\QueryException: {exception}{tail}"),
            format!(
                "[\"{}\"]",
                format!("{exception}{tail}").replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
            ),
        ] {
            assert_eq!(split_cell(&cell), expected, "{cell}");
        }
        let whole = format!("{exception}{tail}");
        let own = ParsedMessage::whole(&whole).into_owned();
        assert_eq!((own.field.unwrap_or_default().into_owned(), own.message.into_owned()), expected[0]);
    }
    let after = format!("The email is invalid., {violation}1048 Column 'x' cannot be null{tail}");
    assert_eq!(split_cell(&after).len(), 2);
    assert_eq!(bare("The note \"SQLSTATE[1], x\" is invalid."), ["The note \"SQLSTATE[1], x\" is invalid."]);
}

/// What a cell costs grows with its bytes and no faster.
#[test]
fn twice_the_cell_is_twice_the_work() {
    let steps = |cell: &str| {
        STEPS.set(0);
        messages(cell);
        STEPS.get()
    };
    for unit in [
        ",;",
        ", ",
        "; ",
        ". ",
        ".",
        "|",
        "\n",
        " \n",
        "\r\n",
        "'",
        "\"",
        "a,\"b\";",
        "The a must b, ",
        "The a must b. ",
        "The a is required",
        "The , must ",
        " must ",
        "a: The b, ",
        "a.b.c: The ",
        ": The ",
        "a:",
        "1. ",
        "1. A 2. A ",
        "1. The a must be 2. The ",
        "1) A\n",
        "<br>",
        "<br> ",
        "<br>A",
        "<",
        "<p",
        "<b><i>",
        "< br >",
        "&amp;",
        "&",
        "<br>&#",
        "SQLSTATE[",
        "SQLSTATE[1]: ",
        "\"SQLSTATE[",
        " (SQL: ",
        "x (and ",
        " more errors)",
        "-",
        "• ",
        "{",
        "[",
        "(",
        ")",
        "The ",
        "é, ",
        "\u{a0}",
        "The a must b\u{a0}",
    ] {
        let (once, twice) = (unit.repeat(1_000), unit.repeat(2_000));
        for (before, after) in [
            ("", ""),
            ("The note \"", "\" must be a. The b is required."),
            ("1. The a must ", " 2. B"),
            ("A<br>", ""),
            ("SQLSTATE[", ""),
        ] {
            let (once, twice) =
                (steps(&format!("{before}{once}{after}")), steps(&format!("{before}{twice}{after}")));
            assert!(twice <= 2 * once + 2_000, "{before}{unit}…{after}: {once} {twice}");
            assert!(twice <= 400 * unit.len() * 2_000, "{before}{unit}…{after}: {twice}");
        }
    }
    // A key is no field however long, and is not kept with each message.
    let json = format!("{{\"{}\": [{}\"\"]}}", "k".repeat(5_000), "\"m\",".repeat(1_000));
    assert!(messages(&json).iter().all(|parsed| parsed.field.is_none()));
}
