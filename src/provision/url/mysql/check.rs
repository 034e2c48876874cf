//! Whether a server that is not ours can be used.

use sqlx::mysql::MySqlConnection;

use super::super::super::mysql_login::{product, text};
use super::super::super::product::{Product, oldest};
use crate::provision::{ProvisionError, Wanted};

/// What the server answered to our questions.
pub(super) struct Server {
    pub(super) product: Product,
    /// Another product that speaks MySQL's protocol and calls itself a version of it.
    pub(super) imitation: Option<&'static str>,
    pub(super) read_only: bool,
    /// The account as which we are there: `app@%`.
    pub(super) user: String,
}

/// Products that speak MySQL's protocol, and how they call themselves in their version or its comment.
const IMITATIONS: [(&str, &str); 6] = [
    ("tidb", "TiDB"),
    ("vitess", "Vitess"),
    ("oceanbase", "OceanBase"),
    ("starrocks", "StarRocks"),
    ("doris", "Doris"),
    ("singlestore", "SingleStore"),
];

/// Asks the server what it is and what we may do there.
pub(super) async fn describe(connection: &mut MySqlConnection) -> Result<Server, sqlx::Error> {
    let version = text(connection, "SELECT VERSION()").await?;
    let comment = text(connection, "SELECT CONCAT('', @@version_comment)").await?;
    let read_only = text(connection, "SELECT CONCAT('', @@GLOBAL.read_only)").await?;
    Ok(Server {
        product: product(&version)?,
        imitation: imitation(&version, &comment),
        // A word since MariaDB 12.
        read_only: !matches!(read_only.to_ascii_uppercase().as_str(), "0" | "OFF"),
        user: text(connection, "SELECT CURRENT_USER()").await?,
    })
}

fn imitation(version: &str, comment: &str) -> Option<&'static str> {
    let banner = format!("{version} {comment}").to_ascii_lowercase();
    IMITATIONS.iter().find(|(word, _)| banner.contains(word)).map(|(_, title)| *title)
}

/// Whether the server can be used; gives what reports should say about it.
pub(super) fn judge(server: &Server, wanted: &Wanted, shown: &str) -> Result<Vec<String>, ProvisionError> {
    let wrong = |reason: String| ProvisionError::Url { shown: shown.to_owned(), reason };
    let product = &server.product;
    let title = match server.imitation {
        Some(imitation) => format!("{imitation}, which calls itself {product}"),
        None => product.to_string(),
    };
    if product.release < oldest(product.engine) {
        return Err(ProvisionError::too_old(product));
    }
    let asked = wanted.asked()?;
    if !wanted.allow_substitute && (server.imitation.is_some() || !asked.is(product)) {
        return Err(ProvisionError::OtherVersion { shown: shown.to_owned(), server: title, wanted: asked.to_string() });
    }
    if server.read_only {
        return Err(wrong("is read-only, as replicas are; name its primary, or a server for tests".to_owned()));
    }
    let mut notes: Vec<String> = wanted.substitution(product).into_iter().collect();
    if server.imitation.is_some() {
        notes.push(format!("{title} stands in for {}", wanted.engine.title()));
    }
    if !wanted.server_settings.is_empty() {
        let names: Vec<&str> = wanted.server_settings.keys().map(String::as_str).collect();
        notes.push(format!("server-settings are not made on a server named by --url: {}", names.join(", ")));
    }
    Ok(notes)
}

/// Why no database could be made, as a predicate that says what to do. The numbers are of MySQL's error reference
/// (<https://dev.mysql.com/doc/mysql-errors/9.4/en/server-error-reference.html>), and the same in MariaDB.
pub(super) fn why_not(number: Option<u16>, error: &sqlx::Error, user: &str) -> String {
    const ACCESS_DENIED: [u16; 2] = [1044, 1227];
    const READ_ONLY: [u16; 3] = [1290, 1792, 1836];
    match number {
        Some(number) if ACCESS_DENIED.contains(&number) => {
            let account = account(user);
            format!(
                "does not let {user} make databases; grant it with \
                 `GRANT ALL PRIVILEGES ON `rollproof\\_%`.* TO {account}`, or name another user"
            )
        }
        Some(number) if READ_ONLY.contains(&number) => {
            format!("takes no writes ({error}); name its primary, or a server for tests")
        }
        _ => format!("makes no database: {error}; see what it lacks, or name another server"),
    }
}

/// An account as statements name it: `'app'@'%'`. The host follows the last `@`.
fn account(user: &str) -> String {
    let (name, host) = user.rsplit_once('@').unwrap_or((user, "%"));
    format!("'{}'@'{}'", name.replace('\'', "''"), host.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::EngineKind;

    const SHOWN: &str = "mysql://u:***@h:3306/db";

    fn server(version: &str) -> Server {
        Server { product: product(version).unwrap(), imitation: None, read_only: false, user: "u@%".to_owned() }
    }

    fn judged(server: &Server, wanted: &Wanted) -> Result<Vec<String>, String> {
        judge(server, wanted, SHOWN).map_err(|error| error.to_string())
    }

    #[test]
    fn what_cannot_serve_is_refused() {
        let mysql = Wanted::new(EngineKind::Mysql);
        assert_eq!(judged(&server("8.4.6"), &mysql), Ok(Vec::new()));
        let tidb = Server { imitation: imitation("8.0.11-TiDB-v8.5.0", ""), ..server("8.0.11-TiDB-v8.5.0") };
        for (server, part) in [
            (server("5.7.44"), "MySQL 5.7.44 is too old: Rollproof needs MySQL 8.0 or newer"),
            (server("10.5.29-MariaDB"), "MariaDB 10.5.29 is too old: Rollproof needs MariaDB 10.6 or newer"),
            (server("11.8.3-MariaDB"), "is MariaDB 11.8.3, and MySQL is asked for"),
            (tidb, "is TiDB, which calls itself MySQL 8.0.11, and MySQL is asked for"),
            (Server { read_only: true, ..server("8.4.6") }, "is read-only"),
        ] {
            let error = judged(&server, &mysql).unwrap_err();
            assert!(error.contains(part), "{part} in: {error}");
        }
    }

    #[test]
    fn substitutes_are_noted() {
        let image = Some("mysql:8.0".to_owned());
        let mut wanted = Wanted { image, ..Wanted::new(EngineKind::Mysql) };
        assert!(judged(&server("8.4.6"), &wanted).unwrap_err().contains("and MySQL 8.0 is asked for"));
        wanted.allow_substitute = true;
        assert_eq!(judged(&server("8.4.6"), &wanted).unwrap(), ["MySQL 8.4.6 stands in for mysql:8.0"]);
        wanted.image = None;
        assert_eq!(judged(&server("10.11.2-MariaDB"), &wanted).unwrap(), ["MariaDB 10.11.2 stands in for MySQL"]);
        wanted.server_settings = [("sql_mode".to_owned(), String::new())].into();
        assert!(judged(&server("8.4.6"), &wanted).unwrap()[0].contains("are not made"));
    }

    #[test]
    fn refusals_say_what_to_grant() {
        let error = sqlx::Error::Protocol("x".to_owned());
        let told = why_not(Some(1044), &error, "it's@10.0.0.%");
        assert!(told.contains(r"ON `rollproof\_%`.* TO 'it''s'@'10.0.0.%'`"), "{told}");
        assert!(why_not(Some(1290), &error, "u@%").contains("takes no writes"));
        assert!(why_not(None, &error, "u@%").contains("makes no database"));
    }
}
