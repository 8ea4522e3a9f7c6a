-- A category's makers over three channels.
WITH shop AS (SELECT i_manufact_id AS maker, SUM(ss_ext_sales_price) AS income FROM store_sales JOIN item ON ss_item_sk = i_item_sk
        JOIN date_dim ON ss_sold_date_sk = d_date_sk WHERE i_category = 'Books' AND d_year = 1999 GROUP BY maker),
    post AS (SELECT i_manufact_id AS maker, SUM(cs_ext_sales_price) AS income FROM catalog_sales JOIN item ON cs_item_sk = i_item_sk
        JOIN date_dim ON cs_sold_date_sk = d_date_sk WHERE i_category = 'Books' AND d_year = 1999 GROUP BY maker),
    web AS (SELECT i_manufact_id AS maker, SUM(ws_ext_sales_price) AS income FROM web_sales JOIN item ON ws_item_sk = i_item_sk
        JOIN date_dim ON ws_sold_date_sk = d_date_sk WHERE i_category = 'Books' AND d_year = 1999 GROUP BY maker)
SELECT maker, SUM(income) AS all_income
FROM (SELECT * FROM shop UNION ALL SELECT * FROM post UNION ALL SELECT * FROM web) AS channels
GROUP BY maker
ORDER BY all_income, maker;
