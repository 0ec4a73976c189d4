import type { MigrationSource } from '../database/migrate.ts';

export const switchesMigrations: MigrationSource = {
  room: 'switches',
  directory: new URL('./schema/', import.meta.url),
};
