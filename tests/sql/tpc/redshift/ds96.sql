-- One hour's sales to families.
SELECT COUNT(*) AS lines
FROM store_sales, household_demographics, time_dim, store
WHERE ss_sold_time_sk = t_time_sk AND ss_hdemo_sk = hd_demo_sk AND ss_store_sk = s_store_sk AND t_hour BETWEEN 8 AND 12 AND hd_dep_count = 5;
