//! The files of a report as somebody else sees them.

use std::path::{Component, Path, PathBuf};

use super::Report;

/// The report with its files relative to `top`, which is how GitHub names the files of a repository. Findings name files
/// from `here`, the folder that the command was started in. Both are absolute. A file outside of `top` keeps its name.
pub fn seen_from(report: &Report, here: &Path, top: &Path) -> Report {
    let mut report = report.clone();
    let findings = |file: &mut String| *file = placed(file, here, top);
    for database in &mut report.databases {
        database.findings.iter_mut().filter_map(|finding| finding.file.as_mut()).for_each(findings);
        database.steps.iter_mut().filter_map(|step| step.file.as_mut()).for_each(findings);
    }
    report.changed_files.iter_mut().for_each(findings);
    report
}

fn placed(file: &str, here: &Path, top: &Path) -> String {
    let whole = plain(&here.join(file));
    match whole.strip_prefix(plain(top)) {
        Ok(inside) => inside.display().to_string(),
        Err(_) => file.to_owned(),
    }
}

/// `path` without `.` and `..`, by its words alone.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::super::fixture::fixture;
    use super::*;

    #[test]
    fn files_are_named_from_the_top_of_the_repository() {
        let (here, top) = (Path::new("/w/repo/services/shop"), Path::new("/w/repo/./"));
        for (file, seen) in [
            ("migrations/1.sql", "services/shop/migrations/1.sql"),
            ("./migrations/1.sql", "services/shop/migrations/1.sql"),
            ("../../db/1.sql", "db/1.sql"),
            ("/w/repo/db/1.sql", "db/1.sql"),
            ("/elsewhere/1.sql", "/elsewhere/1.sql"),
            ("../../../other/1.sql", "../../../other/1.sql"),
        ] {
            assert_eq!(placed(file, here, top), seen, "{file}");
        }
    }

    #[test]
    fn every_file_of_a_report_is_placed() {
        let mut report = fixture();
        report.changed_files = vec!["migrations/a.sql".to_owned()];
        let seen = seen_from(&report, Path::new("/w/shop"), Path::new("/w"));
        assert_eq!(seen.changed_files, ["shop/migrations/a.sql"]);
        let database = &seen.databases[0];
        let files = database.findings.iter().filter_map(|finding| finding.file.as_ref());
        let mut files = files.chain(database.steps.iter().filter_map(|step| step.file.as_ref()));
        assert!(files.all(|file| file.starts_with("shop/migrations/")));
    }
}
