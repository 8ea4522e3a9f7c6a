-- The customers who sent the most back.
SELECT c_custkey, c_name, CAST(SUM(l_extendedprice * (1 - l_discount)) AS DECIMAL(38,4)) AS lost, c_acctbal, n_name, c_phone
FROM customer
INNER JOIN orders ON c_custkey = o_custkey
INNER JOIN lineitem ON l_orderkey = o_orderkey
INNER JOIN nation ON c_nationkey = n_nationkey
WHERE o_orderdate >= '1993-10-01' AND o_orderdate < DATE '1994-01-01' AND l_returnflag = 'R'
GROUP BY c_custkey, c_name, c_acctbal, c_phone, n_name
ORDER BY lost DESC, c_custkey
LIMIT 20;
