-- Pieces sold to three kinds of households.
SELECT SUM(ss_quantity) AS pieces
FROM store_sales, store, customer_demographics, customer_address, date_dim
WHERE s_store_sk = ss_store_sk AND ss_sold_date_sk = d_date_sk AND d_year = 2000 AND cd_demo_sk = ss_cdemo_sk AND ss_addr_sk = ca_address_sk
    AND ((cd_marital_status = 'M' AND cd_education_status = '4 yr Degree') OR cd_marital_status = 'D')
    AND (ca_state IN ('TN', 'OH') OR ss_net_profit BETWEEN 0 AND 2000);
