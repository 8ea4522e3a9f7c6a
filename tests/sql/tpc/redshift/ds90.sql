-- Mornings against evenings on the web.
SELECT CAST(morning AS DECIMAL(15,4)) / CAST(evening AS DECIMAL(15,4)) AS ratio
FROM (SELECT COUNT(*) AS morning FROM web_sales JOIN time_dim ON ws_sold_time_sk = t_time_sk WHERE t_hour BETWEEN 8 AND 9) AS a,
    (SELECT COUNT(*) AS evening FROM web_sales JOIN time_dim ON ws_sold_time_sk = t_time_sk WHERE t_hour BETWEEN 19 AND 20) AS b;
