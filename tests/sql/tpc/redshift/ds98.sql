-- A product's share of its class, in stores.
SELECT i_item_desc, i_class, i_current_price, SUM(ss_ext_sales_price) AS income,
    RATIO_TO_REPORT(SUM(ss_ext_sales_price)) OVER (PARTITION BY i_class) AS share
FROM store_sales, item, date_dim
WHERE ss_item_sk = i_item_sk AND i_category = 'Sports' AND ss_sold_date_sk = d_date_sk AND d_date BETWEEN '1999-02-22' AND '1999-12-24'
GROUP BY i_item_desc, i_class, i_current_price
ORDER BY i_class, i_item_desc, share;
