-- The best of each category, over every level of detail.
SELECT * FROM (
    SELECT i_category, i_class, i_brand, d_year, CAST(SUM(COALESCE(ss_sales_price * ss_quantity, 0)) AS DECIMAL(38,2)) AS income,
        RANK() OVER (PARTITION BY i_category ORDER BY SUM(COALESCE(ss_sales_price * ss_quantity, 0)) DESC) AS place
    FROM store_sales JOIN date_dim ON ss_sold_date_sk = d_date_sk JOIN item ON ss_item_sk = i_item_sk
    GROUP BY ROLLUP (i_category, i_class, i_brand, d_year)) AS ranked
WHERE place <= 10
ORDER BY i_category, i_class, i_brand, d_year, income, place
LIMIT 100;
