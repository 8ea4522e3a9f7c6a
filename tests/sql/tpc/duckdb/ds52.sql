-- Brands in one month.
SELECT d_year, i_brand_id, i_brand, CAST(SUM(ss_ext_sales_price) AS DECIMAL(38,2)) AS income
FROM date_dim JOIN store_sales ON d_date_sk = ss_sold_date_sk JOIN item ON ss_item_sk = i_item_sk
WHERE i_manager_id = 1 AND d_moy = 12 AND d_year = 2000
GROUP BY d_year, i_brand, i_brand_id
ORDER BY d_year, income DESC, i_brand_id;
