import type { Shell } from '../shell/shell.ts';
import { checkoutText } from './messages.ts';

/** Where in checking out the buyer is. */
export function Steps({ shell, current }: { shell: Shell; current: 'delivery' | 'review' }) {
  const text = checkoutText(shell.locale);
  return (
    <ol class="steps" aria-label={text.steps}>
      <li aria-current={current === 'delivery' ? 'step' : undefined}>{text.stepDelivery}</li>
      <li aria-current={current === 'review' ? 'step' : undefined}>{text.stepReview}</li>
    </ol>
  );
}
