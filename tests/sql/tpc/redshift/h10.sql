-- The customers who sent the most back.
SELECT c_custkey, c_name, SUM(l_extendedprice * (1 - l_discount)) AS lost, c_acctbal, n_name, c_phone
FROM customer
INNER JOIN orders ON c_custkey = o_custkey
INNER JOIN lineitem ON l_orderkey = o_orderkey
INNER JOIN nation ON c_nationkey = n_nationkey
WHERE o_orderdate >= '1993-10-01' AND o_orderdate < ADD_MONTHS('1993-10-01', 3) AND l_returnflag = 'R'
GROUP BY c_custkey, c_name, c_acctbal, c_phone, n_name
ORDER BY lost DESC, c_custkey
LIMIT 20;
