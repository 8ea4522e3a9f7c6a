-- Stock before and after a day.
SELECT * FROM (
    SELECT w_warehouse_name, i_item_id,
        SUM(CASE WHEN d_date < DATE '2000-03-11' THEN inv_quantity_on_hand ELSE 0 END) AS before_it,
        SUM(CASE WHEN d_date >= DATE '2000-03-11' THEN inv_quantity_on_hand ELSE 0 END) AS after_it
    FROM inventory, warehouse, item, date_dim
    WHERE i_item_sk = inv_item_sk AND inv_warehouse_sk = w_warehouse_sk AND inv_date_sk = d_date_sk
        AND d_date BETWEEN DATEADD(day, -90, '2000-03-11') AND DATE '2000-03-11' + 90
    GROUP BY w_warehouse_name, i_item_id) AS held
WHERE (CASE WHEN before_it > 0 THEN after_it / before_it ELSE NULL END) BETWEEN 1 AND 3
ORDER BY w_warehouse_name, i_item_id
LIMIT 100;
