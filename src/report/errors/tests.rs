use super::*;
use crate::report::header::Headers;
use crate::report::{Limits, read};

fn split_cell(cell: &str) -> Vec<(String, String)> {
    split::messages(cell)
        .into_iter()
        .map(|parsed| (parsed.field.unwrap_or_default().into_owned(), parsed.message.into_owned()))
        .collect()
}

#[test]
fn a_cell_is_cut_between_messages_and_never_within_one() {
    let bare = |messages: &[&str]| -> Vec<(String, String)> {
        messages.iter().map(|m| (String::new(), (*m).to_owned())).collect()
    };
    let (required, taken) = ("The email field is required.", "The phone has already been taken.");
    for joint in [", ", "; ", ";", "\n", "\r\n", " | ", "|", " ", ","] {
        let cell = format!("{required}{joint}{taken}");
        assert_eq!(split_cell(&cell), bare(&[required, taken]), "{cell:?}");
    }
    for whole in [
        "The title must be one of: Mr, Mrs, Ms, The Rt Hon.",
        "The amount must be between 1,000 and 2,000.",
        "The name \"Smith, The Elms is invalid.\" is invalid.",
        "The address 12 High St., The Elms is invalid.",
        "Provider unknown: Avíva, Ltd",
        "The client's plan, however old, must be open.",
        "No client matches; check the reference",
    ] {
        assert_eq!(split_cell(whole), bare(&[whole]), "{whole:?}");
    }
    let mixed = "Provider unknown: Aviva., The plan type is invalid., Closed.";
    assert_eq!(
        split_cell(mixed),
        bare(&["Provider unknown: Aviva.", "The plan type is invalid.", "Closed."])
    );
    assert_eq!(split_cell("The email is invalid. (and 2 more errors)"), bare(&["The email is invalid."]));
    assert_eq!(split_cell("The email is invalid.;"), bare(&["The email is invalid."]));
    assert_eq!(split_cell(" \n "), bare(&[]));
    assert_eq!(split_cell("- The email is invalid.\n- The phone is invalid.").len(), 2);
}

#[test]
fn a_field_beside_the_message_is_recognised() {
    let expect = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(f, m)| ((*f).to_owned(), (*m).to_owned())).collect()
    };
    let (bad, required) = ("The email is invalid.", "The phone field is required.");
    let both = expect(&[("email", bad), ("phone", required)]);
    assert_eq!(split_cell("email: The email is invalid., phone: The phone field is required."), both);
    assert_eq!(
        split_cell(r#"{"email":["The email is invalid."],"phone":"The phone field is required."}"#),
        both
    );
    assert_eq!(
        split_cell(
            r#"[{"field":"email","messages":["The email is invalid."]},{"attribute":"phone","errors":["The phone field is required."]}]"#
        ),
        both
    );
    assert_eq!(split_cell(r#"["The email is invalid.", null, ""]"#), expect(&[("", bad)]));
    assert_eq!(split_cell(r#"{"errors":{"email":[["The email is invalid."]]}}"#), expect(&[("email", bad)]));
    assert_eq!(split_cell("Row 12: The email is invalid."), expect(&[("", bad)]));
    assert_eq!(split_cell("{not json}"), expect(&[("", "{not json}")]));
}

/// Field and column of each problem of a row.
type Found = Vec<(String, Option<usize>)>;

fn problems(csv: &str, mapping: Option<&Mapping>) -> (Columns, Vec<Found>) {
    let table = read(csv.as_bytes(), &Limits::default()).unwrap();
    let columns = Columns::find(&table, &Headers::new(mapping));
    let problems = Problems::read(&table, &columns, mapping, &Cancel::default());
    let found = (0..table.len())
        .map(|row| problems.of(row).map(|p| (p.field.as_str().to_owned(), p.column)).collect())
        .collect();
    (columns, found)
}

#[test]
fn messages_find_their_field_and_its_column() {
    let mapping = Mapping {
        columns: vec![
            ("Surname".into(), Some("last_name".into())),
            ("E-mail".into(), Some("contact_email".into())),
            ("Line 1".into(), Some("address_line_1".into())),
        ],
    };
    for (message, field, column) in [
        ("The contact email field is required.", "contact_email", Some(1)),
        ("The e-mail ann@example.com has already been taken.", "e_mail", Some(1)),
        ("The last name must not be greater than 255 characters.", "last_name", Some(0)),
        ("The address line 1 field is required.", "address_line_1", Some(2)),
        ("The 12.contact_email is invalid.", "contact_email", Some(1)),
        ("The selected plan type is invalid.", "plan_type", None),
        ("The plan \"X\" does not exist.", "plan", None),
        ("Surname unknown: Smyth", "surname", Some(0)),
        ("Something went wrong", "", None),
    ] {
        let quoted = message.replace('"', "\"\"");
        let (_, found) =
            problems(&format!("Surname,E-mail,Line 1,errors\na,b,c,\"{quoted}\"\n"), Some(&mapping));
        assert_eq!(found, [[(field.to_owned(), column)]], "{message}");
    }
}

#[test]
fn error_columns_are_found_by_header_by_content_and_by_place() {
    let taken = "The email has already been taken.";
    let split = |csv: &str, mapping: Option<&Mapping>| {
        let columns = problems(csv, mapping).0;
        (columns.own, columns.messages, columns.fields, columns.added)
    };
    for (csv, own, messages, fields) in [
        (format!("email,Errors\na,{taken}\n"), vec![0], vec![1], vec![]),
        (format!("Validation errors;email\n{taken};a\n"), vec![1], vec![0], vec![]),
        (format!("email,why\na,{taken}\nb,{taken}\n"), vec![0], vec![1], vec![]),
        ("Reason,email,error\nMoved house,a,No\n".to_owned(), vec![0, 1], vec![2], vec![]),
        ("email,Reason\na,Not known here\n".to_owned(), vec![0], vec![1], vec![]),
        (format!("email,field,message\na,email,{taken}\n"), vec![0], vec![2], vec![1]),
        (format!("email,error_field,error_message\na,email,{taken}\n"), vec![0], vec![2], vec![1]),
        (format!("email,email_error,age\na,{taken},9\nb,,9\n"), vec![0, 2], vec![1], vec![]),
        ("email,Notes\na,The client must not be called.\nb,Nice\n".to_owned(), vec![0, 1], vec![], vec![]),
        ("email,name\n".to_owned(), vec![0, 1], vec![], vec![]),
    ] {
        assert_eq!(split(&csv, None), (own, messages, fields, vec![]), "{csv}");
    }
    let mapping = Mapping { columns: vec![("Error".into(), None), ("Email".into(), None)] };
    let csv = format!("Row,Error,Email,Errors\n7,none,a,{taken}\n");
    assert_eq!(split(&csv, Some(&mapping)), (vec![1, 2], vec![3], vec![], vec![0]));
    // Headers that are not all there prove nothing.
    let csv = format!("Row,Age,Email,Errors\n7,9,a,{taken}\n");
    assert_eq!(split(&csv, Some(&mapping)), (vec![0, 1, 2], vec![3], vec![], vec![]));
}

#[test]
fn a_field_column_names_the_field_of_a_lone_message() {
    let (_, found) = problems("Mail,field,error\na,mail,Taken\nb,mail,\"{\"\"age\"\":\"\"No\"\"}\"\n", None);
    assert_eq!(found, [vec![("mail".to_owned(), Some(0))], vec![("age".to_owned(), None)]]);
}

#[test]
fn the_same_words_about_many_fields_are_not_compared_with_each_other() {
    let steps = |fields: usize| {
        let cell: Vec<String> = (0..fields).map(|nth| format!("\"\"f{nth}\"\":\"\"No\"\"")).collect();
        let csv = format!("email,errors\na,\"{{{}}}\"\n", cell.join(","));
        crate::report::steps::of(|| assert_eq!(problems(&csv, None).1[0].len(), fields))
    };
    let (once, twice) = (steps(1_000), steps(2_000));
    assert!(twice <= 2 * once + 100, "{once} {twice}");
}

#[test]
fn the_same_message_is_one_whoever_names_its_field() {
    // More rows than one thread reads.
    for (one, other) in [("mail", ""), ("", "mail")] {
        let mut csv = "mail,field,error\n".to_owned();
        for field in [one, other].iter().cycle().take(9_001) {
            csv.push_str(&format!("a,{field},The mail is bad.\n"));
        }
        let table = read(csv.as_bytes(), &Limits::default()).unwrap();
        let columns = Columns::find(&table, &Headers::new(None));
        let problems = Problems::read(&table, &columns, None, &Cancel::default());
        assert_eq!(format!("{problems:?}"), "Problems(9001, 1 different)");
        assert!((0..table.len()).all(|row| problems.ids(row) == [0]));
    }
}

#[test]
fn a_column_of_other_fields_is_looked_up_field_by_field() {
    let steps = |rows: usize| {
        let mut csv = "email,field,error\n".to_owned();
        (0..rows).for_each(|row| csv.push_str(&format!("a,f{row},No\n")));
        crate::report::steps::of(|| assert_eq!(problems(&csv, None).1.len(), rows))
    };
    let (once, twice) = (steps(1_000), steps(2_000));
    assert!(twice <= 2 * once + 100, "{once} {twice}");
}
