import type { Database } from '../database/database.ts';
import type { Events } from '../events/event.ts';
import type { Rule } from './rule.ts';
import { insertChange, restoreSwitch, type Setting, saveSetting, throwSwitch } from './store.ts';

/** A part of the shop that it can do without for a while. */
export interface Feature {
  /** Lower case with dashes; what routes and pages call it. */
  readonly name: string;
  /** What visitors miss while it is off. */
  readonly summary: string;
  readonly rule?: Rule;
}

export const switchTopic = 'switch.changed';

export interface SwitchDeps {
  readonly database: Pick<Database, 'transaction'>;
  readonly events: Pick<Events, 'publish' | 'nudge'>;
}

/** Sets a switch by hand; the change is noted and announced in the same transaction. */
export async function setSwitch(deps: SwitchDeps, setting: Setting, who: string, nowMs: number): Promise<void> {
  await deps.database.transaction(async (tx) => {
    await saveSetting(tx, setting, nowMs);
    const { name, position, reason } = setting;
    const untilMs = setting.untilMs ?? null;
    await insertChange(tx, { name, position, reason, untilMs, who, isOff: position === 'off', changedAtMs: nowMs });
    await deps.events.publish(tx, [announce(name)]);
  });
  deps.events.nudge();
}

/** What a rule found out in this process; of several that find out the same, one changes it. True if it was this one. */
export async function followRule(
  deps: SwitchDeps,
  { name, rule }: Feature & { readonly rule: Rule },
  wanted: 'off' | 'on',
  nowMs: number,
): Promise<boolean> {
  const reason =
    wanted === 'off'
      ? `${rule.whenShed} requests have been refused for ${rule.forMs / 1000} s`
      : `no ${rule.whenShed} request has been refused for ${rule.backAfterMs / 1000} s`;
  const isChanged = await deps.database.transaction(async (tx) => {
    const changed =
      wanted === 'off'
        ? await throwSwitch(tx, name, reason, nowMs)
        : await restoreSwitch(tx, name, reason, { nowMs, calmMs: rule.backAfterMs });
    if (!changed) return false;
    const change = { name, position: 'rule' as const, reason, untilMs: null, who: 'rule', isOff: wanted === 'off' };
    await insertChange(tx, { ...change, changedAtMs: nowMs });
    await deps.events.publish(tx, [announce(name)]);
    return true;
  });
  if (isChanged) deps.events.nudge();
  return isChanged;
}

function announce(name: string) {
  return { topic: switchTopic, key: name, payload: { version: 1, name } };
}
