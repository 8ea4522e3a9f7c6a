-- Stock that varies from month to month.
WITH monthly AS (
    SELECT w_warehouse_sk, i_item_sk, d_qoy, stddev_samp(CAST(inv_quantity_on_hand AS DOUBLE)) AS spread, CAST(SUM(inv_quantity_on_hand) // COUNT(inv_quantity_on_hand) AS BIGINT) AS mean
    FROM inventory, item, warehouse, date_dim
    WHERE inv_item_sk = i_item_sk AND inv_warehouse_sk = w_warehouse_sk AND inv_date_sk = d_date_sk AND d_year = 2001
    GROUP BY w_warehouse_sk, i_item_sk, d_qoy
)
SELECT a.w_warehouse_sk, a.i_item_sk, a.d_qoy, a.mean, a.spread / a.mean AS variation, b.mean AS next_mean
FROM monthly a JOIN monthly b ON a.i_item_sk = b.i_item_sk AND a.w_warehouse_sk = b.w_warehouse_sk AND b.d_qoy = a.d_qoy + 1
WHERE a.spread > a.mean * 0.8
ORDER BY 1, 2, 3;
