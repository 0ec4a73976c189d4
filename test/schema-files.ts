import { fileURLToPath } from 'node:url';

/** Where each PostgreSQL schema's dump is checked in. */
export const schemaFiles: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['platform', 'src/platform/database/current.sql'],
    ['events', 'src/platform/events/schema/current.sql'],
    ['jobs', 'src/platform/jobs/schema/current.sql'],
    ['catalog', 'src/services/catalog/schema/current.sql'],
    ['stock', 'src/services/stock/schema/current.sql'],
    ['promotion', 'src/services/promotion/schema/current.sql'],
    ['cart', 'src/services/cart/schema/current.sql'],
    ['checkout', 'src/services/checkout/schema/current.sql'],
    ['media', 'src/services/media/schema/current.sql'],
    ['pulse', 'src/services/pulse/schema/current.sql'],
    ['payment', 'src/services/payment/schema/current.sql'],
    ['waiting_room', 'src/edge/waiting-room/schema/current.sql'],
    ['page', 'src/pages/schema/current.sql'],
    ['cdn', 'src/edge/cdn/schema/current.sql'],
  ].map(([schema, file]) => [schema, fileURLToPath(new URL(`../${file}`, import.meta.url))]),
);
