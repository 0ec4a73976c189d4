import type { MigrationSource } from '../../platform/database/migrate.ts';

export const mediaMigrations: MigrationSource = { room: 'media', directory: new URL('./schema/', import.meta.url) };
