-- Bought in a store, brought back, bought again by catalogue.
SELECT i_item_id, s_store_id, CAST(SUM(ss_net_profit) AS DECIMAL(38,2)) AS gained, CAST(SUM(sr_net_loss) AS DECIMAL(38,2)) AS lost, CAST(SUM(cs_net_profit) AS DECIMAL(38,2)) AS gained_later
FROM store_sales, store_returns, catalog_sales, store, item
WHERE i_item_sk = ss_item_sk AND s_store_sk = ss_store_sk AND ss_customer_sk = sr_customer_sk AND ss_item_sk = sr_item_sk
    AND ss_ticket_number = sr_ticket_number AND sr_customer_sk = cs_bill_customer_sk AND i_category <> 'Music'
GROUP BY i_item_id, s_store_id
ORDER BY i_item_id, s_store_id
LIMIT 100;
