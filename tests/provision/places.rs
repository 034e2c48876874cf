//! Folders of a test's own, so that tests do not sweep one another's servers and can see what is left.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rollproof::provision::Places;
use tempfile::TempDir;

use super::processes_in;

/// A folder that every user may pass through, as servers run as another user when the tests run as root.
pub(crate) struct Ground {
    folder: TempDir,
}

impl Ground {
    pub(crate) fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory } else { Path::new("/tmp") };
        let folder = tempfile::Builder::new().prefix("rpt-").tempdir_in(base).expect("a folder for the test");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
        let ground = Self { folder };
        fs::create_dir(ground.runs()).expect("a folder for runs");
        ground
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn runs(&self) -> PathBuf {
        self.path().join("runs")
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.path().join("cache")
    }

    pub(crate) fn places(&self) -> Places {
        Places { temporary: vec![self.runs()], cache: Some(self.cache()) }
    }

    pub(crate) fn run_folders(&self) -> Vec<PathBuf> {
        fs::read_dir(self.runs()).expect("the folder for runs").flatten().map(|entry| entry.path()).collect()
    }

    pub(crate) fn seeds(&self) -> Vec<PathBuf> {
        fs::read_dir(self.cache()).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    }

    pub(crate) fn assert_nothing_left(&self) {
        assert_eq!(processes_in(&self.runs()), Vec::<u32>::new(), "processes are left");
        assert_eq!(self.run_folders(), Vec::<PathBuf>::new(), "folders are left");
    }

    /// Waits until no server runs any more, for ends that nobody waits for.
    pub(crate) fn wait_until_no_process(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !processes_in(&self.runs()).is_empty() {
            assert!(Instant::now() < deadline, "still there: {:?}", processes_in(&self.runs()));
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
