import type { MigrationSource } from '../platform/database/migrate.ts';

export const gatewayMigrations: MigrationSource = { room: 'gateway', directory: new URL('./schema/', import.meta.url) };
