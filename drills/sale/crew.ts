import type { ChildProcess } from 'node:child_process';
import { forkChild, hearChild, tell as tellChild } from '../child.ts';
import type { FromMember, ToMember } from './crew-messages.ts';
import type { CrewJob } from './setup.ts';
import { createTally, sumTallies, type Tally, type TallyJson } from './tally.ts';

/** The processes of buyers. */
export interface Crew {
  /** Lets all buyers in at once. Resolves when the last has left; `onProgress` is told what was seen so far. */
  go(onProgress: (tally: Tally) => void): Promise<Tally>;
  /** Tells the buyers that a process of the shop was killed just now. */
  tellKilled(atMs: number): void;
  /** Ends the processes, wherever they are. */
  dismiss(): void;
}

/** Starts a process for each job. Resolves when all are ready. */
export async function gatherCrew(jobs: readonly CrewJob[]): Promise<Crew> {
  const members = jobs.map((job) => ({ job, child: forkMember() }));
  const dismiss = () => {
    for (const { child } of members) child.kill('SIGKILL');
  };
  try {
    await Promise.all(
      members.map(({ job, child }) => {
        tell(child, { kind: 'prepare', job });
        return listen(child, (message) => message.kind === 'ready');
      }),
    );
  } catch (error) {
    dismiss();
    throw error;
  }
  return {
    async go(onProgress) {
      const latest = new Map<ChildProcess, TallyJson>(members.map(({ child }) => [child, createTally().toJson()]));
      const ended = members.map(({ child }) =>
        listen(child, (message) => {
          if (message.kind !== 'progress') return false;
          latest.set(child, message.tally);
          onProgress(sumTallies(latest.values()));
          return message.hasEnded;
        }),
      );
      for (const { child } of members) tell(child, { kind: 'go' });
      try {
        await Promise.all(ended);
      } finally {
        dismiss();
      }
      return sumTallies(latest.values());
    },
    tellKilled(atMs) {
      for (const { child } of members) tell(child, { kind: 'killed', atMs });
    },
    dismiss,
  };
}

function forkMember(): ChildProcess {
  return forkChild(new URL('./crew-member.ts', import.meta.url));
}

/** Resolves when the process has sent what is awaited; rejects when it fails or ends before. */
function listen(child: ChildProcess, isAwaited: (message: FromMember) => boolean): Promise<true> {
  return hearChild(child, 'A process of buyers', (message: FromMember) => isAwaited(message) || undefined);
}

function tell(child: ChildProcess, message: ToMember): void {
  tellChild(child, message);
}
