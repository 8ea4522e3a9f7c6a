-- Sales in half hours of the morning.
SELECT * FROM
    (SELECT COUNT(*) AS from_half_past_8 FROM store_sales JOIN time_dim ON ss_sold_time_sk = t_time_sk WHERE t_hour = 8 AND t_minute >= 30) AS a,
    (SELECT COUNT(*) AS from_9 FROM store_sales JOIN time_dim ON ss_sold_time_sk = t_time_sk WHERE t_hour = 9 AND t_minute < 30) AS b,
    (SELECT COUNT(*) AS from_half_past_9 FROM store_sales JOIN time_dim ON ss_sold_time_sk = t_time_sk WHERE t_hour = 9 AND t_minute >= 30) AS c;
