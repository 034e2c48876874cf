//! Histories by hand, and what became of them.

use std::path::PathBuf;

use super::{Changes, Difference, History, Migration, Script, Status, TransactionMode, changes};

fn script(id: &str, direction: &str, text: &str) -> Script {
    Script::new(PathBuf::from(format!("migrations/{id}.{direction}.sql")), text.into(), TransactionMode::Wrapped)
}

/// A line of migrations: `id` or `id=up` or `id=up/down`; the version is what stands before the `_`.
/// `id<parent+parent` declares parents.
fn history(of: &[&str]) -> History {
    let mut migrations: Vec<Migration> = Vec::new();
    for item in of {
        let (id, texts) = item.split_once('=').unwrap_or((item, item.split('<').next().unwrap()));
        let (up, down) = texts.split_once('/').map_or((texts, None), |(up, down)| (up, Some(down)));
        let (id, parents) = id.split_once('<').map_or_else(
            || (id, migrations.last().map(|before| before.id.clone()).into_iter().collect()),
            |(id, parents)| (id, parents.split('+').filter(|id| !id.is_empty()).map(str::to_owned).collect()),
        );
        migrations.push(Migration {
            id: id.to_owned(),
            version: id.split('_').next().unwrap().to_owned(),
            parents,
            up: script(id, "up", up),
            down: down.map(|down| script(id, "down", down)),
            language: None,
            skip: None,
            overtaken_by: None,
            repeatable: false,
            of_a_package: false,
            parents_at: None,
            depends_on: Vec::new(),
            replaces: Vec::new(),
            branch: None,
        });
    }
    History {
        format: "by hand",
        folder: "migrations".into(),
        migrations,
        unmatched: Vec::new(),
        one_way: false,
        declares_parents: of.iter().any(|item| item.contains('<')),
    }
}

/// In a few words: each migration that is not as it was, then what is gone.
fn told(head: &History, changes: &Changes) -> Vec<String> {
    let mut lines = Vec::new();
    for (migration, change) in head.migrations.iter().zip(&changes.migrations) {
        let status = match change.status {
            Status::Unchanged => None,
            Status::New => Some("new"),
            Status::Edited => Some("edited"),
        };
        let was = change.was.as_ref().filter(|was| was.id != migration.id).map(|was| format!("was {}", was.id));
        let flags =
            [(change.reparented, "reparented"), (change.down_edited, "down edited"), (change.inserted, "inserted")];
        let flags = flags.iter().filter(|(is, _)| *is).map(|(_, word)| (*word).to_owned());
        let words: Vec<String> = status.map(str::to_owned).into_iter().chain(was).chain(flags).collect();
        if !words.is_empty() {
            lines.push(format!("{}: {}", migration.id, words.join(", ")));
        }
    }
    lines.extend(changes.deleted.iter().map(|gone| format!("{}: deleted", gone.id)));
    lines
}

#[test]
fn what_became_of_a_line_of_files() {
    let cases: &[(&[&str], &[&str], &[&str])] = &[
        (&["1_a", "2_b"], &["1_a", "2_b"], &[]),
        (&["1_a"], &["1_a", "2_b"], &["2_b: new"]),
        (&[], &["1_a"], &["1_a: new"]),
        (&["1_a", "2_b"], &["1_a", "2_b=x"], &["2_b: edited"]),
        (&["1_a", "2_b=x/y"], &["1_a", "2_b=x/z"], &["2_b: down edited"]),
        (&["1_a=x"], &["1_a=x/y"], &["1_a: down edited"]),
        (&["1_a", "2_b", "3_c"], &["1_a", "3_c"], &["2_b: deleted"]),
        (&["1_a", "3_c"], &["1_a", "2_b", "3_c"], &["2_b: new, inserted"]),
        // Only the description differs.
        (&["1_a", "2_b=x"], &["1_a", "2_c=x"], &["2_c: was 2_b"]),
        // Another migration took the version.
        (&["1_a", "2_b=x"], &["1_a", "2_c=z"], &["2_c: edited, was 2_b"]),
        (&["1_a", "2_b=x"], &["1_a", "2_c=z", "3_b=x"], &["2_c: new", "3_b: was 2_b, reparented"]),
        (&["1_a", "2_b=x"], &["1_a", "3_b=x"], &["3_b: was 2_b, reparented"]),
        // Nothing was applied under this version before, and nothing says that it is the same.
        (&["1_a", "2_b=x"], &["1_a", "3_b=z"], &["3_b: new", "2_b: deleted"]),
        // Contents that are there twice, or empty, tell nothing.
        (&["1_a=x", "2_b=x"], &["3_c=x", "4_d=x"], &["3_c: new", "4_d: new", "1_a: deleted", "2_b: deleted"]),
        (&["1_a= "], &["2_b= "], &["2_b: new", "1_a: deleted"]),
        // Two of one id.
        (&["1_a=x", "1_a=y"], &["1_a=y", "1_a=x"], &[]),
    ];
    for (base, head, expected) in cases {
        let (base, head) = (history(base), history(head));
        assert_eq!(told(&head, &changes(&base, &head)), *expected, "{:?}", head.migrations);
    }
}

#[test]
fn what_became_of_declared_parents() {
    let cases: &[(&[&str], &[&str], &[&str])] = &[
        (&["a<", "b<a"], &["a<", "b<a", "c<b"], &["c: new"]),
        (&["a<", "b<a"], &["a<", "x<a", "b<x"], &["x: new, inserted", "b: reparented"]),
        // Two branches and their merge: neither comes before the other.
        (&["a<", "b<a"], &["a<", "x<a", "b<a", "m<x+b"], &["x: new", "m: new"]),
        (&["a<", "b<a", "c<b"], &["a<", "c<a"], &["c: reparented", "b: deleted"]),
    ];
    for (base, head, expected) in cases {
        let (base, head) = (history(base), history(head));
        assert_eq!(told(&head, &changes(&base, &head)), *expected, "{:?}", head.migrations);
    }
}

/// Base, head, how much is common, whether head only has more behind it, whether nothing changed.
type Common<'a> = (&'a [&'a str], &'a [&'a str], usize, bool, bool);

#[test]
fn what_is_common_is_counted_from_the_first() {
    let cases: &[Common<'_>] = &[
        (&["1_a", "2_b"], &["1_a", "2_b"], 2, true, true),
        (&["1_a", "2_b"], &["1_a", "2_b", "3_c"], 2, true, false),
        (&["1_a", "2_b=x/y"], &["1_a", "2_b=x/z"], 2, true, false),
        (&["1_a", "2_b", "3_c"], &["1_a", "2_b=x", "3_c"], 1, false, false),
        (&["1_a", "3_c"], &["1_a", "2_b", "3_c"], 1, false, false),
        (&["1_a", "2_b"], &["1_a"], 1, false, false),
    ];
    for (base, head, common, appended, empty) in cases {
        let found = changes(&history(base), &history(head));
        assert_eq!((found.common, found.appended, found.is_empty()), (*common, *appended, *empty), "{head:?}");
    }
    let mended = changes(&history(&["1_a=x/y", "2_b"]), &history(&["1_a=x/z", "2_b", "3_c"]));
    assert_eq!([0, 1, 2].map(|index| mended.is_inherited(index)), [false, true, false], "a mended down is its own");
}

#[test]
fn a_transaction_more_or_less_is_another_run() {
    let (base, mut head) = (history(&["1_a"]), history(&["1_a"]));
    head.migrations[0].up.transaction = TransactionMode::Autocommit;
    let found = changes(&base, &head);
    assert_eq!((told(&head, &found), found.common), (Vec::new(), 0));
}

#[test]
fn an_edit_is_shown_at_its_first_line() {
    let of = |was: &str, is: &str| {
        let found = changes(&history(&[&format!("1_a={was}")]), &history(&[&format!("1_a={is}")]));
        found.migrations[0].difference.clone().unwrap()
    };
    let line = |line, was: Option<&str>, is: Option<&str>| Difference {
        line,
        was: was.map(str::to_owned),
        is: is.map(str::to_owned),
    };
    assert_eq!(of("a\nb\nc\n", "a\nx\nc\n"), line(2, Some("b"), Some("x")));
    assert_eq!(of("a\n", "a\nb\n"), line(2, None, Some("b")));
    assert_eq!(of("a\nb\n", "a\n"), line(1, Some("b"), None));
    assert_eq!(of("a\r\n", "a\n"), line(1, Some("a\r"), Some("a")));
    assert_eq!(of("a", ""), line(1, Some("a"), None));
}
