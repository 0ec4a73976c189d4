import type { MigrationSource } from '../../platform/database/migrate.ts';

export const pulseMigrations: MigrationSource = { room: 'pulse', directory: new URL('./schema/', import.meta.url) };
