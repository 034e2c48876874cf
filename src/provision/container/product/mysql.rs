//! MySQL and MariaDB, as their official images, Percona's and those made of them run them: one entry point descends from the
//! other, and each server passes over the settings that only the other has.
//!
//! Their entry points start a server twice: the first listens on its Unix socket only and is there for the users and scripts
//! of the image. So the first answer over TCP is that of the second, which stays.

use std::collections::BTreeMap;

use async_trait::async_trait;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlSslMode};
use sqlx::{AssertSqlSafe, Connection as _};

use super::super::super::mysql_login::{bare, text, texts};
use super::super::super::mysql_settings::{self, Settings};
use super::super::super::product::Product;
use super::super::super::server::Address;
use super::super::super::{ProvisionError, mysql_login};
use super::{Family, Keeping, Login};
use crate::history::EngineKind;

const SUPERUSER: &str = "root";
/// A running server's files are never whole. So the first server is ended in order, its data is packed, and the server goes
/// on from where it was. What the packing came to is there before it goes on.
///
/// Where there is no tar, as in MySQL's own images, the archive is a list of folders, a list of files with their sizes, and
/// what the files hold, one behind the other.
const BEGIN: &str = r#""$@" || exit
f=/rollproof-seed
pack() {
    cd "$1" && rm -f auto.cnf ibtmp1 || return
    if command -v tar; then
        tar -cf "$f" .
    else
        find . -type d >"$f.folders" && find . -type f -printf '%s %p\n' >"$f.files" &&
            { cat "$f.folders"; echo; cat "$f.files"; echo; cut -d ' ' -f 2- "$f.files" | xargs -d '\n' cat; } >"$f"
    fi >/dev/null && gzip -1 <"$f" >"$f.made" && mv "$f.made" "$f.gz"
}
(pack "$0")
rm -f "$f" "$f.files" "$f.folders" "$f.made"
: >"$f.packed"
exec "$@""#;
/// Waits for what [`BEGIN`] packs.
const PACK: &str = r#"f=/rollproof-seed
until [ -e "$f.packed" ]; do sleep 0.02 || exit; done
[ ! -e "$f.gz" ] || cat "$f.gz"
rm -f "$f.gz""#;
/// Unpacks what [`BEGIN`] packed, in an image that has the same programs, and goes on with what the image would have begun
/// with. `head` reads no byte further than it is told.
const UNPACK: &str = r#"f=/rollproof-seed
unpack() {
    mkdir -p "$1" && cd "$1" || return
    if command -v tar >/dev/null; then
        tar -xzf "$f.gz"
    else
        gzip -dc <"$f.gz" | {
            while IFS= read -r line && [ -n "$line" ]; do echo "$line"; done | xargs -d '\n' mkdir -p
            while IFS= read -r line && [ -n "$line" ]; do echo "$line"; done >"$f.files"
            while read -r size name <&3; do head -c "$size" >"$name" || return; done 3<"$f.files"
        }
    fi
}
(unpack "$0") && exec "$@""#;

pub(super) struct MySql {
    settings: Settings,
}

impl MySql {
    /// The images that are taken for this product's.
    ///
    /// # Errors
    /// When a setting is wrong.
    pub(super) fn new(settings: &BTreeMap<String, String>, product: EngineKind) -> Result<Self, ProvisionError> {
        Ok(Self { settings: mysql_settings::settings(settings, product)? })
    }
}

impl Family for MySql {
    fn port(&self) -> u16 {
        3306
    }

    fn data_folder(&self) -> &'static str {
        "/var/lib/mysql"
    }

    fn data_folder_variable(&self) -> Option<&'static str> {
        None
    }

    fn environment(&self, password: &str) -> Vec<(&'static str, String)> {
        // Which of the two an image is, its name need not tell.
        let both = [("MYSQL_ROOT_PASSWORD", "MYSQL_ROOT_HOST"), ("MARIADB_ROOT_PASSWORD", "MARIADB_ROOT_HOST")];
        both.into_iter().flat_map(|(name, host)| [(name, password.to_owned()), (host, "%".to_owned())]).collect()
    }

    /// Options alone: the entry points put their own server's program before them, and give them to every server of theirs.
    fn command(&self) -> Vec<String> {
        self.settings.server.clone()
    }

    fn made_with(&self) -> Vec<String> {
        self.settings.server.clone()
    }

    fn keeping(&self) -> Keeping {
        Keeping { begin: Some(BEGIN), pack: PACK, unpack: UNPACK }
    }

    fn login(&self, host: &str, port: u16, password: &str) -> Box<dyn Login> {
        // A handshake of TLS takes longer than most scripts, and each script gets a session of its own. Passwords are never
        // sent in the clear: a server that would have them so gives its key for them.
        let insists = self.settings.server.iter().any(|argument| argument.starts_with("--require-secure-transport"));
        let mode = if insists { MySqlSslMode::Preferred } else { MySqlSslMode::Disabled };
        Box::new(Superuser(bare().host(host).port(port).username(SUPERUSER).password(password).ssl_mode(mode)))
    }
}

struct Superuser(MySqlConnectOptions);

/// Whether a server that resolves no names knows nothing of an account for a host that is a name: MariaDB makes one for the
/// machine on which its tables were made. Nobody can come by it.
fn is_unknown_account(error: &sqlx::Error) -> bool {
    const CANNOT_USER: u16 = 1396;
    let refusal = error.as_database_error().and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>());
    refusal.is_some_and(|refusal| refusal.number() == CANNOT_USER)
}

#[async_trait]
impl Login for Superuser {
    async fn ask(&self) -> Result<Product, sqlx::Error> {
        let mut connection = MySqlConnection::connect_with(&self.0).await?;
        let version = text(&mut connection, "SELECT VERSION()").await?;
        connection.close().await?;
        mysql_login::product(&version)
    }

    async fn change_password(&mut self, password: &str) -> Result<(), sqlx::Error> {
        let mut connection = MySqlConnection::connect_with(&self.0).await?;
        sqlx::raw_sql("SET SESSION sql_log_off = 1, SESSION sql_log_bin = 0").execute(&mut connection).await?;
        // There is one for each host that it comes from.
        let accounts = "SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.user WHERE User = 'root'";
        let accounts = texts(&mut connection, accounts).await?;
        for account in accounts {
            let statement = format!("ALTER USER {account} IDENTIFIED BY '{password}'");
            match sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await {
                Err(error) if is_unknown_account(&error) => {}
                other => _ = other?,
            }
        }
        connection.close().await?;
        self.0 = self.0.clone().password(password);
        Ok(())
    }

    async fn come_to_rest(&self) -> Result<(), sqlx::Error> {
        let mut connection = MySqlConnection::connect_with(&self.0).await?;
        sqlx::raw_sql("SHUTDOWN").execute(&mut connection).await?;
        // The server may have closed it already; that changes nothing.
        let _ = connection.close().await;
        Ok(())
    }

    fn address(&self) -> Address {
        Address::Mysql { admin: Box::new(self.0.clone()), tcp: Box::new(self.0.clone()) }
    }
}
