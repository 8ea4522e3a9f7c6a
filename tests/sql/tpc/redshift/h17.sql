-- What would be lost a year without small orders.
SELECT SUM(l_extendedprice) / 7.0 AS a_year
FROM lineitem
JOIN part ON p_partkey = l_partkey
WHERE p_brand LIKE 'Brand#2%' AND p_container = 'MED BOX'
    AND l_quantity < (SELECT 0.5 * AVG(l_quantity) FROM lineitem i WHERE i.l_partkey = p_partkey);
