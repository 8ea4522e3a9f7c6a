-- How much of what was bought comes back, and how evenly.
SELECT i_item_id, COUNT(ss_quantity) AS sold, AVG(ss_quantity) AS mean_sold, STDDEV_SAMP(ss_quantity) AS spread,
    STDDEV_SAMP(ss_quantity) / AVG(ss_quantity) AS relative, COUNT(sr_return_quantity) AS returned
FROM store_sales
JOIN store_returns ON ss_customer_sk = sr_customer_sk AND ss_item_sk = sr_item_sk AND ss_ticket_number = sr_ticket_number
JOIN item ON i_item_sk = ss_item_sk
GROUP BY i_item_id
ORDER BY i_item_id;
