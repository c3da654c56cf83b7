use jiff::tz::{TimeZone, offset};
use proptest::prelude::*;

use super::samples::{imports, now};
use super::*;
use crate::domain::account::{Account, AccountId};
use crate::domain::import::{Import, Kind, Person};
use crate::domain::snapshot::Watched;
use crate::domain::snapshot::tests::import;

/// Which of the sample imports a filter lets through, by letter.
fn shown_in(text: &str, zone: &TimeZone) -> String {
    let query = Query::parse(text, zone).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut matching = Matching::default();
    let passes =
        imports().into_iter().map(|watched| query.matches(&Listed::from(&watched), now(), &mut matching));
    "ABCDEF".chars().zip(passes).filter_map(|(letter, passes)| passes.then_some(letter)).collect()
}

#[track_caller]
fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(shown_in(text, &TimeZone::UTC), *expected, "{text}");
    }
}

#[test]
fn words_match_what_is_shown_of_an_import() {
    check(&[
        ("", "ABCDEF"),
        ("clients", "AF"),
        ("clents", "AF"),
        ("plan", "B"),
        ("clients update", "F"),
        ("Clients", ""),
        ("provider statement", "D"),
        ("\"provider statement\"", "D"),
        ("\"clents\"", ""),
        ("provst", "D"),
        ("create", "AD"),
        ("store", "AD"),
        ("merge", "E"),
        ("cancelled", "F"),
        ("queued", "D"),
        ("stalled", "B"),
        ("done", "CE"),
        ("\"with failures\"", "C"),
        ("gt", "A"),
        ("chmo", "D"),
        ("crop", ""),
        ("hrst", ""),
        ("Priya", "BC"),
        ("zoe", "F"),
        ("zoë", "F"),
        ("o'b", "F"),
        ("fairweather", ""),
        ("bbbb", "B"),
        ("0656", "ABCDEF"),
        ("656-1", "A"),
        ("bbb", ""),
        ("quite absent", ""),
    ]);
}

#[test]
fn terms_are_and_commas_are_or_and_a_dash_is_not() {
    check(&[
        ("type:clients,plans", "ABF"),
        ("type:clients,plans -mode:update", "A"),
        ("-type:clients,plans", "CDE"),
        ("-clients -plans", "CDE"),
        ("clients,plans", "ABF"),
        ("failed:>0,is:stalled", "ABC"),
        ("plans,type:notes,valuations", "BCE"),
        ("type:clients,,", "AF"),
        (",", "ABCDEF"),
        ("  type:clients   update ", "F"),
        ("TYPE:CLIENTS", "AF"),
    ]);
}

#[test]
fn text_fields_take_a_part_or_with_an_equals_sign_the_whole() {
    check(&[
        ("type:cl", "AF"),
        ("type:=cl", ""),
        ("type:=clients", "AF"),
        ("type:statement", "D"),
        ("type:\"provider statement\"", "D"),
        ("type:=\"provider statement\"", "D"),
        ("type:\"=clients\"", ""),
        ("mode:create", "AD"),
        ("mode:store", "AD"),
        ("mode:MERGE", "E"),
        ("status:processing", "AB"),
        ("status:\"in progress\"", "E"),
        ("by:priya", "BC"),
        ("by:\"priya s\"", "BC"),
        ("by:gareth@fair", "A"),
        ("by:5eb1", "ABCDF"),
        ("by:prya", ""),
        ("uuid:FF", "F"),
        ("uuid:56-3", "C"),
        // A word in the uuid; a capital makes case count.
        ("0656-3", "C"),
        ("656b", ""),
        ("cccc0", "C"),
        ("CCCC0", ""),
    ]);
}

#[test]
fn numbers_are_compared() {
    check(&[
        ("failed:>0", "AC"),
        ("failed:0", "BDEF"),
        ("failed:=12", "A"),
        ("total:>=1k", "ABC"),
        ("total:>1000", "AC"),
        ("total:<=1k total:>0", "BEF"),
        ("total:9.95k", "C"),
        ("pending:10", "F"),
        ("succeeded:>=1K", "AC"),
        ("progress:<50", "BDF"),
        ("progress:<50%", "BDF"),
        ("progress:100", "CE"),
    ]);
}

#[test]
fn what_is_not_known_is_no_number() {
    let watched = |name, word| Arc::new(Watched::at_first_sight(import(name, 10, word, (10, 4, 1)), now()));
    // It was cancelled before anybody saw how far it had come.
    let [cancelled, running] = [watched("a", "cancelled"), watched("b", "processing")];
    let passes = |text: &str| {
        let query = Query::parse(text, &TimeZone::UTC).unwrap();
        query.matches(&Listed::from(&cancelled), now(), &mut Matching::default())
    };
    for text in
        ["succeeded:>=0", "succeeded:0", "pending:>=0", "pending:<100", "progress:>=0", "progress:<50%"]
    {
        assert!(!passes(text) && passes(&format!("-{text}")), "{text}");
    }
    assert!(passes("failed:1 total:10"));
    for (key, reversed) in
        [SortKey::Progress, SortKey::Done].into_iter().flat_map(|key| [(key, false), (key, true)])
    {
        let arranged = Sort { key, reversed }.arranged([&cancelled, &running]);
        assert_eq!(arranged.last(), Some(&cancelled), "{key:?}, reversed: {reversed}");
    }
}

#[test]
fn times_count_from_now_or_by_the_day() {
    check(&[
        ("age:<2h", "AD"),
        ("age:29m", "A"),
        ("age:<30m", "A"),
        ("age:<=30m", "AD"),
        ("age:>1d12h", "CF"),
        ("-age:<2w", "EF"),
        ("age:>1mo", "F"),
        ("age:<1y", "ABCDF"),
        ("since:1mo", "ABCD"),
        ("since:2026-11-11", "ABD"),
        ("since:2026-11-12", "AD"),
        ("until:2026-11-11", "BCF"),
        ("since:2026-11-9 until:2026-11-11", "BC"),
        ("since:today", "AD"),
        ("until:yesterday", "BCF"),
        ("since:yesterday until:yesterday", "B"),
        ("since:3d", "ABD"),
        ("until:3d", "CF"),
    ]);
    assert_eq!(shown_in("since:2026-11-12", &TimeZone::fixed(offset(1))), "ABD");
    assert_eq!(shown_in("since:today", &TimeZone::fixed(offset(1))), "ABD");
}

#[test]
fn a_prefix_of_a_state_is_enough() {
    check(&[
        ("is:running", "AB"),
        ("is:run", "AB"),
        ("is:unfinished", "ABD"),
        ("is:un", "ABD"),
        ("is:stalled", "B"),
        ("is:queued", "D"),
        ("is:finishing", ""),
        ("is:failed", "ACF"),
        ("is:f", "ACF"),
        ("is:done", "CEF"),
        ("is:Done_with", "C"),
        ("is:done -is:failed", "E"),
        ("has:report", "C"),
        ("-has:rep", "ABDEF"),
        ("has:failures", "AC"),
        ("-has:fail,rep", "BDEF"),
    ]);
}

fn seen_by(account: &Arc<Account>, mut watched: Arc<Watched>) -> Arc<Watched> {
    Arc::make_mut(&mut watched).import.seen_by = Some(Arc::clone(account));
    watched
}

#[test]
fn me_is_the_person_with_the_account() {
    let shown = |text: &str, account: &str| {
        let query = Query::parse(text, &TimeZone::UTC).unwrap();
        let mut matching = Matching::default();
        let account = Arc::new(Account::unnamed(AccountId::new(account).unwrap()));
        let seen = imports().into_iter().map(|watched| seen_by(&account, watched));
        let passes = seen.map(|watched| query.matches(&Listed::from(&watched), now(), &mut matching));
        passes.filter(|passes| *passes).count()
    };
    assert_eq!(shown("by:me", "5EB1C3A0-77"), 5);
    assert_eq!(shown("-by:ME", "5eb1c3a0-77"), 1);
    assert_eq!(shown("by:me,gareth", "another"), 1);
    assert_eq!(shown("by:\"me\"", "5eb1c3a0-77"), 0, "in quotes it is a part of a name");
}

#[test]
fn every_part_of_a_text_is_found_wherever_it_is() {
    let text = "60e9e021-3256-4f38-b9b3-3628e3917cab";
    let person = Person { email: text.into(), ..Person::default() };
    let import = Import {
        kind: Kind::new(text),
        started_by: Some(person.into()),
        ..import(text, 0, "completed", (1, 0, 0))
    };
    let listed = Listed::from(&Arc::new(Watched::at_first_sight(import, now())));
    let mut matching = Matching::default();
    for (from, to) in (0..text.len()).flat_map(|from| (from + 1..=text.len()).map(move |to| (from, to))) {
        let part = &text[from..to];
        for part in [part, &part.to_uppercase()] {
            for field in ["uuid", "type", "by"] {
                let query = Query::parse(&format!("{field}:\"{part}\""), &TimeZone::UTC).unwrap();
                assert!(query.matches(&listed, now(), &mut matching), "{field}:{part}");
            }
        }
        let word = Query::parse(&format!("\"{part}\""), &TimeZone::UTC).unwrap();
        assert!(word.matches(&listed, now(), &mut matching), "{part}");
    }
}

#[test]
fn a_word_matches_the_firm_only_where_firms_are_shown() {
    let firm = Account { firm: "Northgate Wealth".into(), ..Account::unnamed(AccountId::new("a").unwrap()) };
    let firm = Arc::new(firm);
    let shown = |text: &str, of_several: bool| {
        let query = Query::parse(text, &TimeZone::UTC).unwrap().of_several(of_several);
        let mut matching = Matching::default();
        let of_firm = imports().into_iter().step_by(2).map(|watched| seen_by(&firm, watched));
        let all: Vec<_> = of_firm.chain(imports()).collect();
        all.iter().filter(|watched| query.matches(&Listed::from(*watched), now(), &mut matching)).count()
    };
    assert_eq!((shown("northgate", false), shown("northgate", true)), (0, 3));
    assert_eq!((shown("firm:northgate", false), shown("-firm:\"north\"", true)), (3, 6));
}

#[test]
fn a_mistaken_term_restricts_nothing() {
    let table = [
        ("tpye:x", ""),
        ("is:done tpye:x", "is:done"),
        ("failed:>0,age:x clients", "clients"),
        ("-is:no", ""),
    ];
    for (text, same) in table {
        let (query, error) = Query::parse_leniently(text, &TimeZone::UTC);
        assert_eq!(Ok(query), Query::parse(same, &TimeZone::UTC), "{text}");
        assert!(error.is_some());
    }
}

#[test]
fn fields_and_values_are_completed_before_the_cursor() {
    let field = |name: &str, values: &[&str]| Completable {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let fields = [
        field("type", &["clients", "plans", "provider statement"]),
        field("is", &["running", "stalled"]),
        field("total", &[]),
        field("by", &["Ann \"B\"", "O, Neil", "-x"]),
    ];
    let table: [(&str, &str, &[&str]); 17] = [
        ("", "", &["type:", "is:", "total:", "by:"]),
        ("clients ", "", &["type:", "is:", "total:", "by:"]),
        ("t", "t", &["type:", "total:"]),
        ("a -TY", "TY", &["type:"]),
        ("x", "x", &[]),
        ("type:", "", &["clients", "plans", "\"provider statement\""]),
        ("type:P", "P", &["plans", "\"provider statement\""]),
        ("type:s", "s", &["clients", "plans", "\"provider statement\""]),
        ("type:=pl", "pl", &["plans"]),
        ("type:\"provider s", "\"provider s", &["\"provider statement\""]),
        ("type:clients,i", "i", &["clients", "\"provider statement\"", "is:"]),
        ("type:clients,is:st", "st", &["stalled"]),
        ("total:", "", &[]),
        ("nothing:", "", &[]),
        ("by:", "", &["\"O, Neil\"", "\"-x\""]),
        ("by:\"", "\"", &["\"O, Neil\"", "\"-x\""]),
        ("\"t", "\"t", &[]),
    ];
    for (text, replaced, candidates) in table {
        let completion = complete(&format!("{text} more"), text.len(), &fields, false);
        let expected: Vec<String> = candidates.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(
            (&text[completion.span], completion.candidates.as_slice()),
            (replaced, expected.as_slice()),
            "{text}"
        );
    }
    let columns = [field("Post code", &[]), field("DOB", &[]), field("2nd", &[])];
    assert_eq!(complete("", 0, &columns, true).candidates, ["\"Post code\":", "DOB:", "\"2nd\":"]);
    assert_eq!(complete("\"post c", 7, &columns, true).candidates, ["\"Post code\":"]);
}

#[test]
fn an_incomplete_filter_is_accepted() {
    check(&[
        ("type:", "ABCDEF"),
        ("-type:", "ABCDEF"),
        ("type:=", "ABCDEF"),
        ("failed:", "ABCDEF"),
        ("is:", "ABCDEF"),
        ("-", "ABCDEF"),
        ("clients,-", "AF"),
        ("\"", "ABCDEF"),
        ("by:\"", "ABCDEF"),
        ("by:\"priya s", "BC"),
        ("type: clients", "AF"),
    ]);
}

#[test]
fn an_error_says_where_it_is_and_what_is_valid() {
    let table = [
        ("is:done tpye:x", "tpye:", "unknown field tpye: did you mean type:?"),
        ("fail:>0", "fail:", "unknown field fail: did you mean failed:?"),
        (
            "é https://x",
            "https:",
            "unknown field https; the fields are type, mode, status, by, firm, uuid, is, has, failed, succeeded, \
             pending, total, progress, age, since, until",
        ),
        ("failed:>", ">", "failed: takes a whole number, as in failed:>0 or failed:>=1.5k"),
        ("a failed:0,>x b", ">x", "failed: takes a whole number, as in failed:>0 or failed:>=1.5k"),
        ("total:0.5", "0.5", "total: takes a whole number, as in total:>0 or total:>=1.5k"),
        (
            "total:99999999999999999999",
            "99999999999999999999",
            "total: takes a whole number, as in total:>0 or total:>=1.5k",
        ),
        ("progress:>150", ">150", "progress: takes a whole percentage from 0 to 100, as in progress:<50"),
        ("age:<2", "<2", "age: takes < or > and a duration, as in age:<2h or age:>1d12h"),
        ("age:=2h", "=2h", "age: takes < or > and a duration, as in age:<2h or age:>1d12h"),
        (
            "since:2026-13-01",
            "2026-13-01",
            "since: takes a day, today, yesterday or a duration, as in since:2026-11-01 or since:3d",
        ),
        (
            "until:\"soon ✓\"",
            "\"soon ✓\"",
            "until: takes a day, today, yesterday or a duration, as in until:2026-11-30 or until:3d",
        ),
        (
            "is:stuck",
            "stuck",
            "is: takes trouble, running, stalled, finishing, queued, unfinished, failed, done, done_with_failures, cancelled, unknown",
        ),
        ("is:runing", "runing", "did you mean is:running?"),
        ("has:errors", "errors", "has: takes report or failures"),
        (
            "type:-clients",
            "-clients",
            "- negates a whole term, as in -type:clients,plans; put a literal - in quotes",
        ),
        ("a,-b", "-b", "- negates a whole term, as in -type:clients,plans; put a literal - in quotes"),
    ];
    for (text, marked, message) in table {
        let error = Query::parse(text, &TimeZone::UTC).expect_err(text);
        assert_eq!((&text[error.span.clone()], error.message.as_str()), (marked, message), "{text}");
    }
}

#[test]
fn the_helps_examples_are_valid() {
    for field in FIELDS {
        let text = format!("{}:{}", field.name, field.value);
        assert!(Query::parse(&text, &TimeZone::UTC).is_ok_and(|query| !query.is_empty()), "{text}");
    }
    for state in STATES {
        assert!(Query::parse(&format!("is:{}", state.name), &TimeZone::UTC).is_ok());
    }
}

/// Text made of what means something to the language, and of what means nothing to anybody.
fn any_filter() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "type:",
            "failed:",
            "is:",
            "age:",
            "since:",
            "progress:",
            "by:",
            "x:",
            "-",
            ",",
            "\"",
            " ",
            ">",
            "<=",
            "=",
            "clients",
            "run",
            "12",
            "1.5k",
            "%",
            "2h",
            "1w",
            "2026-11-01",
            "é",
            "日本",
            "e\u{301}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,4}",
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_text_with_a_mistaken_term_matches_what_it_matches_without_it(
        before in any_filter(),
        mistaken in "-?(tpye:[a-z]{0,3}|failed:>x|age:(<2|x),is:done|is:no|a,-b|clients,since:never)",
        after in any_filter(),
    ) {
        // An open quote would take in what follows.
        prop_assume!(before.matches('"').count() % 2 == 0);
        let (with, error) = Query::parse_leniently(&format!("{before} {mistaken} {after}"), &TimeZone::UTC);
        let (without, _) = Query::parse_leniently(&format!("{before} {after}"), &TimeZone::UTC);
        prop_assert!(error.is_some());
        let mut matching = [Matching::default(), Matching::default()];
        for watched in imports() {
            let [first, second] = &mut matching;
            let listed = Listed::from(&watched);
            prop_assert_eq!(with.matches(&listed, now(), first), without.matches(&listed, now(), second));
        }
    }

    #[test]
    fn a_completion_replaces_what_is_before_the_cursor(text in any_filter(), at in any::<prop::sample::Index>()) {
        let cursor = (0..=text.len()).rev().filter(|at| text.is_char_boundary(*at)).collect::<Vec<_>>();
        let cursor = cursor[at.index(cursor.len())];
        let values = vec!["clients".to_owned(), "a b".to_owned(), "=x".to_owned()];
        let fields: Vec<_> =
            FIELDS.iter().map(|it| Completable { name: it.name.to_owned(), values: values.clone() }).collect();
        let completion = complete(&text, cursor, &fields, false);
        prop_assert!(completion.span.end == cursor && text.get(completion.span.clone()).is_some());
    }

    #[test]
    fn any_text_is_a_filter_or_an_error_within_it(text in any_filter()) {
        match Query::parse(&text, &TimeZone::UTC) {
            Ok(query) => {
                let mut matching = Matching::default();
                for watched in imports() {
                    query.matches(&Listed::from(&watched), now(), &mut matching);
                }
            }
            Err(error) => {
                prop_assert!(text.get(error.span.clone()).is_some_and(|marked| !marked.is_empty()));
                prop_assert!(!error.message.is_empty() && !error.message.contains('\n'));
            }
        }
    }

    #[test]
    fn a_dash_shows_exactly_what_was_hidden(
        term in "(type|by|status|uuid):=?[a-z0-9]{1,3}|(failed|total):[<>]?=?[0-9]{1,4}|age:[<>]?[0-9]{1,2}[hd]|is:(running|failed|done)|[a-z]{1,4}|(clients|plans),[a-z]{1,2}",
    ) {
        let query = Query::parse(&term, &TimeZone::UTC);
        let negated = Query::parse(&format!("-{term}"), &TimeZone::UTC);
        prop_assert_eq!(query.is_ok(), negated.is_ok());
        if let (Ok(query), Ok(negated)) = (query, negated) {
            let mut matching = Matching::default();
            for watched in imports() {
                let passes = query.matches(&Listed::from(&watched), now(), &mut matching);
                prop_assert_ne!(passes, negated.matches(&Listed::from(&watched), now(), &mut matching), "{}", term);
            }
        }
    }
}
