//! A server with the base schema in a database of ours.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use libtest_mimic::Failed;
use rollproof::engine::mysql;
use rollproof::engine::postgres::{Postgres, Terms};
use rollproof::engine::sqlite::Sqlite;
use rollproof::engine::{Engine, Moment, SessionSpec, Statement};
use rollproof::history::EngineKind;
use rollproof::provision::{Address, Installation, Mode, Product, Server, Wanted, provide};
use rollproof::schema::Snapshot;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection};

use crate::version::Version;

/// Where a test runs.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    engine: EngineKind,
    bin: Option<PathBuf>,
    /// Where a server runs already.
    url: Option<String>,
    /// The server's version.
    pub(crate) version: Version,
    /// Which of the servers it is, counted from 0, and how many there are.
    pub(crate) turn: usize,
    pub(crate) servers: usize,
}

impl Place {
    /// The PostgreSQL server in this folder of programs.
    pub(crate) fn postgres(bin: PathBuf, version: Version) -> Self {
        Self { engine: EngineKind::Postgres, bin: Some(bin), url: None, version, turn: 0, servers: 1 }
    }

    /// SQLite, in process.
    pub(crate) fn sqlite(version: Version) -> Self {
        Self { engine: EngineKind::Sqlite, bin: None, url: None, version, turn: 0, servers: 1 }
    }

    /// An installed server of MySQL or MariaDB.
    pub(crate) fn mysql(installed: &Installation) -> Self {
        let Product { engine, version, .. } = &installed.product;
        let version = mysql_version(*engine == EngineKind::Mariadb, version);
        Self { engine: *engine, bin: Some(installed.bin.clone()), url: None, version, turn: 0, servers: 1 }
    }

    /// A server of MySQL or MariaDB that runs already, for this test alone.
    pub(crate) async fn running(url: &str) -> Result<Self, Failed> {
        let mut connection = MySqlConnection::connect(url).await?;
        let said: String = sqlx::query_scalar("SELECT VERSION()").fetch_one(&mut connection).await?;
        connection.close().await?;
        let flavour = mysql::Flavour::read(&said).ok_or(said)?;
        let (major, minor, _) = flavour.version;
        let version = mysql_version(flavour.is_mariadb(), &format!("{major}.{minor}"));
        Ok(Self { engine: flavour.product, bin: None, url: Some(url.to_owned()), version, turn: 0, servers: 1 })
    }

    /// Whether it is PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        self.engine == EngineKind::Postgres
    }

    /// The folder of the lists and of the base schema.
    pub(crate) fn folder(&self) -> PathBuf {
        crate::home().join(match self.engine {
            EngineKind::Postgres => "postgres",
            EngineKind::Sqlite => "sqlite",
            EngineKind::Mysql | EngineKind::Mariadb => "mysql",
        })
    }

    /// A server of this kind.
    pub(crate) async fn server(&self) -> Result<Server, Failed> {
        let mode = if self.engine == EngineKind::Sqlite { Mode::Auto } else { Mode::Local };
        let wanted = Wanted { mode, server_bins: self.bin.iter().cloned().collect(), ..Wanted::new(self.engine) };
        Ok(provide(&wanted, &|_| ()).await?)
    }

    /// A script of the folder, without the lines for other versions.
    fn script(&self, name: &str) -> String {
        self.version.keep(&fs::read_to_string(self.folder().join(name)).unwrap())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.engine, self.version.number())
    }
}

/// A database that holds the base schema.
pub(crate) struct Ground {
    place: Place,
    /// `None` where it is not ours to stop.
    server: Option<Server>,
    engine: Box<dyn Engine>,
    /// What a snapshot shows of the base schema.
    pub(crate) base: Snapshot,
    moment: Moment,
}

impl Ground {
    /// A new server with the base schema on it.
    pub(crate) async fn new(place: &Place) -> Result<Self, Failed> {
        let (server, engine) = match &place.url {
            Some(url) => {
                (None, on_mysql(url.parse()?, &format!("rollproof_mutations_{}_", std::process::id()), None).await?)
            }
            None => {
                let server = place.server().await?;
                let engine = Self::engine(place, &server).await?;
                (Some(server), engine)
            }
        };
        let mut ground =
            Self { place: place.clone(), server, engine, base: Snapshot::default(), moment: Moment::Committed };
        ground.load().await?;
        ground.base = ground.snapshot().await?;
        Ok(ground)
    }

    async fn engine(place: &Place, server: &Server) -> Result<Box<dyn Engine>, Failed> {
        Ok(match server.address() {
            Address::SqliteFile(file) => Box::new(Sqlite::create(file).await?),
            Address::Mysql { admin, .. } => {
                on_mysql((**admin).clone(), server.database_prefix(), server.data_folder()).await?
            }
            Address::Postgres { admin, .. } => {
                prepare_cluster(admin, &place.script("cluster.sql")).await?;
                let prefix = server.database_prefix().to_owned();
                let terms = Terms { owned: true, allow_cluster_objects: true, prefix, owner: None };
                Box::new(Postgres::create((**admin).clone(), terms).await?)
            }
        })
    }

    /// Loads the base again; where that does not bring back what was there, a statement has changed what outlives a database,
    /// and another server takes the place of this one.
    pub(crate) async fn renew(mut self) -> Result<Self, Failed> {
        self.engine.recreate().await?;
        self.load().await?;
        let again = self.snapshot().await?;
        if again == self.base {
            // The objects are others than before, and renames are told by which object it is.
            self.base = again;
            return Ok(self);
        }
        let place = self.place.clone();
        self.close().await?;
        Self::new(&place).await
    }

    async fn load(&mut self) -> Result<(), Failed> {
        let script = self.place.script("base.sql");
        self.engine.open_session(&SessionSpec::default()).await?;
        if let Some(product) = self.place.version.product() {
            let more = self.place.script(&format!("base.{product}.sql"));
            for script in ["ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", &script, &more] {
                for statement in self.engine.split(script)? {
                    let told = |error| format!("base.sql, line {}: {error}", statement.line);
                    self.engine.execute(script, &statement).await.map_err(told)?;
                }
            }
            return Ok(());
        }
        // The script as one message: the server cuts it faster than we send three hundred statements.
        let whole = Statement { span: 0..script.len(), line: 1, lead: String::new(), copy: None };
        self.engine.execute(&script, &whole).await.map_err(|error| format!("base.sql: {error}"))?;
        Ok(())
    }

    /// Begins a transaction in a clean session.
    pub(crate) async fn begin(&mut self) -> Result<(), Failed> {
        self.engine.open_session(&SessionSpec::default()).await?;
        self.engine.begin().await?;
        self.moment = Moment::InTransaction;
        Ok(())
    }

    /// Takes everything back since [`Ground::begin`].
    pub(crate) async fn rollback(&mut self) -> Result<(), Failed> {
        self.engine.rollback().await?;
        self.moment = Moment::Committed;
        Ok(())
    }

    /// Runs statements one by one: in the transaction that is open, else in a clean session, each by itself.
    pub(crate) async fn run(&mut self, statements: &[String]) -> Result<(), String> {
        if self.moment == Moment::Committed {
            let opened = self.engine.open_session(&SessionSpec::default()).await;
            opened.map_err(|error| error.to_string())?;
        }
        for sql in statements {
            let told = |error: &dyn fmt::Display| format!("{sql}: {error}");
            let cut = self.engine.split(sql).map_err(|error| told(&error))?;
            let [statement] = &cut[..] else { return Err(told(&"is not one statement")) };
            self.engine.execute(sql, statement).await.map_err(|error| told(&error))?;
        }
        Ok(())
    }

    /// The schema as it is now.
    pub(crate) async fn snapshot(&mut self) -> Result<Snapshot, String> {
        self.engine.snapshot(self.moment).await.map_err(|error| error.to_string())
    }

    /// Leaves nothing.
    pub(crate) async fn close(mut self) -> Result<(), Failed> {
        self.engine.close().await?;
        drop(self.engine);
        match self.server {
            Some(server) => Ok(server.stop().await?),
            None => Ok(()),
        }
    }
}

/// The version of a server as the lists know it: two numbers of it, behind the product.
fn mysql_version(is_mariadb: bool, said: &str) -> Version {
    let numbers: Vec<&str> = said.split(|c: char| !c.is_ascii_digit()).take(2).collect();
    Version::of_product(if is_mariadb { "mariadb" } else { "mysql" }, &numbers.join("."))
}

/// A database on a server of MySQL or MariaDB.
async fn on_mysql(admin: MySqlConnectOptions, prefix: &str, data: Option<PathBuf>) -> Result<Box<dyn Engine>, Failed> {
    let terms = mysql::Terms { owned: true, allow_cluster_objects: true, prefix: prefix.to_owned(), data };
    Ok(mysql::create(admin, terms).await?)
}

/// What the base schema needs of the cluster; one statement a time, since some refuse a transaction.
async fn prepare_cluster(admin: &PgConnectOptions, script: &str) -> Result<(), Failed> {
    let mut connection = PgConnection::connect_with(admin).await?;
    for statement in rollproof::engine::postgres::split::split(script)? {
        sqlx::raw_sql(AssertSqlSafe(&script[statement.span])).execute(&mut connection).await?;
    }
    Ok(connection.close().await?)
}
