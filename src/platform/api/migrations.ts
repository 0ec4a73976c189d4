import type { MigrationSource } from '../database/migrate.ts';

export const apiMigrations: MigrationSource = { room: 'api', directory: new URL('./schema/', import.meta.url) };
