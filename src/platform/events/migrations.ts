import type { MigrationSource } from '../database/migrate.ts';

export const eventsMigrations: MigrationSource = { room: 'events', directory: new URL('./schema/', import.meta.url) };
