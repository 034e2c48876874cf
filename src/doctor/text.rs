//! The diagnosis for people.

use super::model::{DatabaseDiagnosis, Diagnosis, Machine, Place, ProjectDiagnosis};
use crate::history::EngineKind;

/// The column where answers begin.
const ANSWERS: usize = 14;

/// The diagnosis as text.
pub fn to_text(diagnosis: &Diagnosis) -> String {
    let mut text = String::new();
    machine(&mut text, &diagnosis.machine);
    match &diagnosis.project {
        Some(found) => project(&mut text, found),
        None => text.push_str("\nno project here: neither a rollproof.yml nor migrations were found\n"),
    }
    text.push('\n');
    text.push_str(&verdict(diagnosis));
    text.push('\n');
    text
}

fn machine(text: &mut String, machine: &Machine) {
    let engine = machine.container_engine.as_ref().map(|engine| {
        let rootless = if engine.rootless { ", rootless" } else { "" };
        format!("{} {} at {}{rootless}", engine.product, engine.version, engine.host)
    });
    let none = || machine.container_problem.clone().unwrap_or_else(|| "none".to_owned());
    answer(text, "containers", &[engine.unwrap_or_else(none)]);

    let mut servers: Vec<String> = machine
        .servers
        .iter()
        .map(|server| {
            let user = server.runs_as.as_ref().map(|user| format!("; as root: run as user {user}")).unwrap_or_default();
            let problem = server.problem.as_ref().map(|problem| format!("; {problem}")).unwrap_or_default();
            format!("{} {} in {}{user}{problem}", server.engine.title(), server.version, server.bin.display())
        })
        .collect();
    for (title, kin) in
        [("PostgreSQL", [EngineKind::Postgres; 2]), ("MySQL or MariaDB", [EngineKind::Mysql, EngineKind::Mariadb])]
    {
        if !machine.servers.iter().any(|server| kin.contains(&server.engine)) {
            servers.push(format!("no {title} in PATH or where packages put it"));
        }
    }
    answer(text, "servers", &servers);

    let sqlite = machine.sqlite.as_ref().map_or("does not open".to_owned(), |version| format!("{version}, built in"));
    answer(text, "SQLite", &[sqlite]);
    let git = machine.git.clone().unwrap_or_else(|| "not in PATH; --base needs it".to_owned());
    answer(text, "git", &[git]);
    answer(text, "data", &machine.data_places.iter().map(place).collect::<Vec<_>>());

    let cache = match &machine.cache.path {
        Some(path) => {
            format!("{}: {}, {}", path.display(), counted(machine.cache.seeds, "seed"), size(machine.cache.bytes))
        }
        None => "none, since neither HOME nor XDG_CACHE_HOME is set; each start takes longer".to_owned(),
    };
    answer(text, "cache", &[cache]);

    let left = &machine.left_behind;
    let mut lines: Vec<String> = left.folders.iter().map(|folder| format!("folder {}", folder.display())).collect();
    lines.extend(left.containers.iter().map(|container| format!("container {container}")));
    lines.push(if lines.is_empty() { "nothing".to_owned() } else { "`rollproof clean` removes that".to_owned() });
    answer(text, "left behind", &lines);
}

fn place(place: &Place) -> String {
    let kind = if place.memory { "in memory" } else { "on disk" };
    let free = place.free_bytes.map(|free| format!(", {} free", size(free))).unwrap_or_default();
    let unfit = place.unfit.as_ref().map(|reason| format!("; does not serve: {reason}")).unwrap_or_default();
    format!("{}: {kind}{free}{unfit}", place.path.display())
}

fn project(text: &mut String, project: &ProjectDiagnosis) {
    let source = match &project.config {
        Some(file) => format!("project of {}", file.display()),
        None if project.problem.is_some() => "project".to_owned(),
        None => "project without a rollproof.yml, which `rollproof init` writes".to_owned(),
    };
    text.push_str(&format!("\n{source}\n"));
    if let Some(problem) = &project.problem {
        text.push_str(&format!("  {}\n", problem.replace('\n', "\n  ")));
    }
    for database in &project.databases {
        let mut lines = vec![told(database)];
        lines.extend(database.remedies.iter().map(|remedy| format!("  {remedy}")));
        answer(text, &format!("  {}", database.name), &lines);
    }
}

fn told(database: &DatabaseDiagnosis) -> String {
    let image = database.image.as_ref().map(|image| format!(" ({image})")).unwrap_or_default();
    let engine = database.engine.map_or("unknown engine", EngineKind::title);
    match database.provision {
        Some(provision) => format!("{engine}{image}: {provision}; {}", database.why),
        None => format!("{engine}{image}: CANNOT BE PROVIDED: {}", database.why),
    }
}

fn verdict(diagnosis: &Diagnosis) -> String {
    match &diagnosis.project {
        None if diagnosis.ready => "ready: there is something to run migrations on".to_owned(),
        None => "not ready: there is nothing to run migrations on".to_owned(),
        Some(project) if project.problem.is_some() => "not ready: the project cannot be read".to_owned(),
        Some(project) => {
            let all = project.databases.len();
            let missing = project.databases.iter().filter(|database| database.provision.is_none()).count();
            if missing == 0 {
                format!("ready: {} can be provided", counted(all, "database"))
            } else {
                format!("not ready: {missing} of {} cannot be provided", counted(all, "database"))
            }
        }
    }
}

/// A word and what there is to say about it, one thing a line.
fn answer(text: &mut String, word: &str, lines: &[String]) {
    for (at, line) in lines.iter().enumerate() {
        let word = if at == 0 { word } else { "" };
        text.push_str(&format!("{word:ANSWERS$} {line}\n"));
    }
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// A size as people read it.
fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 2] = [(1 << 30, "GiB"), (1 << 20, "MiB")];
    match UNITS.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => {
            let tenths = bytes.saturating_mul(10) / unit;
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{} KiB", bytes / 1024),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, expected) in [(0, "0 KiB"), (2048, "2 KiB"), (31_000_000, "29.5 MiB"), (3 << 30, "3.0 GiB")] {
            assert_eq!(size(bytes), expected);
        }
        assert!(size(u64::MAX).ends_with("GiB"));
    }
}
