use std::path::Path;

use crate::config::read;

fn errors(text: &str) -> Vec<String> {
    match read(text, Path::new("rollproof.yml")) {
        Ok(read) => panic!("{text}\nwas read as {read:?}"),
        Err(error) => error.problems.iter().map(ToString::to_string).collect(),
    }
}

/// A database that is right but for the lines that follow, which begin on line 4.
fn with(lines: &str) -> String {
    format!("databases:\n- name: main\n  migrations: db\n{lines}")
}

#[test]
fn each_problem_of_a_database_is_told() {
    let table: &[(&str, &[&str])] = &[
        (
            "  engine: postgre",
            &["4:11: `engine` is `postgre`; expected postgres, mysql, mariadb or sqlite; did you mean `postgres`?"],
        ),
        ("  engine: oracle", &["4:11: `engine` is `oracle`; expected postgres, mysql, mariadb or sqlite"]),
        (
            "  image: 17",
            &["4:10: `image` is the number 17; expected a container image such as postgres:17 (put it in quotes)"],
        ),
        (
            "  image: 'postgres:'",
            &[
                "4:10: `image` is `postgres:`, which names no container image: its tag has to be 1 to 128 letters, digits, \
               `_`, `.` or `-`, and not to begin with `.` or `-`",
            ],
        ),
        (
            "  engine: mysql\n  image: postgres:17\n  allow-substitute: true",
            &["5:10: `image` has PostgreSQL, but `engine` is mysql; expected an image of MySQL"],
        ),
        (
            "  engine: mysql\n  image: mariadb:11",
            &["5:10: `image` has MariaDB, but `engine` is mysql; expected an image of MySQL"],
        ),
        (
            "  engine: sqlite\n  role: me\n  image: postgres\n  server-settings: {a: 1}",
            &[
                "5:3: `role` has no meaning with engine sqlite: SQLite has no roles",
                "6:3: `image` has no meaning with engine sqlite: SQLite runs inside rollproof and needs no container image",
                "7:3: `server-settings` has no meaning with engine sqlite: SQLite has no server; expected a PRAGMA in `prelude`",
            ],
        ),
        (
            "  engine: mariadb\n  role: me",
            &[
                "5:3: `role` has no meaning with MySQL and MariaDB, where no session becomes another user: leave it out, and \
               pass --url with that user's name and password to run the migrations as that user",
            ],
        ),
        ("  allow-substitute: 'yes'", &["4:21: `allow-substitute` is `yes`; expected true or false"]),
        (
            "  role: 5\n  create-roles: app\n  bookkeeping: [a, 1, ' ', {b: c}]",
            &[
                "4:9: `role` is the number 5; expected the name of a role (put it in quotes)",
                "5:17: `create-roles` is `app`; expected a list of names of roles",
                "6:20: an entry of `bookkeeping` is the number 1; expected text (put it in quotes)",
                "6:23: an entry of `bookkeeping` is empty; expected text",
                "6:28: an entry of `bookkeeping` is a mapping; expected text",
            ],
        ),
        (
            "  server-settings: {a: [1], b: , ' ': 1}\n  prelude: SET x = 1\n  base-schema:",
            &[
                "4:24: the setting `a` is a list; expected text, a number or a boolean",
                "4:29: the setting `b` has no value; expected text, a number or a boolean",
                "4:34: the name of this setting is empty; expected a name",
                "5:12: `prelude` is `SET x = 1`; expected a list of SQL statements",
                "6:3: `base-schema` has no value; expected the path of an SQL file",
            ],
        ),
        (
            "  skip:\n  - {migration: a}\n  - {reason: b}\n  - c\n  - {migration: d, reason: ''}\n  - {migrations: e, reason: x}",
            &[
                "5:5: `reason` is missing here; expected why, in words",
                "6:5: `migration` is missing here; expected the migration that is left out",
                "7:5: this entry is `c`; expected a mapping with the keys `migration` and `reason`",
                "8:28: `reason` is empty; expected the reason in words",
                "9:5: `migration` is missing here; expected the migration that is left out",
                "9:6: unknown key `migrations`; did you mean `migration`?",
            ],
        ),
        (
            "  exclude: [{object: legacy, reason: old}, {object: table a, reason: [x]}]",
            &[
                "4:22: `object` is `legacy`; expected a kind and a name as reports print them, such as \
                 `table public.spatial_ref_sys`",
                "4:70: `reason` is a list; expected the reason in words",
            ],
        ),
        (
            "  exclude:\n  - {kind: policy, object: table a, reason: r}\n  - {reason: r}\n  - {kind: 5, reason: r}\n  \
             - {knd: policy, reason: r}",
            &[
                "5:20: `object` stands beside `kind` here; expected one of the two",
                "6:5: `object` or `kind` is missing here; expected the object that is left out",
                "7:12: `kind` is the number 5; expected a kind of objects such as `policy` (put it in quotes)",
                "8:5: `object` or `kind` is missing here; expected the object that is left out",
                "8:6: unknown key `knd`; did you mean `kind`?",
            ],
        ),
        (
            "  format: sqlx",
            &["4:3: unknown key `format`; expected name, engine, image, allow-substitute, migrations, role, \
           create-roles, server-settings, prelude, bookkeeping, base-schema, functions, environment, python, hook, commands, skip or exclude"],
        ),
        ("  alow_substitute: true", &["4:3: unknown key `alow_substitute`; did you mean `allow-substitute`?"]),
        ("  role: a\n  role: b", &["5:3: duplicate key `role`; it is there on line 4 already, remove one"]),
    ];
    for (lines, expected) in table {
        assert_eq!(errors(&with(lines)), *expected, "{lines}");
    }
}

#[test]
fn each_problem_of_a_name_and_of_migrations_is_told() {
    let table: &[(&str, &[&str])] = &[
        (
            "name: ''\n  migrations: 7",
            &[
                "2:9: `name` is empty; expected a name",
                "3:15: `migrations` is the number 7; expected a path, or a mapping with the keys `format` and `path` (put it in quotes)",
            ],
        ),
        (
            "name: \"a\\nb\"\n  migrations: [a]",
            &[
                "2:9: `name` has a line break or another control character; expected text on one line",
                "3:15: `migrations` is a list; expected a path, or a mapping with the keys `format` and `path`",
            ],
        ),
        (
            "name: 5\n  migrations: {format: sqlx}",
            &[
                "2:9: `name` is the number 5; expected a name (put it in quotes)",
                "3:15: `path` is missing here; expected the path of the migrations folder",
            ],
        ),
        (
            "name: a\n  migrations: {format: slqx, path: db, table: x}",
            &[
                "3:24: unknown format `slqx`; expected one of ${described}; did you mean `sqlx`?",
                "3:40: unknown key `table`; expected format, path, locations, placeholders, group-by or database",
            ],
        ),
    ];
    let formats: Vec<_> = crate::history::formats().iter().map(|format| format.name()).collect();
    let described: Vec<_> =
        crate::history::formats().iter().map(|format| format!("{} ({})", format.name(), format.looked_for())).collect();
    for (lines, expected) in table {
        let full = |line: &&str| {
            line.replace("${formats}", &formats.join(", ")).replace("${described}", &described.join(", "))
        };
        let expected: Vec<_> = expected.iter().map(full).collect();
        assert_eq!(errors(&format!("databases:\n- {lines}")), expected, "{lines}");
    }
}

#[test]
fn keys_of_later_versions_are_not_ignored() {
    let lines = "  models: [{format: sql, path: s.sql}]\n  models-exclude: []\n";
    let keys = ["models", "models-exclude"];
    let expected: Vec<String> = (4..)
        .zip(keys)
        .map(|(line, key)| format!("{line}:3: `{key}` is not supported by this version of rollproof"))
        .collect();
    assert_eq!(errors(&with(lines)), expected);
}

#[test]
fn commands_are_read_and_presets_fill_them() {
    let of = |lines: &str| read(&with(lines), Path::new("rollproof.yml")).unwrap().0.databases.remove(0);
    let database = of("  commands: {up: x, list: y}\n");
    let commands = database.read_options.commands.unwrap();
    assert_eq!((database.format.as_deref(), commands.up.as_str(), commands.down), (Some("command"), "x", None));
    let commands = of("  commands: {preset: knex, down: z}\n").read_options.commands.unwrap();
    assert!(commands.up.contains("knex migrate:up ${revision}") && commands.down.as_deref() == Some("z"));
    let said = errors(&with("  commands: {list: y, ups: x, preset: knexx}\n"));
    assert!(said.len() == 2 && said[0].contains("unknown key `ups`") && said[1].contains("knexx"), "{said:?}");
    assert!(errors(&with("  commands: {list: y}\n"))[0].contains("`up` is missing here"));
    let beside = errors(
        "databases:\n- name: a\n  migrations: {format: command, path: p}\n- name: b\n  migrations: {format: sqlx, path: p}\n  commands: {up: x}\n",
    );
    assert!(
        beside[0].contains("needs the key `commands`") && beside[1].contains("stands beside the format `sqlx`"),
        "{beside:?}"
    );
}

#[test]
fn what_a_project_in_python_needs_is_read() {
    let lines = "  environment: {A: \"${url}\", B: 1}\n  python: .venv/bin/python\n  hook: tools.checks:hook\n";
    let (project, _) = read(&with(lines), Path::new("rollproof.yml")).unwrap();
    let database = &project.databases[0];
    assert_eq!(database.environment.get("A").map(String::as_str), Some("${url}"));
    assert_eq!(database.environment.get("B").map(String::as_str), Some("1"));
    assert_eq!(database.python.as_deref(), Some(Path::new(".venv/bin/python")));
    assert_eq!(database.hook.as_deref(), Some("tools.checks:hook"));
    assert_eq!(
        errors(&with("  environment: {A: \"x ${uri}\"}\n  hook: tools\n")),
        [
            "4:20: the variable `A` holds `${uri}`; expected one of ${url}, ${sqlalchemy_url}, ${host}, ${port}, ${user}, \
             ${password}, ${name}",
            "5:9: `hook` is `tools`; expected a module and a name in it, such as `tools.rollproof:hook`",
        ]
    );
}

#[test]
fn functions_have_a_number_of_arguments() {
    let read = |lines: &str| read(&with(lines), Path::new("rollproof.yml"));
    let (project, _) = read("  functions: {REGEXP: 2, noise: -1}\n").unwrap();
    let functions: Vec<_> = project.databases[0].functions.iter().collect();
    assert_eq!(functions, [(&"REGEXP".to_owned(), &2), (&"noise".to_owned(), &-1)]);
    let expected = "a number of arguments, or -1 for any";
    assert_eq!(
        errors(&with("  functions: {A: many, B: 200}\n")),
        [
            format!("4:18: the function `A` is `many`; expected {expected}, at most 127"),
            format!("4:27: the function `B` is the number 200; expected {expected}, at most 127"),
        ]
    );
    assert_eq!(
        errors(&with("  engine: postgres\n  functions: {A: 1}\n")),
        ["5:3: `functions` declares functions of SQLite, and a server's are made by SQL; use `base-schema`"]
    );
}
