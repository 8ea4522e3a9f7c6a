-- Wealthy customers without orders, by country code.
SELECT code, COUNT(*) AS customers, SUM(c_acctbal) AS balance
FROM (
    SELECT SUBSTRING(c_phone, 1, 2) AS code, c_acctbal
    FROM customer
    WHERE SUBSTRING(c_phone FROM 1 FOR 2) IN ('10', '11', '13', '15', '18')
        AND c_acctbal > (SELECT AVG(c_acctbal) FROM customer WHERE c_acctbal > 0.00)
        AND NOT EXISTS (SELECT 1 FROM orders WHERE o_custkey = c_custkey)
) AS idle
GROUP BY code
ORDER BY code;
