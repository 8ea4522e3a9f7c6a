-- What was shipped, by its state.
SELECT l_returnflag AS returned, l_linestatus AS state, SUM(l_quantity) AS pieces, SUM(l_extendedprice) AS gross,
    SUM(l_extendedprice * (1 - l_discount)) AS net, SUM(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS billed,
    AVG(l_quantity) AS mean_pieces, AVG(l_extendedprice) AS mean_price, AVG(l_discount) AS mean_discount, COUNT(*) AS lines
FROM lineitem
WHERE l_shipdate <= DATEADD(day, -75, '1998-12-01')
GROUP BY 1, 2
ORDER BY returned, state;
