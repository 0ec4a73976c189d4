import { setTimeout } from 'node:timers/promises';
import type { Room, RoomInput } from '../edge/waiting-room/api.ts';
import { succeeded } from '../platform/api/peer.ts';
import { isProblem } from '../platform/api/problem.ts';
import { isUuid, newId, randomBucket } from '../platform/database/id.ts';
import type { Services } from '../runtime/services.ts';
import { defineCommand, exitCodes, UsageError } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import { table } from './table.ts';

const actions = ['list', 'put', 'open', 'close', 'delete'] as const;
const ways = ['schedule', 'load', 'hand'] as const;

export const room = defineCommand({
  name: 'room',
  summary: 'set up a waiting room before a sale or the whole shop, open, close or delete it, or list them',
  example: 'npx onrush room put --sale 0198c0de-0000-8000-8000-000000000001 --by schedule',
  args: ['[list|put|open|close|delete]', '[room]'],
  usage: 'room list | room put [room] [options] | room open|close|delete <room>',
  details: `\`put\` sets up a new room, or changes the one that is named. By schedule it queues from a quarter of an hour before the sale
until the sale ends; by load while the shop is busier than it can be for long. \`open\` and \`close\` take a room in hand.
\`delete\` deletes one in which nobody queues: it is off or over.
More in docs/waiting-room.md.`,
  options: {
    sale: { type: 'string', value: '<id>', help: 'the sale that it stands before; left out, every purchase' },
    by: { type: 'string', value: '<way>', help: `how it is switched: ${ways.join(', ')}` },
    name: {
      type: 'string',
      value: '<text>',
      help: 'what it is called; left out, as its sale is, or "Waiting room" in each language',
    },
    opens: { type: 'string', value: '<time>', help: 'when places are drawn, such as 2026-11-11T20:00:00Z' },
    'queue-from': { type: 'string', value: '<time>', help: 'from when tickets are given out before that' },
    pace: { type: 'string', value: '<n>', help: 'never call more than so many a second' },
    json: { type: 'boolean', help: 'print JSON' },
    ...homeOptions,
  },
  async run({ options, args: [action, roomId], config: read, terminal }) {
    if (!actions.some((each) => each === action)) {
      throw new UsageError(`It is \`onrush room ${actions.join('|')}\`. See \`onrush room --help\`.`);
    }
    if (action !== 'list' && action !== 'put' && roomId === undefined) {
      throw new UsageError(`\`onrush room ${action}\` needs the id of a room; \`onrush room list\` tells it.`);
    }
    if (action === 'list' && roomId !== undefined) throw new UsageError('`onrush room list` lists them all.');
    if (roomId !== undefined && !isUuid(roomId)) throw new UsageError(`${JSON.stringify(roomId)} is no id of a room.`);
    const given = action === 'put' ? givenSetup(options) : {};
    if (action === 'put' && roomId === undefined) assertOpens({ ...defaultSetup, ...given });
    const config = read(homeOverrides(options));
    const print = (one: Listed) => terminal.print(options.json ? JSON.stringify(one) : tableOf([one], Date.now()));
    const { withServices } = await import('./with-services.ts');
    return withServices(config, { command: 'room', tell: (line) => terminal.say(line) }, async (services) => {
      const known = await listRooms(services);
      if (action === 'list') {
        if (known.length === 0 && !options.json) terminal.say('There are no waiting rooms.');
        else if (!options.json) terminal.print(tableOf(known, Date.now()));
        else for (const one of known) terminal.print(JSON.stringify(one));
        return exitCodes.done;
      }
      const before = known.find((one) => one.room.roomId === roomId)?.setup;
      if (action !== 'put' && before === undefined) throw new Error(`There is no waiting room ${roomId}.`);
      if (action === 'delete' && roomId !== undefined) {
        await deleteRoom(services, roomId);
        terminal.print(options.json ? JSON.stringify({ deleted: roomId }) : `Waiting room ${roomId} is deleted.`);
        return exitCodes.done;
      }
      const id = roomId ?? newId(randomBucket(), Date.now());
      const setup =
        action === 'put'
          ? { ...(before ?? { ...defaultSetup, ...(await nameOfSale(services, given.saleId)) }), ...given }
          : { ...before, switchedBy: 'hand', isOn: action === 'open' };
      assertOpens(setup as RoomInput);
      print(await (action === 'put' ? putRoom : switchRoom)(services, id, setup as RoomInput));
      if (action === 'put') terminal.say(`Its page is /waiting-room/${id}: the shop leads there whoever is to queue.`);
      return exitCodes.done;
    });
  },
});

/** The service says the same of its fields; here the options are named. */
function assertOpens({ switchedBy, saleId, opensAtMs }: RoomInput): void {
  if (switchedBy !== 'schedule' || saleId !== undefined || opensAtMs !== undefined) return;
  throw new UsageError(
    'A room by schedule opens with a sale or at a time: give --sale or --opens, or switch it --by load or --by hand.',
  );
}

interface Listed {
  readonly room: Room;
  readonly setup: RoomInput;
}

const defaultSetup: RoomInput = { switchedBy: 'schedule' };

async function listRooms({ peers: { waitingRoom } }: Services): Promise<readonly Listed[]> {
  const reply = await waitingRoom.listRoomSetups({});
  if (isProblem(reply)) throw new Error(reply.problem.detail ?? reply.problem.title);
  return reply.body.items;
}

/** People know a room by what they queue for. */
async function nameOfSale({ peers: { promotion } }: Services, saleId: string | undefined): Promise<Partial<RoomInput>> {
  if (saleId === undefined) return {};
  const { items } = succeeded('promotion', await promotion.listSales({})).body;
  const sale = items.find((each) => each.saleId === saleId);
  return sale === undefined ? {} : { name: sale.name };
}

async function putRoom({ peers: { waitingRoom } }: Services, roomId: string, setup: RoomInput): Promise<Listed> {
  // Whether it is on is said of rooms in hand only.
  const { isOn, ...others } = setup;
  const body = setup.switchedBy === 'hand' ? { ...others, isOn: isOn ?? false } : others;
  const reply = await waitingRoom.putRoom({ params: { roomId }, body });
  if (isProblem(reply)) throw new Error(reply.problem.detail ?? reply.problem.title);
  return { room: reply.body, setup: body };
}

async function deleteRoom({ peers: { waitingRoom } }: Services, roomId: string): Promise<void> {
  const reply = await waitingRoom.deleteRoom({ params: { roomId } });
  if (isProblem(reply)) throw new Error(reply.problem.detail ?? reply.problem.title);
}

/**
 * A room is switched at its next tick, which may have been a moment ago in the running shop: what we print should be what came of
 * it. Saying the same again ticks it where no shop runs.
 */
async function switchRoom(services: Services, roomId: string, setup: RoomInput): Promise<Listed> {
  let one = await putRoom(services, roomId, setup);
  for (let tries = 0; (one.room.state === 'off') === setup.isOn && tries < 8; tries++) {
    await setTimeout(250);
    one = await putRoom(services, roomId, setup);
  }
  return one;
}

type Given = { readonly [name in 'sale' | 'by' | 'name' | 'opens' | 'queue-from' | 'pace']: string | undefined };

function givenSetup({ sale, by, name, opens, 'queue-from': queueFrom, pace }: Given): Partial<RoomInput> {
  if (sale !== undefined && !isUuid(sale))
    throw new UsageError(`--sale is the id of a sale, not ${JSON.stringify(sale)}.`);
  const switchedBy = ways.find((way) => way === by);
  if (by !== undefined && switchedBy === undefined)
    throw new UsageError(`--by is one of ${ways.join(', ')}, not ${JSON.stringify(by)}.`);
  const opensAtMs = instantOf('opens', opens);
  const queueFromMs = instantOf('queue-from', queueFrom);
  const pacePerSMax = pace === undefined ? undefined : Number(pace);
  if (pacePerSMax !== undefined && !(pacePerSMax >= 0.1 && pacePerSMax <= 100_000)) {
    throw new UsageError(`--pace is a number a second from 0.1 to 100000, not ${JSON.stringify(pace)}.`);
  }
  return {
    ...(sale !== undefined && { saleId: sale }),
    ...(switchedBy !== undefined && { switchedBy }),
    ...(name !== undefined && { name }),
    ...(opensAtMs !== undefined && { opensAtMs }),
    ...(queueFromMs !== undefined && { queueFromMs }),
    ...(pacePerSMax !== undefined && { pacePerSMax }),
  };
}

function instantOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const atMs = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) {
    throw new UsageError(`--${option} is a time such as 2026-11-11T20:00:00Z, not ${JSON.stringify(text)}.`);
  }
  return atMs;
}

const heads = ['room', 'state', 'switched by', 'tickets', 'called', 'before', 'opens', 'name'];

function tableOf(rooms: readonly Listed[], nowMs: number): string {
  return table([heads, ...rooms.map((one) => cellsOf(one, nowMs))], [3, 4]);
}

function cellsOf({ room, setup }: Listed, nowMs: number): string[] {
  const { roomId, name = '', state, issuedCount, admittedCount, opensAtMs } = room;
  const before = setup.saleId === undefined ? 'every purchase' : `sale ${setup.saleId}`;
  return [
    roomId,
    state,
    setup.switchedBy,
    String(issuedCount),
    String(admittedCount),
    before,
    opensCell(state, opensAtMs, nowMs),
    name,
  ];
}

/** An opening that is past, of a room that is off or over, opens nothing more. */
function opensCell(state: Room['state'], opensAtMs: number | undefined, nowMs: number): string {
  if (opensAtMs === undefined) return '';
  const instant = new Date(opensAtMs).toISOString();
  if (opensAtMs > nowMs) return instant;
  return state === 'open' || state === 'promised' ? `since ${instant}` : '';
}
