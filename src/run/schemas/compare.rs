//! Two schemas side by side: what can be compared, and what is left out of it and said. Pure.

use std::collections::BTreeSet;

use super::sources::{Side, Whose};
use super::untold::{is_mysql_dump, with_definers, without_what_dumps_invent};
use crate::engine::{mysql, postgres};
use crate::history::EngineKind;
use crate::report::{DiffReport, SchemaReport, SideReport};
use crate::schema::{Change, Class, Diff, ObjectId, Snapshot};

/// What is not to be compared, or is to be compared after all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaving {
    /// Differences of these classes are not shown and do not count.
    pub ignored: Vec<Class>,
    /// Roles and tablespaces are compared, whosever they are.
    pub cluster_objects: bool,
}

/// What is said where the server's objects of a dump are asked for.
const NO_USERS: &str = "user, role: users are not read from dumps of MySQL and MariaDB";

/// What a comparison came to.
#[derive(Clone, Debug)]
pub struct Compared {
    /// For programs.
    pub report: DiffReport,
    /// The differences that are shown.
    pub diff: Diff,
}

/// A schema for printing: what no dump can know is left out, unless it is asked for.
pub fn printed(side: &Side, cluster_objects: bool) -> SchemaReport {
    let mut notes = side.notes.clone();
    // The users of a server that a dump was loaded on are ours and none of the dump's.
    let cluster = side.whose == Whose::NoCluster && (!cluster_objects || is_mysql_dump(side));
    let (snapshot, _) = without(&side.snapshot, |id| {
        (cluster && outlives_a_database(side.engine, &id.kind)) || (!side.tells_database && is_of_database(id))
    });
    let mut report = SchemaReport::new(side.engine, side.server_version.clone(), &snapshot);
    let wanted = |kind: &str| !(cluster && outlives_a_database(side.engine, kind));
    report.cannot_tell = side.cannot_tell.iter().filter_map(|unread| unread.line(wanted)).collect();
    report.cannot_tell.extend((cluster_objects && is_mysql_dump(side)).then(|| NO_USERS.to_owned()));
    report.notes.append(&mut notes);
    report
}

/// The difference of two schemas.
///
/// # Errors
/// When they are of different products.
pub fn compare(from: &Side, to: &Side, leaving: &Leaving) -> Result<Compared, String> {
    if from.engine != to.engine {
        return Err(format!(
            "{} is of {} and {} of {}: schemas of two products cannot be compared",
            from.what,
            from.engine.title(),
            to.what,
            to.engine.title()
        ));
    }
    let mut notes: Vec<String> = from.notes.clone();
    notes.extend(to.notes.iter().filter(|note| !from.notes.contains(note)).cloned());
    if let (Some(one), Some(other)) = (&from.server_version, &to.server_version)
        && one != other
    {
        notes.push(format!(
            "the servers are of different versions, {one} and {other}: what differs may be owed to that"
        ));
    }
    let ours = |side: &Side| side.whose == Whose::OurCluster;
    // The users of a server that a dump was loaded on are ours and none of the dump's.
    let silent = [from, to].into_iter().find(|side| is_mysql_dump(side)).filter(|_| leaving.cluster_objects);
    let cluster = (leaving.cluster_objects && silent.is_none()) || (ours(from) && ours(to));
    let database = from.tells_database && to.tells_database;
    let both_ours = ours(from) && ours(to);
    let is_left_out = |id: &ObjectId| {
        (!cluster && outlives_a_database(from.engine, &id.kind))
            || (!both_ours && is_told_of_our_servers(&id.kind))
            || (!database && is_of_database(id))
    };
    let is_privilege = |id: &ObjectId| id.kind.ends_with(" privileges");
    let grants_nothing = |side: &Side| is_mysql_dump(side) && !side.snapshot.iter().any(|(id, _)| is_privilege(id));
    let no_privileges = grants_nothing(from) != grants_nothing(to);
    let is_left_out = |id: &ObjectId| is_left_out(id) || (no_privileges && is_privilege(id));
    let (before, one) = without(&from.snapshot, is_left_out);
    let (after, other) = without(&to.snapshot, is_left_out);
    if silent.is_none() && !cluster && one.iter().chain(&other).any(|id| outlives_a_database(from.engine, &id.kind)) {
        let what = match from.engine {
            EngineKind::Mysql | EngineKind::Mariadb => "users, roles and all else that is the server's",
            EngineKind::Postgres | EngineKind::Sqlite => "roles and tablespaces",
        };
        notes.push(format!("{what}, which outlive a database, were left out; --cluster-objects compares them"));
    }
    if one.iter().chain(&other).any(is_privilege) && no_privileges {
        let silent = if grants_nothing(from) { from } else { to };
        notes
            .push(format!("{} grants nothing, as dumps of databases do not, so privileges were left out", silent.what));
    }
    if one.iter().chain(&other).any(is_of_database) && told_on_one(from, to) {
        let silent = if from.tells_database { to } else { from };
        notes.push(format!(
            "{} does not tell what the database itself is like (owner, settings), so that was left out",
            silent.what
        ));
    }
    let (before, after) = with_definers((&before, from), (&after, to), &mut notes);
    let (before, after) = without_what_dumps_invent((&before, from), (&after, to), database, &mut notes);
    let whole = Diff::between(&before, &after);
    let (hidden, mut changes): (Vec<Change>, Vec<Change>) =
        whole.changes.into_iter().partition(|change| leaving.ignored.contains(&change.class));
    let shown: BTreeSet<ObjectId> = changes.iter().map(|change| change.object.clone()).collect();
    for change in &mut changes {
        // What followed from a difference that is hidden now stands on its own.
        change.follows = change.follows.take().filter(|cause| shown.contains(cause));
    }
    let diff = Diff { changes };
    let mut report = DiffReport::new(side(from), side(to), &diff);
    report.hidden = Diff { changes: hidden }.told().len();
    report.notes = notes;
    // Nobody misses what is not compared.
    let wanted = |kind: &str| {
        let cluster = cluster || !outlives_a_database(from.engine, kind);
        let database = (database || !tells_of_database(kind)) && !(no_privileges && kind.ends_with(" privileges"));
        let privileges = Class::of_object(kind, [].into_iter()) == Class::Privilege;
        let shown = !(privileges && leaving.ignored.contains(&Class::Privilege));
        cluster && database && shown
    };
    let lines = |side: &Side| -> Vec<String> {
        let lines = side.cannot_tell.iter().filter_map(|unread| unread.line(wanted));
        lines.map(|line| format!("{}: {line}", side.what)).collect()
    };
    let users = silent.map(|side| format!("{}: {NO_USERS}", side.what));
    report.cannot_tell = [lines(from), lines(to), users.into_iter().collect()].concat();
    Ok(Compared { report, diff })
}

fn told_on_one(from: &Side, to: &Side) -> bool {
    from.tells_database != to.tells_database
}

fn side(side: &Side) -> SideReport {
    SideReport { what: side.what.clone(), engine: side.engine, server_version: side.server_version.clone() }
}

/// Whether objects of this kind stay when the database goes.
fn outlives_a_database(engine: EngineKind, kind: &str) -> bool {
    match engine {
        EngineKind::Mysql | EngineKind::Mariadb => mysql::outlives_a_database(kind),
        EngineKind::Postgres | EngineKind::Sqlite => postgres::outlives_a_database(kind),
    }
}

/// Whether objects of this kind are told only of servers that Rollproof made: those of others have databases and settings that
/// are nobody's business.
fn is_told_of_our_servers(kind: &str) -> bool {
    kind.starts_with("other-database") || matches!(kind, "global-variable" | "persisted-variable")
}

/// Whether an object says what the database itself is like: its owner and settings, or what pragmas of SQLite keep in the
/// file.
fn is_of_database(id: &ObjectId) -> bool {
    tells_of_database(&id.kind)
}

/// The same by its kind.
pub(super) fn tells_of_database(kind: &str) -> bool {
    matches!(kind, "database" | "pragma") || kind.starts_with("database ")
}

/// The snapshot without some objects, and those.
fn without(snapshot: &Snapshot, is_left_out: impl Fn(&ObjectId) -> bool) -> (Snapshot, Vec<ObjectId>) {
    let gone: Vec<ObjectId> = snapshot.iter().map(|(id, _)| id).filter(|id| is_left_out(id)).cloned().collect();
    (snapshot.changed(gone.iter(), []), gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Object;

    fn side(what: &str, whose: Whose, objects: &[(&str, &str)]) -> Side {
        let attributes = || [("comment".into(), what.into())].into_iter().collect();
        let object = |(kind, name): &(&str, &str)| {
            (ObjectId::new(kind, &[name]), Object { identity: None, attributes: attributes() })
        };
        Side {
            what: what.to_owned(),
            engine: EngineKind::Postgres,
            server_version: Some("15.18".to_owned()),
            snapshot: objects.iter().map(object).collect(),
            reader: None,
            whose,
            tells_database: true,
            cannot_tell: Vec::new(),
            notes: Vec::new(),
        }
    }

    const ALL: &[(&str, &str)] = &[("database", "current"), ("role", "a"), ("table", "t")];

    #[test]
    fn what_says_nothing_is_left_out_and_told() {
        let one = side("one", Whose::TheirCluster, ALL);
        let mut other = side("other", Whose::NoCluster, ALL);
        let all = Leaving { cluster_objects: true, ..Leaving::default() };
        let count = |one: &Side, other: &Side, leaving: &Leaving| {
            let compared = compare(one, other, leaving).unwrap();
            (compared.diff.changes.len(), compared.report.notes.len())
        };
        assert_eq!(count(&one, &other, &Leaving::default()), (2, 1));
        assert_eq!(count(&one, &other, &all), (3, 0));
        other.tells_database = false;
        assert_eq!(count(&one, &other, &Leaving::default()), (1, 2));
        let ours = |what| side(what, Whose::OurCluster, ALL);
        assert_eq!(count(&ours("@1"), &ours("@2"), &Leaving::default()), (3, 0));
        assert_eq!(printed(&other, false).objects.len(), 1);
        assert_eq!(printed(&one, false).objects.len(), 3);
    }

    #[test]
    fn ignored_classes_are_counted() {
        let (one, other) = (side("one", Whose::OurCluster, ALL), side("other", Whose::OurCluster, ALL));
        let leaving = Leaving { ignored: vec![Class::Comment], ..Leaving::default() };
        let compared = compare(&one, &other, &leaving).unwrap();
        // The same alteration of three objects is told in one sentence.
        assert_eq!((compared.diff.changes.len(), compared.report.hidden), (0, 1));
    }

    #[test]
    fn two_products_are_an_error_and_two_versions_a_note() {
        let one = side("one", Whose::OurCluster, &[]);
        let other = Side { engine: EngineKind::Sqlite, ..one.clone() };
        assert!(compare(&one, &other, &Leaving::default()).unwrap_err().contains("cannot be compared"));
        let other = Side { server_version: Some("17.1".to_owned()), ..one.clone() };
        let notes = compare(&one, &other, &Leaving::default()).unwrap().report.notes;
        assert_eq!(notes, ["the servers are of different versions, 15.18 and 17.1: what differs may be owed to that"]);
    }
}
