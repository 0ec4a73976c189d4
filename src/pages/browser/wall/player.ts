import type { Replay } from '../../../services/pulse/api.ts';
import { type Figures, figuresAt, type Rate, ratesAt } from './figures.ts';

export interface PlayerState {
  readonly step: number;
  readonly isPlaying: boolean;
}

type Show = (figures: Figures, rates: readonly Rate[], state: PlayerState) => void;

/** Plays one sale. Knows no elements: it is told what to do and tells what to show. */
export class Player {
  readonly replay: Replay;
  readonly #show: Show;
  #step: number;
  #speed = 4;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(replay: Replay, show: Show) {
    this.replay = replay;
    this.#show = show;
    // A minute before the opening nothing happens: who comes to see the sale begins shortly before it.
    this.#step = Math.max(0, Math.floor((replay.sale.startsAtMs - replay.startsAtMs) / (replay.stepS * 1000)) - 5);
  }

  get isPlaying(): boolean {
    return this.#timer !== undefined;
  }

  get #lastStep(): number {
    return this.replay.stepCount - 1;
  }

  show(): void {
    const { replay } = this;
    const state = { step: this.#step, isPlaying: this.isPlaying };
    this.#show(figuresAt(replay, this.#step), ratesAt(replay, this.#step), state);
  }

  play(): void {
    if (this.#step >= this.#lastStep) this.#step = 0;
    clearInterval(this.#timer);
    // No faster than a wall can be read and drawn: above that, several steps at a time.
    const everyMs = Math.max(125, (this.replay.stepS * 1000) / this.#speed);
    const stepsEach = Math.max(1, Math.round((everyMs * this.#speed) / (this.replay.stepS * 1000)));
    this.#timer = setInterval(() => {
      this.#step = Math.min(this.#lastStep, this.#step + stepsEach);
      if (this.#step >= this.#lastStep) this.pause();
      else this.show();
    }, everyMs);
    this.show();
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.show();
  }

  toggle(): void {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  seek(step: number): void {
    this.#step = Math.min(this.#lastStep, Math.max(0, Math.round(step)));
    this.show();
  }

  /** By so many seconds of the sale. */
  move(seconds: number): void {
    const steps = seconds / this.replay.stepS;
    this.seek(this.#step + (steps > 0 ? Math.ceil(steps) : Math.floor(steps)));
  }

  set speed(times: number) {
    this.#speed = times;
    if (this.isPlaying) this.play();
  }

  /** Silently: nothing more is shown. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
