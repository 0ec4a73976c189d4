import type { MigrationSource } from '../../platform/database/migrate.ts';

export const waitingRoomMigrations: MigrationSource = {
  room: 'waiting-room',
  directory: new URL('./schema/', import.meta.url),
};
