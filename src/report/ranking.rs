//! The findings that count, those first that a reader should see first.

use super::{DatabaseReport, FindingReport, Report};

/// Every finding of the run that is neither suppressed nor inherited, with its database: the gravest first, and among
/// those of one level the ones in files that the change touches. Beyond that the order of the report stays.
pub(super) fn ranked(report: &Report) -> Vec<(&DatabaseReport, &FindingReport)> {
    let of = |database| findings(report, database).into_iter().map(move |finding| (database, finding));
    let mut all: Vec<_> = report.databases.iter().flat_map(of).collect();
    all.sort_by_key(|(_, finding)| rank(report, finding));
    all
}

/// The same for one database of the report.
pub(super) fn findings<'r>(report: &'r Report, database: &'r DatabaseReport) -> Vec<&'r FindingReport> {
    let counts = |finding: &&FindingReport| finding.suppressed.is_none() && !finding.inherited;
    let mut all: Vec<_> = database.findings.iter().filter(counts).collect();
    all.sort_by_key(|finding| rank(report, finding));
    all
}

fn rank(report: &Report, finding: &FindingReport) -> (std::cmp::Reverse<crate::policy::Level>, bool) {
    let changed = finding.file.as_ref().is_some_and(|file| report.changed_files.contains(file));
    (std::cmp::Reverse(finding.level), !changed)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{finding, fixture};
    use super::*;
    use crate::policy::Level;
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
        report.changed_files.clear();
        assert_eq!(order(&report), "cdbea");
    }
}
