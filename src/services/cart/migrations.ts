import type { MigrationSource } from '../../platform/database/migrate.ts';

export const cartMigrations: MigrationSource = { room: 'cart', directory: new URL('./schema/', import.meta.url) };
