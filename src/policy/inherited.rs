//! Which findings a change did not bring: the base has them too.

use std::collections::BTreeMap;

use super::Finding;
use crate::history::{Changes, History};
use crate::replay::Phase;

/// Marks the findings on steps that do at the base what they do here: nothing that they run changed, and nothing of what
/// runs before them.
pub fn mark_inherited_steps(findings: &mut [Finding], history: &History, changes: &Changes) {
    let mut indices: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, migration) in history.migrations.iter().enumerate() {
        indices.entry(&migration.id).or_default().push(index);
    }
    for finding in findings {
        let of = finding.migration.as_deref().and_then(|id| indices.get(id));
        let inherited = of.is_some_and(|of| {
            of.iter().all(|index| match finding.phase {
                Phase::Up => *index < changes.common,
                Phase::Down | Phase::Redo => changes.is_inherited(*index),
                Phase::Graph | Phase::Descent | Phase::Agreement | Phase::Policy => false,
            })
        });
        finding.inherited |= inherited;
    }
}

/// Marks the findings that are also among those at the base: of the same rule, in the same phase, about the same
/// migration and object, or the same file where there is no migration. One that lists more than it did there is new.
pub fn mark_known(findings: &mut [Finding], at_base: &[Finding]) {
    for finding in findings {
        let known = at_base.iter().filter(|other| is_same(finding, other));
        finding.inherited |= known.map(|other| other.details.len()).max() >= Some(finding.details.len());
    }
}

/// Whether both say the same about the same thing.
pub fn is_same(a: &Finding, b: &Finding) -> bool {
    let key = |finding: &Finding| (finding.phase, finding.migration.clone(), finding.object.clone());
    a.rule == b.rule && key(a) == key(b) && (a.migration.is_some() || a.file == b.file)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::history::changes;
    use crate::policy::tests::history;
    use crate::policy::{Level, PolicyPlace};

    fn finding(rule: &str, phase: Phase, migration: Option<&str>) -> Finding {
        Finding {
            rule: rule.to_owned(),
            level: Level::Error,
            phase,
            migration: migration.map(str::to_owned),
            object: None,
            file: None,
            line: None,
            message: String::new(),
            details: Vec::new(),
            why: String::new(),
            help: String::new(),
            policy: PolicyPlace { file: String::new(), line: 1 },
            suppressed: None,
            inherited: false,
            snippet: None,
        }
    }

    #[test]
    fn a_step_is_inherited_where_nothing_before_it_changed() {
        let base = history(&["a", "b", "c"]);
        let mut head = history(&["a", "b", "c", "d"]);
        head.migrations[0].down = None;
        head.migrations[2].up.text = "other".into();
        let mut findings: Vec<Finding> = ["a", "b", "c", "d"]
            .iter()
            .flat_map(|id| [Phase::Up, Phase::Down, Phase::Descent].map(|phase| finding("x", phase, Some(id))))
            .collect();
        mark_inherited_steps(&mut findings, &head, &changes(&base, &head));
        let inherited = findings.iter().filter(|finding| finding.inherited);
        let inherited: Vec<_> =
            inherited.map(|finding| (finding.migration.as_deref().unwrap(), finding.phase)).collect();
        // The down of `a` is gone: what is said of it is of this change.
        assert_eq!(inherited, [("a", Phase::Up), ("b", Phase::Up), ("b", Phase::Down)]);
    }

    #[test]
    fn what_the_base_says_too_is_known_unless_it_grew() {
        let of = |details: usize| Finding {
            details: vec![String::new(); details],
            ..finding("multiple-heads", Phase::Graph, None)
        };
        let file =
            |name: &str| Finding { file: Some(PathBuf::from(name)), ..finding("unmatched-file", Phase::Graph, None) };
        let dup = |id| finding("duplicate-version", Phase::Graph, Some(id));
        let base = [of(2), file("a.sql"), dup("a")];
        let mut head = [of(2), of(3), of(1), file("a.sql"), file("b.sql"), dup("a"), dup("b")];
        mark_known(&mut head, &base);
        assert_eq!(head.map(|finding| finding.inherited), [true, false, true, true, false, true, false]);
        let mut none = [of(0)];
        mark_known(&mut none, &[]);
        assert!(!none[0].inherited, "nothing is known where the base says nothing");
    }
}
