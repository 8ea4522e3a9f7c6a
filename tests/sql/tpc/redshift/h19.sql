-- Income from some parts handled in some ways.
SELECT SUM(l_extendedprice * (1 - l_discount)) AS income
FROM lineitem, part
WHERE p_partkey = l_partkey AND l_shipmode IN ('AIR', 'RAIL') AND l_shipinstruct = 'DELIVER IN PERSON'
    AND ((p_brand LIKE 'Brand#1%' AND p_container IN ('SM CASE', 'SM BOX') AND l_quantity BETWEEN 1 AND 21 AND p_size BETWEEN 1 AND 25)
      OR (p_brand LIKE 'Brand#2%' AND p_container IN ('MED BOX', 'MED BAG') AND l_quantity BETWEEN 10 AND 40 AND p_size BETWEEN 1 AND 30)
      OR (p_brand LIKE 'Brand#3%' AND p_container = 'LG DRUM' AND l_quantity BETWEEN 20 AND 50 AND p_size BETWEEN 1 AND 45));
