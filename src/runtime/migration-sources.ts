import { cdnMigrations } from '../edge/cdn/migrations.ts';
import { waitingRoomMigrations } from '../edge/waiting-room/migrations.ts';
import { pageMigrations } from '../pages/migrations.ts';
import { apiMigrations } from '../platform/api/migrations.ts';
import type { MigrationSource } from '../platform/database/migrate.ts';
import { eventsMigrations } from '../platform/events/migrations.ts';
import { jobsMigrations } from '../platform/jobs/migrations.ts';
import { signingMigrations } from '../platform/signing/migrations.ts';
import { switchesMigrations } from '../platform/switches/migrations.ts';
import { cartMigrations } from '../services/cart/migrations.ts';
import { catalogMigrations } from '../services/catalog/migrations.ts';
import { checkoutMigrations } from '../services/checkout/migrations.ts';
import { mediaMigrations } from '../services/media/migrations.ts';
import { paymentMigrations } from '../services/payment/migrations.ts';
import { promotionMigrations } from '../services/promotion/migrations.ts';
import { pulseMigrations } from '../services/pulse/migrations.ts';
import { stockMigrations } from '../services/stock/migrations.ts';

/** The schema of every room, in the order in which a fresh database gets them. */
export const migrationSources: readonly MigrationSource[] = [
  signingMigrations,
  switchesMigrations,
  apiMigrations,
  eventsMigrations,
  jobsMigrations,
  catalogMigrations,
  stockMigrations,
  promotionMigrations,
  cartMigrations,
  checkoutMigrations,
  paymentMigrations,
  mediaMigrations,
  pageMigrations,
  pulseMigrations,
  cdnMigrations,
  waitingRoomMigrations,
];
