-- The relations that have rows in the catalogs which this transaction wrote, under the name `relations`. A row's xmin names
-- the transaction that wrote it, a subtransaction's number being higher than its parent's; age() makes numbers comparable
-- across their wraparound, and frozen rows oldest. Before the transaction has written anything, since.age is null and
-- nothing is found. An index, and the sequence of an identity column, stand for the table that they are part of.
since (age) AS MATERIALIZED (
  SELECT age((pg_current_xact_id_if_assigned()::text::bigint % 4294967296)::text::xid))
, written (relation) AS MATERIALIZED (
  SELECT c.oid FROM pg_class c, since WHERE age(c.xmin) <= since.age
  UNION SELECT a.attrelid FROM pg_attribute a, since WHERE a.attrelid >= 16384 AND age(a.xmin) <= since.age
  UNION SELECT x.indrelid FROM pg_index x, since WHERE age(x.xmin) <= since.age
  UNION SELECT k.conrelid FROM pg_constraint k, since WHERE age(k.xmin) <= since.age
  UNION SELECT f.adrelid FROM pg_attrdef f, since WHERE age(f.xmin) <= since.age
  UNION SELECT t.tgrelid FROM pg_trigger t, since WHERE age(t.xmin) <= since.age
  UNION SELECT k.conrelid FROM pg_trigger t JOIN pg_constraint k ON k.oid = t.tgconstraint, since WHERE age(t.xmin) <= since.age
  UNION SELECT i.inhrelid FROM pg_inherits i, since WHERE age(i.xmin) <= since.age
  UNION SELECT p.partrelid FROM pg_partitioned_table p, since WHERE age(p.xmin) <= since.age
  UNION SELECT q.seqrelid FROM pg_sequence q, since WHERE age(q.xmin) <= since.age
  UNION SELECT d.objid FROM pg_depend d, since
    WHERE d.classid = 'pg_class'::regclass AND d.objid >= 16384 AND d.deptype IN ('a', 'i') AND age(d.xmin) <= since.age
  UNION SELECT o.refobjid FROM since CROSS JOIN pg_class c JOIN pg_depend o ON o.classid = 'pg_class'::regclass
    AND o.objid = c.oid AND o.refclassid = 'pg_class'::regclass AND o.deptype = 'i'
    WHERE c.relkind = 'S' AND age(c.xmin) <= since.age
  UNION SELECT o.refobjid FROM since CROSS JOIN pg_description d JOIN pg_depend o ON o.classid = 'pg_class'::regclass
    AND o.objid = d.objoid AND o.refclassid = 'pg_class'::regclass AND o.deptype = 'i'
    WHERE d.objoid >= 16384 AND d.classoid = 'pg_class'::regclass AND age(d.xmin) <= since.age
  UNION SELECT o.refobjid FROM since CROSS JOIN pg_sequence q JOIN pg_depend o ON o.classid = 'pg_class'::regclass
    AND o.objid = q.seqrelid AND o.refclassid = 'pg_class'::regclass AND o.deptype = 'i'
    WHERE age(q.xmin) <= since.age
  UNION SELECT d.objoid FROM pg_description d, since
    WHERE d.objoid >= 16384 AND d.classoid = 'pg_class'::regclass AND age(d.xmin) <= since.age
  UNION SELECT k.conrelid FROM pg_description d JOIN pg_constraint k ON k.oid = d.objoid, since
    WHERE d.objoid >= 16384 AND d.classoid = 'pg_constraint'::regclass AND age(d.xmin) <= since.age
)
, relations (relation) AS MATERIALIZED (
  SELECT w.relation FROM written w WHERE w.relation >= 16384
  UNION SELECT x.indrelid FROM written w JOIN pg_index x ON x.indexrelid = w.relation WHERE x.indrelid >= 16384
)
, types (oid, is_plain) AS MATERIALIZED (
  SELECT t.oid, t.typelem <> 0 OR t.typtype = 'c' AND (SELECT c.relkind <> 'c' FROM pg_class c WHERE c.oid = t.typrelid)
  FROM pg_type t, since WHERE age(t.xmin) <= since.age
)
, members (count, are_new) AS MATERIALIZED (
  SELECT count(*), coalesce(bool_or(age(e.xmin) <= (SELECT since.age FROM since)), false)
  FROM pg_depend e WHERE e.refclassid = 'pg_extension'::regclass
)
