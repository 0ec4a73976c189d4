import sharp, { type Sharp } from 'sharp';

/** A photograph of a kind: smooth, with noise and edges, the same every time. Of one `seed` no two sizes are alike. */
export async function testPhoto({
  width = 1500,
  height = 1000,
  seed = 1,
  orientation = 1,
}: Partial<Record<'width' | 'height' | 'seed' | 'orientation', number>> = {}): Promise<Sharp> {
  const pixels = Buffer.alloc(width * height * 3);
  let noise = seed;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      noise = (noise * 1_103_515_245 + 12_345) % 2_147_483_648;
      const at = (y * width + x) * 3;
      pixels[at] = 128 + 90 * Math.sin(x / 90 + y / 200) + (noise >> 26);
      pixels[at + 1] = 128 + 90 * Math.sin(y / 70) * Math.cos(x / 333) + (noise >> 26);
      pixels[at + 2] = x > width / 2 && y > height / 2 ? 220 : 40;
    }
  }
  const photo = sharp(pixels, { raw: { width, height, channels: 3 } });
  // What cameras write, their place among it.
  return photo.withExif({ IFD0: { Make: 'A camera' }, IFD3: { GPSLatitudeRef: 'N' } }).withMetadata({ orientation });
}

export const drawing = (inside: string, attributes = 'viewBox="0 0 400 300"') =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inside}</svg>`;

export const circle = '<circle cx="200" cy="150" r="100" fill="tomato"/>';
