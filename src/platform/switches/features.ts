/** What routes and pages ask before they work for a feature; answered from memory. */
export interface Features {
  isOn(name: string): boolean;
}

export const everythingOn: Features = { isOn: () => true };
