//! Where the program comes from: the cache, else a build from the action's own checkout.

use std::fs;
use std::path::Path;

use crate::runner::{Played, Runner};
use crate::{clean, output};

/// A machine without the program.
fn bare() -> Runner {
    let mut runner = Runner::new();
    runner.env.remove("ROLLPROOF_BINARY");
    clean(&runner, "");
    runner
}

/// A program that does as the one under test.
fn program() -> String {
    format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_rollproof"))
}

/// Puts a cargo before all others that notes how it was called and puts the program where cargo would.
fn with_cargo(runner: &mut Runner, ends: &str) {
    let text = format!(
        "#!/bin/sh\n{{ pwd; echo \"$*\"; echo \"flags: $RUSTFLAGS$CARGO_BUILD_TARGET\"; }} >'{}'\n\
         while [ \"$1\" != --target-dir ]; do shift; done\nmkdir -p \"$2/release\"\n\
         cp '{}' \"$2/release/rollproof\"\n{ends}\n",
        runner.path("called").display(),
        runner.program("built", &program()).display(),
    );
    let cargo = runner.program("bin/cargo", &text);
    let path = format!("{}:{}", cargo.parent().unwrap().display(), std::env::var("PATH").unwrap());
    runner.env.insert("PATH".to_owned(), path);
}

fn used(played: &Played) -> Vec<&str> {
    played.used.iter().map(|(name, _)| name.split('@').next().unwrap()).collect()
}

#[test]
fn a_program_in_the_cache_is_used() {
    let mut runner = bare();
    runner.cached = Some(program());
    let played = runner.play(&[]);
    assert_eq!((played.code, output(&played, "outcome")), (0, "passed"), "{}", played.log);
    assert_eq!(used(&played), ["actions/cache/restore"]);
}

#[test]
fn without_one_it_is_built_and_kept() {
    let mut runner = bare();
    with_cargo(&mut runner, "");
    runner.env.insert("RUSTFLAGS".to_owned(), "-D warnings".to_owned());
    runner.env.insert("CARGO_BUILD_TARGET".to_owned(), "elsewhere".to_owned());
    let played = runner.play(&[]);
    assert_eq!((played.code, output(&played, "outcome")), (0, "passed"), "{}", played.log);
    let called = fs::read_to_string(runner.path("called")).unwrap();
    let [folder, words, flags] = called.lines().collect::<Vec<_>>()[..] else { panic!("{called}") };
    assert_eq!(Path::new(folder).canonicalize().unwrap(), runner.action_path.canonicalize().unwrap());
    let target = runner.path("temp/rollproof/target");
    assert_eq!(words, format!("build --release --locked --target-dir {}", target.display()));
    assert_eq!(flags, "flags: ", "what the project builds with is not for this program");
    assert!(!target.exists(), "a gigabyte is not left behind");

    assert_eq!(used(&played), ["actions/cache/restore", "actions/cache/save"]);
    assert_eq!(played.used[0].1, played.used[1].1, "what is looked for is what is kept");
    let key = &played.used[0].1["key"];
    assert!(key.starts_with("rollproof-source-") && key.len() > 64 && !key.contains([',', ' ']), "{key}");
}

#[test]
fn a_program_that_does_not_run_here_is_built_again() {
    let mut runner = bare();
    with_cargo(&mut runner, "");
    runner.cached = Some("#!/bin/sh\nexit 127\n".to_owned());
    let played = runner.play(&[]);
    assert_eq!((played.code, output(&played, "outcome")), (0, "passed"), "{}", played.log);
    assert!(runner.path("called").exists());
}

#[test]
fn a_build_that_fails_is_an_error() {
    let mut runner = bare();
    with_cargo(&mut runner, "echo 'error: no memory' >&2; exit 101");
    let played = runner.play(&[]);
    assert_eq!((played.code, output(&played, "outcome")), (2, "error"), "{}", played.log);
    assert!(played.log.contains("error: no memory"));
    assert!(played.annotations()[0].1.contains("could not be built"), "{}", played.log);
    assert_eq!(used(&played), ["actions/cache/restore"], "nothing is kept");
}

#[test]
fn a_machine_without_rust_is_told_what_to_do() {
    let mut runner = bare();
    // The tools of the scripts, and no cargo.
    fs::create_dir(runner.path("tools")).unwrap();
    for tool in ["env", "bash", "find", "sort", "sha256sum", "shasum", "cut", "uname", "getconf", "dirname", "sw_vers"]
    {
        let path = std::env::var_os("PATH").unwrap();
        if let Some(found) = std::env::split_paths(&path).map(|folder| folder.join(tool)).find(|file| file.is_file()) {
            std::os::unix::fs::symlink(found, runner.path("tools").join(tool)).unwrap();
        }
    }
    runner.env.insert("PATH".to_owned(), runner.path("tools").display().to_string());
    let played = runner.play(&[]);
    assert_eq!((played.code, output(&played, "outcome")), (2, "error"), "{}", played.log);
    assert!(played.annotations()[0].1.contains("no cargo on this runner"), "{}", played.log);
}

#[test]
fn other_versions_and_programs_that_are_not_there_are_named() {
    let mut runner = bare();
    let played = runner.play(&[("version", "1.2.3")]);
    assert_eq!((played.code, output(&played, "outcome")), (2, "error"));
    assert!(played.annotations()[0].1.contains("no release 1.2.3"), "{}", played.log);
    runner.env.insert("ROLLPROOF_BINARY".to_owned(), runner.path("nowhere").display().to_string());
    let played = runner.play(&[]);
    assert_eq!(played.code, 2);
    assert!(played.annotations()[0].1.contains("which is no program"), "{}", played.log);
}

/// The key is that of the sources: what no build reads does not change it.
#[test]
fn the_key_follows_the_sources() {
    let mut runner = bare();
    runner.cached = Some(program());
    let checkout = runner.path("checkout");
    for script in ["find.sh", "build.sh", "check.sh", "common.sh"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("action").join(script);
        runner.program(&format!("checkout/action/{script}"), &fs::read_to_string(from).unwrap());
    }
    runner.action_path.clone_from(&checkout);
    let key = |name: &str, text: &str| {
        runner.program(&format!("checkout/{name}"), text);
        runner.play(&[]).used[0].1["key"].clone()
    };
    let first = key("src/main.rs", "fn main() {}");
    assert_eq!(key("tests/a.rs", "fn a() {}"), first);
    assert_eq!(key("docs/a.md", "text"), first);
    assert_eq!(key("target/release/rollproof", "binary"), first);
    let second = key("src/main.rs", "fn main() { }");
    assert_ne!(second, first);
    assert_ne!(key("policies/core/new rule.yml", "facts: 1"), second);
    assert_eq!(runner.play(&[]).used[0].1["key"], runner.play(&[]).used[0].1["key"]);
}
