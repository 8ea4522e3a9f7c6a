-- Profit by nation and year on one line of parts.
SELECT nation, year_ordered, SUM(amount) AS profit
FROM (
    SELECT n_name AS nation, EXTRACT(YEAR FROM o_orderdate) AS year_ordered,
        l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity AS amount
    FROM part JOIN lineitem ON l_partkey = p_partkey
    JOIN partsupp ON ps_partkey = l_partkey AND ps_suppkey = l_suppkey
    JOIN supplier ON s_suppkey = l_suppkey
    JOIN orders ON o_orderkey = l_orderkey
    JOIN nation ON n_nationkey = s_nationkey
    WHERE p_name LIKE '%green%'
) AS made
GROUP BY nation, year_ordered
ORDER BY nation, year_ordered DESC;
