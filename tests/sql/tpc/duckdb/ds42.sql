-- Categories in one month.
SELECT d.d_year, i_category_id, i_category, CAST(SUM(ss_ext_sales_price) AS DECIMAL(38,2)) AS income
FROM date_dim d, store_sales, item
WHERE d.d_date_sk = ss_sold_date_sk AND ss_item_sk = i_item_sk AND i_manager_id = 1 AND d.d_moy = 11
GROUP BY d.d_year, i_category_id, i_category
ORDER BY income DESC, d.d_year, i_category_id, i_category;
