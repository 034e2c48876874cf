//! `rollproof init`.

use std::fs;

use libtest_mimic::Failed;
use rollproof::config;
use rollproof::history::EngineKind;
use rollproof::provision::installations;

use super::{BOOKS, Test, manifest, rollproof, run, write};

pub(crate) const ON_POSTGRES: &[Test] = &[("init_then_check_passes_on_postgres", then_check_passes_on_postgres)];

pub(crate) const TESTS: &[Test] = &[
    ("init_then_check_passes", then_check_passes),
    ("init_never_overwrites", never_overwrites),
    ("init_prints_without_writing", prints_without_writing),
    ("init_names_what_it_cannot_read", names_what_it_cannot_read),
    ("init_works_from_elsewhere", works_from_elsewhere),
    ("init_works_inside_the_migrations", works_inside_the_migrations),
    ("init_takes_over_nothing_secret", takes_over_nothing_secret),
    ("init_reads_this_repository", reads_this_repository),
];

fn then_check_passes_on_postgres() -> Result<(), Failed> {
    let installed = installations(EngineKind::Postgres, &[]).unwrap();
    let image = format!("docker.io/library/postgres:{}.1-alpine", installed[0].product.release.major);
    let compose = format!("services:\n  web: {{build: .}}\n  db:\n    image: {image}\n    ports: ['5432:5432']\n");
    let project = run::project();
    write(project.path(), &BOOKS);
    write(project.path(), &[("Cargo.toml", &manifest("postgres")), ("docker-compose.yml", &compose)]);
    let ran = rollproof(project.path(), &["init"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for part in ["wrote rollproof.yml", "uses: rollproof/rollproof@v0", "fetch-depth: 0", "Next: rollproof check\n"] {
        assert!(ran.stdout.contains(part), "{part} in: {}", ran.stdout);
    }
    let (project_read, _) = config::load(&project.path().join("rollproof.yml")).unwrap();
    let database = &project_read.databases[0];
    assert_eq!(database.image.as_deref(), Some(image.as_str()));
    assert_eq!(database.format.as_deref(), Some("sqlx"));
    let text = fs::read_to_string(project.path().join("rollproof.yml")).unwrap();
    assert!(text.contains("# from docker-compose.yml, service db"), "{text}");

    let ran = run::check(project.path(), &["--provision", "local"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.report().unwrap()["databases"][0]["image"], image.as_str());
    Ok(())
}

fn then_check_passes() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &BOOKS);
    write(
        project.path(),
        &[("go.mod", "require modernc.org/sqlite v1.0.0"), ("web/knexfile.js", ""), ("compose.yml", "services: [\n")],
    );
    let ran = rollproof(project.path(), &["init"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("note: Knex was found (web/knexfile.js)"), "{}", ran.stdout);
    assert!(ran.stdout.contains("note: compose.yml is no YAML that can be read"), "{}", ran.stdout);
    let ran = run::check(project.path(), &[]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.report().unwrap()["databases"][0]["engine"], "sqlite");
    Ok(())
}

fn never_overwrites() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &BOOKS);
    write(project.path(), &[("Cargo.toml", &manifest("sqlite")), ("rollproof.yml", "# mine\n")]);
    let file = project.path().join("rollproof.yml");
    let ran = rollproof(project.path(), &["init"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("rollproof.yml is there already; --force replaces it"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
    assert_eq!(rollproof(project.path(), &["init", "--force"]).code, Some(0));
    assert!(fs::read_to_string(&file).unwrap().contains("engine: sqlite"));

    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("nowhere/x", &file).unwrap();
    assert_eq!(rollproof(project.path(), &["init"]).code, Some(2), "a link that leads nowhere is somebody's too");
    fs::rename(&file, project.path().join("rollproof.yaml")).unwrap();
    let ran = rollproof(project.path(), &["init"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("rename it to rollproof.yml"), "{}", ran.stderr);
    Ok(())
}

fn prints_without_writing() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &BOOKS);
    write(project.path(), &[("Cargo.toml", &manifest("sqlite"))]);
    let ran = rollproof(project.path(), &["init", "--print"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    config::read(&ran.stdout, &project.path().join("rollproof.yml")).unwrap();
    assert!(!project.path().join("rollproof.yml").exists());
    Ok(())
}

fn names_what_it_cannot_read() -> Result<(), Failed> {
    for (file, text, told) in
        [("knexfile.js", "", "Knex (knexfile.js)"), ("db/schema.rb", "", "Rails (Active Record) (db/schema.rb)")]
    {
        let project = run::project();
        write(project.path(), &[(file, text)]);
        let ran = rollproof(project.path(), &["init"]);
        assert_eq!(ran.code, Some(2), "{file}");
        assert!(ran.stderr.contains(told) && ran.stderr.contains("does not read such migrations"), "{}", ran.stderr);
        assert!(!project.path().join("rollproof.yml").exists());
    }
    let empty = run::project();
    let ran = rollproof(empty.path(), &["init"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("no migrations found"), "{}", ran.stderr);
    assert_eq!(rollproof(empty.path(), &["init", "nowhere"]).code, Some(2));
    Ok(())
}

fn works_from_elsewhere() -> Result<(), Failed> {
    let repository = run::project();
    let files: Vec<(String, &str)> = BOOKS.iter().map(|(name, text)| (format!("apps/shop/{name}"), *text)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    write(repository.path(), &files);
    // An empty `.git` is none: git looks further up, and so do the paths of a workflow.
    write(repository.path(), &[(".git/HEAD", "ref: refs/heads/main\n"), ("apps/shop/Cargo.toml", &manifest("sqlite"))]);
    fs::create_dir(repository.path().join("apps/.git"))?;
    let ran = rollproof(repository.path(), &["init", "apps/shop"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("working-directory: \"apps/shop\""), "{}", ran.stdout);
    assert!(ran.stdout.contains("Next: rollproof check apps/shop\n"), "{}", ran.stdout);
    let ran = run::check(repository.path(), &["apps/shop"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    Ok(())
}

fn works_inside_the_migrations() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &BOOKS);
    let migrations = project.path().join("migrations");
    let ran = rollproof(&migrations, &["init"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let (read, _) = config::load(&migrations.join("rollproof.yml")).unwrap();
    assert_eq!(read.databases[0].migrations, std::path::Path::new("."));
    Ok(())
}

fn takes_over_nothing_secret() -> Result<(), Failed> {
    let project = run::project();
    write(project.path(), &BOOKS);
    write(
        project.path(),
        &[
            ("Cargo.toml", "[dependencies]\nsqlx = '1'"),
            (".env", "DATABASE_URL=postgres://u:s3cret@host.internal/db"),
            ("compose.yml", "services: {db: {image: 'postgres:17', environment: {POSTGRES_PASSWORD: s3cret}}}"),
            ("compose.broken.yml", "services: {db: {image: 's3cret'\n  x: s3cret: ]"),
            ("config.toml", "url = 'postgres://u:s3cret@host.internal/db'"),
        ],
    );
    let ran = rollproof(project.path(), &["init"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let file = fs::read_to_string(project.path().join("rollproof.yml")).unwrap();
    assert!(file.contains("# from DATABASE_URL in .env"), "{file}");
    let all = format!("{file}{}{}", ran.stdout, ran.stderr);
    assert!(!all.contains("s3cret") && !all.contains("host.internal"), "{all}");
    Ok(())
}

fn reads_this_repository() -> Result<(), Failed> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let ran = rollproof(root, &["init", "--print"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("migrations: {format: sqlx, path: migrations}"), "{}", ran.stdout);
    Ok(())
}
