-- Customers who bought in every channel on a day of the year.
SELECT COUNT(*) AS buyers FROM (
    SELECT DISTINCT c_last_name, c_first_name, d_moy FROM store_sales, date_dim, buyer
    WHERE ss_sold_date_sk = d_date_sk AND ss_customer_sk = c_customer_sk AND d_year = 2000
    INTERSECT
    SELECT DISTINCT c_last_name, c_first_name, d_moy FROM catalog_sales, date_dim, buyer
    WHERE cs_sold_date_sk = d_date_sk AND cs_bill_customer_sk = c_customer_sk AND d_year = 2000
    INTERSECT
    SELECT DISTINCT c_last_name, c_first_name, d_moy FROM web_sales, date_dim, buyer
    WHERE ws_sold_date_sk = d_date_sk AND ws_bill_customer_sk = c_customer_sk AND d_year = 2000) AS everywhere;
