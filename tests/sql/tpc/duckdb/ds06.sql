-- States whose people buy things much dearer than their category.
SELECT ca_state AS state, COUNT(*) AS lines
FROM customer_address, buyer, store_sales, date_dim, item i
WHERE ca_address_sk = c_current_addr_sk AND c_customer_sk = ss_customer_sk AND ss_sold_date_sk = d_date_sk
    AND ss_item_sk = i_item_sk AND d_month_seq = (SELECT DISTINCT d_month_seq FROM date_dim WHERE d_year = 2001 AND d_moy = 1)
    AND i_current_price > (SELECT 1.2 * mean(SUM(j.i_current_price), COUNT(j.i_current_price)) FROM item j WHERE j.i_category = i.i_category)
GROUP BY ca_state
HAVING COUNT(*) >= 2
ORDER BY lines, state;
