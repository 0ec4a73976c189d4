import type { Validation } from '../../platform/api/validation.ts';
import { Address, Contact } from '../../services/quote/api.ts';

/** The fields of the delivery form, in the names of the contract. */
export const fieldNames = [
  'email',
  'phone',
  'name',
  'company',
  'line1',
  'line2',
  'city',
  'region',
  'postalCode',
  'countryCode',
  'deliveryMethod',
] as const;
export type FieldName = (typeof fieldNames)[number];
export type FieldValues = Readonly<Record<FieldName, string>>;

export const requiredFields: ReadonlySet<FieldName> = new Set<FieldName>([
  'email',
  'name',
  'line1',
  'city',
  'countryCode',
  'deliveryMethod',
]);

/** As in the contract (quote/api.ts): a browser does not let more be typed. */
export const lengthMax: Partial<Record<FieldName, number>> = {
  email: 254,
  phone: 40,
  name: 200,
  company: 200,
  line1: 300,
  line2: 300,
  city: 200,
  region: 200,
  postalCode: 20,
};

export type FieldFault = 'required' | 'email' | 'too-long' | 'unusable';
export type FieldFaults = ReadonlyMap<FieldName, FieldFault>;

export type DeliveryForm =
  | {
      readonly kind: 'good';
      readonly contact: Contact;
      readonly deliveryAddress: Address;
      readonly deliveryMethod: string;
    }
  | { readonly kind: 'bad'; readonly values: FieldValues; readonly faults: FieldFaults };

/** What of a hostile form is shown again: no more than a field can hold. */
const shownLengthMax = 1000;

/** Reads the form by the contract's own schemas; what they refuse is named by field. */
export function createDeliveryFormReader(validation: Validation) {
  const checkContact = validation.body(Contact);
  const checkAddress = validation.body(Address);

  return function read(
    form: URLSearchParams,
    allowed: { countryCodes: ReadonlySet<string>; deliveryMethods: ReadonlySet<string> },
  ): DeliveryForm {
    const values = valuesOf((name) => form.get(name) ?? '');
    const { email, phone, deliveryMethod, ...address } = filled(values);
    const contact = { email, ...(phone !== undefined && { phone }) };
    const faults = new Map<FieldName, FieldFault>();
    for (const name of fieldNames) {
      const fault = faultOf(name, values[name]);
      if (fault !== undefined) faults.set(name, fault);
    }
    for (const { pointer } of [...(checkContact(contact) ?? []), ...(checkAddress(address) ?? [])]) {
      const name = fieldNames.find((each) => pointer === `/${each}`);
      if (name !== undefined && !faults.has(name)) faults.set(name, name === 'email' ? 'email' : 'unusable');
    }
    if (values.countryCode !== '' && !allowed.countryCodes.has(values.countryCode))
      faults.set('countryCode', 'unusable');
    if (values.deliveryMethod !== '' && !allowed.deliveryMethods.has(values.deliveryMethod)) {
      faults.set('deliveryMethod', 'unusable');
    }
    if (faults.size > 0) return { kind: 'bad', values: shown(values), faults: inOrder(faults) };
    return {
      kind: 'good',
      contact: contact as Contact,
      deliveryAddress: address as Address,
      deliveryMethod: values.deliveryMethod,
    };
  };
}

export function valuesOf(value: (name: FieldName) => string): FieldValues {
  return Object.fromEntries(fieldNames.map((name) => [name, value(name).trim()])) as Record<FieldName, string>;
}

function faultOf(name: FieldName, value: string): FieldFault | undefined {
  if (value === '') return requiredFields.has(name) ? 'required' : undefined;
  // As the contract counts: characters, not code units.
  return [...value].length > (lengthMax[name] ?? 60) ? 'too-long' : undefined;
}

/** Without the fields that were left empty: the contract has them absent. */
function filled(values: FieldValues): Partial<Record<FieldName, string>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

function shown(values: FieldValues): FieldValues {
  return valuesOf((name) => values[name].slice(0, shownLengthMax));
}

function inOrder(faults: FieldFaults): FieldFaults {
  return new Map(fieldNames.flatMap((name) => (faults.has(name) ? [[name, faults.get(name) as FieldFault]] : [])));
}
