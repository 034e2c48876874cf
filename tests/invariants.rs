//! What has to stay absent: each rule of the house's plan that a search over the sources can hold.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Who may use whom. A room is a folder or a file of `src/`.
const ARROWS: &[(&str, &[&str])] = &[
    ("schema", &[]),
    ("suggest", &[]),
    ("yaml", &[]),
    ("evidence", &[]),
    ("history", &["evidence"]),
    ("git", &["suggest"]),
    ("engine", &["schema"]),
    ("dump", &["history", "engine"]),
    ("provision", &["history", "engine"]),
    ("runner", &["engine", "history", "provision"]),
    ("replay", &["schema", "history", "engine", "runner"]),
    ("policy", &["schema", "history", "replay", "suggest", "yaml"]),
    ("report", &["schema", "history", "replay", "policy"]),
    ("ledger", &["schema", "history", "replay", "report"]),
    ("config", &["history", "suggest", "yaml"]),
    ("init", &["evidence", "history", "config"]),
    ("doctor", &["evidence", "history", "git", "provision", "config"]),
    (
        "run",
        &[
            "schema",
            "evidence",
            "history",
            "git",
            "engine",
            "dump",
            "provision",
            "runner",
            "replay",
            "policy",
            "report",
            "config",
            "suggest",
        ],
    ),
    (
        "cli",
        &[
            "schema",
            "history",
            "git",
            "provision",
            "replay",
            "policy",
            "report",
            "ledger",
            "config",
            "init",
            "doctor",
            "run",
            "suggest",
        ],
    ),
    ("main", &["cli"]),
];

/// Plain data that is used against an arrow: the room that uses it, the room that has it, the names.
const PLAIN_DATA: &[(&str, &str, &[&str])] = &[
    // The configuration gives levels to rules and knows nothing else of them.
    ("config", "policy", &["Level"]),
    // What the files of a project tell is an engine's name.
    ("evidence", "history", &["EngineKind"]),
    // Which product a server is, and whose words a schema is told in.
    ("engine", "history", &["EngineKind"]),
];

/// Rooms without I/O: the file or folder in `src/`.
const PURE: &[&str] =
    &["schema", "policy", "report", "replay/plan.rs", "replay/trace.rs", "replay/event.rs", "yaml", "suggest.rs"];

struct Source {
    /// Below `src/`.
    name: String,
    /// Without comments and unit tests; texts in quotes stay.
    code: String,
    whole: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources: Vec<Source> = files(&root)
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .map(|file| {
            let whole = fs::read_to_string(&file).unwrap();
            let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            Source { code: code(&whole), name, whole }
        })
        .filter(|source| !is_test(&source.name))
        .collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(sources.len() > 100, "the sources were not found");
    sources
}

/// Unit tests that stand in files of their own, and their data.
fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs")
        || name.contains("/tests/")
        || name.ends_with("fixture.rs")
        || name.ends_with("sandbox.rs")
}

/// The code of a file: without its unit tests, which stand at its end, and without comments.
fn code(whole: &str) -> String {
    let own = whole.find("\n#[cfg(test)]\nmod tests").map_or(whole, |at| &whole[..at]);
    let lines: Vec<&str> = own.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    lines.join("\n")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn room(name: &str) -> &str {
    name.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The names behind each `crate::<room>` of a code: `None` where the whole room is taken.
fn uses(code: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (at, start) in code.match_indices("crate::") {
        let own = at == 0 || !code[..at].ends_with(|c: char| is_word(c) || c == ':');
        let rest = &code[at + start.len()..];
        assert!(!rest.starts_with('{'), "rooms are used one by one, so that this test sees them: {}", &rest[..40]);
        if !own {
            continue;
        }
        let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let names = uses.entry(rest[..end].to_owned()).or_default();
        let behind = rest[end..].strip_prefix("::").unwrap_or("");
        match behind.strip_prefix('{') {
            Some(list) => names.extend(list.split('}').next().unwrap().split(',').map(|name| name.trim().to_owned())),
            None => {
                let end = behind.find(|c: char| !is_word(c)).unwrap_or(behind.len());
                names.insert(behind[..end].to_owned());
            }
        }
    }
    uses.values_mut().for_each(|names| names.retain(|name| !name.is_empty()));
    uses
}

#[test]
fn arrows_between_rooms_point_one_way() {
    let mut wrong = Vec::new();
    for source in sources() {
        let from = room(&source.name);
        if from == "lib" {
            continue;
        }
        let (_, may) = ARROWS.iter().find(|(room, _)| *room == from).unwrap_or_else(|| panic!("{from} is a new room"));
        for (to, names) in uses(&source.code) {
            let excepted = PLAIN_DATA.iter().find(|(a, b, _)| *a == from && *b == to).map_or(&[][..], |found| found.2);
            let plain = !names.is_empty() && names.iter().all(|name| excepted.contains(&name.as_str()));
            if to != from && !may.contains(&to.as_str()) && !plain {
                wrong.push(format!("{} uses {to}::{names:?}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_arrow_is_needed() {
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for source in sources() {
        used.extend(uses(&source.code).into_keys().map(|to| (room(&source.name).to_owned(), to)));
    }
    let arrows = ARROWS.iter().flat_map(|(from, to)| to.iter().map(move |to| (*from, *to)));
    let arrows = arrows.chain(PLAIN_DATA.iter().map(|(from, to, _)| (*from, *to)));
    // `main` names the crate from outside.
    let idle: Vec<_> = arrows
        .filter(|(from, to)| *from != "main" && !used.contains(&((*from).to_owned(), (*to).to_owned())))
        .collect();
    assert!(idle.is_empty(), "the table allows what nobody does: {idle:?}");
}

/// Whether the code has this path or macro from its beginning: `sqlx::`, but not `super::sqlx::`.
fn has(code: &str, what: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '_' || (c == ':' && what.ends_with("::"));
    let from_its_beginning = |at: usize| !code[..at].ends_with(goes_on);
    code.match_indices(what).any(|(at, _)| from_its_beginning(at))
}

fn offenders(sources: &[Source], wanted: impl Fn(&str) -> bool, words: &[&str]) -> Vec<String> {
    let matching = sources.iter().filter(|source| wanted(&source.name));
    matching
        .flat_map(|source| {
            words.iter().filter(|word| has(&source.code, word)).map(|word| format!("{}: {word}", source.name))
        })
        .collect()
}

#[test]
fn pure_rooms_do_no_input_or_output() {
    let words = [
        "sqlx::",
        "tokio::",
        "async fn",
        "async move",
        ".await",
        "std::fs",
        "std::net",
        "std::process",
        "std::env",
        "File::",
        "stdout()",
        "stdin()",
        "fs::",
        "SystemTime",
        "Instant",
    ];
    let pure = |name: &str| PURE.iter().any(|room| name == *room || name.starts_with(&format!("{room}/")));
    let found = offenders(&sources(), pure, &words);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn each_thing_of_the_outside_is_known_in_one_place() {
    let sources = sources();
    let mut found =
        offenders(&sources, |name| !name.starts_with("provision/container/"), &["testcontainers", "bollard"]);
    found.extend(offenders(
        &sources,
        |name| !(name.starts_with("engine/") || name.starts_with("provision/") || name.starts_with("ledger/")),
        &["sqlx::", "PgConnection", "SqliteConnection"],
    ));
    found.extend(offenders(&sources, |name| name != "git/command.rs", &["Command::new(\"git\")"]));
    // Only `main` prints what a command has to say and ends the process; progress is drawn while it runs.
    found.extend(offenders(
        &sources,
        |name| name != "main.rs",
        &["println!", "print!", "eprintln!", "eprint!", "process::exit", "dbg!", "std::io::stdout().write", "ExitCode"],
    ));
    found.extend(offenders(&sources, |name| name != "cli/progress.rs" && name != "main.rs", &["stderr()"]));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn nothing_is_left_to_do() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let words = [
        ["todo", "!("],
        ["unimplemented", "!("],
        ["#[ign", "ore"],
        ["#[al", "low("],
        ["#![al", "low("],
        ["TO", "DO:"],
        ["FIX", "ME"],
        ["un", "safe {"],
    ]
    .map(|parts| parts.concat());
    let mut found = Vec::new();
    for file in [files(&root.join("src")), files(&root.join("tests"))].concat() {
        if file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        // To run code in a child before its program starts is unsafe whatever it does; one file does it, and says why.
        // So is to register a function in SQLite, which the driver offers no way to do.
        let files = ["provision/parent_death.rs", "engine/sqlite/functions.rs"];
        let may = |word: &str| word.starts_with("unsafe") && files.iter().any(|known| file.ends_with(known));
        let named = words.iter().filter(|word| text.contains(*word) && !may(word));
        found.extend(named.map(|word| format!("{}: {word}", file.display())));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_file_is_long() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let long: Vec<String> = [files(&root.join("src")), files(&root.join("tests")), files(&root.join("policies"))]
        .concat()
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs" || extension == "yml"))
        .filter(|file| fs::read_to_string(file).is_ok_and(|text| text.lines().count() > 400))
        .map(|file| file.display().to_string())
        .collect();
    assert!(long.is_empty(), "past 400 lines, and so perhaps two concepts: {long:#?}");
}

#[test]
fn every_catalog_query_says_what_it_does_about_extensions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/postgres/catalog");
    let queries = files(&folder);
    assert!(queries.len() > 30, "the queries were not found");
    for file in queries {
        let text = fs::read_to_string(&file).unwrap();
        let said = text.contains("deptype = 'e'") || text.contains("-- extension members:");
        assert!(said, "{} says nothing of the members of extensions", file.display());
    }
}

/// The files of the repository as git knows them; without git everything but what is built.
fn repository() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = std::process::Command::new("git").args(["ls-files", "-z"]).current_dir(root).output();
    match listed {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => String::from_utf8(output.stdout)
            .unwrap()
            .split_terminator('\0')
            .map(|name| root.join(name))
            .filter(|file| file.is_file())
            .collect(),
        _ => ["src", "tests", "policies", "migrations", "scripts"]
            .iter()
            .flat_map(|name| files(&root.join(name)))
            .collect(),
    }
}

#[test]
fn the_repository_names_no_place_of_one_machine() {
    let root = env!("CARGO_MANIFEST_DIR");
    let homes = ["/home/", "/Users/", "/root/"];
    // Where a package manager puts things on every machine that has it.
    let common = ["/home/linuxbrew/"];
    let mut found = Vec::new();
    for file in repository() {
        if file.ends_with("tests/invariants.rs") {
            continue;
        }
        let Ok(text) = fs::read_to_string(&file) else { continue };
        for line in text.lines() {
            let without = common.iter().fold(line.to_owned(), |line, place| line.replace(place, ""));
            if without.contains(root) || homes.iter().any(|home| without.contains(home)) {
                found.push(format!("{}: {line}", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// A file that is not what its name promises would be passed over by the tests above.
#[test]
fn unit_tests_stand_at_the_end_of_their_file() {
    for source in sources() {
        if let Some(at) = source.whole.find("\n#[cfg(test)]\nmod tests") {
            let rest = &source.whole[at + 1..];
            let ends = rest.lines().filter(|line| *line == "}").count();
            assert!(ends <= 1, "{} has code behind its unit tests", source.name);
        }
    }
}

/// Every rule of the core has an acceptance case that comes to it, and every case is about something.
#[test]
fn every_core_rule_has_a_case() {
    // No format that is read today declares parents, so that only the rules' own examples show these.
    let only_of_graphs = ["broken-chain", "multiple-heads"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_expected = |file: &&PathBuf| file.file_name().unwrap().to_str().unwrap().starts_with("expected");
    let cases = files(&root.join("tests/cases"));
    let expected: String = cases.iter().filter(is_expected).map(|file| fs::read_to_string(file).unwrap()).collect();
    let missing: Vec<String> = files(&root.join("policies/core"))
        .iter()
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|rule| !only_of_graphs.contains(&rule.as_str()))
        .filter(|rule| !expected.contains(&format!("- rule: {rule}\n")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
