import type { Importance } from '../api/contract.ts';
import { problem } from '../api/problem.ts';
import type { Context } from '../context/context.ts';
import type { Service } from '../context/service.ts';
import { type FeatureSwitch, switchesApi } from './api.ts';
import type { Features } from './features.ts';
import {
  decideRule,
  isOn,
  nextShedding,
  noShedding,
  positionAt,
  type Rule,
  retryAfterS,
  type Shedding,
} from './rule.ts';
import { loadChanges, loadSwitches, type SwitchRow } from './store.ts';
import { type Feature, followRule, setSwitch, switchTopic } from './switches.ts';

export type SwitchesContext = Pick<Context, 'clock' | 'log' | 'metrics' | 'database' | 'events'>;

export interface Switches extends Service<typeof switchesApi>, Features {
  /** Requests that this process has just refused, by importance. */
  hear(shed: Readonly<Record<Importance, number>>): void;
  /** Looks whether a rule wants something; by itself once a second. */
  look(): Promise<void>;
}

const lookMs = 1_000;
// What was missed while the database was away is looked up this often.
const reloadEvery = 10;
const changesMax = 200;
const importances = ['core', 'standard', 'deferrable'] as const;

/** The switches of a process: what the database says, in memory, and the rules that throw them. */
export function createSwitches(ctx: SwitchesContext, features: readonly Feature[]): Switches {
  const { clock, database, log } = ctx;
  const featureBy = new Map(features.map((feature) => [feature.name, feature]));
  let rows = new Map<string, SwitchRow>();
  const shedding: Record<Importance, Shedding> = { core: noShedding, standard: noShedding, deferrable: noShedding };
  const shedNow = new Set<Importance>();
  // When this process last said that a rule's reason lasts.
  const assertedAtMs = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let lookCount = 0;
  let looking: Promise<void> | undefined;
  let loading = Promise.resolve();

  function reload(): Promise<void> {
    // One after the other: of two that overlap, the older answer could come last.
    loading = loading.then(async () => {
      try {
        rows = new Map((await loadSwitches(database)).map((row) => [row.name, row]));
      } catch (error) {
        log.warn({ error }, 'the switches could not be read, so they stay as they were');
      }
    });
    return loading;
  }

  const stopListening = ctx.events.listen({ topics: [switchTopic], hear: () => void reload() });
  ctx.metrics.gauge(
    'onrush_switch_on',
    'Whether a feature works: 1 on, 0 switched off.',
    () => new Map(features.map(({ name }) => [name, isOn(rows.get(name), clock.nowMs()) ? 1 : 0])),
    'feature',
  );

  async function look(): Promise<void> {
    const nowMs = clock.nowMs();
    for (const importance of importances) {
      shedding[importance] = nextShedding(shedding[importance], nowMs, shedNow.delete(importance));
    }
    for (const feature of features) {
      const { rule } = feature;
      if (rule !== undefined) await obey({ ...feature, rule }, nowMs);
    }
  }

  async function obey(feature: Feature & { readonly rule: Rule }, nowMs: number): Promise<void> {
    const { name, rule } = feature;
    const row = rows.get(name);
    if (row !== undefined && positionAt(row, nowMs) !== 'rule') return;
    const wanted = decideRule(rule, shedding[rule.whenShed], nowMs);
    const isThrown = row?.isThrown === true;
    if (wanted === 'keep' || (wanted === 'on' && !isThrown)) return;
    // While it is off the reason is said again now and then, for the other processes.
    const saidMs = nowMs - (assertedAtMs.get(name) ?? Number.NEGATIVE_INFINITY);
    if (wanted === 'off' && isThrown && saidMs >= 0 && saidMs < rule.backAfterMs / 4) return;
    try {
      if (wanted === 'off') assertedAtMs.set(name, nowMs);
      const isChanged = await followRule(ctx, feature, wanted, nowMs);
      if (!isChanged) return;
      log.warn({ feature: name, isOn: wanted === 'on' }, 'a rule moved a switch');
      await reload();
    } catch (error) {
      log.warn({ error, feature: name }, 'a rule could not move a switch');
    }
  }

  function viewOf({ name, summary, rule }: Feature): FeatureSwitch {
    const nowMs = clock.nowMs();
    const row = rows.get(name);
    const untilMs = row?.untilMs !== undefined && row.untilMs > nowMs ? row.untilMs : undefined;
    return {
      name,
      summary,
      isOn: isOn(row, nowMs),
      position: row === undefined ? 'rule' : positionAt(row, nowMs),
      ...(row && { reason: row.reason, changedAtMs: row.changedAtMs }),
      ...(untilMs !== undefined && { untilMs }),
      ...(rule && {
        rule: `off when ${rule.whenShed} requests are refused for ${rule.forMs / 1000} s, on after ${rule.backAfterMs / 1000} s without`,
      }),
    };
  }

  return {
    contract: switchesApi,
    importance: 'core',
    isOn: (name) => isOn(rows.get(name), clock.nowMs()),
    retryAfterS: (name) => retryAfterS(rows.get(name), clock.nowMs()),
    hear(shed) {
      for (const importance of importances) if (shed[importance] > 0) shedNow.add(importance);
    },
    look,
    async start() {
      await reload();
      timer = setInterval(() => {
        lookCount += 1;
        if (lookCount % reloadEvery === 0) void reload();
        looking ??= look().finally(() => {
          looking = undefined;
        });
      }, lookMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      stopListening();
      await looking;
      await loading;
    },
    handlers: {
      async listSwitches() {
        await reload();
        return { status: 200, body: { items: features.map(viewOf) } };
      },
      async putSwitch({ params: { name }, body }) {
        const feature = featureBy.get(name);
        if (feature === undefined) {
          const names = [...featureBy.keys()].join(', ');
          return problem('not-found', { detail: `There is no feature ${name} to switch; there are ${names}.` });
        }
        await setSwitch(ctx, { name, ...body }, 'admin', clock.nowMs());
        log.info({ feature: name, position: body.position }, 'a switch was set by hand');
        await reload();
        return { status: 200, body: viewOf(feature) };
      },
      async listSwitchChanges() {
        const changes = await loadChanges(database, changesMax);
        const items = changes.map(({ changeId: _, isOff, untilMs, ...change }) => ({
          ...change,
          isOn: !isOff,
          ...(untilMs !== null && { untilMs }),
        }));
        return { status: 200, body: { items } };
      },
    },
  };
}
