import type { Call } from '../../platform/api/contract.ts';
import { isProblem } from '../../platform/api/problem.ts';
import type { PagesHost } from '../host.ts';
import { chosenVariant } from './variant-view.ts';

const slugForm = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const slugLengthMax = 200;

/**
 * The form of a product's page says a choice of options; what is bought is a variant. Returns the form with the `variantId`
 * that the choice means, or as it is where it already has one or means none.
 */
export async function withChosenVariant(host: PagesHost, form: URLSearchParams, call: Call): Promise<URLSearchParams> {
  const slug = form.get('slug') ?? '';
  if (form.has('variantId') || slug.length > slugLengthMax || !slugForm.test(slug)) return form;
  const reply = await host.peers.catalog.getProduct({ params: { slug } }, call);
  if (isProblem(reply)) return form;
  const { variants, optionNames } = reply.body;
  const chosen = optionNames.map((_, index) => form.get(`option-${index}`));
  const variant = chosenVariant(variants, optionNames, chosen);
  if (variant === undefined) return form;
  const whole = new URLSearchParams(form);
  whole.set('variantId', variant.variantId);
  return whole;
}
