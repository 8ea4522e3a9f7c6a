-- A nation's share of a market.
SELECT year_ordered, quotient(SUM(CASE WHEN nation = 'BRAZIL' THEN volume ELSE 0 END), SUM(volume)) AS share
FROM (
    SELECT CAST(EXTRACT(YEAR FROM o_orderdate) AS INTEGER) AS year_ordered, l_extendedprice * (1 - l_discount) AS volume, home.n_name AS nation
    FROM part, supplier, lineitem, orders, customer, nation abroad, nation home, region
    WHERE p_partkey = l_partkey AND s_suppkey = l_suppkey AND l_orderkey = o_orderkey AND o_custkey = c_custkey
        AND c_nationkey = abroad.n_nationkey AND abroad.n_regionkey = r_regionkey AND r_name = 'AMERICA'
        AND s_nationkey = home.n_nationkey AND p_type LIKE 'ECONOMY%'
) AS market
GROUP BY year_ordered
ORDER BY year_ordered;
