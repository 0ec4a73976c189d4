/** An element of a drawing, as far as it matters what it draws. */
export interface SvgNode {
  readonly name: string;
  readonly id: string | undefined;
  readonly children: SvgNode[];
  /** Ids that its attributes refer to, each drawn in its place. */
  readonly references: string[];
}

/** Ten times what the largest drawing of a shop has. */
const drawnMax = 50_000;
/** A step of a filter touches every pixel: it takes as long as so many shapes. */
const shapesPerFilterStep = 200;
const depthMax = 200;

/**
 * Ten elements that each draw the next one ten times are ten billion: what a drawing amounts to when each reference is
 * followed must be bounded. Returns what it may not have, undefined if all is well.
 */
export function objectionToReferences(root: SvgNode): string | undefined {
  const byId = new Map<string, SvgNode[]>();
  collectIds(root, byId);
  const known = new Map<SvgNode, number>();
  const open = new Set<SvgNode>();
  let objection: string | undefined;

  function drawnBy(node: SvgNode, depth: number): number {
    const before = known.get(node);
    if (before !== undefined) return before;
    if (open.has(node)) objection ??= 'elements that draw themselves';
    else if (depth > depthMax) objection ??= `references and elements nested more than ${depthMax} deep`;
    if (objection !== undefined) return 0;
    open.add(node);
    let count = node.name.startsWith('fe') ? shapesPerFilterStep : 1;
    for (const child of node.children) count += drawnBy(child, depth + 1);
    for (const id of node.references) for (const target of byId.get(id) ?? []) count += drawnBy(target, depth + 1);
    open.delete(node);
    known.set(node, count);
    if (count > drawnMax) objection ??= `references that make it more than ${drawnMax.toLocaleString('en')} elements`;
    return count;
  }

  drawnBy(root, 0);
  return objection;
}

function collectIds(node: SvgNode, byId: Map<string, SvgNode[]>): void {
  if (node.id !== undefined) byId.set(node.id, [...(byId.get(node.id) ?? []), node]);
  for (const child of node.children) collectIds(child, byId);
}
