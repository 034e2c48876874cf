//! PostgreSQL, as the official images and those made of them run it.

use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{Connection as _, Row as _};

use super::super::super::password::change_password;
use super::super::super::postgres_settings::{self, Settings};
use super::super::super::product::{Product, Release};
use super::super::super::server::Address;
use super::super::super::{ProvisionError, Wanted};
use super::{Family, Keeping, Login};
use crate::history::EngineKind;

/// The superuser, as the official images have it.
const SUPERUSER: &str = "postgres";
/// Packs a running server's data, without what belongs to the running server. A server that starts from it recovers from a
/// crash that lost nothing. Writes nothing unless all of it was packed.
const PACK: &str = r#"f=/rollproof-seed.tar
tar -cf "$f" -C "$0" --exclude ./postmaster.pid --exclude ./postmaster.opts . && gzip -1 <"$f"
rm -f "$f""#;

/// Unpacks the archive and goes on with what the image would have begun with.
const UNPACK: &str = r#"mkdir -p "$0" && tar -xzf /rollproof-seed.gz -C "$0" && exec "$@""#;

pub(super) struct Postgres {
    settings: Settings,
}

impl Postgres {
    /// # Errors
    /// When a setting is wrong.
    pub(super) fn new(wanted: &Wanted) -> Result<Self, ProvisionError> {
        Ok(Self { settings: postgres_settings::wanted_settings(wanted)? })
    }
}

impl Family for Postgres {
    fn port(&self) -> u16 {
        5432
    }

    fn data_folder(&self) -> &'static str {
        "/var/lib/postgresql/data"
    }

    fn data_folder_variable(&self) -> Option<&'static str> {
        Some("PGDATA")
    }

    fn environment(&self, password: &str) -> Vec<(&'static str, String)> {
        vec![("POSTGRES_PASSWORD", password.to_owned()), ("POSTGRES_INITDB_ARGS", initdb_arguments(&self.settings))]
    }

    /// The entry points of the images take it, also while they initialise the data.
    fn command(&self) -> Vec<String> {
        // As the official images have it in their configuration; while they initialise, they put their own after it.
        let mut command = ["postgres", "-c", "listen_addresses=*"].map(str::to_owned).to_vec();
        for (name, value) in &self.settings.made {
            command.push("-c".to_owned());
            command.push(format!("{name}={value}"));
        }
        command
    }

    fn made_with(&self) -> Vec<String> {
        let made = self.settings.made.iter().map(|(name, value)| format!("{name}={value}"));
        self.settings.initdb.iter().cloned().chain(made).collect()
    }

    fn keeping(&self) -> Keeping {
        Keeping { begin: None, pack: PACK, unpack: UNPACK }
    }

    fn login(&self, host: &str, port: u16, password: &str) -> Box<dyn Login> {
        let options = PgConnectOptions::new_without_pgpass()
            .host(host)
            .port(port)
            .username(SUPERUSER)
            .password(password)
            .database("postgres")
            .ssl_mode(PgSslMode::Disable);
        Box::new(Superuser(options))
    }
}

struct Superuser(PgConnectOptions);

#[async_trait]
impl Login for Superuser {
    async fn ask(&self) -> Result<Product, sqlx::Error> {
        let mut connection = PgConnection::connect_with(&self.0).await?;
        let sql = "SELECT current_setting('server_version'), current_setting('server_version_num')::int4";
        let row = sqlx::query(sql).fetch_one(&mut connection).await?;
        connection.close().await?;
        let (version, number): (String, i32) = (row.try_get(0)?, row.try_get(1)?);
        let major = u32::try_from(number / 10_000).unwrap_or(0);
        // Packagers put their own name after it.
        let version = version.split_whitespace().next().unwrap_or(&version).to_owned();
        Ok(Product { engine: EngineKind::Postgres, version, release: Release { major, minor: None } })
    }

    async fn change_password(&mut self, password: &str) -> Result<(), sqlx::Error> {
        change_password(&self.0, SUPERUSER, password).await?;
        self.0 = self.0.clone().password(password);
        Ok(())
    }

    async fn come_to_rest(&self) -> Result<(), sqlx::Error> {
        let mut connection = PgConnection::connect_with(&self.0).await?;
        sqlx::raw_sql("CHECKPOINT").execute(&mut connection).await?;
        connection.close().await
    }

    fn address(&self) -> Address {
        Address::Postgres { admin: Box::new(self.0.clone()), tcp: Box::new(self.0.clone()) }
    }
}

/// The options of initdb; the entry points of the images hand them to a shell once more.
fn initdb_arguments(settings: &Settings) -> String {
    let options =
        std::iter::once("--no-sync".to_owned()).chain(settings.initdb.iter().map(|option| shell_word(option)));
    options.collect::<Vec<_>>().join(" ")
}

fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | '@' | ':' | '/');
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        for word in ["--locale=de_DE.UTF-8", "--locale=it's $(id)", "a b", "--icu-locale=und-u-ks-level2"] {
            let output = std::process::Command::new("sh")
                .args(["-c", &format!("printf %s {}", shell_word(word))])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
        }
        assert_eq!(shell_word("--encoding=UTF8"), "--encoding=UTF8", "images that do not ask a shell take it too");
    }
}
