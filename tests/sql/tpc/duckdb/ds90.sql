-- Mornings against evenings on the web.
SELECT CAST(CAST(CAST(morning AS HUGEINT) * 10000000000000000 // evening AS DECIMAL(20,0)) * 0.0000000000000001 AS DECIMAL(31,16)) AS ratio
FROM (SELECT COUNT(*) AS morning FROM web_sales JOIN time_dim ON ws_sold_time_sk = t_time_sk WHERE t_hour BETWEEN 8 AND 9) AS a,
    (SELECT COUNT(*) AS evening FROM web_sales JOIN time_dim ON ws_sold_time_sk = t_time_sk WHERE t_hour BETWEEN 19 AND 20) AS b;
