/** `low` from here on down: few enough that it may be gone when the order is sent. */
export const lowStock = 5;

export function stockLevel(available: number): 'in-stock' | 'low' | 'none' {
  if (available === 0) return 'none';
  return available <= lowStock ? 'low' : 'in-stock';
}
