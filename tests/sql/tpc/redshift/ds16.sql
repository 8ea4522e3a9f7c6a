-- Orders from several warehouses of which nothing came back.
SELECT COUNT(DISTINCT cs_order_number) AS orders, SUM(cs_ext_ship_cost) AS shipping, SUM(cs_net_profit) AS profit
FROM catalog_sales a JOIN date_dim ON cs_ship_date_sk = d_date_sk
WHERE d_date BETWEEN '2000-02-01' AND '2000-12-31'
    AND EXISTS (SELECT * FROM catalog_sales b WHERE a.cs_order_number = b.cs_order_number AND a.cs_warehouse_sk <> b.cs_warehouse_sk)
    AND NOT EXISTS (SELECT * FROM catalog_returns WHERE a.cs_order_number = cr_order_number)
ORDER BY COUNT(DISTINCT cs_order_number);
