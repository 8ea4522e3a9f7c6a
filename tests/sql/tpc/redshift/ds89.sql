-- Months of a class that stray from its mean, with a name in words.
SELECT i_category || ': ' || i_class AS kind, s_store_name, d_moy, SUM(ss_sales_price) AS total
FROM item, store_sales, date_dim, store
WHERE ss_item_sk = i_item_sk AND ss_sold_date_sk = d_date_sk AND ss_store_sk = s_store_sk AND d_year = 2000
    AND ((i_category IN ('Books', 'Home') AND i_class IN ('classical', 'rock')) OR (i_category = 'Shoes' AND i_class LIKE 'dress%'))
GROUP BY i_category, i_class, s_store_name, d_moy
ORDER BY total DESC, kind, s_store_name, d_moy
LIMIT 60;
