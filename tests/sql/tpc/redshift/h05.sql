-- What suppliers sold to customers of their own nation.
SELECT n_name AS home, SUM(l_extendedprice * (1 - l_discount)) AS sold
FROM region JOIN nation ON n_regionkey = r_regionkey
    JOIN customer ON c_nationkey = n_nationkey
    JOIN orders ON o_custkey = c_custkey
    JOIN lineitem ON l_orderkey = o_orderkey
    JOIN supplier ON s_suppkey = l_suppkey AND s_nationkey = c_nationkey
WHERE r_name = 'ASIA' AND EXTRACT(YEAR FROM o_orderdate) BETWEEN 1994 AND 1996
GROUP BY home
ORDER BY sold DESC;
