-- Means over customers of three kinds.
SELECT AVG(ss_quantity) AS pieces, AVG(ss_ext_sales_price) AS income, AVG(ss_ext_wholesale_cost) AS cost, SUM(ss_ext_wholesale_cost) AS costs
FROM store_sales, store, customer_demographics, household_demographics, customer_address, date_dim
WHERE s_store_sk = ss_store_sk AND ss_sold_date_sk = d_date_sk AND d_year = 2001 AND ss_hdemo_sk = hd_demo_sk AND cd_demo_sk = ss_cdemo_sk
    AND ss_addr_sk = ca_address_sk AND ca_country = 'United States'
    AND ((cd_marital_status = 'M' AND cd_education_status = 'Advanced Degree' AND ss_sales_price BETWEEN 10.00 AND 115.00)
      OR (cd_marital_status = 'S' AND cd_education_status = 'College' AND ss_sales_price BETWEEN 50.00 AND 100.00)
      OR (cd_marital_status = 'D' AND hd_dep_count < 3))
    AND (ca_state IN ('TN', 'OH') OR ss_net_profit > 100);
