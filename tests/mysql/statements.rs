//! Sessions, statements and what is told of them.

use libtest_mimic::Failed;
use rollproof::engine::mysql::Mysql;
use rollproof::engine::{Engine as _, Moment, RefusalKind, Rows, SessionSpec};

use crate::Test;
use crate::ground::{Ground, block_on, ensure, go_on, refusal, run};

pub(crate) const TESTS: &[Test] = &[
    ("bodies_are_cut_as_the_server_does", |ground| block_on(bodies(ground))),
    ("refusals_tell_who_where_and_why", |ground| block_on(refusals(ground))),
    ("a_session_has_what_the_server_gives", |ground| block_on(session(ground))),
    ("nothing_of_a_session_reaches_the_next", |ground| block_on(clean(ground))),
    ("rows_are_told_apart", |ground| block_on(rows(ground))),
    ("the_database_is_made_anew", |ground| block_on(recreate(ground))),
];

/// Every statement runs only if it was cut where the server would cut it.
const BODIES: &str = "
CREATE TABLE t (a int, b int);
/*!50003 CREATE*/ /*!50020 DEFINER=CURRENT_USER*/ /*!50003 TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN
  IF NEW.a IS NULL THEN SET NEW.a = IF(NEW.b > 1, 1, 2); END IF;
  SET NEW.b = CASE NEW.a WHEN 1 THEN 2 ELSE 3 END;
END */;
CREATE DEFINER=CURRENT_USER PROCEDURE p(IN x int) COMMENT 'a; b' DETERMINISTIC
b: BEGIN
  DECLARE i int DEFAULT 0;
  DECLARE done bool DEFAULT false;
  DECLARE c CURSOR FOR SELECT a FROM t;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = true;
  DECLARE EXIT HANDLER FOR SQLSTATE '23000', 1062 BEGIN SELECT 1; END;
  CASE x WHEN 1 THEN SET i = 1; ELSE BEGIN END; END CASE;
  l: LOOP SET i = i + 1; IF i > 3 THEN LEAVE l; END IF; END LOOP l;
  WHILE i < 5 DO SET i = i + 1; END WHILE;
  REPEAT SET i = i - 1; UNTIL CASE WHEN i < 2 THEN true ELSE false END END REPEAT;
  OPEN c; FETCH c INTO i; CLOSE c;
END b;
CREATE FUNCTION f(x int) RETURNS varchar(9) CHARACTER SET utf8mb4 DETERMINISTIC RETURN IF(x > 1, REPEAT('a', 2), 'b;');
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO BEGIN DELETE FROM t; DELETE FROM t; END;
ALTER EVENT e DO BEGIN SELECT 1; SELECT 2; END;
INSERT INTO t VALUES (NULL, 5), (5--1, 1); -- a comment; with a semicolon
CALL p(1);
# another;
DROP EVENT e; DROP FUNCTION f; DROP PROCEDURE p
";

const BODIES_OF_MARIADB: &str = "
BEGIN NOT ATOMIC DECLARE x int DEFAULT 1; IF x THEN CREATE TABLE u (a int); END IF; END;
FOR i IN 1..3 DO INSERT INTO u VALUES (i); END FOR;
IF (SELECT count(*) FROM u) <> 3 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not three'; END IF;
SET sql_mode = ORACLE;
CREATE PROCEDURE q AS x int; BEGIN FOR i IN 1..2 LOOP x := i; END LOOP; EXCEPTION WHEN OTHERS THEN NULL; END;
CREATE PACKAGE k AS FUNCTION f(a int) RETURN int; PROCEDURE r; END;
CREATE PACKAGE BODY k AS v int; FUNCTION f(a int) RETURN int AS BEGIN IF a > 1 THEN RETURN 1; END IF; RETURN 2; END;
  PROCEDURE r AS BEGIN NULL; END; BEGIN IF v IS NULL THEN v := 1; END IF; END;
SELECT k.f(1);
DROP PACKAGE k;
";

async fn bodies(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    run(&mut engine, BODIES).await?;
    if ground.is_mariadb() {
        run(&mut engine, BODIES_OF_MARIADB).await?;
    }
    Ok(engine.close().await?)
}

async fn refusals(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    run(&mut engine, "CREATE TABLE t (a int, UNIQUE k (a))").await?;
    let refused = refusal(go_on(&mut engine, "ALTER TABLE t ADD UNIQUE k (a)").await)?;
    ensure(refused.code.as_deref() == Some("1061") && refused.kind == RefusalKind::Server, format!("{refused:?}"))?;
    let script = "SELECT 'é',\n  'it''s' FORM t";
    let refused = refusal(go_on(&mut engine, script).await)?;
    let place: String = script.chars().skip(refused.position.unwrap_or(999) - 1).collect();
    ensure(refused.code.as_deref() == Some("1064") && place == "t", format!("{refused:?}"))?;
    let refused = refusal(go_on(&mut engine, "CREATE TABLE u (a int,)").await)?;
    ensure(refused.position == Some(23), format!("{refused:?}"))?;
    let refused = refusal(go_on(&mut engine, "DELIMITER //\nSELECT 1 //").await)?;
    let detail = refused.detail.unwrap_or_default();
    ensure(detail.contains("a command of the mysql client"), detail)?;
    let signal = "CREATE PROCEDURE p() SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not now'; CALL p()";
    let refused = refusal(go_on(&mut engine, signal).await)?;
    ensure(refused.kind == RefusalKind::Author && refused.message == "not now", format!("{refused:?}"))?;
    ensure(refused.code.as_deref() == Some("1644"), format!("{refused:?}"))?;
    Ok(engine.close().await?)
}

/// What a session has of these variables, kept in a table: a routine would have those of its definition.
const TELL: &str = "DROP TABLE IF EXISTS told; CREATE TABLE told (told text); \
    INSERT INTO told SELECT concat_ws('|', @@sql_mode, @@time_zone, @@character_set_client, @@character_set_connection, \
    @@character_set_results, @@collation_connection, @@autocommit + 0, @@foreign_key_checks + 0)";

async fn told(ground: &Ground, engine: &mut Mysql) -> Result<String, Failed> {
    go_on(engine, TELL).await?;
    Ok(ground.ask(&format!("SELECT told FROM {}.told", engine.database())).await?.join(""))
}

async fn session(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    engine.open_session(&SessionSpec::default()).await?;
    let has = told(ground, &mut engine).await?;
    // A client that asks for this character set and no collation.
    let collation = ground.ask("SET NAMES utf8mb4; SELECT @@collation_connection").await?.join("");
    let sql =
        "SELECT concat_ws('|', @@global.sql_mode, @@global.time_zone, 'utf8mb4|utf8mb4|utf8mb4', 'COLLATION', 1, 1)";
    let given = ground.ask(sql).await?.join("").replace("COLLATION", &collation);
    ensure(has == given, format!("{has} where the server gives {given}"))?;
    let statements = ["SET sql_mode = 'ANSI_QUOTES';", "SET foreign_key_checks = 0, time_zone = '+01:00'"];
    let spec = SessionSpec { statements: statements.map(str::to_owned).to_vec(), role: None };
    engine.open_session(&spec).await?;
    let has = told(ground, &mut engine).await?;
    ensure(has.starts_with("ANSI_QUOTES|+01:00|") && has.ends_with("|0"), has)?;
    let wrong = SessionSpec { statements: vec!["SET nonsense = 1".to_owned()], role: None };
    let error = engine.open_session(&wrong).await.unwrap_err().to_string();
    ensure(error.contains("check `prelude`"), error)?;
    let role = SessionSpec { role: Some("app".to_owned()), ..SessionSpec::default() };
    let error = engine.open_session(&role).await.unwrap_err().to_string();
    ensure(error.contains("pass --url"), error)?;
    Ok(engine.close().await?)
}

async fn clean(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    let script = "CREATE TABLE t (a int); CREATE TEMPORARY TABLE x (a int); SET @a = 1, sql_mode = 'ANSI_QUOTES'; \
                  SELECT GET_LOCK('rollproof', 1); LOCK TABLES t WRITE";
    run(&mut engine, script).await?;
    let script = "CREATE PROCEDURE p() IF @a IS NOT NULL OR @@sql_mode LIKE '%ANSI%' OR NOT GET_LOCK('rollproof', 5) THEN \
                  SIGNAL SQLSTATE '45000'; END IF; CALL p(); CREATE TABLE x (a int); DROP TABLE t; START TRANSACTION; \
                  INSERT INTO x VALUES (1)";
    run(&mut engine, script).await?;
    let none = "CREATE PROCEDURE q() IF EXISTS (SELECT * FROM x) THEN SIGNAL SQLSTATE '45000'; END IF; CALL q()";
    run(&mut engine, none).await?;
    Ok(engine.close().await?)
}

async fn rows(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    engine.leave_out(vec!["table history".to_owned()]);
    ensure(engine.rows().await? == Rows::None, "an empty database has no rows")?;
    run(&mut engine, "CREATE TABLE history (v int); INSERT INTO history VALUES (1); CREATE TABLE t (i int AUTO_INCREMENT PRIMARY KEY, a text)").await?;
    ensure(engine.rows().await? == Rows::None, "the tool's own table does not count")?;
    run(&mut engine, "INSERT INTO t (a) VALUES ('x')").await?;
    let one = engine.rows().await?;
    ensure(matches!(one, Rows::Some(Some(_))), format!("{one:?}"))?;
    run(&mut engine, "UPDATE t SET a = 'y'").await?;
    ensure(engine.rows().await? != one, "another value")?;
    run(&mut engine, "UPDATE t SET a = 'x'; ALTER TABLE t ADD b int; ALTER TABLE t DROP b").await?;
    ensure(engine.rows().await? == one, "the same rows in a table that was rebuilt")?;
    run(&mut engine, "INSERT INTO t (a) VALUES ('z'); DELETE FROM t WHERE a = 'z'").await?;
    ensure(engine.rows().await? != one, "the next row has another number")?;
    run(&mut engine, "LOCK TABLES t WRITE; INSERT INTO t (a) VALUES ('w')").await?;
    ensure(matches!(engine.rows().await?, Rows::Some(_)), "what a session locked is told when it has ended")?;
    Ok(engine.close().await?)
}

async fn recreate(ground: &Ground) -> Result<(), Failed> {
    let mut engine = ground.engine(true, false).await?;
    let empty = engine.snapshot(Moment::Committed).await?;
    run(&mut engine, "CREATE TABLE t (a int); LOCK TABLES t WRITE").await?;
    ensure(engine.snapshot(Moment::Committed).await? != empty, "a table is seen")?;
    engine.recreate().await?;
    ensure(engine.snapshot(Moment::Committed).await? == empty, "and gone")?;
    let name = engine.database().to_owned();
    engine.close().await?;
    let left = ground.ask(&format!("SHOW DATABASES LIKE '{name}'")).await?;
    ensure(left.is_empty(), "the database is left")
}
