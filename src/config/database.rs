//! One entry of `databases`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::commands;
use super::field::{Field, shortened, unknown_key};
use super::image::ImageRef;
use super::later;
use super::migrations;
use super::read::tidy;
use super::{Database, DatabasePlaces, Excluded, Exclusion, Place, Problem, Skip};
use crate::history::{Commands, EngineKind};
use crate::yaml::{Node, ScalarKind};

/// The keys of a database that this version supports.
const KEYS: [&str; 18] = [
    "name",
    "engine",
    "image",
    "allow-substitute",
    "migrations",
    "role",
    "create-roles",
    "server-settings",
    "prelude",
    "bookkeeping",
    "base-schema",
    "functions",
    "environment",
    "python",
    "hook",
    "commands",
    "skip",
    "exclude",
];

/// What not every engine has a meaning for.
const OF_SOME_ENGINES: [&str; 4] = ["role", "create-roles", "server-settings", "functions"];

/// Whether a database has a key of that name, in this version or a later one.
pub(super) fn is_key(key: &str) -> bool {
    KEYS.contains(&key) || later::KEYS.contains(&key)
}

/// Reads one entry; `None` if it is no mapping.
pub(super) fn database(node: &Node, problems: &mut Vec<Problem>) -> Option<(Database, DatabasePlaces)> {
    let of = "with at least the keys `name` and `migrations`";
    let entries = Field::new("an entry of `databases`", node).mapping(of, problems)?;
    let mut database = Database::default();
    let mut places = DatabasePlaces {
        entry: node.place,
        migrations: node.place,
        of_some_engines: OF_SOME_ENGINES.iter().filter_map(|key| Some((*key, node.get(key)?.place))).collect(),
        base_schema: None,
        bookkeeping: Vec::new(),
        skip: Vec::new(),
        exclude: Vec::new(),
    };
    let (mut image, mut commands) = (None, None);
    for entry in entries {
        let field = Field::of(entry);
        match entry.key.as_str() {
            "name" => database.name = field.text("a name", problems).unwrap_or_default().to_owned(),
            "engine" => database.engine = field.one_of(&EngineKind::ALL.map(|kind| (kind.word(), kind)), problems),
            "image" => image = read_image(&field, problems).map(|(text, image)| (text, image, field.place())),
            "allow-substitute" => database.allow_substitute = field.boolean(problems).unwrap_or_default(),
            "migrations" => {
                let read = migrations::migrations(&field, &entry.value, problems);
                (database.migrations, database.format, database.read_options, database.alias) =
                    (read.folder, read.format, read.options, read.database);
                places.migrations = read.place;
            }
            "role" => database.role = field.text("the name of a role", problems).map(str::to_owned),
            "create-roles" => (database.create_roles, _) = field.texts("names of roles", problems),
            "server-settings" => {
                database.server_settings = written_values(&field, "of settings and their values", "setting", problems);
            }
            "prelude" => database.prelude = statements(&field, problems),
            "bookkeeping" => (database.bookkeeping, places.bookkeeping) = field.texts("names of tables", problems),
            "base-schema" => {
                database.base_schema = field.text("the path of an SQL file", problems).map(tidy);
                places.base_schema = Some(field.place());
            }
            "functions" => database.functions = functions(&field, problems),
            "environment" => database.environment = environment(&field, &entry.value, problems),
            "python" => database.python = field.text("the path of a Python interpreter", problems).map(PathBuf::from),
            "hook" => database.hook = hook(&field, problems),
            "commands" => commands = Some((commands::commands(&field, &entry.value, problems), entry.place)),
            "skip" => {
                let read = reasoned(&field, &["migration"], problems);
                places.skip = read.iter().map(|entry| entry.place).collect();
                let skip = |entry: Reasoned| Skip { migration: entry.what, reason: entry.reason };
                database.skip = read.into_iter().map(skip).collect();
            }
            "exclude" => {
                let read = reasoned(&field, &["object", "kind"], problems);
                places.exclude = read.iter().map(|entry| entry.place).collect();
                let exclusion = |entry: Reasoned| Exclusion {
                    what: if entry.key == "kind" { Excluded::Kind(entry.what) } else { Excluded::Object(entry.what) },
                    reason: entry.reason,
                };
                database.exclude = read.into_iter().map(exclusion).collect();
            }
            key if later::KEYS.contains(&key) => problems.push(Problem::new(entry.place, later::unsupported(key))),
            _ => problems.push(unknown_key(entry, &KEYS)),
        }
    }
    require(node, "name", "a name for this database", problems);
    require(node, "migrations", "the path of the migrations folder", problems);
    run_by_commands(&mut database, &places, commands, problems);
    if database.engine == Some(EngineKind::Sqlite) {
        refuse_image(node, problems);
    } else if let Some((text, image, place)) = image {
        database.engine = agreed_engine(&database, &image, place, problems);
        database.image = Some(text);
    }
    if let Some(engine) = database.engine {
        let entries = &places.of_some_engines;
        problems.extend(entries.iter().filter_map(|(key, place)| Some(Problem::new(*place, misfit(engine, key)?))));
    }
    Some((database, places))
}

fn read_image(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<(String, ImageRef)> {
    let text = field.text("a container image such as postgres:17", problems)?;
    match ImageRef::parse(text) {
        Ok(image) => Some((text.to_owned(), image)),
        Err(error) => {
            problems.push(field.wrong(&format!("is `{}`, which names no container image: {error}", shortened(text))));
            None
        }
    }
}

/// The engine, which the image tells where the configuration does not. They may differ between MySQL and MariaDB only,
/// and only where a substitute is allowed.
fn agreed_engine(
    database: &Database,
    image: &ImageRef,
    place: Place,
    problems: &mut Vec<Problem>,
) -> Option<EngineKind> {
    let (Some(engine), Some(product)) = (database.engine, image.product) else {
        return database.engine.or(image.product);
    };
    let substitute = database.allow_substitute && engine != EngineKind::Postgres && product != EngineKind::Postgres;
    if engine != product && !substitute {
        problems.push(Problem::new(
            place,
            format!(
                "`image` has {}, but `engine` is {engine}; expected an image of {}",
                product.title(),
                engine.title()
            ),
        ));
    }
    Some(engine)
}

fn refuse_image(node: &Node, problems: &mut Vec<Problem>) {
    if let Some(entry) = node.get("image") {
        let message =
            "`image` has no meaning with engine sqlite: SQLite runs inside rollproof and needs no container image";
        problems.push(Problem::new(entry.place, message));
    }
}

/// Why an entry has no meaning with this engine; `None` where it has one.
pub(crate) fn misfit(engine: EngineKind, key: &str) -> Option<String> {
    let sqlite = |why: &str| Some(format!("`{key}` has no meaning with engine sqlite: {why}"));
    match (engine, key) {
        (EngineKind::Sqlite, "role" | "create-roles") => sqlite("SQLite has no roles"),
        (EngineKind::Sqlite, "server-settings") => sqlite("SQLite has no server; expected a PRAGMA in `prelude`"),
        (EngineKind::Mysql | EngineKind::Mariadb, "role") => Some(
            "`role` has no meaning with MySQL and MariaDB, where no session becomes another user: leave it out, and pass --url \
             with that user's name and password to run the migrations as that user"
                .to_owned(),
        ),
        (EngineKind::Postgres | EngineKind::Mysql | EngineKind::Mariadb, "functions") => {
            Some("`functions` declares functions of SQLite, and a server's are made by SQL; use `base-schema`".to_owned())
        }
        _ => None,
    }
}

/// Settings keep the text that is written: `on`, `64MB`, `0.10` and `true` are all values of a server.
pub(super) fn written_values(
    field: &Field<'_>,
    of: &str,
    what: &str,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    for entry in field.mapping(of, problems).unwrap_or_default() {
        if entry.key.trim().is_empty() {
            problems.push(Problem::new(entry.place, format!("the name of this {what} is empty; expected a name")));
        } else if let Some(value) = Field::new(format!("the {what} `{}`", shortened(&entry.key)), &entry.value)
            .written("text, a number or a boolean", problems)
        {
            settings.insert(entry.key.clone(), value.to_owned());
        }
    }
    settings
}

/// Variables, whose values may hold placeholders.
fn environment(field: &Field<'_>, node: &Node, problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
    let variables = written_values(field, "of variables and their values", "variable", problems);
    for (name, value) in &variables {
        let unknown = placeholders(value).find(|placeholder| !Database::PLACEHOLDERS.contains(placeholder));
        if let Some(unknown) = unknown {
            let known: Vec<String> = Database::PLACEHOLDERS.iter().map(|name| format!("${{{name}}}")).collect();
            let place = node.get(name).map_or(node.place, |entry| entry.value.place);
            let message = format!("the variable `{name}` holds `${{{unknown}}}`; expected one of {}", known.join(", "));
            problems.push(Problem::new(place, message));
        }
    }
    variables
}

/// The names between `${` and `}`.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|behind| Some(behind.split_once('}')?.0))
}

/// A module and a name in it, as Python's entry points are written.
fn hook(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<String> {
    const EXPECTED: &str = "a module and a name in it, such as `tools.rollproof:hook`";
    let text = field.text(EXPECTED, problems)?.trim();
    let is_name = |part: &str| part.split('.').all(|word| !word.is_empty() && !word.contains(char::is_whitespace));
    match text.split_once(':') {
        Some((module, name)) if is_name(module) && is_name(name) => Some(text.to_owned()),
        _ => {
            problems.push(field.unexpected(EXPECTED));
            None
        }
    }
}

/// The most arguments that a function of SQLite can take (<https://www.sqlite.org/limits.html>, section 7).
const MOST_ARGUMENTS: i32 = 127;

/// Functions with the number of arguments of each.
fn functions(field: &Field<'_>, problems: &mut Vec<Problem>) -> BTreeMap<String, i32> {
    const EXPECTED: &str = "a number of arguments, or -1 for any";
    let mut functions = BTreeMap::new();
    for entry in field.mapping("of names and numbers of arguments", problems).unwrap_or_default() {
        let field = Field::new(format!("the function `{}`", shortened(&entry.key)), &entry.value);
        let Some(written) = field.written(EXPECTED, problems) else { continue };
        match written.parse() {
            Ok(arguments) if (-1..=MOST_ARGUMENTS).contains(&arguments) => {
                functions.insert(entry.key.clone(), arguments);
            }
            _ => problems.push(field.unexpected(&format!("{EXPECTED}, at most {MOST_ARGUMENTS}"))),
        }
    }
    functions
}

fn statements(field: &Field<'_>, problems: &mut Vec<Problem>) -> Vec<String> {
    let items = field.list("SQL statements", problems).iter();
    items
        .filter_map(|item| Field::new("an entry of `prelude`", item).any_text("an SQL statement", problems))
        .map(str::to_owned)
        .collect()
}

/// Something that is left out, and why.
struct Reasoned {
    /// The key that names it.
    key: &'static str,
    what: String,
    reason: String,
    place: Place,
}

/// A list of things to leave out, each named under one of `keys` and with a `reason`.
fn reasoned(field: &Field<'_>, keys: &[&'static str], problems: &mut Vec<Problem>) -> Vec<Reasoned> {
    let items = field.list(&format!("mappings with the keys {}", told(keys)), problems).iter();
    items.filter_map(|item| reasoned_entry(item, keys, problems)).collect()
}

/// Those keys and `reason`, in words.
fn told(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    format!("{} and `reason`", keys.join(" or "))
}

fn reasoned_entry(item: &Node, keys: &[&'static str], problems: &mut Vec<Problem>) -> Option<Reasoned> {
    let entries = Field::new("this entry", item).mapping(&format!("with the keys {}", told(keys)), problems)?;
    let (mut named, mut reason) = (Vec::new(), None);
    for entry in entries {
        let field = Field::of(entry);
        match keys.iter().find(|key| **key == entry.key) {
            Some(&key) => {
                let what = match key {
                    "object" => object(&field, problems),
                    "migration" => migration(&field, &entry.value, problems),
                    _ => field.text("a kind of objects such as `policy`", problems),
                };
                named.push((key, entry.place, what));
            }
            None if entry.key == "reason" => reason = field.text("the reason in words", problems),
            None => problems.push(unknown_key(entry, &[keys, &["reason"]].concat())),
        }
    }
    if let [_, (key, place, _), ..] = named.as_slice() {
        problems.push(Problem::new(
            *place,
            format!("`{key}` stands beside `{}` here; expected one of the two", named[0].0),
        ));
    }
    if named.is_empty() {
        let keys: Vec<&str> = keys.to_vec();
        require(item, &keys.join("` or `"), &format!("the {} that is left out", keys[0]), problems);
    }
    require(item, "reason", "why, in words", problems);
    let (key, _, what) = named.into_iter().next()?;
    Some(Reasoned { key, what: what?.trim().to_owned(), reason: reason?.to_owned(), place: item.place })
}

/// The id of a migration. Many are digits only; their text is kept, so `0001` stays what it is.
fn migration<'n>(field: &Field<'n>, node: &Node, problems: &mut Vec<Problem>) -> Option<&'n str> {
    let number = node.scalar().is_some_and(|scalar| scalar.kind() == ScalarKind::Number);
    let expected = "the id of a migration";
    if number { field.written(expected, problems) } else { field.text(expected, problems) }
}

/// The name of an object as reports print it: its kind, then its name.
fn object<'n>(field: &Field<'n>, problems: &mut Vec<Problem>) -> Option<&'n str> {
    let expected = "a kind and a name as reports print them, such as `table public.spatial_ref_sys`";
    let text = field.text(expected, problems)?.trim();
    if !text.contains(' ') {
        problems.push(field.unexpected(expected));
        return None;
    }
    Some(text)
}

/// Command lines belong to the format `command`, and the format to them.
fn run_by_commands(
    database: &mut Database,
    places: &DatabasePlaces,
    read: Option<(Option<Commands>, Place)>,
    problems: &mut Vec<Problem>,
) {
    match (database.format.as_deref(), read) {
        (None | Some("command"), Some((commands, _))) => {
            database.format = Some("command".to_owned());
            database.read_options.commands = commands;
        }
        (Some(format), Some((_, place))) => {
            let message = format!(
                "`commands` stands beside the format `{format}`, which has no use for it; expected the format `command`"
            );
            problems.push(Problem::new(place, message));
        }
        (Some("command"), None) => {
            let message = "the format `command` needs the key `commands`; expected command lines, or a preset such as `commands: {preset: knex}`";
            problems.push(Problem::new(places.migrations, message));
        }
        (_, None) => {}
    }
}

/// Adds a problem if a mapping lacks a key.
pub(super) fn require(node: &Node, key: &str, expected: &str, problems: &mut Vec<Problem>) {
    if node.get(key).is_none() {
        problems.push(Problem::new(node.place, format!("`{key}` is missing here; expected {expected}")));
    }
}

#[cfg(test)]
#[path = "database_tests.rs"]
mod tests;
