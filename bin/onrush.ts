import { main } from '../src/cli/main.ts';
import { createTerminal } from '../src/cli/terminal.ts';

// Whoever reads us may have had enough (`onrush export | head`): that is no failure. The command hears of it from its own
// writing, if it has more to write, and ends in good order: what it started must be stopped.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await main({
  line: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  terminal: createTerminal(process.stdout, process.stderr),
});
