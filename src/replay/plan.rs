//! What is to be run, decided before anything runs. Pure.

use std::collections::BTreeSet;

use super::Phase;
use crate::history::{History, Migration};

/// Whether a step is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Planned {
    /// It is.
    Run,
    /// It is not, for this reason.
    Skip(String),
}

/// The steps of one migration in the saw; `None` where the phase is not wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationPlan {
    /// Its index in the history.
    pub migration: usize,
    /// Up.
    pub up: Planned,
    /// Down.
    pub down: Option<Planned>,
    /// Up again.
    pub redo: Option<Planned>,
}

/// The plan of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The saw, first migration to last. Empty when no phase needs a database.
    pub saw: Vec<MigrationPlan>,
    /// Whether head is then rolled back as far as it goes.
    pub descent: bool,
}

impl Plan {
    /// How many steps will be reported, the descent's not counted.
    pub fn steps(&self) -> usize {
        self.saw
            .iter()
            .map(|planned| 1 + usize::from(planned.down.is_some()) + usize::from(planned.redo.is_some()))
            .sum()
    }
}

/// The phases together with those that they build on: nothing can be rolled back that was not applied.
pub fn with_prerequisites(phases: &BTreeSet<Phase>) -> BTreeSet<Phase> {
    let mut all = phases.clone();
    if all.contains(&Phase::Redo) {
        all.insert(Phase::Down);
    }
    if [Phase::Down, Phase::Descent, Phase::Agreement].iter().any(|phase| all.contains(phase)) {
        all.insert(Phase::Up);
    }
    all
}

/// The plan of a history for these phases. `skip` gives the reason why a migration is not to be run, by its id. One that is
/// not in SQL is never run.
pub fn plan(history: &History, phases: &BTreeSet<Phase>, skip: impl Fn(&str) -> Option<String>) -> Plan {
    let phases = with_prerequisites(phases);
    let wanted = |phase: Phase| phases.contains(&phase);
    if !wanted(Phase::Up) {
        return Plan { saw: Vec::new(), descent: false };
    }
    let saw = history.migrations.iter().enumerate().map(|(index, migration)| {
        let in_other = migration.language.map(|language| format!("it is written in {language}, which is not run here"));
        let skipped = skip(&migration.id).or_else(|| migration.skip.clone()).or(in_other);
        let missing = migration.down.is_none().then(|| no_down(migration).to_owned());
        let up = skipped.clone().map_or(Planned::Run, Planned::Skip);
        let down = skipped.or(missing).map_or(Planned::Run, Planned::Skip);
        MigrationPlan {
            migration: index,
            up,
            down: wanted(Phase::Down).then(|| down.clone()),
            redo: wanted(Phase::Redo).then_some(down),
        }
    });
    Plan { saw: saw.collect(), descent: wanted(Phase::Descent) && !history.one_way }
}

/// Why a migration without a down is not taken back.
pub(super) fn no_down(migration: &Migration) -> &'static str {
    match migration {
        Migration { of_a_package: true, .. } => "it belongs to a package, whose way back is not this project's",
        Migration { repeatable: true, .. } => "its tool undoes no repeatable migration",
        _ => "there is no down script",
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::history::{Script, TransactionMode};

    fn history(downs: &[bool]) -> History {
        let script = |text: &str| Script::new(PathBuf::from("migrations/x.sql"), text.into(), TransactionMode::Wrapped);
        let migration = |(index, has_down): (usize, &bool)| Migration {
            id: format!("m{index}"),
            version: index.to_string(),
            parents: Vec::new(),
            up: script("create table t (a int)"),
            down: has_down.then(|| script("drop table t")),
            language: None,
            skip: None,
            overtaken_by: None,
            repeatable: false,
            of_a_package: false,
            parents_at: None,
            depends_on: Vec::new(),
            replaces: Vec::new(),
            branch: None,
        };
        History {
            format: "sqlx",
            folder: PathBuf::from("migrations"),
            migrations: downs.iter().enumerate().map(migration).collect(),
            unmatched: Vec::new(),
            one_way: !downs.iter().any(|down| *down),
            declares_parents: false,
        }
    }

    fn phases(list: &[Phase]) -> BTreeSet<Phase> {
        list.iter().copied().collect()
    }

    #[test]
    fn the_plan_of_each_combination() {
        use Phase::{Descent, Down, Graph, Policy, Redo, Up};
        let skip = |why: &str| Planned::Skip(why.to_owned());
        let none = |_: &str| None;
        let run = Planned::Run;

        let all = plan(&history(&[true, false]), &phases(&Phase::ALL), none);
        assert!(all.descent);
        assert_eq!(all.steps(), 6);
        assert_eq!((&all.saw[0].down, &all.saw[0].redo), (&Some(run.clone()), &Some(run.clone())));
        assert_eq!(all.saw[1].down, Some(skip("there is no down script")));
        assert_eq!(all.saw[1].up, run);

        let graph = plan(&history(&[true]), &phases(&[Graph, Policy]), none);
        assert_eq!((graph.saw.len(), graph.descent), (0, false));

        let up = plan(&history(&[true]), &phases(&[Up]), none);
        assert_eq!((&up.saw[0].down, &up.saw[0].redo, up.descent), (&None, &None, false));

        let redo = plan(&history(&[true]), &phases(&[Redo]), none);
        assert!(redo.saw[0].down.is_some() && redo.saw[0].redo.is_some() && !redo.descent);

        let down = plan(&history(&[true]), &phases(&[Down]), none);
        assert!(down.saw[0].down.is_some() && down.saw[0].redo.is_none());

        assert!(
            !plan(&history(&[false, false]), &phases(&[Descent]), none).descent,
            "one-way histories do not descend"
        );

        let skipped = plan(&history(&[true]), &phases(&[Up, Down]), |id| (id == "m0").then(|| "in Go".to_owned()));
        assert_eq!((&skipped.saw[0].up, &skipped.saw[0].down), (&skip("in Go"), &Some(skip("in Go"))));

        let mut in_go = history(&[true, true]);
        in_go.migrations[0] = Migration::in_language("m0".into(), "0".into(), "migrations/x.go".into(), "Go");
        let planned = plan(&in_go, &phases(&[Up, Down, Descent]), none);
        let reason = skip("it is written in Go, which is not run here");
        assert_eq!((&planned.saw[0].up, &planned.saw[0].down), (&reason, &Some(reason.clone())));
        assert_eq!((&planned.saw[1].up, planned.descent), (&run, true));
        let declared = plan(&in_go, &phases(&[Up]), |id| (id == "m0").then(|| "fills rows".to_owned()));
        assert_eq!(declared.saw[0].up, skip("fills rows"));
    }
}
