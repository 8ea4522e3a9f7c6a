-- What sells badly in a store.
SELECT s_store_name, i_item_desc, low.total, i_current_price, i_brand
FROM store, item,
    (SELECT place, mean(SUM(total), COUNT(total)) AS usual FROM (SELECT ss_store_sk AS place, ss_item_sk, CAST(SUM(ss_sales_price) AS DECIMAL(38,2)) AS total FROM store_sales GROUP BY place, ss_item_sk) AS x GROUP BY place) AS b,
    (SELECT ss_store_sk AS place, ss_item_sk AS thing, CAST(SUM(ss_sales_price) AS DECIMAL(38,2)) AS total FROM store_sales GROUP BY place, thing) AS low
WHERE b.place = low.place AND low.total <= 0.1 * b.usual AND s_store_sk = low.place AND i_item_sk = low.thing
ORDER BY s_store_name, i_item_desc, s_store_sk
LIMIT 100;
