-- What a kind of customer pays where no promotion reached them.
SELECT i_item_id, AVG(ss_quantity) AS pieces, AVG(ss_list_price) AS listed, AVG(ss_coupon_amt) AS coupons, AVG(ss_sales_price) AS paid
FROM store_sales
JOIN customer_demographics ON ss_cdemo_sk = cd_demo_sk AND cd_gender = 'M' AND cd_marital_status = 'S'
JOIN date_dim ON ss_sold_date_sk = d_date_sk AND d_year = 2000
JOIN item ON ss_item_sk = i_item_sk
JOIN promotion ON ss_promo_sk = p_promo_sk AND (p_channel_email = 'N' OR p_channel_event = 'N')
GROUP BY i_item_id
ORDER BY i_item_id
LIMIT 100;
