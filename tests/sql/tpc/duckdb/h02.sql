-- The cheapest source of a part within a region.
WITH offers AS (
    SELECT ps_partkey, ps_supplycost, s_acctbal, s_name, n_name, s_address, s_phone
    FROM partsupp
    JOIN supplier ON ps_suppkey = s_suppkey
    JOIN nation ON s_nationkey = n_nationkey
    JOIN region ON n_regionkey = r_regionkey AND r_name = 'EUROPE'
)
SELECT o.s_acctbal, o.s_name, o.n_name, p_partkey, p_mfgr, o.s_phone
FROM part JOIN offers o ON o.ps_partkey = p_partkey
WHERE p_size BETWEEN 10 AND 30 AND p_type LIKE '%BRASS'
    AND o.ps_supplycost = (SELECT MIN(c.ps_supplycost) FROM offers c WHERE c.ps_partkey = p_partkey)
ORDER BY o.s_acctbal DESC, o.n_name, o.s_name, p_partkey LIMIT 50;
