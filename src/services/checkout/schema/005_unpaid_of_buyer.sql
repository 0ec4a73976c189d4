-- Apart from the columns (003), whose lock keeps out even who reads: while this reads the orders through, only new ones wait.
-- For counting a buyer's unpaid orders before another is placed (store-unpaid.ts, countUnpaid and loadUnpaidOf). Empty in a
-- shop that limits nothing.
create index purchase_order_unpaid_of_buyer on checkout.purchase_order (buyer_id) where state = 'placed' and is_counted;
