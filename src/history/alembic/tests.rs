//! Projects by hand, read as Alembic reads them.

use std::path::Path;

use crate::history::sandbox::{Sandbox, outline};
use crate::history::{detect, read};

use super::*;

const ENV: &str = "from alembic import context\n";

fn revision(id: &str, down: &str, more: &str) -> String {
    format!(
        "\"\"\"{id}\n\nRevises: {down}\n\"\"\"\nfrom alembic import op\n\nrevision: str = \"{id}\"\ndown_revision = {down}\n{more}\n\n\
         def upgrade() -> None:\n    op.execute('{id}')\n\n\ndef downgrade() -> None:\n    pass\n"
    )
}

fn project(revisions: &[(&str, &str, &str)]) -> Sandbox {
    let folder = Sandbox::empty();
    folder.write("migrations/env.py", ENV);
    for (id, down, more) in revisions {
        folder.write(&format!("migrations/versions/{id}_x.py"), revision(id, down, more));
    }
    folder
}

fn read_in(folder: &Sandbox) -> Result<History, HistoryError> {
    read(&folder.migrations(), Path::new("migrations"), Some("alembic"), EngineKind::Postgres)
}

fn told(history: &History) -> Vec<String> {
    let told = history.migrations.iter().map(|one| {
        let branch = one.branch.as_ref().map(|branch| format!(" @{branch}")).unwrap_or_default();
        let needs = one.depends_on.iter().map(|id| format!(" needs {id}")).collect::<String>();
        format!("{} < {}{needs}{branch}", one.id, one.parents.join(","))
    });
    told.collect()
}

#[test]
fn parents_make_the_order_whatever_the_names() {
    let folder =
        project(&[("b", "None", ""), ("a", "('d', \"c\")", ""), ("c", "'b'", ""), ("d", "'b'", "depends_on = ['c']")]);
    folder.write("migrations/versions/__init__.py", "");
    folder.write("migrations/versions/old/e.py", "revision = 'e'");
    folder.write("migrations/versions/f.py", "revision = 'f'\ndown_revision = 'a'\ndef upgrade(): pass\n");
    let history = read_in(&folder).unwrap();
    assert_eq!(told(&history), ["b < ", "c < b", "d < b needs c", "a < d,c", "f < a"]);
    assert_eq!(
        outline(&history).last().unwrap(),
        "versions/old/e.py: it lies in a folder of its own, and recursive_version_locations is not set"
    );
    let first = &history.migrations[0];
    let (up, down) = (&first.up, first.down.as_ref().unwrap());
    assert_eq!((up.line(), down.line(), up.first_line), (11, 15, 1));
    assert!(up.said().contains("op.execute") && !up.said().contains("downgrade") && !up.said().contains("Revises"));
    assert_eq!(up.call.as_ref().unwrap().revision, "b");
    assert!(history.migrations[4].down.is_none() && !history.one_way);
}

#[test]
fn labels_hold_for_what_follows_and_back_to_the_fork() {
    let folder = project(&[
        ("a", "None", ""),
        ("b", "'a'", ""),
        ("c", "'b'", "branch_labels = ('shop',)"),
        ("d", "'c'", ""),
        ("e", "'a'", "depends_on = 'shop'"),
    ]);
    let history = read_in(&folder).unwrap();
    assert_eq!(told(&history), ["a < ", "b < a @shop", "c < b @shop", "d < c @shop", "e < a needs d"]);
}

#[test]
fn the_configuration_says_where_revisions_lie() {
    let folder = project(&[]);
    let ini = "[alembic]\nscript_location = migrations\nversion_locations = %(here)s/migrations/one migrations/two\n\
               recursive_version_locations = true\n";
    folder.write("alembic.ini", ini);
    folder.write("migrations/one/2024/a.py", revision("a", "None", ""));
    folder.write("migrations/two/b.py", revision("b", "'a'", ""));
    let history = read_in(&folder).unwrap();
    assert_eq!(told(&history), ["a < ", "b < a"]);
    assert_eq!(history.migrations[0].up.path, Path::new("migrations/one/2024/a.py"));
    let above = read(folder.path(), Path::new("."), None, EngineKind::Postgres).unwrap();
    assert_eq!((above.format, told(&above)), ("alembic", told(&history)));
}

#[test]
fn what_only_running_would_tell_is_an_error_with_its_line() {
    for (text, expected) in [
        ("x = 1\nrevision = make()\n", "migrations/versions/a.py:2: `revision` is computed when the file runs"),
        ("revision = 'a'\ndown_revision = f'{x}'\n", "migrations/versions/a.py:2: `down_revision` is computed"),
        ("down_revision = None\n", "migrations/versions/a.py: it assigns no `revision`, and alembic stops there"),
        ("revision = 'a'\ndef upgrade(:\n    pass\n", "migrations/versions/a.py:2: syntax error"),
    ] {
        let folder = project(&[]);
        folder.write("migrations/versions/a.py", text);
        let error = read_in(&folder).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn the_tool_is_told_by_env_py() {
    let folder = project(&[("a", "None", "")]);
    assert_eq!(detect(&folder.migrations()).unwrap().name(), "alembic");
    assert_eq!(crate::history::find_migrations(folder.path()), [folder.migrations()]);
    folder.write("migrations/env.py", "from alembic import context\nfrom flask import current_app\n");
    folder.write("migrations/alembic.ini", "[alembic]\n");
    folder.write("pyproject.toml", "[project]\ndependencies = ['sqlx']\n");
    assert_eq!(detect(&folder.migrations()).unwrap().name(), "flask-migrate");
    let history = read(&folder.migrations(), Path::new("migrations"), None, EngineKind::Mysql).unwrap();
    assert_eq!((history.format, history.migrations.len()), ("flask-migrate", 1));
}
