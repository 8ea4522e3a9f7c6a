-- Who buys much at once.
SELECT c_last_name, c_first_name, c_salutation, ss_ticket_number, lines
FROM (SELECT ss_ticket_number, ss_customer_sk, COUNT(*) AS lines
    FROM store_sales, date_dim, household_demographics
    WHERE ss_sold_date_sk = d_date_sk AND ss_hdemo_sk = hd_demo_sk AND (d_dom BETWEEN 1 AND 8 OR d_dom BETWEEN 25 AND 28)
        AND hd_buy_potential IN ('>10000', 'Unknown') AND hd_vehicle_count > 0
        AND (CASE WHEN hd_vehicle_count > 0 THEN hd_dep_count * 1.0 / hd_vehicle_count END) > 1.2
    GROUP BY ss_ticket_number, ss_customer_sk) AS bought
JOIN buyer ON ss_customer_sk = c_customer_sk
WHERE lines BETWEEN 2 AND 20
ORDER BY c_last_name, c_first_name, c_salutation, ss_ticket_number DESC
LIMIT 100;
