//! The data folder of a server: copied from a seed, or made by the product's own program and kept as a seed for the next run.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use sha2::{Digest, Sha256};

use super::super::ProvisionError;
use super::super::account::Account;
use super::super::child::{self, ServerChild};
use super::super::installed::Installation;
use super::super::local::{LOG, Origin, POLL, forget_log, fresh_data_folder, not_run, tail};
use super::super::mysql_settings::Settings;
use super::super::run_folder::{DATA_FOLDER, RunFolder};
use super::super::seed::Seed;
use super::binaries::{base_folder, install_script, program};
use super::process::{TEMPORARY_FOLDER, folder_argument, remedy};
use crate::history::EngineKind;

/// Raised when seeds made before must not be used any more.
const SEED_FORM: u32 = 1;
/// How much of a program's beginning and end tells it from others.
const TELLING: u64 = 64 * 1024;
/// What makes the data of MariaDB: its script, which needs not be able to look up the name of the machine.
const MARIADB: [&str; 5] = [
    "--no-defaults",
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--force",
    "--innodb-log-file-size=16M",
];
/// What makes the data of MySQL: the server itself.
const MYSQL: [&str; 3] = ["--no-defaults", "--initialize-insecure", "--loose-innodb-redo-log-capacity=16M"];
/// Settings under which both make it fast.
const FAST: [&str; 4] = [
    "--innodb-flush-log-at-trx-commit=0",
    "--loose-innodb-flush-method=nosync",
    "--loose-innodb-doublewrite=0",
    "--loose-innodb-use-native-aio=0",
];

/// Fills the run folder's data folder, from a seed where there is one.
///
/// # Errors
/// When the data cannot be made or written.
pub(super) async fn prepare(
    installation: &Installation,
    settings: &Settings,
    folder: &RunFolder,
    cache: Option<&Path>,
    account: Option<&Account>,
) -> Result<Origin, ProvisionError> {
    let (program, arguments) = maker(installation, settings)?;
    let seed = seed(installation, &program, &arguments, cache)?;
    let data = fresh_data_folder(folder, account)?;
    if let Some(seed) = seed.clone().filter(|seed| seed.copy_to(&data, account)) {
        return Ok(Origin::Seed(seed));
    }
    let data = fresh_data_folder(folder, account)?;
    make(installation, &program, &arguments, folder, account).await?;
    if let Some(seed) = seed {
        // Without a cache the next start takes longer, and that is all.
        let _ = seed.publish(&data);
    }
    Ok(Origin::Made)
}

/// The program that makes the data, and its arguments but for those that name folders of the run.
fn maker(installation: &Installation, settings: &Settings) -> Result<(PathBuf, Vec<String>), ProvisionError> {
    let mut base = base_folder(installation);
    let (program, product): (_, &[&str]) = if installation.product.engine == EngineKind::Mariadb {
        let script = install_script(installation).ok_or_else(|| ProvisionError::NoBinaries {
            wanted: format!("`mariadb-install-db` of {}", installation.product),
            found: format!("it is not with the server in {}", installation.bin.display()),
            remedy: "install the whole package of the server, or name another with --server-bin".to_owned(),
        })?;
        // The script looks for a program below the folder that it is told, which an archive has there.
        base = base.filter(|base| base.join("bin/my_print_defaults").is_file());
        (script, &MARIADB)
    } else {
        (program(installation), &MYSQL)
    };
    let base = base.map(|base| format!("--basedir={}", base.display()));
    let arguments = product.iter().chain(&FAST).map(|argument| (*argument).to_owned()).chain(base);
    Ok((program, arguments.chain(settings.initialisation.iter().cloned()).collect()))
}

/// The seed for these arguments, none when there is no usable cache. The name changes with the programs and with the
/// arguments, so that a seed never meets another server than the one it was made for.
fn seed(
    installation: &Installation,
    maker: &Path,
    arguments: &[String],
    cache: Option<&Path>,
) -> Result<Option<Seed>, ProvisionError> {
    let Some(cache) = cache.and_then(Seed::usable_cache) else { return Ok(None) };
    let mut hash = Sha256::new();
    hash.update(SEED_FORM.to_le_bytes());
    for program in [&program(installation), maker] {
        add(&mut hash, program).map_err(ProvisionError::file("read", program))?;
    }
    for argument in arguments {
        hash.update(argument.as_bytes());
        hash.update([0]);
    }
    let digits: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let Installation { product, .. } = installation;
    Ok(Some(Seed::new(cache, format!("{}-{}-{digits}", product.engine, product.version))))
}

/// Adds what tells a program from others: to read all of a server would take longer than to start it. The linker writes a hash
/// of the whole into the first pages.
fn add(hash: &mut Sha256, program: &Path) -> io::Result<()> {
    let mut file = File::open(program)?;
    let found = file.metadata()?;
    for number in [found.len().to_le_bytes(), found.mtime().to_le_bytes(), found.mtime_nsec().to_le_bytes()] {
        hash.update(number);
    }
    for start in [0, found.len().saturating_sub(TELLING)] {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.by_ref().take(TELLING).read_to_end(&mut bytes)?;
        hash.update(&bytes);
    }
    Ok(())
}

/// Runs the program that makes the data.
async fn make(
    installation: &Installation,
    program: &Path,
    arguments: &[String],
    folder: &RunFolder,
    account: Option<&Account>,
) -> Result<(), ProvisionError> {
    let log = folder.path().join(LOG);
    let temporary = folder.path().join(TEMPORARY_FOLDER);
    let mut command = child::command(program, account);
    // The script takes no argument that holds a space but this one.
    command.args(arguments).arg(folder_argument("--datadir=", &folder.path().join(DATA_FOLDER)));
    command.env("TMPDIR", &temporary);
    if installation.product.engine == EngineKind::Mysql {
        // The folder that is built in need not be there.
        command.arg(folder_argument("--secure-file-priv=", &temporary));
    }
    let mut child = ServerChild::spawn(command, &log, Signal::SIGKILL)
        .map_err(|source| not_run(program.to_owned(), account, source))?;
    let status = loop {
        match child.ended() {
            Some(status) => break status,
            None => tokio::time::sleep(POLL).await,
        }
    };
    let written = tail(&log, 20);
    forget_log(folder.path());
    if status.success() {
        return Ok(());
    }
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    Err(ProvisionError::Failed {
        program: format!("{name} of {}", installation.product),
        reason: "failed to make its data; it wrote".to_owned(),
        remedy: remedy(&written),
        log: written,
    })
}
