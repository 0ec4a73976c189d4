import type { MigrationSource } from '../../platform/database/migrate.ts';

export const stockMigrations: MigrationSource = { room: 'stock', directory: new URL('./schema/', import.meta.url) };
