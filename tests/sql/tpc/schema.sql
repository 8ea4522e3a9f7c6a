CREATE TABLE region (r_regionkey INTEGER, r_name CHAR(25));
CREATE TABLE nation (n_nationkey INTEGER, n_name CHAR(25), n_regionkey INTEGER);
CREATE TABLE supplier (s_suppkey INTEGER, s_name CHAR(25), s_address VARCHAR(40), s_nationkey INTEGER,
    s_phone CHAR(15), s_acctbal DECIMAL(12,2), s_comment VARCHAR(101));
CREATE TABLE part (p_partkey INTEGER, p_name VARCHAR(55), p_mfgr CHAR(25), p_brand CHAR(10), p_type VARCHAR(25),
    p_size INTEGER, p_container CHAR(10), p_retailprice DECIMAL(12,2));
CREATE TABLE partsupp (ps_partkey INTEGER, ps_suppkey INTEGER, ps_availqty INTEGER, ps_supplycost DECIMAL(12,2));
CREATE TABLE customer (c_custkey INTEGER, c_name VARCHAR(25), c_address VARCHAR(40), c_nationkey INTEGER,
    c_phone CHAR(15), c_acctbal DECIMAL(12,2), c_mktsegment CHAR(10));
CREATE TABLE orders (o_orderkey BIGINT, o_custkey INTEGER, o_orderstatus CHAR(1), o_totalprice DECIMAL(12,2),
    o_orderdate DATE, o_orderpriority CHAR(15), o_shippriority INTEGER, o_comment VARCHAR(79));
CREATE TABLE lineitem (l_orderkey BIGINT, l_partkey INTEGER, l_suppkey INTEGER, l_linenumber INTEGER,
    l_quantity DECIMAL(12,2), l_extendedprice DECIMAL(12,2), l_discount DECIMAL(12,2), l_tax DECIMAL(12,2),
    l_returnflag CHAR(1), l_linestatus CHAR(1), l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE,
    l_shipinstruct CHAR(25), l_shipmode CHAR(10));

CREATE TABLE date_dim (d_date_sk INTEGER, d_date DATE, d_year INTEGER, d_moy INTEGER, d_dom INTEGER, d_qoy INTEGER,
    d_dow INTEGER, d_month_seq INTEGER, d_week_seq INTEGER, d_day_name CHAR(9));
CREATE TABLE time_dim (t_time_sk INTEGER, t_hour INTEGER, t_minute INTEGER, t_meal_time CHAR(20));
CREATE TABLE item (i_item_sk INTEGER, i_item_id CHAR(16), i_item_desc VARCHAR(200), i_current_price DECIMAL(7,2),
    i_wholesale_cost DECIMAL(7,2), i_brand_id INTEGER, i_brand CHAR(50), i_class CHAR(50), i_category CHAR(50),
    i_category_id INTEGER, i_manufact_id INTEGER, i_manufact CHAR(50), i_color CHAR(20), i_size CHAR(20),
    i_manager_id INTEGER);
CREATE TABLE store (s_store_sk INTEGER, s_store_id CHAR(16), s_store_name VARCHAR(50), s_county VARCHAR(30),
    s_state CHAR(2), s_zip CHAR(10), s_gmt_offset DECIMAL(5,2), s_number_employees INTEGER, s_city VARCHAR(60));
CREATE TABLE buyer (c_customer_sk INTEGER, c_customer_id CHAR(16), c_first_name CHAR(20), c_last_name CHAR(30),
    c_salutation CHAR(10), c_preferred_cust_flag CHAR(1), c_birth_year INTEGER, c_birth_month INTEGER,
    c_birth_country VARCHAR(20), c_current_addr_sk INTEGER, c_current_cdemo_sk INTEGER, c_current_hdemo_sk INTEGER);
CREATE TABLE customer_address (ca_address_sk INTEGER, ca_state CHAR(2), ca_county VARCHAR(30), ca_city VARCHAR(60),
    ca_zip CHAR(10), ca_country VARCHAR(20), ca_gmt_offset DECIMAL(5,2));
CREATE TABLE customer_demographics (cd_demo_sk INTEGER, cd_gender CHAR(1), cd_marital_status CHAR(1),
    cd_education_status CHAR(20), cd_purchase_estimate INTEGER, cd_dep_count INTEGER);
CREATE TABLE household_demographics (hd_demo_sk INTEGER, hd_buy_potential CHAR(15), hd_dep_count INTEGER,
    hd_vehicle_count INTEGER);
CREATE TABLE promotion (p_promo_sk INTEGER, p_channel_email CHAR(1), p_channel_event CHAR(1), p_channel_tv CHAR(1));
CREATE TABLE warehouse (w_warehouse_sk INTEGER, w_warehouse_name VARCHAR(20), w_state CHAR(2), w_sq_ft INTEGER);
CREATE TABLE ship_mode (sm_ship_mode_sk INTEGER, sm_type CHAR(30));
CREATE TABLE reason (r_reason_sk INTEGER, r_reason_desc CHAR(100));
CREATE TABLE inventory (inv_date_sk INTEGER, inv_item_sk INTEGER, inv_warehouse_sk INTEGER,
    inv_quantity_on_hand INTEGER);
CREATE TABLE store_sales (ss_sold_date_sk INTEGER, ss_sold_time_sk INTEGER, ss_item_sk INTEGER,
    ss_customer_sk INTEGER, ss_cdemo_sk INTEGER, ss_hdemo_sk INTEGER, ss_addr_sk INTEGER, ss_store_sk INTEGER,
    ss_promo_sk INTEGER, ss_ticket_number BIGINT, ss_quantity INTEGER, ss_list_price DECIMAL(7,2),
    ss_sales_price DECIMAL(7,2), ss_ext_sales_price DECIMAL(7,2), ss_ext_discount_amt DECIMAL(7,2),
    ss_ext_wholesale_cost DECIMAL(7,2), ss_coupon_amt DECIMAL(7,2), ss_net_paid DECIMAL(7,2),
    ss_net_profit DECIMAL(7,2));
CREATE TABLE store_returns (sr_returned_date_sk INTEGER, sr_item_sk INTEGER, sr_customer_sk INTEGER,
    sr_store_sk INTEGER, sr_reason_sk INTEGER, sr_ticket_number BIGINT, sr_return_quantity INTEGER,
    sr_return_amt DECIMAL(7,2), sr_net_loss DECIMAL(7,2));
CREATE TABLE catalog_sales (cs_sold_date_sk INTEGER, cs_ship_date_sk INTEGER, cs_bill_customer_sk INTEGER,
    cs_bill_cdemo_sk INTEGER, cs_item_sk INTEGER, cs_promo_sk INTEGER, cs_warehouse_sk INTEGER,
    cs_ship_mode_sk INTEGER, cs_order_number BIGINT, cs_quantity INTEGER, cs_list_price DECIMAL(7,2),
    cs_sales_price DECIMAL(7,2), cs_ext_sales_price DECIMAL(7,2), cs_ext_discount_amt DECIMAL(7,2),
    cs_coupon_amt DECIMAL(7,2), cs_net_profit DECIMAL(7,2), cs_ext_ship_cost DECIMAL(7,2));
CREATE TABLE catalog_returns (cr_order_number BIGINT, cr_item_sk INTEGER, cr_refunded_cash DECIMAL(7,2));
CREATE TABLE web_sales (ws_sold_date_sk INTEGER, ws_sold_time_sk INTEGER, ws_ship_date_sk INTEGER,
    ws_bill_customer_sk INTEGER, ws_item_sk INTEGER, ws_warehouse_sk INTEGER, ws_ship_mode_sk INTEGER,
    ws_ship_hdemo_sk INTEGER, ws_order_number BIGINT, ws_quantity INTEGER, ws_sales_price DECIMAL(7,2),
    ws_ext_sales_price DECIMAL(7,2), ws_ext_discount_amt DECIMAL(7,2), ws_net_paid DECIMAL(7,2),
    ws_net_profit DECIMAL(7,2), ws_ext_ship_cost DECIMAL(7,2));
CREATE TABLE web_returns (wr_order_number BIGINT, wr_item_sk INTEGER, wr_return_quantity INTEGER,
    wr_return_amt DECIMAL(7,2));
