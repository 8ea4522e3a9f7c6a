-- How long the web takes to ship.
SELECT SUBSTRING(w_warehouse_name, 1, 20) AS place, sm_type,
    CAST(SUM(CASE WHEN ws_ship_date_sk - ws_sold_date_sk <= 30 THEN 1 ELSE 0 END) AS BIGINT) AS in_30_days,
    CAST(SUM(CASE WHEN ws_ship_date_sk - ws_sold_date_sk BETWEEN 31 AND 60 THEN 1 ELSE 0 END) AS BIGINT) AS in_60_days,
    CAST(SUM(CASE WHEN ws_ship_date_sk - ws_sold_date_sk > 60 THEN 1 ELSE 0 END) AS BIGINT) AS later
FROM web_sales, warehouse, ship_mode, date_dim
WHERE ws_ship_date_sk = d_date_sk AND ws_warehouse_sk = w_warehouse_sk AND ws_ship_mode_sk = sm_ship_mode_sk AND d_month_seq BETWEEN 1200 AND 1211
GROUP BY SUBSTRING(w_warehouse_name, 1, 20), sm_type
ORDER BY 1, 2;
