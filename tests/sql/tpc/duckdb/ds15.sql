-- Catalogue sales by postcode.
SELECT ca_zip, CAST(SUM(cs_sales_price) AS DECIMAL(38,2)) AS paid
FROM catalog_sales JOIN buyer ON cs_bill_customer_sk = c_customer_sk
    JOIN customer_address ON c_current_addr_sk = ca_address_sk
    JOIN date_dim ON cs_sold_date_sk = d_date_sk
WHERE (LEFT(ca_zip, 5) IN ('30001', '30003', '30007') OR ca_state IN ('CA', 'GA') OR cs_sales_price > 100) AND d_qoy = 2 AND d_year = 2001
GROUP BY ca_zip
ORDER BY ca_zip;
