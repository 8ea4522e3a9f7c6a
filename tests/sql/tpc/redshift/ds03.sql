-- A maker's brands in one month of each year.
SELECT d_year, i_brand_id AS brand_id, i_brand AS brand, SUM(ss_ext_sales_price) AS income
FROM date_dim d, store_sales, item
WHERE d.d_date_sk = ss_sold_date_sk AND ss_item_sk = i_item_sk AND i_manufact_id < 8 AND d.d_moy = 11
GROUP BY d_year, i_brand, i_brand_id
ORDER BY d_year, income DESC, brand_id
LIMIT 100;
