alter table promotion.sale validate constraint sale_pay_within_positive;
