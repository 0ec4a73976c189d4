import { readFileSync } from 'node:fs';
import Type, { type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { type Document, isMap, isNode, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { isCurrency } from '../money/currency.ts';
import { ConfigFault } from './config-fault.ts';
import { edgeSchema } from './edge-settings.ts';

/** How a shop is laid out over engines and processes, and the settings of the shop itself: a file of `topologies/`. */
export type Topology = Static<ReturnType<typeof topologySchema>>;

const exact = { additionalProperties: false } as const;

/** A schema's `description` completes the sentence "… must be …". */
function topologySchema(serviceNames: readonly string[]) {
  const duration = Type.String({
    pattern: '^[1-9][0-9]{0,5}(ms|s|m|h|d)$',
    description: 'a duration such as 30s, 15m or 2h',
  });
  return Type.Object(
    {
      version: Type.Literal(1, { description: '1' }),
      shop: Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 100, description: 'a text of 1 to 100 characters' }),
          currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'a currency of ISO 4217, such as USD' }),
          taxIncludedBasisPoints: Type.Integer({
            minimum: 0,
            maximum: 10_000,
            description: 'a whole number from 0 to 10000 (2000 is 20 %)',
          }),
          // For canonical links, the sitemap and shared pictures.
          url: Type.Optional(
            Type.String({
              pattern: '^https?://[a-z0-9.-]+(:[0-9]{1,5})?$',
              maxLength: 200,
              description: 'the address of the shop for the world, such as https://shop.example, without a path',
            }),
          ),
          // For `/.well-known/security.txt`.
          securityContact: Type.Optional(
            Type.String({
              pattern: '^(mailto:[^\\s@]+@[^\\s@]+|https://[^\\s]+)$',
              maxLength: 200,
              description: 'an address to write to about a weakness, such as mailto:security@shop.example',
            }),
          ),
          quoteTtl: duration,
          payWithin: duration,
          wall: Type.Optional(Type.Enum(['staff', 'public'], { description: 'staff or public' })),
          demo: Type.Optional(Type.Enum(['on', 'off'], { description: 'on or off' })),
        },
        { ...exact, description: 'a map of settings' },
      ),
      engines: Type.Object(
        { database: Type.Enum(['embedded', 'url'], { description: 'embedded or url' }) },
        { ...exact, description: 'a map of engines' },
      ),
      edge: Type.Optional(edgeSchema()),
      processes: Type.Array(
        Type.Object(
          {
            name: Type.String({
              pattern: '^[a-z][a-z0-9-]{0,31}$',
              description: 'a name of lower case letters, digits and dashes',
            }),
            services: Type.Array(Type.Enum([...serviceNames], { description: `one of ${serviceNames.join(', ')}` }), {
              minItems: 1,
              description: 'a list of one service or more',
            }),
            heapMb: Type.Integer({
              minimum: 96,
              maximum: 65_536,
              description: 'a whole number of megabytes from 96 to 65536',
            }),
          },
          { ...exact, description: 'a map with name, services and heapMb' },
        ),
        // Several processes come with the rpc between them; until then a file that asks for them is refused, not ignored.
        { minItems: 1, maxItems: 1, description: 'a list of one process (this version runs no more)' },
      ),
    },
    { ...exact, description: 'a map' },
  );
}

export function readTopology(file: string, serviceNames: readonly string[]): Topology {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new ConfigFault([`${file}: ${why}. Name a topology with ONRUSH_TOPOLOGY, or unset it to use laptop.yaml.`]);
  }
  return parseTopology(text, file, serviceNames);
}

export function parseTopology(text: string, file: string, serviceNames: readonly string[]): Topology {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new ConfigFault(document.errors.map((error) => `${at(error.pos[0])}: ${error.message}.`));
  }
  const schema = topologySchema(serviceNames);
  const value: unknown = document.toJS();
  const findings = schemaFindings(schema, value);
  if (findings.length === 0) findings.push(...ruleFindings(value as Topology, serviceNames));
  if (findings.length > 0) {
    throw new ConfigFault(findings.map(({ path, key, says }) => `${at(offsetOf(document, path, key))}: ${says}`));
  }
  return value as Topology;
}

interface Finding {
  readonly path: readonly string[];
  /** Point at this key of the map rather than at the map. */
  readonly key?: string;
  readonly says: string;
}

function schemaFindings(schema: TSchema, value: unknown): Finding[] {
  return Value.Errors(schema, value).flatMap((error): Finding[] => {
    const path = error.instancePath.split('/').slice(1);
    const params = error.params as { additionalProperties?: string[]; requiredProperties?: string[] };
    const name = (key: string) => dotted([...path, key]);
    switch (error.keyword) {
      case 'boolean': // says of an unknown key what additionalProperties says better
        return [];
      case 'additionalProperties':
        return (params.additionalProperties ?? []).map((key) => {
          const known = Object.keys((at(schema, error.schemaPath).properties ?? {}) as object);
          return { path, key, says: `${name(key)} is not known; known here: ${known.join(', ')}.` };
        });
      case 'required':
        return (params.requiredProperties ?? []).map((key) => ({ path, says: `${name(key)} is missing.` }));
      default: {
        const found = Value.Pointer.Get(value, error.instancePath);
        const wanted = at(schema, error.schemaPath).description;
        return [
          { path, says: `${dotted(path) || 'the file'} must be ${wanted}, not ${JSON.stringify(found) ?? 'empty'}.` },
        ];
      }
    }
  });
}

/** What no schema can say. */
function ruleFindings(topology: Topology, serviceNames: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  const { currency } = topology.shop;
  if (!isCurrency(currency)) {
    findings.push({
      path: ['shop', 'currency'],
      says: `shop.currency must be a currency of ISO 4217, not "${currency}".`,
    });
  }
  const hosts = new Set<string>();
  topology.processes.forEach(({ services }, process) => {
    services.forEach((service, index) => {
      const path = ['processes', String(process), 'services', String(index)];
      if (hosts.has(service)) findings.push({ path, says: `${service} is hosted twice.` });
      hosts.add(service);
    });
  });
  const homeless = serviceNames.filter((service) => !hosts.has(service));
  if (homeless.length > 0) {
    findings.push({
      path: ['processes'],
      says: `no process hosts ${homeless.join(', ')}; a shop needs every service.`,
    });
  }
  return findings;
}

const dotted = (path: readonly string[]) => path.join('.').replace(/\.(\d+)/g, '[$1]');

/** The part of the schema that an error's `schemaPath` points at. */
function at(schema: TSchema, schemaPath: string): Record<string, unknown> {
  return Value.Pointer.Get(schema, schemaPath.slice(1)) as Record<string, unknown>;
}

function offsetOf(document: Document, path: readonly string[], key: string | undefined): number {
  const node = document.getIn(path.map(asIndex), true);
  if (key !== undefined && isMap(node)) {
    const pair = node.items.find((item: Pair) => isNode(item.key) && String(item.key) === key);
    return (pair?.key as Node | undefined)?.range?.[0] ?? 0;
  }
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

const asIndex = (part: string) => (/^\d+$/.test(part) ? Number(part) : part);
