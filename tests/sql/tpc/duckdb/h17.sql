-- What would be lost a year without small orders.
SELECT CAST(CAST(CAST(SUM(l_extendedprice) * 100 AS HUGEINT) * 10 * 100 // 70 AS DECIMAL(34,0)) * 0.0001 AS DECIMAL(38,4)) AS a_year
FROM lineitem
JOIN part ON p_partkey = l_partkey
WHERE p_brand LIKE 'Brand#2%' AND p_container = 'MED BOX'
    AND l_quantity < (SELECT 0.5 * mean(SUM(l_quantity), COUNT(l_quantity)) FROM lineitem i WHERE i.l_partkey = p_partkey);
