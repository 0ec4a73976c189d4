import type { Challenge, Purpose, TimeLock } from '../../edge/challenge/api.ts';
import { type ProblemReply, problemSlug } from '../../platform/api/problem.ts';
import type { PagesHost } from '../host.ts';
import { localPath } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import type { Shell } from '../shell/shell.ts';
import type { PageReply, PageRequest } from '../site/page-request.ts';
import { challengeText } from './messages.ts';

/** The request that is to be sent again with the solution, in the field `challenge`. */
export interface Resend {
  readonly method: 'get' | 'post';
  /** Without the locale. */
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface AskedAgain {
  readonly purpose: Purpose;
  readonly subject?: string;
  /** The problem `challenge-required` that a service answered. */
  readonly reply: ProblemReply;
  readonly resend: Resend;
}

/** What a form sends that would rather wait. */
const wantsToWait = 'wait';

/** Whether this problem is for the page below. */
export function isChallenge(reply: ProblemReply): boolean {
  return problemSlug(reply) === 'challenge-required';
}

/** The solution that a form or a link brings; undefined where it brings none. */
export function solutionOf({ form, query }: Pick<PageRequest, 'form' | 'query'>): string | undefined {
  const given = form.get('challenge') ?? query.get('challenge') ?? '';
  return given === '' || given === wantsToWait ? undefined : given;
}

/** The call with the solution that the visitor's form brought, for the service that asked for it. */
export function withSolution(
  { requestId, traceparent, deadlineAtMs, clientPrefix, suspicion, challengeSolution }: PageRequest['call'],
  solution: string | undefined = challengeSolution,
) {
  return {
    requestId,
    traceparent,
    deadlineAtMs,
    ...(clientPrefix !== undefined && { clientPrefix }),
    ...(suspicion !== undefined && { suspicion }),
    ...(solution !== undefined && { challengeSolution: solution }),
  };
}

/**
 * The page in between: with a script the device works and the request goes out again by itself; without one the visitor may
 * wait, for which the page holds a lock whose time has to come.
 */
export async function challengePage(host: PagesHost, request: PageRequest, asked: AskedAgain): Promise<PageReply> {
  const { locale, call, form, query } = request;
  const { resend, reply } = asked;
  const shell = await host.shell(locale);
  const given = form.get('challenge') ?? query.get('challenge') ?? '';
  // Pressed too early, it is still the same lock.
  const kept = reply.problem.reason === 'early' ? host.ctx.challenge.kept(given) : undefined;
  if (kept === undefined && given !== wantsToWait) {
    return page(
      shell,
      resend,
      <Puzzle shell={shell} resend={resend} challenge={reply.problem.challenge as Challenge} />,
    );
  }
  const { purpose, subject } = asked;
  const lock = kept ?? host.ctx.challenge.lock({ purpose, call, ...(subject !== undefined && { subject }) });
  if (lock === undefined) return page(shell, resend, <TooMany shell={shell} resend={resend} />);
  const waitS = Math.max(1, Math.ceil((lock.opensAtMs - host.ctx.clock.nowMs()) / 1000));
  return page(shell, resend, <Wait shell={shell} resend={resend} lock={lock} waitS={waitS} />, {
    // A form that posts cannot be sent by a refresh.
    ...(resend.method === 'get' && { refreshS: waitS, refreshTo: linkTo(shell, resend, lock.token) }),
  });
}

function page(
  shell: Shell,
  { path }: Resend,
  body: ReturnType<typeof Puzzle>,
  refresh: { refreshS?: number; refreshTo?: string } = {},
): PageReply {
  const { title } = challengeText(shell.locale);
  return { kind: 'page', status: 428, html: renderDocument(shell, { title, path, isPrivate: true, ...refresh }, body) };
}

function Puzzle({ shell, resend, challenge }: { shell: Shell; resend: Resend; challenge: Challenge }) {
  const text = challengeText(shell.locale);
  return (
    <section class="message-page">
      <h1>{text.title}</h1>
      <p class="lead">{text.says}</p>
      <pow-challenge
        class="pow"
        data-challenge={JSON.stringify(challenge)}
        data-solver={shell.assets.entry('solver').script}
        data-done={text.done}
        data-failed={text.failed}
      >
        <form method={resend.method} action={localPath(shell.locale, resend.path)}>
          <Fields resend={resend} />
          <div class="pow__work" hidden>
            <p class="lead pow__works">{text.works}</p>
            <progress class="pow__bar" max={1} value={0} aria-label={text.progress} />
            <output class="pow__said">{text.working}</output>
            <p class="soft pow__works">{text.nothingSent}</p>
          </div>
          <div class="pow__wait" hidden>
            <WaitButton text={text} />
          </div>
          <noscript>
            <p class="lead">{text.noScript}</p>
            <WaitButton text={text} />
          </noscript>
        </form>
      </pow-challenge>
    </section>
  );
}

function WaitButton({ text }: { text: ReturnType<typeof challengeText> }) {
  return (
    <p class="actions">
      <button class="button" type="submit" name="challenge" value={wantsToWait}>
        {text.wait}
      </button>
    </p>
  );
}

function Wait({ shell, resend, lock, waitS }: { shell: Shell; resend: Resend; lock: TimeLock; waitS: number }) {
  const text = challengeText(shell.locale);
  return (
    <section class="message-page">
      <h1>{text.lockTitle}</h1>
      <p class="lead">{text.lock(shell.format.number(waitS))}</p>
      <pow-challenge class="pow" data-wait-s={waitS}>
        <form method={resend.method} action={localPath(shell.locale, resend.path)}>
          <Fields resend={resend} />
          <input type="hidden" name="challenge" value={lock.token} />
          <p>{resend.method === 'get' ? text.lockByItself : text.lockPress}</p>
          <p class="actions">
            <button class="button" type="submit">
              {text.goOn}
            </button>
          </p>
        </form>
      </pow-challenge>
    </section>
  );
}

function TooMany({ shell, resend }: { shell: Shell; resend: Resend }) {
  const text = challengeText(shell.locale);
  return (
    <section class="message-page">
      <h1>{text.tooMany}</h1>
      <p class="lead">{text.tooManySays}</p>
      <form method={resend.method} action={localPath(shell.locale, resend.path)}>
        <Fields resend={resend} />
        <p class="actions">
          <button class="button" type="submit">
            {text.again}
          </button>
        </p>
      </form>
    </section>
  );
}

function Fields({ resend }: { resend: Resend }) {
  return (
    <>
      {Object.entries(resend.fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

function linkTo(shell: Shell, { path, fields }: Resend, token: string): string {
  return `${localPath(shell.locale, path)}?${new URLSearchParams({ ...fields, challenge: token })}`;
}
