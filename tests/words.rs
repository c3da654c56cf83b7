//! Texts for the user use the words that other terminal programs use: the program's strings, the help, README and guides
//! contain none of the phrases that were replaced.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

/// Replaced phrases in lower case, with what to write instead.
const REPLACED: &[(&str, &str)] = &[
    ("stumbl", "server error (500)"),
    ("given up", "cancelled"),
    ("gives it up", "cancels"),
    ("nothing of it stays", "nothing was saved"),
    ("nothing is asked until", "paused: p resumes"),
    ("in contact again", "reconnected"),
    ("no contact", "offline"),
    ("watching again", "resumed"),
    ("go on asking", "resume refreshing"),
    ("fail newly", "new"),
    ("fails newly", "new"),
    ("fail no longer", "fixed"),
    ("the run before", "the previous run"),
    ("odd answer", "unexpected data"),
    ("written as a text", "is a string"),
    ("turn the order round", "reverse the order"),
    ("other way round", "reverse the order"),
    ("the row before", "previous row"),
    ("the view before", "previous view"),
    ("imports that are not over", "unfinished imports"),
    ("imports that are over", "finished imports"),
    ("look further back", "load older imports"),
    ("from a reason to its rows", "open the reason"),
    ("fg comes back", "`fg` resumes"),
    ("by the clock of the local zone", "clock times"),
    ("act for this account from now on", "switch to this account"),
    ("is in use already", "already active"),
    ("of the other firm", "belongs to another firm"),
    ("nothing more to tell", "finished imports send no notifications"),
    ("nothing outside this screen", "no notifications"),
    ("too seldom", "too long"),
    ("lies ahead", "is in the future"),
    ("is no url", "not a valid URL"),
    ("is no token", "not a valid token"),
    ("broke off", "interrupted"),
    ("taken up again", "resumed"),
    ("no way there", "network unreachable"),
    ("gives no way to", "refused to connect to"),
    ("is no british postcode", "is not a valid UK postcode"),
    ("is no number", "is not a number"),
    ("is no date", "is not a date"),
    ("day of any calendar", "are not real calendar dates"),
    ("say that they are not known", "are placeholders"),
    ("told by plannr", "not provided"),
    ("size not told", "size unknown"),
    ("as plannr wrote it", "unchanged"),
    ("hand-over", "summary"),
    ("all failed rows are needed first", "fetch the report"),
    ("the list holds everything", "all imports are loaded"),
    ("neither the status word nor the numbers", "state cannot be determined"),
    ("stays as it is", "not overwritten"),
    ("a browser would open at", "no browser here"),
    ("settings before stay", "keeping the previous settings"),
    ("settings read again", "configuration reloaded"),
    ("belongs cannot be known", "cannot determine the config directory"),
    ("tells the usual keys", "showing the default keys"),
    ("by comma", "comma-separated"),
    ("all types but these", "exclude these types"),
    ("created until then", "created on or before this date"),
    ("begin with client values", "start with client values"),
    ("now and then a rate limit", "occasional rate limits"),
    ("demo watches a server of its own", "not available with demo"),
    ("on either ground", "on any background"),
    ("for a dark ground", "for dark backgrounds"),
    ("for a light ground", "for light backgrounds"),
    ("sorted by by", "sorted by person"),
    ("belongs into", "belongs in"),
    ("belong into", "put them in"),
    ("by halves", "truncated"),
    ("rows were refused", "rows were rejected"),
    ("make a personal access token", "create a personal access token"),
    ("make a new token", "create a new token"),
    ("a text by the shell", "a string through the shell"),
    ("it runs as it is", "it is run directly"),
    ("the terminal is given back", "restored on exit"),
    ("when every term holds", "all terms must match"),
    ("a theme of your own is", "a custom theme overrides"),
    ("makes do with", "falls back to"),
    ("the steps of the way back", "breadcrumbs"),
    ("is waited for", "is retried"),
    ("known faults of the crates", "known vulnerabilities"),
    ("its owner's alone", "readable only by its owner"),
    ("yours alone", "private"),
    ("the one that is mended", "receives fixes"),
    ("whose eyes the program looks through", "the account that requests are made as"),
    ("is foretold", "is shown"),
    ("rate_limiter it round", "negates it"),
];

/// A text with where it is.
type Text = (String, String);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder that end so.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(path.strip_prefix(root()).unwrap().to_str().unwrap(), extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found
}

/// Appends the string literals of a file, without `#[cfg(test)]` modules, and with doc comments where clap prints them;
/// the names of test modules in files of their own go to `tests`.
fn literals(tokens: TokenStream, docs: bool, found: &mut Vec<String>, tests: &mut Vec<String>) {
    let mut for_tests = false;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '#' => {
                // `#![…]`
                tokens.next_if(|next| matches!(next, TokenTree::Punct(sign) if sign.as_char() == '!'));
                let Some(TokenTree::Group(attribute)) = tokens.peek() else { continue };
                let text = attribute.stream().to_string().replace(' ', "");
                for_tests |= text == "cfg(test)";
                if text.starts_with("doc=") && !docs {
                    tokens.next();
                }
            }
            TokenTree::Ident(word) if word == "mod" && for_tests => {
                let name = tokens.next().map(|name| name.to_string()).unwrap_or_default();
                match tokens.next() {
                    Some(TokenTree::Group(_)) => {}
                    _ => tests.push(name),
                }
                for_tests = false;
            }
            TokenTree::Ident(_) => {}
            TokenTree::Group(group) => literals(group.stream(), docs, found, tests),
            TokenTree::Literal(literal) => found.push(literal.to_string()),
            TokenTree::Punct(sign) => for_tests &= sign.as_char() != ';',
        }
    }
}

/// Lower case, on one line: neither a continued literal nor a wrapped paragraph hides a phrase.
fn plain(text: &str) -> String {
    let text = text.replace("\\n", " ").replace("\\\n", " ").replace("\n# ", " ").to_lowercase();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every text that a user may read.
fn texts() -> Vec<Text> {
    let mut texts: Vec<Text> = Vec::new();
    let mut tests: Vec<PathBuf> = Vec::new();
    for path in files("src", "rs") {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        let (mut found, mut modules) = (Vec::new(), Vec::new());
        let tokens = fs::read_to_string(&path).unwrap().parse().unwrap();
        literals(tokens, name.starts_with("src/cli"), &mut found, &mut modules);
        tests.extend(modules.iter().map(|module| path.with_extension("").join(module)));
        texts.extend(found.into_iter().map(|text| (name.clone(), plain(&text))));
    }
    let for_tests = |name: &str| {
        tests.iter().any(|module| root().join(name).starts_with(module.as_path()))
            || tests.iter().any(|module| module.with_extension("rs") == root().join(name))
    };
    texts.retain(|(name, _)| !for_tests(name));
    let pages = files("docs", "md").into_iter().chain([root().join("README.md")]);
    texts.extend(pages.map(|path| {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        (name, plain(&fs::read_to_string(path).unwrap()))
    }));
    texts
}

#[test]
fn no_text_contains_a_replaced_phrase() {
    let texts = texts();
    assert!(texts.len() > 1_000, "where are the texts?");
    let mut hits = Vec::new();
    for (name, text) in &texts {
        for (phrase, better) in REPLACED.iter().filter(|(phrase, _)| text.contains(phrase)) {
            hits.push(format!("{name}: {phrase:?}, better {better:?}"));
        }
    }
    assert!(hits.is_empty(), "replaced phrases:\n{}", hits.join("\n"));
}

#[test]
fn a_phrase_is_found_where_a_user_reads_it_and_nowhere_else() {
    let text = r#"
        //! the server stumbles
        /// stumbles
        const A: &str = "the server \
            stumbles";
        #[cfg(test)]
        mod tests { const B: &str = "stumbles"; }
        #[cfg(test)]
        mod more;
        mod other;
        fn f() { g(h!("on either\n ground")) }
    "#;
    let read = |docs| {
        let (mut found, mut tests) = (Vec::new(), Vec::new());
        literals(text.parse().unwrap(), docs, &mut found, &mut tests);
        (found.iter().map(|text| plain(text)).collect::<Vec<_>>(), tests)
    };
    let (found, tests) = read(false);
    assert_eq!(found, ["\"the server stumbles\"", "\"on either ground\""]);
    assert_eq!((tests, read(true).0.len()), (vec!["more".to_owned()], 4));
}
