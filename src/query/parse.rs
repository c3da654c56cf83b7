//! Terms into tests, or the first mistake.

use super::fields::{FIELDS, Field, Number, STATES, State, Takes, nearest};
use super::matcher::{Test, Word};
use super::scan::{Name, Part, Term, terms};
use super::value::{Comparison, Moment, duration, number};
use super::{Clause, Mistake};

/// Reads a filter; terms that restrict nothing yet are left out.
pub(super) fn clauses(text: &str) -> Result<Vec<Clause>, Mistake> {
    let clauses = terms(text).into_iter().map(clause).collect::<Result<Vec<_>, _>>()?;
    Ok(clauses.into_iter().filter(|clause| !clause.tests.is_empty()).collect())
}

fn clause(term: Term) -> Result<Clause, Mistake> {
    let mut tests = Vec::new();
    let mut field = None;
    for part in &term.parts {
        if let Some(name) = &part.field {
            field = Some(known(name)?);
        }
        if part.text.is_empty() || (part.text == "-" && !part.literal) {
            continue;
        }
        if part.text.starts_with('-') && !part.literal {
            let message = "- stands before a whole term, as in -type:clients,plans; quote it if it is meant";
            return Err(mistake(part, message));
        }
        match field {
            Some(field) => tests.extend(value(field, part)?),
            None => tests.push(Test::Word(Word::new(&part.text, part.literal))),
        }
    }
    Ok(Clause { negated: term.negated, tests })
}

fn known(name: &Name) -> Result<&'static Field, Mistake> {
    Field::named(&name.text).ok_or_else(|| {
        let typed = &name.text;
        let message = match nearest(typed, FIELDS.iter().map(|field| field.name)) {
            Some(near) => format!("no field is called {typed}: did you mean {near}:?"),
            None => format!("no field is called {typed}; there are {}", list(FIELDS.iter().map(|f| f.name))),
        };
        Mistake { span: name.span.clone(), message }
    })
}

fn value(field: &'static Field, part: &Part) -> Result<Vec<Test>, Mistake> {
    let wrong = |what: &str| mistake(part, format!("{}: takes {what}", field.name));
    match field.takes {
        Takes::Text(text) => {
            let whole = (!part.literal).then(|| part.text.strip_prefix('=')).flatten();
            let value = whole.unwrap_or(&part.text);
            Ok((!value.is_empty()).then(|| Test::text(text, value, whole.is_some())).into_iter().collect())
        }
        Takes::Number(which) => {
            let (comparison, rest) = Comparison::split(&part.text);
            let value = if which == Number::Progress {
                number(rest.strip_suffix('%').unwrap_or(rest)).filter(|value| *value <= 100)
            } else {
                number(rest)
            };
            let what = if which == Number::Progress {
                "a whole per cent from 0 to 100, as in progress:<50".to_owned()
            } else {
                format!("a whole number, as in {0}:>0 or {0}:>=1.5k", field.name)
            };
            let value = value.ok_or_else(|| wrong(&what))?;
            Ok(vec![Test::Number(which, comparison.unwrap_or(Comparison::Equal), value)])
        }
        Takes::Age => {
            let (comparison, rest) = Comparison::split(&part.text);
            let age = duration(rest).filter(|_| comparison != Some(Comparison::Equal));
            let age = age.ok_or_else(|| wrong("< or > and a duration, as in age:<2h or age:>1d12h"))?;
            Ok(vec![Test::Age(comparison.unwrap_or(Comparison::AtMost), age)])
        }
        Takes::Since | Takes::Until => {
            let what = "a day, today, yesterday or a duration, as in since:2026-11-01 or since:3d";
            let moment =
                Moment::parse(&part.text).ok_or_else(|| wrong(&what.replace("since", field.name)))?;
            Ok(vec![if field.takes == Takes::Since { Test::Since(moment) } else { Test::Until(moment) }])
        }
        Takes::State => states(part),
        Takes::Has => {
            let begun = "report".starts_with(&part.text.to_ascii_lowercase());
            if begun { Ok(vec![Test::Report]) } else { Err(wrong("report")) }
        }
    }
}

/// The state of that name, or every state whose name begins so.
fn states(part: &Part) -> Result<Vec<Test>, Mistake> {
    let typed = part.text.to_ascii_lowercase();
    let such = |fits: &dyn Fn(&State) -> bool| -> Vec<Test> {
        STATES.iter().filter(|state| fits(state)).map(Test::State).collect()
    };
    let exact = such(&|state| state.name == typed);
    let found = if exact.is_empty() { such(&|state| state.name.starts_with(&typed)) } else { exact };
    if found.is_empty() {
        let names = || STATES.iter().map(|state| state.name);
        let hint = nearest(&typed, names()).map_or_else(
            || format!("is: takes {}", list(names())),
            |near| format!("did you mean is:{near}?"),
        );
        return Err(mistake(part, hint));
    }
    Ok(found)
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

fn mistake(part: &Part, message: impl Into<String>) -> Mistake {
    Mistake { span: part.span.clone(), message: message.into() }
}
