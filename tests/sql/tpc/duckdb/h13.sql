-- How many customers have how many orders.
SELECT orders_placed, COUNT(*) AS customers
FROM (
    SELECT c_custkey, COUNT(o_orderkey) AS orders_placed
    FROM customer LEFT OUTER JOIN orders ON c_custkey = o_custkey AND o_comment NOT LIKE '%special%requests%'
    GROUP BY c_custkey
) AS placed
GROUP BY orders_placed
ORDER BY customers DESC, orders_placed DESC;
