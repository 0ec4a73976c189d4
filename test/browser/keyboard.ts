import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';

const tabsMax = 120;

/** Presses Tab until this has the focus, and makes sure that one sees it there. Fails if it is never reached. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let count = 0; count < tabsMax; count++) {
    if (await hasFocus(target)) return assertFocusIsSeen(page, target);
    await page.keyboard.press('Tab');
  }
  assert.fail(`${target} was not reached by ${tabsMax} presses of Tab on ${page.url()}`);
}

/** Of a group of radio buttons Tab reaches one only; the arrows choose. */
export async function arrowTo(page: Page, target: Locator): Promise<void> {
  const group = page.locator(`input[type="radio"][name="${await target.getAttribute('name')}"]`);
  const choiceCount = await group.count();
  for (let count = 0; count < tabsMax && !(await hasFocus(group)); count++) await page.keyboard.press('Tab');
  for (let count = 0; count < choiceCount && !(await target.isChecked()); count++)
    await page.keyboard.press('ArrowDown');
  // A group whose only choice is not chosen yet.
  if (!(await target.isChecked())) await page.keyboard.press('Space');
  assert(await target.isChecked(), `${target} was chosen with the arrows`);
  await assertFocusIsSeen(page, target);
}

/** Whether one of the elements has the focus. */
function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluateAll((elements) => elements.some((element) => element === document.activeElement));
}

/** What is on the screen with the focus must differ from what is there without: however it is shown, it is shown. */
async function assertFocusIsSeen(page: Page, target: Locator): Promise<void> {
  const box = await target.evaluate(async (element, framesMax) => {
    // A radio button may be drawn by its label.
    const shown = element.closest('label') ?? element;
    const place = () =>
      shown.getBoundingClientRect().toJSON() as { x: number; y: number; width: number; height: number };
    // Tab scrolls in its own time: it is where it stays in view for some frames.
    let box = place();
    for (let stillCount = 0, frame = 0; stillCount < 4 && frame < framesMax; frame++) {
      if (stillCount === 0) element.scrollIntoView({ block: 'center', behavior: 'instant' });
      await new Promise(requestAnimationFrame);
      const now = place();
      const isInView = now.y < innerHeight && now.y + now.height > 0;
      stillCount = isInView && now.x === box.x && now.y === box.y ? stillCount + 1 : 0;
      box = now;
    }
    return box;
  }, 600);
  const marginPx = 8;
  const clip = {
    x: Math.max(0, box.x - marginPx),
    y: Math.max(0, box.y - marginPx),
    width: box.width + 2 * marginPx,
    height: box.height + 2 * marginPx,
  };
  const withFocus = await page.screenshot({ clip, animations: 'disabled' });
  await target.evaluate((element) => (element as HTMLElement).blur());
  let isSeen = false;
  // On a busy machine the picture may be of the frame before.
  for (let taken = 0; !isSeen && taken < picturesMax; taken++) {
    const without = await page.screenshot({ clip, animations: 'disabled' });
    isSeen = await isSeenToDiffer(withFocus, without);
  }
  // Chromium shows a focus set by script as it shows one set by Tab, since Tab was pressed last.
  await target.evaluate((element) => (element as HTMLElement).focus());
  assert(isSeen, `one sees that ${target} has the focus on ${page.url()}`);
}

/** Of a place whose focus is not shown one is as good as another. */
const picturesMax = 5;

/** Levels of 255. What is painted anew may be rounded otherwise, by one level at a corner: nobody sees that. */
const unseenMax = 8;

/** Of two pictures (PNG) of the same size. */
async function isSeenToDiffer(one: Uint8Array, other: Uint8Array): Promise<boolean> {
  const [levels, otherLevels] = await Promise.all([one, other].map((picture) => sharp(picture).raw().toBuffer()));
  assert(levels !== undefined && otherLevels?.length === levels.length, 'both are of the same place');
  return levels.some((level, index) => Math.abs(level - (otherLevels[index] ?? 0)) > unseenMax);
}
