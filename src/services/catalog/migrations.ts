import type { MigrationSource } from '../../platform/database/migrate.ts';

export const catalogMigrations: MigrationSource = { room: 'catalog', directory: new URL('./schema/', import.meta.url) };
