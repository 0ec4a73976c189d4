#!/usr/bin/env node
import { bootstrap } from './bootstrap.mjs';

await bootstrap({ file: 'bin/onrush.ts', args: process.argv.slice(2), dev: false });
