//! What two sides tell of MySQL and MariaDB differently though nobody wrote it differently: who defines what names no definer,
//! and what a dump has to write down.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::sources::{Side, Whose};
use crate::schema::{Object, Snapshot};

/// Both snapshots with the definers named that only one of them names, where others read the one than the other: what a
/// reader has defined names no definer. Where neither names any, each is its own reader's. A revision leaves it to whoever
/// runs the migrations, and so what names no definer there is not compared with what does elsewhere.
pub(super) fn with_definers(
    (before, from): (&Snapshot, &Side),
    (after, to): (&Snapshot, &Side),
    notes: &mut Vec<String>,
) -> (Snapshot, Snapshot) {
    let names = |object: &Object| object.attributes.contains_key("definer");
    let named = |snapshot: &Snapshot, reader: &str, other: &Snapshot| {
        let missing = snapshot.iter().filter(|(id, object)| !names(object) && other.get(id).is_some_and(names)).map(
            |(id, object)| {
                let mut object = object.clone();
                object.attributes.insert("definer".into(), reader.into());
                (Arc::new(id.clone()), Arc::new(object))
            },
        );
        snapshot.changed([], missing.collect::<Vec<_>>())
    };
    let mut unnamed = |snapshot: &Snapshot, side: &Side, silent: &Snapshot, by: &Side| {
        let mut definers: BTreeSet<String> = BTreeSet::new();
        let open =
            snapshot.iter().filter(|(id, object)| names(object) && silent.get(id).is_some_and(|own| !names(own)));
        let open: Vec<_> = open
            .map(|(id, object)| {
                let mut object = object.clone();
                let definer = object.attributes.remove("definer");
                definers.extend(definer.and_then(|definer| definer.as_str().map(str::to_owned)));
                (Arc::new(id.clone()), Arc::new(object))
            })
            .collect();
        if !open.is_empty() {
            let (count, definers) = (open.len(), definers.into_iter().collect::<Vec<_>>().join(", "));
            notes.push(format!(
                "{} leaves it to whoever runs the migrations who is the definer, so those of {} were left out where no \
                 migration names one ({count}: {definers})",
                by.what, side.what
            ));
        }
        snapshot.changed([], open)
    };
    match (&from.reader, &to.reader) {
        (Some(one), Some(other)) => (named(before, one, after), named(after, other, before)),
        (None, Some(reader)) => {
            let after = named(after, reader, before);
            let after = unnamed(&after, to, before, from);
            (before.clone(), after)
        }
        (Some(reader), None) => {
            let before = named(before, reader, after);
            let before = unnamed(&before, from, after, to);
            (before, after.clone())
        }
        (None, None) => (before.clone(), after.clone()),
    }
}

/// Both snapshots without what a dump writes down though nobody wrote it: when an event began that has no STARTS of its own,
/// and the hours that were counted from when it was made. And without the collation of the database, which events, triggers and
/// routines have from it, where that is not compared.
pub(super) fn without_what_dumps_invent(
    (before, from): (&Snapshot, &Side),
    (after, to): (&Snapshot, &Side),
    database: bool,
    notes: &mut Vec<String>,
) -> (Snapshot, Snapshot) {
    let (mut one, mut other) = (Vec::new(), Vec::new());
    let mut began = Vec::new();
    let with_dump = is_mysql_dump(from) || is_mysql_dump(to);
    for (id, was) in before.iter() {
        let Some(is) = after.get(id) else { continue };
        let (mut was, mut is) = (was.clone(), is.clone());
        let text =
            |object: &Object, name: &str| object.attributes.get(name).and_then(|at| at.as_str().map(str::to_owned));
        // Only `starts` may be left away, and is said of an event that is as old as that.
        let counted = |time: &Option<String>| time.as_ref().is_none_or(|at| at.contains("after it is made"));
        let invented = |name: &str| {
            let (was, is) = (text(&was, name), text(&is, name));
            let both = name == "starts" || (was.is_some() && is.is_some());
            both && was != is && counted(&was) != counted(&is)
        };
        let is_event = &*id.kind == "event" && with_dump;
        let mut names: Vec<&str> =
            ["starts", "at", "ends"].into_iter().filter(|name| is_event && invented(name)).collect();
        if !names.is_empty() {
            began.push(id.to_string());
        }
        if !database && was.attributes.contains_key("database_collation") {
            names.push("database_collation");
        }
        if names.is_empty() {
            continue;
        }
        for name in names {
            was.attributes.remove(name);
            is.attributes.remove(name);
        }
        let id = Arc::new(id.clone());
        one.push((Arc::clone(&id), Arc::new(was)));
        other.push((id, Arc::new(is)));
    }
    if !began.is_empty() {
        notes.push(format!(
            "a dump writes down when an event starts and ends even where that was counted from when it was made, or said by \
             nobody; that was left out of {}",
            began.join(", ")
        ));
    }
    (before.changed([], one), after.changed([], other))
}

/// Whether it is a dump of MySQL or MariaDB.
pub(super) fn is_mysql_dump(side: &Side) -> bool {
    side.reader.is_some() && side.whose == Whose::NoCluster
}
