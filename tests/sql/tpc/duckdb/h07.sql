-- Trade between two nations, by year.
SELECT seller, buyer, year_shipped, CAST(SUM(volume) AS DECIMAL(38,4)) AS traded
FROM (
    SELECT a.n_name AS seller, b.n_name AS buyer, CAST(EXTRACT(YEAR FROM l_shipdate) AS INTEGER) AS year_shipped,
        l_extendedprice * (1 - l_discount) AS volume
    FROM lineitem
    JOIN orders ON o_orderkey = l_orderkey
    JOIN supplier ON s_suppkey = l_suppkey
    JOIN customer ON c_custkey = o_custkey
    JOIN nation a ON a.n_nationkey = s_nationkey
    JOIN nation b ON b.n_nationkey = c_nationkey
    WHERE (a.n_name = 'FRANCE' AND b.n_name = 'GERMANY') OR (a.n_name = 'GERMANY' AND b.n_name = 'FRANCE')
) AS trade
GROUP BY seller, buyer, year_shipped
ORDER BY seller, buyer, year_shipped;
