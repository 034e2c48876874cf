//! A workflow for GitHub that runs the check on pull requests.

use std::path::Path;

/// The workflow that the manual shows.
const WORKFLOW: &str = include_str!("../../docs/ci/pull-request.yml");
/// The input behind which the project's folder is named.
const INPUT: &str = "          base: ";

/// The workflow, without the comment that it begins with. `below` is the project's folder as seen from the root of its
/// repository.
pub fn snippet(below: &Path) -> String {
    let folder = serde_json::Value::from(below.to_string_lossy());
    let mut workflow = String::new();
    for line in WORKFLOW.lines().skip_while(|line| line.is_empty() || line.starts_with('#')) {
        workflow.push_str(&format!("{line}\n"));
        if line.starts_with(INPUT) && below != Path::new("") {
            workflow.push_str(&format!("          working-directory: {folder}\n"));
        }
    }
    workflow
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workflow_is_that_of_the_manual_with_the_folder() {
        let shown: serde_yaml::Value = serde_yaml::from_str(WORKFLOW).unwrap();
        let plain = snippet(Path::new(""));
        assert!(WORKFLOW.ends_with(&plain) && plain.starts_with("name: "), "{plain}");

        let mut workflow: serde_yaml::Value = serde_yaml::from_str(&snippet(Path::new("apps/shop \"x\""))).unwrap();
        let steps = workflow["jobs"]["migrations"]["steps"].as_sequence_mut().unwrap();
        let check = steps.iter_mut().find(|step| step["uses"].as_str() == Some("rollproof/rollproof@v0")).unwrap();
        let folder = check["with"].as_mapping_mut().unwrap().remove("working-directory");
        assert_eq!(folder.unwrap().as_str(), Some("apps/shop \"x\""));
        assert_eq!(workflow, shown, "nothing else differs");
    }
}
