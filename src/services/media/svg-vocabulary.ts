/** What an uploaded drawing may consist of: the still parts of SVG 1.1 and 2 that reach nothing outside the file. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** No `a`, `image`, `feImage`, `foreignObject`, `script`, and nothing that moves: `set` could write what was not allowed. */
export const svgElements = words(`
  svg g defs symbol use title desc style
  path rect circle ellipse line polyline polygon text tspan textPath
  linearGradient radialGradient stop clipPath mask pattern marker
  filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap
  feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology
  feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence
`);

/** What `<style>` may refer to: nothing that contains drawings, which could contain others without end. */
export const svgGradients = words('linearGradient radialGradient');

/** Say nothing of how it looks; left out with all that is in them. */
export const svgNotes = words('metadata');

/** Words of drawing programs, which browsers do not read; left out as well. */
export const editorNamespaces: readonly string[] = [
  'http://www.inkscape.org/namespaces/inkscape',
  'http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd',
  'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  'http://creativecommons.org/ns#',
  'http://web.resource.org/cc/',
  'http://purl.org/dc/elements/1.1/',
  'http://www.bohemiancoding.com/sketch/ns',
  'http://www.serif.com/',
  'http://www.figma.com/figma/ns',
  'http://vectornator.io',
  'http://ns.adobe.com/',
];

/** Attributes whose values are read as words, never as CSS. */
export const svgTextAttributes = words('id class role lang xml:lang xml:space aria-label aria-labelledby aria-hidden');

export const svgAttributes = words(`
  version baseProfile xmlns viewBox preserveAspectRatio width height x y x1 y1 x2 y2 cx cy r rx ry fx fy fr d points
  pathLength transform transform-origin gradientTransform gradientUnits spreadMethod offset patternTransform patternUnits
  patternContentUnits clipPathUnits maskUnits maskContentUnits mask-type markerHeight markerWidth markerUnits refX refY
  orient startOffset method spacing side textLength lengthAdjust dx dy rotate

  style fill fill-opacity fill-rule stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin
  stroke-miterlimit stroke-opacity stroke-width paint-order vector-effect opacity color color-interpolation
  color-interpolation-filters color-rendering clip-path clip-rule mask filter flood-color flood-opacity lighting-color
  stop-color stop-opacity marker marker-start marker-mid marker-end display visibility overflow clip enable-background
  isolation mix-blend-mode shape-rendering image-rendering text-rendering direction unicode-bidi writing-mode
  alignment-baseline baseline-shift dominant-baseline text-anchor text-decoration letter-spacing word-spacing kerning
  font font-family font-size font-size-adjust font-stretch font-style font-variant font-weight white-space
  glyph-orientation-vertical glyph-orientation-horizontal pointer-events

  filterUnits primitiveUnits in in2 result mode type values tableValues slope intercept amplitude exponent operator k1 k2 k3
  k4 order kernelMatrix divisor bias targetX targetY edgeMode preserveAlpha surfaceScale diffuseConstant
  specularConstant specularExponent kernelUnitLength scale xChannelSelector yChannelSelector azimuth elevation z
  pointsAtX pointsAtY pointsAtZ limitingConeAngle stdDeviation radius baseFrequency numOctaves seed stitchTiles media
`);
