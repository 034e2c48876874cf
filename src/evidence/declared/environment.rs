//! Files of environment variables beside the code.

use super::{Declaration, Source, rank_in};

const FILES: [&str; 6] = [".env", ".env.local", ".flaskenv", ".env.example", ".env.sample", ".env.template"];

/// The variables that tools read, the one that counts first.
const VARIABLES: [&str; 7] = [
    "DATABASE_URL",
    "SQLALCHEMY_DATABASE_URI",
    "FLYWAY_URL",
    "LIQUIBASE_COMMAND_URL",
    "SPRING_DATASOURCE_URL",
    "QUARKUS_DATASOURCE_JDBC_URL",
    "GOOSE_DRIVER",
];

pub(super) const SOURCE: Source = Source {
    title: "DATABASE_URL and its like in .env files",
    places: &[""],
    rank: |name| rank_in(&FILES, name),
    read: |_, text| {
        let set: Vec<(&str, &str)> = text.lines().filter_map(variable).collect();
        let first = VARIABLES.iter().find_map(|name| set.iter().find(|(set, _)| set == name));
        first.map(|(name, value)| declaration(name, value)).into_iter().collect()
    },
};

fn declaration(name: &str, value: &str) -> Declaration {
    if name == "GOOSE_DRIVER" { Declaration::product(name, value) } else { Declaration::url(name, value) }
}

/// The variable that a line sets, with its value.
fn variable(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    Some((name.trim(), value.trim().trim_matches(['"', '\''])))
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn the_variable_of_the_tool_goes_before_others() {
        for (text, expected) in [
            ("DATABASE_URL=postgres://u:secret@h/db", &["DATABASE_URL: postgres"][..]),
            ("export DATABASE_URL = 'postgresql+psycopg://u@h/db'", &["DATABASE_URL: postgres"]),
            ("DATABASE_URL=\"sqlite:data.db\"", &["DATABASE_URL: sqlite"]),
            ("A=1\nDATABASE_URL=mysql://h/db", &["DATABASE_URL: mysql?"]),
            ("FLYWAY_URL=jdbc:mariadb://h/db\n", &["FLYWAY_URL: mariadb"]),
            ("GOOSE_DRIVER=sqlite3\nGOOSE_DBSTRING=x", &["GOOSE_DRIVER: sqlite"]),
            ("DATABASE_URL=${OTHER}", &["DATABASE_URL: nothing"]),
            ("# DATABASE_URL=mysql://h/db\nTEST_DATABASE_URL=mysql://h/db", &[]),
        ] {
            assert_eq!(read(&SOURCE, ".env", text), expected, "{text}");
        }
    }
}
