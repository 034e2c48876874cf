//! A PostgreSQL server that is not ours.

mod check;
mod dropping;
pub(super) mod text;

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use self::check::{describe, judge};
use self::dropping::{drop_database, drop_with_prefix, left_behind, sweep};
use super::cleaning::{CleanedServer, clean};
use super::{Described, Host, in_time};
use crate::provision::server::Address;
use crate::provision::{ProvisionError, Wanted};

/// SQLSTATE `invalid_catalog_name`.
const NO_SUCH_DATABASE: &str = "3D000";

/// The user of a URL on its server. Has no `Debug`: it holds the password.
pub(super) struct Visitor(pub(super) PgConnectOptions);

#[async_trait]
impl Host for Visitor {
    async fn enter(&mut self, wanted: &Wanted, shown: &str, prefix: &str) -> Result<Described, ProvisionError> {
        // By this name our own sessions are found again.
        self.0 = self.0.clone().application_name(prefix);
        let wrong = |reason: String| ProvisionError::Url { shown: shown.to_owned(), reason };
        let answer = async {
            let mut connection = reach(&mut self.0).await?;
            let described = describe(&mut connection).await?;
            Ok::<_, sqlx::Error>((connection, described))
        };
        let (mut connection, server) = in_time(answer).await.map_err(wrong)?;
        let notes = judge(&server, wanted, shown)?;
        sweep(&mut connection).await;
        // The server may have closed it already; that changes nothing.
        let _ = connection.close().await;
        Ok(Described { product: server.described(), notes })
    }

    /// The role says it.
    async fn prove(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    async fn drop_with_prefix(&self, prefix: &str) -> Result<(), sqlx::Error> {
        drop_with_prefix(&self.0, prefix).await
    }

    async fn clean(&mut self, dry_run: bool) -> Result<CleanedServer, String> {
        self.0 = self.0.clone().application_name("rollproof");
        let answer = async {
            let mut connection = reach(&mut self.0).await?;
            let names = left_behind(&mut connection).await?;
            Ok((connection, names))
        };
        let (mut connection, names) = in_time(answer).await?;
        let mut cleaned = CleanedServer::default();
        for name in names {
            let dropped = if dry_run { Ok(()) } else { drop_database(&mut connection, &name).await };
            clean(&mut cleaned, name, dropped);
        }
        // The server may have closed it already; that changes nothing.
        let _ = connection.close().await;
        Ok(cleaned)
    }

    fn address(&self) -> Address {
        Address::Postgres { admin: Box::new(self.0.clone()), tcp: Box::new(self.0.clone()) }
    }

    fn share(self: Box<Self>) -> Arc<dyn Host> {
        Arc::new(*self)
    }
}

/// Connects to the database of the options. The application's own database need not exist yet: then to `postgres`.
async fn reach(options: &mut PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    match PgConnection::connect_with(options).await {
        Err(error) if has_code(&error, NO_SUCH_DATABASE) => {
            *options = options.clone().database("postgres");
            PgConnection::connect_with(options).await
        }
        answer => answer,
    }
}

fn has_code(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|found| found == code)
}
