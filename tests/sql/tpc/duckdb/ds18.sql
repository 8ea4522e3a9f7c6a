-- Catalogue customers by country and state, with subtotals.
SELECT i_item_id, ca_country, ca_state, mean(SUM(CAST(cs_quantity AS DECIMAL(12,2))), COUNT(cs_quantity)) AS pieces,
    mean(SUM(cs_list_price), COUNT(cs_list_price)) AS listed
FROM catalog_sales, buyer, customer_address, item, customer_demographics
WHERE cs_item_sk = i_item_sk AND cs_bill_customer_sk = c_customer_sk AND cs_bill_cdemo_sk = cd_demo_sk AND cd_gender = 'F'
    AND c_current_addr_sk = ca_address_sk AND c_birth_month IN (1, 6, 8)
GROUP BY ROLLUP (i_item_id, ca_country, ca_state)
ORDER BY ca_country, ca_state, i_item_id
LIMIT 100;
