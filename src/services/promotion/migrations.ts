import type { MigrationSource } from '../../platform/database/migrate.ts';

export const promotionMigrations: MigrationSource = {
  room: 'promotion',
  directory: new URL('./schema/', import.meta.url),
};
