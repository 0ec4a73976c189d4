import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  isOffered,
  type OriginalEnding,
  originalTypes,
  parseMediaFile,
  pictureSources,
  pictureWidths,
  previewUrl,
  widthsOf,
} from './picture.ts';

const id = 'abcdefghijklmnopqrst-_';
const photo = { url: `/media/${id}.jpg`, width: 1000, height: 750, alt: 'A lamp' };

test('a photograph comes as AVIF and WebP in the widths that it has, the last at its own', () => {
  const of = (ending: string) =>
    `/media/${id}-160.${ending} 160w, /media/${id}-320.${ending} 320w, /media/${id}-480.${ending} 480w, ` +
    `/media/${id}-640.${ending} 640w, /media/${id}-960.${ending} 960w, /media/${id}-1280.${ending} 1000w`;
  assert.deepEqual(pictureSources(photo, '50vw'), {
    src: `/media/${id}-960.jpg`,
    width: 1000,
    height: 750,
    alt: 'A lamp',
    sizes: '50vw',
    sources: [
      { type: 'image/avif', srcset: of('avif') },
      { type: 'image/webp', srcset: of('webp') },
    ],
  });
});

test('a thumbnail offers no more than it may need, and always something', () => {
  const srcset = (widthMax: number) => pictureSources(photo, '10rem', { widthMax })?.sources[0]?.srcset;
  assert.equal(srcset(320), `/media/${id}-160.avif 160w, /media/${id}-320.avif 320w`);
  assert.equal(srcset(10), `/media/${id}-160.avif 160w`);
});

test('drawings, animations, pictures of unknown width and foreign ones come as they are', () => {
  const urls = [`/media/${id}.svg`, `/media/${id}.gif`, 'https://example.com/a.jpg?b=http:c'];
  for (const url of urls) {
    assert.deepEqual(pictureSources({ url, width: 10, height: 20 }, '1px'), {
      src: url,
      width: 10,
      height: 20,
      alt: '',
      sizes: '1px',
      sources: [],
    });
  }
  assert.deepEqual(pictureSources({ url: photo.url }, '1px')?.sources, []);
});

test('a foreign picture comes by https: pages let no other in', () => {
  for (const url of ['http://example.com/a.jpg?b=http://c', 'HTTP://example.com/a.jpg?b=http://c']) {
    assert.equal(pictureSources({ url }, '1px')?.src, 'https://example.com/a.jpg?b=http://c');
    assert.equal(previewUrl(url), 'https://example.com/a.jpg?b=http://c');
  }
});

test('the preview of a link has every picture of ours as a JPEG', () => {
  for (const ending of Object.keys(originalTypes) as OriginalEnding[]) {
    assert.equal(previewUrl(`/media/${id}.${ending}`), `/media/${id}-1280.jpg`);
    for (const width of [1, 500, 9000]) assert(isOffered({ width, ending }, 1280, 'jpg'));
  }
});

test('what no page names is not made, whoever asks', () => {
  const small = { width: 1500, ending: 'jpg' } as const;
  assert(isOffered(small, 960, 'jpg') && !isOffered(small, 1600, 'jpg'));
  assert(isOffered(small, 1600, 'avif') && !isOffered(small, 1920, 'avif'));
  assert(!isOffered({ width: 2000, ending: 'png' }, 640, 'jpg'));
  for (const ending of ['svg', 'gif'] as const) assert(!isOffered({ width: 2000, ending }, 640, 'webp'));
});

test('a URL that no picture should have gives none', () => {
  const urls = ['javascript:alert(1)', 'data:image/png;base64,AA', '//example.com/a.jpg', '/media/short.jpg', '/a.png'];
  for (const url of [...urls, `/media/${id}.html`, `/media/../${id}.jpg`, '', 'https://', `x/media/${id}.jpg`]) {
    assert.equal(pictureSources({ url, width: 100 }, '1px'), undefined, url);
    assert.equal(previewUrl(url), undefined, url);
  }
});

test('whatever a page offers is a file that can be asked for', () => {
  const endings = fc.constantFrom(...(Object.keys(originalTypes) as OriginalEnding[]));
  fc.assert(
    fc.property(
      endings,
      fc.integer({ min: 1, max: 16_000 }),
      fc.integer({ min: 1, max: 3000 }),
      (ending, width, widthMax) => {
        const shown = pictureSources({ url: `/media/${id}.${ending}`, width }, '1px', { widthMax });
        assert(shown !== undefined);
        const srcsets = shown.sources.flatMap(({ srcset }) => srcset.split(', ').map((each) => each.split(' ')));
        for (const [url = '', descriptor] of [...srcsets, [shown.src, '1w']]) {
          const file = parseMediaFile(url.slice('/media/'.length));
          assert(file !== undefined, url);
          if (file.kind === 'derived') assert(isOffered({ width, ending }, file.width, file.ending), url);
          assert(Number.parseInt(descriptor ?? '', 10) <= width);
        }
        assert.equal(
          new Set(srcsets.map(([, descriptor]) => descriptor)).size,
          srcsets.length / (shown.sources.length || 1),
        );
      },
    ),
  );
});

test('a photograph has the widths up to the first that is not smaller; a drawing has none of them', () => {
  const cases: [number, number[]][] = [
    [1, [160]],
    [160, [160]],
    [161, [160, 320]],
    [1280, [160, 320, 480, 640, 960, 1280]],
    [4000, [...pictureWidths]],
  ];
  for (const [width, widths] of cases) assert.deepEqual(widthsOf({ width, ending: 'png' }), widths);
  assert.deepEqual(widthsOf({ width: 10, ending: 'svg' }), []);
});

test('a name that is no media file is none, whatever it tries', () => {
  assert.deepEqual(parseMediaFile(`${id}.svg`), { kind: 'original', mediaId: id, ending: 'svg' });
  assert.deepEqual(parseMediaFile(`${id}-640.webp`), { kind: 'derived', mediaId: id, ending: 'webp', width: 640 });
  const wrong = [
    `${id}-641.webp`,
    `${id}-0640.webp`,
    `${id}-640.gif`,
    `${id}-640.svg`,
    `${id}-640.png`,
    `${id}`,
    `${id}.exe`,
    `${id}.JPG`,
  ];
  const tricks = [`../${id}.jpg`, `${id}.jpg/..`, `${id}.jpg\0`, `${id}.jpg\n`, `.${id}.jpg`, `${id}.constructor`, ''];
  for (const file of [...wrong, ...tricks]) assert.equal(parseMediaFile(file), undefined, JSON.stringify(file));
});
