import type { Page } from 'playwright-core';

export const locales = ['en', 'zh'] as const;
export type Locale = (typeof locales)[number];

/** `/cart` is `/zh/cart` in Chinese. */
export function localPath(locale: Locale, path: string): string {
  return locale === 'en' ? path : `/${locale}${path === '/' ? '' : path}`;
}

/** One kind of page, in one of its states. */
export interface View {
  readonly name: string;
  readonly status?: number;
  /** Brings a visitor who has nothing yet to what this view shows. */
  show(page: Page, locale: Locale, facts: ShopFacts): Promise<void>;
}

/** What there is to show in a shop with the demo catalogue. */
export interface ShopFacts {
  /** The shop's origin. */
  readonly url: string;
  readonly productSlug: string;
  readonly choiceSlug: string;
  readonly soldOutSlug: string;
  /** Not sold before its sale starts. */
  readonly heldSlug: string;
  readonly collectionPath: string;
  /** The ids of sales in each phase. */
  readonly wallPath: string;
  readonly sales: Readonly<Record<SalePhase, string>>;
  /** The ids of waiting rooms in each state. */
  readonly rooms: Readonly<Record<'before' | 'waiting' | 'over', string>>;
}

type SalePhase = 'announced' | 'running' | 'sold-out' | 'over';
