import type { MigrationSource } from '../../platform/database/migrate.ts';

export const checkoutMigrations: MigrationSource = {
  room: 'checkout',
  directory: new URL('./schema/', import.meta.url),
};
