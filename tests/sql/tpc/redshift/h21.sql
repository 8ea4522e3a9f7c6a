-- Suppliers that alone kept an order waiting.
SELECT TOP 100 s_name, COUNT(*) AS waited
FROM supplier, lineitem late, orders, nation
WHERE s_suppkey = late.l_suppkey AND o_orderkey = late.l_orderkey AND o_orderstatus = 'F'
    AND late.l_receiptdate > late.l_commitdate AND s_nationkey = n_nationkey
    AND EXISTS (SELECT * FROM lineitem b WHERE b.l_orderkey = late.l_orderkey AND b.l_suppkey <> late.l_suppkey)
    AND NOT EXISTS (SELECT * FROM lineitem c WHERE c.l_orderkey = late.l_orderkey AND c.l_suppkey <> late.l_suppkey
        AND c.l_receiptdate > c.l_commitdate)
GROUP BY s_name
ORDER BY waited DESC, s_name;
