// Who may import whom (docs/architecture.md, rules of the house): cli → runtime → edge, gateway, pages, services → platform → engines.

// Tests and what only they use: a room's testing.ts, platform/testing, testdata folders.
const tests = '(\\.test\\.ts$|/testing\\.ts$|/testing/|/testdata/)';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one thought, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'engines-stand-on-nothing',
      severity: 'error',
      from: { path: '^src/engines/' },
      to: { path: '^src/(?!engines/)' },
    },
    {
      name: 'platform-knows-no-service',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/(cli|runtime|edge|gateway|pages|services)/' },
    },
    {
      name: 'services-see-each-other-by-api-only',
      comment: 'Its tables and decisions are its own. Tests may start the real neighbour.',
      severity: 'error',
      from: { path: '^src/services/([^/]+)/', pathNot: tests },
      to: { path: '^src/services/', pathNot: ['^src/services/$1/', '^src/services/[^/]+/api\\.ts$'] },
    },
    {
      name: 'pages-see-services-by-api-only',
      comment:
        'The storefront shows what services tell, and works the same when they are on another machine. How a picture is shown is known by who makes its sizes.',
      severity: 'error',
      from: { path: '^src/pages/', pathNot: tests },
      to: { path: '^src/services/', pathNot: ['^src/services/[^/]+/api\\.ts$', '^src/services/media/picture\\.ts$'] },
    },
    {
      name: 'edge-stands-before-services',
      comment: 'The edge asks services by their api.ts, knows no page, and its rooms know each other by api.ts only.',
      severity: 'error',
      from: { path: '^src/edge/([^/]+)/', pathNot: tests },
      to: {
        path: '^src/(edge|gateway|pages|services)/',
        pathNot: ['^src/edge/$1/', '^src/(edge|services)/[^/]+/api\\.ts$'],
      },
    },
    {
      name: 'services-know-no-edge',
      comment: 'What stands before a service is given to it, or found out by nobody.',
      severity: 'error',
      from: { path: '^src/services/', pathNot: tests },
      to: { path: '^src/(edge|gateway|pages)/' },
    },
    {
      name: 'pages-see-edge-by-api-only',
      severity: 'error',
      from: { path: '^src/pages/', pathNot: tests },
      to: { path: '^src/(edge|gateway)/', pathNot: '^src/edge/[^/]+/api\\.ts$' },
    },
    {
      name: 'browser-code-runs-in-browsers',
      comment: 'Of the server it knows the types of the API and nothing else; of the pages the few pure files that both sides need.',
      severity: 'error',
      from: { path: '^src/pages/browser/' },
      to: { path: '^src/', pathNot: ['^src/pages/(browser|styles)/', '^src/pages/(sale/clock|product/(choice|stock-level))\\.ts$'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'services-know-nothing-above',
      severity: 'error',
      from: { path: '^src/(edge|gateway|pages|services)/' },
      to: { path: '^src/(cli|runtime)/' },
    },
    {
      name: 'runtime-knows-no-command',
      severity: 'error',
      from: { path: '^src/runtime/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'only-commands-reach-drills',
      comment: 'What runs a shop must not hang on what tests it.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/cli/', tests] },
      to: { path: '^(drills|bench|test|bin)/' },
    },
    {
      name: 'no-test-in-production',
      severity: 'error',
      from: { path: '^(src|bin)/', pathNot: tests },
      to: { path: tests },
    },
    {
      name: 'no-dev-dependency-in-production',
      comment: '`npm start` installs production dependencies only.',
      severity: 'error',
      from: { path: '^(src|bin|drills)/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
