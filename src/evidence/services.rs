//! The containers that a project's own files start beside it, by their images: compose files, and the services of jobs in
//! GitHub workflows and in GitLab's `.gitlab-ci.yml`.
//!
//! Nothing but the names of services and images is kept: the same files hold passwords.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use serde_yaml::{Mapping, Value};

/// Where compose files lie, below the folder that is looked at.
const COMPOSE_FOLDERS: [&str; 3] = ["", ".devcontainer", "docker"];

/// Files of variables that stand in compose files, the first that names one counts.
const VARIABLE_FILES: [&str; 4] = [".env", ".env.example", ".env.sample", ".env.template"];

/// What was found in one folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Services {
    /// The services, compose files first, in the order of their files.
    pub found: Vec<Service>,
    /// Files that could not be read, below the folder, each with the reason.
    pub unread: Vec<String>,
}

/// A container beside the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its image as the file names it; variables are replaced by what they stand for when nobody sets them.
    pub image: String,
    /// Where it is named: `docker-compose.yml, service db`.
    pub from: String,
    /// Whether it is the project's own and not only a job's.
    pub compose: bool,
}

/// The services of the folders that were asked for. The files of a folder are read once, however many questions there are.
#[derive(Debug, Default)]
pub struct ServiceFiles {
    read: RefCell<BTreeMap<PathBuf, Rc<Services>>>,
}

impl ServiceFiles {
    /// The services that the files in `folder` name.
    pub fn of(&self, folder: &Path) -> Rc<Services> {
        let mut read = self.read.borrow_mut();
        read.entry(folder.to_owned()).or_insert_with(|| Rc::new(services(folder))).clone()
    }
}

/// The services that the files in `folder` name.
fn services(folder: &Path) -> Services {
    let mut services = Services::default();
    for below in COMPOSE_FOLDERS {
        for file in files(folder, below, is_compose) {
            let variables = |name: &str| variable(&folder.join(below), name);
            if let Some(value) = services.read(folder, &file) {
                services.add(&file, composed(&value, &folder.join(below), &variables), true);
            }
        }
    }
    for file in files(folder, ".github/workflows", is_yaml) {
        if let Some(value) = services.read(folder, &file) {
            services.add(&file, of_workflow(&value), false);
        }
    }
    for file in files(folder, "", |name| name == ".gitlab-ci.yml") {
        if let Some(value) = services.read(folder, &file) {
            services.add(&file, of_gitlab(&value), false);
        }
    }
    services
}

/// A service in one file: what it is called there, and its image.
type Named = (String, String);

impl Services {
    /// The file as YAML; one that is none is noted.
    fn read(&mut self, folder: &Path, file: &Path) -> Option<Value> {
        let read = fs::read_to_string(folder.join(file)).map_err(|error| error.to_string()).and_then(|text| {
            // What the parser says may repeat what the file holds, so only the place is told.
            let mut value: Value = serde_yaml::from_str(&text).map_err(|error| match error.location() {
                Some(place) => format!("is no YAML that can be read, at line {}", place.line()),
                None => "is no YAML that can be read".to_owned(),
            })?;
            value.apply_merge().map_err(|_| "has a `<<` that leads nowhere".to_owned())?;
            Ok(value)
        });
        read.map_err(|reason| self.unread.push(format!("{} {reason}", file.display()))).ok()
    }

    fn add(&mut self, file: &Path, services: Vec<Named>, compose: bool) {
        let service =
            |(name, image): Named| Service { image, from: format!("{}, service {name}", file.display()), compose };
        self.found.extend(services.into_iter().map(service));
    }
}

/// The names in a folder that are wanted, the shorter first, so that `docker-compose.yml` comes before its variants.
fn files(folder: &Path, below: &str, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join(below)).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| wanted(name)).collect();
    names.sort_by_key(|name| (name.len(), name.clone()));
    names.into_iter().map(|name| Path::new(below).join(name)).collect()
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yml") || name.ends_with(".yaml")
}

fn is_compose(name: &str) -> bool {
    (name.starts_with("compose") || name.starts_with("docker-compose")) && is_yaml(name)
}

/// The value of a variable in a compose file, as the files beside it set it.
fn variable(folder: &Path, name: &str) -> Option<String> {
    VARIABLE_FILES.iter().find_map(|file| {
        let text = fs::read_to_string(folder.join(file)).ok()?;
        let value = text.lines().find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix('='))?;
        let value = value.trim().trim_matches(['"', '\'']);
        (!value.is_empty()).then(|| value.to_owned())
    })
}

fn mapping<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = (String, &'v Value)> {
    let entries = value.get(key).and_then(Value::as_mapping).into_iter().flat_map(Mapping::iter);
    entries.filter_map(|(key, value)| Some((key.as_str()?.to_owned(), value)))
}

/// The services of a compose file in `folder`. One that is built counts as the image that its last stage starts from.
fn composed(compose: &Value, folder: &Path, variables: &dyn Fn(&str) -> Option<String>) -> Vec<Named> {
    let services = mapping(compose, "services");
    services
        .filter_map(|(name, service)| {
            if let Some(image) = service.get("image").and_then(Value::as_str)
                && service.get("build").is_none()
            {
                return Some((name, interpolated(image, variables)?));
            }
            let (file, image) = built(service.get("build")?, folder, variables)?;
            Some((format!("{name}, by {}", file.display()), image))
        })
        .collect()
}

/// The file that an image is built by, and the image that it starts from.
fn built(build: &Value, folder: &Path, variables: &dyn Fn(&str) -> Option<String>) -> Option<(PathBuf, String)> {
    let text = |key: &str| interpolated(build.get(key)?.as_str()?, variables);
    let context = build.as_str().map(str::to_owned).or_else(|| text("context")).unwrap_or_else(|| ".".to_owned());
    let file = Path::new(&context).join(text("dockerfile").unwrap_or_else(|| "Dockerfile".to_owned()));
    let recipe = fs::read_to_string(folder.join(&file)).ok()?;
    let image = recipe.lines().rev().find_map(|line| {
        let mut words = line.split_whitespace();
        words.next().filter(|word| word.eq_ignore_ascii_case("from"))?;
        words.find(|word| !word.starts_with("--"))
    })?;
    let file = file.components().filter(|part| *part != Component::CurDir).collect();
    (!image.contains('$')).then(|| (file, image.to_owned()))
}

/// A text of a compose file with its variables replaced (<https://docs.docker.com/reference/compose-file/interpolation/>);
/// `None` where one has no value.
fn interpolated(text: &str, variables: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (expression, behind) = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}')?,
            None => {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                after.split_at(end)
            }
        };
        let end = expression.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(expression.len());
        let (name, operator) = expression.split_at(end);
        let default = operator.strip_prefix(":-").or_else(|| operator.strip_prefix('-')).map(str::to_owned);
        result.push_str(&variables(name).or(default)?);
        rest = behind;
    }
    result.push_str(rest);
    Some(result)
}

fn of_workflow(workflow: &Value) -> Vec<Named> {
    let mut found = Vec::new();
    for (_, job) in mapping(workflow, "jobs") {
        for (name, service) in mapping(job, "services") {
            let Some(image) = service.get("image").and_then(Value::as_str) else { continue };
            found.extend(matrix_expanded(image, job).into_iter().map(|image| (name.clone(), image)));
        }
    }
    found
}

/// The images that `postgres:${{ matrix.postgres }}` stands for in a job.
fn matrix_expanded(image: &str, job: &Value) -> Vec<String> {
    let Some((before, rest)) = image.split_once("${{") else { return vec![image.to_owned()] };
    let Some((expression, after)) = rest.split_once("}}") else { return Vec::new() };
    let matrix = job.get("strategy").and_then(|strategy| strategy.get("matrix"));
    let values = matrix.zip(expression.trim().strip_prefix("matrix.")).and_then(|(matrix, key)| matrix.get(key));
    let values = values.and_then(Value::as_sequence).into_iter().flatten();
    values.filter_map(written).map(|value| format!("{before}{value}{after}")).collect()
}

/// A scalar as a person would write it.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
    }
}

fn of_gitlab(pipeline: &Value) -> Vec<Named> {
    let jobs = pipeline.as_mapping().into_iter().flat_map(Mapping::iter);
    let named = jobs.filter_map(|(name, job)| Some((name.as_str()?, job.get("services")?)));
    let everywhere = pipeline.get("services").map(|services| ("all jobs", services));
    let mut found = Vec::new();
    for (job, services) in everywhere.into_iter().chain(named) {
        for service in services.as_sequence().into_iter().flatten() {
            let image = service.as_str().or_else(|| service.get("name")?.as_str());
            found.extend(
                image.filter(|image| !image.contains('$')).map(|image| (format!("of {job}"), image.to_owned())),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let services = services(folder.path());
        let shown = |service: Service| format!("{} ({})", service.image, service.from);
        (services.found.into_iter().map(shown).collect(), services.unread)
    }

    #[test]
    fn services_are_found_in_every_file_that_names_them() {
        let (found, unread) = found(&[
            ("docker-compose.test.yml", "services: {db: {image: 'postgres:16'}}"),
            ("docker-compose.yml", "services: {db: {image: 'postgres:15.4-alpine'}, web: {build: .}}"),
            (".devcontainer/compose.yaml", "services: {db: {image: 'mariadb:11'}}"),
            (
                ".github/workflows/ci.yml",
                "jobs: {test: {services: {pg: {image: 'postgres:14'}}}, lint: {runs-on: ubuntu-latest}}",
            ),
            (
                ".github/workflows/matrix.yml",
                "jobs:\n  a:\n    strategy: {matrix: {pg: [13, '17']}}\n    services:\n      pg: {image: 'postgres:${{ matrix.pg }}'}",
            ),
            (
                ".gitlab-ci.yml",
                "services: [redis]\ntest:\n  services: [{name: 'postgres:13', alias: db}, 'x:$Y']\n.a: {services: ['mysql:8']}",
            ),
        ]);
        assert_eq!(
            found,
            [
                "postgres:15.4-alpine (docker-compose.yml, service db)",
                "postgres:16 (docker-compose.test.yml, service db)",
                "mariadb:11 (.devcontainer/compose.yaml, service db)",
                "postgres:14 (.github/workflows/ci.yml, service pg)",
                "postgres:13 (.github/workflows/matrix.yml, service pg)",
                "postgres:17 (.github/workflows/matrix.yml, service pg)",
                "redis (.gitlab-ci.yml, service of all jobs)",
                "postgres:13 (.gitlab-ci.yml, service of test)",
                "mysql:8 (.gitlab-ci.yml, service of .a)",
            ]
        );
        assert_eq!(unread, [""; 0]);
    }

    #[test]
    fn files_are_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("compose.yml");
        fs::write(&file, "services: {db: {image: 'postgres:17'}}").unwrap();
        let files = ServiceFiles::default();
        let first = files.of(folder.path());
        fs::remove_file(&file).unwrap();
        assert_eq!((first.found.len(), files.of(folder.path())), (1, first));
    }

    #[test]
    fn what_is_built_is_what_it_starts_from() {
        let compose = "services:\n  db: {build: {context: ./docker, dockerfile: ./pg}, image: 'mine:1'}\n  \
                       web: {build: .}\n  far: {build: 'https://example.com/x.git'}\n  arg: {build: docker}\n";
        let (found, _) = found(&[
            ("docker-compose.yml", compose),
            ("docker/pg", "FROM rust AS build\nRUN x\nfrom --platform=linux/amd64 postgres:15 AS final\nRUN y\n"),
            ("docker/Dockerfile", "ARG V\nFROM postgres:$V"),
            ("Dockerfile", "FROM node:20"),
        ]);
        assert_eq!(
            found,
            [
                "postgres:15 (docker-compose.yml, service db, by docker/pg)",
                "node:20 (docker-compose.yml, service web, by Dockerfile)"
            ]
        );
    }

    #[test]
    fn variables_stand_for_what_they_are_when_nobody_sets_them() {
        let image = |image: &str, env: &str| {
            let compose = format!("services: {{db: {{image: '{image}'}}}}");
            found(&[("compose.yml", &compose), (".env", env)]).0
        };
        let told = ["postgres:16 (compose.yml, service db)"];
        assert_eq!(image("postgres:${PG:-16}", ""), told);
        assert_eq!(image("postgres:${PG-16}", "PGX=1"), told);
        assert_eq!(image("postgres:$PG", "PASSWORD=x\nPG=\"16\""), told);
        assert_eq!(image("${IMAGE:-postgres}:${PG:-17}", "PG=16"), told);
        assert_eq!(image("postgres:${PG:?set it}", ""), [""; 0]);
        assert_eq!(image("postgres:${PG", "PG=16"), [""; 0]);
    }

    #[test]
    fn anchors_are_followed_and_broken_files_are_named_without_their_text() {
        let compose = "x-db: &db\n  image: postgres:17\n  environment: {P: secret}\nservices:\n  db:\n    <<: *db\n";
        assert_eq!(found(&[("compose.yml", compose)]).0, ["postgres:17 (compose.yml, service db)"]);
        let (found, unread) = found(&[("compose.yml", "services:\n  db: [secret\n"), ("compose.x.yml", "just text")]);
        assert_eq!(found, [""; 0]);
        assert_eq!(unread.len(), 1, "{unread:?}");
        assert!(unread[0].starts_with("compose.yml is no YAML that can be read, at line "), "{unread:?}");
        assert!(!unread[0].contains("secret"));
    }
}
