//! Projects by hand, read as Django reads them.

use std::path::Path;

use crate::history::sandbox::Sandbox;
use crate::history::{detect, find_migrations, read};

use super::*;

fn migration(body: &str) -> String {
    format!(
        "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    {body}\n    operations = []\n"
    )
}

fn project(files: &[(&str, &str)]) -> Sandbox {
    let folder = Sandbox::empty();
    folder.write("manage.py", "import django\n");
    for (file, body) in files {
        let path = Path::new(file);
        folder.write(&format!("{}/__init__.py", path.parent().unwrap().display()), "");
        folder.write(file, migration(body));
    }
    folder
}

fn told(folder: &Sandbox) -> Vec<String> {
    let history = read(folder.path(), Path::new("."), Some("django"), EngineKind::Postgres).unwrap();
    let told = history.migrations.iter().map(|one| {
        let needs = one.depends_on.iter().map(|id| format!(" needs {id}")).collect::<String>();
        let skip = one.skip.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        format!("{} < {}{needs}{skip}", one.id, one.parents.join(","))
    });
    told.collect()
}

#[test]
fn apps_are_lines_of_their_own_and_others_apps_are_not_missing() {
    let folder = project(&[
        (
            "blog/migrations/0001_initial.py",
            "dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL), ('contenttypes', '__first__')]",
        ),
        ("blog/migrations/0002_title.py", "dependencies = [('blog', '0001_initial'), ('shop', '__latest__')]"),
        ("apps/people/migrations/0001_initial.py", "initial = True"),
        (
            "shop/migrations/0001_initial.py",
            "dependencies = []\n    run_before = [('people_', '0001_initial'), ('admin', '0001_initial')]",
        ),
        ("shop/migrations/0002_x.py", "dependencies = [('shop', '0001_initial')]"),
        ("venv/lib/site-packages/auth/migrations/0001_initial.py", "dependencies = []"),
    ]);
    folder.write("apps/people/apps.py", "class People(AppConfig):\n    name = 'apps.people'\n    label = 'people_'\n");
    folder.write("site/settings/base.py", "AUTH_USER_MODEL = 'people_.Person'\n");
    folder.write("loose/migrations/0001_initial.py", "no python");
    let expected = [
        "shop.0001_initial < ",
        "people_.0001_initial <  needs shop.0001_initial",
        "blog.0001_initial <  needs people_.0001_initial",
        "shop.0002_x < shop.0001_initial",
        "blog.0002_title < blog.0001_initial needs shop.0002_x",
    ];
    assert_eq!(told(&folder), expected);
    assert_eq!(detect(folder.path()).unwrap().name(), "django");
    assert_eq!(find_migrations(folder.path()), [folder.path()]);
}

#[test]
fn a_squash_runs_in_the_place_of_what_it_replaces() {
    let folder = project(&[
        ("blog/migrations/0001_a.py", "dependencies = []"),
        ("blog/migrations/0001_s.py", "dependencies = []\n    replaces = [('blog', '0001_a'), ('blog', '0002_b')]"),
        ("blog/migrations/0002_b.py", "dependencies = [('blog', '0001_a')]"),
        ("blog/migrations/0003_c.py", "dependencies = [('blog', '0002_b')]"),
    ]);
    let expected = [
        "blog.0001_a <  (blog.0001_s replaces it)",
        "blog.0002_b < blog.0001_a (blog.0001_s replaces it)",
        "blog.0001_s < ",
        "blog.0003_c < blog.0002_b",
    ];
    assert_eq!(told(&folder), expected);
}

#[test]
fn what_only_running_would_tell_is_an_error_with_its_line() {
    for (text, expected) in [
        (migration("dependencies = found()"), "blog/migrations/0001_a.py:5: `dependencies` is computed"),
        ("x = 1\n".to_owned(), "blog/migrations/0001_a.py: it has no class `Migration`, and django stops"),
        (migration("dependencies = [(]"), "blog/migrations/0001_a.py:5: syntax error"),
    ] {
        let folder = project(&[("blog/migrations/0001_a.py", "")]);
        folder.write("blog/migrations/0001_a.py", text);
        let error = read(folder.path(), Path::new("."), Some("django"), EngineKind::Postgres).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
