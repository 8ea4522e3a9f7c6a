-- Brands that sell to people from elsewhere.
SELECT i_brand_id, i_brand, i_manufact_id, CAST(SUM(ss_ext_sales_price) AS DECIMAL(38,2)) AS income
FROM date_dim, store_sales, item, buyer, customer_address, store
WHERE d_date_sk = ss_sold_date_sk AND ss_item_sk = i_item_sk AND i_manager_id = 8 AND d_moy = 11 AND ss_customer_sk = c_customer_sk
    AND c_current_addr_sk = ca_address_sk AND SUBSTRING(ca_zip, 1, 5) <> SUBSTRING(s_zip, 1, 5) AND ss_store_sk = s_store_sk
GROUP BY i_brand, i_brand_id, i_manufact_id
ORDER BY income DESC, i_brand, i_brand_id, i_manufact_id;
