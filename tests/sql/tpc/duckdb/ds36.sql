-- Margins by category and class, ranked within their level.
SELECT quotient(SUM(ss_net_profit), SUM(ss_ext_sales_price)) AS margin, i_category, i_class,
    CAST(GROUPING(i_category) + GROUPING(i_class) AS INTEGER) AS level,
    RANK() OVER (PARTITION BY GROUPING(i_category) + GROUPING(i_class), CASE WHEN GROUPING(i_class) = 0 THEN i_category END
        ORDER BY quotient(SUM(ss_net_profit), SUM(ss_ext_sales_price)) ASC) AS place
FROM store_sales JOIN date_dim ON d_date_sk = ss_sold_date_sk JOIN item ON i_item_sk = ss_item_sk
WHERE d_year = 2001
GROUP BY ROLLUP (i_category, i_class)
ORDER BY level DESC, i_category, place, i_class;
