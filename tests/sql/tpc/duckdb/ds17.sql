-- How much of what was bought comes back, and how evenly.
SELECT i_item_id, COUNT(ss_quantity) AS sold, CAST(SUM(ss_quantity) // COUNT(ss_quantity) AS BIGINT) AS mean_sold, stddev_samp(CAST(ss_quantity AS DOUBLE)) AS spread,
    stddev_samp(CAST(ss_quantity AS DOUBLE)) / (SUM(ss_quantity) // COUNT(ss_quantity)) AS relative, COUNT(sr_return_quantity) AS returned
FROM store_sales
JOIN store_returns ON ss_customer_sk = sr_customer_sk AND ss_item_sk = sr_item_sk AND ss_ticket_number = sr_ticket_number
JOIN item ON i_item_sk = ss_item_sk
GROUP BY i_item_id
ORDER BY i_item_id;
