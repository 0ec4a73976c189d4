import { type Static, Type } from 'typebox';
import { defineContract } from '../api/contract.ts';
import { InstantMs, strict, text } from '../api/schema.ts';

const Position = Type.Union([Type.Literal('on'), Type.Literal('off'), Type.Literal('rule')], {
  description: '`rule` leaves it to the rule: off while the shop has to refuse work, on again when it is calm.',
});

export const FeatureSwitch = strict(
  {
    name: Type.String(),
    summary: Type.String({ description: 'What visitors miss while it is off.' }),
    isOn: Type.Boolean(),
    position: Position,
    reason: Type.Optional(Type.String()),
    untilMs: Type.Optional({ ...InstantMs, description: 'From then on it is left to the rule.' }),
    changedAtMs: Type.Optional(InstantMs),
    rule: Type.Optional(Type.String({ description: 'When it is switched off by itself.' })),
  },
  { title: 'FeatureSwitch' },
);
export type FeatureSwitch = Static<typeof FeatureSwitch>;

export const SwitchChange = strict(
  {
    name: Type.String(),
    position: Position,
    isOn: Type.Boolean({ description: 'Whether it works after the change.' }),
    who: Type.String({ description: '`admin`, `command line`, or `rule`.' }),
    reason: Type.String(),
    untilMs: Type.Optional(InstantMs),
    changedAtMs: InstantMs,
  },
  { title: 'SwitchChange' },
);
export type SwitchChange = Static<typeof SwitchChange>;

const staff = { scope: 'admin', importance: 'core' } as const;

/** Features that the shop can do without for a while. */
export const switchesApi = defineContract({
  name: 'switches',
  routes: {
    listSwitches: {
      ...staff,
      method: 'GET',
      path: '/v1/admin/switches',
      summary: 'List the features that can be switched off, and how they stand',
      idempotency: 'safe',
      responses: { 200: strict({ items: Type.Array(FeatureSwitch) }) },
    },
    putSwitch: {
      ...staff,
      method: 'PUT',
      path: '/v1/admin/switches/:name',
      summary: 'Switch a feature on or off, or leave it to its rule',
      description: 'Every process of the shop follows within a second.',
      idempotency: 'by-nature',
      params: strict({ name: Type.String({ pattern: '^[a-z][a-z-]{0,39}$' }) }),
      body: strict({ position: Position, reason: text(200, { minLength: 1 }), untilMs: Type.Optional(InstantMs) }),
      responses: { 200: FeatureSwitch },
      problems: ['not-found'],
    },
    listSwitchChanges: {
      ...staff,
      method: 'GET',
      path: '/v1/admin/switches/changes',
      summary: 'List the last 200 changes of switches, the newest first: who, when, why',
      idempotency: 'safe',
      responses: { 200: strict({ items: Type.Array(SwitchChange) }) },
    },
  },
});
