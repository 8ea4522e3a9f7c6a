-- A mean chosen by how many there are.
SELECT CASE WHEN (SELECT COUNT(*) FROM store_sales WHERE ss_quantity BETWEEN 1 AND 20) > 2000
        THEN (SELECT mean(SUM(ss_ext_discount_amt), COUNT(ss_ext_discount_amt)) FROM store_sales WHERE ss_quantity BETWEEN 1 AND 20)
        ELSE (SELECT mean(SUM(ss_net_paid), COUNT(ss_net_paid)) FROM store_sales WHERE ss_quantity BETWEEN 1 AND 20) END AS few,
    CASE WHEN (SELECT COUNT(*) FROM store_sales WHERE ss_quantity BETWEEN 21 AND 40) > 99999
        THEN (SELECT mean(SUM(ss_ext_discount_amt), COUNT(ss_ext_discount_amt)) FROM store_sales WHERE ss_quantity BETWEEN 21 AND 40)
        ELSE (SELECT mean(SUM(ss_net_paid), COUNT(ss_net_paid)) FROM store_sales WHERE ss_quantity BETWEEN 21 AND 40) END AS many
FROM reason
WHERE r_reason_sk = 1;
