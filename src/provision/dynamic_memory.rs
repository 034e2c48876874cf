//! The dynamic shared memory of PostgreSQL programs that are killed.
//!
//! A server of ours keeps it in its own folder (`dynamic_shared_memory_type = mmap`), but initdb starts servers before any
//! setting is made: those make a file `/dev/shm/PostgreSQL.<number>` and remove it when they end by themselves. The number
//! stands nowhere but in the memory map of the process, so it has to be looked up while the process is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

/// What the files' names begin with (`PG_DYNSHMEM_...` and `shm_open` in PostgreSQL's `dsm_impl.c`).
const FILES: &str = "/dev/shm/PostgreSQL.";

/// The files that the processes of this group have mapped. None where there is no `/proc`.
pub(crate) fn of_group(group: Pid) -> BTreeSet<PathBuf> {
    let Ok(processes) = fs::read_dir("/proc") else { return BTreeSet::new() };
    let processes = processes.flatten().map(|entry| entry.path()).filter(|process| group_of(process) == Some(group));
    processes.flat_map(|process| mapped(&fs::read_to_string(process.join("maps")).unwrap_or_default())).collect()
}

/// Removes them. Call it only when the processes are gone.
pub(crate) fn release(files: &BTreeSet<PathBuf>) {
    for file in files {
        // One that is gone already needs nothing.
        let _ = fs::remove_file(file);
    }
}

/// The process group: the third field after the command's name, which may hold anything (manual page proc(5), `stat`).
fn group_of(process: &Path) -> Option<Pid> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(2)?.parse().ok().map(Pid::from_raw)
}

fn mapped(maps: &str) -> Vec<PathBuf> {
    let paths = maps.lines().filter_map(|line| line.find(FILES).map(|at| &line[at..]));
    paths.map(|path| PathBuf::from(path.trim_end_matches(" (deleted)"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maps_name_the_files() {
        let maps = "55d0-55d1 r--p 00000000 fe:00 7 /usr/lib/postgresql/15/bin/postgres\n\
                    7f00-7f01 rw-s 00000000 00:17 9                     /dev/shm/PostgreSQL.2003171506\n";
        assert_eq!(mapped(maps), [PathBuf::from("/dev/shm/PostgreSQL.2003171506")]);
    }

    #[test]
    fn a_process_is_in_its_own_group() {
        let own = nix::unistd::getpgrp();
        assert_eq!(group_of(Path::new("/proc/self")), Path::new("/proc/self/stat").exists().then_some(own));
    }
}
