-- Customers and things in one channel, the other, or both.
WITH shop AS (SELECT ss_customer_sk AS who, ss_item_sk AS thing FROM store_sales GROUP BY 1, 2),
    post AS (SELECT cs_bill_customer_sk AS who, cs_item_sk AS thing FROM catalog_sales GROUP BY 1, 2)
SELECT CAST(SUM(CASE WHEN shop.who IS NOT NULL AND post.who IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS shop_alone,
    CAST(SUM(CASE WHEN shop.who IS NULL AND post.who IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS post_alone,
    CAST(SUM(CASE WHEN shop.who IS NOT NULL AND post.who IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS both_of_them
FROM shop FULL OUTER JOIN post ON shop.who = post.who AND shop.thing = post.thing;
