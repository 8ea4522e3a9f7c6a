-- Who brings back more than is usual at a store.
WITH brought AS (
    SELECT sr_customer_sk AS who, sr_store_sk AS place, SUM(sr_return_amt) AS total
    FROM store_returns JOIN date_dim ON d_date_sk = sr_returned_date_sk AND d_year = 2000
    GROUP BY sr_customer_sk, sr_store_sk
)
SELECT TOP 60 c_customer_id
FROM brought a JOIN store ON s_store_sk = a.place JOIN buyer ON c_customer_sk = a.who
WHERE a.total > (SELECT AVG(b.total) * 1.2 FROM brought b WHERE b.place = a.place) AND s_state = 'TN'
ORDER BY c_customer_id;
