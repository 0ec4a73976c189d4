// Lets Node run the pages: `node --import ./bin/tsx.mjs …`. Node strips types by itself, but JSX is not erasable, so files
// that end in .tsx are transformed as they are loaded. Nothing is loaded for it until the first of them is.
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !url.endsWith('.tsx')) return nextLoad(url, context);
    const { transformSync } = require('rolldown/utils');
    const file = fileURLToPath(url);
    const { code, errors } = transformSync(file, readFileSync(file, 'utf8'), {
      lang: 'tsx',
      jsx: { runtime: 'automatic', importSource: 'preact' },
      typescript: { onlyRemoveTypeImports: true },
    });
    if (errors.length > 0) throw new SyntaxError(`${file}: ${errors[0].message}`);
    return { format: 'module', source: code, shortCircuit: true };
  },
});
