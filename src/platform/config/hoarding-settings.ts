import Type, { type Static } from 'typebox';

const count = (max: number) =>
  Type.Integer({ minimum: 0, maximum: max, description: `a whole number up to ${max} (0: no limit)` });

/** `edge.hoarding` of a topology: how much stock may be held by orders that are not paid. */
export function hoardingSchema() {
  return Type.Object(
    {
      unpaidPerBuyer: Type.Optional(count(1000)),
      unpaidPerNetwork: Type.Optional(count(100_000)),
      unpaidSaleUnitsPerNetwork: Type.Optional(count(1_000_000)),
      unpaidStockPercent: Type.Optional(count(100)),
      unpaidSaleStockPercent: Type.Optional(count(100)),
    },
    {
      additionalProperties: false,
      description:
        'a map of unpaidPerBuyer, unpaidPerNetwork, unpaidSaleUnitsPerNetwork, unpaidStockPercent and unpaidSaleStockPercent',
    },
  );
}

/** 0 is no limit. */
export type HoardingSettings = Required<Static<ReturnType<typeof hoardingSchema>>>;

/**
 * An order of the storefront is paid in the request that places it, or declined and tried again: more than three unpaid ones
 * are nobody's shopping. Behind one address of a mobile network there may be thousands of buyers, but only for the seconds of
 * each payment are their orders unpaid.
 *
 * Of ordinary stock one household may want many: half of what is there is seldom too little, and who wants more orders the rest when
 * the first half is paid. In a sale many want little each: a tenth lets ten buyers of one network pay at once for each hundred units.
 * What all networks of an IPv6 end site may hold follows from these (services/checkout/unpaid.ts).
 */
export const defaultHoarding: HoardingSettings = {
  unpaidPerBuyer: 3,
  unpaidPerNetwork: 100,
  unpaidSaleUnitsPerNetwork: 50,
  unpaidStockPercent: 50,
  unpaidSaleStockPercent: 10,
};
