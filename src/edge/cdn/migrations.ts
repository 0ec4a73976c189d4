import type { MigrationSource } from '../../platform/database/migrate.ts';

export const cdnMigrations: MigrationSource = { room: 'cdn', directory: new URL('./schema/', import.meta.url) };
