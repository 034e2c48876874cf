//! Which system user runs a server when we are root, since servers refuse to run as root.

use std::path::Path;

use nix::unistd::{Gid, Uid, User, geteuid};

use super::ProvisionError;
use crate::history::EngineKind;

/// A user to drop to.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// Its name.
    pub(crate) name: String,
    /// Its user id.
    pub(crate) uid: Uid,
    /// Its primary group.
    pub(crate) gid: Gid,
}

impl Account {
    /// The user to drop to: none when we are an ordinary user; the one that the product's packages make, else `nobody`, when
    /// we are root.
    ///
    /// # Errors
    /// When we are root and neither user exists.
    pub(crate) fn to_drop_to(engine: EngineKind) -> Result<Option<Self>, ProvisionError> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let account = match engine {
            EngineKind::Mysql | EngineKind::Mariadb => "mysql",
            EngineKind::Postgres | EngineKind::Sqlite => "postgres",
        };
        [account, "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .filter(|user| !user.uid.is_root())
            .map(|user| Some(Self { name: user.name, uid: user.uid, gid: user.gid }))
            .ok_or(ProvisionError::NoAccount { engine, account })
    }

    /// Makes the account the owner of a file or folder; a symbolic link is not followed.
    pub(crate) fn give(&self, path: &Path) -> std::io::Result<()> {
        std::os::unix::fs::lchown(path, Some(self.uid.as_raw()), Some(self.gid.as_raw()))
    }
}
