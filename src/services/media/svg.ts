import { isUtf8 } from 'node:buffer';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { objectionToReferences, type SvgNode } from './svg-references.ts';
import { sizeOfSvg } from './svg-size.ts';
import { objectionToCss, referencesInCss } from './svg-style.ts';
import {
  editorNamespaces,
  svgAttributes,
  svgElements,
  svgGradients,
  svgNotes,
  svgTextAttributes,
} from './svg-vocabulary.ts';

export type CleanSvg =
  | {
      readonly kind: 'clean';
      readonly bytes: Buffer;
      readonly width: number;
      readonly height: number;
      readonly hasText: boolean;
    }
  /** One sentence for whoever uploaded it. */
  | { readonly kind: 'refused'; readonly detail: string };

const bytesMax = 1024 * 1024;
const elementsMax = 20_000;
const depthMax = 100;
const svgNamespace = 'http://www.w3.org/2000/svg';
const xlinkNamespace = 'http://www.w3.org/1999/xlink';
const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const localReference = /^\s*#([\w:.-]+)\s*$/;

class Objection extends Error {}

/**
 * A drawing that draws and does nothing else. An SVG is a document: it may run scripts, load files, contain HTML, or be
 * small and cost a browser minutes. What is not known to be harmless is refused, with the name of what was found. The
 * rest is written anew from what was read, so that no reader can find in it what this one did not.
 */
export function cleanSvg(bytes: Uint8Array): CleanSvg {
  if (bytes.length > bytesMax) return refused('An SVG may have 1 MB at most.');
  if (!isUtf8(bytes)) return refused('The SVG is not UTF-8 text.');
  try {
    return clean(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof Objection) return refused(error.message);
    throw error;
  }
}

function refused(detail: string): CleanSvg {
  return { kind: 'refused', detail };
}

function clean(text: string): CleanSvg {
  const out: string[] = [];
  const path: SvgNode[] = [];
  const styles: string[] = [];
  let root: { node: SvgNode; tag: SaxesTagNS } | undefined;
  let elementCount = 0;
  let hasText = false;
  // How deep inside something that is left out.
  let skipping = 0;

  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw new Objection(`The SVG is not well-formed XML: ${sentenceOf(error)}.`);
  });
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) throw new Objection('The SVG is not UTF-8 text.');
  });
  parser.on('doctype', (doctype) => {
    // The one that SVG 1.1 has, which every drawing program wrote; with declarations of its own it is a program.
    if (doctype.includes('[')) throw objectionTo('declarations in its <!DOCTYPE>');
  });
  parser.on('processinginstruction', ({ target }) => {
    throw objectionTo(`<?${target.slice(0, 40)}?>`);
  });
  parser.on('opentag', (tag) => {
    elementCount += 1;
    if (elementCount > elementsMax) throw objectionTo(`more than ${elementsMax.toLocaleString('en')} elements`);
    if (skipping > 0 || isNote(tag)) {
      skipping += 1;
      return;
    }
    if (tag.uri !== svgNamespace || !svgElements.has(tag.local)) {
      throw root === undefined ? new Objection('The file is not an SVG.') : objectionTo(`<${tag.name.slice(0, 40)}>`);
    }
    if (root === undefined && tag.local !== 'svg') throw new Objection('The file is not an SVG.');
    if (path.length >= depthMax) throw objectionTo(`elements nested more than ${depthMax} deep`);
    const { attributes, references, id } = readAttributes(tag);
    const node: SvgNode = { name: tag.local, id, children: [], references };
    path.at(-1)?.children.push(node);
    root ??= { node, tag };
    hasText ||= tag.local === 'text';
    path.push(node);
    const xmlns = root.node === node ? ` xmlns="${svgNamespace}"` : '';
    out.push(`<${tag.local}${xmlns}${attributes}>`);
  });
  parser.on('closetag', () => {
    if (skipping > 0) skipping -= 1;
    else out.push(`</${path.pop()?.name}>`);
  });
  const onText = (content: string) => {
    const parent = path.at(-1);
    if (skipping > 0 || parent === undefined) return;
    if (parent.name === 'style') styles.push(content);
    out.push(escaped(content));
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.write(text).close();

  if (root === undefined) throw new Objection('The file is not an SVG.');
  // All of them together: a word may not be put together from two.
  judgeStyles(styles.join(''), root.node);
  const objection = objectionToReferences(root.node);
  if (objection !== undefined) throw objectionTo(objection);
  const { width, height, viewBox } = root.tag.attributes;
  const size = sizeOfSvg({ width: width?.value, height: height?.value, viewBox: viewBox?.value });
  if (size === undefined) throw new Objection('The SVG does not say how large it is; give it a viewBox.');
  return { kind: 'clean', bytes: Buffer.from(out.join('')), hasText, ...size };
}

function isNote({ uri, local }: SaxesTagNS): boolean {
  return isEditors(uri) || (uri === svgNamespace && svgNotes.has(local));
}

function isEditors(uri: string): boolean {
  return editorNamespaces.some((known) => uri.startsWith(known));
}

/** The attributes that stay, as text; throws for one that must not be there. */
function readAttributes(tag: SaxesTagNS): { attributes: string; references: string[]; id: string | undefined } {
  const references: string[] = [];
  let attributes = '';
  for (const { prefix, local, uri, value } of Object.values(tag.attributes)) {
    const isDeclaration = prefix === 'xmlns' || (prefix === '' && local === 'xmlns');
    if (isDeclaration || isEditors(uri)) continue;
    const place = `${local.slice(0, 40)} on <${tag.local}>`;
    if (/^on/i.test(local)) throw objectionTo(`event handlers (${place})`);
    if (local === 'href' && (uri === '' || uri === xlinkNamespace)) {
      const id = localReference.exec(value)?.[1];
      if (id === undefined) throw objectionTo(`references to anything but an \`#id\` of its own (${place})`);
      references.push(id);
      // SVG 2 reads it without a prefix, as all browsers do.
      if (uri === '' || tag.attributes.href === undefined) attributes += ` href="#${escaped(id)}"`;
      continue;
    }
    // Titles and roles of links, which it has none of.
    if (uri === xlinkNamespace) continue;
    const name = uri === xmlNamespace ? `xml:${local}` : local;
    if (svgTextAttributes.has(name) || (uri === '' && /^data-[\w.-]+$/.test(name))) {
      attributes += ` ${name}="${escaped(value)}"`;
      continue;
    }
    if (uri !== '' || !svgAttributes.has(name)) throw objectionTo(`the attribute ${place}`);
    const objection = objectionToCss(value);
    if (objection !== undefined) throw objectionTo(`${objection} (${place})`);
    references.push(...referencesInCss(value));
    attributes += ` ${name}="${escaped(value)}"`;
  }
  return { attributes, references, id: tag.attributes.id?.value };
}

/** Which elements a rule of `<style>` applies to is not worked out here; so it may refer to what ends by itself. */
function judgeStyles(css: string, root: SvgNode): void {
  const objection = objectionToCss(css);
  if (objection !== undefined) throw objectionTo(objection);
  const wanted = new Set(referencesInCss(css));
  if (wanted.size === 0) return;
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.id !== undefined && wanted.has(node.id) && !svgGradients.has(node.name)) {
      throw objectionTo(
        `references to other than gradients in <style> (#${node.id.slice(0, 40)}); write it as an attribute`,
      );
    }
    pending.push(...node.children);
  }
}

function objectionTo(what: string): Objection {
  return new Objection(`An SVG may not have ${what}.`);
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** saxes says `1:17: unclosed tag: g.` */
function sentenceOf({ message }: Error): string {
  const [, line, column, what = message] = /^(\d+):(\d+): (.*)$/s.exec(message) ?? [];
  const place = line === undefined ? '' : ` at line ${line}, column ${column}`;
  return `${what.replace(/\.$/, '').slice(0, 120)}${place}`;
}
