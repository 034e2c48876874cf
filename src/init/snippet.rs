//! A workflow for GitHub that runs the check on pull requests.

use std::path::Path;

/// The workflow. `below` is the project's folder as seen from the root of its repository.
pub fn snippet(below: &Path) -> String {
    let inside = below != Path::new("");
    let folder = serde_json::Value::from(below.to_string_lossy());
    let folder = if inside { format!("          working-directory: {folder}\n") } else { String::new() };
    format!(
        "name: migrations
on: pull_request
permissions:
  contents: read
jobs:
  rollproof:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
        with:
          fetch-depth: 0
      - uses: rollproof/rollproof@v0
        with:
          base: ${{{{ github.base_ref }}}}
{folder}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workflow_is_yaml() {
        for (below, folder) in [("", None), ("apps/shop \"x\"", Some("apps/shop \"x\""))] {
            let workflow: serde_yaml::Value = serde_yaml::from_str(&snippet(Path::new(below))).unwrap();
            let steps = &workflow["jobs"]["rollproof"]["steps"];
            assert_eq!(steps[0]["with"]["fetch-depth"].as_u64(), Some(0));
            assert_eq!(steps[1]["uses"].as_str(), Some("rollproof/rollproof@v0"));
            assert_eq!(steps[1]["with"]["base"].as_str(), Some("${{ github.base_ref }}"));
            assert_eq!(steps[1]["with"]["working-directory"].as_str(), folder);
            assert_eq!(workflow["permissions"]["contents"].as_str(), Some("read"));
        }
    }
}
