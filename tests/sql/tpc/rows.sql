-- In DuckDB's own words: the same rows on every machine and under every version.
CREATE MACRO pick(salt, i, n) AS CAST(md5_number_lower(salt || i) % n AS INTEGER);
CREATE MACRO word(list, salt, i) AS list[pick(salt, i, len(list)) + 1];
CREATE MACRO money(salt, i, cents) AS CAST(pick(salt, i, cents) AS DECIMAL(9,0)) * 0.01;

INSERT INTO region SELECT i, (['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'])[i + 1] FROM range(5) t(i);
INSERT INTO nation SELECT i, (['ALGERIA', 'BRAZIL', 'CHINA', 'FRANCE', 'EGYPT', 'KENYA', 'CANADA', 'INDIA', 'GERMANY',
    'SAUDI ARABIA'])[i + 1], i % 5 FROM range(10) t(i);
INSERT INTO supplier SELECT i, 'Supplier ' || lpad(i::VARCHAR, 4, '0'), 'Street ' || pick('sa', i, 90), pick('sn', i, 10),
    (10 + pick('sn', i, 10)) || '-555-' || (1000 + i), money('sb', i, 1000000) - 1000,
    CASE WHEN i % 7 = 0 THEN 'slow Customer; many Complaints' ELSE 'quiet' END FROM range(1, 31) t(i);
INSERT INTO part SELECT i, word(['green', 'red', 'blue', 'forest', 'ivory'], 'pc', i) || ' '
    || word(['bolt', 'nut', 'gear'], 'pn', i), 'Maker ' || (1 + i % 5), 'Brand#' || (1 + i % 5) || (1 + pick('pb', i, 5)),
    word(['PROMO', 'STANDARD', 'ECONOMY'], 'pt', i) || ' ' || word(['ANODIZED', 'POLISHED'], 'pu', i) || ' '
    || word(['BRASS', 'STEEL', 'TIN'], 'pv', i), 1 + pick('ps', i, 50),
    word(['SM CASE', 'MED BOX', 'LG DRUM', 'JUMBO PKG'], 'pk', i), 900 + money('pp', i, 100000) FROM range(1, 201) t(i);
INSERT INTO partsupp SELECT p, 1 + (p + s * 7) % 30, 1 + pick('pq', p * 4 + s, 9999), 1 + money('pr', p * 4 + s, 100000)
    FROM range(1, 201) a(p), range(4) b(s);
INSERT INTO customer SELECT i, 'Customer ' || lpad(i::VARCHAR, 5, '0'), 'Road ' || i, pick('cn', i, 10),
    (10 + pick('cn', i, 10)) || '-777-' || (1000 + i), money('cb', i, 1100000) - 1000,
    word(['BUILDING', 'AUTOMOBILE', 'MACHINERY', 'FURNITURE'], 'cs', i) FROM range(1, 151) t(i);
INSERT INTO orders SELECT i, 1 + pick('oc', i, 100), word(['F', 'O', 'P'], 'os', i), 1000 + money('op', i, 40000000),
    DATE '1992-01-01' + pick('od', i, 2400), word(['1-URGENT', '2-HIGH', '3-MEDIUM', '5-LOW'], 'oo', i), 0,
    CASE WHEN i % 9 = 0 THEN 'special packed requests' ELSE 'plain' END FROM range(1, 1501) t(i);
INSERT INTO lineitem SELECT o_orderkey, 1 + pick('lp', k, 200), 1 + (1 + pick('lp', k, 200) + pick('ls', k, 4) * 7) % 30, n,
    1 + pick('lq', k, 50), 900 + money('le', k, 9000000), pick('ld', k, 11) * 0.01, pick('lt', k, 9) * 0.01,
    word(['R', 'A', 'N'], 'lr', k), word(['O', 'F'], 'lf', k), o_orderdate + 1 + pick('l1', k, 120),
    o_orderdate + 30 + pick('l2', k, 60), o_orderdate + 2 + pick('l1', k, 120) + pick('l3', k, 29),
    word(['DELIVER IN PERSON', 'NONE', 'TAKE BACK RETURN'], 'li', k), word(['MAIL', 'SHIP', 'AIR', 'RAIL', 'TRUCK'], 'lm', k)
    FROM (SELECT *, o_orderkey * 8 + n AS k FROM orders, range(1, 5) t(n));

INSERT INTO date_dim SELECT i, d, year(d), month(d), day(d), quarter(d), dayofweek(d), (year(d) - 1900) * 12 + month(d) - 1,
    (d - DATE '1899-12-31') // 7, dayname(d) FROM (SELECT i, DATE '1999-01-01' + i::INTEGER AS d FROM range(1461) t(i));
INSERT INTO time_dim SELECT i, i // 60, i % 60, CASE WHEN i // 60 BETWEEN 6 AND 9 THEN 'breakfast'
    WHEN i // 60 BETWEEN 17 AND 21 THEN 'dinner' END FROM range(1440) t(i);
INSERT INTO item SELECT i, 'ITEM' || lpad((i // 2)::VARCHAR, 6, '0'), 'A thing numbered ' || i, 1 + money('ip', i, 9900),
    1 + money('iw', i, 6000), 1 + i % 12, 'brand ' || (1 + i % 12),
    word(['classical', 'dresses', 'rock', 'pants'], 'ic', i), word(['Books', 'Music', 'Shoes', 'Home', 'Sports'], 'ig', i),
    1 + pick('ig', i, 5), 1 + pick('im', i, 20), 'maker ' || (1 + pick('im', i, 20)),
    word(['red', 'blue', 'navy', 'slate'], 'io', i), word(['small', 'medium', 'large'], 'iz', i), 1 + pick('ih', i, 10)
    FROM range(1, 121) t(i);
INSERT INTO store SELECT i, 'STORE' || i, word(['ought', 'able', 'ese', 'bar'], 'sm', i), word(['Adams', 'Baker'], 'sc', i),
    word(['TN', 'OH', 'GA'], 'st', i), lpad((30000 + i)::VARCHAR, 5, '0'), -5, 200 + pick('se', i, 100),
    word(['Midway', 'Fairview'], 'sy', i) FROM range(1, 9) t(i);
INSERT INTO buyer SELECT i, 'CUST' || lpad(i::VARCHAR, 8, '0'), word(['Ann', 'Bo', 'Cy', 'Di'], 'bf', i),
    word(['Stone', 'Rivers', 'Field'], 'bl', i), word(['Dr.', 'Ms.', 'Mr.'], 'bs', i), word(['Y', 'N'], 'bp', i),
    1930 + pick('by', i, 60), 1 + pick('bm', i, 12), word(['PERU', 'CHAD', 'FIJI'], 'bc', i), 1 + pick('ba', i, 100),
    1 + pick('bd', i, 40), 1 + pick('bh', i, 30) FROM range(1, 201) t(i);
INSERT INTO customer_address SELECT i, word(['TN', 'OH', 'GA', 'CA'], 'as', i), word(['Adams', 'Baker', 'Clark'], 'ac', i),
    word(['Midway', 'Fairview', 'Oakland'], 'ay', i), lpad((30000 + pick('az', i, 12))::VARCHAR, 5, '0'),
    'United States', -5 - pick('ag', i, 2) FROM range(1, 101) t(i);
INSERT INTO customer_demographics SELECT i, (['M', 'F'])[1 + i % 2], (['S', 'M', 'D'])[1 + i % 3],
    (['College', 'Primary', '4 yr Degree', 'Advanced Degree'])[1 + i % 4], 500 * (1 + i % 6), i % 5 FROM range(1, 41) t(i);
INSERT INTO household_demographics SELECT i, (['>10000', '1001-5000', 'Unknown'])[1 + i % 3], i % 8, i % 5
    FROM range(1, 31) t(i);
INSERT INTO promotion SELECT i, (['Y', 'N'])[1 + i % 2], (['Y', 'N', 'N'])[1 + i % 3], (['N', 'Y'])[1 + i % 2]
    FROM range(1, 7) t(i);
INSERT INTO warehouse SELECT i, 'Warehouse number ' || i, (['TN', 'OH', 'GA'])[i], 100000 * i FROM range(1, 4) t(i);
INSERT INTO ship_mode SELECT i, (['EXPRESS', 'OVERNIGHT', 'REGULAR'])[i] FROM range(1, 4) t(i);
INSERT INTO reason SELECT i, 'reason ' || i FROM range(1, 6) t(i);
INSERT INTO inventory SELECT d * 30, i, w, CASE WHEN pick('vq', d * 1000 + i * 5 + w, 20) > 0
    THEN pick('vr', d * 1000 + i * 5 + w, 900) END FROM range(48) a(d), range(1, 121) b(i), range(1, 4) c(w);
INSERT INTO store_sales SELECT CASE WHEN i % 50 > 0 THEN pick('s1', i // 3, 1461) END, pick('s2', i, 1440), 1 + pick('s3', i, 120),
    CASE WHEN i % 40 > 0 THEN 1 + pick('s4', i // 3, 200) END, 1 + pick('s5', i // 3, 40), 1 + pick('s6', i // 3, 30),
    1 + pick('s7', i // 3, 100), CASE WHEN i % 60 > 0 THEN 1 + pick('s8', i // 3, 8) END, 1 + pick('s9', i, 6), i // 3,
    CASE WHEN i % 70 > 0 THEN q END, price * 1.2, price, price * q, money('sd', i, 5000), money('se', i, 90000),
    CASE WHEN i % 5 = 0 THEN money('sg', i, 3000) ELSE 0 END, price * q - 1, price * q - money('se', i, 90000)
    FROM (SELECT i, 1 + pick('sq', i, 60) AS q, 1 + money('sp', i, 12000) AS price FROM range(9000) t(i));
INSERT INTO store_returns SELECT ss_sold_date_sk + 1 + pick('r1', k, 100), ss_item_sk, ss_customer_sk, ss_store_sk,
    1 + pick('r2', k, 5), ss_ticket_number, 1 + pick('r3', k, 10), money('r4', k, 90000), money('r5', k, 40000)
    FROM (SELECT *, ss_ticket_number * 200 + ss_item_sk AS k FROM store_sales) WHERE pick('r0', k, 6) = 0;
INSERT INTO catalog_sales SELECT pick('c1', i // 2, 1461), pick('c1', i // 2, 1461) + 1 + pick('c2', i, 140), 1 + pick('c3', i // 2, 200),
    1 + pick('c4', i // 2, 40), 1 + pick('c5', i, 120), 1 + pick('c6', i, 6), 1 + pick('c7', i, 3), 1 + pick('c8', i, 3), i // 2, q,
    price * 1.1, price, price * q, money('cd', i, 9000), money('ce', i, 2000), price * q - money('cf', i, 90000),
    money('cg', i, 9000) FROM (SELECT i, 1 + pick('cq', i, 60) AS q, 1 + money('cp', i, 12000) AS price FROM range(5000) t(i));
INSERT INTO catalog_returns SELECT cs_order_number, cs_item_sk, money('cr', cs_order_number, 30000) FROM catalog_sales
    WHERE pick('cx', cs_order_number * 200 + cs_item_sk, 5) = 0;
INSERT INTO web_sales SELECT pick('w1', i // 2, 1461), pick('w2', i, 1440), pick('w1', i // 2, 1461) + 1 + pick('w3', i, 140),
    1 + pick('w4', i // 2, 200), 1 + pick('w5', i, 120), 1 + pick('w6', i, 3), 1 + pick('w7', i, 3), 1 + pick('w8', i, 30), i // 2, q,
    price, price * q, money('wd', i, 9000), price * q - 2, price * q - money('we', i, 90000), money('wf', i, 9000)
    FROM (SELECT i, 1 + pick('wq', i, 60) AS q, 1 + money('wp', i, 12000) AS price FROM range(4000) t(i));
INSERT INTO web_returns SELECT ws_order_number, ws_item_sk, 1 + pick('x1', ws_order_number, 9), money('x2', ws_order_number, 50000)
    FROM web_sales WHERE pick('x0', ws_order_number * 200 + ws_item_sk, 5) = 0;
CREATE MACRO mean(total, rows) AS CAST(CAST(CAST(total * 100 AS HUGEINT) // rows AS DECIMAL(36,0)) * 0.01 AS DECIMAL(38,2));
CREATE MACRO quotient(a, b) AS CAST(CAST(CAST(a * 1000000 AS HUGEINT) * 10000 // CAST(b * 1000000 AS HUGEINT) AS DECIMAL(34,0))
    * 0.0001 AS DECIMAL(38,4));
