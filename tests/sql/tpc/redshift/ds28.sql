-- Six bands of prices side by side.
SELECT * FROM (SELECT AVG(ss_list_price) AS mean_1, COUNT(ss_list_price) AS rows_1, COUNT(DISTINCT ss_list_price) AS prices_1
    FROM store_sales WHERE ss_quantity BETWEEN 0 AND 5 AND (ss_list_price BETWEEN 8 AND 18 OR ss_coupon_amt BETWEEN 10 AND 100)) AS a,
    (SELECT AVG(ss_list_price) AS mean_2, COUNT(ss_list_price) AS rows_2, COUNT(DISTINCT ss_list_price) AS prices_2
    FROM store_sales WHERE ss_quantity BETWEEN 6 AND 10 AND ss_list_price BETWEEN 90 AND 100) AS b;
