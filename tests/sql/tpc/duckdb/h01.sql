-- What was shipped, by its state.
SELECT l_returnflag AS returned, l_linestatus AS state, CAST(SUM(l_quantity) AS DECIMAL(38,2)) AS pieces, CAST(SUM(l_extendedprice) AS DECIMAL(38,2)) AS gross,
    CAST(SUM(l_extendedprice * (1 - l_discount)) AS DECIMAL(38,4)) AS net, CAST(SUM(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS DECIMAL(38,6)) AS billed,
    mean(SUM(l_quantity), COUNT(l_quantity)) AS mean_pieces, mean(SUM(l_extendedprice), COUNT(l_extendedprice)) AS mean_price, mean(SUM(l_discount), COUNT(l_discount)) AS mean_discount, COUNT(*) AS lines
FROM lineitem
WHERE l_shipdate <= DATE '1998-09-17'
GROUP BY 1, 2
ORDER BY returned, state;
