import type { Challenge } from '../../edge/challenge/api.ts';
import type { SolverNews, SolverTask } from './solver.ts';

// A phone with more cores has slow ones among them, and the page must not stutter.
const solversMax = 4;

/**
 * Works on the puzzle of its page in the background and sends the form on with the solution. On a page that waits it sends the form when
 * the time has come.
 */
export class PowChallenge extends HTMLElement {
  #solvers: Worker[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    const { challenge, waitS } = this.dataset;
    if (waitS !== undefined) this.#timer = setTimeout(() => this.#send(), Number(waitS) * 1000 + 200);
    if (challenge !== undefined) this.#work(JSON.parse(challenge) as Challenge);
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
    this.#stop();
  }

  #work(challenge: Challenge): void {
    const work = this.querySelector<HTMLElement>('.pow__work');
    const bar = this.querySelector('progress');
    const { solver } = this.dataset;
    // Without a secure context there is no WebCrypto.
    if (crypto.subtle === undefined || solver === undefined) {
      this.#fail();
      return;
    }
    if (work !== null) work.hidden = false;
    const counterMax = Number(challenge.parameters.data?.counterMax);
    const count = Math.max(1, Math.min(solversMax, navigator.hardwareConcurrency ?? 1));
    for (let index = 0; index < count; index++) {
      const worker = new Worker(solver, { type: 'module' });
      worker.addEventListener('message', ({ data }: MessageEvent<SolverNews>) => {
        if (data.kind === 'solved') this.#solved(challenge, data);
        else if (data.kind === 'failed') this.#fail();
        else if (bar !== null) bar.value = Math.max(bar.value, Math.min(1, data.counter / counterMax));
      });
      worker.addEventListener('error', () => this.#fail());
      worker.postMessage({ challenge, from: index, step: count } satisfies SolverTask);
      this.#solvers.push(worker);
    }
  }

  #solved(challenge: Challenge, { counter, derivedKey }: SolverNews & { kind: 'solved' }): void {
    if (this.#solvers.length === 0) return;
    this.#stop();
    const bar = this.querySelector('progress');
    if (bar !== null) bar.value = 1;
    this.#say(this.dataset.done);
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = 'challenge';
    field.value = btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
    this.querySelector('form')?.append(field);
    this.#send();
  }

  #fail(): void {
    this.#stop();
    this.#say(this.dataset.failed);
    const work = this.querySelector<HTMLElement>('.pow__work');
    const wait = this.querySelector<HTMLElement>('.pow__wait');
    if (work !== null) work.hidden = false;
    for (const said of this.querySelectorAll<HTMLElement>('.pow__works')) said.hidden = true;
    if (wait !== null) wait.hidden = false;
  }

  #say(words: string | undefined): void {
    const said = this.querySelector('output');
    if (said !== null) said.textContent = words ?? '';
  }

  #send(): void {
    this.querySelector('form')?.submit();
  }

  #stop(): void {
    for (const worker of this.#solvers) worker.terminate();
    this.#solvers = [];
  }
}
