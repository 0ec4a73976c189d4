/** What routes and pages ask before they work for a feature; answered from memory. */
export interface Features {
  isOn(name: string): boolean;
  /** After how many seconds it is worth asking again for a feature that is off. */
  retryAfterS(name: string): number;
}

export const everythingOn: Features = { isOn: () => true, retryAfterS: () => 1 };
