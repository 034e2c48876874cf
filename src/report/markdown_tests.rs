use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::super::fixture::{finding, fixture, golden, step};
use super::super::{ErrorReport, FindingReport};
use super::*;

/// The tables of a page: each row's cells as a reader sees them. Also whatever a report of ours never holds.
fn read(page: &str) -> (Vec<Vec<String>>, Vec<String>) {
    let (mut rows, mut strangers) = (Vec::new(), Vec::new());
    let (mut row, mut cell) = (Vec::new(), String::new());
    for event in Parser::new_ext(page, Options::ENABLE_TABLES | Options::ENABLE_MATH | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::TableCell) => cell.clear(),
            Event::End(TagEnd::TableCell) => row.push(std::mem::take(&mut cell)),
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
            Event::Text(text) | Event::Code(text) => cell.push_str(&text),
            Event::InlineHtml(html) if &*html == "<br>" => cell.push('\n'),
            Event::InlineHtml(html) if ["<!-- -->", "<span>", "</span>"].contains(&&*html) => {}
            Event::Start(
                Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::Table(_)
                | Tag::TableHead
                | Tag::TableRow
                | Tag::List(_)
                | Tag::Item,
            )
            | Event::End(_) => {}
            other => strangers.push(format!("{other:?}")),
        }
    }
    (rows, strangers)
}

#[test]
fn the_whole_report() {
    golden("report.md", &to_markdown(&fixture()));
}

#[test]
fn a_reader_of_markdown_sees_every_finding_in_its_place() {
    let (rows, strangers) = read(&to_markdown(&fixture()));
    assert!(strangers.is_empty(), "{strangers:?}");
    let with = |word: &str| rows.iter().find(|row| row.iter().any(|cell| cell == word)).unwrap();
    assert_eq!(with("down-fails")[2], "migrations/0004_status.down.sql:4");
    assert!(with("up-fails")[3].contains("]]>"));
    assert_eq!(with("main")[7], "1 of 5, stopped at 0004_status");
    assert!(!rows.iter().flatten().any(|cell| cell.contains("redo-differs")), "inherited");
}

#[test]
fn what_went_well_is_short() {
    let mut report = fixture();
    report.databases.truncate(1);
    let database = &mut report.databases[0];
    (database.findings, database.errors, report.errors) = (Vec::new(), Vec::new(), Vec::new());
    database.steps = vec![step("a", Phase::Up, None, 900.0), step("b", Phase::Up, None, 1.0)];
    report.outcome = RunOutcome::Passed;
    let page = to_markdown(&report);
    assert!(page.starts_with("## Rollproof: passed\n\npassed: nothing at level error or above"), "{page}");
    assert!(
        page.ends_with("### Slowest migrations\n\n| migration | up | down |\n|---|---|---|\n| `a` | 900 ms |  |\n"),
        "{page}"
    );
    assert_eq!(page.matches("\n### ").count(), 2, "{page}");
}

#[test]
fn a_page_stays_below_a_mebibyte_and_says_what_is_missing() {
    let mut report = fixture();
    let long = "a wide statement | with `marks` é ".repeat(100);
    let found = |n| FindingReport {
        details: vec![long.clone(); 30],
        ..finding("down-fails", Level::Error, Phase::Down, &format!("m{n}"), &long)
    };
    report.databases[0].findings = (0..3000).map(found).collect();
    report.databases[1].errors = vec![ErrorReport { phase: None, message: long.clone() }; 4000];
    report.databases[0].steps = (0..9000)
        .map(|n| StepReport { outcome: Outcome::Failed, ..step(&format!("{n}{long}"), Phase::Up, None, 1.0) })
        .collect();
    let page = to_markdown(&report);
    assert!(page.len() <= LIMIT && page.len() > LIMIT / 2, "{}", page.len());
    for noun in ["problems", "findings", "steps"] {
        assert!(page.contains(&format!(" more {noun} not shown: the page would be too long.\n")), "{noun}");
    }
    let (rows, strangers) = read(&page);
    assert!(strangers.is_empty(), "{:?}", &strangers[..1]);
    // The sections behind the long ones are still there.
    assert!(page.contains("### What to do of main"));
    assert!(rows.iter().all(|row| [3, 4, 8].contains(&row.len())));
}

proptest! {
    #[test]
    fn hostile_text_stays_in_its_cell(any in any::<String>(), marks in "[ |`<>&@#$\\\\*_~\\[\\]()!\r\n:/.w-]{0,40}") {
        for text in [any, marks] {
            let mut report = fixture();
            report.databases[0].name.clone_from(&text);
            report.databases[0].notes = vec![text.clone()];
            report.databases[0].format = Some(text.clone());
            report.errors[0].message.clone_from(&text);
            for step in &mut report.databases[0].steps {
                (step.migration, step.file) = (text.clone(), Some(text.clone()));
                if let Some(error) = &mut step.error {
                    error.message.clone_from(&text);
                }
            }
            for finding in &mut report.databases[0].findings {
                for own in [&mut finding.message, &mut finding.rule, &mut finding.help] {
                    own.clone_from(&text);
                }
                finding.file = Some(text.clone());
                finding.details = vec![text.clone(), text.clone()];
            }
            let page = to_markdown(&report);
            let (rows, strangers) = read(&page);
            prop_assert!(strangers.is_empty(), "{:?}\n{}", strangers, page);
            let (plain, _) = read(&to_markdown(&fixture()));
            let widths = |rows: &[Vec<String>]| rows.iter().map(Vec::len).collect::<Vec<_>>();
            prop_assert_eq!(widths(&rows), widths(&plain), "{}", page);
            let calls = |c: char| page.split(c).skip(1).any(|rest| rest.starts_with(char::is_alphanumeric));
            prop_assert!(!calls('@'), "{}", page);
        }
    }
}
