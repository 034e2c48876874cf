//! A MySQL or MariaDB server that is not ours.

mod check;
mod dropping;
pub(super) mod text;

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError};
use sqlx::{AssertSqlSafe, Connection as _};

use self::check::{describe, judge, why_not};
use self::dropping::{drop_with_prefix, left_behind, session, sweep};
use super::cleaning::{CleanedServer, clean};
use super::{Described, Host, in_time};
use crate::provision::server::Address;
use crate::provision::{ProvisionError, Wanted};

/// The user of a URL on its server. Has no `Debug`: it holds the password.
pub(super) struct Visitor(pub(super) MySqlConnectOptions);

#[async_trait]
impl Host for Visitor {
    async fn enter(&mut self, wanted: &Wanted, shown: &str, _: &str) -> Result<Described, ProvisionError> {
        let wrong = |reason: String| ProvisionError::Url { shown: shown.to_owned(), reason };
        let answer = async {
            let mut connection = session(&self.0).await?;
            let described = describe(&mut connection).await?;
            Ok::<_, sqlx::Error>((connection, described))
        };
        let (mut connection, server) = in_time(answer).await.map_err(wrong)?;
        let notes = judge(&server, wanted, shown)?;
        sweep(&mut connection).await;
        let _ = connection.close().await;
        Ok(Described { product: server.product, notes })
    }

    /// Grants may hold for names of a pattern, and a server may take no writes for one of several reasons. Only trying tells.
    async fn prove(&self, prefix: &str) -> Result<(), String> {
        let attempt = async {
            let mut connection = session(&self.0).await?;
            let name = format!("{prefix}try");
            let made = sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE `{name}`"))).execute(&mut connection).await;
            match made {
                Ok(_) => dropping::drop_database(&mut connection, &name).await?,
                Err(error) => {
                    let user = describe(&mut connection).await?.user;
                    return Ok(Err(why_not(number(&error), &error, &user)));
                }
            }
            let _ = connection.close().await;
            Ok(Ok(()))
        };
        in_time(attempt).await?
    }

    async fn drop_with_prefix(&self, prefix: &str) -> Result<(), sqlx::Error> {
        drop_with_prefix(&self.0, prefix).await
    }

    async fn clean(&mut self, dry_run: bool) -> Result<CleanedServer, String> {
        let answer = async {
            let mut connection = session(&self.0).await?;
            let names = left_behind(&mut connection).await?;
            Ok((connection, names))
        };
        let (mut connection, names) = in_time(answer).await?;
        let mut cleaned = CleanedServer::default();
        for name in names {
            let dropped = if dry_run { Ok(()) } else { dropping::drop_database(&mut connection, &name).await };
            clean(&mut cleaned, name, dropped);
        }
        let _ = connection.close().await;
        Ok(cleaned)
    }

    fn address(&self) -> Address {
        Address::Mysql { admin: Box::new(self.0.clone()), tcp: Box::new(self.0.clone()) }
    }

    fn share(self: Box<Self>) -> Arc<dyn Host> {
        Arc::new(*self)
    }
}

/// The number of a server's error.
fn number(error: &sqlx::Error) -> Option<u16> {
    let refusal = error.as_database_error().and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>());
    refusal.map(MySqlDatabaseError::number)
}
