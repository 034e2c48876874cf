//! What a server hides from a user without a word.

use std::sync::Arc;

use sqlx::Row as _;
use sqlx::mysql::MySqlConnection;

use super::connection::{literal, quoted, rows};
use super::definition::KINDS;
use super::reading::{Catalog, account, text};
use super::rights::{Rights, TO_SEE_TABLES};
use crate::engine::EngineError;
use crate::history::EngineKind;
use crate::schema::Unreadable;

impl Catalog {
    /// Finds out of which kinds the server shows this user some objects and not others, without a word: what is not shown
    /// would look like gone. Only for snapshots that are compared with those of others; whoever may not see triggers
    /// and events in a database of ours cannot make any there either.
    ///
    /// # Errors
    /// When the server is gone, or does not tell its grants.
    pub(super) async fn find_hidden(
        &mut self,
        connection: &mut MySqlConnection,
        database: &str,
    ) -> Result<(), EngineError> {
        let (mut lines, mut patterns, mut tables) = (Vec::new(), true, Vec::new());
        let sql = format!(
            "SHOW GRANTS; SHOW VARIABLES LIKE 'partial\\_revokes'; SELECT '', '', table_name FROM \
             information_schema.tables WHERE table_schema = {} AND table_type NOT IN ('VIEW', 'SEQUENCE')",
            literal(database)
        );
        for row in rows(connection, &sql).await? {
            match row.len() {
                1 => lines.push(text(&row, 0)?),
                2 => patterns = text(&row, 1)? != "ON",
                _ => tables.push(text(&row, 2)?),
            }
        }
        let rights = Rights::read(lines.iter().map(String::as_str), patterns);
        let held = |privileges: &[&str]| privileges.iter().any(|privilege| rights.on_database(database, privilege));
        let (on, mysql) = (quoted(database), !self.flavour.is_mariadb());
        let sees_tables = held(&TO_SEE_TABLES);
        let triggers_of = |table: &String| rights.on_table(database, table, "TRIGGER");
        let sees_triggers = held(&["TRIGGER"]) || (sees_tables && tables.iter().all(triggers_of));
        let reads_all = rights.on_table("mysql", "proc", "SELECT");
        self.lacks_proc = !mysql && !reads_all;
        let sees_routines = held(&["EXECUTE", "CREATE ROUTINE", "ALTER ROUTINE"])
            || if mysql { rights.everywhere("SHOW_ROUTINE") || rights.everywhere("SELECT") } else { reads_all };
        let mut routines = vec!["function", "procedure"];
        if self.flavour.is_since(EngineKind::Mysql, (9, 2, 0)) {
            routines.push("library");
        }
        if !mysql {
            routines.extend(["package", "package-body"]);
        }
        let mut whole = vec!["table", "view", "view column"];
        whole.extend(KINDS);
        whole.extend((!mysql).then_some("sequence"));
        let groups = ["RESOURCE_GROUP_ADMIN", "RESOURCE_GROUP_USER"].iter().any(|right| rights.everywhere(right));
        let for_routines = if mysql { "SHOW_ROUTINE ON *.*".to_owned() } else { "SELECT ON mysql.proc".to_owned() };
        for (sees, kinds, catalog, privilege) in [
            (sees_tables, whole, "tables", format!("SELECT ON {on}.*")),
            (sees_triggers, vec!["table trigger"], "triggers", format!("TRIGGER ON {on}.*")),
            (held(&["EVENT"]), vec!["event"], "events", format!("EVENT ON {on}.*")),
            (sees_routines, routines, "routines", for_routines),
            (
                rights.on_database("mysql", "SELECT"),
                vec!["user", "role"],
                "user_privileges",
                "SELECT ON mysql.*".to_owned(),
            ),
            (!mysql || groups, vec!["resource-group"], "resource_groups", "RESOURCE_GROUP_USER ON *.*".to_owned()),
        ] {
            let refused = |kind: &str| self.unreadable.iter().any(|known| known.kinds.iter().any(|own| **own == *kind));
            let kinds: Vec<Arc<str>> = kinds.into_iter().filter(|kind| !refused(kind)).map(Arc::from).collect();
            if !sees && !kinds.is_empty() {
                self.unreadable.insert(Unreadable {
                    kinds,
                    catalog: format!("information_schema.{catalog}"),
                    role: self.user.clone(),
                    reason: format!("the server shows all of them only with {privilege}"),
                    help: format!("as a user who may: GRANT {privilege} TO {}", account(&self.user)),
                });
            }
        }
        Ok(())
    }
}
