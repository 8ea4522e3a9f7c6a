-- Mean stock, with subtotals.
SELECT i_category, i_brand, CAST(SUM(inv_quantity_on_hand) // COUNT(inv_quantity_on_hand) AS BIGINT) AS held
FROM inventory JOIN date_dim ON inv_date_sk = d_date_sk JOIN item ON inv_item_sk = i_item_sk
WHERE d_month_seq BETWEEN 1200 AND 1211
GROUP BY ROLLUP (i_category, i_brand)
ORDER BY held, i_category, i_brand;
