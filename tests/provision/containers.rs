//! Servers in containers of real images: they answer, are tuned, and nothing of them is left however their owner ends.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use rollproof::history::EngineKind;
use rollproof::provision::{Mode, ProvisionKind, Server, Wanted, clean, container_engine, container_image, provide_in};
use sqlx::{Connection, PgConnection};

use super::hold::Holder;
use super::local::{ask, error_of, run};
use super::places::Ground;
use super::{Test, block_on};

pub(crate) const TESTS: &[Test] = &[
    ("container_answers_and_is_tuned", answers_and_is_tuned),
    ("container_begins_with_a_seed", begins_with_a_seed),
    ("container_runs_the_scripts_of_its_image", runs_the_scripts_of_its_image),
    ("container_does_without_a_broken_seed", does_without_a_broken_seed),
    ("container_leaves_nothing_after_panic", leaves_nothing_after_panic),
    ("container_leaves_nothing_when_start_is_cut_off", leaves_nothing_when_start_is_cut_off),
    ("container_interrupts_end_in_order", interrupts_end_in_order),
    ("container_of_a_killed_owner_is_cleaned_up", of_a_killed_owner_is_cleaned_up),
    ("container_that_ends_shows_its_log", that_ends_shows_its_log),
    ("container_that_never_answers_shows_its_log", that_never_answers_shows_its_log),
    ("container_removed_by_somebody_is_told", removed_by_somebody_is_told),
    ("container_image_that_is_not_there_is_told", image_that_is_not_there_is_told),
    ("container_image_of_another_version_is_told", image_of_another_version_is_told),
    ("container_settings_that_do_not_fit_are_told", settings_that_do_not_fit_are_told),
];

/// The first image of the tests; `None` where there is none, or no engine.
pub(crate) fn image() -> Option<String> {
    let listed = std::env::var("ROLLPROOF_TEST_IMAGES").ok()?;
    listed.split_whitespace().next().map(str::to_owned)
}

fn wanted() -> Wanted {
    Wanted { mode: Mode::Container, image: image(), ..Wanted::new(EngineKind::Postgres) }
}

async fn start(ground: &Ground) -> Server {
    provide_in(&wanted(), &ground.places(), &|_| ()).await.expect("a server in a container")
}

/// What the engine's own command prints.
pub(crate) fn docker(args: &[&str]) -> String {
    let output = Command::new("docker").args(args).stdin(Stdio::null()).output().expect("the docker command");
    assert!(output.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

/// The names of the ground's containers, which are those of its run folders.
pub(crate) fn names(ground: &Ground) -> Vec<String> {
    let name = |folder: std::path::PathBuf| folder.file_name().unwrap().to_string_lossy().into_owned();
    ground.run_folders().into_iter().map(name).collect()
}

pub(crate) fn is_there(name: &str) -> bool {
    !docker(&["ps", "--all", "--quiet", "--filter", &format!("name={name}")]).is_empty()
}

fn answers_and_is_tuned() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let wanted = Wanted { server_settings: [("work_mem".into(), "7MB".into())].into(), ..wanted() };
        let mut server = provide_in(&wanted, &ground.places(), &|_| ()).await.unwrap();
        assert_eq!((server.provision, server.engine), (ProvisionKind::Container, EngineKind::Postgres));
        assert!(server.owned() && server.is_alive().await && server.notes.is_empty());
        assert_eq!(server.image, image());
        let id = docker(&["image", "inspect", "--format", "{{.Id}}", &image().unwrap()]);
        let digest = server.image_digest.clone().unwrap();
        assert!(
            digest.starts_with("sha256:") && (digest == id || docker(&["image", "ls", "--digests"]).contains(&digest))
        );
        assert_eq!(container_image(&image().unwrap()).await.unwrap(), Some(digest));
        let engine = container_engine().await.unwrap();
        assert!(!engine.version.is_empty() && !engine.host.is_empty(), "{engine:?}");

        let admin = server.postgres_admin_options().unwrap();
        let settings = "SELECT concat_ws(' ', current_setting('fsync'), current_setting('work_mem'), \
                        current_setting('jit'), current_user, pg_encoding_to_char(encoding)) \
                        FROM pg_database WHERE datname = current_database()";
        assert_eq!(ask(admin, settings).await, "off 7MB off postgres UTF8");
        let version = ask(admin, "SHOW server_version").await;
        assert_eq!(version.split_whitespace().next(), Some(server.version.as_str()));
        run(admin, "SET log_min_messages = 'log'; DO $$ BEGIN RAISE LOG 'rollproof was here'; END $$").await;
        // The engine takes the lines over when it comes to it.
        let deadline = Instant::now() + Duration::from_secs(5);
        while !server.log_tail(20).await.iter().any(|line| line.contains("rollproof was here")) {
            assert!(Instant::now() < deadline, "{:?}", server.log_tail(20).await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }

        let name = names(&ground).pop().unwrap();
        let port = docker(&["port", &name, "5432/tcp"]);
        // From inside a container the machine's own address does not lead to the engine's.
        let only_here = !Path::new("/.dockerenv").exists() && !Path::new("/run/.containerenv").exists();
        assert_eq!(port.starts_with("127.0.0.1:") && port.lines().count() == 1, only_here, "{port}");
        let volumes = docker(&["inspect", "--format", "{{range .Mounts}}{{.Type}} {{end}}", &name]);
        assert!(!volumes.contains("volume"), "its data is on a disk: {volumes}");
        let folder = ask(admin, "SHOW data_directory").await;
        let place = docker(&["exec", &name, "stat", "-f", "-c", "%T", &folder]);
        assert_eq!(place, "tmpfs");
        server.stop().await.unwrap();
        assert!(!is_there(&name));
    });
    ground.assert_nothing_left();
    Ok(())
}

fn begins_with_a_seed() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let first = start(&ground).await;
        assert_eq!(ground.seeds().len(), 1, "the first run keeps one");
        run(first.postgres_admin_options().unwrap(), "CREATE TABLE traces (id integer)").await;
        first.stop().await.unwrap();
        let second = start(&ground).await;
        let admin = second.postgres_admin_options().unwrap();
        assert_eq!(ask(admin, "SELECT count(*)::text FROM pg_tables WHERE tablename = 'traces'").await, "0");
        let log = second.log_tail(500).await.join("\n");
        assert!(!log.contains("PostgreSQL init process complete"), "it was initialised again:\n{log}");
        // Another password does not open it.
        let wrong = admin.clone().password("wrong");
        assert!(PgConnection::connect_with(&wrong).await.is_err());
        second.stop().await.unwrap();
        // Other settings of the data, another seed.
        let latin = Wanted { server_settings: [("encoding".into(), "SQL_ASCII".into())].into(), ..wanted() };
        let third = provide_in(&latin, &ground.places(), &|_| ()).await.unwrap();
        assert_eq!(ask(third.postgres_admin_options().unwrap(), "SHOW server_encoding").await, "SQL_ASCII");
        assert_eq!(ground.seeds().len(), 2);
        third.stop().await.unwrap();
    });
    ground.assert_nothing_left();
    Ok(())
}

fn does_without_a_broken_seed() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        start(&ground).await.stop().await.unwrap();
        let archive = ground.seeds()[0].join("data/data.gz");
        let length = fs::metadata(&archive).unwrap().len();
        // Of the right size, so that counting its bytes finds nothing.
        fs::write(&archive, vec![0; usize::try_from(length).unwrap()]).unwrap();
        let server = start(&ground).await;
        assert_eq!(ask(server.postgres_admin_options().unwrap(), "SELECT 'answer'").await, "answer");
        server.stop().await.unwrap();
        let bytes = fs::read(&archive).unwrap();
        assert!(bytes.starts_with(&[0x1f, 0x8b]), "it was made anew");
    });
    ground.assert_nothing_left();
    Ok(())
}

fn leaves_nothing_after_panic() -> Result<(), Failed> {
    let ground = Ground::new();
    let mut name = String::new();
    let end = catch_unwind(AssertUnwindSafe(|| {
        block_on(async {
            let _server = start(&ground).await;
            name = names(&ground).pop().unwrap();
            assert!(is_there(&name));
            std::panic::resume_unwind(Box::new("on purpose"));
        });
    }));
    assert_eq!(end.unwrap_err().downcast_ref::<&str>(), Some(&"on purpose"));
    assert!(!is_there(&name));
    ground.assert_nothing_left();
    Ok(())
}

fn leaves_nothing_when_start_is_cut_off() -> Result<(), Failed> {
    let ground = Ground::new();
    let mut made = 0;
    block_on(async {
        for patience in [5, 20, 50, 100, 200, 300, 500, 800, 1200] {
            let mut seen = BTreeSet::new();
            let watch = async {
                loop {
                    seen.extend(names(&ground));
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            tokio::select! {
                _ = tokio::time::timeout(Duration::from_millis(patience), start(&ground)) => {}
                () = watch => {}
            }
            assert!(ground.run_folders().is_empty(), "after {patience} ms");
            for name in &seen {
                assert!(!is_there(name), "{name} is there after {patience} ms");
            }
            made += seen.len();
        }
    });
    assert!(made >= 5, "hardly any start came as far as a container: {made}");
    Ok(())
}

fn interrupts_end_in_order() -> Result<(), Failed> {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let ground = Ground::new();
        let holder = Holder::start_container(&ground, &image().unwrap());
        let name = names(&ground).pop().unwrap();
        assert!(is_there(&name));
        assert_eq!(holder.end_with(signal), Some(code));
        assert!(!is_there(&name));
        ground.assert_nothing_left();
    }
    Ok(())
}

fn of_a_killed_owner_is_cleaned_up() -> Result<(), Failed> {
    let ground = Ground::new();
    let killed = Holder::start_container(&ground, &image().unwrap());
    let of_killed = names(&ground).pop().unwrap();
    assert_eq!(killed.end_with("-KILL"), None);
    assert!(is_there(&of_killed), "nobody could remove it");
    let alive = Holder::start_container(&ground, &image().unwrap());
    assert!(!is_there(&of_killed), "the next run removes it");
    let of_alive = names(&ground).into_iter().find(|name| *name != of_killed).unwrap();
    block_on(async {
        let cleaned = clean(&ground.places()).await;
        assert!(!cleaned.containers.contains(&of_alive) && is_there(&of_alive), "its owner lives");
    });
    assert_eq!(alive.end_with("-KILL"), None);
    block_on(async {
        let cleaned = clean(&ground.places()).await;
        assert!(cleaned.problems.is_empty(), "{:?}", cleaned.problems);
        assert!(!is_there(&of_alive));
    });
    ground.assert_nothing_left();
    Ok(())
}

/// An image that begins with another program than the server.
pub(crate) struct OddImage(pub(crate) String);

impl OddImage {
    fn new(name: &str, entrypoint: &str) -> Self {
        Self::build(name, &format!("ENTRYPOINT {entrypoint}"), "")
    }

    /// One of these instructions, beside which `script` is a file.
    fn build(name: &str, instructions: &str, script: &str) -> Self {
        Self::of(&image().unwrap(), &format!("{name}-{}:15", std::process::id()), instructions, script)
    }

    /// One that is made of `image`, with a name that tells its version.
    pub(crate) fn of(image: &str, name: &str, instructions: &str, script: &str) -> Self {
        let name = format!("rollproof-test-{name}");
        let folder = tempfile::tempdir().unwrap();
        let text = format!("FROM {image}\n{instructions}\n");
        fs::write(folder.path().join("Dockerfile"), text).unwrap();
        fs::write(folder.path().join("script"), script).unwrap();
        docker(&["build", "--quiet", "--tag", &name, &folder.path().display().to_string()]);
        Self(name)
    }

    fn wanted(&self) -> Wanted {
        Wanted { image: Some(self.0.clone()), start_timeout: Duration::from_secs(2), ..wanted() }
    }
}

impl Drop for OddImage {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["rmi", "--force", &self.0]).stdout(Stdio::null()).status();
    }
}

/// As the images of extensions have them.
fn runs_the_scripts_of_its_image() -> Result<(), Failed> {
    let ground = Ground::new();
    let script = "echo \"work_mem = '9MB'\" >>\"$PGDATA/postgresql.conf\"\n\
                  psql -U postgres -d template1 -c 'CREATE TABLE made_by_the_image (id integer)'\n";
    let odd = OddImage::build("scripts", "COPY script /docker-entrypoint-initdb.d/10_more.sh", script);
    let wanted = Wanted { start_timeout: Duration::from_secs(30), ..odd.wanted() };
    block_on(async {
        for round in ["first", "with a seed"] {
            let server = provide_in(&wanted, &ground.places(), &|_| ()).await.unwrap();
            let admin = server.postgres_admin_options().unwrap();
            assert_eq!(ask(admin, "SHOW work_mem").await, "9MB", "{round}");
            run(admin, "CREATE DATABASE fresh").await;
            let there = "SELECT to_regclass('made_by_the_image')::text";
            assert_eq!(ask(&admin.clone().database("fresh"), there).await, "made_by_the_image", "{round}");
            server.stop().await.unwrap();
        }
        assert_eq!(ground.seeds().len(), 1);
    });
    ground.assert_nothing_left();
    Ok(())
}

fn that_ends_shows_its_log() -> Result<(), Failed> {
    let ground = Ground::new();
    let odd = OddImage::new("ends", r#"["sh", "-c", "echo no space left for $POSTGRES_USER >&2; exit 3"]"#);
    block_on(async {
        let error = error_of(&odd.wanted(), &ground).await;
        for part in [odd.0.as_str(), "ended before it answered (exit code 3)", "no space left for"] {
            assert!(error.contains(part), "{error}");
        }
    });
    ground.assert_nothing_left();
    Ok(())
}

fn that_never_answers_shows_its_log() -> Result<(), Failed> {
    let ground = Ground::new();
    let odd = OddImage::new("never", r#"["sh", "-c", "echo password $POSTGRES_PASSWORD; exec sleep 600"]"#);
    block_on(async {
        let clock = Instant::now();
        let error = error_of(&odd.wanted(), &ground).await;
        assert!(clock.elapsed() < Duration::from_secs(30), "the timeout is 2 s");
        for part in ["did not answer within 2 s", "it wrote:\npassword ***", "--start-timeout"] {
            assert!(error.contains(part), "{error}");
        }
    });
    ground.assert_nothing_left();
    Ok(())
}

fn removed_by_somebody_is_told() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let mut server = start(&ground).await;
        docker(&["rm", "--force", &names(&ground).pop().unwrap()]);
        assert!(!server.is_alive().await);
        server.stop().await.expect("what is gone is gone");
    });
    ground.assert_nothing_left();
    Ok(())
}

fn image_that_is_not_there_is_told() -> Result<(), Failed> {
    let ground = Ground::new();
    // No registry answers at this address, whatever the network.
    let missing = "localhost:9/rollproof/postgres:15".to_owned();
    block_on(async {
        let missing = Wanted { image: Some(missing.clone()), ..wanted() };
        let error = error_of(&missing, &ground).await;
        assert!(
            error.contains("does not have the image localhost:9/rollproof/postgres:15 and cannot pull it"),
            "{error}"
        );
        let told = std::cell::RefCell::new(Vec::new());
        let auto = Wanted { mode: Mode::Auto, allow_substitute: true, ..missing };
        let tell = |what: &str| told.borrow_mut().push(what.to_owned());
        let server = provide_in(&auto, &ground.places(), &tell).await.unwrap();
        assert_eq!(server.provision, ProvisionKind::Local, "auto falls back");
        assert!(server.notes.iter().any(|note| note.contains("cannot pull it")), "{:?}", server.notes);
        assert_eq!(*told.borrow(), ["pulling the image localhost:9/rollproof/postgres:15"]);
        server.stop().await.unwrap();
        let odd = Wanted { image: Some("Postgres:15 --privileged".to_owned()), ..wanted() };
        assert!(error_of(&odd, &ground).await.contains("is no name of a container image"));
        let other = Wanted { image: Some("mysql:9".to_owned()), ..wanted() };
        assert!(error_of(&other, &ground).await.contains("mysql:9 is MySQL"));
    });
    ground.assert_nothing_left();
    Ok(())
}

fn image_of_another_version_is_told() -> Result<(), Failed> {
    let ground = Ground::new();
    let name = format!("rollproof-test-postgres-{}:13", std::process::id());
    docker(&["tag", &image().unwrap(), &name]);
    let odd = OddImage(name);
    let wanted = Wanted { start_timeout: Duration::from_secs(30), ..odd.wanted() };
    block_on(async {
        let error = error_of(&wanted, &ground).await;
        assert!(error.contains(&format!("the image {} holds PostgreSQL", odd.0)), "{error}");
        let allowed = Wanted { allow_substitute: true, ..wanted };
        let server = provide_in(&allowed, &ground.places(), &|_| ()).await.unwrap();
        assert!(server.notes[0].contains("holds PostgreSQL"), "{:?}", server.notes);
        server.stop().await.unwrap();
    });
    ground.assert_nothing_left();
    Ok(())
}

fn settings_that_do_not_fit_are_told() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let settings = [("shared_preload_libraries".into(), "no_such_library".into())].into();
        // In every mode: what is wrong with a setting is not mended by another server.
        for mode in [Mode::Container, Mode::Auto] {
            let wanted = Wanted { mode, server_settings: Clone::clone(&settings), ..wanted() };
            let error = error_of(&wanted, &ground).await;
            assert!(error.contains("no_such_library") && error.contains("server-settings"), "{error}");
        }
    });
    ground.assert_nothing_left();
    Ok(())
}
