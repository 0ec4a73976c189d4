import type { MigrationSource } from '../platform/database/migrate.ts';

export const pageMigrations: MigrationSource = { room: 'page', directory: new URL('./schema/', import.meta.url) };
