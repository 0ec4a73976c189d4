import type { ComponentChildren } from 'preact';
import type { DeliveryMethod } from '../../services/cart/api.ts';
import type { ShownCart } from '../cart/load-cart.ts';
import { Honeypot, Stamp } from '../challenge/form-signs.tsx';
import { localPath } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import { ArrowIcon } from '../shell/icons.tsx';
import type { Shell } from '../shell/shell.ts';
import type { Country } from './countries.ts';
import {
  type FieldFault,
  type FieldFaults,
  type FieldName,
  type FieldValues,
  lengthMax,
  requiredFields,
} from './delivery-form.ts';
import { checkoutText } from './messages.ts';
import { checkoutPath } from './review-path.ts';
import { Steps } from './steps.tsx';
import { CartSummary } from './summary.tsx';

export interface CheckoutPage {
  readonly shown: ShownCart;
  readonly values: FieldValues;
  readonly faults: FieldFaults;
  readonly countries: readonly Country[];
  readonly deliveryMethods: readonly DeliveryMethod[];
  /** Names the cart where it is not the one of the visitor's cookie. */
  readonly cartName: string | undefined;
  /** When the form was made (`newStamp`). */
  readonly stamp: string;
}

/** What browsers fill in by themselves (HTML, section 4.10.18.7.1). */
const autocomplete: Partial<Record<FieldName, string>> = {
  email: 'email',
  phone: 'tel',
  name: 'shipping name',
  company: 'shipping organization',
  line1: 'shipping address-line1',
  line2: 'shipping address-line2',
  city: 'shipping address-level2',
  region: 'shipping address-level1',
  postalCode: 'shipping postal-code',
  countryCode: 'shipping country',
};

/** An address as people write it: from the name down in the West, from the country down in China. */
const addressFields = {
  en: ['name', 'line1', 'line2', 'postalCode', 'city', 'region', 'countryCode', 'company'],
  zh: ['countryCode', 'region', 'city', 'line1', 'line2', 'postalCode', 'name', 'company'],
} as const satisfies Record<string, readonly FieldName[]>;

/** Two of these share a row, so each stands next to another in its language's order. */
const halves: Readonly<Record<string, ReadonlySet<FieldName>>> = {
  en: new Set<FieldName>(['postalCode', 'city', 'region', 'countryCode']),
  zh: new Set<FieldName>(['region', 'city', 'postalCode', 'name']),
};

export function renderCheckoutPage(shell: Shell, page: CheckoutPage): string {
  const { locale } = shell;
  const { faults, shown, cartName } = page;
  const text = checkoutText(locale);
  const title = faults.size === 0 ? text.title : `${text.faultTitlePrefix}${text.title}`;
  return renderDocument(
    shell,
    { title, path: checkoutPath(cartName), isPrivate: true },
    <section class="wrap checkout">
      <Steps shell={shell} current="delivery" />
      <h1>{text.title}</h1>
      <div class="checkout__columns">
        <checkout-form>
          <form method="post" action={localPath(locale, '/checkout')} novalidate class="checkout__form">
            {cartName !== undefined && <input type="hidden" name="cart" value={cartName} />}
            <Honeypot locale={locale} />
            <Stamp value={page.stamp} />
            <FaultSummary shell={shell} faults={faults} />
            <FieldGroup legend={text.contact} hint={text.guest}>
              <TextField shell={shell} page={page} name="email" type="email" />
              <TextField shell={shell} page={page} name="phone" type="tel" hint={text.phoneHint} />
            </FieldGroup>
            <FieldGroup legend={text.address}>
              {addressFields[locale].map((name) =>
                name === 'countryCode' ? (
                  <CountryField key={name} shell={shell} page={page} />
                ) : (
                  <TextField key={name} shell={shell} page={page} name={name} />
                ),
              )}
            </FieldGroup>
            <DeliveryChoice shell={shell} page={page} />
            <p class="actions">
              <button class="button button--buoy button--large" type="submit">
                {text.toReview}
                <ArrowIcon />
              </button>
            </p>
          </form>
        </checkout-form>
        <CartSummary shell={shell} shown={shown} />
      </div>
    </section>,
  );
}

/** What is wrong, first: each leads to its field. */
function FaultSummary({ shell, faults }: { shell: Shell; faults: FieldFaults }) {
  if (faults.size === 0) return null;
  const text = checkoutText(shell.locale);
  return (
    <div class="notice notice--bad" role="alert">
      <h2 class="notice__title">{text.faultsTitle(faults.size)}</h2>
      <ul>
        {[...faults].map(([name, fault]) => (
          <li key={name}>
            <a href={`#${name}`}>{faultWords(shell, name, fault)}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function FieldGroup(props: { legend: string; hint?: string; children: ComponentChildren }) {
  return (
    <fieldset class="field-group">
      <legend>{props.legend}</legend>
      {props.hint && <p class="soft small field-group__hint">{props.hint}</p>}
      <div class="field-group__fields">{props.children}</div>
    </fieldset>
  );
}

interface FieldProps {
  readonly shell: Shell;
  readonly page: CheckoutPage;
}

function TextField({
  shell,
  page,
  name,
  type = 'text',
  hint,
}: FieldProps & {
  name: Exclude<FieldName, 'countryCode' | 'deliveryMethod'>;
  type?: 'text' | 'email' | 'tel';
  hint?: string;
}) {
  return (
    <Field shell={shell} page={page} name={name} hint={hint}>
      <input
        class="input"
        // The JSX types tell inputs apart by this; the three are the same to them.
        type={type as 'text'}
        autocapitalize={type === 'email' ? 'none' : undefined}
        spellcheck={false}
        maxlength={lengthMax[name]}
        value={page.values[name]}
        {...controlProps(page, name, hint !== undefined)}
      />
    </Field>
  );
}

function CountryField({ shell, page }: FieldProps) {
  const text = checkoutText(shell.locale);
  const { countryCode } = page.values;
  return (
    <Field shell={shell} page={page} name="countryCode">
      <select class="select" {...controlProps(page, 'countryCode', false)}>
        <option value="" selected={countryCode === ''}>
          {text.chooseCountry}
        </option>
        {page.countries.map(({ code, name }) => (
          <option key={code} value={code} selected={code === countryCode}>
            {name}
          </option>
        ))}
      </select>
    </Field>
  );
}

function Field(props: FieldProps & { name: FieldName; hint?: string | undefined; children: ComponentChildren }) {
  const { shell, page, name, hint } = props;
  const text = checkoutText(shell.locale);
  return (
    <div class={halves[shell.locale]?.has(name) ? 'field field--half' : 'field'}>
      <label for={name}>
        {text.fields[name]}
        {!requiredFields.has(name) && <span class="field__optional"> · {text.optional}</span>}
      </label>
      {props.children}
      {hint !== undefined && (
        <p class="field__hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      <Fault shell={shell} page={page} name={name} />
    </div>
  );
}

function DeliveryChoice({ shell, page }: FieldProps) {
  const text = checkoutText(shell.locale);
  const fault = page.faults.get('deliveryMethod');
  return (
    <fieldset class="field-group" aria-describedby={fault ? 'deliveryMethod-fault' : undefined}>
      <legend>{text.delivery}</legend>
      <div class="choices">
        {page.deliveryMethods.map((method, index) => (
          <label key={method.code} class="choice">
            <input
              type="radio"
              name="deliveryMethod"
              id={index === 0 ? 'deliveryMethod' : undefined}
              value={method.code}
              checked={page.values.deliveryMethod === method.code}
              required
              autofocus={firstFault(page) === 'deliveryMethod' && index === 0}
            />
            <span class="choice__name">{deliveryName(shell, method)}</span>
            <span class="choice__price money">
              {method.amountMinor === 0 ? text.free : shell.format.money(method.amountMinor, method.currency)}
            </span>
          </label>
        ))}
      </div>
      <Fault shell={shell} page={page} name="deliveryMethod" />
    </fieldset>
  );
}

/** A way of delivery in the page's language where it is one of those that every shop begins with, else as staff wrote it. */
export function deliveryName(shell: Shell, { code, title }: Pick<DeliveryMethod, 'code' | 'title'>): string {
  return (shell.locale !== 'en' && checkoutText(shell.locale).deliveryNames[code]) || title;
}

function Fault({ shell, page, name }: FieldProps & { name: FieldName }) {
  const fault = page.faults.get(name);
  if (fault === undefined) return null;
  return (
    <p class="field__error" id={`${name}-fault`}>
      {faultWords(shell, name, fault)}
    </p>
  );
}

/** What every control of the form has: its names, and what describes it. */
function controlProps(page: CheckoutPage, name: FieldName, hasHint: boolean) {
  const isFaulty = page.faults.has(name);
  const describedBy = [hasHint && `${name}-hint`, isFaulty && `${name}-fault`].filter(Boolean).join(' ');
  return {
    id: name,
    name,
    autocomplete: autocomplete[name],
    required: requiredFields.has(name),
    'aria-invalid': isFaulty ? ('true' as const) : undefined,
    'aria-describedby': describedBy || undefined,
    autofocus: firstFault(page) === name,
  };
}

function firstFault({ faults }: CheckoutPage): FieldName | undefined {
  return faults.keys().next().value;
}

function faultWords(shell: Shell, name: FieldName, fault: FieldFault): string {
  const text = checkoutText(shell.locale);
  switch (fault) {
    case 'required':
      return text.required[name];
    case 'email':
      return text.badEmail;
    case 'too-long':
      return text.tooLong(shell.format.number(lengthMax[name] ?? 60));
    case 'unusable':
      return name === 'countryCode' || name === 'deliveryMethod' ? text.badChoice : text.unusable;
  }
}
