//! A repository for tests, whatever the machine's own git is told to do.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A temporary repository.
pub(super) struct Sandbox(TempDir);

impl Sandbox {
    /// A repository without a commit.
    pub(super) fn empty() -> Self {
        let sandbox = Self(tempfile::tempdir().unwrap());
        sandbox.git(&["init", "-q", "-b", "main"]);
        sandbox
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, with the folders above it.
    pub(super) fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Commits everything.
    pub(super) fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "a change"]);
    }

    pub(super) fn git(&self, args: &[&str]) {
        let mut git = Command::new("git");
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        git.args(["-c", "user.name=A", "-c", "user.email=a@example.org"]).args(args).current_dir(self.path());
        assert!(git.status().unwrap().success(), "git {args:?}");
    }
}
