-- Which relations have rows in the catalogs that were written since the transaction $1 began, and whether something was
-- written that is not looked at relation by relation. A row's xmin names the transaction that wrote it, a subtransaction's
-- number being higher than its parent's; age() makes numbers comparable across their wraparound, and frozen rows oldest.
-- An index, and a sequence that belongs to an identity column, stand for the table they are part of.
WITH since (age) AS MATERIALIZED (SELECT age($1::text::xid))
, written (relation) AS MATERIALIZED (
  SELECT c.oid FROM pg_class c, since WHERE age(c.xmin) <= since.age
  UNION SELECT a.attrelid FROM pg_attribute a, since WHERE age(a.xmin) <= since.age
  UNION SELECT x.indrelid FROM pg_index x, since WHERE age(x.xmin) <= since.age
  UNION SELECT k.conrelid FROM pg_constraint k, since WHERE age(k.xmin) <= since.age
  UNION SELECT f.adrelid FROM pg_attrdef f, since WHERE age(f.xmin) <= since.age
  UNION SELECT t.tgrelid FROM pg_trigger t, since WHERE age(t.xmin) <= since.age
  UNION SELECT k.conrelid FROM pg_trigger t JOIN pg_constraint k ON k.oid = t.tgconstraint, since WHERE age(t.xmin) <= since.age
  UNION SELECT i.inhrelid FROM pg_inherits i, since WHERE age(i.xmin) <= since.age
  UNION SELECT p.partrelid FROM pg_partitioned_table p, since WHERE age(p.xmin) <= since.age
  UNION SELECT q.seqrelid FROM pg_sequence q, since WHERE age(q.xmin) <= since.age
  UNION SELECT d.objoid FROM pg_description d, since
    WHERE d.classoid = 'pg_class'::regclass AND age(d.xmin) <= since.age
  UNION SELECT k.conrelid FROM pg_description d JOIN pg_constraint k ON k.oid = d.objoid, since
    WHERE d.classoid = 'pg_constraint'::regclass AND age(d.xmin) <= since.age
)
, relations (relation) AS (
  SELECT w.relation FROM written w
  UNION SELECT x.indrelid FROM written w JOIN pg_index x ON x.indexrelid = w.relation
  UNION SELECT o.refobjid FROM written w JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = w.relation
    AND o.refclassid = 'pg_class'::regclass AND o.deptype = 'i'
)
SELECT coalesce((SELECT array_agg(r.relation) FROM relations r WHERE r.relation >= 16384), '{}')
  , EXISTS (SELECT FROM written w WHERE w.relation > 0 AND (w.relation < 16384 OR w.relation IN (
      SELECT e.objid FROM pg_depend e
      WHERE e.classid = 'pg_class'::regclass AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e')))
    OR EXISTS (SELECT FROM pg_type t, since WHERE age(t.xmin) <= since.age AND t.oid < 16384)
    OR EXISTS (SELECT FROM pg_depend e, since WHERE e.refclassid = 'pg_extension'::regclass AND age(e.xmin) <= since.age)
