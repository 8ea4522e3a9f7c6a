-- Stores by day of the week.
SELECT s_store_name, s_store_id, CAST(SUM(CASE WHEN d_day_name = 'Sunday' THEN ss_sales_price ELSE NULL END) AS DECIMAL(38,2)) AS sunday,
    CAST(SUM(CASE d_day_name WHEN 'Monday' THEN ss_sales_price END) AS DECIMAL(38,2)) AS monday,
    CAST(SUM(CASE WHEN d_day_name = 'Friday' THEN ss_sales_price END) AS DECIMAL(38,2)) AS friday
FROM date_dim, store_sales, store
WHERE d_date_sk = ss_sold_date_sk AND s_store_sk = ss_store_sk AND s_gmt_offset = -5 AND d_year = 2000
GROUP BY s_store_name, s_store_id
ORDER BY s_store_name, s_store_id, sunday;
