-- Makers whose quarters stray from their mean.
SELECT * FROM (
    SELECT i_manufact_id, d_qoy, CAST(SUM(ss_sales_price) AS DECIMAL(38,2)) AS total, mean(SUM(SUM(ss_sales_price)) OVER (PARTITION BY i_manufact_id), COUNT(SUM(ss_sales_price)) OVER (PARTITION BY i_manufact_id)) AS mean_total
    FROM item, store_sales, date_dim, store
    WHERE ss_item_sk = i_item_sk AND ss_sold_date_sk = d_date_sk AND ss_store_sk = s_store_sk AND d_month_seq IN (1200, 1201, 1202, 1203, 1204, 1205, 1206)
    GROUP BY i_manufact_id, d_qoy) AS quarters
WHERE CASE WHEN mean_total > 0 THEN CAST(abs(total - mean_total) AS DOUBLE) / CAST(mean_total AS DOUBLE) ELSE NULL END > 0.1
ORDER BY mean_total, total, i_manufact_id;
