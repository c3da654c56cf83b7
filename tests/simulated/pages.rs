//! The README and the guides are true: what they quote the program understands or says, and links lead somewhere.

use std::path::Path;

use jiff::tz::TimeZone;
use plannr_tui::query::Query;

use crate::readme::within;

const FILTER: &str = include_str!("../../docs/filter.md");
const TROUBLES: &str = include_str!("../../docs/troubleshooting.md");
/// A README is read to its end when it is no longer, in lines.
const README_LINES: usize = 150;

#[test]
fn the_examples_of_filters_are_understood_and_the_mistakes_are_told_so() {
    let parse = |text: &str| Query::parse(text, &TimeZone::UTC);
    let examples = FILTER.split_once("```filter\n").unwrap().1.split_once("```").unwrap().0;
    for filter in examples.lines() {
        assert!(parse(filter).is_ok_and(|query| !query.is_empty()), "{filter}: {:?}", parse(filter));
    }
    let mistakes = FILTER.split_once("| filter | says |\n| --- | --- |\n").unwrap().1;
    for line in mistakes.lines() {
        let (filter, says) =
            line.trim_matches(['|', ' ']).strip_prefix('`').unwrap().split_once("` | ").unwrap();
        assert_eq!(parse(filter).unwrap_err().message, says, "{filter}");
    }
}

/// All Rust files of a folder as one text, each broken line joined.
fn sources(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all += &sources(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let mut lines = std::fs::read_to_string(&path).unwrap();
            while let Some(at) = lines.find("\\\n") {
                let rest = lines[at + 2..].trim_start().to_owned();
                lines.truncate(at);
                lines += &rest;
            }
            all += &lines;
        }
    }
    all
}

#[test]
fn every_sentence_to_look_for_is_one_of_the_program() {
    let all = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let sentences = TROUBLES.lines().filter_map(|line| line.strip_prefix("### "));
    // A heading that begins with a capital describes what is seen, and quotes nothing.
    let is_quoted = |line: &&str| line.starts_with(char::is_lowercase) || line.starts_with("Plannr ");
    let quoted: Vec<_> = sentences.filter(is_quoted).collect();
    assert!(quoted.len() > 15, "{quoted:?}");
    for sentence in quoted {
        assert!(all.contains(sentence), "the program never says {sentence:?}");
    }
}

/// Every page for readers, by its path, with its text.
fn pages() -> Vec<(String, String)> {
    let guides = std::fs::read_dir(within("docs")).unwrap();
    let guides = guides.map(|entry| format!("docs/{}", entry.unwrap().file_name().to_str().unwrap()));
    let others = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "benches/README.md"];
    let paths = others.map(str::to_owned).into_iter().chain(guides);
    paths.map(|path| (path.clone(), std::fs::read_to_string(within(&path)).unwrap())).collect()
}

/// The lines outside fenced blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// What the links and pictures of a page lead to.
fn links(text: &str) -> Vec<&str> {
    let after = prose(text).flat_map(|line| line.split("](").skip(1));
    after.map(|rest| rest.split(')').next().unwrap()).collect()
}

/// The anchors of a page's headings, as GitHub and GitLab make them.
fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        heading.chars().filter(|c| c.is_alphanumeric() || ['-', '_'].contains(c)).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut count = 0;
    for (path, text) in pages() {
        let folder = Path::new(&path).parent().unwrap();
        for link in links(&text).into_iter().filter(|link| !link.starts_with("https://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { within(&path) } else { within("").join(folder).join(file) };
            assert!(target.exists(), "{path}: {link} leads nowhere");
            if !anchor.is_empty() {
                let there = anchors(&std::fs::read_to_string(&target).unwrap());
                assert!(there.iter().any(|other| other == anchor), "{path}: {link} is none of {there:?}");
            }
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
}

#[test]
fn the_readme_is_short_and_leads_to_every_guide() {
    let pages = pages();
    let readme = &pages.iter().find(|(path, _)| path == "README.md").unwrap().1;
    let lines = readme.lines().count();
    assert!(
        lines <= README_LINES,
        "README.md has {lines} lines, more than {README_LINES}: move some to docs/"
    );
    for command in ["cargo run --release -- demo", "cargo test"] {
        assert!(readme.lines().any(|line| line == command), "{command}");
    }
    let links = links(readme);
    for (path, _) in pages.iter().filter(|(path, _)| path.starts_with("docs/")) {
        assert!(links.contains(&path.as_str()), "README.md has no link to {path}");
    }
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    prose(text).flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let mut count = 0;
    for (path, text) in pages() {
        let is_ours = |word: &&str| {
            let mut folders = ["src/", "tests/", "docs/", "assets/", "benches/", ".ci/", ".github/"].iter();
            folders.any(|folder| word.starts_with(folder)) && !word.contains(' ')
        };
        for file in quoted(&text).filter(is_ours) {
            assert!(within(file).exists(), "{path}: there is no {file}");
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

/// A row of the table names a file or folder, and tests in it up to the next one.
#[test]
fn every_test_behind_a_promise_of_security_is_there() {
    let text = std::fs::read_to_string(within("SECURITY.md")).unwrap();
    let mut count = 0;
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let mut place = String::new();
        for word in row.rsplit(" | ").next().unwrap().split('`').skip(1).step_by(2) {
            if word.contains('/') {
                let path = within(word);
                place = if path.is_dir() { sources(&path) } else { std::fs::read_to_string(&path).unwrap() };
            } else {
                assert!(place.contains(&format!("fn {word}(")), "SECURITY.md: there is no test {word} there");
                count += 1;
            }
        }
    }
    assert!(count > 10, "{count}");
}
