-- How long after the sale things come back.
SELECT s_store_name, s_store_id,
    SUM(CASE WHEN sr_returned_date_sk - ss_sold_date_sk <= 30 THEN 1 ELSE 0 END) AS in_30_days,
    SUM(CASE WHEN sr_returned_date_sk - ss_sold_date_sk > 30 AND sr_returned_date_sk - ss_sold_date_sk <= 60 THEN 1 ELSE 0 END) AS in_60_days,
    SUM(CASE WHEN sr_returned_date_sk - ss_sold_date_sk > 60 THEN 1 ELSE 0 END) AS later
FROM store_sales, store_returns, store, date_dim
WHERE ss_ticket_number = sr_ticket_number AND ss_item_sk = sr_item_sk AND ss_customer_sk = sr_customer_sk AND sr_returned_date_sk = d_date_sk
    AND ss_store_sk = s_store_sk
GROUP BY s_store_name, s_store_id
ORDER BY s_store_name, s_store_id;
