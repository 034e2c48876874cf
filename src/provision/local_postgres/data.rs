//! The data folder of a server: copied from a seed, or made by initdb and kept as a seed for the next run.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;
use sha2::{Digest, Sha256};

use super::super::ProvisionError;
use super::super::account::Account;
use super::super::child::{self, ServerChild};
use super::super::installed::Installation;
use super::super::local::{LOG, Origin, fresh_data_folder, not_run, tail};
use super::super::postgres_settings::Settings;
use super::super::run_folder::{DATA_FOLDER, RunFolder};
use super::super::seed::Seed;
use super::process::{SUPERUSER, WHO_MAY_CONNECT};

/// Raised when seeds made before must not be used any more.
const SEED_FORM: u32 = 1;

/// Fills the run folder's data folder, from a seed where there is one.
///
/// # Errors
/// When initdb fails or the data cannot be written.
pub(crate) async fn prepare(
    installation: &Installation,
    settings: &Settings,
    folder: &RunFolder,
    cache: Option<&Path>,
    account: Option<&Account>,
) -> Result<Origin, ProvisionError> {
    let choices = initdb_choices(settings);
    let seeds = seeds(installation, &choices, cache)?;
    let mut data = fresh_data_folder(folder, account)?;
    let mut origin = None;
    for seed in &seeds {
        if seed.copy_to(&data, account) {
            origin = Some(Origin::Seed(seed.clone()));
            break;
        }
        data = fresh_data_folder(folder, account)?;
    }
    let origin = match origin {
        Some(origin) => origin,
        None => {
            let made = initdb(installation, &choices, folder, account).await?;
            if let Some(seed) = seeds.get(made) {
                // Without a cache the next start takes longer, and that is all.
                let _ = seed.publish(&data);
            }
            Origin::Made
        }
    };
    configure(&data, settings)?;
    Ok(origin)
}

fn configure(data: &Path, settings: &Settings) -> Result<(), ProvisionError> {
    let conf = data.join("postgresql.conf");
    let append = || File::options().append(true).open(&conf)?.write_all(settings.conf().as_bytes());
    append().map_err(ProvisionError::file("write", &conf))?;
    let hba = data.join("pg_hba.conf");
    // The file exists, so it keeps its owner.
    fs::write(&hba, WHO_MAY_CONNECT).map_err(ProvisionError::file("write", &hba))
}

/// The option lists of initdb to try, best first.
///
/// Without a locale of the user's: sorting by bytes, which is the same on every machine, and letters of all languages, so
/// that `lower('Ä')` works as on a production server. Where the system has no C.UTF-8 only the plain C locale is left.
fn initdb_choices(settings: &Settings) -> Vec<Vec<String>> {
    // Small segments of the write-ahead log make a seed a third smaller.
    let common = ["--no-sync", "--auth=trust", "--username", SUPERUSER, "--wal-segsize=1"].map(str::to_owned);
    let with = |more: &[&str]| {
        let more = more.iter().map(|option| (*option).to_owned());
        common.iter().cloned().chain(settings.initdb.iter().cloned()).chain(more).collect::<Vec<_>>()
    };
    if settings.default_locale {
        vec![with(&["--locale=C", "--lc-ctype=C.UTF-8"]), with(&["--locale=C"])]
    } else {
        vec![with(&[])]
    }
}

/// The seed for each list of options, none when there is no usable cache. The name changes with the program and with the
/// options, so that a seed never meets another server than the one it was made for.
fn seeds(
    installation: &Installation,
    choices: &[Vec<String>],
    cache: Option<&Path>,
) -> Result<Vec<Seed>, ProvisionError> {
    let Some(cache) = cache.and_then(Seed::usable_cache) else { return Ok(Vec::new()) };
    let program = installation.bin.join("postgres");
    let hash = hash_of(&program).map_err(ProvisionError::file("read", &program))?;
    let seed = |options: &Vec<String>| {
        let mut hash = hash.clone();
        for option in options {
            hash.update(option.as_bytes());
            hash.update([0]);
        }
        let digits: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Seed::new(cache, format!("postgres-{}-{digits}", installation.product.version))
    };
    Ok(choices.iter().map(seed).collect())
}

fn hash_of(program: &Path) -> io::Result<Sha256> {
    let mut hash = Sha256::new();
    hash.update(SEED_FORM.to_le_bytes());
    let mut file = File::open(program)?;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash),
            length => hash.update(&buffer[..length]),
        }
    }
}

/// Runs initdb with the first list of options that works; gives its number.
async fn initdb(
    installation: &Installation,
    choices: &[Vec<String>],
    folder: &RunFolder,
    account: Option<&Account>,
) -> Result<usize, ProvisionError> {
    let log = folder.path().join(LOG);
    let data = folder.path().join(DATA_FOLDER);
    let program = installation.bin.join("initdb");
    let mut written = Vec::new();
    for (number, options) in choices.iter().enumerate() {
        let mut command = child::command(&program, account);
        command.arg("--pgdata").arg(&data).args(options);
        let mut child = ServerChild::spawn(command, &log, Signal::SIGKILL)
            .map_err(|source| not_run(program.clone(), account, source))?;
        let status = loop {
            match child.ended() {
                Some(status) => break status,
                None => tokio::time::sleep(Duration::from_millis(3)).await,
            }
        };
        written = tail(&log, 12);
        let _ = fs::remove_file(&log);
        if status.success() {
            return Ok(number);
        }
        fresh_data_folder(folder, account)?;
    }
    Err(ProvisionError::Failed {
        program: format!("initdb of {}", installation.product),
        reason: "failed; it wrote".to_owned(),
        log: written,
        remedy: "look at `locale` and `encoding` in `server-settings`, and at the space and the permissions of the machine",
    })
}
