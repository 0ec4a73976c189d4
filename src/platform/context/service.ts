import type { Contract, Handlers, Importance } from '../api/contract.ts';
import type { MigrationSource } from '../database/migrate.ts';

/** What the runtime needs to know of a service in order to host it. Events and jobs are registered by its `create…`. */
export interface Service<C extends Contract = Contract> {
  readonly contract: C;
  readonly handlers: Handlers<C>;
  readonly importance: Importance;
  /** Begins background work (lanes, pollers) that is neither an event consumer nor a job. */
  start?(): Promise<void>;
  /** Finishes what was accepted, takes nothing new. */
  stop?(): Promise<void>;
}

export type { MigrationSource };
