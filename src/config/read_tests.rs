use std::ffi::OsStr;

use proptest::prelude::*;

use super::*;
use crate::config::{Excluded, Exclusion, Skip};
use crate::history::EngineKind;

const FILE: &str = "project/rollproof.yml";

fn errors(text: &str) -> Vec<String> {
    match read(text, Path::new(FILE)) {
        Ok(read) => panic!("{text}\nwas read as {read:?}"),
        Err(error) => error.problems.iter().map(ToString::to_string).collect(),
    }
}

/// A configuration that uses every key.
const GOOD: &str = r#"
databases:
  - name: main
    engine: postgres
    image: registry.example.com:5000/postgis/postgis:17-3.5
    allow-substitute: true
    migrations: {format: sqlx, path: ./db/migrations}
    role: app_owner
    create-roles: [app_owner, "app"]
    server-settings:
      wal_level: logical
      jit: off
      track_counts: true
      cpu_tuple_cost: 0.10
      search_path: ""
    prelude:
      - SET lock_timeout = '2s'
      - |
        SELECT set_config('app.tenant',
                          'none', false)
    bookkeeping: [my_version_table, ops.log]
    base-schema: schema/base.sql
    skip:
      - {migration: V12_go_step, reason: "written in Go"}
      - migration: 0013
        reason: too
    exclude: [{object: "table public.spatial_ref_sys", reason: "made by PostGIS"}]
  - {name: cache, engine: sqlite, migrations: /srv/cache}
  - {name: legacy, image: "mysql:8.4", migrations: legacy}
rules:
  down-reorders-columns: warning
  down-missing: off
  down-empty: false
  up-fails: error
  redo-differs: note
policies: [./policies/ours.yml, more.yml]
fail-on: warning
"#;

#[test]
fn a_configuration_with_every_key_is_read() {
    let (project, places) = read(GOOD, Path::new(FILE)).unwrap();
    assert_eq!(project.root, Path::new("project"));
    assert_eq!(project.file.as_deref(), Some(Path::new(FILE)));
    let [main, cache, legacy] = project.databases.as_slice() else { panic!("three databases") };

    assert_eq!(main.name, "main");
    assert_eq!(main.engine, Some(EngineKind::Postgres));
    assert_eq!(main.image.as_deref(), Some("registry.example.com:5000/postgis/postgis:17-3.5"));
    assert!(main.allow_substitute);
    assert_eq!(main.migrations.as_os_str(), OsStr::new("db/migrations"));
    assert_eq!(main.format.as_deref(), Some("sqlx"));
    assert_eq!(main.role.as_deref(), Some("app_owner"));
    assert_eq!(main.create_roles, ["app_owner", "app"]);
    let settings: Vec<(&str, &str)> =
        main.server_settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        settings,
        [
            ("cpu_tuple_cost", "0.10"),
            ("jit", "off"),
            ("search_path", ""),
            ("track_counts", "true"),
            ("wal_level", "logical")
        ]
    );
    let several_lines = "SELECT set_config('app.tenant',\n                  'none', false)\n";
    assert_eq!(main.prelude, ["SET lock_timeout = '2s'", several_lines]);
    assert_eq!(main.bookkeeping, ["my_version_table", "ops.log"]);
    assert_eq!(main.base_schema.as_deref(), Some(Path::new("schema/base.sql")));
    let skip = |migration: &str, reason: &str| Skip { migration: migration.into(), reason: reason.into() };
    assert_eq!(main.skip, [skip("V12_go_step", "written in Go"), skip("0013", "too")]);
    let object = "table public.spatial_ref_sys".to_owned();
    assert_eq!(main.exclude, [Exclusion { what: Excluded::Object(object), reason: "made by PostGIS".into() }]);

    assert_eq!((cache.engine, cache.migrations.as_path()), (Some(EngineKind::Sqlite), Path::new("/srv/cache")));
    assert_eq!((&cache.format, &cache.role, cache.allow_substitute), (&None, &None, false));
    assert_eq!(legacy.engine, Some(EngineKind::Mysql), "the image tells it");

    let rules: Vec<(&str, Option<Level>)> = project.rules.iter().map(|(name, level)| (name.as_str(), *level)).collect();
    assert_eq!(
        rules,
        [
            ("down-empty", None),
            ("down-missing", None),
            ("down-reorders-columns", Some(Level::Warning)),
            ("redo-differs", Some(Level::Note)),
            ("up-fails", Some(Level::Error)),
        ]
    );
    assert_eq!(project.policies, [Path::new("policies/ours.yml"), Path::new("more.yml")]);
    assert_eq!(project.fail_on, Some(Level::Warning));

    let place = |line, column| Place { line, column };
    assert_eq!(places.rules["down-missing"], place(32, 3));
    assert_eq!(places.policies, [place(36, 12), place(36, 33)]);
    assert_eq!(places.databases[0].entry, place(3, 5));
    assert_eq!(places.databases[0].migrations, place(7, 38));
    assert_eq!(places.databases[0].base_schema, Some(place(22, 18)));
    assert_eq!(places.databases[0].bookkeeping, [place(21, 19), place(21, 37)]);
    assert_eq!(places.databases[0].skip, [place(24, 9), place(25, 9)]);
    assert_eq!(places.databases[0].exclude, [place(27, 15)]);
    assert_eq!(places.databases[1].migrations, place(28, 47));
}

#[test]
fn what_is_left_out_has_its_default() {
    let (project, _) = read("databases: [{name: main, migrations: .}]", Path::new("rollproof.yml")).unwrap();
    assert_eq!(project.root, Path::new("."));
    assert_eq!(project.fail_on, Some(Level::Error));
    assert!(project.rules.is_empty() && project.policies.is_empty());
    assert_eq!(project.databases[0].engine, None);
    assert_eq!(project.databases[0].migrations, Path::new("."));

    let never = "databases: [{name: main, migrations: {path: m}}]\nfail-on: never";
    assert_eq!(read(never, Path::new(FILE)).unwrap().0.fail_on, None);
}

#[test]
fn each_problem_of_the_file_is_told() {
    let missing = "`databases` is missing; expected a list with one entry for each database";
    let empty = "1:1: the file is empty; expected a mapping with a list of `databases`";
    let table: &[(&str, &[&str])] = &[
        ("", &[empty]),
        ("# nothing yet\n", &[empty]),
        (
            "just words",
            &["1:1: the top level of the file is `just words`; expected a mapping with a list of `databases`"],
        ),
        ("- name: main", &["1:1: the top level of the file is a list; expected a mapping with a list of `databases`"]),
        ("fail-on: error", &[&format!("1:1: {missing}")]),
        ("databases:\n", &["1:1: `databases` has no value; expected a list of databases"]),
        ("databases: []", &["1:12: `databases` is an empty list; expected one entry for each database"]),
        ("databases: {name: main}", &["1:12: `databases` is a mapping; expected a list of databases"]),
        (
            "databases: [main]",
            &[
                "1:13: an entry of `databases` is `main`; expected a mapping with at least the keys `name` and `migrations`",
            ],
        ),
        (
            "databases: [{}]",
            &[
                "1:13: `migrations` is missing here; expected the path of the migrations folder",
                "1:13: `name` is missing here; expected a name for this database",
            ],
        ),
        (
            "databse: []\nfail_on: error\nx: 1",
            &[
                &format!("1:1: {missing}"),
                "1:1: unknown key `databse`; did you mean `databases`?",
                "2:1: unknown key `fail_on`; did you mean `fail-on`?",
                "3:1: unknown key `x`; expected databases, rules, policies or fail-on",
            ],
        ),
        (
            "databases:\n- {name: a, migrations: a}\n- {name: b, migrations: b}\n- {name: a, migrations: c}",
            &["4:10: `name` is `a` like that of the database on line 2; expected names that differ"],
        ),
        (
            "databases: [{name: a, migrations: a}]\nengine: postgres\nmodels: []",
            &[
                "2:1: `engine` stands at the top level; expected it in an entry of `databases`",
                "3:1: `models` stands at the top level; expected it in an entry of `databases`",
            ],
        ),
        (
            "databases: [{name: a, migrations: a}]\nfail-on: off\nfail-on: error",
            &[
                "2:10: `fail-on` is `off`; expected error, warning, note or never",
                "3:1: duplicate key `fail-on`; it is there on line 2 already, remove one",
            ],
        ),
        (
            "databases: [{name: a, migrations: a}]\nrules: {up-fails: warn, a: true, b: , c: [x]}",
            &[
                "2:19: `up-fails` is `warn`; expected error, warning, note or off; did you mean `warning`?",
                "2:28: `a` is the boolean true; expected error, warning, note or off",
                "2:34: `b` has no value; expected error, warning, note or off",
                "2:42: `c` is a list; expected error, warning, note or off",
            ],
        ),
        (
            "databases: [{name: a, migrations: a}]\nrules: [up-fails]\npolicies: ours.yml",
            &[
                "2:8: `rules` is a list; expected a mapping of rules and their levels",
                "3:11: `policies` is `ours.yml`; expected a list of paths of rule files",
            ],
        ),
        (
            "databases: [{name: a,",
            &["1:22: this is not valid YAML: while parsing a node, did not find expected node content"],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(errors(text), *expected, "{text}");
    }
}

#[test]
fn an_alias_repeats_no_problem() {
    let text =
        "databases:\n- {name: a, migrations: a, skip: &s [{migration: x}]}\n- {name: b, migrations: b, skip: *s}\n";
    assert_eq!(errors(text), ["2:38: `reason` is missing here; expected why, in words"]);
}

#[test]
fn problems_print_with_the_file() {
    let error = read("databases: []\nx: 1\n", Path::new(FILE)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "project/rollproof.yml:1:12: `databases` is an empty list; expected one entry for each database\n\
         project/rollproof.yml:2:1: unknown key `x`; expected databases, rules, policies or fail-on"
    );
}

#[test]
fn a_file_is_loaded_or_told_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rollproof.yml");
    fs::write(&file, GOOD).unwrap();
    assert_eq!(load(&file).unwrap().0.root, folder.path());

    fs::write(&file, b"databases: \xff").unwrap();
    let error = load(&file).unwrap_err();
    assert_eq!(error.to_string(), format!("{}:1:12: this is not UTF-8 text; save the file in UTF-8", file.display()));

    let error = load(folder.path()).unwrap_err();
    assert!(error.problems[0].message.starts_with("this file cannot be read: "), "{error}");
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "(?s).{0,200}") {
        let _ = read(&text, Path::new(FILE));
    }

    /// Each line of the good file may be lost, doubled, moved or cut, which reaches far more of the reader.
    #[test]
    fn a_mangled_configuration_never_panics(
        edits in proptest::collection::vec((0_usize..40, 0_usize..60, "[a-z:\\-\\[\\]{}&*! \n'\"0]{0,4}"), 1..6)
    ) {
        let mut lines: Vec<String> = GOOD.lines().map(str::to_owned).collect();
        for (line, column, text) in edits {
            let index = line % lines.len();
            let line = &mut lines[index];
            let at = line.floor_char_boundary(column.min(line.len()));
            line.truncate(at);
            line.push_str(&text);
        }
        if let Err(error) = read(&lines.join("\n"), Path::new(FILE)) {
            prop_assert!(!error.problems.is_empty());
            prop_assert!(error.problems.is_sorted());
            prop_assert!(error.problems.iter().all(|problem| problem.place.line >= 1 && problem.place.column >= 1));
        }
    }
}
