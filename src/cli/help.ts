import { type Command, exitCodes, type Option } from './command.ts';
import type { Terminal } from './terminal.ts';

export function overview(commands: readonly Command[], version: string, style: Terminal['style']): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  const lines = commands.flatMap(({ name, summary, example }) => [
    `  ${style('bold', name.padEnd(width))}${summary}`,
    `  ${''.padEnd(width)}${style('dim', example)}`,
  ]);
  return [
    `Onrush ${version}: a shop that survives its sale.`,
    '',
    ...lines,
    '',
    'Each command tells more with --help.',
    `Exit codes: ${exitCodes.done} done, ${exitCodes.failed} failed, ${exitCodes.usage} the command line makes no sense, ${exitCodes.refusedSome} done but some rows were refused, ${exitCodes.notRun} a drill could not be run, ${exitCodes.interrupted} interrupted.`,
  ].join('\n');
}

export function helpFor(command: Command, style: Terminal['style']): string {
  const args = (command.args ?? []).map((name) =>
    name.startsWith('[') ? name : `<${name.replace('…', '')}>${name.endsWith('…') ? '…' : ''}`,
  );
  const options: [string, string][] = Object.entries(command.options).map(([name, option]) => [
    optionForm(name, option),
    option.help,
  ]);
  options.push(['-h, --help', 'show this']);
  const width = Math.max(...options.map(([form]) => form.length)) + 2;
  return [
    `onrush ${command.usage ?? [command.name, ...args, '[options]'].join(' ')}`,
    `${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`,
    ...(command.details === undefined ? [] : ['', command.details]),
    '',
    ...options.map(([form, help]) => `  ${style('bold', form.padEnd(width))}${help}`),
    '',
    `For example: ${command.example}`,
  ].join('\n');
}

function optionForm(name: string, { short, value, type }: Option): string {
  const long = type === 'boolean' ? `--${name}` : `--${name} ${value ?? '<value>'}`;
  return short === undefined ? long : `-${short}, ${long}`;
}
