import { main } from '../src/cli/main.ts';
import { createTerminal } from '../src/cli/terminal.ts';

// Whoever reads us may have had enough (`onrush export | head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main({
  line: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  terminal: createTerminal(process.stdout, process.stderr),
});
