import type { Database } from '../src/platform/database/database.ts';
import { sql } from '../src/platform/database/sql.ts';

/**
 * One PostgreSQL schema as SQL, in a stable order: what the migrations together have made. For reading, and for seeing in a
 * review what a migration changes; a database is built from the migrations, never from this.
 */
export async function dumpSchema(database: Database, schema: string): Promise<string> {
  const [tables, constraints, indexes, functions, triggers, views] = [
    await loadColumns(database, schema),
    await loadConstraints(database, schema),
    await loadIndexes(database, schema),
    await loadFunctions(database, schema),
    await loadTriggers(database, schema),
    await loadViews(database, schema),
  ];
  const parts = [
    `-- The schema \`${schema}\` as its migrations have made it. Written by \`npm run schema\`; do not edit.`,
  ];
  for (const [table, columns] of Map.groupBy(tables, (column) => column.table)) {
    const lines = columns.map(({ name, type, isNotNull, defaultText, identity, generated }) => {
      const isGenerated = generated !== '';
      const suffixes = [
        isNotNull && 'not null',
        defaultText !== null && !isGenerated && `default ${defaultText}`,
        isGenerated && `generated always as (${defaultText}) stored`,
        identity !== '' && `generated ${identity === 'a' ? 'always' : 'by default'} as identity`,
      ];
      return `  ${[name, type, ...suffixes.filter(Boolean)].join(' ')}`;
    });
    const ofTable = constraints.filter((constraint) => constraint.table === table);
    lines.push(...ofTable.map((constraint) => `  constraint ${constraint.name} ${constraint.definition}`));
    parts.push(`create table ${schema}.${table} (\n${lines.join(',\n')}\n);`);
    parts.push(...indexes.filter((index) => index.table === table).map((index) => `${index.definition};`));
  }
  parts.push(...views.map(({ name, definition }) => `create view ${schema}.${name} as\n${definition.trim()}`));
  parts.push(...functions.map(({ definition }) => `${definition.trim()};`));
  parts.push(...triggers.map(({ definition }) => `${definition};`));
  return `${parts.join('\n\n')}\n`;
}

async function loadColumns(database: Database, schema: string) {
  const { rows } = await sql<{
    table: string;
    name: string;
    type: string;
    isNotNull: boolean;
    defaultText: string | null;
    identity: string;
    generated: string;
  }>`
    select relation.relname as "table", attribute.attname as name,
           format_type(attribute.atttypid, attribute.atttypmod) as type, attribute.attnotnull as "isNotNull",
           pg_get_expr(adbin, adrelid) as "defaultText", attribute.attidentity::text as identity,
           attribute.attgenerated::text as generated
      from pg_class as relation
      join pg_attribute as attribute on attribute.attrelid = relation.oid
      left join pg_attrdef on adrelid = relation.oid and adnum = attribute.attnum
     where relation.relnamespace = to_regnamespace(${schema}::text)
       and relation.relkind in ('r', 'p')
       and attribute.attnum > 0
       and not attribute.attisdropped
     order by relation.relname, attribute.attnum`.execute(database);
  return rows;
}

async function loadConstraints(database: Database, schema: string) {
  const { rows } = await sql<{ table: string; name: string; definition: string }>`
    select relation.relname as "table", conname as name, pg_get_constraintdef(pg_constraint.oid) as definition
      from pg_constraint
      join pg_class as relation on relation.oid = conrelid
     where connamespace = to_regnamespace(${schema}::text)
       and contype <> 'n'
     order by relation.relname, contype desc, conname`.execute(database);
  return rows;
}

async function loadIndexes(database: Database, schema: string) {
  const { rows } = await sql<{ table: string; definition: string }>`
    select tablename as "table", indexdef as definition
      from pg_indexes
     where schemaname = ${schema}::text
       and not exists (select from pg_constraint where conname = indexname and connamespace = to_regnamespace(${schema}::text))
     order by tablename, indexname`.execute(database);
  return rows;
}

async function loadFunctions(database: Database, schema: string) {
  const { rows } = await sql<{ definition: string }>`
    select pg_get_functiondef(oid) as definition
      from pg_proc
     where pronamespace = to_regnamespace(${schema}::text)
     order by proname, oid`.execute(database);
  return rows;
}

async function loadTriggers(database: Database, schema: string) {
  const { rows } = await sql<{ definition: string }>`
    select pg_get_triggerdef(pg_trigger.oid) as definition
      from pg_trigger
      join pg_class as relation on relation.oid = tgrelid
     where relation.relnamespace = to_regnamespace(${schema}::text)
       and not tgisinternal
     order by relation.relname, tgname`.execute(database);
  return rows;
}

async function loadViews(database: Database, schema: string) {
  const { rows } = await sql<{ name: string; definition: string }>`
    select viewname as name, definition
      from pg_views
     where schemaname = ${schema}::text
     order by viewname`.execute(database);
  return rows;
}
