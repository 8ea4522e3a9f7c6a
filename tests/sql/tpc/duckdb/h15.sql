-- The supplier that sold most in a quarter.
WITH quarterly AS (
    SELECT l_suppkey AS supplier_no, CAST(SUM(l_extendedprice * (1 - l_discount)) AS DECIMAL(38,4)) AS sold
    FROM lineitem
    WHERE date_trunc('quarter', l_shipdate) = '1996-01-01'
    GROUP BY l_suppkey
)
SELECT s_suppkey, s_name, s_address, s_phone, sold
FROM supplier, quarterly
WHERE s_suppkey = supplier_no AND sold = (SELECT MAX(sold) FROM quarterly)
ORDER BY s_suppkey;
