//! Definitions as servers print them: MariaDB 10.11 and 11.8, MySQL 9.7.

use serde_json::{Value, json};

use super::{Collations, Reader, Row};

fn rows(name: &str, text: &str) -> Vec<Row> {
    let collations = [("utf8mb4", "utf8mb4_0900_ai_ci"), ("latin1", "latin1_swedish_ci")];
    let collations = Collations(collations.iter().map(|(set, name)| ((*set).into(), (*name).into())).collect());
    let reader =
        Reader { database: "shop", user: "root@localhost", collations: &collations, is_mariadb: !text.contains("/*!") };
    reader.rows(name, text)
}

/// The attributes of the object of this kind and name, without those that have no value.
fn said(rows: &[Row], kind: &str, name: &str) -> Value {
    let row = rows.iter().find(|row| row.kind == kind && row.path.last().is_some_and(|last| last == name)).unwrap();
    json!(row.attributes.iter().filter(|(_, value)| !value.is_null()).collect::<std::collections::BTreeMap<_, _>>())
}

#[test]
fn a_table_of_mysql() {
    let text = "CREATE TABLE `t` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  `name` varchar(50) CHARACTER SET latin1 DEFAULT \
        'a,)b',\n  `n` decimal(10,2) unsigned DEFAULT '0.50',\n  `at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) \
        ON UPDATE CURRENT_TIMESTAMP(3),\n  `pos` point NOT NULL /*!80003 SRID 4326 */,\n  `h` int DEFAULT NULL /*!80023 \
        INVISIBLE */ COMMENT 'KEY (`x`)',\n  `g` varchar(9) GENERATED ALWAYS AS (concat(`name`,_utf8mb4' ')) VIRTUAL,\n  \
        PRIMARY KEY (`id`),\n  UNIQUE KEY `u` (`name`(10) DESC,`id`) USING BTREE COMMENT 'c',\n  KEY `f` ((lower(`name`))) \
        /*!80000 INVISIBLE */,\n  FULLTEXT KEY `ft` (`name`) /*!50100 WITH PARSER `ngram` */ ,\n  CONSTRAINT `t_ibfk_1` \
        FOREIGN KEY (`id`) REFERENCES `p` (`k`) ON DELETE SET NULL ON UPDATE CASCADE,\n  CONSTRAINT `c` CHECK ((`n` >= 0)) \
        /*!80016 NOT ENFORCED */\n) /*!80023 AUTOEXTEND_SIZE=4194304 */ ENGINE=InnoDB AUTO_INCREMENT=12 DEFAULT \
        CHARSET=utf8mb4 COMMENT='it''s' STATS_PERSISTENT=1\n/*!50100 PARTITION BY RANGE (`id`)\n(PARTITION p0 VALUES LESS \
        THAN (10) COMMENT = 'low' ENGINE = InnoDB,\n PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */";
    let rows = rows("t", text);
    for (kind, name, expected) in [
        (
            "table",
            "t",
            json!({"engine": "InnoDB", "collation": "utf8mb4_0900_ai_ci", "comment": "it's",
            "storage_autoextend_size": "4194304", "storage_stats_persistent": "1", "partition_by": "RANGE (`id`)",
            "column_order": ["id", "name", "n", "at", "pos", "h", "g"]}),
        ),
        ("table column", "id", json!({"type": "int", "not_null": true, "auto_increment": true})),
        (
            "table column",
            "name",
            json!({"type": "varchar(50)", "not_null": false, "default": "'a,)b'", "collation": "latin1_swedish_ci"}),
        ),
        ("table column", "n", json!({"type": "decimal(10,2) unsigned", "not_null": false, "default": "0.50"})),
        (
            "table column",
            "at",
            json!({"type": "timestamp(3)", "not_null": true, "default": "current_timestamp(3)",
            "on_update": "current_timestamp(3)"}),
        ),
        ("table column", "pos", json!({"type": "point", "not_null": true, "srid": "4326"})),
        ("table column", "h", json!({"type": "int", "not_null": false, "visible": false, "comment": "KEY (`x`)"})),
        (
            "table column",
            "g",
            json!({"type": "varchar(9)", "not_null": false, "collation": "utf8mb4_0900_ai_ci",
            "generated": {"kind": "virtual", "expression": "concat(`name`,' ')"}}),
        ),
        ("table constraint", "PRIMARY", json!({"type": "primary key", "columns": ["id"]})),
        ("table index", "u", json!({"unique": true, "columns": ["name(10) DESC", "id"], "comment": "c"})),
        ("table index", "f", json!({"unique": false, "columns": ["(lower(`name`))"], "visible": false})),
        ("table index", "ft", json!({"unique": false, "columns": ["name"], "method": "fulltext", "parser": "ngram"})),
        (
            "table constraint",
            "t_ibfk_1",
            json!({"type": "foreign key", "columns": ["id"], "parent": "p", "parent_columns": ["k"],
            "on_delete": "set null", "on_update": "cascade"}),
        ),
        ("table constraint", "c", json!({"type": "check", "expression": "`n` >= 0", "enforced": false})),
        ("table partition", "p0", json!({"values": "less than (10)", "comment": "low"})),
        ("table partition", "p1", json!({"values": "less than maxvalue"})),
    ] {
        assert_eq!(said(&rows, kind, name), expected, "{kind} {name}");
    }
    assert_eq!(rows.len(), 16);
}

#[test]
fn a_table_of_mariadb() {
    let text = "CREATE TABLE `m``y` (\n  `id` bigint(20) unsigned NOT NULL,\n  `small` tinyint(1) DEFAULT 0,\n  `z` \
        int(10) unsigned zerofill DEFAULT NULL,\n  `packed` text /*M!100301 COMPRESSED*/ DEFAULT NULL,\n  `doc` longtext \
        CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`doc`)),\n  `s` bigint(20) DEFAULT \
        nextval(`shop`.`seq`),\n  `at` datetime DEFAULT current_timestamp(),\n  `none` int(11),\n  `rs` timestamp(6) \
        GENERATED ALWAYS AS ROW START INVISIBLE,\n  `u` varchar(9) DEFAULT NULL WITHOUT SYSTEM VERSIONING,\n  PERIOD FOR \
        `stay` (`a`, `b`),\n  UNIQUE KEY `r` (`id`,`stay` WITHOUT OVERLAPS),\n  UNIQUE KEY `l` (`packed`) USING HASH,\n  \
        KEY `i` (`z`) IGNORED,\n  CONSTRAINT `CONSTRAINT_1` CHECK (`id` > 0)\n) ENGINE=Aria DEFAULT CHARSET=utf8mb4 \
        COLLATE=utf8mb4_general_ci `PAGE_COMPRESSED`='1' WITH SYSTEM VERSIONING PAGE_CHECKSUM=1\n PARTITION BY SYSTEM_TIME \
        LIMIT 1000\n(PARTITION `p0` HISTORY ENGINE = Aria,\n PARTITION `pc` CURRENT ENGINE = Aria)";
    let rows = rows("m`y", text);
    for (kind, name, expected) in [
        ("table column", "id", json!({"type": "bigint unsigned", "not_null": true})),
        ("table column", "small", json!({"type": "tinyint(1)", "not_null": false, "default": "0"})),
        ("table column", "z", json!({"type": "int unsigned zerofill", "not_null": false})),
        (
            "table column",
            "packed",
            json!({"type": "text", "not_null": false, "collation": "utf8mb4_general_ci", "compression": "compressed"}),
        ),
        (
            "table column",
            "doc",
            json!({"type": "longtext", "not_null": false, "collation": "utf8mb4_bin", "check": "json_valid(`doc`)"}),
        ),
        ("table column", "s", json!({"type": "bigint", "not_null": false, "default": "nextval(`seq`)"})),
        ("table column", "at", json!({"type": "datetime", "not_null": false, "default": "current_timestamp"})),
        ("table column", "none", json!({"type": "int", "not_null": false, "without_default": true})),
        (
            "table column",
            "rs",
            json!({"type": "timestamp(6)", "not_null": false, "visible": false, "generated": {"kind": "row start"}}),
        ),
        ("table index", "r", json!({"unique": true, "columns": ["id", "stay WITHOUT OVERLAPS"]})),
        ("table index", "l", json!({"unique": true, "columns": ["packed"]})),
        ("table index", "i", json!({"unique": false, "columns": ["z"], "ignored": true})),
        ("table constraint", "CONSTRAINT_1", json!({"type": "check", "expression": "`id` > 0"})),
        ("table partition", "p0", json!({"values": "history"})),
    ] {
        assert_eq!(said(&rows, kind, name), expected, "{kind} {name}");
    }
    let table = said(&rows, "table", "m`y");
    assert_eq!(table["periods"], json!({"stay": ["a", "b"]}));
    assert_eq!(
        (&table["system_versioning"], &table["storage_page_compressed"], &table["partition_by"]),
        (&json!(true), &json!("1"), &json!("SYSTEM_TIME LIMIT 1000"))
    );
    assert_eq!(table.get("definition"), None, "every line is understood");
}

#[test]
fn views_and_sequences() {
    let text = "CREATE ALGORITHM=MERGE DEFINER=`a`@`%` SQL SECURITY INVOKER VIEW `v` AS select `shop`.`t`.`a` AS `a` from \
        `shop`.`t` where `t`.`x` = ' AS ' WITH CASCADED CHECK OPTION";
    let expected = json!({"algorithm": "merge", "definer": "a@%", "security": "invoker", "check_option": "cascaded",
        "definition": "select `t`.`a` AS `a` from `t` where `t`.`x` = ' AS '"});
    assert_eq!(said(&rows("v", text), "view", "v"), expected);
    let text =
        "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `v` (`x`) AS select 1 AS `1`";
    let expected = json!({"security": "definer", "column_names": ["x"], "definition": "select 1 AS `1`"});
    assert_eq!(said(&rows("v", text), "view", "v"), expected);
    let text = "CREATE SEQUENCE `s` as smallint unsigned start with 10 minvalue -5 maxvalue 100 increment by -1 nocache \
        nocycle ENGINE=InnoDB COMMENT='c'";
    let expected = json!({"type": "smallint unsigned", "start": "10", "min": "-5", "max": "100", "increment": "-1",
        "cache": "0", "cycle": false, "engine": "InnoDB", "comment": "c"});
    assert_eq!(said(&rows("s", text), "sequence", "s"), expected);
}

#[test]
fn what_is_not_understood_is_kept() {
    let rows = rows("t", "CREATE TABLE `t` (\n  `a` int NEW WORD,\n  STRANGE THING (`a`)\n) ENGINE=X ODD=1 ODDER");
    assert_eq!(said(&rows, "table", "t")["definition"], json!(["STRANGE THING (`a`)"]));
    assert_eq!(said(&rows, "table", "t")["options"], json!(["ODD=1", "ODDER"]));
    assert_eq!(said(&rows, "table column", "a")["type"], json!("int NEW WORD"));
    assert_eq!(
        said(&super::tests::rows("t", "CREATE ODDITY `t`"), "table", "t")["definition"],
        json!("CREATE ODDITY `t`")
    );
}
