import type { MigrationSource } from '../database/migrate.ts';

export const signingMigrations: MigrationSource = { room: 'signing', directory: new URL('./schema/', import.meta.url) };
