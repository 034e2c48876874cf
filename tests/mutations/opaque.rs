//! Every catalog of objects is read by a query file, and could be read without one.

use libtest_mimic::Failed;
use rollproof::engine::postgres::{is_accounted_for, opaque};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use crate::ground::Place;

/// Asks each catalog of objects as if no query file knew it, on a server that holds the base schema's kinds of objects.
pub(crate) async fn check(place: &Place) -> Result<(), Failed> {
    let server = place.server().await?;
    let options = server.postgres_admin_options().ok_or("it is PostgreSQL")?;
    let mut connection = PgConnection::connect_with(options).await?;
    sqlx::raw_sql(OBJECTS).execute(&mut connection).await?;
    let major: u32 = place.version.to_string().parse()?;
    let catalogs = opaque::catalogs(&mut connection, major).await?;
    let mut wrong = Vec::new();
    for catalog in &catalogs {
        if !is_accounted_for(&catalog.name) {
            wrong.push(format!("{}: no query file reads it", catalog.name));
        }
        let sql = format!("SELECT path, attributes FROM (\n{}\n) AS objects", catalog.query);
        match sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await {
            Err(error) => wrong.push(format!("{}: {error}", catalog.name)),
            Ok(rows) if catalog.name == "pg_ts_dict" => {
                let told: (String, String) = rows
                    .first()
                    .map(|row| Ok::<_, sqlx::Error>((row.try_get(0)?, row.try_get(1)?)))
                    .ok_or("no dictionary is found")??;
                let expected = r#"{"dictname":"d","dictnamespace":"schema s","owner":"postgres","#;
                if told.0 != r#"["text search dictionary s.d"]"# || !told.1.starts_with(expected) {
                    wrong.push(format!("a dictionary is told as {told:?}"));
                }
            }
            Ok(_) => (),
        }
    }
    connection.close().await?;
    server.stop().await?;
    if catalogs.len() < 30 {
        wrong.push(format!("only {} catalogs of objects are found", catalogs.len()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Something in most catalogs; what describes an object has to hold its schema.
const OBJECTS: &str = "
    CREATE SCHEMA s;
    CREATE TEXT SEARCH DICTIONARY s.d (TEMPLATE = pg_catalog.simple);
    CREATE TYPE s.e AS ENUM ('a'); CREATE TYPE s.f AS ENUM ('a');
    CREATE DOMAIN s.dom AS integer CONSTRAINT positive CHECK (VALUE > 0);
    CREATE TABLE s.t (id integer PRIMARY KEY, e s.e DEFAULT 'a', CHECK (id > 0));
    CREATE POLICY p ON s.t TO PUBLIC USING (id > 1);
    CREATE VIEW s.v AS SELECT id FROM s.t;
    CREATE FUNCTION s.fn(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1';
    CREATE STATISTICS s.st ON id, e FROM s.t;
    CREATE PUBLICATION pub FOR TABLE s.t;
    CREATE ROLE someone; GRANT someone TO postgres; GRANT SELECT ON s.t TO someone";
