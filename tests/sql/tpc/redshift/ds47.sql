-- Months that stray from the year's mean, with their neighbours.
WITH monthly AS (
    SELECT i_category, d_year, d_moy, SUM(ss_sales_price) AS total,
        AVG(SUM(ss_sales_price)) OVER (PARTITION BY i_category, d_year) AS mean_total,
        RANK() OVER (PARTITION BY i_category ORDER BY d_year, d_moy) AS place
    FROM item, store_sales, date_dim
    WHERE ss_item_sk = i_item_sk AND ss_sold_date_sk = d_date_sk AND d_year BETWEEN 1999 AND 2001
    GROUP BY i_category, d_year, d_moy
)
SELECT a.i_category, a.d_year, a.d_moy, a.mean_total, a.total, b.total AS earlier, c.total AS later
FROM monthly a, monthly b, monthly c
WHERE a.i_category = b.i_category AND a.i_category = c.i_category AND a.place = b.place + 1 AND a.place = c.place - 1 AND a.d_year = 2000
    AND a.mean_total > 0 AND ABS(a.total - a.mean_total) / a.mean_total > 0.1
ORDER BY a.total - a.mean_total, a.place, a.i_category;
