-- When the web has sold more of a thing than the stores, so far.
WITH web AS (SELECT ws_item_sk AS thing, d_date, CAST(SUM(SUM(ws_sales_price)) OVER (PARTITION BY ws_item_sk ORDER BY d_date ROWS UNBOUNDED PRECEDING) AS DECIMAL(38,2)) AS so_far
        FROM web_sales JOIN date_dim ON ws_sold_date_sk = d_date_sk WHERE d_year = 2000 GROUP BY ws_item_sk, d_date),
    shop AS (SELECT ss_item_sk AS thing, d_date, CAST(SUM(SUM(ss_sales_price)) OVER (PARTITION BY ss_item_sk ORDER BY d_date ROWS UNBOUNDED PRECEDING) AS DECIMAL(38,2)) AS so_far
        FROM store_sales JOIN date_dim ON ss_sold_date_sk = d_date_sk WHERE d_year = 2000 GROUP BY ss_item_sk, d_date)
SELECT * FROM (
    SELECT thing, day, web_sold, shop_sold,
        MAX(web_sold) OVER (PARTITION BY thing ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS web_most,
        MAX(shop_sold) OVER (PARTITION BY thing ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS shop_most
    FROM (SELECT COALESCE(web.thing, shop.thing) AS thing, COALESCE(web.d_date, shop.d_date) AS day, web.so_far AS web_sold, shop.so_far AS shop_sold
        FROM web FULL OUTER JOIN shop ON web.thing = shop.thing AND web.d_date = shop.d_date) AS x) AS y
WHERE web_most > shop_most
ORDER BY thing, day
LIMIT 100;
