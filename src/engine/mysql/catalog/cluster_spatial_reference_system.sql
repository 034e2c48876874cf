-- only mysql
-- Spatial reference systems of users. The numbers left out are those that the manual of CREATE SPATIAL REFERENCE SYSTEM
-- reserves for EPSG's and for the server itself.
SELECT 'spatial-reference-system' AS kind
  , JSON_ARRAY(s.srs_name) AS path
  , NULL AS identity
  , JSON_OBJECT('srid', s.srs_id, 'organization', s.organization, 'organization_srid', s.organization_coordsys_id
    , 'definition', s.definition, 'comment', s.description) AS attributes
FROM information_schema.st_spatial_reference_systems s
WHERE s.srs_id > 32767 AND s.srs_id NOT BETWEEN 60000000 AND 69999999 AND s.srs_id < 2000000000
