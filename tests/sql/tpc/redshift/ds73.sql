-- Households that buy a little at a time.
SELECT c_last_name, c_first_name, c_preferred_cust_flag, ss_ticket_number, lines
FROM (SELECT ss_ticket_number, ss_customer_sk, COUNT(*) AS lines FROM store_sales
    JOIN date_dim ON ss_sold_date_sk = d_date_sk AND d_dom BETWEEN 1 AND 2 AND d_year IN (1999, 2000, 2001)
    JOIN household_demographics ON ss_hdemo_sk = hd_demo_sk AND (hd_buy_potential = '1001-5000' OR hd_buy_potential = 'Unknown')
    GROUP BY 1, 2) AS bought, buyer
WHERE ss_customer_sk = c_customer_sk AND lines BETWEEN 1 AND 5
ORDER BY lines DESC, c_last_name ASC, ss_ticket_number
LIMIT 100;
