//! Connecting to MySQL and MariaDB, for the little that provisioning asks there.

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};

use super::product::Product;
use crate::engine::mysql::Flavour;

/// Options whose sessions are as the server makes them: sqlx would change their `sql_mode`, time zone and character set.
pub(crate) fn bare() -> MySqlConnectOptions {
    as_the_server_has_it(MySqlConnectOptions::new())
}

/// The same options, with sessions as the server makes them.
pub(crate) fn as_the_server_has_it(options: MySqlConnectOptions) -> MySqlConnectOptions {
    options
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .set_names(false)
        .disable_statement_logging()
}

/// What a server is that says this of itself (`SELECT VERSION()`).
///
/// # Errors
/// When it is no version.
pub(crate) fn product(version: &str) -> Result<Product, sqlx::Error> {
    let flavour = Flavour::read(version).map(Product::from);
    flavour.ok_or_else(|| sqlx::Error::Protocol(format!("it says that its version is `{version}`")))
}

/// The first column of the first row, as text.
pub(crate) async fn text(connection: &mut MySqlConnection, query: &str) -> Result<String, sqlx::Error> {
    texts(connection, query).await?.into_iter().next().ok_or(sqlx::Error::RowNotFound)
}

/// The first column of all rows, as text. The types of catalog columns differ between versions; in the text protocol all
/// are text.
pub(crate) async fn texts(connection: &mut MySqlConnection, query: &str) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::raw_sql(AssertSqlSafe(query.to_owned())).fetch_all(connection).await?;
    rows.iter().map(|row| row.try_get_unchecked(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_make_products() {
        assert_eq!(product("9.7.4-2").unwrap().to_string(), "MySQL 9.7.4");
        let maria = product("11.8.3-MariaDB-ubu2404").unwrap();
        assert_eq!((maria.to_string().as_str(), maria.release.to_string().as_str()), ("MariaDB 11.8.3", "11.8"));
        assert!(product("oh").unwrap_err().to_string().contains("`oh`"));
    }
}
