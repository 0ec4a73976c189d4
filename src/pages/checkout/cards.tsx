import type { Shell } from '../shell/shell.ts';
import { checkoutText } from './messages.ts';

/** The cards of the test provider that a person may want to try. Where a real provider charges, its fields stand here. */
const testCards = ['test-ok', 'test-decline', 'test-timeout', 'test-twice'] as const;

/** Undefined for what is no token of a card; the provider knows whether it is one of its own. */
export function parseCard(form: URLSearchParams): string | undefined {
  const card = form.get('card') ?? '';
  return /^[\w-]{1,100}$/.test(card) ? card : undefined;
}

export function CardChoice({ shell, isMissing }: { shell: Shell; isMissing?: boolean | undefined }) {
  const text = checkoutText(shell.locale);
  return (
    <fieldset class="field-group" aria-describedby={isMissing ? 'card-fault' : 'card-hint'}>
      <legend>{text.payment}</legend>
      <p class="soft small field-group__hint" id="card-hint">
        {text.testProvider}
      </p>
      <div class="chips">
        {testCards.map((card, index) => (
          <label key={card} class="chip">
            <input type="radio" name="card" value={card} required checked={index === 0 && !isMissing} />
            <span>{text.cards[card]}</span>
          </label>
        ))}
      </div>
      {isMissing && (
        <p class="field__error" id="card-fault">
          {text.chooseCard}
        </p>
      )}
    </fieldset>
  );
}
