import { migrate as runMigrations } from '../platform/database/migrate.ts';
import { defineCommand } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import { withDatabase } from './with-database.ts';

export const migrate = defineCommand({
  name: 'migrate',
  summary: "bring the database's schema up to date",
  example: 'npx onrush migrate',
  details: `\`onrush up\` does so by itself; this is for a database that is updated before its shops are. Safe to run twice, at
once from several places, and while the previous version still serves.`,
  options: {
    json: { type: 'boolean', help: 'print the applied migrations as JSON' },
    ...homeOptions,
  },
  async run({ options, config: read, terminal }) {
    const config = read(homeOverrides(options));
    const { migrationSources } = await import('../runtime/migration-sources.ts');
    const applied = await withDatabase(
      config,
      { command: 'migrate', poolMax: 1, statementTimeoutMs: 0, tell: (line) => terminal.say(line) },
      (database) => runMigrations(database, migrationSources),
    );
    const names = applied.map(({ room, name }) => `${room}/${name}`);
    if (options.json) terminal.print(JSON.stringify({ applied: names }));
    else if (names.length === 0) terminal.print('The schema is up to date.');
    else terminal.print(`Applied ${names.length}: ${names.join(', ')}.`);
    return undefined;
  },
});
