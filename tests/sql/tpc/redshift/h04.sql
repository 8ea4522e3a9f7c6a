-- Late orders by priority.
SELECT o_orderpriority AS priority, COUNT(*) AS late
FROM orders
WHERE o_orderdate >= DATE '1993-07-01' AND o_orderdate < DATE '1993-07-01' + INTERVAL '3 months'
    AND EXISTS (SELECT 1 FROM lineitem WHERE l_orderkey = o_orderkey AND l_receiptdate > l_commitdate)
GROUP BY o_orderpriority
ORDER BY 1;
