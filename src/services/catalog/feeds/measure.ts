const gramsPer = { mg: 0.001, g: 1, kg: 1000, t: 1_000_000, oz: 28.349523125, lb: 453.59237 } as const;
const metresPer = { mm: 0.001, cm: 0.01, m: 1, in: 0.0254, ft: 0.3048 } as const;

export type WeightUnit = keyof typeof gramsPer;
export type LengthUnit = keyof typeof metresPer;
export type Unit = WeightUnit | LengthUnit;

export const weightUnits = Object.keys(gramsPer) as WeightUnit[];
export const units = [...weightUnits, ...(Object.keys(metresPer) as LengthUnit[])];

const spellings: Readonly<Record<string, Unit>> = {
  gram: 'g',
  grams: 'g',
  gr: 'g',
  kilogram: 'kg',
  kilograms: 'kg',
  kgs: 'kg',
  ounce: 'oz',
  ounces: 'oz',
  lbs: 'lb',
  pound: 'lb',
  pounds: 'lb',
  inch: 'in',
  inches: 'in',
  '"': 'in',
  foot: 'ft',
  feet: 'ft',
  millimetre: 'mm',
  centimetre: 'cm',
  metre: 'm',
};

/** The unit as feeds write it; undefined for what is none. */
export function parseUnit(text: string): Unit | undefined {
  const word = text.trim().toLowerCase().replace(/\.$/, '');
  const unit = spellings[word] ?? word;
  return units.includes(unit as Unit) ? (unit as Unit) : undefined;
}

export function isWeightUnit(unit: Unit): unit is WeightUnit {
  return unit in gramsPer;
}

/** Whole grams, as the catalogue keeps weights. */
export function grams(amount: number, unit: WeightUnit): number {
  return Math.round(amount * gramsPer[unit]);
}

/** From one unit to another of the same kind, to 12 digits: what is beyond them comes from binary fractions. */
export function convert(amount: number, from: Unit, to: Unit): number | undefined {
  const factors: Readonly<Record<string, number>> = isWeightUnit(from) ? gramsPer : metresPer;
  const [divisor, factor] = [factors[to], factors[from]];
  if (divisor === undefined || factor === undefined) return undefined;
  return Number(((amount * factor) / divisor).toPrecision(12));
}

/** A number as people write it: `1234.5`, `1,234.5`, `-3`; with `decimalComma` also `1.234,5`. Undefined for what is none. */
export function parseDecimal(text: string, decimalComma = false): number | undefined {
  const plain = withDecimalPoint(text.trim(), decimalComma);
  if (!/^[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?$/.test(plain) || !/\d/.test(plain)) return undefined;
  const number = Number(plain.replaceAll(',', ''));
  return Number.isFinite(number) ? number : undefined;
}

/** `1.234,50` as `1,234.50`. */
export function withDecimalPoint(text: string, decimalComma: boolean): string {
  return decimalComma ? text.replace(/[.,]/g, (mark) => (mark === ',' ? '.' : ',')) : text;
}
