-- What customers paid when returns are taken off.
SELECT ss_customer_sk, CAST(SUM(kept) AS DECIMAL(38,2)) AS paid
FROM (SELECT ss_customer_sk, CASE WHEN sr_return_quantity IS NOT NULL THEN (ss_quantity - sr_return_quantity) * ss_sales_price
        ELSE ss_quantity * ss_sales_price END AS kept
    FROM store_sales LEFT JOIN store_returns ON sr_item_sk = ss_item_sk AND sr_ticket_number = ss_ticket_number
    LEFT JOIN reason ON sr_reason_sk = r_reason_sk
    WHERE r_reason_desc = 'reason 3' OR r_reason_desc IS NULL) AS x
GROUP BY ss_customer_sk
ORDER BY paid, ss_customer_sk
LIMIT 100;
