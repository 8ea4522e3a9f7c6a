-- Weeks of a store against the same weeks a year later.
WITH weekly AS (
    SELECT d_week_seq, ss_store_sk, SUM(CASE WHEN d_dow = 0 THEN ss_sales_price END) AS sunday, SUM(CASE WHEN d_dow = 6 THEN ss_sales_price END) AS saturday
    FROM store_sales, date_dim WHERE d_date_sk = ss_sold_date_sk
    GROUP BY d_week_seq, ss_store_sk
)
SELECT s_store_name, s_store_id, a.d_week_seq, a.sunday / b.sunday AS sundays, a.saturday / NULLIF(b.saturday, 0) AS saturdays
FROM weekly a JOIN weekly b ON b.ss_store_sk = a.ss_store_sk AND b.d_week_seq = a.d_week_seq + 52
JOIN store ON s_store_sk = a.ss_store_sk
WHERE b.sunday <> 0
ORDER BY s_store_name, s_store_id, a.d_week_seq
LIMIT 100;
