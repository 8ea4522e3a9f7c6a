-- The largest orders that are not yet under way.
SELECT l_orderkey, SUM(l_extendedprice * (1 - l_discount)) AS worth, o_orderdate, o_shippriority
FROM customer, orders, lineitem
WHERE c_mktsegment = 'BUILDING' AND o_custkey = c_custkey AND l_orderkey = o_orderkey
    AND o_orderdate < '1995-03-20' AND l_shipdate > '1995-03-20'
GROUP BY l_orderkey, o_orderdate, o_shippriority
ORDER BY worth DESC, o_orderdate, l_orderkey
LIMIT 10;
