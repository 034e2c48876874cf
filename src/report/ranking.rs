//! The findings that count, those first that a reader should see first.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{DatabaseReport, FindingReport, Report};
use crate::policy::Level;

/// The findings of a database that count.
pub(super) type Ranked<'r> = (&'r DatabaseReport, Vec<&'r FindingReport>);

/// Every finding of the run that is neither suppressed nor inherited, with its database: the gravest first, and among
/// those of one level the ones in files that the change touches. Beyond that the order of the report stays.
pub(super) fn ranked(report: &Report) -> Vec<(&DatabaseReport, &FindingReport)> {
    let changed = changed_files(report);
    let of = |database| counting(database).map(move |finding| (database, finding));
    let mut all: Vec<_> = report.databases.iter().flat_map(of).collect();
    all.sort_by_cached_key(|(_, finding)| rank(&changed, finding));
    all
}

/// The same for each database by itself.
pub(super) fn by_database(report: &Report) -> Vec<Ranked<'_>> {
    let changed = changed_files(report);
    let ranked = |database| {
        let mut findings: Vec<_> = counting(database).collect();
        findings.sort_by_cached_key(|finding| rank(&changed, finding));
        (database, findings)
    };
    report.databases.iter().map(ranked).collect()
}

fn changed_files(report: &Report) -> BTreeSet<&str> {
    report.changed_files.iter().map(String::as_str).collect()
}

fn counting(database: &DatabaseReport) -> impl Iterator<Item = &FindingReport> {
    database.findings.iter().filter(|finding| finding.suppressed.is_none() && !finding.inherited)
}

fn rank(changed: &BTreeSet<&str>, finding: &FindingReport) -> (Reverse<Level>, bool) {
    let is_changed = finding.file.as_ref().is_some_and(|file| changed.contains(file.as_str()));
    (Reverse(finding.level), !is_changed)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{finding, fixture};
    use super::*;
    use crate::replay::Phase;

    #[test]
    fn the_gravest_in_changed_files_come_first() {
        let mut report = fixture();
        let found = |level, migration: &str| finding("rule", level, Phase::Down, migration, "wrong");
        report.databases[0].findings = vec![
            found(Level::Note, "a"),
            found(Level::Warning, "b"),
            found(Level::Error, "c"),
            found(Level::Error, "d"),
            found(Level::Warning, "e"),
            FindingReport { inherited: true, ..found(Level::Error, "f") },
            FindingReport { suppressed: Some("known".to_owned()), ..found(Level::Error, "g") },
        ];
        report.changed_files = vec!["migrations/d.down.sql".to_owned(), "migrations/e.down.sql".to_owned()];
        let order = |report: &Report| -> String {
            ranked(report).iter().map(|(_, finding)| finding.migration.clone().unwrap_or_default()).collect()
        };
        assert_eq!(order(&report), "dceba");
        let (database, findings) = &by_database(&report)[0];
        assert_eq!(database.name, report.databases[0].name);
        let alone: String = findings.iter().map(|finding| finding.migration.clone().unwrap_or_default()).collect();
        assert_eq!(alone, "dceba");
        report.changed_files.clear();
        assert_eq!(order(&report), "cdbea");
    }
}
