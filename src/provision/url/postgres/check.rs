//! Whether a server that is not ours can be used.

use sqlx::Row;
use sqlx::postgres::PgConnection;

use crate::history::EngineKind;
use crate::provision::product::OLDEST_POSTGRES;
use crate::provision::{Product, ProvisionError, Release, Wanted};

/// What the server answered to our questions.
pub(super) struct Server {
    pub(super) product: &'static str,
    pub(super) version: String,
    pub(super) number: i32,
    pub(super) standby: bool,
    pub(super) may_create: bool,
    pub(super) user: String,
}

impl Server {
    /// What it is, as PostgreSQL counts.
    pub(super) fn described(&self) -> Product {
        let major = u32::try_from(self.number / 10_000).unwrap_or(0);
        Product { engine: EngineKind::Postgres, version: self.version.clone(), release: Release { major, minor: None } }
    }
}

/// Asks the server what it is and what we may do there.
pub(super) async fn describe(connection: &mut PgConnection) -> Result<Server, sqlx::Error> {
    let banner: String = sqlx::query_scalar("SELECT version()").fetch_one(&mut *connection).await?;
    let product = match banner.split([' ', '-']).next() {
        Some("PostgreSQL") if !banner.contains("Redshift") && !banner.contains("-YB-") => "PostgreSQL",
        Some("CockroachDB") => "CockroachDB",
        _ if banner.contains("Redshift") => "Redshift",
        _ if banner.contains("-YB-") => "YugabyteDB",
        _ => "another product that speaks PostgreSQL's protocol",
    };
    let row = sqlx::query(
        "SELECT current_setting('server_version'), current_setting('server_version_num')::int4, pg_is_in_recovery(), \
         coalesce((SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), false), \
         current_user::text",
    )
    .fetch_one(connection)
    .await?;
    let version: String = row.try_get(0)?;
    Ok(Server {
        product,
        version: version.split_whitespace().next().unwrap_or(&version).to_owned(),
        number: row.try_get(1)?,
        standby: row.try_get(2)?,
        may_create: row.try_get(3)?,
        user: row.try_get(4)?,
    })
}

/// Whether the server can be used; gives what reports should say about it.
pub(super) fn judge(server: &Server, wanted: &Wanted, shown: &str) -> Result<Vec<String>, ProvisionError> {
    let wrong = |reason: String| ProvisionError::Url { shown: shown.to_owned(), reason };
    let title = format!("{} {}", server.product, server.version);
    let product = server.described();
    if product.release.major < OLDEST_POSTGRES {
        return Err(ProvisionError::TooOld { server: title, oldest: format!("PostgreSQL {OLDEST_POSTGRES}") });
    }
    let other =
        |wanted: String| ProvisionError::OtherVersion { shown: shown.to_owned(), server: title.clone(), wanted };
    let asked = wanted.asked()?;
    if !wanted.allow_substitute {
        if server.product != "PostgreSQL" {
            return Err(other("PostgreSQL".to_owned()));
        }
        if !asked.is(&product) {
            return Err(other(asked.to_string()));
        }
    }
    if server.standby {
        return Err(wrong("is a standby, which only reads; name its primary, or a server for tests".to_owned()));
    }
    if !server.may_create {
        let user = &server.user;
        let remedy = format!("grant it with `ALTER ROLE \"{user}\" CREATEDB`, or name another user");
        return Err(wrong(format!("does not let {user} make databases (it lacks CREATEDB); {remedy}")));
    }
    let mut notes: Vec<String> = wanted.substitution(&product).into_iter().collect();
    if server.product != "PostgreSQL" {
        notes.push(format!("{title} stands in for PostgreSQL"));
    }
    if !wanted.server_settings.is_empty() {
        let names: Vec<&str> = wanted.server_settings.keys().map(String::as_str).collect();
        notes.push(format!("server-settings are not made on a server named by --url: {}", names.join(", ")));
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = "postgres://u:***@h:5432/db";

    fn server() -> Server {
        Server {
            product: "PostgreSQL",
            version: "17.2".to_owned(),
            number: 170_002,
            standby: false,
            may_create: true,
            user: "u".to_owned(),
        }
    }

    fn judged(server: &Server, wanted: &Wanted) -> Result<Vec<String>, String> {
        judge(server, wanted, SHOWN).map_err(|error| error.to_string())
    }

    #[test]
    fn what_cannot_serve_is_refused() {
        let any = Wanted::new(EngineKind::Postgres);
        assert_eq!(judged(&server(), &any), Ok(Vec::new()));
        let old = Server { version: "12.22".to_owned(), number: 120_022, ..server() };
        for (server, part) in [
            (old, "PostgreSQL 12.22 is too old: Rollproof needs PostgreSQL 13 or newer"),
            (Server { standby: true, ..server() }, "is a standby"),
            (Server { may_create: false, ..server() }, "lacks CREATEDB"),
            (Server { product: "CockroachDB", ..server() }, "is CockroachDB 17.2, and PostgreSQL is asked for"),
        ] {
            let error = judged(&server, &any).unwrap_err();
            assert!(error.contains(part), "{part} in: {error}");
        }
    }

    #[test]
    fn substitutes_are_noted() {
        let image = Some("postgres:16".to_owned());
        let mut wanted = Wanted { image, ..Wanted::new(EngineKind::Postgres) };
        assert!(judged(&server(), &wanted).unwrap_err().contains("and PostgreSQL 16 is asked for"));
        wanted.allow_substitute = true;
        assert_eq!(judged(&server(), &wanted).unwrap(), ["PostgreSQL 17.2 stands in for postgres:16"]);
        wanted.image = None;
        let cockroach = Server { product: "CockroachDB", ..server() };
        assert_eq!(judged(&cockroach, &wanted).unwrap(), ["CockroachDB 17.2 stands in for PostgreSQL"]);
    }
}
