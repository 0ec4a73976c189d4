import type { Signer } from '../../platform/signing/signer.ts';
import { readSubjectToken, subjectToken } from '../../platform/signing/subject-token.ts';
import type { PagesHost } from '../host.ts';
import type { Locale } from '../locale.ts';
import type { PageRequest } from '../site/page-request.ts';
import { challengeText } from './messages.ts';

/** A name that programs like to fill and that no browser remembers an answer for. */
const honeypotName = 'comments';
const stampName = 'stamp';
/** Nobody reads and fills a form of ten fields in less, not even with a browser that fills it for him and a finger on the button. */
const hastyMs = 1_500;

/**
 * A field that people neither see, nor hear, nor reach by the keyboard, and that browsers and password managers are asked to
 * leave alone. What fills it reads the source.
 */
export function Honeypot({ locale }: { locale: Locale }) {
  return (
    <div class="honeypot" aria-hidden="true">
      <label>
        {challengeText(locale).leaveEmpty}
        <input
          type="text"
          name={honeypotName}
          tabindex={-1}
          autocomplete="off"
          data-1p-ignore="true"
          data-lpignore="true"
          data-bwignore="true"
        />
      </label>
    </div>
  );
}

/** When the form was made, signed. For pages that are made for one visitor: a kept page is older than his visit. */
export function Stamp({ value }: { value: string }) {
  return <input type="hidden" name={stampName} value={value} />;
}

export function newStamp(signer: Signer, nowMs: number): string {
  return subjectToken(signer, 'challenge', `stamp-${nowMs}`);
}

/**
 * Tells the door of what looks like a machine, and nothing else: the form is taken as any other. Were it refused, or thrown away
 * behind a friendly answer, a person whose software filled the field would be lied to; what is suspicious works before it orders.
 */
export function noticeForm(
  { ctx }: Pick<PagesHost, 'ctx'>,
  { form, call }: PageRequest,
  { isStamped = false }: { isStamped?: boolean } = {},
): void {
  if ((form.get(honeypotName) ?? '') !== '') ctx.challenge.notice(call, 'honeypot');
  if (!isStamped) return;
  const made = readSubjectToken(ctx.signer, 'challenge', form.get(stampName) ?? '');
  if (made === undefined || !made.startsWith('stamp-')) {
    ctx.challenge.notice(call, 'unstamped');
    return;
  }
  const ageMs = ctx.clock.nowMs() - Number(made.slice('stamp-'.length));
  // A clock that went back makes nobody hasty.
  if (ageMs >= 0 && ageMs < hastyMs) ctx.challenge.notice(call, 'hasty');
}
