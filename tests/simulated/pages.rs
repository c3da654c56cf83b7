//! What the pages beside the README tell is what the program says.

use std::path::Path;

use jiff::tz::TimeZone;
use plannr_tui::query::Query;

const FILTER: &str = include_str!("../../docs/filter.md");
const TROUBLES: &str = include_str!("../../docs/troubleshooting.md");

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

/// Every text of the sources as one, each broken line joined.
fn sources(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all += &sources(&path);
        } else {
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
