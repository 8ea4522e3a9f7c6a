-- A product's share of its class, on the web.
SELECT i_item_id, i_class, CAST(SUM(ws_ext_sales_price) AS DECIMAL(38,2)) AS income,
    quotient(SUM(ws_ext_sales_price) * 100, SUM(SUM(ws_ext_sales_price)) OVER (PARTITION BY i_class)) AS share
FROM web_sales, item, date_dim
WHERE ws_item_sk = i_item_sk AND i_category IN ('Books', 'Sports', 'Home') AND ws_sold_date_sk = d_date_sk
    AND d_date BETWEEN '1999-02-22' AND DATE '1999-03-24'
GROUP BY i_item_id, i_class
ORDER BY i_class, i_item_id, share;
