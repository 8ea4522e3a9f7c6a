-- Brands of some managers.
SELECT i_brand_id AS brand_id, i_brand AS brand, SUM(ss_ext_sales_price) AS income
FROM item CROSS JOIN date_dim, store_sales
WHERE d_date_sk = ss_sold_date_sk AND ss_item_sk = i_item_sk AND i_manager_id BETWEEN 2 AND 4 AND d_moy = 11 AND d_year = 1999
GROUP BY i_brand, i_brand_id
ORDER BY income DESC, brand_id;
