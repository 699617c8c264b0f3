/** The columns of `user_log.csv`, in file order; a file without a header row is read by these. */
export const userLogColumns = [
  'user_id',
  'item_id',
  'cat_id',
  'merchant_id',
  'brand_id',
  'month',
  'day',
  'action',
  'age_range',
  'gender',
  'province',
] as const;
