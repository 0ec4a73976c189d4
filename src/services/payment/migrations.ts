import type { MigrationSource } from '../../platform/context/service.ts';

export const paymentMigrations: MigrationSource = {
  room: 'payment',
  directory: new URL('./schema/', import.meta.url),
};
