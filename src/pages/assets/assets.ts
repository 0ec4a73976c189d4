/** Scripts, styles, fonts and icons for browsers, bundled under names that hold a hash of their content. */
export interface Assets {
  /** What a page of this entry loads. */
  entry(name: EntryName): EntryAssets;
  /** The file served as `/assets/<name>`; undefined if there is none. */
  file(name: string): AssetFile | undefined;
  /** Changes with any of the files. */
  readonly version: string;
}

/** One for each kind of live page; all of them load what `storefront` does as well, but `waiting-room`, which is put into its page. */
export const entryNames = ['storefront', 'wall', 'worker', 'solver', 'waiting-room'] as const;
export type EntryName = (typeof entryNames)[number];

export interface EntryAssets {
  readonly script: string;
  readonly styles: readonly string[];
  /** Fonts that the first screen needs. */
  readonly fonts: readonly string[];
}

export interface AssetFile {
  readonly contentType: string;
  readonly identity: Buffer;
  /** Absent where compressing does not pay. */
  readonly brotli?: Buffer;
  readonly gzip?: Buffer;
}
