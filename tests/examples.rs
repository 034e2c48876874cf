//! Every example of every rule does what the rule's file says it does, on each engine that it names.

#![expect(clippy::print_stdout, reason = "what cannot run must be seen")]

#[path = "common/means.rs"]
mod means;
#[path = "common/run.rs"]
mod run;
#[path = "common/wherewithal.rs"]
mod wherewithal;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use means::Wherewithal;
use rollproof::history::{self, EngineKind};
use rollproof::policy::{self, Example, Expected, Given, Rule};
use rollproof::replay::Phase;

fn main() -> ExitCode {
    let rules = policy::load(&[]).expect("the core rules load");
    let means: BTreeMap<EngineKind, Wherewithal> =
        EngineKind::ALL.map(|engine| (engine, Wherewithal::of(engine.word()))).into();
    for (engine, means) in &means {
        if let Wherewithal::Missing(why) = means {
            println!("{why}: the examples on {engine} cannot run");
        }
    }
    let trials = rules.iter().flat_map(|rule| rule.examples.iter().flat_map(|example| trials(rule, example, &means)));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn trials(rule: &Rule, example: &Example, means: &BTreeMap<EngineKind, Wherewithal>) -> Vec<Trial> {
    let name = format!("{}: {}", rule.id, example.name);
    match &example.given {
        Given::Graph { .. } => {
            let example = example.clone();
            vec![Trial::test(name, move || run_graph(&example))]
        }
        Given::Files { engines, format, files, beside } => {
            let trial = |engine: &EngineKind| {
                let (engine, format, files, expected) =
                    (*engine, format.clone(), files.clone(), example.findings.clone());
                let beside = beside.clone();
                let mut args = Vec::new();
                let mut missing = None;
                for engine in std::iter::once(engine).chain(beside.iter().map(|(engine, _)| *engine)) {
                    match &means[&engine] {
                        Wherewithal::With(more) => args.extend(more.iter().cloned()),
                        Wherewithal::Missing(why) => missing = Some(*why),
                    }
                }
                let test = move || match missing {
                    Some(why) => Err(why.into()),
                    None => run_files(engine, &format, &files, beside.as_ref(), &args, &expected),
                };
                let ignored = missing.is_some() && !wherewithal::everything_is_to_be_tried();
                Trial::test(format!("{name}@{engine}"), test).with_ignored_flag(ignored)
            };
            engines.iter().map(trial).collect()
        }
    }
}

fn run_graph(example: &Example) -> Result<(), Failed> {
    let rules = policy::load(&[])?;
    let graph = example.graph().ok_or("the example is no graph")?;
    let changes = example.base().map(|base| history::changes(&base, &graph));
    let facts = policy::gather(&graph, changes.as_ref(), None, &BTreeSet::from([Phase::Graph]));
    let judgement = policy::judge(&rules, &facts, &BTreeMap::new());
    let found = judgement.findings.into_iter().map(|found| Expected { rule: found.rule, migration: found.migration });
    same(&example.findings, found.collect())
}

fn run_files(
    engine: EngineKind,
    format: &str,
    files: &BTreeMap<String, String>,
    beside: Option<&(EngineKind, BTreeMap<String, String>)>,
    server: &[String],
    expected: &[Expected],
) -> Result<(), Failed> {
    let project = run::project();
    let write = |folder: &str, files: &BTreeMap<String, String>| -> Result<(), Failed> {
        for (name, text) in files {
            let file = project.path().join(folder).join(name);
            fs::create_dir_all(file.parent().ok_or("a file lies in a folder")?)?;
            fs::write(file, text)?;
        }
        Ok(())
    };
    let mut args = vec!["--provision", "local"];
    args.extend(server.iter().map(String::as_str));
    match beside {
        None => {
            write("migrations", files)?;
            args.extend(["--migrations", "migrations", "--engine", engine.word(), "--format", format]);
        }
        Some((other, texts)) => {
            let mut config = "databases:\n".to_owned();
            for (engine, files) in [(*other, texts), (engine, files)] {
                let folder = format!("migrations/{engine}");
                write(&folder, files)?;
                config += &format!(
                    "  - {{name: {engine}, engine: {engine}, migrations: {{format: {format}, path: {folder}}}}}\n"
                );
            }
            fs::write(project.path().join("rollproof.yml"), config)?;
        }
    }
    let ran = run::check(project.path(), &args);
    let report = ran.report().ok_or_else(|| ran.stderr.clone())?;
    let databases = report["databases"].as_array().ok_or("the report lists databases")?;
    let failed = databases.iter().any(|database| database["errors"].as_array().is_none_or(|errors| !errors.is_empty()));
    if ran.code == Some(2) || failed {
        return Err(format!("could not check: {}", ran.stderr).into());
    }
    let findings = databases.iter().filter_map(|database| database["findings"].as_array()).flatten();
    let found = findings.map(|found| Expected {
        rule: found["rule"].as_str().unwrap_or_default().to_owned(),
        migration: found["migration"].as_str().map(str::to_owned),
    });
    same(expected, found.collect())
}

/// Whether both are the same findings, in any order.
fn same(expected: &[Expected], mut found: Vec<Expected>) -> Result<(), Failed> {
    let mut expected = expected.to_vec();
    expected.sort();
    found.sort();
    if expected == found { Ok(()) } else { Err(format!("expected {expected:#?}\nfound {found:#?}").into()) }
}
