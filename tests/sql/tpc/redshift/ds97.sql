-- Customers and things in one channel, the other, or both.
WITH shop AS (SELECT ss_customer_sk AS who, ss_item_sk AS thing FROM store_sales GROUP BY 1, 2),
    post AS (SELECT cs_bill_customer_sk AS who, cs_item_sk AS thing FROM catalog_sales GROUP BY 1, 2)
SELECT SUM(CASE WHEN shop.who IS NOT NULL AND post.who IS NULL THEN 1 ELSE 0 END) AS shop_alone,
    SUM(CASE WHEN shop.who IS NULL AND post.who IS NOT NULL THEN 1 ELSE 0 END) AS post_alone,
    SUM(NVL2(shop.who, NVL2(post.who, 1, 0), 0)) AS both_of_them
FROM shop FULL OUTER JOIN post ON shop.who = post.who AND shop.thing = post.thing;
